"""What the pages read: the folders, the clock, the ledger, and the plan, kept for as long as it holds."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from daemon.cli.call import Call
from daemon.cli.desk import almanac_of, ledger_of
from daemon.configuration import in_force
from daemon.ledger.store import NAME
from daemon.logins import Logins
from daemon.review.guard import Places
from daemon.review.lost import Watch
from daemon.review.mailbox import LOOKING, SAVING, Silence
from daemon.review.tickets import Door
from daemon.sight import Sight, ahead, at_drafts, house_of, with_near_books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from starlette.requests import Request

    from config.load import Configuration
    from connectors.waits import Waits
    from daemon.clock import Clock
    from daemon.configuration import Standing
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.almanac import Almanac

_KEPT = timedelta(seconds=10)
"""How long a plan serves: the next page that somebody opens is to be there at once."""
_SPARE = timedelta(minutes=1)
"""How much further ahead it looks than was asked: the same page looks as far from a later moment."""


@dataclass(frozen=True, slots=True)
class _Kept:
    until: datetime
    begun: datetime
    done: datetime
    sight: Sight
    change: object
    """The last that there had been when it was begun."""
    configuration: str
    """The fingerprint of what it was made with."""

    def holds(self, until: datetime, now: datetime) -> bool:
        """Whether it serves still.

        As long again as it took, if that is longer.
        """
        return self.until >= until and self.begun <= now < self.done + max(_KEPT, self.done - self.begun)


class Room:
    """One page of one state. Requests come in several threads; each opens a ledger of its own."""

    def __init__(
        self,
        call: Call,
        clock: Clock,
        places: Places | None = None,
        *,
        looking: Waits = LOOKING,
        saving: Waits = SAVING,
    ) -> None:
        """`call` is that of `afterword review`: its folders, and how they are named in commands to be typed next.

        `looking` is how long a page waits for the mailbox, and `saving` how long a save does.
        """
        self._call = call
        self._clock = clock
        self._working = threading.Lock()
        self._kept: _Kept | None = None
        self._change = object()
        self._waits = {False: looking, True: saving}
        self._silence = Silence(clock)
        self._watch = Watch(call.state)
        self.places = places or Places(frozenset())
        self.door = Door(call.state)
        self.last_asked = clock.monotonic()

    def now(self) -> datetime:
        """This moment, in UTC."""
        return self._clock.now()

    def asked(self) -> None:
        """Somebody asked for something."""
        self.last_asked = self._clock.monotonic()

    def idle(self) -> float:
        """Seconds since somebody asked for something."""
        return self._clock.monotonic() - self.last_asked

    def call(self) -> Call:
        """What a command would be given that is typed now."""
        return Call(self._call.config, self._call.state_option, self.now(), json=False, build=self.house)

    def house(self, configuration: Configuration, *, saves: bool = False) -> House:
        """The outside world that the settings name, as a page asks it: a mailbox, and calendars where one has to.

        With `saves` for what writes to the mailbox, and has the lock of the cycle.
        """
        waits, almanac, settings = self._waits[saves], configuration.almanac, configuration.mailbox
        logins = Logins(self._call.state, almanac, self.now())
        made = house_of(configuration, self._call.state, write=saves, logins=logins, waits=waits)
        mailbox = self._silence.around(made.mailbox, settings, almanac, waits, saves=saves)
        return with_near_books(replace(made, mailbox=mailbox))

    @property
    def almanac(self) -> Almanac:
        """The user's zone and holidays."""
        return almanac_of(self._call)

    @contextmanager
    def looking(self) -> Iterator[Ledger]:
        """The ledger, to be read.

        Raises:
            Failure: it cannot be read, or is gone (75 or 77).
        """
        self.check()
        with ledger_of(self._call.state) as ledger:
            yield ledger

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """The ledger, to be written to. Whoever also changes the mailbox holds the lock of the cycle.

        Raises:
            Failure: it cannot be written to, or is gone: no other is begun in its place (75 or 77).
        """
        self.check()
        try:
            with ledger_of(self._call.state, write=True) as ledger:
                yield ledger
        finally:
            self.forget()

    def check(self) -> None:
        """Look whether the ledger is there, for what opens it by itself.

        Raises:
            Failure: it is gone (75).
        """
        self._watch.check()

    def standing(self) -> Standing:
        """The configuration in force, and the problems of the one in the folder."""
        return in_force(self._call.folder, self._call.state)

    def at_drafts(self, ledger: Ledger) -> Sight:
        """The follow-ups as the mailbox shows them now; no calendar is asked."""
        return at_drafts(self._call.folder, ledger, self.now(), self.house)

    def ahead(self, until: datetime) -> Sight:
        """The follow-ups as they are now, and what is coming up to then, by what is known of the calendars.

        Kept for a few seconds, as long as no file of the configuration is edited and nothing is written to the ledger:
        it may have been worked out for a later `until`, and a moment ago.

        Raises:
            Failure: the configuration is wrong, and there is no last good one (78); the ledger cannot be read.
        """
        with self._working:  # two threads do not work out the same
            change, now, kept = (self._change, self._written()), self.now(), self._kept
            configuration = self.standing().needed  # an edit is seen at once
            mark = configuration.fingerprint
            if kept is not None and (kept.change, kept.configuration) == (change, mark) and kept.holds(until, now):
                return kept.sight
            until += _SPARE
            with self.looking() as ledger:
                sight = ahead(self.house(configuration), ledger, now, until, fresh=False)
            self._kept = _Kept(until, now, self.now(), sight, change, mark)
            return sight

    def _written(self) -> tuple[int, ...]:
        """What becomes another with each word in the ledger: a cycle, or a command, writes there beside the page."""
        with suppress(OSError):
            found = (self._call.state / NAME).stat()
            return found.st_ino, found.st_mtime_ns, found.st_size
        return ()

    def forget(self) -> None:
        """Something has changed: what was worked out before does not hold any more.

        Nobody waits here: while a plan is worked out a mailbox may be asked, and what was saved is saved.
        """
        self._change = object()


def room_of(request: Request) -> Room:
    """The room that this request is in."""
    room: Room = request.state.room
    return room
