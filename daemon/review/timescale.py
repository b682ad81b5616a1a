"""Days as columns of one width: an instant becomes a place, by the clock on the wall, also where the clocks change."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.almanac import Almanac

_MONDAY, _SATURDAY = 0, 5
_MONTHS_FROM, _YEARS_FROM = 5, 8
"""Days of a month that have to be seen, so that its name, or that and the year, has the room."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The days from the first midnight to the last, each `day` wide; a day of 23 or 25 hours is as wide as any."""

    midnights: tuple[datetime, ...]
    day: float

    @property
    def width(self) -> float:
        """Of all days together."""
        return (len(self.midnights) - 1) * self.day

    def x(self, instant: datetime) -> float:
        """Where the instant is: how far into its day, as a part of that day; the edge for what is beyond it."""
        if instant <= self.midnights[0]:
            return 0.0
        if instant >= self.midnights[-1]:
            return self.width
        place = bisect_right(self.midnights, instant) - 1
        begins, ends = self.midnights[place], self.midnights[place + 1]
        return (place + (instant - begins) / (ends - begins)) * self.day

    def shows(self, instant: datetime) -> bool:
        """Whether it is within the days."""
        return self.midnights[0] <= instant < self.midnights[-1]


@dataclass(frozen=True, slots=True)
class Column:
    """One day: `rests` says that it is a weekend or a holiday, `is_week` that a week begins."""

    date: date
    x: float
    is_today: bool
    rests: str
    is_week: bool


@dataclass(frozen=True, slots=True)
class Month:
    """The name of a month over its first day that is seen; the first of a year that has the room names the year."""

    x: float
    text: str


def scale(almanac: Almanac, first: date, days: int, day: float) -> Scale:
    """So many days from the first on, as they begin for the user."""
    return Scale(tuple(almanac.midnight(first + timedelta(number)) for number in range(days + 1)), day)


def columns(almanac: Almanac, first: date, days: int, day: float, today: date) -> tuple[Column, ...]:
    """The days of a scale."""
    found = []
    for number in range(days):
        when = first + timedelta(number)
        rests = "holiday" if almanac.is_holiday(when) else "weekend" if when.weekday() >= _SATURDAY else ""
        found.append(Column(when, number * day, when == today, rests, when.weekday() == _MONDAY))
    return tuple(found)


def months(days: tuple[Column, ...]) -> tuple[Month, ...]:
    """Each month that is seen; not one of whose end so little is seen that its name would run into the next."""
    begins = [place for place, one in enumerate(days) if place == 0 or one.date.day == 1]
    ends = [*begins[1:], len(days)]
    found: list[Month] = []
    named = 0
    for place, end in zip(begins, ends, strict=True):
        first = days[place].date
        if end - place >= _YEARS_FROM and first.year != named:
            named = first.year
            found.append(Month(days[place].x, f"{first:%B %Y}"))
        elif end - place >= _MONTHS_FROM:
            found.append(Month(days[place].x, f"{first:%B}"))
    return tuple(found)
