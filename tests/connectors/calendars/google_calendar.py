"""Events as Google has them, and what the daemon does with a calendar of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.base import ConnectorError, Listing
from connectors.calendars.expand import expand
from connectors.calendars.google import GoogleCalendar
from connectors.calendars.sheet import split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connectors.google.account import Account
    from rules.model import Meeting
    from tests.google.calendars import Event
    from tests.google.serving import Asked
    from tests.google.standin import Google

ROBIN = "robin@example.org"
HOME = "Europe/Lisbon"
SECONDARY = "soft0815@group.calendar.google.com"
SERIES: Event = {
    "id": "series",
    "summary": "Series",
    "start": {"dateTime": "2026-03-03T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-03T10:30:00+01:00", "timeZone": "Europe/Berlin"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
}
STARTS = ["03-03 09:00", "03-10 09:00", "03-17 09:00", "03-24 09:00", "03-31 08:00"]


def single(name: str = "coffee", **fields: Any) -> Event:
    """A meeting of an hour."""
    start, end = ({"dateTime": f"2026-03-03T{hour}:00:00Z", "timeZone": "UTC"} for hour in (15, 16))
    return {"id": name, "summary": name, "start": start, "end": end, **fields}


def instance(day: int, **fields: Any) -> Event:
    """An exception of `SERIES`, on this day of March before the clocks change."""
    start, end = (
        {"dateTime": f"2026-03-{day:02d}T{clock}:00+01:00", "timeZone": "Europe/Berlin"} for clock in ("10:00", "10:30")
    )
    told = {"id": f"series_{day:02d}", "recurringEventId": "series", "originalStartTime": start, "summary": "Changed"}
    return {**told, "start": start, "end": end, **fields}


def shown(data: bytes | ConnectorError) -> list[Meeting]:
    """The meetings of a resource in 2026."""
    assert isinstance(data, bytes)
    (group,) = split(data).groups
    found = expand(group, "work", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), HOME)
    return list(found.meetings)


@dataclass
class Daemon:
    """What the daemon does with a calendar, each time in a new process: it keeps tags and note, reads what changed."""

    account: Account
    google: Google
    calendar_id: str = "primary"
    mine: tuple[str, ...] = (ROBIN,)
    listing: Listing = Listing({})  # noqa: RUF009 - frozen
    read: tuple[str, ...] = ()
    """The names that were read the last time."""

    def __post_init__(self) -> None:
        self.data: dict[str, bytes] = {}

    def calendar(self) -> GoogleCalendar:
        return GoogleCalendar("work", self.account, self.calendar_id, self.mine)

    def poll(self) -> list[str]:
        """One cycle; the requests that it cost, each as the parameters that tell them apart."""
        before = len(self.google.asked())
        calendar, known = self.calendar(), self.listing
        self.listing = calendar.list(known.tags, known.note)
        self.read = tuple(name for name, tag in self.listing.tags.items() if known.tags.get(name) != tag)
        for name, data in calendar.read(self.read):
            assert isinstance(data, bytes)
            self.data[name] = data
        for name in self.data.keys() - self.listing.tags.keys():
            del self.data[name]
        return [_told(one.path, one.query) for one in self.google.asked()[before:]]

    def meetings(self) -> list[Meeting]:
        return sorted(
            (meeting for data in self.data.values() for meeting in shown(data)), key=lambda meeting: meeting.start
        )

    def starts(self) -> list[str]:
        return [f"{meeting.start:%m-%d %H:%M}" for meeting in self.meetings()]

    def is_as_asked_anew(self) -> bool:
        """What came about by changes is the same as what a full listing tells."""
        fresh = replace(self, listing=Listing({}))
        fresh.poll()
        return fresh.listing.tags == self.listing.tags and fresh.data == self.data


def happens(google: Google, what: Callable[[Asked], object]) -> None:
    """This happens whenever something is asked, before it is answered."""

    class Watched(list[Any]):
        def append(self, asked: Asked) -> None:
            super().append(asked)
            what(asked)

    google.requests = Watched(google.requests)


def _told(path: str, query: Mapping[str, list[str]]) -> str:
    if not path.endswith("/events"):
        return f"get {path.rpartition('/')[2]}"
    asked = [name for name in ("syncToken", "iCalUID", "pageToken") if name in query]
    return " ".join(["list", *asked])
