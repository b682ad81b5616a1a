"""The last cycles and what has happened of late, as the ledger has them: it needs no journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from daemon.cli.output import plain
from daemon.cli.wording import count, day, hour, moment, names, span
from daemon.ledger.chronicle import cycles, happened
from daemon.nudge import CAUSES
from daemon.review.durations import took
from daemon.review.keys import path_by_email
from rules.history import OPEN, State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.ledger.chronicle import Cycle, Happened
    from daemon.review.durations import Duration
    from daemon.sight import Sight
    from rules.history import Record

BACK = timedelta(days=14)
MOST_LINES = 200
MOST_CYCLES = 12
_SAME = timedelta(seconds=30)
"""The service and the ledger tell of the same cycle where they are not further apart."""
_REMINDER = "reminder"
_REMINDERS = frozenset(CAUSES.values())


@dataclass(frozen=True, slots=True)
class CycleTold:
    """One cycle: when, how long it took (where that is known), what it did, and how many problems it met."""

    when: str
    took: str
    did: str
    problems: int
    unfinished: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: at which time, what it became, to whom, of which rule and step, and why."""

    at: str
    state: str
    to: str
    what: str
    subject: str
    why: str
    draft: str = ""
    """Its id, where the draft lies in the mailbox."""
    who: str = ""
    """Where the page of the one to whom it goes is, where it is one."""


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, the latest first."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Log:
    """The last cycles, the latest first; and what happened, day by day. `more`: not all of it is shown."""

    cycles: tuple[CycleTold, ...]
    days: tuple[Day, ...]
    more: bool


def log(ledger: Ledger, sight: Sight, known: Sequence[Duration] = ()) -> Log:
    """What the ledger has of the last two weeks; `known` is how long cycles took.

    Raises:
        LedgerError: it cannot be read.
    """
    several, since = cycles(ledger, MOST_CYCLES), sight.now - BACK
    # Where the service rested, the last cycles reach back further than the days that are shown.
    lines = happened(ledger, min([since, *(one.began for one in several)]), MOST_LINES + 1)
    states = _states(lines)
    did = Counter((one.event.at, states[number]) for number, one in enumerate(lines))
    unread = lines[-1].event.at if len(lines) > MOST_LINES else None
    told = tuple(_cycle(one, sight, known, did if unread is None or one.began > unread else None) for one in several)
    recent = [one for one in lines if one.event.at >= since]
    return Log(told, _days(recent[:MOST_LINES], states, sight), len(recent) > MOST_LINES)


def _states(lines: Sequence[Happened]) -> Sequence[str]:
    """What each line tells, in a word: the state that it led to; `reminder` where it led to none."""
    return [_REMINDER if one.event.cause in _REMINDERS else one.event.state.value for one in lines]


def _cycle(one: Cycle, sight: Sight, known: Sequence[Duration], did: Counter[tuple[datetime, str]] | None) -> CycleTold:
    """`did` is None where what it did was not read."""
    several = {state.value: did[one.began, state.value] for state in State} if did is not None else {}
    words = ", ".join(f"{number} {state}" for state, number in several.items() if number)
    seconds = took(one.began, known, _SAME)
    return CycleTold(
        moment(one.began, sight.almanac, sight.now),
        "" if seconds is None else "under a second" if seconds < 1 else _long(seconds),
        words or ("nothing was to be done" if one.ended and did is not None else ""),
        len(one.problems),
        one.ended is None,
    )


def _long(seconds: float) -> str:
    return count(int(seconds), "second") if seconds < 60 else span(seconds)  # noqa: PLR2004 - a minute


def _days(lines: Sequence[Happened], states: Sequence[str], sight: Sight) -> tuple[Day, ...]:
    today, records = sight.almanac.day_of(sight.now), sight.by_id
    told = zip(lines, states, strict=False)
    return tuple(
        Day(day(date, today), tuple(_line(one, state, sight, records) for one, state in several))
        for date, several in groupby(told, key=lambda it: sight.almanac.day_of(it[0].event.at))
    )


def _line(one: Happened, state: str, sight: Sight, records: Mapping[str, Record]) -> Line:
    record = records.get(one.follow_up)
    at, why = hour(one.event.at, sight.almanac), plain(one.event.cause)
    if record is None:
        return Line(at, state, one.follow_up, "", "", why)
    to = "you" if record.to_me else names(record.to)
    what = ", ".join(filter(None, (record.step, record.rule and f"by {record.rule}")))
    draft = record.id if record.state in OPEN else ""
    who = path_by_email(sight, record.to[0].email) if len(record.to) == 1 and not record.to_me else ""
    return Line(at, state, plain(to), plain(what), plain(record.subject), why, draft, who)
