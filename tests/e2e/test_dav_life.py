"""A calendar and an address book on a CalDAV server, through whole cycles: Radicale, and the command itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import CHECK_INS, THANKS, Home
from tests.dav.servers import PASSWORD, USER, Server
from tests.house import SETTINGS, calendar, event
from tests.proxy import Fault, How, Proxy, nothing

if TYPE_CHECKING:
    from pathlib import Path

DUE, SOON, LATER = "2026-03-03 14:00", "2026-03-03 14:10", "2026-03-04 14:20"
DANA = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:d\r\nFN:Dana Okafor\r\nN:Okafor;Dana;;;\r\nEMAIL:dana@acme.example\r\n"
TAGGED = DANA + b"CATEGORIES:network\r\nEND:VCARD\r\n"


def settle(tmp_path: Path, server: Server, between: Proxy, rules: str = THANKS, password: str = PASSWORD) -> Home:
    """A household whose calendar and contacts are on the server."""
    (tmp_path / "password").write_text(password + "\n")
    (tmp_path / "password").chmod(0o600)
    at = f"http://127.0.0.1:{between.port}"
    who = f"user: {USER}, password: {{file: {tmp_path / 'password'}}}"
    told = SETTINGS.replace("ics: calendar/", f"caldav: '{at}{server.calendar}', {who}")
    told = told.replace("{people: people.yaml}", f"{{carddav: '{at}{server.book}', {who}}}, {{people: people.yaml}}")
    return Home.make(tmp_path / "home", settings=told, rules=rules)


def put(server: Server, name: str, start: str = "2026-03-03 10:00", person: str = "dana@acme.example") -> None:
    server.put(f"{name}.ics", calendar(event(name, start, person)).encode())


def test_a_meeting_on_the_server_is_thanked_for_once(tmp_path: Path, server: Server, between: Proxy) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    server.put_card("dana.vcf", TAGGED)
    home.cycles(DUE, SOON)
    (draft,) = home.drafts()
    assert draft["To"] == "Dana Okafor <dana@acme.example>"


def test_a_quiet_cycle_asks_the_calendar_once_and_the_address_book_once(
    tmp_path: Path, server: Server, between: Proxy
) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    home.cycles(DUE, SOON)
    between.turns.clear()
    home.once("2026-03-03 14:20")
    told = sorted(" ".join(turn.asked.split(b"\r\n")[0].decode().split()[:2]) for turn in between.turns)
    assert told == sorted([f"PROPFIND {server.calendar}", f"PROPFIND {server.book}"])


def test_a_meeting_that_is_deleted_takes_its_draft_along(tmp_path: Path, server: Server, between: Proxy) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    put(server, "another", "2026-03-20 10:00", "kim@acme.example")
    home.cycles(DUE)
    server.delete("coffee.ics")
    home.cycles(SOON)
    assert home.drafts() == []
    assert home.states() == [State.WITHDRAWN]


@pytest.mark.parametrize("how", [How.CUT, How.STALL])
def test_a_server_that_is_away_changes_nothing_and_is_told(
    tmp_path: Path, server: Server, between: Proxy, how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.dav.client._SILENT", 0.2)
    monkeypatch.setattr("connectors.retry._FIRST_PAUSE", 0.0)
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    home.cycles(DUE)
    between.order = lambda _: Fault(how, 0)
    outcome = home.once(SOON)
    assert {problem.source for problem in outcome.problems} == {"feed", f"http://127.0.0.1:{between.port}{server.book}"}
    assert home.states() == [State.PLACED]
    between.order = nothing
    assert home.once(LATER).problems == []


def test_a_password_that_is_refused_waits_for_the_user(tmp_path: Path, server: Server, between: Proxy) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    home.cycles(DUE)
    (tmp_path / "password").write_text("wrong\n")
    code, told, _ = home.command("once", when=SOON)
    assert code in {1, 77}
    assert "does not take the password of alice" in told["problems"][0]["message"]
    assert home.states() == [State.PLACED]


def test_a_token_that_the_server_forgot_makes_no_second_draft(tmp_path: Path, server: Server, between: Proxy) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    home.cycles(DUE)
    between.order = lambda turn: Fault(How.CUT) if b"sync-collection" in turn.asked else None
    put(server, "another", "2026-03-03 09:00", "kim@acme.example")
    assert home.once(SOON).problems
    between.order = nothing
    home.cycles(LATER)
    assert sorted(home.to()) == ["dana@acme.example", "kim@acme.example"]


def test_people_are_known_by_the_tags_of_the_server(tmp_path: Path, server: Server, between: Proxy) -> None:
    rules = CHECK_INS.replace("title: [coffee, chat]", "person: {tag: [network]}")
    home = settle(tmp_path, server, between, rules)
    put(server, "coffee", "2026-01-12 10:00")
    put(server, "stranger", "2026-01-12 12:00", "kim@acme.example")
    server.put_card("dana.vcf", TAGGED)
    home.cycles("2026-01-12 13:00", "2026-02-24 10:00")
    assert home.to() == ["dana@acme.example"]


def test_check_connect_tells_what_is_there(tmp_path: Path, server: Server, between: Proxy) -> None:
    home = settle(tmp_path, server, between)
    put(server, "coffee")
    server.put_card("dana.vcf", TAGGED)
    code, _, _ = home.command("check", "--connect", when=DUE)
    assert code == 0
    (tmp_path / "password").write_text("wrong\n")
    code, told, _ = home.command("check", "--connect", when=DUE)
    assert code == 78
    assert {problem["source"] for problem in told["problems"]} >= {"feed"}
