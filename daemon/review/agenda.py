"""The same as the drawing of the next weeks, as a list by day: for a phone, and for whoever does not see a drawing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.review.timeline import Kind
from rules.moments import day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from daemon.review.entries import Entry
    from rules.almanac import Almanac

_NEAR = {0: "Today, ", 1: "Tomorrow, "}


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of a day. `is_deadline`: it tells of the same entry once more, on the day of its deadline."""

    entry: Entry
    time: str
    is_deadline: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A day, or what has none; `rests` says that it is a holiday."""

    title: str
    lines: tuple[Shown, ...]
    rests: str = ""


def agenda(entries: Iterable[Entry], almanac: Almanac, now: datetime, horizon: datetime) -> tuple[Part, ...]:
    """Each entry once, and each deadline that is still to come; in the order of time."""
    once = {entry.id: entry for entry in entries}
    lying, due, held = list[Shown](), list[Shown](), list[Shown]()
    days: dict[date, list[tuple[datetime, Shown]]] = defaultdict(list)
    for entry in once.values():
        if entry.kind is Kind.DRAFT:
            lying.append(Shown(entry, ""))
        elif entry.at is None:
            held.append(Shown(entry, ""))
        elif entry.at <= now and entry.kind is not Kind.MEETING:
            due.append(Shown(entry, "now"))
        else:
            at = max(entry.at, now)
            days[almanac.day_of(at)].append((at, Shown(entry, _hour(entry, almanac))))
        if entry.by is not None and now < entry.by <= horizon:
            at = entry.by
            days[almanac.day_of(at)].append((at, Shown(entry, f"{almanac.local(at):%H:%M}", is_deadline=True)))
    lying.sort(key=lambda one: (one.entry.by is None, one.entry.by or now, one.entry.id))
    named = (("Waiting in Drafts", lying), ("Due now", due), *_days(days, almanac, now), ("Held back", held))
    today = almanac.day_of(now)
    holidays = {_title(when, today): "holiday" for when in days if almanac.is_holiday(when)}
    return tuple(Part(title, tuple(lines), holidays.get(title, "")) for title, lines in named if lines)


def _days(
    days: dict[date, list[tuple[datetime, Shown]]], almanac: Almanac, now: datetime
) -> Iterator[tuple[str, list[Shown]]]:
    today = almanac.day_of(now)
    for when, timed in sorted(days.items()):
        yield _title(when, today), [shown for _, shown in sorted(timed, key=lambda one: (one[0], one[1].entry.id))]


def _title(when: date, today: date) -> str:
    return f"{_NEAR.get((when - today).days, '')}{day(when, today)}"


def _hour(entry: Entry, almanac: Almanac) -> str:
    assert entry.at is not None
    if entry.when.startswith("all day"):
        return "all day"
    return f"{almanac.local(entry.at):%H:%M}"
