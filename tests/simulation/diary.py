"""The meetings of a year as they truly are, and as a calendar shows them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Unpack
    from zoneinfo import ZoneInfo

ME = "robin@example.org"
ROLLING = timedelta(days=45)
"""How far back a rolling feed shows anything."""


@dataclass(frozen=True, slots=True)
class Appointment:
    """A meeting of the year. `number` stands in its title, and in every note about it.

    `guests` maps an address to its PARTSTAT; `host` is who organised it, `mine` my own PARTSTAT. `calendars` are
    those that show it.
    """

    number: int
    kind: str
    start: datetime
    minutes: int
    guests: Mapping[str, str]
    calendars: frozenset[str]
    host: str = ME
    mine: str = "ACCEPTED"
    cancelled: bool = False
    marks: str = ""
    sequence: int = 0

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)

    @property
    def title(self) -> str:
        """What the calendar calls it."""
        return f"{self.kind} {self.number}{self.marks}"

    @property
    def people(self) -> frozenset[str]:
        """Who is there besides me."""
        present = {email for email, answer in self.guests.items() if answer != "DECLINED"}
        return frozenset(present | ({self.host} - {ME}))

    @property
    def counts(self) -> bool:
        """Whether notes hang on it, by the contract."""
        return self.held and "#nofollow" not in self.marks

    @property
    def held(self) -> bool:
        """Whether it is a contact, once it is over: mine or accepted, not cancelled, with people who came."""
        agreed = self.host == ME or self.mine == "ACCEPTED"
        return agreed and not self.cancelled and bool(self.people) and "#noshow" not in self.marks

    def event(self, zone: ZoneInfo) -> str:
        """It as a VEVENT, in the zone of the user or, every third time, in UTC."""
        attendees = "".join(
            f"ATTENDEE;CN={email.partition('@')[0].title()};PARTSTAT={answer}:mailto:{email}\r\n"
            for email, answer in self.guests.items()
        )
        if self.host != ME:
            attendees += f"ATTENDEE;CN=Robin;PARTSTAT={self.mine}:mailto:{ME}\r\n"
        return (
            f"BEGIN:VEVENT\r\nUID:{self.number}@diary.example\r\nDTSTAMP:20260101T000000Z\r\n"
            f"SEQUENCE:{self.sequence}\r\nSTATUS:{'CANCELLED' if self.cancelled else 'CONFIRMED'}\r\n"
            f"DTSTART{self._stamp(self.start, zone)}\r\nDTEND{self._stamp(self.end, zone)}\r\n"
            f"SUMMARY:{self.title}\r\nORGANIZER:mailto:{self.host}\r\n{attendees}END:VEVENT\r\n"
        )

    def _stamp(self, instant: datetime, zone: ZoneInfo) -> str:
        if self.number % 3 == 0:
            return f":{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"
        return f";TZID={zone.key}:{instant.astimezone(zone):%Y%m%dT%H%M%S}"


class Edit(TypedDict, total=False):
    """What is edited in a meeting."""

    start: datetime
    guests: Mapping[str, str]
    cancelled: bool
    marks: str


@dataclass
class Diary:
    """All meetings by number. `styles` says of each calendar how it shows them: folder, feed, or rolling feed."""

    zone: ZoneInfo
    styles: Mapping[str, str]
    meetings: dict[int, Appointment] = field(default_factory=dict)

    def add(self, appointment: Appointment) -> None:
        """A meeting is entered, or entered anew as it is now."""
        self.meetings[appointment.number] = appointment

    def change(self, number: int, **fields: Unpack[Edit]) -> Appointment:
        """A meeting is edited."""
        before = self.meetings[number]
        after = replace(before, sequence=before.sequence + 1, **fields)
        self.meetings[number] = after
        return after

    def delete(self, number: int) -> None:
        """A meeting is taken out."""
        del self.meetings[number]

    def resources(self, calendar: str, now: datetime) -> dict[str, bytes]:
        """What the calendar has to show, by the name of the resource."""
        shown = self._shown(calendar, now)
        if self.styles[calendar] == "folder":
            return {f"{one.number}.ics": _calendar([one.event(self.zone)]) for one in shown}
        return {"feed.ics": _calendar([one.event(self.zone) for one in shown])}

    def _shown(self, calendar: str, now: datetime) -> list[Appointment]:
        rolling = self.styles[calendar] == "rolling"
        several = (one for one in self.meetings.values() if calendar in one.calendars)
        return [one for one in several if not rolling or one.end > now - ROLLING]

    def rolled_out(self, known: Mapping[int, Appointment], now: datetime) -> dict[int, Appointment]:
        """The past meetings that are known and gone, of which nobody can tell whether they took place.

        A calendar that shows nothing that old shows a deleted meeting as it shows one that rolled out of it.
        """
        gone = [one for number, one in known.items() if number not in self.meetings and one.end <= now]
        oldest = {name: min((one.start for one in self._shown(name, now)), default=now) for name in self.styles}
        return {one.number: one for one in gone if any(oldest[name] > one.start for name in one.calendars)}

    def with_person(self, email: str) -> Iterator[Appointment]:
        """The meetings that are contacts with this person, over or not."""
        return (one for one in self.meetings.values() if one.held and email in one.people)


def _calendar(events: list[str]) -> bytes:
    text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//diary//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    return text.encode()
