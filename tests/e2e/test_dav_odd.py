"""What an odd server, or somebody in between, does to drafts: whole cycles with a small CalDAV server of our own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.build import at
from tests.cases.home import THANKS, Home
from tests.dav.standin import HOME, WORK, Answer, Asked, Dav, dav, found, multistatus, status
from tests.house import SETTINGS, calendar, event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DANA, KIM = "dana@acme.example", "kim@acme.example"
DUE, SOON, LATER = "2026-03-03 14:00", "2026-03-03 14:10", "2026-03-03 14:20"
PAGE = Answer(200, b"<!DOCTYPE html><html>Sign in</html>", {"Content-Type": "text/html"})
CALENDAR = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
OTHER = f"{HOME}other/"


@pytest.fixture
def server() -> Iterator[Dav]:
    with dav() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, server: Dav) -> Home:
    told = SETTINGS.replace("ics: calendar/", f"caldav: '{server.address}{HOME}'")
    return Home.make(tmp_path / "home", settings=told, rules=THANKS)


def put(server: Dav, name: str, person: str = DANA, start: str = "2026-03-03 10:00") -> None:
    server.put(f"{name}.ics", calendar(event(name, start, person)).encode())


def test_a_page_that_asks_to_sign_in_costs_no_thank_you(home: Home, server: Dav) -> None:
    put(server, "coffee")
    server.instead = lambda asked: PAGE if asked.method in {"REPORT", "GET"} else None
    assert home.once("2026-03-03 13:50").problems
    server.instead = lambda _: None
    assert home.once(DUE).problems == []
    assert home.to() == [DANA]


def test_an_event_that_may_not_be_read_holds_up_no_other(home: Home, server: Dav) -> None:
    put(server, "coffee")
    put(server, "secret", KIM)
    server.instead = forbidden
    (problem,) = home.once(DUE).problems
    assert "secret.ics" in problem.message
    assert home.to() == [DANA]
    assert home.once(SOON).problems == []


def test_an_event_that_went_elsewhere_and_does_not_come_from_there_keeps_its_draft(home: Home, server: Dav) -> None:
    put(server, "coffee")
    put(server, "another", KIM, "2026-03-20 10:00")
    home.cycles(DUE)
    (draft,) = home.files(".Drafts")
    server.put("moved.ics", server.events["coffee.ics"])
    server.remove("coffee.ics")
    server.instead = lambda asked: Answer(500) if "multiget" in asked.body or asked.method == "GET" else None
    assert home.once(SOON).problems
    assert home.files(".Drafts") == [draft]
    server.instead = lambda _: None
    assert home.once(LATER).problems == []
    assert (home.files(".Drafts"), home.states()) == ([draft], [State.PLACED])


def test_an_event_that_never_comes_keeps_no_draft_of_another_for_long(home: Home, server: Dav) -> None:
    put(server, "coffee")
    put(server, "another", KIM, "2026-03-20 10:00")
    home.cycles(DUE)
    put(server, "secret", KIM)
    server.remove("coffee.ics")
    server.instead = forbidden
    home.cycles(SOON, LATER)
    assert home.to() == []
    assert home.states() == [State.WITHDRAWN]


def test_a_process_that_is_killed_at_any_question_of_the_first_look_leaves_one_draft_to_the_next(
    home: Home, server: Dav
) -> None:
    put(server, "coffee")
    put(server, "chat", KIM)
    number = 0
    while began(home, server, number) == -signal.SIGKILL:
        number += 1
        assert home.to() == []
    assert number == len(["/dav/home/", "/dav/me/", "/dav/home/", "/dav/home/work/", "the events"])
    home.cycles(SOON)
    assert home.to() == [DANA, KIM]


def began(home: Home, server: Dav, number: int) -> int:
    """A cycle in a process of its own, which dies when it asks for the time after `number`; how it ended."""
    server.asked.clear()
    where = ["--config", str(home.root / "config"), "--state", str(home.state)]
    command = [sys.executable, "-m", "daemon", *where, "once", "--at", at(DUE).isoformat()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill(_: Asked) -> None:
        if len(server.asked) > number:
            os.kill(process.pid, signal.SIGKILL)

    server.instead = kill
    return process.wait(60)


def forbidden(asked: Asked) -> Answer | None:
    """One event is nobody's business."""
    if "multiget" in asked.body and "secret.ics" in asked.body:
        return Answer(403)
    return Answer(403) if asked.path == f"{WORK}secret.ics" else None


@pytest.mark.parametrize("code", [500, 502, 504])
@pytest.mark.parametrize("bomb", ["a-bomb", "z-bomb"])
def test_an_event_that_fells_the_server_holds_up_no_other(
    home: Home, server: Dav, code: int, bomb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.retry._FIRST_PAUSE", 0.0)
    put(server, bomb, KIM)
    put(server, "coffee")
    server.instead = lambda asked: Answer(code) if bomb in asked.body + asked.path else None
    (problem,) = home.once(DUE).problems
    assert problem.file == f"{WORK}{bomb}.ics"
    assert home.to() == [DANA]


def test_a_calendar_that_is_listed_no_more_is_asked_for_though_an_event_could_not_be_read(
    home: Home, server: Dav
) -> None:
    put(server, "coffee")
    put(server, "chat", "lee@acme.example", "2026-03-03 11:00")
    put(server, "secret", KIM)
    server.instead = forbidden
    home.cycles(DUE)
    there = {HOME: multistatus(found(HOME, ""), found(OTHER, CALENDAR)), OTHER: multistatus(found(OTHER, CALENDAR))}
    server.instead = lambda asked: there.get(asked.path)
    (problem,) = home.once(SOON).problems
    assert "no longer lists the calendar" in problem.message
    assert home.states() == [State.PLACED] * 2


def test_another_server_is_read_though_its_etags_are_the_same(home: Home, server: Dav) -> None:
    with dav() as other:
        for one, person in ((server, DANA), (other, KIM)):
            put(one, "coffee", person)
            one.etag = lambda _: '"1"'
        home.cycles("2026-03-03 11:30")
        file = home.root / "config" / "afterword.yaml"
        file.write_text(file.read_text().replace(server.address, other.address))
        home.cycles(DUE)
    assert home.to() == [KIM]


def test_a_calendar_in_the_trash_hinders_no_other(home: Home, server: Dav) -> None:
    put(server, "coffee")
    home.cycles(DUE)
    trash = '<D:resourcetype><D:collection/><N:deleted-calendar xmlns:N="http://nextcloud.com/ns"/></D:resourcetype>'
    there = {
        HOME: multistatus(found(HOME, ""), found(WORK, trash), found(OTHER, CALENDAR)),
        WORK: multistatus(found(WORK, trash)),
        OTHER: multistatus(found(OTHER, CALENDAR)),
    }
    server.instead = lambda asked: there.get(asked.path)
    assert home.once(SOON).problems == []
    server.instead = lambda asked: multistatus(found(HOME, ""), status(WORK, 404)) if asked.path == HOME else None
    assert home.once(LATER).problems  # none left at all
    assert home.states() == [State.PLACED]
