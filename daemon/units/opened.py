"""The folder of an account in /etc/afterword: closed around, and within for a service to read that owns nothing."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

_CREDENTIALS = "credentials"
_ENTER, _READ = stat.S_IROTH | stat.S_IXOTH, stat.S_IROTH
_RUN = stat.S_IXUSR | stat.S_IXGRP


def open_within(folder: Path, keys: Iterable[Path] = ()) -> list[str]:
    """Close the folder around this one to all but root, then have all below this one be read.

    But `credentials/`, which systemd reads, and `keys`, which are not used where others may read them.

    The service is a user that owns none of it, and systemd leaves the mode of a folder that is there as it is
    (systemd.exec(5), "ConfigurationDirectory="). Nobody else comes through the folder around. What was changed, as
    sentences; links are left alone.

    Raises:
        Failure: it cannot be changed (77).
    """
    told = []
    try:
        if stat.S_IMODE(folder.parent.stat().st_mode) & 0o077:
            folder.parent.chmod(0o700)
            told.append(f"{folder.parent} was closed to everybody but root (mode 700).")
        if opened := sum(map(_open, set(_within(folder)) - set(keys))):
            what = "1 file or folder" if opened == 1 else f"{opened} files and folders"
            told.append(f"The service may now read {what} in {folder} that were root's alone (chmod o+rX).")
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Failure(
            ExitCode.PERMISSION_NEEDED,
            f"{error.filename or folder} cannot be given to the service to read: {why}",
            f"Look at who owns it; all in {folder} but {_CREDENTIALS}/ is to be readable by everybody (chmod o+rX).",
        ) from error
    return told


def _within(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise error

    found = [folder]
    for place, folders, names in os.walk(folder, onerror=refuse):
        if Path(place) == folder and _CREDENTIALS in folders:
            folders.remove(_CREDENTIALS)
        found += [Path(place, name) for name in (*folders, *names)]
    return found


def _open(path: Path) -> bool:
    """Whether it was not open, and is now."""
    mode = path.lstat().st_mode
    if stat.S_ISDIR(mode):
        wanted = _ENTER
    elif stat.S_ISREG(mode):
        wanted = _ENTER if mode & _RUN else _READ
    else:
        return False
    if mode & wanted == wanted:
        return False
    path.chmod(stat.S_IMODE(mode) | wanted)
    return True
