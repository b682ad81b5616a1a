"""The calendars of the stand-in hold to Google's documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.google.client import ALL, DAY, EVENTS, Client
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def client(google: Google) -> Client:
    return Client(google, ALL)


def test_the_sync_token_comes_with_the_last_page_only(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/guides/sync#initial_full_sync."""
    for number in range(5):
        google.calendar("primary").put({"id": f"event{number}", **DAY})
    pages = [client.get(EVENTS, maxResults=2)]
    while "nextPageToken" in pages[-1]:
        assert "nextSyncToken" not in pages[-1]
        pages.append(client.get(EVENTS, maxResults=2, pageToken=pages[-1]["nextPageToken"]))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert "nextSyncToken" in pages[-1]


def test_what_changes_while_pages_are_read_comes_with_the_next_delta(google: Google, client: Client) -> None:
    calendar = google.calendar("primary")
    for number in range(3):
        calendar.put({"id": f"event{number}", **DAY})
    first = client.get(EVENTS, maxResults=2)
    calendar.put({"id": "event0", "summary": "changed"})
    last = client.get(EVENTS, maxResults=2, pageToken=first["nextPageToken"])
    delta = client.get(EVENTS, maxResults=2, syncToken=last["nextSyncToken"])
    assert [event["summary"] for event in delta["items"]] == ["changed"]


def test_a_delta_holds_what_changed_and_what_was_deleted(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/v3/reference/events (status): ids for certain, no more."""
    calendar = google.calendar("primary")
    for name in ("kept1", "gone1", "weekly"):
        calendar.put({"id": name, "summary": name, **DAY})
    start = {"date": "2026-03-09"}
    calendar.put({"id": "weekly_1", "recurringEventId": "weekly", "originalStartTime": start, **DAY})
    token = client.get(EVENTS)["nextSyncToken"]
    assert client.get(EVENTS, syncToken=token)["items"] == []
    calendar.delete("gone1")
    calendar.delete("weekly_1")
    told = [{name: event[name] for name in event if name not in {"kind", "etag"}} for event in
            client.get(EVENTS, syncToken=token)["items"]]  # fmt: skip
    assert told == [
        {"id": "gone1", "status": "cancelled"},
        {"id": "weekly_1", "status": "cancelled", "recurringEventId": "weekly", "originalStartTime": start},
    ]


def test_a_full_list_has_cancelled_instances_but_no_deleted_events(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/v3/reference/events/list (showDeleted)."""
    calendar = google.calendar("primary")
    calendar.put({"id": "gone1", **DAY})
    calendar.put({"id": "weekly", "recurrence": ["RRULE:FREQ=WEEKLY"], **DAY})
    start = {"date": "2026-03-09"}
    calendar.put({"id": "weekly_1", "recurringEventId": "weekly", "originalStartTime": start, "status": "cancelled"})
    calendar.delete("gone1")
    assert [event["id"] for event in client.get(EVENTS)["items"]] == ["weekly", "weekly_1"]
    assert len(client.get(EVENTS, showDeleted="true")["items"]) == 3
    assert client.get(f"{EVENTS}/gone1")["status"] == "cancelled"  # "the get method always returns them"
    uid = calendar.events["weekly"]["iCalUID"]
    assert len(client.get(EVENTS, iCalUID=uid, showDeleted="true")["items"]) == 2


@pytest.mark.parametrize(
    "name",
    [
        "iCalUID",
        "orderBy",
        "privateExtendedProperty",
        "q",
        "sharedExtendedProperty",
        "timeMin",
        "timeMax",
        "updatedMin",
    ],
)
def test_what_may_not_be_said_with_a_sync_token_is_refused(client: Client, name: str) -> None:
    """https://developers.google.com/workspace/calendar/api/v3/reference/events/list (syncToken)."""
    token = client.get(EVENTS)["nextSyncToken"]
    value = "updated" if name == "orderBy" else "2026-03-02T00:00:00Z"
    assert client.refused(EVENTS, syncToken=token, **{name: value})[0] == 400
    assert client.refused(EVENTS, syncToken=token, showDeleted="false")[0] == 400


def test_the_other_parameters_are_those_of_the_first_request(client: Client) -> None:
    """The same page: "should be the same as for the initial synchronization to avoid undefined behavior"."""
    token = client.get(EVENTS, maxResults=10, showDeleted="false")["nextSyncToken"]
    assert client.refused(EVENTS, syncToken=token)[0] == 400
    assert client.get(EVENTS, syncToken=token, maxResults=10)["items"] == []


def test_an_old_sync_token_is_410(google: Google, client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/guides/sync#full_sync_required_by_server."""
    token = client.get(EVENTS)["nextSyncToken"]
    google.calendar("primary").expire_sync_tokens()
    assert client.refused(EVENTS, syncToken=token) == (410, "fullSyncRequired")
    assert client.get(EVENTS, syncToken=client.get(EVENTS)["nextSyncToken"])["items"] == []


@pytest.mark.parametrize("status", [400, 410])
def test_a_page_token_can_die_once(google: Google, client: Client, status: int) -> None:
    for number in range(3):
        google.calendar("primary").put({"id": f"event{number}", **DAY})
    google.calendar("primary").kill_page(2, status)
    token = client.get(EVENTS, maxResults=2)["nextPageToken"]
    assert client.refused(EVENTS, maxResults=2, pageToken=token)[0] == status
    assert client.refused(EVENTS, maxResults=2, pageToken=token)[0] == 400
    token = client.get(EVENTS, maxResults=2)["nextPageToken"]
    assert len(client.get(EVENTS, maxResults=2, pageToken=token)["items"]) == 1


def test_a_calendar_that_is_not_there_is_404(client: Client) -> None:
    """https://developers.google.com/workspace/calendar/api/guides/errors#404."""
    assert client.refused("/calendar/v3/calendars/team%40group.calendar.google.com/events") == (404, "notFound")
