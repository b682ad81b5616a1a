"""Notices that the configuration was edited: within a moment, by inotify; else with the next look of the service."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daemon.inotify import CLOSE_WRITE, LOST, MODIFY, NAMES, Q_OVERFLOW, SELF
from daemon.watch import Files
from daemon.watches import Watches

if TYPE_CHECKING:
    import select
    from collections.abc import Iterable

    from daemon.inotify import Event
    from daemon.watch import Place

QUIET = 0.3
"""Seconds without a further change after which an edit counts as done: an editor, or `git`, writes several files."""
LONGEST = 1.5
"""Seconds after the first change at which it is looked at in any case, unless a file is just being written."""
HELD = 5.0
"""Seconds for which a cycle that is due waits for an edit at most, lest it read half a file."""
_WRITTEN = CLOSE_WRITE | NAMES | SELF | LOST


class Edits:
    """The files of a configuration folder, and whether they have changed; `poll` is woken when something happens there.

    What inotify does not tell (a network file system that was changed by another machine, a limit of the kernel that
    is reached) is found when the service looks, as it does with every tick.
    """

    def __init__(self, folder: str, poll: select.poll) -> None:
        self._files = Files(folder)
        self._watches: Watches[Place] = Watches(poll, "configuration.unwatched", "edits are seen within a minute")
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
        for event, places in self._watches.read():
            if self._concerns(event, places):
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
        self._forget()
        self._watch()  # before the look: what happens after it is told
        before, self._seen = self._seen, self._files.fingerprint(anew=anew)
        return before != self._seen

    def close(self) -> None:
        """Watch no more."""
        self._watches.close()
        self._forget()

    def _concerns(self, event: Event, places: list[Place]) -> bool:
        if event.mask & Q_OVERFLOW:
            self._writing.clear()  # its end may be among what is lost
            return True
        if not any(place.concerns(event.name) for place in places):
            return False
        if event.mask & MODIFY:
            self._writing.add((event.watch, event.name))
        elif event.mask & _WRITTEN:
            self._writing.discard((event.watch, event.name))
        return True

    def _watch(self) -> None:
        """Watch what is there now, and nothing else; where that cannot be done, looking has to do."""
        if self._watches.useless:
            return
        self._watches.keep((path, place.mask, place) for path, place in self._files.places().items())
        if self._watches.useless:
            self._forget()

    def _forget(self) -> None:
        self._first = None
        self._writing.clear()
