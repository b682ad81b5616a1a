"""The meetings of a year in a calendar of Google: what the diary shows becomes events, and changes of events."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from tests.simulation.diary import ME

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tests.google.calendars import Event, Store
    from tests.simulation.diary import Appointment, Diary

_ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "NEEDS-ACTION": "needsAction"}

LONG_AGO = {"start": {"date": "2024-05-06"}, "end": {"date": "2024-05-07"}}
"""A calendar at Google goes back for years: what is deleted from its past did not just roll out of sight."""


class Agenda:
    """Keeps a calendar as the diary has it. `own`: it is the user's own calendar, which marks them as `self`."""

    def __init__(self, name: str, store: Store, *, own: bool) -> None:
        self.name = name
        self.store = store
        self._own = own
        self._entered: dict[int, Appointment] = {}
        store.put({"id": _id(0), "summary": "Dentist", **LONG_AGO})

    def enter(self, diary: Diary) -> None:
        """Enter what is new or another, and delete what is gone or cancelled: Google deletes what is cancelled."""
        meetings = {number: one for number, one in diary.meetings.items() if self.name in one.calendars}
        wanted = {number: one for number, one in meetings.items() if not one.cancelled}
        for number in self._entered.keys() - wanted.keys():
            self.store.delete(_id(number))
        for number, one in wanted.items():
            if self._entered.get(number) != one:
                self.store.put(self._event(one, diary.zone))
        self._entered = wanted

    def _event(self, one: Appointment, zone: ZoneInfo) -> Event:
        guests = {**one.guests, one.host: "ACCEPTED"} if one.host != ME else dict(one.guests)
        attendees: list[Event] = [
            {"email": email, "displayName": email.partition("@")[0].title(), "responseStatus": _ANSWERS[answer]}
            for email, answer in guests.items()
        ]
        if one.host != ME:
            attendees.append({"email": ME, "responseStatus": _ANSWERS[one.mine], **self._self()})
        return {
            "id": _id(one.number),
            "iCalUID": f"{one.number}@diary.example",
            "summary": one.title,
            "sequence": one.sequence,
            "start": _time(one.number, one.start, zone),
            "end": _time(one.number, one.end, zone),
            "organizer": {"email": one.host, **(self._self() if one.host == ME else {})},
            "attendees": attendees,
        }

    def _self(self) -> Event:
        return {"self": True} if self._own else {}


def _id(number: int) -> str:
    return f"e{number:06d}"


def _time(number: int, instant: datetime, zone: ZoneInfo) -> Event:
    """In the zone of the user or, every third time, in UTC."""
    if number % 3 == 0:
        return {"dateTime": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "timeZone": "UTC"}
    return {"dateTime": instant.astimezone(zone).isoformat(), "timeZone": zone.key}
