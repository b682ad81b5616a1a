"""Files of calendars, address books and a Maildir on this machine: where one changes, a cycle comes soon.

It hastens, and nothing depends on it: what inotify does not tell, the next poll finds.
"""

from __future__ import annotations

import errno
import os
import select
from typing import TYPE_CHECKING

from daemon import log
from daemon.inotify import CLOSE_WRITE, NAMES, Q_OVERFLOW, SELF, Inotify

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.inotify import Event

_MASK = NAMES | CLOSE_WRITE | SELF
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}


class Nearby:
    """Watches what the last cycle has read here; `poll` is woken when something happens there."""

    def __init__(self, poll: select.poll) -> None:
        self._poll = poll
        self._inotify: Inotify | None = None
        self._useless = False
        self._places: frozenset[str] = frozenset()
        self._watched: dict[int, set[str]] = {}

    def keep(self, places: Iterable[str]) -> None:
        """Watch these and no others: a path that ends with / is a folder with all that is in it, another one a file."""
        places = frozenset(places)
        if self._useless or (places == self._places and len(self._watched) == len(_by_folder(places))):
            return
        self._places = places
        try:
            if self._inotify is None and places:
                self._inotify = Inotify()
                self._poll.register(self._inotify.fileno(), select.POLLIN)
            if self._inotify is not None:
                self._watch(self._inotify)
        except OSError as error:
            self._useless = True
            self.close()
            hint = "they are read with each poll; a higher fs.inotify.max_user_watches or max_user_instances helps"
            log.write("warning", "files.unwatched", why=error.strerror or str(error), hint=hint)

    def tend(self) -> bool:
        """Whether something has happened since this was asked last. It never waits."""
        if self._inotify is None:
            return False
        return any(self._concerns(event) for event in self._inotify.read())

    def close(self) -> None:
        """Watch no more."""
        watching, self._inotify = self._inotify, None
        self._watched, self._places = {}, frozenset()
        if watching is not None:
            self._poll.unregister(watching.fileno())
            watching.close()

    def _watch(self, watching: Inotify) -> None:
        """Watch what is there.

        Raises:
            OSError: there are more than the user may watch.
        """
        watched: dict[int, set[str]] = {}
        for folder, names in _by_folder(self._places).items():
            try:
                watched.setdefault(watching.watch(folder, _MASK), set()).update(names)
            except OSError as error:
                if error.errno not in _GONE:  # what is not there yet is asked for after the next cycle
                    raise
        for number in self._watched.keys() - watched.keys():
            watching.forget(number)
        self._watched = watched

    def _concerns(self, event: Event) -> bool:
        if event.mask & Q_OVERFLOW:
            return True
        names = self._watched.get(event.watch)
        if names is None:
            return False
        # What programs keep beside their files begins with a dot; no mail and no file that is read here does.
        return event.name in names or ("" in names and not event.name.startswith("."))


def _by_folder(places: Iterable[str]) -> dict[str, set[str]]:
    """The names that count in each folder; "" for all of them. A link is watched where it lies, and where it leads."""
    found: dict[str, set[str]] = {}
    for place in places:
        for path in {place, os.path.realpath(place) if not place.endswith("/") else place}:
            folder, name = os.path.split(path)
            found.setdefault(folder, set()).add(name)
    return found
