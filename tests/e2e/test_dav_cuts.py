"""The connection is cut at every question of a cycle to CalDAV and CardDAV: one draft in the end, and nothing lost."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

import pytest

from connectors.calendars.caldav import CaldavCalendar
from connectors.contacts.carddav import CarddavBook
from rules.history import State
from tests.cases.conftest import scratch
from tests.cases.home import THANKS, Home
from tests.dav.servers import PASSWORD, SERVERS, Server
from tests.house import SETTINGS, calendar, event
from tests.proxy import Fault, How, Proxy, nothing, proxy
from tests.thorough import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from daemon.cycle import Outcome
    from daemon.view import House
    from tests.proxy import Turn

__all__ = ["scratch"]

_NUMBERS = count()
DANA, KIM = "dana@acme.example", "kim@acme.example"
BEFORE, FIRST, CUT, LATER, EVENING = (f"2026-03-03 {time}" for time in ("09:00", "13:15", "13:30", "13:35", "20:00"))
CUTS = (Fault(How.CUT), Fault(How.CUT, 0), Fault(How.CUT, 40))
"""The question does not arrive; it does, and no answer comes; the answer ends in the middle."""
WAYS = [(fault, alone) for alone in (False, True) for fault in CUTS]
FIRST_WAY = dict(zip(SERVERS, count(step=3)))
"""Each server begins with another: one and the same question is cut in other ways."""
TAGGED_ONLY = THANKS.replace("{title: [coffee, chat]}", "{title: [coffee, chat], person: {tag: [network]}}")
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:d\r\nFN:Dana Okafor\r\nN:Okafor;Dana;;;\r\nEMAIL:{}\r\n{}END:VCARD\r\n"
Seen = tuple[list[str], list[State]]


@dataclass(frozen=True)
class Closing(Home):
    """Ends its connections with each cycle, as the end of a process does."""

    _houses: list[House] = field(default_factory=list)

    def house(self) -> House:
        self._houses.append(super().house())
        return self._houses[-1]

    def once(self, when: str | datetime) -> Outcome:
        try:
            return super().once(when)
        finally:
            for house in self._houses:
                for one in (*house.calendars, *house.books.values()):
                    if isinstance(one, (CaldavCalendar, CarddavBook)):
                        one._changes.client().close()
            self._houses.clear()


@dataclass(frozen=True)
class Play:
    """A household with its server, and who stands in between. What a cycle reads there it leaves as it is."""

    home: Home
    server: Server
    between: Proxy

    def put(self, name: str, start: str = "2026-03-03 10:00", person: str = DANA, sequence: int = 0) -> None:
        self.server.put(f"{name}.ics", calendar(event(name, start, person, sequence=sequence)).encode())

    def tag(self, *tags: str) -> None:
        """Dana's card with these categories."""
        said = f"CATEGORIES:{','.join(tags)}\r\n" if tags else ""
        self.server.put_card("dana.vcf", CARD.format(DANA, said).encode())

    def seen(self) -> Seen:
        """The drafts that lie there, by whom they are for, and what became of each follow-up."""
        return self.home.to(), self.home.states()

    def each_cut(self) -> Iterator[None]:
        """Play the cycle of 13:30 whole, then anew with each question cut: by itself, and with all that come after.

        Gives way after each, with the household as it was left. A question is cut in one of six ways, with each server
        in another: for itself where it is cut for good with the other, and the other way round.
        """
        kept = self.home.root.with_name("kept")
        shutil.copytree(self.home.root, kept, symlinks=True)
        self.between.turns.clear()
        self.home.cycles(CUT)
        questions = len(self.between.turns)
        assert questions > 3
        yield
        for number in range(questions):
            fault, alone = WAYS[(number + FIRST_WAY[self.server.name]) % len(WAYS)]
            shutil.rmtree(self.home.root)
            shutil.copytree(kept, self.home.root, symlinks=True)
            self.between.spoil(number, fault)
            if not alone:
                self.between.order = _from(number, fault)
            self.home.cycles(CUT)
            self.between.order = nothing
            yield
        shutil.rmtree(kept)

    def end(self) -> Seen:
        """What is to be seen after a later cycle; in the long runs, in the evening too."""
        self.home.cycles(LATER, *((EVENING,) if THOROUGH else ()))
        return self.seen()


