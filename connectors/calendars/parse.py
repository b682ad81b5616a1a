"""The one place that icalendar is called from: the text of a group to events with aware times."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import icalendar
from icalendar.prop import vBroken

from connectors.base import Flaw
from connectors.calendars import zones
from connectors.calendars.errors import BrokenEvent
from connectors.calendars.lines import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

Moment = date | datetime
"""A date (all day), or an aware datetime in the zone of the event."""

_DATED = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
_PARAM = re.compile(r';\s*([A-Za-z-]+)\s*=\s*("[^"]*"|[^;]*)')
_TOO_OFTEN = re.compile(
    r"^RRULE.*(?:FREQ=(?!YEARLY|MONTHLY)|INTERVAL=0*(?![0-9])|BY(?:HOUR|MINUTE|SECOND)=[^;\n]*,)",
    re.MULTILINE | re.IGNORECASE,
)
_ZONE_BLOCK = re.compile(r"^BEGIN:VTIMEZONE\r\n.*?^END:VTIMEZONE\r\n", re.MULTILINE | re.DOTALL)
_RULE_HINT = "Open the event in your calendar program, set its repetition again and save it."
_DATE_LENGTH = len("20260303")
_ONWARDS = "THISANDFUTURE"
_NEEDED = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE")


@dataclass(frozen=True, slots=True)
class Period:
    """A date of RDATE; a period of RDATE brings its own end."""

    start: Moment
    end: Moment | timedelta | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A VEVENT with its times read. `rules` are the values of RRULE as they are written, `part` is icalendar's."""

    part: icalendar.Event
    start: Moment
    end: Moment | timedelta | None
    recurrence: Moment | None
    onwards: bool
    rules: tuple[str, ...]
    added: tuple[Period, ...]
    removed: tuple[Moment, ...]

    @property
    def all_day(self) -> bool:
        """DTSTART is a date."""
        return not isinstance(self.start, datetime)

    def text(self, name: str) -> str:
        """The value of a text property, or nothing."""
        value = first(self.part, name)
        return "" if value is None or isinstance(value, vBroken) else str(value)


@dataclass(slots=True)
class Reader:
    """Reads the events of one group. `zone` is that of the user; `fallback` is X-WR-TIMEZONE."""

    uid: str
    zone: ZoneInfo
    fallback: tzinfo | None = None
    definitions: Mapping[str, str] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    found: dict[str, tzinfo] = field(default_factory=dict)

    def events(self, text: str) -> list[Event]:
        """All VEVENTs of the text, masters first.

        Raises:
            BrokenEvent: a property that decides when the event is cannot be read.
        """
        blocks = _ZONE_BLOCK.findall(text)
        self.definitions = {zones.definition_name(block.replace("\r\n", "\n")): block for block in blocks}
        body = _ZONE_BLOCK.sub("", text)
        if named := re.search(r"^X-WR-TIMEZONE:(.*?)\r?$", body, re.MULTILINE):
            self.fallback = zones.known(named[1])
        lined = "\r\n".join(_repaired(line) for line in body.split("\r\n"))
        calendar: Any = icalendar.Calendar.from_ical(lined.encode("utf-8", "replace"))
        parts = calendar.walk("VEVENT")
        masters = [self.event(part, None) for part in parts if "RECURRENCE-ID" not in part]
        # A RECURRENCE-ID without a zone is in that of its series, even where the occurrence moved to another.
        series = next((event.start.tzinfo for event in masters if isinstance(event.start, datetime)), None)
        return masters + [self.event(part, series) for part in parts if "RECURRENCE-ID" in part]

    @property
    def likely(self) -> tzinfo:
        """The zone of times that name none: that of the calendar (X-WR-TIMEZONE), else that of the user."""
        return self.fallback or self.zone

    def event(self, part: icalendar.Event, series: tzinfo | None) -> Event:
        for name, message in part.errors:
            if name is None or name in _NEEDED:
                raise BrokenEvent(self.uid, f"its {name or 'text'} cannot be read: {message}")
        start = self.moment(first(part, "DTSTART"), self.likely)
        if start is None:
            raise BrokenEvent(self.uid, "it has no DTSTART, so nobody knows when it is")
        floating: tzinfo = start.tzinfo if isinstance(start, datetime) and start.tzinfo else self.likely
        end = self.moment(first(part, "DTEND"), floating)
        if end is None and (duration := first(part, "DURATION")) is not None:
            end = duration.dt
        recurrence = first(part, "RECURRENCE-ID")
        if "EXRULE" in part:
            raise BrokenEvent(self.uid, "it uses EXRULE, which RFC 5545 has abolished", _RULE_HINT)
        rules = (rule.to_ical().decode() for rule in every(part, "RRULE"))
        return Event(
            part,
            start,
            end,
            self.moment(recurrence, series or floating),
            recurrence is not None and recurrence.params.get("RANGE") == _ONWARDS,
            tuple(dict.fromkeys(rules)),
            tuple(self.periods(every(part, "RDATE"), floating)),
            tuple(period.start for period in self.periods(every(part, "EXDATE"), floating)),
        )

    def moment(self, value: Any, floating: tzinfo) -> Moment | None:
        """The date or aware datetime of a property; `floating` is the zone of a time that names none."""
        if value is None:
            return None
        if not isinstance(value.dt, date):
            raise BrokenEvent(self.uid, "one of its times is neither a date nor a time")
        return self.placed(value.dt, value.params.get("X-TZID"), floating)

    def placed(self, moment: Moment, name: str | None, floating: tzinfo) -> Moment:
        if not isinstance(moment, datetime) or moment.tzinfo is not None:
            return moment
        return moment.replace(tzinfo=self.zone_named(name) if name else floating)

    def periods(self, values: Iterable[Any], floating: tzinfo) -> Iterable[Period]:
        for value in values:
            name = value.params.get("X-TZID")
            for item in value.dts:
                when = item.dt
                if isinstance(when, tuple):
                    end = when[1] if isinstance(when[1], timedelta) else self.placed(when[1], name, floating)
                    yield Period(self.placed(when[0], name, floating), end)
                elif isinstance(when, date):
                    yield Period(self.placed(when, name, floating))
                else:
                    raise BrokenEvent(self.uid, "one of its RDATE or EXDATE is neither a date nor a time")

    def zone_named(self, name: str) -> tzinfo:
        """The zone of a TZID: by its name, by its VTIMEZONE, or by what is likely, which is a flaw."""
        if name in self.found:
            return self.found[name]
        zone_found = zones.known(name)
        if zone_found is None and (text := self.definitions.get(zones.clean(name))):
            zone_found = self.described(name, text)
        if zone_found is None:
            zone_found = self.likely
            self.flaws.append(
                Flaw(
                    f"event {self.uid}: nobody knows the time zone '{name}'; its times are taken in {zone_found}",
                    hint="Give the event a time zone by its IANA name, such as Europe/Lisbon.",
                )
            )
        self.found[name] = zone_found
        return zone_found

    def described(self, name: str, text: str) -> tzinfo | None:
        try:
            return zones.defined(text)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            self.flaws.append(Flaw(f"event {self.uid}: the VTIMEZONE of '{name}' cannot be read: {error}"))
            return None


