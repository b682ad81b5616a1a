"""Cases: faults of the machine, the state, the sources and the rules. Each docstring is the sentence of the case.

Killed at every I/O, and twice, is `tests/daemon/crash/test_deaths.py`.
"""

from __future__ import annotations

import gzip
import os
import resource
import shutil
import signal
import sqlite3
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.calendars import download
from connectors.calendars.ics import IcsAddress
from daemon import locks
from daemon.cycle import Outcome, run
from daemon.ledger import Ledger, store
from rules.history import State
from tests.build import at
from tests.cases.home import Home, rule, settings
from tests.connectors.calendars.web import Web, reply, serving
from tests.house import calendar, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

    from tests.cases.conftest import Moves

ANA, BEN, CEM, DAN = "ana@one.example", "ben@two.example", "cem@three.example", "dan@four.example"
MET, BEFORE, DUE, SOON = "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"
NOBODY = 65534


def coffee(home: Home, *people: str, start: str = MET, name: str = "coffee") -> None:
    home.put(name, event(name, start, *people))


def in_a_child(work: Callable[[], int]) -> int:
    """Work in a forked child, for what cannot be undone; its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# --- The state -------------------------------------------------------------------------------------------------


def test_two_cycles_at_once(settle: Moves) -> None:
    """Two services at once: the second is told who is at work, ends with 75, and does nothing."""
    home = settle()
    coffee(home, ANA)
    home.state.mkdir()
    with locks.take(home.state, locks.CYCLE, "once", at(DUE)):
        code, told, said = home.command("once", when=DUE)
    assert code == 75
    assert f"process {os.getpid()}" in told["problems"][0]["message"]
    assert "--state" in said
    assert home.files(".Drafts") == []
    assert home.command("once", when=DUE)[0] == 0
    assert home.to() == [ANA]


@pytest.mark.parametrize("parts", ["folder", "folder and ledger"])
def test_the_state_folder_read_only(settle: Moves, parts: str) -> None:
    """The state folder read-only: told, with the remedy; nothing is drafted, for it could not be remembered."""
    home = settle()
    home.once(BEFORE)
    coffee(home, ANA)
    for path in (*home.root.parents[:1], home.root):
        path.chmod(0o755)
    for path in home.root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in (home.mail, *home.mail.rglob("*")):
        path.chmod(0o777)
    if parts == "folder":
        (home.state / store.NAME).chmod(0o666)
    home.state.chmod(0o555)

    def work() -> int:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        code, told, _ = home.command("once", when=DUE)
        assert told["problems"][0]["hint"]
        return code

    home.command("status", when=DUE)  # what a command imports is there before the child loses its rights
    assert in_a_child(work) == 77
    assert home.files(".Drafts") == []
    home.state.chmod(0o755)
    home.once(SOON)
    assert home.to() == [ANA]


def test_a_file_in_the_place_of_the_state_folder(settle: Moves) -> None:
    """The state folder cannot be made: told, and nothing is done."""
    home = settle()
    coffee(home, ANA)
    home.state.write_text("not a folder")
    code, _, said = home.command("once", when=DUE)
    assert code == 2  # it was typed on the command line
    assert str(home.state) in said
    below = Home(home.root / "config" / "people.yaml")
    code, told, _ = below.command("--config", str(home.root / "config"), "once", when=DUE)
    assert code == 75
    assert "--state" in told["problems"][0]["hint"]
    assert home.files(".Drafts") == []
    assert home.state.read_text() == "not a folder"


@pytest.mark.parametrize("size", [0, 100, 600, 5_000, 40_000, 70_000, 100_000, 130_000])
def test_the_disk_full(settle: Moves, size: int) -> None:
    """The disk full: no file grows beyond this. Nothing is half written, and the next cycle makes one draft."""
    home = settle()
    coffee(home, ANA, BEN)

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return home.command("once", when=DUE)[0]

    code = in_a_child(work)
    written = len(home.files(".Drafts"))
    assert code in ({0} if written == 2 else {1, 75})
    assert all(b"Robin" in path.read_bytes() for path in home.files(".Drafts"))
    home.cycles(SOON, "2026-03-03 13:35")
    assert home.to() == [ANA, BEN]
    assert home.states() == [State.PLACED] * 2
    assert list((home.mail / ".Drafts" / "tmp").iterdir()) == []


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_the_database_locked(settle: Moves, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The database locked: by another connection, for longer than is worth waiting for."""
    monkeypatch.setattr(store, "BUSY", 0.1)
    home = settle()
    home.once(BEFORE)
    coffee(home, ANA)
    other = sqlite3.connect(home.state / store.NAME, isolation_level=None)
    other.execute(f"BEGIN {how}")
    code, told, _ = home.command("once", when=DUE)
    other.execute("ROLLBACK")
    other.close()
    assert code == 75
    assert "in use" in told["problems"][0]["message"]
    assert home.files(".Drafts") == []
    home.once(SOON)
    assert home.to() == [ANA]


