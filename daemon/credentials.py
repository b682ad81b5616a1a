"""Looks at the files that Google's console gives out, before anything is asked of Google."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError

if TYPE_CHECKING:
    from config.settings import GoogleAccount


def wrong(google: GoogleAccount, folder: Path, state: Path) -> list[Problem]:
    """What is wrong with the OAuth client, or with the key of the service account, that the settings in `folder` name.

    Once there is a permission, the client is needed for the next one only: it may be missing then.
    """
    from connectors.google import download  # noqa: PLC0415 - only where something is Google's

    try:
        if google.service_account is not None:
            download.key(Path(google.service_account))
        elif os.path.lexists(google.client) or not _permitted(state):
            download.client(Path(google.client))
    except ConnectorError as error:
        line, column = (error.line, error.column) if isinstance(error, download.DownloadError) else (None, None)
        return [Problem(None, _shown(error.file, folder), line, column, error.message, error.hint)]
    return []


def _permitted(state: Path) -> bool:
    from connectors.google.token import load  # noqa: PLC0415 - as above

    try:
        return load(state) is not None
    except ConnectorError:  # it has to be given again
        return False


def _shown(file: str | None, folder: Path) -> str | None:
    """As problems name files: relative to the folder of the configuration where it lies in it."""
    if file is None or not Path(file).is_relative_to(folder):
        return file
    return str(Path(file).relative_to(folder))