def first(part: icalendar.Event, name: str) -> Any:
    """The first value of a property, whose type is icalendar's, or None."""
    return next(iter(every(part, name)), None)


def every(part: icalendar.Event, name: str) -> tuple[Any, ...]:
    """All values of a property that could be read."""
    value = part.get(name)
    values = value if isinstance(value, list) else () if value is None else (value,)
    return tuple(value for value in values if not isinstance(value, vBroken))


def _repaired(line: str) -> str:
    """A line as icalendar reads it: without the spaces and empty lists that programs leave in, and without TZID.

    icalendar keeps the VTIMEZONEs of all files in one place, so that two files which define the same name
    differently would mix, and gives a naive time for a name that it does not know. So TZID becomes X-TZID.
    """
    head, value = cut(line)
    name = head.partition(";")[0]
    if name == "RRULE":
        rule = value.replace(" ", "").strip(";")
        return f"RRULE:{rule}" if rule else ""
    if name not in _DATED:
        return line
    head, _, value = line.rpartition(":")  # Exchange writes TZID=tzone://Microsoft/Custom without quotes
    values = [item.strip().upper() for item in value.split(",") if item.strip()]
    if not values:
        return ""
    params = {key.upper(): text.strip('"').strip() for key, text in _PARAM.findall(head)}
    if params.get("VALUE", "").upper() == "DATE":
        values = [item[:_DATE_LENGTH] for item in values]
    if zone_name := zones.clean(params.get("TZID", "")):
        name += f';X-TZID="{zone_name}"'
    if "/" in value:
        name += ";VALUE=PERIOD"
    if params.get("RANGE", "").upper() == _ONWARDS:
        name += f";RANGE={_ONWARDS}"
    return f"{name}:{','.join(values)}"


def zone(text: str) -> tzinfo:
    """The zone that a VTIMEZONE describes.

    Raises:
        ValueError: it cannot be understood.
    """
    if _TOO_OFTEN.search(text):
        raise ValueError("a time zone that changes more often than monthly is none")
    # Under a name of its own, so that no other file's definition is taken for it.
    own = f"afterword-{sha256(text.encode('utf-8', 'replace')).hexdigest()}"
    renamed = re.sub(r"^TZID[^:]*:.*?(\r?)$", rf"TZID:{own}\1", text, count=1, flags=re.MULTILINE)
    part = icalendar.Timezone.from_ical(renamed.encode("utf-8", "replace"))
    if not isinstance(part, icalendar.Timezone):
        raise ValueError("there is no VTIMEZONE in it")  # noqa: TRY004 - the text has the wrong content
    described: tzinfo = part.to_tz(lookup_tzid=False)
    datetime(2026, 1, 1, tzinfo=UTC).astimezone(described)
    return described
