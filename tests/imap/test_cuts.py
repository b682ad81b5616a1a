"""The connection is cut at every question of a cycle, before it arrives and after: one draft, and nothing lost."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import Home, coffee
from tests.imap.home import at_dovecot
from tests.imap.programs import OLD, Dovecot, dovecot
from tests.proxy import Fault, How, Proxy, nothing, proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANA = "ana@one.example"
BEFORE, PLACED, LATER, EVENING = "2026-03-03 09:00", "2026-03-03 13:30", "2026-03-03 13:35", "2026-03-03 20:00"
CUTS = (Fault(How.CUT), Fault(How.CUT, 0), Fault(How.CUT, 3))
"""The question does not arrive; it does, and no answer comes; the answer ends in the middle."""
WRITING = (b"APPEND", b"STORE", b"EXPUNGE")
"""What changes something is cut in each way, with what follows it; the rest in one after the other."""


@pytest.fixture(scope="module")
def place(server: Dovecot) -> Iterator[tuple[Dovecot, Proxy]]:
    with proxy(server.port) as between:
        yield server, between


@pytest.fixture(scope="module")
def old_place() -> Iterator[tuple[Dovecot, Proxy]]:
    with dovecot("", OLD) as server, proxy(server.port) as between:
        yield server, between


def homes(place: tuple[Dovecot, Proxy], folder: Path) -> Iterator[Home]:
    server, between = place
    for number in count():
        home = at_dovecot(folder / str(number), server, port=between.port)
        coffee(home, ANA)
        yield home


def each_cut(
    place: tuple[Dovecot, Proxy], folder: Path, before: Callable[[Home], None], check: Callable[[Home], None]
) -> int:
    """Play the cycle of 13:30 once to count its turns, then anew with each of them cut; how many."""
    _, between = place
    fresh = homes(place, folder)
    whole = next(fresh)
    before(whole)
    between.turns.clear()
    whole.cycles(PLACED)
    turns = [bytes(turn.asked) for turn in between.turns]
    check(whole)
    for number, asked in enumerate(turns):
        writes = any(word in asked + turns[number - 1] for word in WRITING)
        for fault in CUTS if writes else CUTS[number % len(CUTS) :][:1]:
            home = next(fresh)
            before(home)
            between.spoil(number, fault)
            home.cycles(PLACED)
            between.order = nothing
            home.cycles(LATER)
            check(home)
    return len(turns)


def test_a_draft_is_laid_down_once(place: tuple[Dovecot, Proxy], tmp_path: Path) -> None:
    def check(home: Home) -> None:
        assert (home.to(), home.states()) == ([ANA], [State.PLACED])
        home.cycles(EVENING)
        assert (home.to(), home.states()) == ([ANA], [State.PLACED])

    assert each_cut(place, tmp_path, lambda home: home.cycles(BEFORE), check) > 15


def withdrawn(place: tuple[Dovecot, Proxy], folder: Path) -> int:
    def begin(home: Home) -> None:
        home.cycles("2026-03-03 13:00")
        coffee(home, ANA, start="2026-03-03 11:15", sequence=1)

    def check(home: Home) -> None:
        assert (home.drafts(), home.states()) == ([], [State.WITHDRAWN])
        home.cycles(EVENING)
        assert (home.to(), home.states()) == ([ANA], [State.PLACED])

    return each_cut(place, folder, begin, check)


def test_a_draft_is_taken_away_and_that_is_no_veto(place: tuple[Dovecot, Proxy], tmp_path: Path) -> None:
    assert withdrawn(place, tmp_path) > 15


def test_likewise_at_a_server_that_removes_only_all_that_is_marked(
    old_place: tuple[Dovecot, Proxy], tmp_path: Path
) -> None:
    assert withdrawn(old_place, tmp_path) > 15


def test_a_draft_that_was_sent_is_seen_as_sent(place: tuple[Dovecot, Proxy], tmp_path: Path) -> None:
    def begin(home: Home) -> None:
        home.cycles("2026-03-03 13:00")
        home.move(home.id(), ".Sent")

    def check(home: Home) -> None:
        assert (home.drafts(), home.states()) == ([], [State.SENT])

    assert each_cut(place, tmp_path, begin, check) > 8
