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
from daemon.running import instant
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.ledger.chronicle import Cycle, Happened
    from daemon.running import Told
    from daemon.sight import Sight
    from rules.history import Record

BACK = timedelta(days=14)
MOST_LINES = 200
MOST_CYCLES = 12
_SAME = timedelta(seconds=30)
"""The service and the ledger tell of the same cycle where they are not further apart."""
_REMINDER = "told"


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


def log(ledger: Ledger, sight: Sight, service: Told | None) -> Log:
    """What the ledger has of the last two weeks.

    Raises:
        LedgerError: it cannot be read.
    """
    lines = happened(ledger, sight.now - BACK, MOST_LINES + 1)
    states = _states(lines, sight.by_id)
    several = cycles(ledger, MOST_CYCLES)
    did = Counter((one.event.at, states[number]) for number, one in enumerate(lines))
    told = tuple(_cycle(one, sight, service, did, latest=not number) for number, one in enumerate(several))
    return Log(told, _days(lines[:MOST_LINES], states, sight), len(lines) > MOST_LINES)


def _states(lines: Sequence[Happened], records: Mapping[str, Record]) -> Sequence[str]:
    """What each line tells, in a word: the state that it led to; `told` where it led to none, as a reminder does."""
    former: dict[str, State] = {}
    found: list[str] = []
    for one in reversed(lines):
        state, record = one.event.state, records.get(one.follow_up)
        before = former.get(one.follow_up)
        if before is None and record is not None and record.placed is not None and record.placed < one.event.at:
            before = State.PLACED
        found.append(_REMINDER if state is before else state.value)
        former[one.follow_up] = state
    return found[::-1]


def _cycle(
    one: Cycle, sight: Sight, service: Told | None, did: Mapping[tuple[datetime, str], int], *, latest: bool
) -> CycleTold:
    states = [state.value for state in State if did.get((one.began, state.value))]
    words = ", ".join(f"{did[one.began, state]} {state}" for state in states)
    took = _took(one, service) if latest else None
    return CycleTold(
        moment(one.began, sight.almanac, sight.now),
        "" if took is None else "under a second" if took < 1 else _seconds(took),
        words or ("nothing was to be done" if one.ended else ""),
        len(one.problems),
        one.ended is None,
    )


def _seconds(took: float) -> str:
    return count(int(took), "second") if took < 60 else span(took)  # noqa: PLR2004 - a minute


def _took(one: Cycle, service: Told | None) -> float | None:
    """How many seconds a cycle took, where the service that ran it still says so."""
    cycle = (service or {}).get("cycle") or {}
    began, ended = instant(cycle.get("began")), instant(cycle.get("ended"))
    if began is None or ended is None or abs(began - one.began) > _SAME:
        return None
    return (ended - began).total_seconds()


def _days(lines: Sequence[Happened], states: Sequence[str], sight: Sight) -> tuple[Day, ...]:
    today, records = sight.almanac.day_of(sight.now), sight.by_id
    told = zip(lines, states, strict=False)
    return tuple(
        Day(day(date, today), tuple(_line(one, state, sight, records) for one, state in several))
        for date, several in groupby(told, key=lambda it: sight.almanac.day_of(it[0].event.at))
    )


def _line(one: Happened, state: str, sight: Sight, records: Mapping[str, Record]) -> Line:
    record = records.get(one.follow_up)
    to, what, subject = one.follow_up, "", ""
    if record is not None:
        to = "you" if record.to_me else names(record.to)
        what = ", ".join(filter(None, (record.step, record.rule and f"by {record.rule}")))
        subject = record.subject
    return Line(
        hour(one.event.at, sight.almanac), state, plain(to), plain(what), plain(subject), plain(one.event.cause)
    )
