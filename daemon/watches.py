"""What inotify watches, each watch with what it is for, until the kernel refuses more: that is told once."""

from __future__ import annotations

import errno
import select
from typing import TYPE_CHECKING, Generic, TypeVar

from daemon import log
from daemon.inotify import IGNORED, SELF, UNMOUNT, Inotify

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daemon.inotify import Event

Purpose = TypeVar("Purpose")
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}
_OVER = SELF | UNMOUNT | IGNORED
"""The path leads elsewhere from now on, or nowhere."""


class Watches(Generic[Purpose]):
    """Watches of a poll. Where there can be none, `useless` is true: whoever relies on them has to look by themselves.

    `event` and `hint` are what the log says then.
    """

    def __init__(self, poll: select.poll, event: str, hint: str) -> None:
        self.useless = False
        self._poll = poll
        self._event, self._hint = event, hint
        self._inotify: Inotify | None = None
        self._watched: dict[int, list[Purpose]] = {}

    def keep(self, wanted: Iterable[tuple[str, int, Purpose]]) -> None:
        """Watch these and no others: paths, each with a mask of inotify and a purpose.

        Each path is looked up anew, for it may lead to another folder than before. What is not there is left out.
        """
        if self.useless:
            return
        try:
            if self._inotify is None:
                self._inotify = Inotify()
                self._poll.register(self._inotify.fileno(), select.POLLIN)
            watched = _watch(self._inotify, wanted)
        except OSError as error:
            self.useless = True
            self.close()
            hint = f"{self._hint}; a higher fs.inotify.max_user_watches or max_user_instances helps"
            log.write("warning", self._event, why=error.strerror or str(error), hint=hint)
            return
        for number in self._watched.keys() - watched.keys():
            self._inotify.forget(number)
        self._watched = watched

    def read(self) -> Iterator[tuple[Event, list[Purpose]]]:
        """What has happened since this was asked last, with what the watch is for; nothing where it is for nothing.

        A file or folder that was deleted or moved away is told once, and is watched no more. It never waits.
        """
        if self._inotify is None:
            return
        for event in self._inotify.read():
            yield event, self._watched.get(event.watch, [])
            if event.mask & _OVER and self._watched.pop(event.watch, None) is not None:
                self._inotify.forget(event.watch)

    def close(self) -> None:
        """Watch no more."""
        watching, self._inotify = self._inotify, None
        self._watched = {}
        if watching is not None:
            self._poll.unregister(watching.fileno())
            watching.close()


def _watch(watching: Inotify, wanted: Iterable[tuple[str, int, Purpose]]) -> dict[int, list[Purpose]]:
    """The watches of what is there, by their numbers; two paths to one folder share one.

    Raises:
        OSError: there are more than the user may watch.
    """
    watched: dict[int, list[Purpose]] = {}
    for path, mask, purpose in wanted:
        try:
            watched.setdefault(watching.watch(path, mask), []).append(purpose)
        except OSError as error:
            if error.errno not in _GONE:
                raise
    return watched
