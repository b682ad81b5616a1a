"""Days and moments in words, as everything that is told to the user has them: `Tue 3 March 18:00`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from rules.almanac import Almanac

_WEEK = 7


def day(when: date, today: date) -> str:
    """`Tue 3 March`; with the year where it is another than today's."""
    year = f" {when.year}" if when.year != today.year else ""
    return f"{when:%a} {when.day} {when:%B}{year}"


def moment(instant: datetime, almanac: Almanac, now: datetime) -> str:
    """`Tue 3 March 18:00`, in the user's zone."""
    local = almanac.local(instant)
    return f"{day(local.date(), almanac.day_of(now))} {local:%H:%M}"


def brief(instant: datetime, almanac: Almanac, now: datetime) -> str:
    """As short as it can be understood: `18:00` today, `Tue 18:00` within a week, else `Tue 3 March 18:00`."""
    local, today = almanac.local(instant), almanac.day_of(now)
    away = abs((local.date() - today).days)
    if away >= _WEEK:
        return moment(instant, almanac, now)
    return f"{local:%a %H:%M}" if away else f"{local:%H:%M}"
