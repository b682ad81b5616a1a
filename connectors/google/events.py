"""Google's event documents to iCalendar, so that everything after that is as for files.

https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.calendars import zones
from connectors.calendars.lines import CONTROLS, one_line
from connectors.calendars.sheet import MAX_LINE
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from connectors.google.account import Document

FIELDS = (
    "id,status,eventType,iCalUID,sequence,updated,summary,description,location,start,end,recurrence,recurringEventId,"
    "originalStartTime,transparency,creator(email,self),organizer(email,displayName,self),"
    "attendees(email,displayName,self,resource,optional,responseStatus),hangoutLink,conferenceData/entryPoints(entryPointType,uri)"
)
"""What is asked of an event; the rest (reminders, colours, attachments) stays at Google."""
NOTHING = frozenset({"birthday", "workingLocation"})
"""Values of `eventType` that take no time, and are no meetings either."""
NO_MEETINGS = frozenset({"focusTime", "outOfOffice"})
"""Values of `eventType` that take time, and are no meetings, whoever is in them."""

_SECONDARY = "@group.calendar.google.com"
_UNKNOWN = "unknownorganizer@calendar.google.com"  # stands in events that came without an organiser; nobody reads it
_LONGEST_NAME = 200
_MOST_SEQUENCE = 2**31
_ANSWERS = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE", "needsAction": "NEEDS-ACTION"}
_ADDRESS = "@!$&'*+=/~^`{|}"
_RECURRENCE = re.compile(r"(?:RRULE|RDATE|EXDATE|EXRULE)[;:]", re.IGNORECASE)
_ESCAPED = re.compile(r"[\\;,]")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: `mine` are the addresses of the user, the first one first; `own`: the calendar is the user's own.

    Google marks who the calendar belongs to as `self`, under the address of the account, which may be none of `mine`.
    Then it is the first of them: which one was invited is not known, and the note goes out under it.
    """

    mine: Sequence[str]
    own: bool

    def address_of(self, person: Mapping[str, Any]) -> str:
        """The address of somebody in an event; one of `mine` for the user."""
        told = person.get("email")
        email = address(told) if isinstance(told, str) else ""
        if self.own and person.get("self") is True and email not in self.mine and self.mine:
            return self.mine[0]
        return email


def resource(event: Document) -> str:
    """What the event is a part of: its series, by the id of the master, or itself. Empty where it cannot be told."""
    name = event.get("recurringEventId", event.get("id"))
    return name if isinstance(name, str) and name.isprintable() else ""


def is_cancelled(event: Document) -> bool:
    """It is deleted: an event or a series, or one instance of a series."""
    return event.get("status") == "cancelled"


def is_exception(event: Document) -> bool:
    """It is an instance of a series that differs from the rest of it."""
    return "recurringEventId" in event


def original(event: Document) -> str:
    """The original start of an instance as it stands in RECURRENCE-ID, in UTC or as a date, or nothing."""
    return _moment(event.get("originalStartTime")).rpartition(":")[2]


def removed(events: Iterable[Document], before: Iterable[str] = ()) -> frozenset[str]:
    """The original starts of the deleted instances of a series: those known `before`, and those among its events.

    One that came back counts no more.
    """
    instances = [event for event in events if is_exception(event)]
    starts = {original(event) for event in instances if is_cancelled(event)}.union(before)
    return frozenset(starts - {original(event) for event in instances if not is_cancelled(event)} - {""})