def _from(number: int, fault: Fault) -> Callable[[Turn], Fault | None]:
    return lambda turn: fault if turn.number >= number else None


@pytest.fixture(scope="module", params=list(SERVERS))
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Proxy]]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as running, proxy(running.port) as between:
        yield running, between


@pytest.fixture
def play(place: tuple[Server, Proxy], scratch: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A calendar that is found by its name from nothing but the server, with a meeting that stays, and a book."""
    monkeypatch.setattr("connectors.retry._FIRST_PAUSE", 0.0)
    running, between = place
    server = running.fresh(next(_NUMBERS))
    at, name = f"http://127.0.0.1:{between.port}", server.calendar.rstrip("/").rpartition("/")[2]
    who = "user: alice, password: {file: ../password}"
    told = SETTINGS.replace("ics: calendar/", f"caldav: '{at}', {who}, calendars: [{name}]")
    told = told.replace("{people: people.yaml}", f"{{carddav: '{at}{server.book}', {who}}}, {{people: people.yaml}}")
    home = Closing.make(scratch / "home", settings=told, rules=THANKS)
    (home.root / "password").write_text(PASSWORD)
    (home.root / "password").chmod(0o600)
    play = Play(home, server, between)
    play.put("another", "2026-03-20 10:00", KIM)
    play.tag()
    return play


def test_in_the_very_first_cycle_a_draft_is_laid_down_once(play: Play) -> None:
    play.put("coffee")
    for _ in play.each_cut():
        assert play.end() == ([DANA], [State.PLACED])


def test_a_meeting_that_is_new_is_thanked_for_once(play: Play) -> None:
    play.home.cycles(BEFORE)
    play.put("coffee")
    for _ in play.each_cut():
        assert play.end() == ([DANA], [State.PLACED])


def test_a_draft_that_is_still_wanted_is_never_taken_away(play: Play) -> None:
    play.put("coffee")
    play.home.cycles(FIRST)
    (draft,) = play.home.files(".Drafts")
    play.put("third", "2026-03-19 10:00", "lee@acme.example")
    play.tag("network")
    for _ in play.each_cut():
        assert play.home.files(".Drafts") == [draft]
        assert play.end() == ([DANA], [State.PLACED])


def test_a_meeting_that_was_deleted_takes_its_draft_along_and_no_other(play: Play) -> None:
    play.put("coffee")
    play.put("chat", "2026-03-03 09:30", KIM)
    play.home.cycles(FIRST)
    play.server.delete("coffee.ics")
    for _ in play.each_cut():
        assert KIM in play.home.to()
        to, states = play.end()
        assert (to, sorted(states)) == ([KIM], [State.PLACED, State.WITHDRAWN])


def test_a_meeting_that_was_moved_is_thanked_for_at_its_time(play: Play) -> None:
    play.put("coffee")
    play.home.cycles(FIRST)
    play.put("coffee", "2026-03-03 14:00", sequence=1)
    for _ in play.each_cut():
        play.home.cycles(LATER)
        assert play.seen() == ([], [State.WITHDRAWN])
        play.home.cycles(EVENING)
        assert play.seen() == ([DANA], [State.PLACED])


def test_who_is_tagged_in_the_address_book_is_thanked_once(play: Play) -> None:
    play.home.write("rules/rules.yaml", TAGGED_ONLY)
    play.put("coffee")
    play.home.cycles(FIRST)
    assert play.seen() == ([], [])
    play.tag("network")
    for _ in play.each_cut():
        assert play.end() == ([DANA], [State.PLACED])


def test_nobody_is_forgotten_whose_address_book_does_not_answer(play: Play) -> None:
    play.home.write("rules/rules.yaml", TAGGED_ONLY)
    play.tag("network")
    play.put("coffee")
    play.home.cycles(FIRST)
    (draft,) = play.home.files(".Drafts")
    play.tag("network", "friends")
    for _ in play.each_cut():
        assert play.home.files(".Drafts") == [draft]
        assert play.end() == ([DANA], [State.PLACED])
