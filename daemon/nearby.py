"""Files of calendars, address books and a Maildir on this machine: where one changes, a cycle comes soon.

It hastens, and nothing depends on it: what inotify does not tell, the next poll finds.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon.inotify import CLOSE_WRITE, LOST, NAMES, Q_OVERFLOW, SELF
from daemon.watches import Watches

if TYPE_CHECKING:
    import select
    from collections.abc import Iterable

    from daemon.inotify import Event

_MASK = NAMES | CLOSE_WRITE | SELF


class Watchman:
    """Watches what the last cycle has read here; `poll` is woken when something happens there."""

    def __init__(self, poll: select.poll) -> None:
        self._watches: Watches[set[str]] = Watches(poll, "files.unwatched", "they are read with each poll")
        self._idle = True

    def keep(self, places: Iterable[str]) -> None:
        """Watch these and no others: a path that ends with / is a folder with all that is in it, another one a file.

        To be called after each cycle: what was not there, or was replaced as a whole, is watched from then on.
        """
        wanted = [(folder, _MASK, names) for folder, names in _by_folder(places).items()]
        if self._idle and not wanted:
            return  # no instance of inotify for nothing: a user has few of them
        self._idle = not wanted
        self._watches.keep(wanted)

    def tend(self) -> bool:
        """Whether something has happened since this was asked last. It never waits."""
        concerns = [_concerns(event, several) for event, several in self._watches.read()]
        return any(concerns)

    def close(self) -> None:
        """Watch no more."""
        self._watches.close()


def _concerns(event: Event, several: list[set[str]]) -> bool:
    if event.mask & Q_OVERFLOW:
        return True
    if event.mask & (SELF | LOST):  # a folder that is deleted, moved or replaced: all that is in it is another
        return bool(several)
    # What programs keep beside their files begins with a dot; no mail and no file that is read here does.
    return any(event.name in names or ("" in names and not event.name.startswith(".")) for names in several)


def _by_folder(places: Iterable[str]) -> dict[str, set[str]]:
    """The names that count in each folder; "" for all of them. A link is watched where it lies, and where it leads."""
    found: dict[str, set[str]] = {}
    for place in places:
        for path in {place, os.path.realpath(place) if not place.endswith("/") else place}:
            folder, name = os.path.split(path)
            found.setdefault(folder, set()).add(name)
    return found