@pytest.mark.parametrize("damage", ["garbage", "zeros in the middle", "cut off"])
def test_the_database_corrupt(settle: Moves, damage: str) -> None:
    """The database corrupt: a clear word with the remedy, and nothing is overwritten."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    file = home.state / store.NAME
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {
            "garbage": b"garbage " * 4096,
            "zeros in the middle": whole[:4096] + bytes(len(whole) - 4096),
            "cut off": whole[:half],
        }[damage]
    )
    broken = file.read_bytes()
    code, told, _ = home.command("once", when=DUE)
    assert code == 75
    (problem,) = told["problems"]
    assert "damaged" in problem["message"]
    assert "move" in problem["hint"]
    assert file.read_bytes() == broken
    assert home.files(".Drafts") == []
    file.unlink()
    home.once(SOON)
    assert home.to() == [ANA]


def went_on(settle: Moves, lost: Callable[[Home], None]) -> Home:
    """Four drafts were made; one was sent, one deleted, one edited, one is as it was. Then the ledger is lost."""
    home = settle()
    coffee(home, ANA, BEN, CEM, DAN)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    ids = {str(draft["To"]).rpartition("<")[2].rstrip(">"): str(draft["Message-ID"]) for draft in home.drafts()}
    home.move(ids[ANA], ".Sent")
    home.move(ids[BEN], ".Trash")
    home.edit(ids[CEM], "Dear", "My dear")
    home.once(SOON)
    shutil.rmtree(home.state)
    lost(home)
    return home


AFTER = {ANA: State.SENT, BEN: State.VETOED, CEM: State.EDITED, DAN: State.PLACED}


def restored(home: Home) -> None:
    (home.root / "backup").rename(home.state)


@pytest.mark.parametrize("lost", [restored, lambda _: None], ids=["restored", "deleted"])
def test_the_ledger_lost_while_the_mailbox_went_on(settle: Moves, lost: Callable[[Home], None]) -> None:
    """The state restored from last week, or deleted: nothing is drafted twice, in Drafts, Sent or Trash."""
    home = went_on(settle, lost)
    outcome = home.once("2026-03-03 14:00")
    assert outcome.placed == []
    assert home.to() == [CEM, DAN]
    assert {record.addresses[0]: record.state for record in home.records()} == AFTER
    home.cycles("2026-03-03 15:30", "2026-03-04 10:00")
    assert home.to() == [CEM, DAN]


def test_the_ledger_lost_after_a_draft_was_made_anew(settle: Moves) -> None:
    """The state restored from last week, and the draft that lies there is a later revision."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    home.put("coffee", event("coffee", MET, ANA, sequence=1, status="CANCELLED"))
    home.once("2026-03-03 13:05")
    home.put("coffee", event("coffee", MET, ANA, sequence=2))
    home.once("2026-03-03 13:10")
    assert home.record().revision == 1
    message_id = home.id()
    shutil.rmtree(home.state)
    restored(home)
    home.cycles(SOON, "2026-03-03 14:00")
    assert home.id() == message_id


def test_created_and_the_answer_lost(settle: Moves) -> None:
    """Created, and the answer lost: an intent stands in the ledger, and the draft lies in the mailbox."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    raw = home.files(".Drafts")[0].read_bytes()
    meant = home.record()
    shutil.rmtree(home.state)
    restored(home)
    with Ledger.open(home.state) as ledger:
        assert ledger.intend(meant, raw, meant.why, at(DUE))
    outcome = home.once(SOON)
    assert [record.id for record in outcome.changed] == [meant.id]
    assert home.to() == [ANA]
    assert home.states() == [State.PLACED]


def test_the_mailbox_is_not_there_and_what_is_due_is_kept(settle: Moves) -> None:
    """Permission withdrawn from the mailbox: what is due is kept, and drafted when it is back."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    home.mail.rename(home.root / "Elsewhere")
    code, told, _ = home.command("once", when=DUE)
    assert code in {75, 78}
    assert told["problems"][0]["hint"]
    (home.root / "Elsewhere").rename(home.mail)
    assert home.command("once", when=SOON)[0] == 0
    assert home.to() == [ANA]


