"""Who is on the list of an event: ORGANIZER and ATTENDEE (RFC 5545 sections 3.8.4.1 and 3.8.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from connectors.calendars.lines import one_line
from connectors.calendars.parse import every, first
from rules.model import Answer, Attendee, Kind, address

if TYPE_CHECKING:
    import icalendar

MAX_ATTENDEES = 2_000
"""More are not read: no rule is about a meeting of so many."""
_LONGEST_ADDRESS = 320  # 64 + 1 + 255, RFC 5321 section 4.5.3.1
_LONGEST_NAME = 200

_ANSWERS = {
    "ACCEPTED": Answer.ACCEPTED,
    "DECLINED": Answer.DECLINED,
    "DELEGATED": Answer.DECLINED,  # somebody else comes instead
    "TENTATIVE": Answer.TENTATIVE,
}
_KINDS = {"ROOM": Kind.ROOM, "RESOURCE": Kind.RESOURCE, "GROUP": Kind.GROUP}
_GOOGLE = {
    "@resource.calendar.google.com": Kind.ROOM,
    "@group.calendar.google.com": Kind.GROUP,
    "@group.v.calendar.google.com": Kind.GROUP,
    "@import.calendar.google.com": Kind.GROUP,
}
_SURE = {Answer.DECLINED: 3, Answer.ACCEPTED: 2, Answer.TENTATIVE: 1, Answer.NONE: 0}


def organiser(part: icalendar.Event) -> Attendee | None:
    """The ORGANIZER, or None where there is none: an event of the user's own.

    One that is there but has no address that can be read has an empty `email`: somebody else's event.
    """
    value = first(part, "ORGANIZER")
    if value is None:
        return Attendee("") if "ORGANIZER" in part else None
    found = _attendee(value)
    return found if found.email or found.name or str(value).strip() else None


def attendees(part: icalendar.Event) -> tuple[Attendee, ...]:
    """All ATTENDEEs that have an address, each address once, in their order."""
    found: dict[str, Attendee] = {}
    for value in every(part, "ATTENDEE")[:MAX_ATTENDEES]:
        one = _attendee(value)
        if one.email:
            found[one.email] = _together(found[one.email], one) if one.email in found else one
    return tuple(found.values())


def _together(one: Attendee, other: Attendee) -> Attendee:
    """Two lines for one address: the answer that was given, and the name that was told."""
    answer = max(one.answer, other.answer, key=_SURE.__getitem__)
    return Attendee(one.email, one.name or other.name, answer, one.kind if one.kind != Kind.PERSON else other.kind)


def _attendee(value: Any) -> Attendee:
    params = {key.upper(): str(text) for key, text in value.params.items()}
    email = _email(str(value)) or _email(params.get("EMAIL", ""), bare=True)
    name = one_line(params.get("CN", ""))[:_LONGEST_NAME].strip("\"'")
    kind = _KINDS.get(params.get("CUTYPE", "").upper(), Kind.PERSON)
    if kind == Kind.PERSON and params.get("ROLE", "").upper() == "NON-PARTICIPANT":
        kind = Kind.NON_PARTICIPANT
    for ending, meant in _GOOGLE.items():
        if email.endswith(ending):
            kind = meant
    return Attendee(email, name, _ANSWERS.get(params.get("PARTSTAT", "").upper(), Answer.NONE), kind)


def _email(value: str, *, bare: bool = False) -> str:
    """The address in `mailto:dana@acme.example`, in a bare address, or nothing (`urn:uuid:…`, `/principals/…`)."""
    text = value.strip()
    scheme, colon, rest = text.partition(":")
    if colon and scheme.strip().casefold() == "mailto":
        text = unquote(rest.partition("?")[0])
    elif colon and not bare:
        return ""
    text = address(text.strip("<> \"'"))
    local, at, domain = text.rpartition("@")
    if not (at and local and domain) or len(text) > _LONGEST_ADDRESS or text != one_line(text) or " " in text:
        return ""
    return text
