"""Cases: calendars that fail, shrink, or vanish. Each docstring is the sentence of the case."""

from __future__ import annotations

import gzip
import shutil
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.calendars.ics import IcsAddress
from daemon.cycle import Outcome, run
from daemon.ledger import Ledger
from daemon.view import view
from tests.build import at
from tests.cases.home import Home, coffee, rule, settings
from tests.connectors.calendars.web import Web, reply, serving
from tests.house import calendar, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.cases.conftest import Moves

ANA, BEN = "ana@one.example", "ben@two.example"
MET, BEFORE, DUE, SOON = "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"


@contextmanager
def feed(home: Home, web: Web, **options: float) -> Iterator[Callable[[str], Outcome]]:
    """One cycle after the other with the calendar of this server, as settings with an address name it."""

    def once(when: str) -> Outcome:
        address = IcsAddress("feed", web.address, local=True, pause=lambda _: None, **options)
        with Ledger.open(home.state) as ledger:
            return run(replace(home.house(), calendars=[address]), ledger, at(when))

    yield once


WHOLE = calendar(event("coffee", MET, ANA), event("later", "2026-03-10 10:00", BEN)).encode()


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    reply(handler, 200, WHOLE[:400], Content_Length=str(len(WHOLE)))


def reset(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()
    handler.close_connection = True


BAD_ANSWERS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "nothing": lambda handler: reply(handler, 200),
    "white space": lambda handler: reply(handler, 200, b"\r\n \r\n"),
    "a login page": lambda handler: reply(
        handler, 200, b"<!doctype html><html>Log in</html>", Content_Type="text/html"
    ),
    "cut off": cut_off,
    "cut off and called whole": lambda handler: reply(handler, 200, WHOLE[:400]),
    "cut off between events": lambda handler: reply(handler, 200, WHOLE[: WHOLE.index(b"END:VEVENT") + 12]),
    "an error as JSON": lambda handler: reply(handler, 200, b'{"error": "gone"}'),
    "400": lambda handler: reply(handler, 400),
    "401": lambda handler: reply(handler, 401),
    "403": lambda handler: reply(handler, 403),
    "404": lambda handler: reply(handler, 404),
    "410": lambda handler: reply(handler, 410),
    "429": lambda handler: reply(handler, 429, Retry_After="60"),
    "500": lambda handler: reply(handler, 500),
    "503": lambda handler: reply(handler, 503),
    "204": lambda handler: reply(handler, 204),
    "304 unasked": lambda handler: reply(handler, 304),
    "a reset connection": reset,
    "binary": lambda handler: reply(handler, 200, bytes(range(256)) * 10),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_feed_that_answers_badly_cancels_nothing_ever(settle: Moves, case: str) -> None:
    """A feed that answers 200 with nothing, with a login page, or cut off in the middle: nothing is cancelled."""
    home = settle()
    with serving(lambda handler: reply(handler, 200, WHOLE)) as web, feed(home, web) as once:
        once(DUE)
        assert home.to() == [ANA]
        web.answer = BAD_ANSWERS[case]
        outcome = once(SOON)
        if case != "304 unasked":  # without validators there is nothing to compare, and a 304 is doubted all the same
            assert [problem.source for problem in outcome.problems] == ["feed"]
            assert outcome.problems[0].message
        once("2026-03-05 14:00")
        assert home.to() == [ANA]
        once("2026-03-10 13:00")  # what was known of it is still known, and due
        assert home.to() == [ANA, BEN]
        web.answer = lambda handler: reply(handler, 200, WHOLE)
        assert once("2026-03-10 14:00").problems == []
        assert home.to() == [ANA, BEN]


def test_a_feed_that_says_not_modified_is_believed(settle: Moves) -> None:
    """A neighbour of 304: with a validator it means that everything is as it was."""
    home = settle()
    with serving(lambda handler: reply(handler, 200, WHOLE, ETag='"1"')) as web, feed(home, web) as once:
        once(BEFORE)
        web.answer = lambda handler: reply(handler, 304, ETag='"1"')
        assert once(DUE).problems == []
        assert web.asked[-1].headers["If-None-Match"] == '"1"'
        assert home.to() == [ANA]


def test_a_feed_that_hangs_or_drips_is_given_up_in_time(settle: Moves) -> None:
    """A socket that hangs; a server that drips a byte a second."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for byte in WHOLE:
            if web.ending.wait(0.02):
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()

    def hang(_: BaseHTTPRequestHandler) -> None:
        web.ending.wait(2)

    home = settle()
    with serving(lambda handler: reply(handler, 200, WHOLE)) as web, feed(home, web, seconds=0.3) as once:
        once(DUE)
        for answer in (drip, hang):
            web.answer = answer
            outcome = once(SOON)
            assert outcome.problems[0].source == "feed"
            assert home.to() == [ANA]


def test_a_gzip_bomb_is_not_unpacked(settle: Moves, monkeypatch: pytest.MonkeyPatch) -> None:
    """A 1 GB feed; a gzip bomb: it ends at the limit, and nothing is cancelled."""
    bomb = gzip.compress(b"BEGIN:VCALENDAR\r\n" + b"X" * 50_000_000)
    monkeypatch.setattr("connectors.web._CHUNK", 65_536)
    monkeypatch.setattr("connectors.calendars.sheet.MAX_BYTES", 1_000_000)
    home = settle()
    with serving(lambda handler: reply(handler, 200, WHOLE)) as web, feed(home, web) as once:
        once(DUE)
        web.answer = lambda handler: reply(handler, 200, bomb, Content_Encoding="gzip")
        tracemalloc.start()
        outcome = once(SOON)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10_000_000
    assert outcome.problems[0].source == "feed"
    assert home.to() == [ANA]


def test_a_feed_that_shows_an_empty_calendar_is_doubted_for_a_day(settle: Moves) -> None:
    """A feed that answers with a readable calendar without events: nothing is cancelled before 24 hours."""
    home = settle()
    with serving(lambda handler: reply(handler, 200, WHOLE)) as web, feed(home, web) as once:
        once("2026-03-03 08:00")
        web.answer = lambda handler: reply(handler, 200, calendar().encode())
        once(BEFORE)
        once(DUE)
        assert home.files(".Drafts") == []  # nothing new is drafted for what is gone
        web.answer = lambda handler: reply(handler, 200, WHOLE)
        once(SOON)
        assert home.to() == [ANA]


def many(home: Home) -> None:
    """Twelve meetings in files of their own, and one old event that stays."""
    home.put("old", event("old", "2026-02-24 10:00", "zoe@far.example", title="Lunch"))
    coffee(home, ANA)
    for day in range(4, 15):
        coffee(home, f"p{day}@host{day}.example", start=f"2026-03-{day:02} 10:00", name=f"day{day}")


def lose(home: Home) -> None:
    home.drop("coffee")
    for day in range(4, 14):
        home.drop(f"day{day}")


def test_a_calendar_folder_that_loses_most_files_is_doubted_for_a_day(settle: Moves) -> None:
    """A calendar folder that loses most of its files: nothing is cancelled until that has lasted 24 hours."""
    home = settle()
    many(home)
    home.once(DUE)
    assert home.to() == [ANA]
    lose(home)
    code, told, _ = home.command("once", when=SOON)
    assert (code, told["withdrawn"]) == (0, [])
    _, status, _ = home.command("status", when=SOON)
    (problem,) = status["problems"]
    assert "suddenly missing" in problem["message"]
    assert "nothing is cancelled before Wed 4 March 13:30" in problem["message"]
    home.cycles("2026-03-04 13:00", "2026-03-04 13:25")
    assert home.to() == [ANA]  # neither withdrawn, nor anything new for a meeting that is gone
    home.once("2026-03-04 13:30")
    assert home.drafts() == []
    assert home.command("status", when="2026-03-04 13:30")[1]["problems"] == []
    home.once("2026-03-14 13:00")
    assert home.to() == ["p14@host14.example"]


def test_a_calendar_folder_that_finds_its_files_again_ends_the_doubt(settle: Moves) -> None:
    """A calendar folder that loses most of its files, and has them back the next morning."""
    home = settle()
    many(home)
    home.once(DUE)
    kept = home.root / "kept"
    shutil.copytree(home.root / "config" / "calendar", kept)
    lose(home)
    home.cycles(SOON, "2026-03-04 09:00")
    shutil.copytree(kept, home.root / "config" / "calendar", dirs_exist_ok=True)
    home.cycles("2026-03-04 10:00", "2026-03-04 14:00")
    assert home.to() == [ANA, "p4@host4.example"]
    assert home.standing("2026-03-04 14:00") == []


def test_a_calendar_folder_that_vanishes_pauses_and_cancels_nothing(settle: Moves) -> None:
    """Permission withdrawn: that source pauses, the user is told how to give it again, what is due is kept."""
    home = settle()
    coffee(home, ANA)
    coffee(home, BEN, start="2026-03-03 12:00", name="other")
    home.once(DUE)
    folder = home.root / "config" / "calendar"
    folder.rename(home.root / "away")
    code, told, _ = home.command("once", when="2026-03-05 15:00")
    assert code == 1
    assert told["problems"][0]["source"] == "feed"
    assert told["problems"][0]["hint"]
    assert home.to() == [ANA, BEN]
    (source,) = [one for one in home.command("status", when="2026-03-05 15:00")[1]["sources"] if one["id"] == "feed"]
    assert source["ok"] is False
    (home.root / "away").rename(folder)
    assert home.command("once", when="2026-03-05 15:30")[0] == 0
    assert home.to() == [ANA, BEN]


def test_one_calendar_down_does_not_stop_the_others(settle: Moves) -> None:
    """A neighbour: fails by part, visibly."""
    home = settle(settings=settings("{id: gone, ics: nowhere/}, {id: feed, ics: calendar/}"))
    coffee(home, ANA)
    code, told, _ = home.command("once", when=DUE)
    assert (code, [problem["source"] for problem in told["problems"]]) == (1, ["gone"])
    assert home.to() == [ANA]


def test_a_past_meeting_that_leaves_a_rolling_feed_stays_held(settle: Moves) -> None:
    """A past meeting that drops out of a calendar which no longer shows anything that old stays held."""
    home = settle()
    rolling = calendar(event("later", "2026-03-10 10:00", BEN)).encode()
    with serving(lambda handler: reply(handler, 200, WHOLE)) as web, feed(home, web) as once:
        once("2026-03-03 12:00")
        web.answer = lambda handler: reply(handler, 200, rolling)
        once(DUE)
        assert home.to() == [ANA]
        once(SOON)
        assert home.to() == [ANA]


def test_what_two_calendars_lack_is_doubted_until_the_later_of_them_is_believed(tmp_path: Path) -> None:
    """A calendar that suddenly lacks most of its meetings is doubted, and so is what several of them lack."""
    both = "{id: feed, ics: calendar/}, {id: work, ics: work/}"
    home = Home.make(tmp_path / "home", settings=settings(both))
    for number in range(1, 6):
        home.put(f"m{number}", event(f"m{number}", f"2026-03-0{number} 10:00", "ana@one.example"))
    shutil.copytree(home.root / "config" / "calendar", home.root / "config" / "work")
    home.once("2026-03-01 09:00")
    for folder, hour in (("work", "14:00"), ("calendar", "09:00")):
        for path in (home.root / "config" / folder).iterdir():
            path.unlink()
        home.once(f"2026-03-0{2 if folder == 'calendar' else 1} {hour}")
    with Ledger.open(home.state, write=False) as ledger:
        seen = view(home.house(), ledger, at("2026-03-02 09:05"), at("2026-03-02 09:05"))
    assert set(seen.world.history.doubted.values()) == {at("2026-03-03 09:00")}


@pytest.mark.parametrize("now", ["{id: work, ics: work/}", "{id: feed, ics: nowhere/}, {id: work, ics: work/}"])
def test_a_meeting_goes_with_the_calendar_in_which_it_stands_now(tmp_path: Path, now: str) -> None:
    """The calendar in which it stood as well when its note was drafted is read no more, or does not answer."""
    both = "{id: feed, ics: calendar/}, {id: work, ics: work/}"
    home = Home.make(tmp_path / "home", rules=rule(), settings=settings(both))
    (home.root / "config" / "work").mkdir()
    home.put("old", event("old", "2026-02-02 10:00", BEN))
    coffee(home, ANA)
    for name in ("old", "coffee"):
        shutil.copy(home.root / "config" / "calendar" / f"{name}.ics", home.root / "config" / "work")
    home.cycles(BEFORE, DUE)
    home.drop("coffee")
    home.once("2026-03-03 13:05")
    home.write("afterword.yaml", settings(now))
    home.once("2026-03-03 13:10")
    assert home.to() == [ANA]
    (home.root / "config" / "work" / "coffee.ics").unlink()
    home.once("2026-03-03 13:15")
    assert home.to() == []