def test_a_mailbox_that_comes_back_empty_for_a_while_vetoes_nothing_at_once(settle: Moves) -> None:
    """A disk that is not mounted shows an empty Maildir: one cycle of it says nothing."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    home.mail.rename(home.root / "Elsewhere")
    for part in ("cur", "new", "tmp"):
        (home.mail / part).mkdir(parents=True)
    home.once("2026-03-03 14:30")
    shutil.rmtree(home.mail)
    (home.root / "Elsewhere").rename(home.mail)
    home.once("2026-03-03 14:35")
    assert home.states() == [State.PLACED]


# --- Calendars that fail, shrink, or vanish --------------------------------------------------------------------


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
    monkeypatch.setattr(download, "_CHUNK", 65_536)
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


# --- Rules and templates that change while the service runs ----------------------------------------------------


def test_a_rule_file_broken_while_the_last_good_one_goes_on(settle: Moves) -> None:
    """A rule file broken while the service runs: the last good one goes on, and file, line and column are told."""
    home = settle()
    coffee(home, ANA)
    assert home.command("once", "--service", when=BEFORE)[0] == 0
    home.write("rules/rules.yaml", "rules:\n  - id: soft\n    whenn: {title: coffee}\n    steps: []\n")
    code, told, _ = home.command("once", "--service", when=DUE)
    assert code == 1
    assert ("rules/rules.yaml", 3) in [(problem["file"], problem["line"]) for problem in told["problems"]]
    assert home.to() == [ANA]
    code, told, said = home.command("once", when=SOON)
    assert (code, home.to()) == (78, [ANA])
    assert "did you mean" in (said + str(told)).lower()
    assert home.command("drafts", when=SOON)[0] in {0, 1}


def test_a_rule_renamed_in_everything_but_its_id_drafts_nothing_again(settle: Moves) -> None:
    """A rule renamed in everything but its id."""
    home = settle()
    coffee(home, ANA, BEN)
    home.once(DUE)
    home.move(str(home.drafts()[0]["Message-ID"]), ".Sent")
    home.once(SOON)
    (home.root / "config" / "rules" / "rules.yaml").unlink()
    home.write("templates/other.md", "---\nsubject: Other\n---\nOther words.\n")
    other = rule(when="{attendees: {at_most: 5}}", template="other", after="3 hours", window="every day 08:00-20:00")
    home.write("rules/renamed.yaml", other.replace("  - id: soft\n", "  - id: soft\n    about: Another\n"))
    before = home.to()
    home.cycles("2026-03-03 14:30", "2026-03-04 10:00")
    assert home.to() == before
    assert len(before) == 1


def test_a_rule_under_a_new_id_drafts_the_same_template_no_second_time(settle: Moves) -> None:
    """A rule whose id was changed too: the same template for the same person and meeting is drafted once."""
    home = settle()
    coffee(home, ANA, BEN)
    home.once(DUE)
    home.move(str(home.drafts()[0]["Message-ID"]), ".Sent")
    home.once(SOON)
    home.write("rules/rules.yaml", rule("renamed"))
    home.cycles("2026-03-03 14:30", "2026-03-04 10:00")
    assert len(home.drafts()) == 1


def test_a_removed_rule_leaves_its_drafts_where_they_lie(settle: Moves) -> None:
    """A neighbour: a rule deleted."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    home.write("rules/rules.yaml", "rules: []\n")
    home.cycles(SOON, "2026-03-05 13:00")
    assert home.to() == [ANA]


def test_a_template_deleted_is_told_and_the_service_goes_on_with_the_last_good_one(settle: Moves) -> None:
    """A template deleted."""
    home = settle()
    coffee(home, ANA)
    home.command("once", "--service", when=BEFORE)
    (home.root / "config" / "templates" / "thank-you.md").unlink()
    code, told, _ = home.command("once", "--service", when=DUE)
    assert code == 1
    assert "thank-you" in told["problems"][0]["message"]
    assert home.to() == [ANA]
    assert home.command("once", when=SOON)[0] == 78


def test_a_template_that_fails_for_one_note_is_told_and_the_rest_goes_on(settle: Moves) -> None:
    """A neighbour: a template that fails only for some; it is drafted once the template works."""
    home = settle()
    coffee(home, ANA, BEN)
    good = "---\nsubject: Hello\n---\nDear {{ person.first_name }}, {{ me.signature }}\n"
    home.write("templates/thank-you.md", good.replace("Dear", "{{ 1 // (person.first_name != 'Ana') }}"))
    code, told, _ = home.command("once", when=DUE)
    assert code == 1
    assert told["problems"][0]["file"] == "templates/thank-you.md"
    assert home.to() == [BEN]
    home.write("templates/thank-you.md", good)
    home.once(SOON)
    assert home.to() == [ANA, BEN]


def test_looking_is_free(settle: Moves) -> None:
    """A neighbour: plan, explain, drafts, status and a dry run write nothing."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}
    for command in (["once", "--dry-run"], ["plan"], ["drafts"], ["status"], ["check"], ["people"]):
        assert home.command(*command, when=DUE)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before
