"""What happens in a calendar on a real server, as Afterword sees it and what it costs: Radicale and Xandikos."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError
from connectors.calendars.caldav import CaldavCalendar
from connectors.calendars.expand import expand
from connectors.calendars.sheet import split
from connectors.dav.changes import PROVED
from connectors.dav.memory import Memory
from rules.model import Answer
from tests.conformance.calendars import one
from tests.connectors.calendars.build import HOME, calendar, event

if TYPE_CHECKING:
    from connectors.base import Listing
    from rules.model import Meeting
    from tests.dav.servers import Server
    from tests.proxy import Proxy

STAMP = "DTSTAMP:20260101T000000Z"


def cloud(server: Server, between: Proxy | None = None, names: tuple[str, ...] = ()) -> CaldavCalendar:
    """All calendars of the user, or those of these names, found from nothing but the name of the server."""
    return CaldavCalendar("cloud", server.account(port=between.port if between else 0), names)


def look(server: Server, before: Listing | None = None, between: Proxy | None = None) -> Listing:
    it = CaldavCalendar("cloud", server.account(server.calendar, between.port if between else 0))
    return it.list(before.tags, before.note) if before else it.list({}, "")


def questions(between: Proxy) -> list[str]:
    """What was asked since the last time, in short."""
    told = [" ".join(turn.asked.split(b"\r\n")[0].decode().split()[:2]) for turn in between.turns]
    between.turns.clear()
    return told


def meetings(server: Server) -> list[Meeting]:
    """All meetings of the calendar in the year, by their starts."""
    it = CaldavCalendar("cloud", server.account(server.calendar))
    found: list[Meeting] = []
    for _, data in it.read(it.list({}, "").tags):
        assert isinstance(data, bytes)
        for group in split(data).groups:
            year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
            found += expand(group, "cloud", *year, HOME).meetings
    return sorted(found, key=lambda meeting: meeting.start)


# --- what it costs -----------------------------------------------------------------------------------------


def test_a_look_at_which_nothing_has_changed_is_one_question(server: Server, between: Proxy) -> None:
    server.put("a.ics", one())
    first = look(server, between=between)
    questions(between)
    assert look(server, first, between) == first
    assert questions(between) == [f"PROPFIND {server.calendar}"]


def test_a_look_at_all_calendars_of_an_account_is_one_question_too(server: Server, between: Proxy) -> None:
    server.make(f"{server.calendar[:-1]}-two/", "calendar", "Another")
    server.put("a.ics", one())
    first = cloud(server, between).list({}, "")
    questions(between)
    assert cloud(server, between).list(first.tags, first.note) == first
    assert questions(between) == [f"PROPFIND {server.home}"]


def test_thousands_of_events_come_fifty_in_an_answer_and_a_change_of_one_in_one(server: Server, between: Proxy) -> None:
    days = [f":202603{n % 28 + 1:02}T{n % 24:02}0000Z" for n in range(2000)]
    count = len(days)
    server.fill([event(STAMP, uid=f"u{n}", start=day) for n, day in enumerate(days)])
    it = CaldavCalendar("cloud", replace(server.account(server.calendar, between.port), seconds=60.0))
    first = it.list({}, "")
    assert len(first.tags) == count
    questions(between)
    assert sum(isinstance(data, bytes) for _, data in it.read(first.tags)) == count
    assert questions(between) == [f"REPORT {server.calendar}"] * (count // 50)
    later = CaldavCalendar("cloud", replace(server.account(server.calendar, between.port), seconds=60.0))
    assert later.list(first.tags, first.note) == first
    assert questions(between) == [f"PROPFIND {server.calendar}"]
    ((name, data),) = it.read([min(first.tags)])
    assert isinstance(data, bytes)
    server.put(name.rpartition("/")[2], one("Changed", split(data).groups[0].uid))
    known = Memory.read(first.note, _who(first))
    trusted = replace(known, collections={name: replace(c, proved=PROVED) for name, c in known.collections.items()})
    it = CaldavCalendar("cloud", replace(server.account(server.calendar, between.port), seconds=60.0))
    questions(between)
    second = it.list(first.tags, trusted.text())
    assert len(dict(second.tags.items() ^ first.tags.items())) == 1
    assert questions(between) == [f"PROPFIND {server.calendar}", f"REPORT {server.calendar}"]


def _who(listing: Listing) -> str:
    return str(listing.note.partition('"who":"')[2].partition('"')[0])


# --- what changes ------------------------------------------------------------------------------------------


def test_what_is_added_changed_and_deleted_is_seen_and_said_to_be_deleted(server: Server) -> None:
    for name in "abc":
        server.put(f"{name}.ics", one(uid=name))
    first = look(server)
    server.put("d.ics", one(uid="d"))
    server.put("a.ics", one("Changed", uid="a"))
    server.delete("b.ics")
    second = look(server, first)
    path = server.calendar
    assert second.tags.keys() == {f"{path}{name}.ics" for name in "acd"}
    assert second.tags[f"{path}a.ics"] != first.tags[f"{path}a.ics"]
    assert second.tags[f"{path}c.ics"] == first.tags[f"{path}c.ics"]
    assert second.deleted == {f"{path}b.ics"}
    assert look(server, second) == replace(second, deleted=frozenset())


def test_what_is_deleted_and_comes_again_is_there(server: Server) -> None:
    server.put("a.ics", one())
    first = look(server)
    server.delete("a.ics")
    server.put("a.ics", one("Again"))
    second = look(server, first)
    assert second.tags.keys() == first.tags.keys()
    assert second.deleted == set()


@pytest.mark.parametrize("like", ["another server's", "its own"])
def test_a_bogus_token_costs_one_look_at_all(server: Server, between: Proxy, like: str) -> None:
    server.put("a.ics", one(uid="a"))
    server.put("b.ics", one(uid="b"))
    first = look(server, between=between)
    server.delete("a.ics")
    server.put("c.ics", one(uid="c"))
    known = Memory.read(first.note, _who(first))
    ((name, had),) = known.collections.items()
    token = "http://cloud.example/ns/sync/bogus" if like == "another server's" else had.token[:-8] + "0123abcd"
    bogus = {name: replace(had, token=token)}
    questions(between)
    second = look(server, replace(first, note=replace(known, collections=bogus).text()), between)
    assert second.tags.keys() == {f"{server.calendar}b.ics", f"{server.calendar}c.ics"}
    assert questions(between) == [f"{method} {server.calendar}" for method in ("PROPFIND", "REPORT", "PROPFIND")]
    assert second.tags == look(server, between=between).tags
    questions(between)
    assert look(server, second, between) == second
    assert questions(between) == [f"PROPFIND {server.calendar}"]


def test_a_moved_occurrence_is_where_it_was_moved_to(server: Server) -> None:
    master = event(STAMP, "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Coffee", start=";TZID=Europe/Lisbon:20260303T100000")
    server.put("a.ics", calendar("PRODID:x", master))
    first = look(server)
    moved = event(
        STAMP, "RECURRENCE-ID;TZID=Europe/Lisbon:20260310T100000", "SUMMARY:Coffee", start=":20260312T160000Z"
    )
    server.put("a.ics", calendar("PRODID:x", master, moved))
    assert look(server, first).tags != first.tags
    assert [f"{one.start:%m-%d %H}" for one in meetings(server)] == ["03-03 10", "03-12 16", "03-17 10"]
    assert len({one.identity for one in meetings(server)}) == 3


def test_an_answer_of_somebody_who_was_invited_arrives(server: Server) -> None:
    lines = ("SUMMARY:Coffee", "ORGANIZER:mailto:robin@example.org", "ATTENDEE;PARTSTAT={}:mailto:dana@acme.example")
    told = "\n".join(lines)
    server.put("a.ics", calendar("PRODID:x", event(STAMP, *told.format("NEEDS-ACTION").split("\n"))))
    first = look(server)
    server.put("a.ics", calendar("PRODID:x", event(STAMP, "SEQUENCE:0", *told.format("DECLINED").split("\n"))))
    assert look(server, first).tags != first.tags
    (meeting,) = meetings(server)
    assert [one.answer for one in meeting.attendees] == [Answer.DECLINED]


def test_names_with_odd_letters_are_read(server: Server) -> None:
    server.put("caf%C3%A9%20%26%20more%25.ics", one())
    it = CaldavCalendar("cloud", server.account(server.calendar))
    ((_, data),) = it.read(it.list({}, "").tags)
    assert isinstance(data, bytes)


# --- which calendars ---------------------------------------------------------------------------------------


def test_calendars_are_chosen_by_their_names(server: Server) -> None:
    server.put("a.ics", one())
    shown = f"Calendar {server.calendar.rstrip('/').rpartition('/c')[2]}"
    for name in (shown.upper(), server.calendar.rstrip("/").rpartition("/")[2]):
        it = cloud(server, names=(name,))
        assert it.list({}, "").tags.keys() == {f"{server.calendar}a.ics"}
        assert it.called == (shown.casefold(),)


def test_a_calendar_that_there_is_not_is_told_with_those_that_there_are(server: Server) -> None:
    with pytest.raises(PermanentError, match="no calendar `Wrok`") as raised:
        cloud(server, names=("Wrok",)).list({}, "")
    number = server.calendar.rstrip("/").rpartition("/c")[2]
    assert f"`calendar {number}`" in str(raised.value.hint)


@pytest.mark.parametrize("running", ["radicale"], indirect=True)  # the other takes anything into any calendar
def test_a_calendar_of_tasks_is_no_calendar(server: Server) -> None:
    server.make(f"{server.calendar[:-1]}-tasks/", "calendar", "My tasks", "VTODO")
    with pytest.raises(PermanentError, match="no calendar"):
        cloud(server, names=("My tasks",)).list({}, "")


def test_a_calendar_that_is_deleted_takes_its_events_along(server: Server) -> None:
    server.put("a.ics", one())
    it = cloud(server)
    first = it.list({}, "")
    server.ask("DELETE", server.calendar)
    second = cloud(server).list(first.tags, first.note)
    assert first.tags.keys() - second.tags.keys() == {f"{server.calendar}a.ics"}
    server.make(server.calendar, "calendar", "for who cleans up")


def test_an_address_of_nothing_is_an_error_with_that_address(server: Server) -> None:
    it = CaldavCalendar("cloud", server.account("/nobody/nothing/"))
    with pytest.raises(ConnectorError) as raised:
        it.list({}, "")
    assert isinstance(raised.value, (PermanentError, PermissionNeededError))
    assert "afterword.yaml" in str(raised.value.hint)


@pytest.mark.parametrize("running", ["radicale"], indirect=True)  # the other asks nobody for a password
def test_a_wrong_password_is_told(server: Server) -> None:
    account = replace(server.account(), password=lambda: "wrong")
    with pytest.raises(PermissionNeededError, match="does not take the password of alice"):
        CaldavCalendar("cloud", account).list({}, "")
