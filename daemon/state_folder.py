"""What is the matter with the state folder, seen without writing into it, and what the user can do about it."""

from __future__ import annotations

import errno
import os

from daemon.failure import ExitCode, Failure

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_TOO_MANY = frozenset({errno.EMFILE, errno.ENFILE})
_IN_THE_WAY = frozenset({errno.EEXIST, errno.EISDIR, errno.ELOOP, errno.ENOTDIR})
LEAST = 1 << 20
"""Bytes that have to be free on its disk; an ordinary cycle writes less."""


def remedy(error: OSError, folder: str | os.PathLike[str]) -> str:
    """What the user can do when the operating system refused something in this folder, as sentences."""
    place = os.fspath(folder)
    elsewhere = "or name another one with --state DIR"
    if error.errno in NO_ROOM:
        return f"Free some space on its disk (`df -h {place}`, and `df -i {place}` for the number of files); it goes on by itself then."  # noqa: E501 - one sentence for the user
    if error.errno == errno.EROFS:
        return f"Its disk is mounted read-only: mount it writable and look at its health, {elsewhere}."
    if error.errno in FORBIDDEN:
        return f"Make it writable for you, with the files in it (`chmod -R u+rwX {place}`, `ls -ld {place}` tells whose it is), {elsewhere}."  # noqa: E501 - see above
    if error.errno in _TOO_MANY:
        return "Raise the limit on open files (`ulimit -n`), or close programs that keep many open."
    if error.errno in _IN_THE_WAY:
        return f"Move away what lies in its place, {elsewhere}."
    return f"Look at the health of its disk (`dmesg` tells), {elsewhere}."


def unusable(folder: str | os.PathLike[str], error: OSError) -> Failure:
    """The failure that a state folder means which cannot be used: 77 where leave has to be given, else 75."""
    code = ExitCode.PERMISSION_NEEDED if error.errno in FORBIDDEN else ExitCode.CANNOT_NOW
    what = (error.strerror or str(error)).lower()
    return Failure(code, f"the state folder {os.fspath(folder)} cannot be used: {what}", remedy(error, folder))


def trouble(folder: str | os.PathLike[str], *names: str) -> OSError | None:
    """What a cycle would meet that writes into this folder now, and into files of these names; None where all is well.

    What is not there yet is no trouble.
    """
    try:
        disk = os.statvfs(folder)
    except FileNotFoundError:
        return None
    except OSError as error:
        return error
    found = 0
    if disk.f_flag & os.ST_RDONLY:
        found = errno.EROFS
    elif not os.path.isdir(folder):  # noqa: PTH112 - pathlib costs the service 2 MB
        found = errno.ENOTDIR
    elif not os.access(folder, os.W_OK | os.X_OK) or not all(_is_writable(folder, name) for name in names):
        found = errno.EACCES
    elif _is_used_up(disk):
        found = errno.ENOSPC
    return OSError(found, os.strerror(found)) if found else None


def _is_writable(folder: str | os.PathLike[str], name: str) -> bool:
    file = os.path.join(folder, name)  # noqa: PTH118 - see above
    return os.access(file, os.W_OK) or not os.access(file, os.F_OK)


def _is_used_up(disk: os.statvfs_result) -> bool:
    """Whether there is no room for bytes, or for one more file. A disk that tells no sizes has room."""
    least = min(LEAST, disk.f_blocks * disk.f_frsize // 4)
    return disk.f_bavail * disk.f_frsize < least or bool(disk.f_files and not disk.f_favail)
