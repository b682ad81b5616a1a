"""A calendar file taken apart into one small calendar for each UID, without reading what the events mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.base import Flaw
from connectors.calendars import zones
from connectors.calendars.errors import Unreadable
from connectors.calendars.lines import cut, lines, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["MAX_BYTES", "Group", "Sheet", "Unreadable", "split"]

MAX_BYTES = 64 * 1024 * 1024
"""The largest calendar file that is looked at, in bytes."""
MAX_GROUP = 1024 * 1024
"""The largest event with all its changed occurrences, in characters; a larger one is set aside."""
MAX_ZONE = 256 * 1024
"""The longest VTIMEZONE, in characters; a longer one counts as missing."""
MAX_LINE = {"SUMMARY": 2_000, "LOCATION": 2_000, "DESCRIPTION": 200_000}
"""Longer lines are cut, in characters: words are for people, and a meeting with a long title is still one."""
MAX_UID = 512
"""A longer UID is replaced by its beginning and its hash."""
MAX_ADDRESS = 4_000
"""A longer ATTENDEE line is left out, in characters."""
MAX_EVENTS = 100_000
"""The most VEVENTs of one file."""
_GLANCE = 65_536
MAX_DEPTH = 30
"""Components inside components; RFC 5545 has three."""
MAX_FLAWS = 50
"""Reported for one file; a file with more tells nothing more by them."""

_FORMAT = "-//Afterword//sheet 2//EN"  # part of every digest: change it when other lines are kept
_KEPT = frozenset(
    {
        *("UID", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "RRULE", "RDATE", "EXDATE", "EXRULE"),
        *("SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "ORGANIZER", "ATTENDEE", "SEQUENCE", "LAST-MODIFIED"),
        "TRANSP",
    }
)
_NAME = re.compile(r"\s*([A-Za-z0-9-]+)\s*(?=[;:])")
_TZID = re.compile(r'^(?:DT|R|EX)[^:"]*;\s*TZID\s*=\s*("[^"]*"|[^;]*)', re.IGNORECASE)
_DATE = re.compile(r"(?:^|:)\s*(\d{8}(?:T\d{6}Z?)?)\s*$")
_CUT_HINT = "Nothing was changed; the calendar is asked again the next time. If this lasts, look at the file itself."


@dataclass(frozen=True, slots=True)
class Group:
    """All events of one UID: a master and its changed occurrences, or a single event.

    `text` is a complete VCALENDAR of the lines that matter, with the VTIMEZONEs that no known name replaces.
    `digest` is the same as long as the meaning is: DTSTAMP, alarms and attachments are no part of it.
    `start_hint` is the DTSTART of the first event as it is written, for people to find it by.
    `broken` says why the events cannot be read; `expand` raises it.
    """

    uid: str
    text: str
    digest: str
    start_hint: str = ""
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A calendar file by UID. `zone` is X-WR-TIMEZONE; `flaws` are what had to be cut or left out."""

    groups: tuple[Group, ...]
    zone: str | None = None
    flaws: tuple[Flaw, ...] = ()


@dataclass(slots=True)
class _Event:
    lines: list[str] = field(default_factory=list)
    uid: str = ""
    broken: str | None = None

    def value(self, name: str) -> str:
        """The value of the first line of this name."""
        for line in self.lines:
            if line.startswith((f"{name}:", f"{name};")):
                return cut(line)[1]
        return ""


def split(data: bytes) -> Sheet:
    """Take a calendar file apart. All bytes are hostile; the work is linear in their number.

    Raises:
        Unreadable: no bytes, no calendar (a login page), a calendar that is cut off, or a file over `MAX_BYTES`.
    """
    check(data)
    reader = _Reader()
    for line in lines(data):
        reader.take(line)
    return reader.sheet()


