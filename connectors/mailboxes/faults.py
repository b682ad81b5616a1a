"""What an error of the file system means for a mailbox, in the words of the border."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError

if TYPE_CHECKING:
    from pathlib import Path


def fault(error: OSError, path: Path, doing: str) -> ConnectorError:
    """The error to raise when `doing` ("read", "write to") something with `path` failed."""
    what = f"cannot {doing} {path}: {(error.strerror or 'the file system refused').lower()}"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return TransientError(what, "make some room on that disk; what is due is kept until then")
    if error.errno in {errno.EACCES, errno.EPERM}:
        return PermissionNeededError(what, f"make it yours to read and write: chmod u+rwX {path}")
    if error.errno == errno.EROFS:
        return PermissionNeededError(
            what,
            "the disk is mounted read-only: mount it writable, or choose another Maildir; where only the service "
            "cannot write there, `afterword service install` gives it leave",
        )
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return PermanentError(what, "look whether the folder was moved or its disk is not mounted")
    return TransientError(what, "it is tried again in the next cycle")
