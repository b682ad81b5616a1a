"""Events that go from one calendar of an account to another, and calendars that go and come: Radicale and Xandikos."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import THANKS, Home
from tests.dav.servers import PASSWORD, SERVERS, Server
from tests.house import SETTINGS, calendar, event
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERS = count()
DANA, KIM = "dana@acme.example", "kim@acme.example"
DUE, SOON, LATER, EVENING = (f"2026-03-03 {time}" for time in ("14:00", "14:10", "14:20", "20:00"))


@pytest.fixture(scope="module", params=list(SERVERS))
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with SERVERS[request.param](tmp_path_factory.mktemp("server")) as server:
        yield server


@dataclass(frozen=True)
class Play:
    """A household whose one source is two calendars of an account; in the second is a meeting that stays."""

    home: Home
    server: Server
    first: str
    second: str

    def put(self, path: str, name: str = "coffee", person: str = DANA, start: str = "2026-03-03 10:00") -> None:
        text = calendar(event(name, start, person))
        self.server.ask("PUT", f"{path}{name}.ics", text, Content_Type="text/calendar; charset=utf-8")

    def seen(self) -> tuple[list[str], list[State]]:
        return self.home.to(), self.home.states()


@pytest.fixture
def play(running: Server, tmp_path: Path) -> Play:
    server = running.fresh(next(_NUMBERS))
    second = f"{server.calendar[:-1]}-two/"
    server.make(second, "calendar", "Another")
    names = ", ".join(path.rstrip("/").rpartition("/")[2] for path in (server.calendar, second))
    who = f"user: alice, password: {{file: ../password}}, calendars: [{names}]"
    home = Home.make(
        tmp_path / "home", settings=SETTINGS.replace("ics: calendar/", f"caldav: '{server.url}', {who}"), rules=THANKS
    )
    (home.root / "password").write_text(PASSWORD)
    (home.root / "password").chmod(0o600)
    play = Play(home, server, server.calendar, second)
    play.put(second, "another", KIM, "2026-03-20 10:00")
    return play


def test_an_event_in_two_calendars_is_thanked_for_once(play: Play) -> None:
    play.put(play.first)
    play.put(play.second)
    play.home.cycles(DUE, SOON)
    assert play.seen() == ([DANA], [State.PLACED])
    play.server.ask("DELETE", f"{play.first}coffee.ics")
    play.home.cycles(LATER, EVENING)
    assert play.seen() == ([DANA], [State.PLACED])


def test_an_event_that_goes_to_another_calendar_keeps_its_draft(play: Play) -> None:
    play.put(play.first)
    play.home.cycles(DUE)
    (draft,) = play.home.files(".Drafts")
    play.put(play.second)
    play.server.ask("DELETE", f"{play.first}coffee.ics")
    play.home.cycles(SOON, LATER)
    assert play.home.files(".Drafts") == [draft]
    assert play.seen() == ([DANA], [State.PLACED])
    play.put(play.first)
    play.home.cycles(EVENING)
    play.server.ask("DELETE", f"{play.second}coffee.ics")
    play.home.cycles("2026-03-03 20:10")
    assert play.home.files(".Drafts") == [draft]


def test_a_calendar_that_is_made_anew_by_the_same_name_speaks_for_itself(play: Play) -> None:
    play.put(play.first)
    play.home.cycles(DUE)
    play.server.ask("DELETE", play.first)
    assert play.home.once(SOON).problems
    assert play.seen() == ([DANA], [State.PLACED])
    play.server.make(play.first, "calendar", "Made anew")
    play.put(play.first)
    play.put(play.first, "chat", "lee@acme.example", "2026-03-03 11:00")
    assert play.home.once(LATER).problems == []
    assert play.seen() == ([DANA, "lee@acme.example"], [State.PLACED] * 2)


def test_a_calendar_that_is_no_longer_named_takes_no_draft_along(play: Play) -> None:
    play.put(play.first)
    play.home.cycles(DUE)
    file = play.home.root / "config" / "afterword.yaml"
    name = play.first.rstrip("/").rpartition("/")[2]
    file.write_text(file.read_text().replace(f"[{name}, ", "["))
    play.home.cycles(SOON, LATER)
    assert play.seen() == ([DANA], [State.PLACED])


NAMES = ["a%20b", "a%25b", "%C3%BCber", "%c3%bcb", "a+b", "a%2Bb", "a%26b", "a%23b", "a;b", "a@b"]


@pytest.mark.parametrize("name", some(NAMES, 3))
def test_an_event_with_odd_letters_in_its_place_comes_changes_and_goes(play: Play, name: str) -> None:
    text = calendar(event("odd", "2026-03-03 10:00", DANA))
    play.server.ask("PUT", f"{play.first}{name}.ics", text, Content_Type="text/calendar; charset=utf-8")
    play.home.cycles(DUE)
    text = calendar(event("odd", "2026-03-03 10:00", DANA, title="Coffee again", sequence=1))
    play.server.ask("PUT", f"{play.first}{name}.ics", text, Content_Type="text/calendar; charset=utf-8")
    outcome = play.home.once(SOON)
    assert outcome.problems == []
    assert play.seen() == ([DANA], [State.PLACED])
    play.server.ask("DELETE", f"{play.first}{name}.ics")
    assert play.home.once(LATER).problems == []
    assert play.seen() == ([], [State.WITHDRAWN])
