"""The calendars of the stand-in: their events as Google keeps them, and the hand of the user on them."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.google.answers import Refusal
from tests.google.paging import Asking, Pages

if TYPE_CHECKING:
    import threading

Event = dict[str, Any]
_OF_INSTANCE = ("id", "recurringEventId", "originalStartTime")


@dataclass
class Store:
    """One calendar. `page_size` is the default of `maxResults`, and no page is larger.

    https://developers.google.com/workspace/calendar/api/v3/reference/events#resource
    """

    id: str
    lock: threading.RLock
    page_size: int = 250
    events: dict[str, Event] = field(default_factory=dict)
    """All that it holds, those that are cancelled as well."""
    token: str = "sync"
    """How its sync tokens begin."""
    serial: int = 0
    since: int = 0
    """Sync tokens that are older have expired."""
    changed: dict[str, int] = field(default_factory=dict)
    """Of each event, the serial of its last change."""
    initial: dict[str, tuple[int, Asking]] = field(default_factory=dict)
    """Sync tokens: when, and with which parameters the list was asked for at first."""

    def __post_init__(self) -> None:
        self.pages = Pages("calendar")

    def put(self, event: Event) -> Event:
        """Insert an event, or change the one with this id: what is given replaces what was, and None takes it away.

        An exception of a series has `recurringEventId` and `originalStartTime`. One with the status "cancelled" is
        deleted.
        """
        with self.lock:
            self.serial += 1
            given = copy.deepcopy(event)
            given.setdefault("id", f"event{self.serial:05d}")
            master = self.events.get(given.get("recurringEventId", ""))
            if "recurringEventId" in given:
                uid = given.get("iCalUID") or (master or {}).get("iCalUID")  # one that I am invited to stands alone
                assert uid is not None, "an exception needs its series, or its iCalUID"
                given["iCalUID"] = uid
            before = self.events.get(given["id"]) or _new(given["id"], self._now())
            stored = {name: value for name, value in {**before, **given}.items() if value is not None}
            assert "recurringEventId" not in stored or "originalStartTime" in stored
            if stored["status"] == "cancelled":
                stored = _cancelled(stored)
            else:
                assert {"start", "end"} <= set(stored)
                stored["updated"] = self._now()
            return copy.deepcopy(self._keep(stored))

    def delete(self, event_id: str) -> None:
        """Delete an event, a series with its exceptions, or one that is an exception already."""
        with self.lock:
            self.serial += 1
            self._keep(_cancelled(self.events[event_id]))
            for event in list(self.events.values()):
                if event.get("recurringEventId") == event_id:  # they go with it; only the series is told
                    del self.events[event["id"]], self.changed[event["id"]]

    def expire_sync_tokens(self) -> None:
        """Those that were given before are too old."""
        with self.lock:
            self.serial += 1
            self.since = self.serial

    def kill_page(self, number: int, status: int = 400) -> None:
        """The page token of this page is refused once, as one that has died in the middle."""
        if status == 410:
            self.pages.kill(number, full_sync_required())
        else:
            self.pages.kill(number, Refusal(400, "invalid", "Invalid page token value.", "pageToken"))

    def _keep(self, event: Event) -> Event:
        event["etag"] = f'"{self.serial:016d}"'
        self.events[event["id"]] = event
        self.changed[event["id"]] = self.serial
        return event

    def _now(self) -> str:
        moment = datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(seconds=self.serial)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


def full_sync_required() -> Refusal:
    """https://developers.google.com/workspace/calendar/api/guides/errors (410: Gone)."""
    return Refusal(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.", "syncToken")


def _new(event_id: str, now: str) -> Event:
    return {
        "kind": "calendar#event",
        "status": "confirmed",
        "iCalUID": f"{event_id}@google.com",
        "sequence": 0,
        "eventType": "default",
        "created": now,
    }


def _cancelled(event: Event) -> Event:
    """A deleted event has its id for certain, a cancelled instance its place in the series besides, and no more."""
    kept = {name: event[name] for name in _OF_INSTANCE if name in event}
    return {"kind": "calendar#event", "status": "cancelled", **kept}
