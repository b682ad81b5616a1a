"""Google Calendar: the suite of all calendars, and what is Google's own, against the stand-in."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import ConnectorError, Listing, PermissionNeededError, TransientError
from connectors.calendars.expand import expand
from connectors.calendars.google import GoogleCalendar
from connectors.calendars.sheet import split
from connectors.google.errors import MissingError
from tests.conformance.calendars import SeveralSuite, changes, one
from tests.google.convert import to_google
from tests.google.permitted import permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connectors.base import Calendar
    from connectors.google.account import Account
    from rules.model import Meeting
    from tests.conformance.calendars import Hand
    from tests.google.calendars import Event, Store

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


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def store(google: Google) -> Store:
    return google.calendar("primary")


@pytest.fixture
def account(google: Google, tmp_path: Path) -> Account:
    return permitted(google, tmp_path)


@dataclass
class Daemon:
    """What the daemon does with a calendar, each time in a new process: it keeps tags and note, reads what changed."""

    account: Account
    google: Google
    calendar_id: str = "primary"
    mine: frozenset[str] = frozenset({ROBIN})
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


def _told(path: str, query: Mapping[str, list[str]]) -> str:
    if not path.endswith("/events"):
        return f"get {path.rpartition('/')[2]}"
    asked = [name for name in ("syncToken", "iCalUID", "pageToken") if name in query]
    return " ".join(["list", *asked])


@pytest.fixture
def daemon(account: Account, google: Google) -> Daemon:
    return Daemon(account, google)


# --- the suite of all calendars ----------------------------------------------------------------------------


class GoogleHand:
    several = True

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.account = permitted(google, folder)
        self.written: dict[str, list[str]] = {}

    def calendar(self) -> Calendar:
        return GoogleCalendar("work", self.account, SECONDARY, frozenset({ROBIN}))

    @property
    def store(self) -> Store:
        return self.google.calendar(SECONDARY)

    def write(self, name: str, data: bytes) -> None:
        """As a user imports a file."""
        events = [event for group in split(data).groups for event in to_google(group, SECONDARY, HOME)]
        self.written[name] = [self.store.put(event)["id"] for event in events]

    def remove(self, name: str) -> None:
        for event_id in self.written.pop(name):
            self.store.delete(event_id)

    def fail(self) -> None:
        self.google.fail("/calendar/", 503, "backendError", times=99)


class TestGoogle(SeveralSuite):
    @pytest.fixture
    def hand(self, google: Google, tmp_path: Path) -> GoogleHand:
        google.calendar(SECONDARY)
        return GoogleHand(google, tmp_path)

    def says(self, data: bytes | ConnectorError) -> object:
        """Google keeps events and no files: the same meetings, whatever Google says of their last change."""
        if isinstance(data, ConnectorError):
            return data
        return [replace(meeting, modified=None) for meeting in shown(data)]

    def test_what_went_away_since_is_an_error_and_hinders_no_other(self, whole: Hand) -> None:
        """What the listing brought is read as it was then; the next listing tells what went away."""
        whole.write("two.ics", one("Two", "two"))
        (kept,) = (name for name in whole.calendar().list({}, "").tags if name not in self.ids(whole, "one.ics"))
        calendar = whole.calendar()
        names = list(whole.calendar().list({}, "").tags)
        whole.remove("one.ics")
        found = dict(calendar.read([*names, "never-there"]))
        assert sorted(found) == sorted([*names, "never-there"])
        assert [name for name, data in found.items() if isinstance(data, bytes)] == [kept]
        assert self.says(found[kept]) == self.says(one("Two", "two"))

    def ids(self, hand: Hand, name: str) -> list[str]:
        assert isinstance(hand, GoogleHand)
        return hand.written[name]


# --- all of it ---------------------------------------------------------------------------------------------

MANY = 5_000
PAGES = 20


def fill(store: Store) -> None:
    """5,000 events: 4,000 single ones, and 100 series with nine exceptions each, which lie on other pages."""
    told = [single(f"single{number:04d}") for number in range(4_000)]
    masters = [
        SERIES | {"id": f"series{number:02d}", "recurrence": ["RRULE:FREQ=DAILY;COUNT=20"]} for number in range(100)
    ]
    changed = [
        instance(day, id=f"{master['id']}_{day}", recurringEventId=master["id"], status=status)
        for master in masters
        for day, status in zip(range(5, 14), ["cancelled", *["confirmed"] * 8], strict=True)
    ]
    random.Random(4).shuffle(told)
    for event in [*masters, *told, *changed]:
        store.put(event)
    assert len(store.events) == MANY


def whole(daemon: Daemon) -> tuple[int, int]:
    """How many resources, and how many meetings of the first series, where one of twenty is deleted."""
    return len(daemon.data), len(shown(daemon.data["series00"]))


def test_five_thousand_events_over_twenty_pages(daemon: Daemon, store: Store) -> None:
    fill(store)
    assert daemon.poll() == ["list", *["list pageToken"] * (PAGES - 1)]
    assert whole(daemon) == (4_100, 19)


@pytest.mark.parametrize("status", [400, 410])
def test_a_page_token_that_dies_on_page_eleven_loses_and_doubles_nothing(
    daemon: Daemon, store: Store, status: int
) -> None:
    fill(store)
    daemon.poll()
    expected, data = daemon.listing.tags, daemon.data
    store.kill_page(11, status)
    daemon.listing, daemon.data = Listing({}), {}
    assert len(daemon.poll()) == 11 + PAGES
    assert (daemon.listing.tags, daemon.data) == (expected, data)


def test_an_access_token_that_dies_on_page_eleven_loses_and_doubles_nothing(
    daemon: Daemon, google: Google, store: Store
) -> None:
    """Withdrawn by the other side, as soon as ten pages came."""
    fill(store)
    daemon.poll()
    expected = daemon.listing.tags
    daemon.listing = Listing({})
    count = 0

    class Forgetful(list[Any]):
        def append(self, asked: Any) -> None:
            nonlocal count
            super().append(asked)
            count += 1
            if count == 11:
                google.forget_access_tokens()

    google.requests = Forgetful()
    asked = daemon.poll()
    assert len(asked) == PAGES + 1  # the eleventh twice
    assert len([one for one in google.requests if one.path == "/token"]) == 1
    assert daemon.listing.tags == expected


def test_page_tokens_that_die_always_are_an_error_and_not_half_a_calendar(daemon: Daemon, store: Store) -> None:
    store.page_size = 2
    for number in range(6):
        store.put(single(f"event{number}"))
    for _ in range(9):
        store.kill_page(2)
    with pytest.raises(TransientError):
        daemon.poll()
    assert len(daemon.google.asked()) == 6


def test_an_event_that_changes_between_two_pages_is_there_once(daemon: Daemon, store: Store, google: Google) -> None:
    store.page_size = 2
    for number in range(6):
        store.put(single(f"event{number}"))

    class Meddling(list[Any]):
        def append(self, asked: Any) -> None:
            super().append(asked)
            if len(self) == 3:  # a token, the first page, and now the second
                store.put(single("event0", summary="Changed"))

    google.requests = Meddling()
    daemon.poll()
    assert len(daemon.listing.tags) == 6
    daemon.poll()
    assert daemon.read == ("event0",)
    assert daemon.is_as_asked_anew()


# --- what changed ------------------------------------------------------------------------------------------


def test_a_poll_without_change_costs_one_list_and_changes_nothing(daemon: Daemon, store: Store) -> None:
    for event in (single(), SERIES, instance(10)):
        store.put(event)
    daemon.poll()
    before = daemon.listing
    for _ in range(3):
        assert daemon.poll() == ["list syncToken"]
        assert daemon.read == ()
        assert daemon.listing == before


def test_a_new_event_costs_one_list_and_is_read_alone(daemon: Daemon, store: Store) -> None:
    store.put(single())
    daemon.poll()
    store.put(single("tea"))
    assert daemon.poll() == ["list syncToken"]
    assert daemon.read == ("tea",)
    assert daemon.is_as_asked_anew()


def test_a_changed_event_is_read_anew(daemon: Daemon, store: Store) -> None:
    store.put(single())
    store.put(single("tea"))
    daemon.poll()
    store.put(single(summary="Coffee with Kim"))
    assert daemon.poll() == ["list syncToken"]
    assert daemon.read == ("coffee",)
    assert {meeting.title for meeting in daemon.meetings()} == {"Coffee with Kim", "tea"}
    assert daemon.is_as_asked_anew()


def test_a_deleted_event_is_gone(daemon: Daemon, store: Store) -> None:
    store.put(single())
    store.put(single("tea"))
    daemon.poll()
    store.delete("coffee")
    assert daemon.poll() == ["list syncToken"]
    assert list(daemon.listing.tags) == ["tea"]
    assert daemon.is_as_asked_anew()


def test_a_deleted_event_that_was_never_known_is_nothing(daemon: Daemon, store: Store) -> None:
    daemon.poll()
    store.put(single())
    store.delete("coffee")
    assert daemon.poll() == ["list syncToken"]
    assert daemon.listing.tags == {}


def test_a_deleted_event_that_is_restored_is_there_again(daemon: Daemon, store: Store) -> None:
    store.put(single())
    daemon.poll()
    store.delete("coffee")
    daemon.poll()
    store.put(single(status="confirmed", iCalUID="coffee@google.com"))
    daemon.poll()
    assert daemon.starts() == ["03-03 15:00"]


def test_a_deleted_instance_is_gone_and_its_series_is_asked_for_whole(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(17), instance(24)):
        store.put(event)
    daemon.poll()
    store.delete("series_24")
    assert daemon.poll() == ["list syncToken", "get series", "list iCalUID"]
    assert daemon.starts() == [*STARTS[:3], STARTS[4]]
    assert [meeting.title for meeting in daemon.meetings()] == ["Series", "Series", "Changed", "Series"]
    assert daemon.is_as_asked_anew()


def test_a_moved_instance_keeps_its_identity_and_the_others(daemon: Daemon, store: Store) -> None:
    store.put(SERIES)
    daemon.poll()
    before = {meeting.identity for meeting in daemon.meetings()}
    store.put(instance(10, start={"dateTime": "2026-03-11T12:00:00Z"}, end={"dateTime": "2026-03-11T12:30:00Z"}))
    assert daemon.poll() == ["list syncToken", "list iCalUID"]
    assert daemon.starts() == [STARTS[0], "03-11 12:00", *STARTS[2:]]
    assert {meeting.identity for meeting in daemon.meetings()} == before
    assert daemon.is_as_asked_anew()


def test_a_changed_series_keeps_the_instances_that_were_deleted_and_moved(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(10), instance(17)):
        store.put(event)
    store.delete("series_10")
    daemon.poll()
    store.put(SERIES | {"summary": "Renamed"})
    daemon.poll()
    assert [meeting.title for meeting in daemon.meetings()] == ["Renamed", "Changed", "Renamed", "Renamed"]
    assert daemon.starts() == [STARTS[0], *STARTS[2:]]
    assert daemon.is_as_asked_anew()


def test_a_deleted_instance_that_google_tells_of_no_more_stays_deleted(daemon: Daemon, store: Store) -> None:
    """Clients are to store them for the lifetime of the series; its page promises three fields of them, no iCalUID."""
    for event in (SERIES, instance(10), instance(17)):
        store.put(event)
    store.delete("series_10")
    daemon.poll()
    store.delete("series_17")
    daemon.poll()
    for gone in ("series_10", "series_17"):
        del store.events[gone], store.changed[gone]
    store.put(SERIES | {"summary": "Renamed"})
    daemon.poll()
    assert daemon.starts() == [STARTS[0], *STARTS[3:]]


def test_a_deleted_instance_that_is_restored_is_there_again(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(10)):
        store.put(event)
    store.delete("series_10")
    daemon.poll()
    assert daemon.starts() == [STARTS[0], *STARTS[2:]]
    store.put(instance(10, status="confirmed"))
    daemon.poll()
    assert daemon.starts() == STARTS
    assert daemon.is_as_asked_anew()


def test_a_deleted_series_is_gone_with_its_exceptions(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(10), single()):
        store.put(event)
    daemon.poll()
    store.delete("series")
    assert daemon.poll() == ["list syncToken"]
    assert list(daemon.listing.tags) == ["coffee"]
    assert daemon.is_as_asked_anew()


def test_a_series_that_is_split_is_two(daemon: Daemon, store: Store) -> None:
    """ "This and following": the old one ends, and a new one begins, with an id and an iCalUID of its own.

    https://developers.google.com/workspace/calendar/api/guides/recurringevents#modify_all_following_instances
    """
    for event in (SERIES, instance(10)):
        store.put(event)
    daemon.poll()
    store.put(SERIES | {"recurrence": ["RRULE:FREQ=WEEKLY;UNTIL=20260316T225959Z"]})
    later = {"dateTime": "2026-03-17T14:00:00+01:00", "timeZone": "Europe/Berlin"}
    end = {"dateTime": "2026-03-17T15:00:00+01:00", "timeZone": "Europe/Berlin"}
    store.put(SERIES | {"id": "series_R20260317T090000", "start": later, "end": end, "summary": "Later",
                        "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]})  # fmt: skip
    daemon.poll()
    assert daemon.starts() == [*STARTS[:2], "03-17 13:00", "03-24 13:00", "03-31 12:00"]
    assert [meeting.title for meeting in daemon.meetings()] == ["Series", "Changed", "Later", "Later", "Later"]
    assert daemon.is_as_asked_anew()


def test_a_series_that_becomes_a_single_event_and_the_reverse(daemon: Daemon, store: Store) -> None:
    store.put(SERIES)
    store.put(single())
    daemon.poll()
    store.put(SERIES | {"recurrence": None})
    store.put(single(recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
    daemon.poll()
    assert daemon.starts() == ["03-03 09:00", "03-03 15:00", "03-04 15:00"]
    assert daemon.is_as_asked_anew()


def test_an_instance_whose_series_is_not_ours_to_see(daemon: Daemon, store: Store) -> None:
    """As it is when somebody invites to one meeting of a series."""
    store.put(instance(10, iCalUID="theirs@google.com"))
    store.put(instance(17, iCalUID="theirs@google.com"))
    daemon.poll()
    assert list(daemon.listing.tags) == ["series"]
    assert daemon.starts() == STARTS[1:3]
    assert all(meeting.recurring for meeting in daemon.meetings())
    store.put(instance(10, iCalUID="theirs@google.com", summary="Moved"))
    daemon.poll()
    assert [meeting.title for meeting in daemon.meetings()] == ["Moved", "Changed"]
    store.delete("series_10")
    daemon.poll()
    assert daemon.starts() == STARTS[2:3]
    store.delete("series_17")
    daemon.poll()
    assert daemon.listing.tags == {}
    assert daemon.is_as_asked_anew()


def test_many_changed_series_cost_no_more_than_the_whole_calendar(daemon: Daemon, store: Store) -> None:
    for number in range(30):
        store.put(SERIES | {"id": f"series{number:02d}"})
    daemon.poll()
    for number in range(29):
        store.put(SERIES | {"id": f"series{number:02d}", "summary": "Renamed"})
    assert daemon.poll() == ["list syncToken", "list"]
    assert len(daemon.read) == 29


def test_changes_that_come_in_two_pages_are_all_there(daemon: Daemon, store: Store) -> None:
    store.put(SERIES)
    daemon.poll()
    store.page_size = 2
    for number in range(3):
        store.put(single(f"event{number}"))
    store.put(instance(10))
    assert daemon.poll() == ["list syncToken", "list syncToken pageToken", "list iCalUID"]
    assert sorted(daemon.read) == ["event0", "event1", "event2", "series"]
    assert daemon.poll() == ["list syncToken"]
    assert daemon.is_as_asked_anew()


@pytest.mark.parametrize("status", [400, 410])
def test_changes_whose_page_token_dies_are_asked_for_again(daemon: Daemon, store: Store, status: int) -> None:
    daemon.poll()
    store.page_size = 2
    for number in range(5):
        store.put(single(f"event{number}"))
    store.kill_page(2, status)
    daemon.poll()
    assert len(daemon.data) == 5
    assert daemon.is_as_asked_anew()


def test_a_sync_token_that_dies_while_changes_come_leads_to_a_full_listing(
    daemon: Daemon, store: Store, google: Google
) -> None:
    for number in range(5):
        store.put(single(f"event{number}"))
    daemon.poll()
    store.page_size = 2
    for number in range(3, 7):
        store.put(single(f"event{number}", summary="Changed"))
    store.kill_page(2, 410)

    class Expiring(list[Any]):
        def append(self, asked: Any) -> None:
            super().append(asked)
            if "pageToken" in asked.query and "syncToken" in asked.query:
                store.expire_sync_tokens()

    google.requests = Expiring()
    daemon.poll()
    assert sorted(daemon.read) == ["event3", "event4", "event5", "event6"]
    assert len(daemon.data) == 7
    assert daemon.poll() == ["list syncToken"]


def test_after_410_all_is_asked_anew_and_what_is_unchanged_is_not_read(daemon: Daemon, store: Store) -> None:
    for event in (single(), single("tea"), SERIES, instance(10), instance(17)):
        store.put(event)
    store.delete("series_17")
    daemon.poll()
    store.put(single(summary="Changed"))
    store.delete("tea")
    store.expire_sync_tokens()
    assert daemon.poll() == ["list syncToken", "list"]
    assert daemon.read == ("coffee",)
    assert sorted(daemon.listing.tags) == ["coffee", "series"]
    store.expire_sync_tokens()
    assert daemon.poll() == ["list syncToken", "list"]
    assert daemon.read == ()
    assert daemon.poll() == ["list syncToken"]


def test_a_note_of_other_tags_is_not_trusted(daemon: Daemon, store: Store) -> None:
    """So it is after a crash between the resources and the note, and when the ledger comes from a backup."""
    store.put(single())
    store.put(single("tea"))
    daemon.poll()
    daemon.listing = replace(daemon.listing, tags={"coffee": daemon.listing.tags["coffee"]})
    assert daemon.poll() == ["list"]
    assert daemon.read == ("tea",)


def test_other_addresses_of_the_user_are_another_reading(daemon: Daemon, store: Store) -> None:
    store.put(single(attendees=[{"email": "account@gmail.example", "self": True, "responseStatus": "accepted"}]))
    daemon.poll()
    (meeting,) = daemon.meetings()
    assert [one.email for one in meeting.attendees] == [ROBIN]
    daemon.mine = frozenset({"Robin.Vale@Work.example"})
    assert daemon.poll() == ["list"]
    (meeting,) = daemon.meetings()
    assert [one.email for one in meeting.attendees] == ["robin.vale@work.example"]


@pytest.mark.parametrize("wrong", [{"version": 2}, {"removed": []}, {"removed": {"series": 5}}, {"sync": ""}])
def test_a_note_in_another_form_is_none(daemon: Daemon, store: Store, wrong: dict[str, Any]) -> None:
    store.put(SERIES)
    daemon.poll()
    note = json.dumps({**json.loads(daemon.listing.note), **wrong})
    daemon.listing = replace(daemon.listing, note=note)
    assert daemon.poll() == ["list"]
    assert daemon.read == ()


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["birthday", "focusTime", "outOfOffice", "workingLocation"])
def test_what_is_no_meeting_is_not_there(daemon: Daemon, store: Store, kind: str) -> None:
    store.put(single("busy", eventType=kind, attendees=[{"email": "dana@acme.example"}]))
    store.put(single())
    daemon.poll()
    assert list(daemon.listing.tags) == ["coffee"]
    store.put(single("busy", summary="Changed"))
    daemon.poll()
    assert list(daemon.listing.tags) == ["coffee"]


def test_all_kinds_of_times_come_as_they_are(daemon: Daemon, store: Store) -> None:
    told = {
        "day": ({"date": "2026-03-03"}, {"date": "2026-03-04"}),
        "floating": ({"dateTime": "2026-07-03T10:00:00"}, {"dateTime": "2026-07-03T11:00:00"}),
        "unknown": (
            {"dateTime": "2026-08-03T10:00:00+05:00", "timeZone": "Mars/Olympus_Mons"},
            {"dateTime": "2026-08-03T11:00:00+05:00", "timeZone": "Mars/Olympus_Mons"},
        ),
    }
    for name, (start, end) in told.items():
        store.put({"id": name, "start": start, "end": end})
    daemon.poll()
    assert daemon.starts() == ["03-03 00:00", "07-03 09:00", "08-03 05:00"]


def test_a_private_event_of_another_calendar_has_a_time_and_nobody(account: Account, google: Google) -> None:
    start, end = ({"dateTime": f"2026-03-03T{hour}:00:00Z"} for hour in (15, 16))
    boss = google.calendar("boss@acme.example")
    boss.put({"id": "secret", "start": start, "end": end, "visibility": "private"})
    daemon = Daemon(account, google, "boss@acme.example")
    daemon.poll()
    (meeting,) = daemon.meetings()
    assert (meeting.title, meeting.organiser, meeting.attendees) == ("", None, ())


def test_what_a_secondary_calendar_organises_is_mine(account: Account, google: Google) -> None:
    organizer = {"email": SECONDARY, "displayName": "Soft interviews", "self": True}
    google.calendar(SECONDARY).put(single(organizer=organizer, attendees=[{"email": "dana@acme.example"}]))
    daemon = Daemon(account, google, SECONDARY)
    daemon.poll()
    (meeting,) = daemon.meetings()
    assert meeting.organiser is None
    assert [one.email for one in meeting.attendees] == ["dana@acme.example"]


def test_a_calendar_named_by_my_address_is_my_own(account: Account, google: Google, store: Store) -> None:
    store.put(single(organizer={"email": "account@gmail.example", "self": True}))
    daemon = Daemon(account, google, "Robin@example.org".lower())
    daemon.poll()
    (meeting,) = daemon.meetings()
    assert meeting.organiser is not None
    assert meeting.organiser.email == ROBIN


def test_an_event_with_ten_megabytes_of_description_hinders_no_other(daemon: Daemon, store: Store) -> None:
    store.put(single("large", description="x" * (10 * 2**20)))
    store.put(single())
    daemon.poll()
    assert [meeting.title for meeting in daemon.meetings()] == ["large", "coffee"]


def test_hostile_texts_and_ids_hinder_no_other(daemon: Daemon, store: Store) -> None:
    store.put(single("evil", summary="x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nATTENDEE:mailto:evil@x.example\x00"))
    store.put(single("two\r\nlines"))
    store.put(single("half\ud83d"))
    store.put(single(iCalUID="coffee\r\nATTENDEE:mailto:evil@x.example"))
    daemon.poll()
    assert sorted(daemon.listing.tags) == ["coffee", "evil"]
    assert all(not meeting.attendees for meeting in daemon.meetings())
    assert daemon.poll() == ["list syncToken"]


def test_a_series_whose_id_for_the_world_cannot_be_asked_for_is_read_with_the_whole(
    daemon: Daemon, store: Store
) -> None:
    store.put(SERIES | {"iCalUID": "two\r\nlines"})
    daemon.poll()
    store.put(instance(10))
    assert daemon.poll() == ["list syncToken", "list"]
    assert [meeting.title for meeting in daemon.meetings()] == ["Series", "Changed", "Series", "Series", "Series"]


# --- what goes wrong ---------------------------------------------------------------------------------------


def test_a_calendar_that_is_not_there_is_told_with_where_to_find_its_name(account: Account, google: Google) -> None:
    with pytest.raises(MissingError) as raised:
        Daemon(account, google, "nobody@group.calendar.google.com").poll()
    assert "nobody@group.calendar.google.com" in raised.value.message
    assert "Integrate calendar" in str(raised.value.hint)


def test_a_permission_that_was_withdrawn_changes_nothing(daemon: Daemon, store: Store, google: Google) -> None:
    store.put(single())
    daemon.poll()
    google.fail("/calendar/", 403, "insufficientPermissions", times=9)
    with pytest.raises(PermissionNeededError):
        daemon.poll()
    google.heal()
    assert daemon.poll() == ["list syncToken"]


def test_a_moment_of_weakness_is_waited_for(daemon: Daemon, store: Store, google: Google) -> None:
    store.put(single())
    google.fail("/events", 429, "rateLimitExceeded", times=2)
    daemon.poll()
    assert list(daemon.listing.tags) == ["coffee"]


def test_an_answer_that_breaks_off_is_asked_for_again(daemon: Daemon, store: Store, google: Google) -> None:
    store.put(single())
    google.half("/events")
    google.cut("/events")
    daemon.poll()
    assert list(daemon.listing.tags) == ["coffee"]


def test_reading_without_listing_asks_once_for_all_and_once_only_where_it_fails(
    daemon: Daemon, store: Store, google: Google
) -> None:
    for number in range(3):
        store.put(single(f"event{number}"))
    google.fail("/calendar/", 403, "insufficientPermissions", times=99)
    found = dict(daemon.calendar().read(["event0", "event1", "event2"]))
    assert all(isinstance(data, PermissionNeededError) for data in found.values())
    assert len(google.asked()) == 1
    google.heal()
    found = dict(daemon.calendar().read(["event0", "event1", "event2"]))
    assert all(isinstance(data, bytes) for data in found.values())
    assert len(google.asked()) == 2


def test_tags_are_those_of_the_events_and_not_of_the_order(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(10), instance(17)):
        store.put(event)
    daemon.poll()
    first = daemon.listing
    store.events = dict(reversed(store.events.items()))
    daemon.listing = Listing({})
    daemon.poll()
    assert changes(first, daemon.listing) == set()
