"""Until when a draft may be put off: a few times that people choose, and what a field for a time says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.almanac import Almanac

_MORNING, _AFTERNOON = time(9), time(14)
_MONDAY = 0
_WEEK = 7
_SOONEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Choice:
    """`words` says when (`tomorrow, Wed 4 March 09:00`); `at` is the moment in ISO 8601."""

    words: str
    at: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen; `least` and `most` bound the field for a time, as its value is written.

    `latest` is `most` in words. Without an end both are "".
    """

    several: tuple[Choice, ...]
    least: str
    most: str
    latest: str
    zone: str


def choices(almanac: Almanac, now: datetime, expires: datetime | None) -> Choices:
    """The times that are worth offering: later than now, and before the note is not worth writing any more."""
    found = {
        at: f"{words}, {moment(at, almanac, now)}"
        for words, at in _several(almanac, now)
        if at >= now + _SOONEST and (expires is None or at < expires)
    }
    return Choices(
        tuple(Choice(words, at.isoformat()) for at, words in sorted(found.items())),
        _field(almanac, now),
        _field(almanac, expires) if expires is not None else "",
        moment(expires, almanac, now) if expires is not None else "",
        almanac.zone,
    )


def from_field(value: str, almanac: Almanac) -> str:
    """What a field for a time says, on the clock of the user's wall, as a moment in ISO 8601.

    Raises:
        Failure: it is no time (2).
    """
    try:
        return almanac.instant(datetime.fromisoformat(value)).isoformat()
    except (ValueError, OverflowError):
        raise Failure(
            ExitCode.USAGE, f"'{value}' is no time", "Choose a day and an hour, or one of the times."
        ) from None


def _several(almanac: Almanac, now: datetime) -> Iterator[tuple[str, datetime]]:
    today = almanac.day_of(now)

    def on(days: int, hour: time = _MORNING) -> datetime:
        return almanac.instant(datetime.combine(today + timedelta(days=days), hour))

    yield "this afternoon", on(0, _AFTERNOON)
    yield "tomorrow", on(1)
    yield "in three days", on(3)
    yield "next Monday", on((_MONDAY - today.weekday() - 1) % _WEEK + 1)
    yield "in two weeks", on(2 * _WEEK)


def _field(almanac: Almanac, instant: datetime) -> str:
    return f"{almanac.local(instant):%Y-%m-%dT%H:%M}"
