"""A password that the server refuses is not said again by the service before a pause: nobody is locked out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from connectors import whole
from daemon.logins import FILE
from rules.history import State
from tests.cases.home import Home, coffee
from tests.daemon.crash.apart import KILLED, killed
from tests.imap.home import at_dovecot
from tests.imap.programs import PASSWORD, Dovecot
from tests.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANA = "ana@one.example"
FIRST = "2026-03-03 13:30"
SOON = ("2026-03-03 13:31", "2026-03-03 13:45", "2026-03-03 14:29")
AFTER_AN_HOUR, AFTER_TWO_MORE = "2026-03-03 14:31", "2026-03-03 16:32"


@pytest.fixture
def between(server: Dovecot) -> Iterator[Proxy]:
    with proxy(server.port) as state:
        yield state


@pytest.fixture
def home(tmp_path: Path, server: Dovecot, between: Proxy) -> Home:
    """A household with a meeting to thank for, and a wrong password."""
    home = at_dovecot(tmp_path / "home", server, port=between.port)
    coffee(home, ANA)
    say(home, "wrong")
    return home


def say(home: Home, password: str) -> None:
    (home.root / "password").write_text(password)


def logins(between: Proxy) -> int:
    """How often somebody tried to log in since the last time."""
    told = sum(b" LOGIN " in turn.asked or b" AUTHENTICATE " in turn.asked for turn in between.turns)
    between.turns.clear()
    return told


def serve(home: Home, when: str) -> tuple[int, Any]:
    """A cycle of the service."""
    code, told, _ = home.command("once", "--service", when=when)
    return code, told


def test_the_service_says_it_once_and_after_an_hour_and_after_two_more(home: Home, between: Proxy) -> None:
    said = []
    for when in (FIRST, *SOON, AFTER_AN_HOUR, "2026-03-03 16:30", AFTER_TWO_MORE):
        assert serve(home, when)[0] == 77
        said.append(logins(between))
    assert said == [1, 0, 0, 0, 1, 0, 1]


def test_while_it_rests_nobody_connects_and_the_same_error_is_told(home: Home, between: Proxy) -> None:
    first = serve(home, FIRST)[1]["problems"]
    connections = between.connections
    later = serve(home, SOON[0])[1]["problems"]
    assert (later, between.connections) == (first, connections)
    (told,) = later
    assert "does not let" in told["message"]
    assert "since Tue 3 March 13:30" in told["message"]
    assert "again on Tue 3 March 14:30" in told["hint"]
    _, status, _ = home.command("status", when=SOON[1])
    assert [one["message"] for one in status["problems"]] == [told["message"]]
    assert between.connections == connections


def test_a_changed_password_is_said_at_once_and_the_refused_one_forgotten(home: Home, between: Proxy) -> None:
    serve(home, FIRST)
    say(home, PASSWORD)
    assert serve(home, SOON[0])[0] == 0
    assert (home.to(), home.states()) == ([ANA], [State.PLACED])
    say(home, "wrong")
    logins(between)
    assert serve(home, SOON[1])[0] == 77
    assert logins(between) == 0  # it was refused less than an hour ago
    say(home, "wrong in another way")
    assert serve(home, SOON[2])[0] == 77
    assert logins(between) == 1


@pytest.mark.parametrize("command", [("once",), ("once", "--dry-run"), ("check", "--connect")])
def test_a_command_by_hand_asks_at_once(home: Home, between: Proxy, command: tuple[str, ...]) -> None:
    serve(home, FIRST)
    logins(between)
    assert home.command(*command, when=SOON[0])[0] in {77, 78}
    assert logins(between) == 1
    assert serve(home, SOON[1])[0] == 77
    assert logins(between) == 0


def test_another_user_is_asked_at_once(home: Home, between: Proxy) -> None:
    serve(home, FIRST)
    logins(between)
    path = home.root / "config" / "afterword.yaml"
    path.write_text(path.read_text().replace("user: robin", "user: kim"))
    assert serve(home, SOON[0])[0] == 77
    assert logins(between) == 1


def test_a_cycle_that_dies_before_it_has_remembered_costs_one_login_more(
    home: Home, between: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = whole.replace

    def dying(path: Path, change: Callable[[], str | None]) -> None:
        if path.name == FILE:
            os._exit(KILLED)
        replace(path, change)

    with monkeypatch.context() as patch:
        patch.setattr(whole, "replace", dying)
        assert killed(lambda: serve(home, FIRST))
    assert logins(between) == 1
    assert [serve(home, when)[0] for when in SOON] == [77, 77, 77]
    assert logins(between) == 1
