"""The kernel's inotify: it wakes a poll when a file changes, and nothing has to look in between. See inotify(7).

Three calls of the C library; a package for them would bring more than it spares.
"""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

MODIFY = 0x2
ATTRIB = 0x4
CLOSE_WRITE = 0x8
MOVED_FROM = 0x40
MOVED_TO = 0x80
CREATE = 0x100
DELETE = 0x200
DELETE_SELF = 0x400
MOVE_SELF = 0x800
UNMOUNT = 0x2000
Q_OVERFLOW = 0x4000
IGNORED = 0x8000
ONLYDIR = 0x1000000

NAMES = MOVED_FROM | MOVED_TO | CREATE | DELETE
"""Names of a folder that come, go, or stand for another file."""
CONTENT = MODIFY | ATTRIB | CLOSE_WRITE
SELF = DELETE_SELF | MOVE_SELF
LOST = UNMOUNT | IGNORED | Q_OVERFLOW
"""What nobody asked for: a watch has ended, or more has happened than could be told."""

_HEAD = struct.Struct("iIII")
_MOST = 1 << 16


class Event(NamedTuple):
    """What happened: to which watch, the bits of it, and to which name in a watched folder."""

    watch: int
    mask: int
    name: str


class Inotify:
    """One instance of inotify, to be registered with a poll."""

    def __init__(self) -> None:
        """Ask the kernel for one.

        Raises:
            OSError: there are as many as the user may have, or this system has none.
        """
        try:
            import ctypes  # noqa: PLC0415 - may be refused where no memory may become executable
        except (ImportError, MemoryError) as error:
            raise OSError(f"the C library cannot be called: {error}") from error
        self._library = ctypes.CDLL(None, use_errno=True)
        self._errno = ctypes.get_errno
        if not hasattr(self._library, "inotify_init1"):
            raise OSError("this system has no inotify")
        self._number: int = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._number < 0:
            raise self._error()

    def fileno(self) -> int:
        """What to poll for reading."""
        return self._number

    def watch(self, path: str, mask: int) -> int:
        """Watch what the path leads to, and return the number of the watch: the same for the same file or folder.

        Raises:
            OSError: it is not there or not to be read (ENOENT, ENOTDIR, EACCES), or there are too many (ENOSPC).
        """
        number: int = self._library.inotify_add_watch(self._number, os.fsencode(path), mask)
        if number < 0:
            raise self._error()
        return number

    def forget(self, watch: int) -> None:
        """Watch it no more; harmless where the kernel has ended the watch already."""
        self._library.inotify_rm_watch(self._number, watch)

    def read(self) -> list[Event]:
        """All that has happened since this was asked last, without waiting."""
        events: list[Event] = []
        while True:
            try:
                told = os.read(self._number, _MOST)
            except BlockingIOError:
                return events
            at = 0
            while at < len(told):
                watch, mask, _, length = _HEAD.unpack_from(told, at)
                at += _HEAD.size
                name = told[at : at + length].rstrip(b"\0")
                at += length
                events.append(Event(watch, mask, os.fsdecode(name)))

    def close(self) -> None:
        """Give it back."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def _error(self) -> OSError:
        number = self._errno()
        return OSError(number, os.strerror(number))
