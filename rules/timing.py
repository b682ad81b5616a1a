"""When a step is due: durations, counted from a meeting or a contact and moved into a window."""

from __future__ import annotations

import difflib
import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.almanac import Almanac, utc
from rules.moments import day
from rules.windows import Window

__all__ = [
    "DEFAULT_EXPIRY",
    "UNITS",
    "Almanac",
    "Duration",
    "Timing",
    "Window",
    "after_end",
    "before_start",
    "since_contact",
]

UNITS = {
    "m": "minutes",
    "minute": "minutes",
    "h": "hours",
    "hour": "hours",
    "d": "days",
    "day": "days",
    "w": "weeks",
    "week": "weeks",
    "month": "months",
    "business day": "business_days",
}
"""What a duration is counted in, by what the user writes; words may have an `s` at the end."""

_REMEDY = (
    "write a number and a unit, as in '30 minutes', '2 hours', '1 day', '3 business days', '6 weeks', '2 months' "
    "or '30m 2h 1d 6w'"
)
_PART = r"([0-9]+)\s*(business days?|months?|weeks?|days?|hours?|minutes?|[wdhm])(?![a-z])"
_LONGEST = timedelta(days=36525) // timedelta(minutes=1)
_MOST_DIGITS = 9
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Duration:
    """So long: minutes are exact, the rest is counted on the wall calendar of the user.

    A mixed duration (`1d 2h`) applies the larger units first: months (a month's end clamps), weeks and days,
    business days, and then minutes and hours. `str()` gives text that parses to an equal duration.

    Raises:
        ValueError: negative, or longer than 100 years.
    """

    months: int = 0
    days: int = 0
    business_days: int = 0
    minutes: int = 0

    def __post_init__(self) -> None:
        if min(self.months, self.days, self.business_days, self.minutes) < 0:
            raise ValueError("a duration is not negative")
        if self._rough_minutes > _LONGEST:
            raise ValueError("a duration is at most 100 years")

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Read what the user wrote: `30 minutes`, `3 business days`, or a sum such as `1d 2h`. `m` is minutes.

        Raises:
            ValueError: with what is wrong and what would be right.
        """
        words = " ".join(text.casefold().split())
        shown = text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line of a message
        if not re.fullmatch(rf"{_PART}(?:(?:\s|,\s*|\s?and\s)?{_PART})*", words):
            raise ValueError(f"'{shown}' is not a duration; {_meant(words) or _REMEDY}")
        total = dict.fromkeys(UNITS.values(), 0)
        for number, unit in re.findall(_PART, words):
            if len(number) > _MOST_DIGITS:
                raise ValueError(f"'{shown}' is longer than 100 years; write a shorter duration")
            total[UNITS[unit if len(unit) == 1 else unit.removesuffix("s")]] += int(number)
        try:
            return cls(
                months=total["months"],
                days=total["days"] + 7 * total["weeks"],
                business_days=total["business_days"],
                minutes=total["minutes"] + 60 * total["hours"],
            )
        except ValueError:
            raise ValueError(f"'{shown}' is longer than 100 years; write a shorter duration") from None

    def __str__(self) -> str:
        weeks, days = (self.days // 7, 0) if self.days % 7 == 0 else (0, self.days)
        hours, minutes = divmod(self.minutes, 60)
        named = (
            (self.months, "month"),
            (weeks, "week"),
            (days, "day"),
            (self.business_days, "business day"),
            (hours, "hour"),
            (minutes, "minute"),
        )
        parts = [f"{number} {unit}{'s' if number != 1 else ''}" for number, unit in named if number]
        return " ".join(parts) or "0 minutes"

    @property
    def is_zero(self) -> bool:
        """Nothing to wait for."""
        return self == Duration()

    @property
    def _rough_minutes(self) -> int:
        return (self.months * 30 + self.days) * 1440 + self.business_days * 1440 * 7 // 5 + self.minutes

    @property
    def roughly(self) -> timedelta:
        """A typical length, to compare two durations by: a month of 30 days, five business days a week."""
        return timedelta(minutes=self._rough_minutes)

    @property
    def longest(self) -> timedelta:
        """At least as long as it can ever be, to size the window of expansion by: holidays and clocks included."""
        business = 2 * self.business_days + 14 if self.business_days else 0
        on_the_wall = 2 if self.months or self.days or self.business_days else 0
        return timedelta(days=31 * self.months + self.days + business + on_the_wall, minutes=self.minutes)

    def after(self, instant: datetime, almanac: Almanac) -> datetime:
        """The instant (UTC) that is so long after `instant`."""
        return self._shift(instant, almanac, 1)

    def before(self, instant: datetime, almanac: Almanac) -> datetime:
        """The instant (UTC) that is so long before `instant`; business days are then counted backwards."""
        return self._shift(instant, almanac, -1)

    def _shift(self, instant: datetime, almanac: Almanac, sign: int) -> datetime:
        moment = utc(instant)
        if self.months or self.days or self.business_days:
            wall = almanac.local(moment).replace(tzinfo=None)
            wall = _months(wall, sign * self.months) + sign * self.days * _DAY
            moment = almanac.instant(_business_days(wall, self.business_days, sign * _DAY, almanac))
        return moment + sign * timedelta(minutes=self.minutes)


def _meant(words: str) -> str:
    """The remedy where one unit is misspelt, or the number is negative; else an empty text."""
    if words.startswith("-"):
        return "take the minus away; `before` counts back from the start of a meeting, and `after` on from its end"
    found = re.fullmatch(r"([0-9]{1,9}) ?([a-z]{3,12}|b[a-z]{3,12} d[a-z]{2,5})", words)
    units = ("minutes", "hours", "days", "weeks", "months", "business days")
    near = difflib.get_close_matches(found[2], units, n=1, cutoff=0.7) if found else []
    return f"did you mean '{found[1]} {near[0]}'?" if found and near else ""


def _months(wall: datetime, months: int) -> datetime:
    if not months:
        return wall
    years, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=years, month=month + 1, day=min(wall.day, monthrange(years, month + 1)[1]))


def _business_days(wall: datetime, count: int, step: timedelta, almanac: Almanac) -> datetime:
    for _ in range(count):
        wall += step
        while not almanac.is_business_day(wall.date()):
            wall += step
    return wall


DEFAULT_EXPIRY = Duration(days=7)
"""How long after due a note is worth writing, where the user does not say."""

_BEFORE_BY = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Timing:
    """When a note is due, must be on its way, and is no longer worth writing; UTC.

    `moved` tells what the window did, for `why`; empty when it did nothing.
    """

    due: datetime
    by: datetime | None
    expires: datetime | None
    moved: str = ""


def after_end(  # noqa: PLR0917 - in the order in which the words of a step stand
    end: datetime, after: Duration, by: Duration | None, expires: Duration | None, window: Window, almanac: Almanac
) -> Timing:
    """A step that counts from the end of a meeting: `by` from the end too, `expires` from due.

    When the window has no moment from end + `after` until two hours before `by`, the window yields.
    """
    wanted = after.after(end, almanac)
    deadline = None if by is None else by.after(end, almanac)
    due, moved = _into(window, wanted, almanac)
    if deadline is not None and wanted < due and due > deadline - _BEFORE_BY:
        why = f"the note is to be sent by {_shortly(deadline, wanted, almanac)}"
        due, moved = wanted, _yields(window, due, wanted, almanac, why)
    return Timing(due, deadline, (DEFAULT_EXPIRY if expires is None else expires).after(due, almanac), moved)


def before_start(start: datetime, before: Duration, window: Window, almanac: Almanac) -> Timing:
    """A step that counts back from the start of a meeting, and expires there.

    When the window has no moment from start - `before` until the start, the window yields.
    """
    start = utc(start)
    wanted = before.before(start, almanac)
    due, moved = _into(window, wanted, almanac)
    if wanted < due and due >= start:
        why = f"the meeting begins {_shortly(start, wanted, almanac)}"
        due, moved = wanted, _yields(window, due, wanted, almanac, why)
    return Timing(due, None, start, moved)


def since_contact(
    contact: datetime, every: Duration, expires: Duration | None, window: Window, almanac: Almanac
) -> Timing:
    """A check-in: due so long after the last contact; never expires unless the user says so."""
    due, moved = _into(window, every.after(contact, almanac), almanac)
    return Timing(due, None, None if expires is None else expires.after(due, almanac), moved)


def _into(window: Window, wanted: datetime, almanac: Almanac) -> tuple[datetime, str]:
    """The next moment in the window, and how to tell of it."""
    due = almanac.opening(window, wanted)
    if due is None:
        return wanted, f"does not wait for the window '{window}', which never opens"
    if due == wanted:
        return due, ""
    return due, f"moved to {_shortly(due, wanted, almanac)} by the window '{window}'"


def _yields(window: Window, opens: datetime, wanted: datetime, almanac: Almanac, why: str) -> str:
    return f"does not wait for the window '{window}': it opens only {_shortly(opens, wanted, almanac)}, and {why}"


def _shortly(instant: datetime, wanted: datetime, almanac: Almanac) -> str:
    """`Mon 09:00`; with the date where that is not within a week of `wanted`, and the name of the day is not enough."""
    local = almanac.local(instant)
    near = instant - wanted < timedelta(days=6)
    name = f"{local:%a}" if near else day(local.date(), almanac.day_of(wanted))
    return f"{name} {local:%H:%M}"
