"""A wrong password for CalDAV and CardDAV: once for the account, however many calendars, and then not for an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import Home
from tests.dav.servers import PASSWORD, USER, Server
from tests.house import SETTINGS, calendar, event

if TYPE_CHECKING:
    from pathlib import Path

    from tests.proxy import Proxy

FIRST, SOON, LATER, NEXT = "2026-03-03 14:00", "2026-03-03 14:10", "2026-03-03 14:20", "2026-03-03 15:01"


@pytest.fixture
def home(tmp_path: Path, server: Server, between: Proxy) -> Home:
    """Three calendars and an address book of one account, and a wrong password."""
    at = f"http://127.0.0.1:{between.port}"
    who = "user: alice, password: {file: ../password}"
    one = f"{{id: feed, caldav: '{at}{server.calendar}', {who}}}"
    calendars = [one]
    for number in (2, 3):
        path = f"{server.calendar[:-1]}-{number}/"
        server.make(path, "calendar", f"Calendar {number}")
        calendars.append(f"{{id: feed-{number}, caldav: '{at}{path}', {who}}}")
    told = SETTINGS.replace("{id: feed, ics: calendar/}", ", ".join(calendars))
    told = told.replace("{people: people.yaml}", f"{{carddav: '{at}{server.book}', {who}}}, {{people: people.yaml}}")
    home = Home.make(tmp_path / "home", settings=told)
    server.put("coffee.ics", calendar(event("coffee", "2026-03-03 10:00", "dana@acme.example")).encode())
    say(home, "wrong")
    return home


def say(home: Home, password: str) -> None:
    (home.root / "password").write_text(password)
    (home.root / "password").chmod(0o600)


def logins(between: Proxy) -> int:
    """How often somebody showed a password since the last time."""
    told = sum(b"\r\nAuthorization:" in turn.asked for turn in between.turns)
    between.turns.clear()
    return told


def serve(home: Home, when: str) -> list[str]:
    """A cycle of the service; of what it tells."""
    code, told, _ = home.command("once", "--service", when=when)
    assert code == (1 if told["problems"] else 0)
    return [f"{one['source']}: {one['message']}" for one in told["problems"]]


def test_all_that_an_account_has_costs_one_login_and_in_the_next_hour_none(home: Home, between: Proxy) -> None:
    said = []
    for when in (FIRST, SOON, LATER, NEXT):
        serve(home, when)
        said.append(logins(between))
    assert said == [1, 0, 0, 1]


def test_each_calendar_tells_that_it_waits_for_the_password(home: Home, between: Proxy) -> None:
    first = serve(home, FIRST)
    between.turns.clear()
    assert serve(home, SOON) == first
    assert len(first) == 4
    assert all(one.endswith(f"does not take the password of {USER} (since Tue 3 March 14:00)") for one in first)
    assert between.turns == []
    _, status, _ = home.command("status", when=LATER)
    assert sorted({f"{one['source']}: {one['message']}" for one in status["problems"]}) == sorted(first)


@pytest.mark.parametrize("command", [("once",), ("check", "--connect")])
def test_a_command_by_hand_says_it_once(home: Home, between: Proxy, command: tuple[str, ...]) -> None:
    serve(home, FIRST)
    logins(between)
    assert home.command(*command, when=SOON)[0] in {1, 78}
    assert logins(between) == 1


def test_the_right_password_is_taken_at_once(home: Home, between: Proxy) -> None:
    serve(home, FIRST)
    say(home, PASSWORD)
    assert serve(home, SOON) == []
    assert (home.to(), home.states()[0]) == (["dana@acme.example"], State.PLACED)


def test_what_the_server_forbids_to_a_password_that_it_takes_is_no_refused_login(
    home: Home, server: Server, between: Proxy
) -> None:
    say(home, PASSWORD)
    path = home.root / "config" / "afterword.yaml"
    path.write_text(path.read_text().replace(f"{server.calendar[:-1]}-2/", "/somebody-else/work/"))
    assert [one.partition(":")[0] for one in serve(home, FIRST)] == ["feed-2"]
    logins(between)
    assert [one.partition(":")[0] for one in serve(home, SOON)] == ["feed-2"]
    assert logins(between) > 3
