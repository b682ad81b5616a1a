"""A Unix socket at a path of any length: made, reached, and taken away again. See unix(7)."""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 107
"""Bytes of a path that an address has room for (sun_path, less the NUL after it)."""
_AT_ONCE = 8
"""Connections that the kernel keeps waiting."""


class SocketFile:
    """A socket that listens, and its file (0600); `at_hand` says whether that file is still there."""

    def __init__(self, path: str, *, ours: bool = False) -> None:
        """Listen at the path. A socket that a dead process left there is replaced, nothing else is.

        With `ours` whatever socket lies there is one of ours, and is not asked first whether it lives.

        Raises:
            OSError: there is something else (EEXIST), somebody listens there (EADDRINUSE), or it cannot be made:
                the file system may have no sockets.
        """
        self._path = path
        _make_room(path, ours=ours)
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Before it has a name: bind(2) gives the file the mode of the socket, and nobody comes in between.
            os.fchmod(self.channel.fileno(), 0o600)
            with _address(path) as address:
                self.channel.bind(address)
            self.channel.listen(_AT_ONCE)
            self.channel.setblocking(False)  # noqa: FBT003 - the socket's own signature
            self._mark = _seen(path)
        except OSError:
            self.channel.close()
            raise

    def at_hand(self) -> bool:
        """Whether whoever opens the path comes to this socket."""
        return self._mark is not None and _seen(self._path) == self._mark

    def close(self) -> None:
        """Listen no more, and take the file away where it is this one's."""
        if self.at_hand():
            with suppress(OSError):
                os.unlink(self._path)  # noqa: PTH108 - pathlib costs the service 2 MB
        self.channel.close()


def reach(path: str, limit: float) -> socket.socket:
    """A connection to who listens at the path; `limit` is the seconds that this, and each call after it, may take.

    Raises:
        OSError: nobody listens there, or does not come to the door.
    """
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    channel.settimeout(limit)
    try:
        with _address(path) as address:
            channel.connect(address)
    except OSError:
        channel.close()
        raise
    return channel


@contextmanager
def _address(path: str) -> Iterator[str]:
    """The path itself where it is short enough, else by way of its folder, which the kernel finds by a number."""
    if len(os.fsencode(path)) <= _LONGEST:
        yield path
        return
    folder, name = os.path.split(path)
    number = os.open(folder or os.curdir, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{number}/{name}"
    finally:
        os.close(number)


def _make_room(path: str, *, ours: bool) -> None:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise FileExistsError(errno.EEXIST, "something else lies there", path)
    if not ours:
        try:
            reach(path, 0.0).close()
        except ConnectionRefusedError:
            pass  # who made it has died
        except BlockingIOError:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), path) from None
        else:
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE), path)
    os.unlink(path)  # noqa: PTH108 - see above


def _seen(path: str) -> tuple[int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
