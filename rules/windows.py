"""The windows of a step: the days and hours in which a note may be drafted, as the user writes them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days as they are written, by `date.weekday()`."""

MIDNIGHT = 24 * 60
"""The end of a day, in minutes since its start on the clock on the wall."""

_SHAPES = "'working_hours', 'weekdays 09:00-18:00', 'tue-thu 09:00-11:00', 'sat 10:00-12:00' or 'any'"
_NAMED = {
    "weekdays": frozenset(range(5)),
    "weekday": frozenset(range(5)),
    "weekends": frozenset({5, 6}),
    "weekend": frozenset({5, 6}),
    "everyday": frozenset(range(7)),
    "daily": frozenset(range(7)),
}
_WHOLE_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_OTHER_NAMES = {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}
NAMED_DAYS = (*_NAMED, "every day", *DAYS, *_WHOLE_NAMES, *(f"{name}s" for name in _WHOLE_NAMES), *_OTHER_NAMES)
"""All words for days that a window takes, in small letters."""

_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})$")


@dataclass(frozen=True, slots=True)
class Window:
    """`[start, end)` on named days, in minutes since midnight on the clock on the wall of the user.

    Two windows have no days and hours of their own: `any` is every moment there is, and `working_hours`
    stands for the hours that the `Almanac` knows. `str()` gives text that parses to an equal window.
    """

    days: frozenset[int]
    start: int
    end: int
    symbol: str = ""

    def __post_init__(self) -> None:
        if not self.symbol and not (self.days and 0 <= self.start < self.end <= MIDNIGHT):
            raise ValueError("a window has at least one day, and ends after its start and within the day")

    @classmethod
    def any(cls) -> Window:
        """Every moment, holidays too."""
        return cls(frozenset(range(7)), 0, MIDNIGHT, "any")

    @classmethod
    def working_hours(cls) -> Window:
        """The working hours of the user, whatever they are; see `Almanac.opening`."""
        return cls(frozenset(), 0, 0, "working_hours")

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read what the user wrote, as in `tue-thu 09:00-11:00`; `mon, wed 09:00-11:00` names several days.

        Raises:
            ValueError: with what is wrong and what would be right.
        """
        words = re.sub(r"\s*[-\N{EN DASH}]\s*", "-", " ".join(text.casefold().split()))
        if words == "any":
            return cls.any()
        if words in {"working_hours", "working hours", "working-hours"}:
            return cls.working_hours()
        hours = _HOURS.search(words)
        if not hours:
            raise ValueError(_without_hours(text, words))
        start, end = _minutes(text, hours[1], hours[2]), _minutes(text, hours[3], hours[4])
        named = words[: hours.start()].rstrip(" ,:")
        if not named:
            raise ValueError(f"the window '{_short(text)}' has no days; write them first, as in 'weekdays {hours[0]}'")
        days = _days(text, named)
        if start == MIDNIGHT or end <= start:
            raise ValueError(
                f"the window '{_short(text)}' does not end after its start; a window lies within one day, "
                f"as in 'weekdays 09:00-18:00', and may end at 24:00"
            )
        return cls(days, start, end)

    def __str__(self) -> str:
        if self.symbol:
            return self.symbol
        return f"{_spell(self.days)} {_clock(self.start)}-{_clock(self.end)}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - a line of a message


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(text: str, hour: str, minute: str) -> int:
    minutes = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or minutes > MIDNIGHT:  # noqa: PLR2004 - an hour
        raise ValueError(
            f"{hour}:{minute} in the window '{_short(text)}' is not a time of day; write 00:00 to 24:00, as in '09:00'"
        )
    return minutes


def _days(text: str, named: str) -> frozenset[int]:
    days: set[int] = set()
    for part in named.replace("every day", "everyday").replace(" and ", " ").replace(",", " ").split():
        if part in _NAMED:
            days |= _NAMED[part]
            continue
        first, dash, last = part.partition("-")
        start = _day(text, first)
        end = _day(text, last) if dash else start
        # A range may run over the end of the week: `sat-mon` is three days.
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return frozenset(days)


def _day(text: str, name: str) -> int:
    if name in DAYS:
        return DAYS.index(name)
    singular = name.removesuffix("s") if name.endswith("days") else name
    if singular in _WHOLE_NAMES:
        return _WHOLE_NAMES.index(singular)
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    known = (*DAYS, *_OTHER_NAMES, *_WHOLE_NAMES, *_NAMED)
    near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.75)
    remedy = f"write {', '.join(DAYS)}, a range such as 'tue-thu', 'weekdays' or 'every day'"
    remedy = f"did you mean '{near[0]}'?" if near else remedy
    raise ValueError(f"'{_short(name)}' in the window '{_short(text)}' is not a day; {remedy}")


def _without_hours(text: str, words: str) -> str:
    try:
        days = _spell(_days(text, words)) if words else ""
    except ValueError:
        days = ""
    if days:
        return f"the window '{_short(text)}' has no hours; write them after the days, as in '{days} 09:00-18:00'"
    near = difflib.get_close_matches(words[:60], ("working_hours", "any"), n=1, cutoff=0.75)
    remedy = f"did you mean '{near[0]}'?" if near else f"write {_SHAPES}"
    return f"'{_short(text)}' is not a window; {remedy}"


def _spell(days: Iterable[int]) -> str:
    chosen = frozenset(days)
    if chosen == _NAMED["everyday"]:
        return "every day"
    if chosen == _NAMED["weekdays"]:
        return "weekdays"
    parts: list[str] = []
    run: list[int] = []
    for day in range(8):
        if day in chosen:
            run.append(day)
            continue
        if len(run) > 2:  # noqa: PLR2004 - two days read better as a list
            parts.append(f"{DAYS[run[0]]}-{DAYS[run[-1]]}")
        else:
            parts.extend(DAYS[one] for one in run)
        run = []
    return ", ".join(parts)
