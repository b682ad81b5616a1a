"""Google Calendar: the suite of all calendars, all of a large one, and what is read, against the stand-in."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, Listing, PermissionNeededError, TransientError
from connectors.calendars.google import GoogleCalendar
from connectors.calendars.sheet import split
from connectors.google.errors import MissingError
from tests.conformance.calendars import SeveralSuite, changes, one
from tests.connectors.calendars.google_calendar import (
    HOME,
    ROBIN,
    SECONDARY,
    SERIES,
    Daemon,
    happens,
    instance,
    shown,
    single,
)
from tests.google.convert import to_google
from tests.google.permitted import permitted

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.base import Calendar
    from connectors.google.account import Account
    from tests.conformance.calendars import Hand
    from tests.google.calendars import Store
    from tests.google.standin import Google

# --- the suite of all calendars ----------------------------------------------------------------------------


class GoogleHand:
    several = True

    def __init__(self, google: Google, folder: Path) -> None:
        self.google = google
        self.account = permitted(google, folder)
        self.written: dict[str, list[str]] = {}

    def calendar(self) -> Calendar:
        return GoogleCalendar("work", self.account, SECONDARY, (ROBIN,))

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
    before = len(google.asked())
    happens(google, lambda _: google.forget_access_tokens() if len(google.asked()) == before + 11 else None)
    asked = daemon.poll()
    assert len(asked) == PAGES + 1  # the eleventh twice
    assert len([one for one in google.requests if one.path == "/token"]) == 2
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

    changed = single("event0", summary="Changed")
    happens(google, lambda _: store.put(changed) if len(google.asked()) == 2 else None)
    daemon.poll()
    assert len(daemon.listing.tags) == 6
    daemon.poll()
    assert daemon.read == ("event0",)
    assert daemon.is_as_asked_anew()


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["birthday", "workingLocation"])
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


def test_what_a_secondary_calendar_organises_is_mine_where_i_made_it(account: Account, google: Google) -> None:
    told = {
        "organizer": {"email": SECONDARY, "displayName": "Soft interviews", "self": True},
        "attendees": [{"email": "dana@acme.example"}],
    }
    google.calendar(SECONDARY).put(single("mine", creator={"email": ROBIN}, **told))
    google.calendar(SECONDARY).put(single("theirs", creator={"email": "lee@work.example"}, **told))
    daemon = Daemon(account, google, SECONDARY)
    daemon.poll()
    organisers = {meeting.title: meeting.organiser and meeting.organiser.email for meeting in daemon.meetings()}
    assert organisers == {"mine": None, "theirs": SECONDARY}
    assert {one.email for meeting in daemon.meetings() for one in meeting.attendees} == {"dana@acme.example"}


def test_a_calendar_named_by_my_address_is_my_own(account: Account, google: Google, store: Store) -> None:
    store.put(single(organizer={"email": "account@gmail.example", "self": True}))
    daemon = Daemon(account, google, ROBIN)
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


def test_what_is_not_in_the_listing_is_not_asked_for(daemon: Daemon, store: Store, google: Google) -> None:
    store.put(single())
    calendar = daemon.calendar()
    calendar.list({}, "")
    ((_, found),) = calendar.read(["never-there"])
    assert isinstance(found, TransientError)
    assert len(google.asked()) == 1


def test_tags_are_those_of_the_events_and_not_of_the_order(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(10), instance(17)):
        store.put(event)
    daemon.poll()
    first = daemon.listing
    store.events = dict(reversed(store.events.items()))
    daemon.listing = Listing({})
    daemon.poll()
    assert changes(first, daemon.listing) == set()
