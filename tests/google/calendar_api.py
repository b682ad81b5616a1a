"""`events.list` and `events.get` of the stand-in.

https://developers.google.com/workspace/calendar/api/v3/reference/events/list
https://developers.google.com/workspace/calendar/api/guides/sync
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from tests.google.answers import Document, Refusal, absent, missing_here
from tests.google.calendars import full_sync_required
from tests.google.paging import Asking, Page, asking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.google.calendars import Event, Store

_LARGEST_PAGE = 2500
_NOT_WITH_SYNC_TOKEN = frozenset({
    "iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin", "timeMax", "updatedMin",
})  # fmt: skip
_NOT_HERE = _NOT_WITH_SYNC_TOKEN - {"iCalUID"} | {"maxAttendees", "timeZone", "eventTypes", "showHiddenInvitations"}
_CURSORS = frozenset({"pageToken", "syncToken", "fields", "prettyPrint", "alt", "alwaysIncludeEmail", "quotaUser"})


def list_events(store: Store, query: Mapping[str, list[str]]) -> Document:
    """One page of the events, or of what changed since a sync token."""
    one = {name: values[0] for name, values in query.items()}
    _check(one)
    # what is the default may be said or left out; showDeleted=false cannot be said again with a sync token
    said = {name: values for name, values in query.items() if values not in (["false"], [""])}
    asked = asking(said, _CURSORS)
    size = min(int(one.get("maxResults", store.page_size)), store.page_size, _LARGEST_PAGE)
    since = _since(store, one["syncToken"], asked) if "syncToken" in one else None
    if "pageToken" in one:
        page = store.pages.following(one["pageToken"], asking(said, _CURSORS - {"syncToken"}), size)
    else:
        found = _all(store, one) if since is None else _changed(store, since)
        page = store.pages.first(found, store.serial, asking(said, _CURSORS - {"syncToken"}), size)
    answer: Document = {"kind": "calendar#events", "etag": f'"p{page.serial}"', "summary": store.id, "timeZone": "UTC",
                        "items": list(page.items)}  # fmt: skip
    return answer | _cursor(store, page, asked, synced=not _NOT_WITH_SYNC_TOKEN & one.keys())


def get_event(store: Store, event_id: str) -> Document:
    """Any event, "cancelled" ones too."""
    if event_id not in store.events:
        raise absent(event_id)
    return store.events[event_id]


def _check(one: Mapping[str, str]) -> None:
    refused = sorted(_NOT_WITH_SYNC_TOKEN & one.keys())
    if "syncToken" in one and (refused or one.get("showDeleted") == "false"):
        told = "Sync token cannot be used with other request restrictions."
        raise Refusal(400, "syncTokenWithRequestRestrictions", told, "syncToken")
    missing = sorted(_NOT_HERE & one.keys())
    if missing or one.get("singleEvents") == "true":
        raise missing_here(missing[0] if missing else "singleEvents=true")


def _since(store: Store, token: str, asked: Asking) -> int:
    if token not in store.initial:
        raise Refusal(400, "invalid", "Invalid sync token value.", "syncToken")
    serial, initial = store.initial[token]
    if serial < store.since:
        raise full_sync_required()
    if asked != initial:  # Google calls it undefined behaviour; it is a mistake in any case
        raise Refusal(400, "invalid", f"not as in the first request: {asked} instead of {initial}", "syncToken")
    return serial


def _all(store: Store, one: Mapping[str, str]) -> list[Event]:
    found = list(store.events.values())
    if "iCalUID" in one:
        masters = {event["id"] for event in found if event.get("iCalUID") == one["iCalUID"]}
        found = [event for event in found if masters & {event["id"], event.get("recurringEventId")}]
    if one.get("showDeleted") == "true":
        return found
    # "Cancelled instances of recurring events [...] will still be included"
    return [event for event in found if event["status"] != "cancelled" or "recurringEventId" in event]


def _changed(store: Store, since: int) -> list[Event]:
    found = [event for event in store.events.values() if store.changed[event["id"]] > since]
    return sorted(found, key=lambda event: store.changed[event["id"]])


def _cursor(store: Store, page: Page, asked: Asking, *, synced: bool) -> Document:
    if page.next is not None:
        return {"nextPageToken": page.next}
    if not synced:
        return {}  # a token for it could never be used
    token = f"{store.token}-{store.id}-{page.serial}-{sha256(repr(asked).encode()).hexdigest()[:8]}"
    store.initial[token] = (page.serial, asked)
    return {"nextSyncToken": token}
