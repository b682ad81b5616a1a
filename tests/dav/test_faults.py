"""Every question of a whole conversation goes wrong once: then there is an error, or the truth, and never less."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, TransientError
from connectors.calendars.caldav import CaldavCalendar
from connectors.calendars.sheet import split
from tests.conformance.calendars import one
from tests.proxy import Fault, How, Turn, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import Listing
    from tests.dav.servers import Server
    from tests.proxy import Proxy

SPOILED: dict[str, Callable[[Turn], Fault]] = {
    "nothing is asked": lambda _: Fault(How.CUT),
    "nothing is answered": lambda _: Fault(How.CUT, 0),
    "half an answer": lambda turn: Fault(How.CUT, len(turn.answered) // 2),
    "all but the end": lambda turn: Fault(How.CUT, len(turn.answered) - 1),
    "the head alone": lambda turn: Fault(How.CUT, turn.answered.index(b"\r\n\r\n") + 4),
    "half an answer, and silence": lambda turn: Fault(How.STALL, len(turn.answered) // 2),
    "half an answer, and a byte now and then": lambda turn: Fault(How.DRIP, len(turn.answered) // 2),
}


def calendar(server: Server, between: Proxy, seconds: float = 10.0) -> CaldavCalendar:
    return CaldavCalendar("cloud", replace(server.account(server.calendar, between.port), seconds=seconds))


def converse(calendar: CaldavCalendar, before: Listing | None) -> tuple[Listing, dict[str, object]]:
    """A look, and all that is to be read after it."""
    listing = calendar.list(before.tags, before.note) if before else calendar.list({}, "")
    return listing, {name: uid(data) for name, data in calendar.read(listing.tags)}


def uid(data: bytes | ConnectorError) -> object:
    return data if isinstance(data, ConnectorError) else [group.uid for group in split(data).groups]


@pytest.mark.parametrize("known", [False, True], ids=["the first look", "a later look"])
@pytest.mark.parametrize("spoiled", SPOILED)
def test_a_fault_in_any_answer_is_an_error_or_the_truth(
    server: Server, between: Proxy, spoiled: str, known: bool
) -> None:
    for name in "abc":
        server.put(f"{name}.ics", one(uid=name))
    before, _ = converse(calendar(server, between), None)
    if known:
        server.put("d.ics", one(uid="d"))
        server.delete("a.ics")
    between.turns.clear()
    listing, events = converse(calendar(server, between), before if known else None)
    for turn in [turn for turn in between.turns if turn.answered]:  # one that was only opened cannot be spoiled
        between.spoil(turn.number, SPOILED[spoiled](turn))
        with suppress(ConnectorError):
            seen, read = converse(calendar(server, between, 0.4), before if known else None)
            assert seen.tags == listing.tags
            assert all(read[name] == events[name] or isinstance(read[name], ConnectorError) for name in events)
    between.order = nothing
    assert converse(calendar(server, between), before if known else None) == (listing, events)


def test_a_server_that_is_silent_costs_so_many_seconds_and_no_more(server: Server, between: Proxy) -> None:
    between.order = lambda _: Fault(How.STALL)
    with pytest.raises(TransientError, match=r"longer than 0\.3 seconds"):
        calendar(server, between, 0.3).list({}, "")


def test_when_the_server_goes_away_between_the_events_the_rest_is_not_asked_for(
    server: Server, between: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.dav.reading.AT_ONCE", 1)
    for name in "abcdef":
        server.put(f"{name}.ics", one(uid=name))
    cloud = calendar(server, between)
    names = list(cloud.list({}, "").tags)
    seen = len(between.turns)
    between.order = lambda turn: Fault(How.CUT) if turn.number >= seen + 2 else None
    found = [data for _, data in cloud.read(names)]
    assert [isinstance(data, ConnectorError) for data in found] == [False] * 2 + [True] * 4
    assert len(between.turns) - seen == 2 + 3 + 2  # three tries, and two events by themselves


@pytest.mark.parametrize("after", [20, 60])
def test_an_answer_that_is_cut_in_its_head_is_no_empty_event(server: Server, between: Proxy, after: int) -> None:
    server.put("a.ics", one(uid="a"))
    cloud = calendar(server, between)
    names = cloud.list({}, "").tags
    between.order = lambda turn: Fault(How.CUT, after) if turn.asked.startswith((b"REPORT", b"GET")) else None
    ((_, data),) = cloud.read(names)
    assert isinstance(data, TransientError)
