"""`afterword once`: what it says, what it does, and the code that it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon import locks, report
from tests.build import at
from tests.house import CHECK_IN, SETTINGS, event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

DUE = "2026-03-03 18:00"
FOLLOW_UP = {
    "id", "rule", "step", "state", "to", "meeting", "due", "by", "expires", "stale", "subject", "gaps", "draft", "why"
}  # fmt: skip


def test_a_note_that_is_due_is_placed_and_told(home: Home) -> None:
    told = home.run(DUE, "once")
    assert told.code == 0
    assert told.err == ""
    assert "Placed 1 note in Drafts" in told.out
    assert "Dana  Thank you, Dana  send by Wed 4 March 16:00 (22 hours left)" in told.out
    assert "1 gap to fill" in told.out
    assert home.household.subjects() == ["Thank you, Dana"]


def test_a_cycle_with_nothing_to_do_says_so_and_when_the_next_note_comes(home: Home) -> None:
    told = home.run("2026-03-03 12:00", "once")
    assert told.out.splitlines() == ["Nothing to do.", "Next: Tue 3 March 18:00, thank-you for Dana."]


def test_the_document_of_a_cycle_has_the_keys_of_the_contract(home: Home) -> None:
    document = home.once(DUE)
    assert set(document) == {"at", "placed", "withdrawn", "changed", "problems"}
    assert document["at"] == "2026-03-03T18:00:00+00:00"
    (placed,) = document["placed"]
    assert set(placed) == FOLLOW_UP
    assert placed["state"] == "placed"
    assert placed["draft"]["mailbox"] == "maildir"
    assert placed["draft"]["message_id"].endswith("@example.org>")


def test_a_note_whose_meeting_is_called_off_before_it_was_drafted_is_told_as_not_drafted(home: Home) -> None:
    home.once("2026-03-03 12:00")
    home.household.put("dana", event("u1", "2026-03-03 15:00", "dana@acme.example", status="CANCELLED", sequence=1))
    told = home.run("2026-03-03 16:30", "once").out
    assert "What became of your notes" in told
    assert "not drafted: the meeting was cancelled" in told


def test_times_are_in_the_zone_of_the_user(home: Home) -> None:
    home.household.put("summer", event("u9", "2026-07-01 15:00", "ana@x.example"))
    (placed,) = home.once("2026-07-01 18:00")["placed"]
    assert placed["due"] == "2026-07-01T18:00:00+01:00"


def test_a_dry_run_tells_what_the_cycle_then_does_and_writes_nothing(home: Home) -> None:
    before = home.bytes()
    rehearsed = home.run(DUE, "once", "--dry-run", "--json")
    assert rehearsed.code == 0
    assert home.bytes() == before
    assert rehearsed.json == home.once(DUE)
    assert "Nothing to do." in home.run(DUE, "once", "--dry-run").out


def test_a_dry_run_says_would(home: Home) -> None:
    assert "Would place 1 note in Drafts" in home.run(DUE, "once", "--dry-run").out


def test_a_withdrawn_draft_is_told_with_its_reason(drafted: Home) -> None:
    drafted.household.put("dana", event("u1", "2026-03-03 15:00", "dana@acme.example", status="CANCELLED"))
    told = drafted.run("2026-03-03 19:00", "once")
    assert "Took away 1 draft" in told.out
    assert "cancelled" in told.out
    assert drafted.household.drafts() == []


def test_what_became_of_a_draft_is_told(drafted: Home) -> None:
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Trash")
    told = drafted.run("2026-03-03 19:00", "once", "--json")
    assert [one["state"] for one in told.json["changed"]] == ["vetoed"]


def test_a_calendar_that_fails_is_code_1_and_the_rest_is_done(home: Home) -> None:
    more = SETTINGS.replace("[{id: feed, ics: calendar/}]", "[{id: feed, ics: calendar/}, {id: gone, ics: nowhere/}]")
    home.household.write("afterword.yaml", more)
    told = home.run(DUE, "once", "--json")
    assert told.code == 1
    assert len(told.json["placed"]) == 1
    (problem,) = told.json["problems"]
    assert problem["source"] == "gone"
    assert set(problem) == {"source", "file", "line", "column", "message", "hint"}
    assert problem["message"] in told.err


def test_an_event_newly_set_aside_is_code_1_once_and_then_only_status_tells(home: Home) -> None:
    home.household.put("bad", event("u7", "2026-03-02 15:00", "x@x.example").replace("DTSTART", "DTSTRAT"))
    first = home.run(DUE, "once", "--json")
    assert first.code == 1
    assert [one["source"] for one in first.json["problems"]] == ["feed"]
    assert len(first.json["placed"]) == 1
    assert home.run("2026-03-03 18:05", "once", "--json").code == 0
    assert len(home.run("2026-03-03 18:05", "status", "--json").json["problems"]) == 1


def test_a_template_that_fails_for_one_note_is_code_1_and_the_others_are_placed(home: Home) -> None:
    home.household.write("templates/news.md", CHECK_IN.replace("How have you been?", "{{ 1 / meetings_so_far }}"))
    rules = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: brief, template: news, before: 3 hours}
"""
    home.household.write("rules/rules.yaml", rules)
    home.household.put("next", event("u8", "2026-03-03 20:00", "zoe@x.example", title="Coffee with Zoe"))
    told = home.run(DUE, "once", "--json")
    assert told.code == 1, told.err
    assert [one["step"] for one in told.json["placed"]] == ["thank-you"]
    assert [one["file"] for one in told.json["problems"]] == ["templates/news.md"]


