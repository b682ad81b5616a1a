"""Files with a secret: what others on this machine can read is not used."""

from __future__ import annotations

import os
import stat
from shlex import quote
from typing import TYPE_CHECKING

from connectors.base import PermissionNeededError

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 100_000


def read(path: Path, what: str, anew: str) -> str:
    """The text of this file. `what` names the secret in the error, `anew` is how to get another one.

    Raises:
        PermissionNeededError: others can read it, or write to it.
        OSError, UnicodeDecodeError: it cannot be read.
    """
    with path.open(encoding="utf-8") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        text = file.read(_LARGEST)
    if mode & 0o077:
        raise PermissionNeededError(
            f"{what} in {path} can be read by others (its mode is {mode:o})",
            f"Say `chmod 600 {quote(str(path))}`; where others use this machine, {anew}.",
            file=str(path),
        )
    return text
