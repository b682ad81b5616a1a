"""Sources that do not answer are left alone for a while: the longer they have been silent, the longer.

Each by itself, and only where the failure may pass (`TransientError`): of the first question, or of all that is read
after it; one event that cannot be had is no silence. A pause is as long as the silence before it, from one `poll` to an
hour: so it doubles. What a server asks for (Retry-After) counts too. The user's own word, an edit, and a machine that
wakes begin anew.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, cast

from connectors.base import ConnectorError, TransientError
from connectors.silence import Silence
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from config.load import Configuration
    from connectors.base import AddressBook, Calendar, Flaw, Listing, Look, Mailbox
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.almanac import Almanac
    from rules.model import Person

KEY = "rests"
LONGEST = timedelta(hours=1)
ASKED_FOR = timedelta(hours=6)
"""The longest pause that a server may ask for."""
MAILBOX = "mailbox"
_EARLY = 4
"""A cycle that comes by this part of a poll too early does not wait for the next one."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A source that has been silent since then, was asked last at that time, and is not asked again before."""

    since: datetime
    asked: datetime
    again: datetime
    message: str
    hint: str | None
    file: str | None

    def row(self) -> dict[str, str | None]:
        """As it is kept."""
        times = {"since": self.since, "asked": self.asked, "again": self.again}
        said = {"message": self.message, "hint": self.hint, "file": self.file}
        return {**{name: at.isoformat() for name, at in times.items()}, **said}


class Rests:
    """Those of one cycle, out of the ledger's memory and back."""

    def __init__(self, almanac: Almanac, now: datetime, poll: timedelta, known: Mapping[str, Rest]) -> None:
        self._almanac = almanac
        self._now = now
        self._poll = poll
        # What was asked in the future was asked by a clock that was wrong.
        self._known = {name: rest for name, rest in known.items() if rest.asked <= now}
        self._before: dict[str, Rest] = {}

    @classmethod
    def of(cls, ledger: Ledger, configuration: Configuration, now: datetime, *, anew: bool) -> Self:
        """As the last cycle left them; none where everything is to be asked `anew`."""
        return cls(configuration.almanac, now, configuration.poll.roughly, {} if anew else _recalled(ledger))

    def keep(self, ledger: Ledger, wanted: datetime | None = None) -> None:
        """Keep them for the next cycle. The mailbox is left alone no longer than until it is `wanted`."""
        if (mailbox := self._known.get(MAILBOX)) is not None and wanted is not None:
            self._known[MAILBOX] = replace(mailbox, again=min(mailbox.again, wanted))
        text = json.dumps({name: rest.row() for name, rest in sorted(self._known.items())}) if self._known else None
        if ledger.recall(KEY) != text:
            ledger.keep(KEY, text)

    def known(self) -> Mapping[str, Rest]:
        """Those that are left alone, or have failed once, by name."""
        return self._known

    def guarding(self, house: House, *, mailbox: bool = True) -> House:
        """The house, with sources that are left alone where they are to be. `mailbox`: that one, too."""
        return replace(
            house,
            calendars=[_Calendar(one, self) for one in house.calendars],
            books={
                name: one if isinstance(one, tuple) else _Book(name, one, self) for name, one in house.books.items()
            },
            mailbox=cast("Mailbox", _Mailbox(house.mailbox, self)) if mailbox else house.mailbox,
        )

    @contextmanager
    def asking(self, name: str) -> Iterator[None]:
        """Ask this source inside, or fail at once while it is left alone."""
        rest = self._known.get(name)
        if rest is not None and self._now < rest.again - self._poll / _EARLY:
            raise self._told(rest)
        try:
            yield
        except TransientError as error:
            raise self.failed(name, error) from error
        except ConnectorError:
            self._known.pop(name, None)
            raise
        if rest is not None and rest.asked < self._now:  # else it has failed in this very cycle, at what comes next
            self._before[name] = self._known.pop(name)

    def failed(self, name: str, error: TransientError) -> TransientError:
        """It was asked, and failed with this; what is to be told. It may have answered in this cycle until then."""
        before = self._known.get(name) or self._before.get(name)
        since = before.since if before is not None else self._now
        silent = self._now - since
        pause = min(silent, LONGEST) if silent >= self._poll else timedelta()
        if error.after is not None:
            pause = max(pause, min(timedelta(seconds=error.after), ASKED_FOR))
        rest = Rest(since, self._now, self._now + pause, error.message, error.hint, error.file)
        self._known[name] = rest
        return self._told(rest) if pause > self._poll else error

    def _told(self, rest: Rest) -> TransientError:
        later = f"It is asked again at {moment(rest.again, self._almanac, self._now)}; `afterword once` asks now."
        return TransientError(rest.message, f"{rest.hint} {later}" if rest.hint else later, file=rest.file)


class _Calendar:
    """See `Calendar`."""

    def __init__(self, calendar: Calendar, rests: Rests) -> None:
        self.id = calendar.id
        self._name = f"calendar:{self.id}"
        self._calendar = calendar
        self._rests = rests
        self._listed = 0

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        with self._rests.asking(self._name):
            listing = self._calendar.list(known, note)
        self._listed = len(listing.tags)
        return listing

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        silence = Silence()
        try:
            for name, found in self._calendar.read(names):
                silence.take(found)
                yield name, found
        except TransientError as error:
            raise self._rests.failed(self._name, error) from error
        failure = silence.failure
        # A single one of many may be to blame itself.
        if failure is not None and (silence.asked > 1 or self._listed <= 1 or failure.after is not None):
            self._rests.failed(self._name, failure)


class _Book:
    """See `AddressBook`."""

    def __init__(self, name: str, book: AddressBook, rests: Rests) -> None:
        self._name = f"book:{name}"
        self._book = book
        self._rests = rests

    def tag(self) -> str:
        with self._rests.asking(self._name):
            return self._book.tag()

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        try:
            return self._book.people()
        except TransientError as error:
            raise self._rests.failed(self._name, error) from error


class _Mailbox:
    """See `Mailbox`: a cycle that has not looked does nothing else there."""

    def __init__(self, mailbox: Mailbox, rests: Rests) -> None:
        self._mailbox = mailbox
        self._rests = rests

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        with self._rests.asking(MAILBOX):
            return self._mailbox.look(note, addresses)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)


def _recalled(ledger: Ledger) -> dict[str, Rest]:
    try:
        return {name: _rest(**row) for name, row in json.loads(ledger.recall(KEY) or "{}").items()}
    except (ValueError, TypeError, AttributeError):  # damaged: then all are asked
        return {}


def _rest(*, since: str, asked: str, again: str, message: str, hint: str | None, file: str | None) -> Rest:
    first, last, following = map(datetime.fromisoformat, (since, asked, again))
    if None in {first.tzinfo, last.tzinfo, following.tzinfo}:
        raise ValueError("a time without a zone")
    return Rest(first, last, following, str(message), hint, file)
