"""Free times for a meeting: what the calendars leave of the working hours of two people."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.attendance import my_answer
from rules.model import Answer, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from rules.almanac import Almanac
    from rules.model import Me, Meeting, Person
    from rules.windows import Window

Span = tuple[datetime, datetime]
"""From and to; `[start, end)`."""

MANY = 3
"""So many times are offered, where there are so many."""

BUFFER = timedelta(minutes=30)
"""So far from other events a time is, where it can be helped."""

_STEP = timedelta(minutes=30)
"""Times begin on the hour or half an hour after it, in the user's zone."""

_APART = timedelta(hours=2)
"""Two times on one day begin at least so far from each other, where it can be helped."""

_TARGETS = (0.25, 0.75, 0.5)
"""Where in the hours of its day each time lies by preference: a morning, an afternoon, a midday."""

_ODD_HALF = timedelta(minutes=20)
"""A full hour is worth so much more than half past."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """Somebody's working hours on the clock of their own wall."""

    window: Window
    zone: ZoneInfo

    def holds(self, span: Span) -> bool:
        """Whether all of the span is within one day's hours."""
        start, end = (instant.astimezone(self.zone) for instant in span)
        if start.weekday() not in self.window.days or _minutes(start) < self.window.start:
            return False
        if start.date() == end.date():
            return _minutes(end) <= self.window.end
        midnight = end.date() == start.date() + _DAY and end.time() == time()
        return midnight and self.window.end == _minutes_of_a_day()


def zone_of(person: Person, almanac: Almanac) -> ZoneInfo:
    """The person's time zone; the user's own where none is known, or none that can be read."""
    try:
        return ZoneInfo(person.time_zone) if person.time_zone else almanac.tz
    except (LookupError, ValueError, OSError):
        return almanac.tz


def _minutes(local: datetime) -> float:
    return local.hour * 60 + local.minute + local.second / 60


def _minutes_of_a_day() -> int:
    return _DAY // timedelta(minutes=1)


def takes_time(meeting: Meeting, me: Me) -> bool:
    """Whether an event blocks its time: not what is cancelled, shown as free, or declined by me.

    An invitation without an answer may yet be accepted, and blocks.
    """
    if meeting.free or meeting.status is Status.CANCELLED or meeting.end <= meeting.start:
        return False
    answer = my_answer(meeting, me)
    return answer is None or answer.answer is not Answer.DECLINED


@dataclass(frozen=True)
class Busy:
    """The times that are taken, joined where they touch, oldest first."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> Busy:
        """Of spans in any order."""
        joined: list[Span] = []
        for start, end in sorted(spans):
            if joined and start <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], end)
            else:
                joined.append((start, end))
        return cls(tuple(joined))

    @cached_property
    def _ends(self) -> list[datetime]:
        return [end for _, end in self.spans]

    def meets(self, span: Span, around: timedelta = timedelta()) -> bool:
        """Whether a time is taken that overlaps the span, or lies less than `around` from it."""
        at = bisect_left(self._ends, span[0] - around)
        if at < len(self.spans) and self.spans[at][1] == span[0] - around:
            at += 1  # it ends just where the span begins
        return at < len(self.spans) and self.spans[at][0] < span[1] + around


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: a span of this length, in [start, end), within the hours of both.

    `almanac` is that of the user, whose holidays are left out; `theirs` are the hours of the other one.
    """

    length: timedelta
    start: datetime
    end: datetime
    almanac: Almanac
    theirs: Hours


def free_times(question: Question, busy: Busy, many: int = MANY) -> tuple[Span, ...]:
    """Up to so many free times, on different days where that can be, in the order of time.

    The same question and the same busy times give the same answer.
    """
    mine = Hours(question.almanac.working_hours, question.almanac.tz)
    by_day: dict[date, list[Span]] = defaultdict(list)
    for span in _grid(question):
        if mine.holds(span) and question.theirs.holds(span) and not busy.meets(span):
            by_day[question.almanac.day_of(span[0])].append(span)
    calm = {day: [span for span in spans if not busy.meets(span, BUFFER)] or spans for day, spans in by_day.items()}
    return _chosen(calm, by_day, question.almanac, many)


def _grid(question: Question) -> Iterable[Span]:
    """All spans that begin on the hour or half past, in the user's zone; none on a holiday."""
    almanac = question.almanac
    day, last = almanac.day_of(question.start), almanac.day_of(question.end)
    while day <= last:
        if not almanac.is_holiday(day):
            for step in range(_DAY // _STEP):
                wall = datetime.combine(day, time()) + step * _STEP
                start = almanac.instant(wall)
                span = start, start + question.length
                # A time that the clocks skip is no time.
                skipped = almanac.local(start).replace(tzinfo=None) != wall
                if not skipped and question.start <= start and span[1] <= question.end:
                    yield span
        day += _DAY


def _chosen(
    calm: dict[date, list[Span]], by_day: dict[date, list[Span]], almanac: Almanac, many: int
) -> tuple[Span, ...]:
    """One of the calm times of each day; where there are fewer days than times are wanted, any others besides."""
    days = _spread(sorted(by_day), many)
    chosen: list[Span] = []
    for day in days:
        chosen.append(_nearest(calm[day], _TARGETS[len(chosen) % len(_TARGETS)], almanac))
    for apart in (_APART, timedelta()):
        for day in sorted(by_day):
            for span in by_day[day]:
                if len(chosen) < many and not any(_close(span, other, apart) for other in chosen):
                    chosen.append(span)
    return tuple(sorted(chosen))


def _close(one: Span, other: Span, apart: timedelta) -> bool:
    """Whether two spans overlap, or begin less than so far from each other."""
    return (one[0] < other[1] and other[0] < one[1]) or abs(one[0] - other[0]) < apart


def _spread(days: Sequence[date], many: int) -> list[date]:
    """The first days, with one between any two of them where there are enough."""
    loose: list[date] = []
    for day in days:
        if not loose or day - loose[-1] > _DAY:
            loose.append(day)
    chosen = loose[:many]
    more = [day for day in days if day not in chosen]
    return sorted([*chosen, *more[: many - len(chosen)]])


def _nearest(spans: Sequence[Span], target: float, almanac: Almanac) -> Span:
    """The span that lies nearest to that part of the hours that are left of the day; a full hour rather than half."""
    first, last = spans[0][0], spans[-1][0]
    wanted = first + (last - first) * target

    def distance(span: Span) -> tuple[timedelta, datetime]:
        odd = timedelta() if almanac.local(span[0]).minute == 0 else _ODD_HALF
        return abs(span[0] - wanted) + odd, span[0]

    return min(spans, key=distance)