def test_a_wrong_configuration_is_code_78_and_nothing_is_made(home: Home) -> None:
    home.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    before = home.bytes()
    told = home.run(DUE, "once", "--json")
    assert told.code == 78
    assert told.json["problems"][0]["file"] == "afterword.yaml"
    assert home.bytes() == before
    assert "Traceback" not in told.err


def test_a_maildir_that_is_not_there_is_code_78_with_what_to_put_right(home: Home) -> None:
    home.household.write("afterword.yaml", SETTINGS.replace("../Mail", "../Nowhere"))
    told = home.run(DUE, "once", "--json")
    assert told.code == 78
    assert any("Nowhere" in one["message"] and one["hint"] for one in told.json["problems"])
    home.household.write("afterword.yaml", SETTINGS)
    assert len(home.once("2026-03-03 18:10")["placed"]) == 1


def test_a_second_cycle_at_the_same_time_is_code_75_and_names_the_first(home: Home) -> None:
    home.once("2026-03-03 12:00")
    with locks.take(home.household.state, locks.CYCLE, "once", at("2026-03-03 17:59")):
        told = home.run(DUE, "once", "--json")
    assert told.code == 75
    assert str(os.getpid()) in told.err
    assert told.json["problems"]
    assert home.household.drafts() == []


def test_since_when_another_is_at_work_is_told_in_the_users_zone(home: Home) -> None:
    home.once("2026-03-03 12:00")
    with locks.take(home.household.state, locks.CYCLE, "once", at("2026-07-01 17:59")):
        told = home.run("2026-07-01 18:00", "once")
    assert "is at work on this state, since Wed 1 July 17:59 (" in told.err


def test_a_damaged_ledger_is_code_75_with_a_remedy_and_is_left_as_it_is(home: Home) -> None:
    home.once("2026-03-03 12:00")
    ledger = home.household.state / "ledger.sqlite3"
    ledger.write_bytes(b"no ledger at all" * 400)
    told = home.run(DUE, "once", "--json")
    assert told.code == 75
    assert "damaged" in told.err
    assert told.json["problems"][0]["hint"]
    assert ledger.read_bytes() == b"no ledger at all" * 400


@pytest.mark.usefixtures("ordinary_user")
def test_a_state_that_may_not_be_written_is_code_77(home: Home) -> None:
    home.once("2026-03-03 12:00")
    ledger = home.household.state / "ledger.sqlite3"
    ledger.chmod(0o400)
    home.household.state.chmod(0o500)
    try:
        assert home.run(DUE, "once", "--json").code == 77
    finally:
        home.household.state.chmod(0o700)


def test_the_state_folder_as_a_file_is_told_and_not_written_over(home: Home) -> None:
    home.household.state.write_text("mine")
    told = home.run(DUE, "once", "--json")
    assert (told.code, told.out) == (2, "")
    assert home.household.state.read_text() == "mine"


