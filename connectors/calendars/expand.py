"""Events to meetings: the one function that reads a group in a window of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.calendars.budget import SECONDS, Budget, TimeIsUpError
from connectors.calendars.errors import BrokenEvent, SetAside, TooCostly
from rules.model import aware

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Flaw
    from connectors.calendars.sheet import Group
    from rules.model import Meeting

__all__ = ["BrokenEvent", "Budget", "Expansion", "SetAside", "TooCostly", "expand"]

# What icalendar, dateutil and recurring-ical-events raise over bytes that they do not expect.
_CONFUSED = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RuntimeError, AssertionError, Warning)


@dataclass(frozen=True, slots=True)
class Expansion:
    """The meetings of a group in a window.

    `span` is the first start and the last end of all meetings that the group can ever give; the end is None
    where the series is endless, or where its end cannot be told cheaply. `flaws` did not hinder reading.
    """

    meetings: tuple[Meeting, ...]
    recurring: bool
    span: tuple[datetime, datetime | None]
    flaws: tuple[Flaw, ...] = ()


def expand(
    group: Group, calendar: str, start: datetime, end: datetime, zone: str, *, budget: Budget | None = None
) -> Expansion:
    """The meetings of a group that overlap the window [start, end), in the order of their starts.

    Times are in UTC. `zone` is the IANA name of the user's zone: floating times are in it where the calendar
    names no zone of its own (X-WR-TIMEZONE), and all-day events run from midnight to midnight in it. `budget` is
    shared by all groups of a source; without it the group has the limit of a single event.

    Raises:
        BrokenEvent: the group cannot be understood.
        TooCostly: it makes too many meetings, or takes too long.
    """
    home = ZoneInfo(zone)
    aware(start, "the start of the window")
    aware(end, "the end of the window")
    from connectors.calendars import series  # noqa: PLC0415 - a cycle in which nothing changed parses nothing

    if group.broken:
        raise BrokenEvent(group.uid, group.broken)
    try:
        with (budget or Budget()).limit():
            return series.read(group, calendar, start, end, home)
    except TimeIsUpError:
        raise TooCostly(group.uid, f"it takes longer than the {SECONDS:g} seconds that an event gets") from None
    except _CONFUSED as error:
        raise BrokenEvent(group.uid, f"it cannot be understood: {str(error)[:200]}") from error
