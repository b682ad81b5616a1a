"""A server that tells an untruth about what has changed is believed no more in that, and no event is lost by it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, Listing
from connectors.calendars.caldav import CaldavCalendar
from connectors.dav.changes import PROVED
from tests.conformance.calendars import one
from tests.dav.standin import HOME, WORK, Dav, dav, found, multistatus, status

if TYPE_CHECKING:
    from collections.abc import Iterator

POLL = [f"PROPFIND {HOME}"]
SYNC, ETAGS = f"REPORT {WORK}", f"PROPFIND {WORK}"


@pytest.fixture
def server() -> Iterator[Dav]:
    with dav() as running:
        for name in ("a.ics", "b.ics"):
            running.put(name, one(uid=name))
        yield running


def look(server: Dav, before: Listing | None = None) -> Listing:
    """What a new process sees that knows what the last one knew."""
    calendar = CaldavCalendar("cloud", server.account())
    return calendar.list(before.tags, before.note) if before else calendar.list({}, "")


def ways(listing: Listing) -> list[str]:
    """How the server is still believed."""
    (collection,) = json.loads(listing.note)["collections"].values()
    return list(collection["ways"])


def truth(server: Dav) -> set[str]:
    return {WORK + name for name in server.events}


def proved(server: Dav) -> Listing:
    """A server that has told the truth often enough to be believed."""
    listing = look(server)
    for number in range(PROVED):
        server.put("a.ics", one(f"Title {number}"))
        listing = look(server, listing)
    server.questions()
    return listing


def test_a_server_that_told_the_truth_is_asked_for_changes_alone(server: Dav) -> None:
    before = proved(server)
    server.put("c.ics", one(uid="c"))
    server.remove("b.ics")
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert after.deleted == {f"{WORK}b.ics"}
    assert server.questions() == [*POLL, SYNC]


def test_an_answer_in_pages_is_read_to_its_end(server: Dav) -> None:
    before = proved(server)
    server.page = 3
    for number in range(10):
        server.put(f"{number}.ics", one(uid=str(number)))
    server.remove("4.ics")
    assert look(server, before).tags.keys() == truth(server)
    assert server.questions() == [*POLL, SYNC, SYNC, SYNC, SYNC]


def test_pages_that_never_end_are_left_for_all_etags(server: Dav) -> None:
    before = proved(server)
    server.put("c.ics", one(uid="c"))
    server.instead = lambda asked: (
        multistatus(status(WORK, 507), "<D:sync-token>t:1</D:sync-token>") if "sync-coll" in asked.body else None
    )
    assert look(server, before).tags.keys() == truth(server)
    assert len(server.questions()) < 6


@pytest.mark.parametrize("refusal", [400, 403, 409, 410, 412, 500, 507])
def test_a_token_that_is_not_taken_costs_one_look_at_all_etags(server: Dav, refusal: int) -> None:
    before = proved(server)
    server.refuse = refusal
    server.put("c.ics", one(uid="c"))
    server.remove("b.ics")
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert after.deleted == set()
    assert server.questions() == [*POLL, SYNC, ETAGS]
    assert ways(after) == ["sync", "ctag"]
    assert look(server, after) == Listing(after.tags, after.note)


def test_a_server_that_never_takes_its_own_token_is_asked_by_its_ctag(server: Dav) -> None:
    listing = proved(server)
    server.refuse = 412
    for number in range(3):
        server.put("c.ics", one(f"Title {number}", uid="c"))
        listing = look(server, listing)
    assert ways(listing) == ["ctag"]
    server.questions()
    server.put("d.ics", one(uid="d"))
    listing = look(server, listing)
    assert listing.tags.keys() == truth(server)
    assert server.questions() == [*POLL, ETAGS]
    assert look(server, listing) == listing
    assert server.questions() == POLL


def test_a_server_without_sync_collection_is_asked_by_its_ctag(server: Dav) -> None:
    server.lacks = {"sync"}
    before = look(server)
    server.questions()
    assert look(server, before) == before
    assert server.questions() == POLL
    server.remove("a.ics")
    assert look(server, before).tags.keys() == truth(server)
    assert server.questions() == [*POLL, ETAGS]


def test_a_server_with_neither_is_asked_for_all_etags(server: Dav) -> None:
    server.lacks = {"sync", "ctag"}
    before = look(server)
    assert look(server, before) == before
    server.remove("a.ics")
    server.questions()
    assert look(server, before).tags.keys() == truth(server)
    assert server.questions() == [*POLL, ETAGS]


def test_changes_that_sync_collection_leaves_out_are_seen_by_their_etags(server: Dav) -> None:
    before = look(server)
    server.hide = {"a.ics"}
    server.put("a.ics", one("Another title"))
    server.put("c.ics", one(uid="c"))
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert after.tags[f"{WORK}a.ics"] != before.tags[f"{WORK}a.ics"]
    assert ways(after) == ["ctag"]


def test_a_deletion_that_is_none_is_not_believed(server: Dav) -> None:
    before = look(server)
    server.put("c.ics", one(uid="c"))
    server.instead = lambda asked: (
        multistatus(status(f"{WORK}a.ics", 404), "<D:sync-token>t:3</D:sync-token>")
        if "sync-coll" in asked.body
        else None
    )
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert after.deleted == set()


def test_a_token_that_stands_still_while_the_ctag_moves_is_believed_no_more(server: Dav) -> None:
    server.still = {"token": "t:2"}
    before = look(server)
    server.put("c.ics", one(uid="c"))
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert ways(after) == ["ctag"]
    server.put("d.ics", one(uid="d"))
    assert look(server, after).tags.keys() == truth(server)


def test_a_ctag_that_stands_still_while_the_token_moves_is_believed_no_more(server: Dav) -> None:
    server.still = {"ctag": "c"}
    before = look(server)
    server.put("c.ics", one(uid="c"))
    after = look(server, before)
    assert ways(after) == ["sync"]
    server.lacks = {"sync"}
    server.put("d.ics", one(uid="d"))
    assert look(server, after).tags.keys() == truth(server)


def test_a_token_that_always_moves_is_left_for_a_ctag_that_tells_the_truth(server: Dav) -> None:
    listing = proved(server)
    server.still = {"ctag": f"c{len(server.log)}"}
    for _ in range(3):
        assert ways(listing) == ["sync", "ctag"]
        server.log += ["never.ics"]  # the token goes on though nothing happens
        listing = look(server, listing)
    assert ways(listing) == ["ctag"]
    server.questions()
    server.log += ["never.ics"]
    assert look(server, listing) == listing
    assert server.questions() == POLL
    server.still = {}
    server.put("c.ics", one(uid="c"))
    assert look(server, listing).tags.keys() == truth(server)


def test_a_token_that_always_moves_is_not_left_for_a_ctag_that_never_does(server: Dav) -> None:
    server.still = {"ctag": "c"}
    listing = look(server)
    for _ in range(5):
        server.log += ["never.ics"]
        listing = look(server, listing)
    server.put("c.ics", one(uid="c"))
    assert look(server, listing).tags.keys() == truth(server)


def test_who_is_believed_in_nothing_changes_no_note_while_nothing_changes(server: Dav) -> None:
    server.still = {"token": "t:2", "ctag": "c"}
    server.hide = {"c.ics"}
    before = look(server)
    server.still = {"ctag": "c"}
    server.put("c.ics", one(uid="c"))
    after = look(server, before)
    assert ways(after) in ([], ["ctag"])
    server.log += ["a.ics"] * 3  # the token goes on though nothing happens
    assert look(server, after).tags == after.tags


def test_a_change_while_it_is_looked_at_makes_no_liar(server: Dav) -> None:
    before = look(server)
    server.put("c.ics", one(uid="c"))
    late = [one(uid="d")]

    def meanwhile(asked: object) -> None:
        if getattr(asked, "method", "") == "PROPFIND" and getattr(asked, "path", "") == WORK and late:
            server.put("d.ics", late.pop())

    server.instead = meanwhile
    after = look(server, before)
    assert after.tags.keys() == truth(server)
    assert ways(after) == ["sync", "ctag"]


OTHER = f"{HOME}other/"
CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"


def with_another(server: Dav, *, work: bool) -> None:
    """There is another calendar beside it, and no other in the listing of all."""
    there = {HOME: multistatus(found(HOME, ""), found(OTHER, CALENDAR)), OTHER: multistatus(found(OTHER, CALENDAR))}
    if not work:
        there[WORK] = multistatus(status(WORK, 404))
    server.instead = lambda asked: there.get(asked.path)


def test_a_calendar_that_is_listed_no_more_and_still_there_is_an_error(server: Dav) -> None:
    before = look(server)
    with_another(server, work=True)
    with pytest.raises(ConnectorError, match="no longer lists the calendar"):
        look(server, before)


def test_a_calendar_that_is_listed_no_more_and_not_there_is_gone(server: Dav) -> None:
    before = look(server)
    with_another(server, work=False)
    after = look(server, before)
    assert after.tags == {}
    assert after.deleted == set()


@pytest.mark.parametrize("left", [("a.ics",), ("a.ics", "b.ics"), ()], ids=["one", "all", "none"])
def test_what_was_learned_of_a_server_outlasts_an_event_that_has_to_be_read_again(
    server: Dav, left: tuple[str, ...]
) -> None:
    server.still = {"token": "t:2"}
    before = look(server)
    server.put("c.ics", one(uid="c"))
    liar = look(server, before)
    assert ways(liar) == ["ctag"]
    server.questions()
    known = {name: tag for name, tag in liar.tags.items() if name.removeprefix(WORK) not in left}
    after = look(server, replace(liar, tags=known))
    assert (after.tags, ways(after)) == (liar.tags, ["ctag"])
    assert server.questions() == ([*POLL, ETAGS] if left else POLL)
    with_another(server, work=True)
    with pytest.raises(ConnectorError, match="no longer lists the calendar"):
        look(server, replace(liar, tags=known))


def test_a_calendar_in_the_trash_of_nextcloud_is_gone(server: Dav) -> None:
    before = look(server)
    trash = '<D:resourcetype><D:collection/><N:deleted-calendar xmlns:N="http://nextcloud.com/ns"/></D:resourcetype>'
    with_another(server, work=False)
    there = {HOME: multistatus(found(HOME, ""), found(WORK, trash), found(OTHER, CALENDAR)),
             WORK: multistatus(found(WORK, trash)), OTHER: multistatus(found(OTHER, CALENDAR))}  # fmt: skip
    server.instead = lambda asked: there.get(asked.path)
    assert look(server, before).tags == {}


def test_an_event_that_cannot_be_told_just_now_stays_what_it_was(server: Dav) -> None:
    server.lacks = {"sync", "ctag"}
    before = look(server)
    whole = server._member

    def member(name: str, *, data: bool = False) -> str:
        return status(WORK + name, 403) if name == "a.ics" else whole(name, data=data)

    server._member = member  # type: ignore[method-assign]
    assert look(server, before).tags == before.tags


def test_a_calendar_that_goes_away_while_it_is_looked_at_is_an_error_and_not_empty(server: Dav) -> None:
    server.instead = lambda asked: multistatus(status(WORK, 404)) if asked.path == WORK else None
    with pytest.raises(ConnectorError):
        look(server)