def test_the_service_reads_its_report_and_the_log_has_stable_names(home: Home) -> None:
    told = home.run(DUE, "once", "--json", "--service")
    assert told.code == 0
    read = report.read(told.out.encode())
    assert read is not None
    assert (read.poll, read.placed, read.last_good) == (300.0, 1, False)
    assert read.next_due == at("2026-03-04 12:00")  # four hours before its deadline
    assert read.figures is not None
    assert (read.figures.waiting, read.figures.stale["feed"]) == (1, False)
    again = report.read(home.run(DUE, "once", "--json", "--service").out.encode())  # in which nothing is new
    assert again is not None
    assert again.figures == read.figures
    (line,) = [json.loads(line) for line in told.err.splitlines()]
    assert (line["event"], line["step"], line["state"]) == ("draft.placed", "thank-you", "placed")
    assert "Thank you for your time" not in told.err
    assert not any(name in told.err for name in ("Dana", "acme.example", "Coffee"))
    assert home.run(DUE, "show", line["follow_up"], "--json").json["to"][0]["name"] == "Dana"


def test_the_service_goes_on_with_the_last_good_configuration(home: Home) -> None:
    home.household.state.mkdir()
    assert home.run("2026-03-03 12:00", "once", "--json", "--service").code == 0
    home.household.write("afterword.yaml", "version: 1\nme: {nmae: Robin}\n")
    told = home.run(DUE, "once", "--json", "--service")
    assert told.code == 1
    read = report.read(told.out.encode())
    assert read is not None
    assert (read.last_good, read.placed) == (True, 1)
    assert told.json["problems"][0]["file"] == "afterword.yaml"


def test_the_log_tells_a_source_that_failed_from_an_event_set_aside(home: Home) -> None:
    more = SETTINGS.replace("[{id: feed, ics: calendar/}]", "[{id: feed, ics: calendar/}, {id: gone, ics: nowhere/}]")
    home.household.write("afterword.yaml", more)
    home.household.put("bad", event("u7", "2026-03-02 15:00", "x@x.example").replace("DTSTART", "DTSTRAT"))
    told = home.run("2026-03-03 12:00", "once", "--json", "--service")
    events = {(line["event"], line["source"]) for line in map(json.loads, told.err.splitlines())}
    assert events == {("source.failed", "gone"), ("event.set_aside", "feed")}


def test_the_command_does_the_same_as_a_process_of_its_own(home: Home) -> None:
    root = home.household.root
    folders = ("--config", str(root / "config"), "--state", str(root / "state"))
    done = subprocess.run(
        [sys.executable, "-m", "daemon", *folders, "once", "--at", at(DUE).isoformat()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "Placed 1 note in Drafts" in done.stdout
    assert "\x1b" not in done.stdout
    assert home.household.subjects() == ["Thank you, Dana"]


def test_a_dry_run_tells_of_what_has_passed_unwritten_as_the_cycle_does(home: Home) -> None:
    home.once("2026-03-03 12:00")
    late = "2026-03-11 12:00"
    rehearsed = home.run(late, "once", "--dry-run", "--json").json
    assert [one["state"] for one in rehearsed["changed"]] == ["expired"]
    assert home.once(late)["changed"] == rehearsed["changed"]


def test_what_a_doubted_calendar_holds_is_told_in_one_line_with_its_end(home: Home) -> None:
    for name in ("dana", "lee"):
        home.household.drop(name)
    home.household.put("ana", event("u7", "2026-07-01 10:00", "ana@far.example", title="Coffee with Ana"))
    home.once("2026-07-01 08:00")
    home.household.drop("ana")
    assert "Held" not in home.run("2026-07-01 11:30", "once").out
    held = (
        "Held back until Thu 2 July 11:30, thank-you for Ana: feed suddenly lacks this meeting and most others; when "
        "it still does then, that is believed."
    )
    for words in (("--dry-run",), ()):
        told = home.run("2026-07-01 13:00", "once", *words)
        assert (told.code, told.out.splitlines()) == (0, [held])
    assert "held until Thu 2 July 11:30: feed suddenly lacks" in home.run("2026-07-01 13:00", "plan").out
    (problem,) = home.run("2026-07-01 13:00", "status", "--json").json["problems"]
    assert problem["message"].endswith("nothing is cancelled before Thu 2 July 11:30")
    assert "Held" not in home.run("2026-07-02 11:30", "once").out
