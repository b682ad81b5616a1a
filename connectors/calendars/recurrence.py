"""The starts of a series in a span of time; what would cost too much is refused before it is tried."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

import icalendar
from recurring_ical_events import EventAdapter, Series

from connectors.calendars.errors import BrokenEvent, TooCostly

if TYPE_CHECKING:
    from connectors.calendars.parse import Event, Moment

MAX_A_DAY = 96
"""BYHOUR x BYMINUTE x BYSECOND: a meeting more often than every quarter of an hour is none."""
MAX_STEPS = 100_000
"""How many times a rule may have come about from its start to the end of the window (hourly for eleven years)."""
MAX_COUNTED = 1_500
"""Up to this COUNT the end of a series is looked for."""
MAX_RULES = 20
"""RRULE lines of one event; RFC 5545 advises one."""

_STEP = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
    "DAILY": timedelta(days=1),
    "WEEKLY": timedelta(weeks=1),
    "MONTHLY": timedelta(days=28),
    "YEARLY": timedelta(days=365),
}
_LONGEST = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FIRST, _LAST = datetime(2, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)
_IGNORED = {"RSCALE": {"GREGORIAN"}, "SKIP": {"OMIT"}}
_KNOWN = {
    *("FREQ", "UNTIL", "COUNT", "INTERVAL", "BYSECOND", "BYMINUTE", "BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY"),
    *("BYWEEKNO", "BYMONTH", "BYSETPOS", "WKST"),
}


def starts(event: Event, uid: str, since: datetime, until: datetime) -> tuple[Moment, ...]:
    """The starts of a series between two instants, both included, each once, before EXDATE and changes.

    Raises:
        TooCostly: a rule asks for more than a calendar of meetings needs.
        BrokenEvent: a rule cannot be understood.
    """
    if len(event.rules) > MAX_RULES:
        raise TooCostly(uid, f"it has {len(event.rules)} recurrence rules")
    part = icalendar.Event()
    part.add("DTSTART", event.start)
    for text in event.rules:
        part.add("RRULE", icalendar.vRecur.from_ical(_checked(text, event.start, uid, until)))
    for added in event.added:
        part.add("RDATE", _like(added.start, event.start))
    found = {_like(occurrence.start, event.start) for occurrence in Series([EventAdapter(part)]).between(since, until)}
    return tuple(sorted(found))


def last(event: Event, uid: str) -> Moment | None:
    """A moment after which no instance starts, or None for a series that is endless, or counted and very long."""
    ends: list[Moment] = [event.start, *(_like(added.start, event.start) for added in event.added)]
    for text in event.rules:
        parts = _parts(text)
        if "UNTIL" in parts:
            ends.append(_like(_until(parts["UNTIL"], event.start), event.start))
        elif 0 < int(parts.get("COUNT", "0")) <= MAX_COUNTED:
            ends.append(starts(event, uid, _FIRST, _LAST)[-1])
        else:
            return None
    return max(ends)


def _parts(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.upper().replace(" ", "").split(";"))
    return {key: value for key, _, value in pairs if key and value}


def _like(moment: Moment, model: Moment) -> Moment:
    """A moment as date or datetime, in the zone of the model."""
    if not isinstance(model, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        return datetime.combine(moment, model.timetz())
    return moment.astimezone(model.tzinfo)


def _until(text: str, start: Moment) -> Moment:
    """UNTIL for a series that starts so (RFC 5545 section 3.3.10), also where its type is not that of DTSTART.

    A date for a series with times includes that day; a time without zone is in the zone of the series.
    """
    day = datetime.strptime(text[:8], "%Y%m%d").replace(tzinfo=UTC).date()
    if day > _LAST.date():  # 99991231, as programs write it that have no word for an endless series
        day, text = _LAST.date(), f"{_LAST:%Y%m%d}"
    if not isinstance(start, datetime):
        return day
    zone: tzinfo | None = start.tzinfo
    if "T" not in text:
        return datetime.combine(day, time(23, 59, 59), zone)
    clock = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - its zone follows
    return clock.replace(tzinfo=UTC if text.endswith("Z") else zone)


def _checked(text: str, start: Moment, uid: str, end: datetime) -> str:
    """The rule as it is expanded, or a refusal."""
    parts = _parts(text)
    for key, harmless in _IGNORED.items():
        if parts.pop(key, next(iter(harmless))) not in harmless:
            raise BrokenEvent(uid, f"its recurrence rule uses {key}, which is not understood: {text[:200]}")
    parts = {key: value for key, value in parts.items() if not key.startswith("X-")}
    if parts.get("FREQ") not in _STEP or not parts.keys() <= _KNOWN:
        raise BrokenEvent(uid, f"its recurrence rule is not understood: {text[:200]}")
    if int(parts.get("COUNT", "1")) < 1:
        del parts["COUNT"]  # written by programs that mean: for ever
    _refuse(parts, start, uid, end)
    if "UNTIL" in parts:
        until = _until(parts["UNTIL"], start)
        if isinstance(until, datetime):
            parts["UNTIL"] = f"{until.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        else:
            parts["UNTIL"] = f"{until:%Y%m%d}"
    return ";".join(f"{key}={value}" for key, value in parts.items())


def _refuse(parts: dict[str, str], start: Moment, uid: str, end: datetime) -> None:
    interval = int(parts.get("INTERVAL", "1"))
    if interval < 1:
        raise TooCostly(uid, "its recurrence rule has an interval of 0, and would never get on")
    a_day = 1
    for key in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= parts.get(key, "").count(",") + 1
    if a_day > MAX_A_DAY:
        raise TooCostly(uid, f"its recurrence rule asks for {a_day} times a day, more than {MAX_A_DAY}")
    if _impossible(parts):
        raise TooCostly(uid, "its recurrence rule asks for a day that no month has, and would be searched for ever")
    beginning = start if isinstance(start, datetime) else datetime.combine(start, time(), UTC)
    stop = end
    if "UNTIL" in parts:
        until = _until(parts["UNTIL"], beginning)
        stop = min(stop, until if isinstance(until, datetime) else stop)
    step = _STEP[parts["FREQ"]] * interval
    if a_day > 1:
        step = min(step, timedelta(days=1))
    times = max((stop - beginning) / step, 0) * a_day
    if "COUNT" in parts:
        times = min(times, int(parts["COUNT"]))
    if times > MAX_STEPS:
        raise TooCostly(uid, f"its recurrence rule has come about {times:,.0f} times by the end of the window")


def _impossible(parts: dict[str, str]) -> bool:
    if "BYMONTHDAY" not in parts or "BYMONTH" not in parts:
        return False
    months = [int(month) for month in parts["BYMONTH"].split(",") if month.isdigit()]
    longest = max((_LONGEST[month] for month in months if 0 < month < len(_LONGEST)), default=0)
    return all(abs(int(day)) > longest for day in parts["BYMONTHDAY"].split(","))


def day_of(moment: Moment) -> date:
    """The date of a moment in its own zone."""
    return moment.date() if isinstance(moment, datetime) else moment
