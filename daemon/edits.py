"""Notices that the configuration was edited: within a moment, by inotify; else with the next look of the service."""

from __future__ import annotations

import errno
import math
import select
from typing import TYPE_CHECKING

from daemon import log
from daemon.inotify import CLOSE_WRITE, LOST, MODIFY, NAMES, Q_OVERFLOW, SELF, Event, Inotify
from daemon.watch import Files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.watch import Place

QUIET = 0.3
"""Seconds without a further change after which an edit counts as done: an editor, or `git`, writes several files."""
LONGEST = 1.5
"""Seconds after the first change at which it is looked at in any case, unless a file is just being written."""
HELD = 5.0
"""Seconds for which a cycle that is due waits for an edit at most, lest it read half a file."""
_WRITTEN = CLOSE_WRITE | NAMES | SELF | LOST
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP}


class Edits:
    """The files of a configuration folder, and whether they have changed; `poll` is woken when something happens there.

    What inotify does not tell (a network file system that was changed by another machine, a limit of the kernel that
    is reached) is found when the service looks, as it does with every tick.
    """

    def __init__(self, folder: str, poll: select.poll) -> None:
        self._files = Files(folder)
        self._poll = poll
        self._inotify: Inotify | None = None
        self._useless = False
        self._watched: dict[int, Place] = {}
        self._first: float | None = None
        self._last = 0.0
        self._writing: set[tuple[int, str]] = set()
        self._watch()
        self._seen = self._files.fingerprint()

    def also(self, files: Iterable[str]) -> None:
        """Files elsewhere that belong to the configuration, in place of those that were told before."""
        if (more := frozenset(files)) != self._files.more:
            former, self._files = self._files, Files(self._files.folder, more)
            self._watch()
            found = self._files.fingerprint()
            if former.fingerprint() == self._seen:  # asked last: an edit in between is still to be seen
                self._seen = found

    def tend(self, monotonic: float) -> None:
        """Take in what the kernel tells. It never waits."""
        if self._inotify is None:
            return
        for event in self._inotify.read():
            if self._concerns(event):
                self._first = monotonic if self._first is None else self._first
                self._last = monotonic

    def wait(self, monotonic: float) -> float:
        """Seconds until what has happened is to be looked at; infinite where nothing has, or is still being written."""
        if self._first is None or self._writing:
            return math.inf
        return max(0.0, min(self._last + QUIET, self._first + LONGEST) - monotonic)

    def held(self, monotonic: float) -> float:
        """Seconds for which a cycle has to wait for an edit that is under way; 0 where there is none."""
        return 0.0 if self._first is None else max(0.0, self._first + HELD - monotonic)

    def changed(self, *, anew: bool = False) -> bool:
        """Whether a file has another text than when this was asked last; `anew`: whatever its size and times are."""
        anew = anew or self._first is not None
        self._first = None
        self._writing.clear()
        self._watch()  # before the look: what happens after it is told
        before, self._seen = self._seen, self._files.fingerprint(anew=anew)
        return before != self._seen

    def close(self) -> None:
        """Watch no more."""
        self._give_up()

    def _concerns(self, event: Event) -> bool:
        if event.mask & Q_OVERFLOW:
            self._writing.clear()  # its end may be among what is lost
            return True
        place = self._watched.get(event.watch)
        if place is None or not place.concerns(event.name):
            return False
        if event.mask & MODIFY:
            self._writing.add((event.watch, event.name))
        elif event.mask & _WRITTEN:
            self._writing.discard((event.watch, event.name))
        return True

    def _watch(self) -> None:
        """Watch what is there now, and nothing else. Where that cannot be done it is told once; looking has to do."""
        if self._useless:
            return
        try:
            if self._inotify is None:
                self._inotify = Inotify()
                self._poll.register(self._inotify.fileno(), select.POLLIN)
            watched = self._place(self._inotify)
        except OSError as error:
            self._useless = True
            self._give_up()
            hint = "edits are seen within a minute; a higher fs.inotify.max_user_watches or max_user_instances helps"
            log.write("warning", "configuration.unwatched", why=error.strerror or str(error), hint=hint)
            return
        for number in self._watched.keys() - watched.keys():
            self._inotify.forget(number)
        self._watched = watched

    def _place(self, watching: Inotify) -> dict[int, Place]:
        watched: dict[int, Place] = {}
        for path, place in self._files.places().items():
            try:
                watched[watching.watch(path, place.mask)] = place
            except OSError as error:
                if error.errno not in _GONE:
                    raise
        return watched

    def _give_up(self) -> None:
        watching, self._inotify = self._inotify, None
        self._watched, self._first = {}, None
        self._writing.clear()
        if watching is not None:
            self._poll.unregister(watching.fileno())
            watching.close()
