"""Folders of this machine as something to be watched."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MOST = 100
"""Folders in a folder that are watched: collections of khal and khard are few."""


def folders(path: Path) -> list[str]:
    """The folder and those in it, each with / at its end; of hidden ones none, of many the first."""
    found = [os.path.join(path, "")]  # noqa: PTH118 - pathlib takes a slash at the end away
    with suppress(OSError), os.scandir(path) as entries:
        inner = sorted(entry.path for entry in entries if not entry.name.startswith(".") and entry.is_dir())
        found += [os.path.join(one, "") for one in inner[:_MOST]]  # noqa: PTH118 - see above
    return found