def check(data: bytes) -> None:
    """Whether an answer can be a whole calendar, at a glance: `split` looks closely.

    Raises:
        Unreadable: as `split` does.
    """
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    if not data.strip(b"\x00 \t\r\n"):
        raise Unreadable("the calendar has no content at all", _CUT_HINT)
    # Without NUL bytes UTF-16 reads as ASCII does.
    if b"BEGIN:VCALENDAR" not in data[:_GLANCE].replace(b"\x00", b"").upper():
        raise Unreadable(
            "this is no calendar: there is no BEGIN:VCALENDAR in it",
            "Open the address in a browser: a page that asks you to sign in is not a calendar.",
        )
    if b"END:VCALENDAR" not in data[-_GLANCE:].replace(b"\x00", b"").upper():
        raise Unreadable("the calendar is cut off: END:VCALENDAR is missing", _CUT_HINT)


def too_large(size: int) -> Unreadable:
    """The error for a calendar of so many bytes."""
    return Unreadable(
        f"the calendar has {size // 2**20} MB, more than the {MAX_BYTES // 2**20} MB that are looked at",
        "Subscribe to a calendar with fewer years in it, or split the file into a folder of .ics files.",
    )


class _Reader:
    """Follows BEGIN and END; keeps the lines of events and zones."""

    def __init__(self) -> None:
        self.stack: list[str] = []
        self.calendars = 0
        self.count = 0
        self.zone: str | None = None
        self.zones: dict[str, str] = {}
        self.events: dict[str, list[_Event]] = {}
        self.flaws: list[Flaw] = []
        self.event: _Event | None = None
        self.zone_lines: list[str] | None = None

    def take(self, line: str) -> None:
        found = _NAME.match(line)
        if not found:
            return
        name = found[1].upper()
        if name == "BEGIN":
            self.begin(line[found.end() + 1 :].strip().upper())
        elif name == "END":
            self.end(line[found.end() + 1 :].strip().upper())
        elif self.event is not None:
            if name in _KEPT and self.stack[-1] == "VEVENT":
                self.keep(self.event, name, name + line[found.end() :])
        elif self.zone_lines is not None:
            if not name.startswith("X-") or name == "X-LIC-LOCATION":
                self.zone_lines.append(name + line[found.end() :])
        elif name == "X-WR-TIMEZONE" and self.stack == ["VCALENDAR"] and not self.zone:
            self.zone = one_line(cut(line)[1])[:200] or None

    def begin(self, component: str) -> None:
        if component == "VCALENDAR":
            if self.stack:
                raise Unreadable("the calendar is cut off: a second one begins inside it", _CUT_HINT)
            self.calendars += 1
        elif not self.stack:
            return
        elif len(self.stack) > MAX_DEPTH:
            raise Unreadable(f"the calendar has components nested deeper than {MAX_DEPTH}", _CUT_HINT)
        elif component == "VEVENT":
            if self.event is not None:
                self.close("it has no END:VEVENT")
            self.event = _Event()
        elif component == "VTIMEZONE" and self.event is None:
            self.zone_lines = []
        if self.zone_lines is not None:
            self.zone_lines.append(f"BEGIN:{component}")
        self.stack.append(component)

    def end(self, component: str) -> None:
        if component not in self.stack:
            return
        if component == "VCALENDAR" and self.event is not None:
            self.close("it has no END:VEVENT")
        if self.zone_lines is not None:
            self.zone_lines.append(f"END:{component}")
        opened = self.stack.pop()
        while opened != component:
            if self.event is not None and component == "VEVENT":
                self.event.broken = f"its {opened} has no end"
            opened = self.stack.pop()
        if component == "VEVENT" and self.event is not None:
            self.close(self.event.broken)
        elif component == "VTIMEZONE" and self.zone_lines is not None:
            self.define_zone("\r\n".join(self.zone_lines))
        elif component == "VCALENDAR":
            self.zone_lines = None

    def define_zone(self, text: str) -> None:
        self.zone_lines = None
        name = zones.definition_name(text)
        if name and len(text) <= MAX_ZONE:
            self.zones.setdefault(name, text)

    def keep(self, event: _Event, name: str, line: str) -> None:
        if name == "UID":
            event.uid = event.uid or _uid(cut(line)[1])
            return
        if name == "ATTENDEE" and len(line) > MAX_ADDRESS:
            self.flaw(f"event {event.uid}: an {name} of more than {MAX_ADDRESS} characters was left out")
            return
        if len(line) > MAX_LINE.get(name, MAX_GROUP):
            if name not in MAX_LINE:
                event.broken = f"its {name} is longer than {MAX_GROUP} characters"
                return
            line = line[: MAX_LINE[name]].rstrip("\\")
            self.flaw(f"event {event.uid}: a {name} of more than {MAX_LINE[name]} characters was cut")
        event.lines.append(line)

    def flaw(self, message: str) -> None:
        if len(self.flaws) < MAX_FLAWS:
            self.flaws.append(Flaw(message))

    def close(self, broken: str | None) -> None:
        event = self.event
        if event is None:
            return
        event.broken = broken
        self.event = None
        while self.stack and "VEVENT" in self.stack:
            self.stack.pop()
        if not event.uid:
            told = f"{event.value('DTSTART')}\n{event.value('SUMMARY')}"
            event.uid = f"without-uid-{sha256(told.encode()).hexdigest()[:24]}"
        self.events.setdefault(event.uid, []).append(event)
        self.count += 1
        if self.count > MAX_EVENTS:
            raise Unreadable(
                f"the calendar has more than {MAX_EVENTS} events",
                "Subscribe to a calendar with fewer years in it.",
            )

    def sheet(self) -> Sheet:
        if self.stack or not self.calendars:
            raise Unreadable("the calendar is cut off: END:VCALENDAR is missing", _CUT_HINT)
        groups = tuple(_group(uid, events, self.zones, self.zone) for uid, events in self.events.items())
        return Sheet(groups, self.zone, tuple(self.flaws))


