"""A year of contact as a small drawing: a week a column; meetings are dots, mails bars, theirs up and mine down."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

WEEKS = 52
_WEEK = timedelta(days=7)
_MOST = 5
"""From so many mails a week on a bar grows no more."""


class Touch(StrEnum):
    """What was between us."""

    MET = "met"
    THEIRS = "theirs"
    MINE = "mine"


@dataclass(frozen=True, slots=True)
class Size:
    """How large it is drawn: `week` is how wide a column is, `height` that of all."""

    week: float = 3.2
    height: float = 34.0

    @property
    def width(self) -> float:
        """Of the whole year, with room for a dot at either end."""
        return self.week * WEEKS + 2 * self.radius

    @property
    def radius(self) -> float:
        """Of the dot of a meeting."""
        return min(self.height / 10, self.week * 1.25)

    @property
    def middle(self) -> float:
        """The line from which bars go up and down."""
        return self.height / 2


SMALL, LARGE = Size(), Size(6.0, 84.0)


@dataclass(frozen=True, slots=True)
class Bar:
    """The mails of a week in one direction: from `top`, so high."""

    x: float
    top: float
    width: float
    height: float
    touch: Touch
    count: int


@dataclass(frozen=True, slots=True)
class Dot:
    """The meetings of a week."""

    x: float
    count: int


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The drawing, and how many there were of each in the year."""

    size: Size
    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    totals: dict[Touch, int]

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing in the year."""
        return not any(self.totals.values())


def sparkline(touches: Iterable[tuple[datetime, Touch]], now: datetime, size: Size = SMALL) -> Sparkline:
    """The 52 weeks up to now; what was before or comes after is not drawn."""
    weeks = Counter((week, touch) for at, touch in touches if (week := week_of(at, now)) is not None)
    bars, dots = [], []
    for (week, touch), count in sorted(weeks.items()):
        left = size.radius + week * size.week
        if touch is Touch.MET:
            dots.append(Dot(left + size.week / 2, count))
            continue
        height = _height(count, size)
        top = size.middle - size.radius - height if touch is Touch.THEIRS else size.middle + size.radius
        bars.append(Bar(left + size.week * 0.1, top, size.week * 0.8, height, touch, count))
    totals = {touch: sum(count for (_, one), count in weeks.items() if one is touch) for touch in Touch}
    return Sparkline(size, tuple(bars), tuple(dots), totals)


def place(at: datetime, now: datetime, size: Size) -> float | None:
    """Where an instant of the year is, between the columns; None for what is not drawn."""
    weeks = WEEKS - (now - at) / _WEEK
    return size.radius + weeks * size.week if 0 <= weeks <= WEEKS else None


def week_of(at: datetime, now: datetime) -> int | None:
    """The column of an instant, 0 for the week that ended 51 weeks ago, 51 for the one that ends now."""
    if at > now:
        return None
    week = WEEKS - 1 - (now - at) // _WEEK
    return week if week >= 0 else None


def _height(count: int, size: Size) -> float:
    """At one mail high enough to be seen."""
    room = size.middle - size.radius
    return room * (0.5 + 0.5 * (min(count, _MOST) - 1) / (_MOST - 1))
