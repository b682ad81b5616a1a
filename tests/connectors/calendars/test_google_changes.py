"""Google Calendar: what a poll costs, and what becomes of changes, against the stand-in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connectors.base import TransientError
from tests.connectors.calendars.google_calendar import ROBIN, SERIES, STARTS, Daemon, happens, instance, single
from tests.google.permitted import permitted

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.google.account import Account
    from tests.google.calendars import Store
    from tests.google.standin import Google


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


def test_what_google_says_was_deleted_is_told_apart_from_what_is_merely_not_there(daemon: Daemon, store: Store) -> None:
    for event in (single(), single("tea"), SERIES, instance(17)):
        store.put(event)
    daemon.poll()
    store.delete("series_17")
    daemon.poll()
    assert daemon.listing.deleted == frozenset()
    store.delete("coffee")
    store.delete("series")
    daemon.poll()
    assert daemon.listing.deleted == {"coffee", "series"}
    del store.events["tea"], store.changed["tea"]
    store.expire_sync_tokens()
    daemon.poll()
    assert sorted(daemon.listing.tags) == []
    assert "tea" not in daemon.listing.deleted


def test_a_deleted_instance_is_gone_and_its_series_is_asked_for_whole(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(17), instance(24)):
        store.put(event)
    daemon.poll()
    store.delete("series_24")
    assert daemon.poll() == ["list syncToken", "get series", "list iCalUID"]
    assert daemon.starts() == [*STARTS[:3], STARTS[4]]
    assert [meeting.title for meeting in daemon.meetings()] == ["Series", "Series", "Changed", "Series"]
    assert daemon.is_as_asked_anew()


@pytest.mark.parametrize(("status", "reason"), [(403, "forbidden"), (404, "notFound"), (400, "invalid")])
def test_a_series_that_may_not_be_asked_for_by_itself_stops_no_other(
    daemon: Daemon, store: Store, status: int, reason: str
) -> None:
    for event in (SERIES, instance(24)):
        store.put(event)
    daemon.poll()
    store.delete("series_24")
    store.put(single())
    daemon.google.fail("/events/series$", status, reason)
    assert daemon.poll() == ["list syncToken", "get series", "list"]
    assert daemon.starts() == [STARTS[0], "03-03 15:00", *STARTS[1:3], STARTS[4]]
    assert daemon.poll() == ["list syncToken"]


def test_a_rate_limit_on_one_event_is_waited_for_and_nothing_else_is_concluded(daemon: Daemon, store: Store) -> None:
    for event in (SERIES, instance(24)):
        store.put(event)
    daemon.poll()
    store.delete("series_24")
    daemon.google.fail("/events/series$", 403, "rateLimitExceeded")
    assert daemon.poll() == ["list syncToken", "get series", "get series", "list iCalUID"]
    store.delete("series_24")
    daemon.google.fail("/events/series$", 403, "dailyLimitExceeded")
    with pytest.raises(TransientError, match="no more questions"):
        daemon.poll()


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


def test_a_deleted_instance_that_google_tells_of_once_alone_is_gone(
    daemon: Daemon, store: Store, google: Google
) -> None:
    for event in (SERIES, instance(10)):
        store.put(event)
    daemon.poll()
    store.delete("series_10")
    happens(google, lambda asked: store.events.pop("series_10") if "iCalUID" in asked.query else None)
    daemon.poll()
    assert daemon.starts() == [STARTS[0], *STARTS[2:]]


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


def test_a_series_that_is_deleted_after_one_of_its_instances_costs_no_more(daemon: Daemon, store: Store) -> None:
    store.put(SERIES)
    daemon.poll()
    store.delete("series")
    store.put(instance(10, iCalUID="series@google.com", status="cancelled"))
    assert daemon.poll() == ["list syncToken"]
    assert daemon.listing.tags == {}


def test_a_series_that_is_taken_from_me_leaves_the_instances_to_which_i_am_invited(
    daemon: Daemon, store: Store
) -> None:
    for event in (SERIES, instance(10), instance(17)):
        store.put(event)
    daemon.poll()
    left = store.events["series_10"]
    store.delete("series")
    store.events["series_10"], store.changed["series_10"] = left, 0
    store.put(instance(17, iCalUID="series@google.com"))
    daemon.poll()
    assert daemon.starts() == STARTS[1:3]
    assert daemon.is_as_asked_anew()


def test_a_series_whose_uid_is_too_long_to_be_asked_for_is_read_with_all_the_others(
    daemon: Daemon, store: Store
) -> None:
    """Whoever invites chooses the UID."""
    uid = "\u6f22" * 230
    store.put(SERIES | {"iCalUID": uid})
    daemon.poll()
    store.put(instance(10, iCalUID=uid))
    assert daemon.poll() == ["list syncToken", "list"]
    assert daemon.read == ("series",)
    assert daemon.poll() == ["list syncToken"]


def test_a_series_whose_id_may_not_be_asked_for_is_read_with_all_the_others(daemon: Daemon, store: Store) -> None:
    for day in (10, 17):
        store.put(instance(day, recurringEventId="a/b", iCalUID="theirs@google.com"))
    daemon.poll()
    store.delete("series_10")
    assert daemon.poll() == ["list syncToken", "list"]
    assert daemon.starts() == STARTS[2:3]


def test_two_copies_of_one_event_are_two_resources(daemon: Daemon, store: Store) -> None:
    """An iCalUID is not the name of one event alone."""
    store.put(single(iCalUID="series@google.com"))
    store.put(SERIES)
    daemon.poll()
    store.put(instance(10))
    daemon.poll()
    assert daemon.read == ("series",)
    assert daemon.starts() == sorted([*STARTS, "03-03 15:00"])
    assert daemon.is_as_asked_anew()


def test_a_series_that_is_split_is_two(daemon: Daemon, store: Store) -> None:
    """ "This and following": the old one ends, and a new one begins, with an id and an iCalUID of its own.

    https://developers.google.com/workspace/calendar/api/guides/recurringevents#modifying_all_following_instances
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
    for event in (SERIES, instance(10), instance(17), single()):
        store.put(event)
    daemon.poll()
    store.put(SERIES | {"recurrence": None})
    store.delete("series_10")
    store.put(single(recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
    daemon.poll()
    assert daemon.starts() == ["03-03 09:00", "03-03 15:00", "03-04 15:00", STARTS[2]]
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

    happens(
        google, lambda asked: store.expire_sync_tokens() if {"pageToken", "syncToken"} <= asked.query.keys() else None
    )
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
    assert sorted(daemon.read) == ["coffee"]
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
    daemon.mine = ("Robin.Vale@Work.example", ROBIN)
    assert daemon.poll() == ["list"]
    (meeting,) = daemon.meetings()
    assert [one.email for one in meeting.attendees] == ["robin.vale@work.example"]


def test_what_is_known_of_one_account_is_not_taken_for_another(daemon: Daemon, store: Store, tmp_path: Path) -> None:
    store.put(single())
    daemon.poll()
    daemon.account = permitted(daemon.google, tmp_path / "other", account="other@example.org")
    assert daemon.poll() == ["list"]
    assert daemon.poll() == ["list syncToken"]


def test_an_address_is_mine_in_whatever_letters_the_settings_have_it(account: Account, google: Google) -> None:
    google.calendar("primary").put(single(attendees=[{"email": "robin@work.example", "self": True}]))
    daemon = Daemon(account, google, mine=("A@b.example", "Robin@Work.example"))
    daemon.poll()
    (meeting,) = daemon.meetings()
    assert [one.email for one in meeting.attendees] == ["robin@work.example"]


@pytest.mark.parametrize("wrong", [{"version": 2}, {"removed": []}, {"removed": {"series": 5}}, {"sync": ""}])
def test_a_note_in_another_form_is_none(daemon: Daemon, store: Store, wrong: dict[str, Any]) -> None:
    store.put(SERIES)
    daemon.poll()
    note = json.dumps({**json.loads(daemon.listing.note), **wrong})
    daemon.listing = replace(daemon.listing, note=note)
    assert daemon.poll() == ["list"]
    assert daemon.read == ()
