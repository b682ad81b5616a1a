"""Small calendars as bytes, and their meetings in a window."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.calendars.expand import Expansion, expand
from connectors.calendars.sheet import split

if TYPE_CHECKING:
    from rules.model import Meeting

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
HOME = "Europe/Lisbon"


def event(*lines: str, uid: str = "coffee@example.org", start: str = ":20260303T150000Z") -> str:
    """A VEVENT; `start` is what follows DTSTART, and may be empty."""
    head = [f"UID:{uid}"] * bool(uid) + [f"DTSTART{start}"] * bool(start)
    return "\r\n".join(["BEGIN:VEVENT", *head, *lines, "END:VEVENT"])


def calendar(*parts: str) -> bytes:
    """A VCALENDAR of these components and lines."""
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""]).encode()


def expansion(*parts: str, start: datetime = START, end: datetime = END, zone: str = HOME) -> Expansion:
    """What becomes of a calendar with a single UID."""
    (group,) = split(calendar(*parts)).groups
    return expand(group, "feed", start, end, zone)


def meetings(*parts: str, start: datetime = START, end: datetime = END, zone: str = HOME) -> tuple[Meeting, ...]:
    """Its meetings."""
    return expansion(*parts, start=start, end=end, zone=zone).meetings


def starts(*parts: str, zone: str = HOME) -> list[str]:
    """When its meetings start, in UTC: `03-03 15:00`."""
    return [f"{meeting.start:%m-%d %H:%M}" for meeting in meetings(*parts, zone=zone)]
