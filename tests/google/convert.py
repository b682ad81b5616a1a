"""Calendar files as Google would hold them: a group of one UID to the documents of its events.

What Google's events cannot express is refused with the reason, in few enough words for a table.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connectors.calendars.attendees import attendees, organiser
from connectors.calendars.errors import BrokenEvent
from connectors.calendars.lines import one_line
from connectors.calendars.parse import Event as Read
from connectors.calendars.parse import Moment, Reader, first
from rules.model import Answer, Attendee, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.calendars.sheet import Group
    from tests.google.calendars import Event

_ANSWERS = {
    Answer.ACCEPTED: "accepted",
    Answer.DECLINED: "declined",
    Answer.TENTATIVE: "tentative",
    Answer.NONE: "needsAction",
}
_DAY = timedelta(days=1)
_USER = "robin@example.org"
"""Who imports the file."""


class InexpressibleError(Exception):
    """Google's events have no words for this."""


def to_google(group: Group, calendar_id: str, home: str) -> list[Event]:
    """The events of a group: master first, then exceptions and deleted instances; empty where all is cancelled.

    Google makes the calendar itself the organiser of what has none. Times without a zone are put into the zone `home`,
    as a program does that imports a file.

    Raises:
        InexpressibleError: it cannot be an event of Google.
    """
    if group.broken:
        raise InexpressibleError("the event cannot be read")
    try:
        events = Reader(group.uid, ZoneInfo(home)).events(group.text)
    except (BrokenEvent, ValueError) as error:
        raise InexpressibleError("the event cannot be read") from error
    masters = [event for event in events if event.recurrence is None]
    if len(masters) > 1:
        raise InexpressibleError("two masters have one UID")
    if any(event.onwards for event in events):
        raise InexpressibleError("THISANDFUTURE: Google splits the series instead")
    return list(_documents(group.uid, masters[0] if masters else None, events, calendar_id))


def _documents(uid: str, master: Read | None, events: list[Read], calendar_id: str) -> Iterator[Event]:
    own = sha256(uid.encode()).hexdigest()[:32]
    if master is not None:
        if _is_cancelled(master):
            return
        yield {"id": own, "iCalUID": uid, **_document(master, calendar_id), **_recurrence(master)}
    gone = {_key(moment, master) for moment in (master.removed if master else ()) if _is_like(moment, master)}
    changed: dict[str, Event] = {}
    for event in events:
        if event.recurrence is None:
            continue
        key = _key(event.recurrence, master)
        if _is_cancelled(event):
            gone.add(key)
        elif _id(own, key) in changed:
            raise InexpressibleError("two changes are of one instance")
        elif event.rules or event.added:
            raise InexpressibleError("a changed instance has a rule of its own")
        else:
            changed[_id(own, key)] = {**_instance(own, key, uid), **_document(event, calendar_id)}
    yield from (document for name, document in changed.items() if name not in {_id(own, key) for key in gone})
    if master is not None:
        yield from ({**_instance(own, key, uid), "status": "cancelled"} for key in sorted(gone, key=str))


def _is_cancelled(event: Read) -> bool:
    return event.text("STATUS").strip().upper() in {"CANCELLED", "CANCELED"}


def _is_like(moment: Moment, master: Read | None) -> bool:
    """Whether EXDATE names the instance as Google does; a date in a series with times stays in the recurrence."""
    return master is not None and isinstance(moment, datetime) is isinstance(master.start, datetime)


def _key(moment: Moment, master: Read | None) -> Moment:
    """The original start of an instance, in the kind and the zone of its series."""
    if master is None:
        return moment
    if not isinstance(master.start, datetime):
        return moment.date() if isinstance(moment, datetime) else moment
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, master.start.timetz())
    return moment.astimezone(UTC)


def _id(own: str, key: Moment) -> str:
    """As Google makes the ids of instances."""
    if isinstance(key, datetime):
        return f"{own}_{key.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{own}_{key:%Y%m%d}"


def _instance(own: str, key: Moment, uid: str) -> Event:
    return {"id": _id(own, key), "recurringEventId": own, "originalStartTime": _time(key), "iCalUID": uid}


def _document(event: Read, calendar_id: str) -> Event:
    start, end = event.start, _end(event)
    recurs = bool(event.rules or event.added)
    if isinstance(start, datetime) is not isinstance(end, datetime):
        raise InexpressibleError("it starts at a time and ends on a day")
    if _instant(end) < _instant(start) or (end == start and not isinstance(start, datetime)):
        raise InexpressibleError("it ends before it has started")
    if recurs and isinstance(start, datetime) and not isinstance(start.tzinfo, ZoneInfo) and start.tzinfo is not UTC:
        raise InexpressibleError("the zone of the series is known to its file alone")
    words = {name: event.text(name.upper()) or None for name in ("description", "location")}
    sequence = first(event.part, "SEQUENCE")
    return {
        "summary": one_line(event.text("SUMMARY")),
        **words,
        "status": "tentative" if event.text("STATUS").strip().upper() == "TENTATIVE" else "confirmed",
        "sequence": max(sequence, 0) if isinstance(sequence, int) else 0,
        "start": _time(start),
        "end": _time(end),
        "creator": {"email": _USER},
        "organizer": _organizer(organiser(event.part), calendar_id),
        "attendees": [_attendee(one) for one in attendees(event.part)],
    }


def _instant(moment: Moment) -> Moment:
    """For comparing: two times of one zone are compared by the clock on the wall, which the autumn turns back."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def _end(event: Read) -> Moment:
    """A program that imports the file tells Google an end in any case."""
    if event.end is None:
        return event.start if isinstance(event.start, datetime) else event.start + _DAY
    if not isinstance(event.end, timedelta):
        return event.end
    if isinstance(event.start, datetime):
        if event.end >= _DAY and (event.rules or event.added):
            raise InexpressibleError("a DURATION in days is not the same length each time")
        days = event.start + timedelta(days=event.end.days)
        return (days.astimezone(UTC) + (event.end - timedelta(days=event.end.days))).astimezone(event.start.tzinfo)
    return event.start + event.end


def _time(moment: Moment) -> Event:
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat()}
    zone = moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else "UTC"
    placed = moment if isinstance(moment.tzinfo, ZoneInfo) else moment.astimezone(UTC)
    return {"dateTime": placed.isoformat(), "timeZone": zone}


def _recurrence(master: Read) -> Event:
    lines = [f"RRULE:{rule}" for rule in master.rules]
    for period in master.added:
        if period.end is not None:
            raise InexpressibleError("an RDATE has an end of its own")
        lines.append(_line("RDATE", period.start))
    if not lines:
        return {}
    lines += [_line("EXDATE", moment) for moment in master.removed if not _is_like(moment, master)]
    return {"recurrence": lines}


def _line(name: str, moment: date) -> str:
    if isinstance(moment, datetime):
        return f"{name}:{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};VALUE=DATE:{moment:%Y%m%d}"


def _organizer(one: Attendee | None, calendar_id: str) -> Event:
    if one is None:
        return {"email": calendar_id, "self": True}
    return {key: value for key, value in (("email", one.email), ("displayName", one.name)) if value}


def _attendee(one: Attendee) -> Event:
    if one.kind in {Kind.GROUP, Kind.NON_PARTICIPANT} and not one.email.endswith(".calendar.google.com"):
        raise InexpressibleError("Google does not tell groups and non-participants from people")
    told: Event = {"email": one.email, "responseStatus": _ANSWERS[one.answer]}
    if one.name:
        told["displayName"] = one.name
    if one.kind in {Kind.ROOM, Kind.RESOURCE}:
        told["resource"] = True
    return told