def _uid(text: str) -> str:
    uid = one_line(re.sub(r"\\([,;\\])", r"\1", text))
    if len(uid) <= MAX_UID:
        return uid
    return f"{uid[:64]}…{sha256(uid.encode()).hexdigest()}"


def _group(uid: str, events: list[_Event], definitions: Mapping[str, str], zone: str | None) -> Group:
    told = next((event.broken for event in events if event.broken), None)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{_FORMAT}", *([f"X-WR-TIMEZONE:{zone}"] if zone else [])]
    used = _zones_of(line for event in events for line in event.lines)
    head += [definitions[name] for name in used if name in definitions and not zones.known(name)]
    bodies = ["\r\n".join(["BEGIN:VEVENT", f"UID:{_escaped(uid)}", *event.lines, "END:VEVENT"]) for event in events]
    text = "\r\n".join([*head, *bodies, "END:VCALENDAR", ""])
    # Programs that export the same calendar twice may change the order of events and of lines.
    same = "\r\n".join([*head, *sorted("\r\n".join(sorted(event.lines)) for event in events)])
    digest = sha256(same.encode("utf-8", "replace")).hexdigest()
    hint = _DATE.search(events[0].value("DTSTART"))
    if len(text) > MAX_GROUP:
        told = f"it is longer than {MAX_GROUP} characters"
    return Group(uid, "" if told else text, digest, hint[1] if hint else "", told)


def _escaped(uid: str) -> str:
    return re.sub(r"([,;\\])", r"\\\1", uid)


def _zones_of(event_lines: Iterable[str]) -> tuple[str, ...]:
    # A zone named without quotes may have a colon in it, a date has none.
    found = (_TZID.match(line.rpartition(":")[0]) for line in event_lines if "TZID" in line.upper())
    return tuple(dict.fromkeys(zones.clean(match[1]) for match in found if match))