def to_calendar(events: Iterable[Document], without: Iterable[str], viewer: Viewer) -> bytes | None:
    """The iCalendar file of one event, or of a series and its exceptions; None where there is nothing to see.

    `without` are the original starts of the instances that were deleted. The same events in another order give the
    same bytes. All texts in them are hostile.
    """
    live = [event for event in events if not is_cancelled(event) and str(event.get("eventType")) not in NOTHING]
    shown = sorted(live, key=lambda event: (is_exception(event), original(event), str(event.get("id"))))
    if not shown:
        return None
    uid = next((one["iCalUID"] for one in shown if isinstance(one.get("iCalUID"), str)), resource(shown[0]))
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Afterword//Google 1//EN"]
    for event in shown:
        lines += ["BEGIN:VEVENT", f"UID:{_escaped(one_line(uid))}", *_when(event, without)]
        lines += [*_what(event), *_who(event, viewer), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def _when(event: Document, without: Iterable[str]) -> Iterator[str]:
    """Instants are in UTC. Only a series needs its zone, which says how it goes on."""
    told = event.get("recurrence")
    rules = [CONTROLS.sub("", line) for line in told if isinstance(line, str)] if isinstance(told, list) else []
    zone = None if is_exception(event) or not rules else _zone(event.get("start"))
    for name, key in (("DTSTART", "start"), ("DTEND", "end")):
        if moment := _moment(event.get(key), zone):
            yield f"{name}{moment}"
    if is_exception(event):  # without its place in the series it cannot be understood, nor can the series
        yield f"RECURRENCE-ID{_moment(event.get('originalStartTime')) or ':unreadable'}"
        return
    yield from (line for line in rules if _RECURRENCE.match(line))
    if rules:
        yield from (f"EXDATE{'' if 'T' in start else ';VALUE=DATE'}:{start}" for start in sorted(without))


def _moment(told: Any, zone: tzinfo | None = None) -> str:
    """What follows DTSTART: `;VALUE=DATE:20260303`, `:20260303T150000Z`, `;TZID=Europe/Berlin:20260303T160000`.

    Nothing, where it cannot be read. Google may write the time in another zone than the one it names beside it.
    """
    if not isinstance(told, dict):
        return ""
    try:
        if isinstance(day := told.get("date"), str):
            return f";VALUE=DATE:{_basic(date.fromisoformat(day))}"
        moment = datetime.fromisoformat(str(told.get("dateTime"))).replace(microsecond=0)
        if moment.tzinfo is None and (own := _zone(told)):
            moment = moment.replace(tzinfo=own)
        if moment.tzinfo is None:
            return f":{_basic(moment)}"
        if zone is None:
            return f":{_basic(moment.astimezone(UTC).replace(tzinfo=None))}Z"
        return f';TZID="{zone}":{_basic(moment.astimezone(zone).replace(tzinfo=None))}'
    except (ValueError, OverflowError):
        return ""


def _basic(moment: date) -> str:
    return moment.isoformat().replace("-", "").replace(":", "")


def _zone(told: Any) -> tzinfo | None:
    """The zone that a time names; None where it names none, or one that nobody knows."""
    name = told.get("timeZone") if isinstance(told, dict) else None
    return zones.known(name) if isinstance(name, str) and len(name) <= _LONGEST_NAME else None


def _what(event: Document) -> Iterator[str]:
    for name, value in (
        ("SUMMARY", event.get("summary")),
        ("DESCRIPTION", event.get("description")),
        ("LOCATION", event.get("location") or _conference(event)),
    ):
        if isinstance(value, str) and value:
            yield f"{name}:{_escaped(value[: MAX_LINE[name] + 1])}"  # one more: it is told that it was cut
    if event.get("transparency") == "transparent":
        yield "TRANSP:TRANSPARENT"
    if (status := str(event.get("status"))) in {"confirmed", "tentative"}:
        yield f"STATUS:{status.upper()}"
    sequence = event.get("sequence")
    if isinstance(sequence, int) and 0 <= sequence < _MOST_SEQUENCE:
        yield f"SEQUENCE:{sequence:d}"
    if modified := _moment({"dateTime": event.get("updated"), "timeZone": "UTC"}):
        yield f"LAST-MODIFIED{modified}"


def _conference(event: Document) -> Any:
    """Where to meet when there is no place: the address of the video conference."""
    data = event.get("conferenceData")
    points = data.get("entryPoints") if isinstance(data, dict) else None
    for point in points if isinstance(points, list) else ():
        if isinstance(point, dict) and point.get("entryPointType") == "video" and point.get("uri"):
            return point["uri"]
    return event.get("hangoutLink")


def _who(event: Document, viewer: Viewer) -> Iterator[str]:
    if str(event.get("eventType")) in NO_MEETINGS:
        yield "ORGANIZER:urn:unknown"  # somebody else's, without the user: so it counts for nothing but its time
        return
    organiser = event.get("organizer")
    if isinstance(organiser, dict) and not (_is_calendar(organiser) and _is_mine(event.get("creator"), viewer)):
        email = viewer.address_of(organiser)
        yield f"ORGANIZER{_name(organiser)}:{_mailto(email) if email and email != _UNKNOWN else 'urn:unknown'}"
    told = event.get("attendees")
    for one in told if isinstance(told, list) else ():
        if isinstance(one, dict) and (email := viewer.address_of(one)):
            kind = ";CUTYPE=RESOURCE" if one.get("resource") is True else ""
            role = ";ROLE=OPT-PARTICIPANT" if one.get("optional") is True else ""
            answer = _ANSWERS.get(str(one.get("responseStatus")), "NEEDS-ACTION")
            yield f"ATTENDEE{_name(one)}{kind}{role};PARTSTAT={answer}:{_mailto(email)}"


def _is_calendar(organiser: Mapping[str, Any]) -> bool:
    """The organiser of an event is the secondary calendar that it is read from, and nobody: `self` says no more.

    https://developers.google.com/workspace/calendar/api/concepts/events-calendars
    """
    email = organiser.get("email")
    return organiser.get("self") is True and isinstance(email, str) and address(email).endswith(_SECONDARY)


def _is_mine(creator: Any, viewer: Viewer) -> bool:
    """Whether the user made an event that no person organises: on a calendar of a team it may be anybody's."""
    return isinstance(creator, dict) and viewer.address_of(creator) in viewer.mine


def _name(person: Mapping[str, Any]) -> str:
    told = person.get("displayName")
    name = one_line(told[: 2 * _LONGEST_NAME]).replace('"', "'")[:_LONGEST_NAME] if isinstance(told, str) else ""
    return f';CN="{name}"' if name else ""


def _mailto(email: str) -> str:
    """As an address of RFC 6068, in which `?` and `%` would mean something."""
    return f"mailto:{quote(email, safe=_ADDRESS, errors='replace')}"


def _escaped(text: str) -> str:
    """TEXT of RFC 5545 section 3.3.11: no line of the event ends in it."""
    whole = _ESCAPED.sub(r"\\\g<0>", text)
    return CONTROLS.sub("", _BREAK.sub(r"\\n", whole))
