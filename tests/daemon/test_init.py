"""A first configuration: asked, given or found; it works, and nothing is overwritten."""

from __future__ import annotations

import os
import pty
import termios
from typing import TYPE_CHECKING

import pytest

from daemon import place
from tests import warm
from tests.daemon.command import afterword
from tests.daemon.test_credentials import GOOD

if TYPE_CHECKING:
    from pathlib import Path

ROBIN = ("--name", "Robin Vale", "--email", "robin@example.org", "--zone", "Europe/Lisbon")
GIVEN = (*ROBIN, "--maildir", "~/Mail")
CONNECT = "`afterword check --connect` tries it."
OF_THE_USER = ("COLUMNS", "XDG_", "EMAIL", "GIT_CONFIG", "AFTERWORD_", "STATE_DIR")
"""Beginnings of the names of variables that lead to whoever runs the tests."""


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("rules", ["all", "soft-interviews", "mentoring, customer-calls"])
def test_what_init_writes_works(tmp_path: Path, rules: str) -> None:
    told = afterword(tmp_path, "init", *GIVEN, "--rules", rules)
    assert (told.code, told.err) == (0, "")
    assert "The configuration is right: " in told.out
    assert "once --dry-run" in told.out
    assert afterword(tmp_path, "check").code == 0


def test_what_is_not_there_and_an_empty_calendar_are_told_at_once_and_by_check_and_init_later(tmp_path: Path) -> None:
    calendars = tmp_path / ".config" / "afterword" / "calendars"
    empty = f"  calendar: the calendar is empty: there is no .ics file in {calendars}\n"
    lacking = f"  maildir: there is no Maildir at {tmp_path / 'Mail'}\n"
    for words in (("init", *GIVEN), ("init",), ("check",)):
        told = afterword(tmp_path, *words)
        assert (told.code, told.err) == (0, "")
        assert "All is well" not in told.out
        assert "What is still missing:\n" + empty in told.out
        assert lacking in told.out
    assert afterword(tmp_path, "check", "--json").json == {"problems": []}
    assert lacking in afterword(tmp_path, "check", "--json").err
    (tmp_path / "Mail" / "cur").mkdir(parents=True)
    (calendars / "mine.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    for words in (("init",), ("check",)):
        assert "All is well: " in afterword(tmp_path, *words).out
    calendars.rename(calendars.with_name("moved"))
    told = afterword(tmp_path, "check")
    assert (told.code, f"  calendar: {calendars} is not there\n" in told.out) == (0, True)


def test_only_the_rules_that_were_chosen_are_written(tmp_path: Path) -> None:
    afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *GIVEN, "--rules", "mentoring")
    written = [name for name in files(tmp_path / "c") if name.startswith("rules/")]
    assert sorted(written) == ["rules/mentoring.yaml", "rules/tests/mentoring.yaml"]


def test_a_rule_that_was_changed_gets_no_tests_of_what_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "c" / "rules"
    folder.mkdir(parents=True)
    (folder / "mentoring.yaml").write_text("rules: []\n", "utf-8")
    afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *GIVEN, "--rules", "mentoring, soft-interviews")
    assert [path.name for path in (folder / "tests").iterdir()] == ["soft-interviews.yaml"]


def test_several_addresses_and_holidays_are_taken(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init", *GIVEN, "--email", "robin@work.example", "--holidays", "PT")
    assert told.code == 0
    written = (tmp_path / ".config" / "afterword" / "afterword.yaml").read_text("utf-8")
    assert "robin@work.example" in written
    assert "holidays: PT" in written


def test_init_overwrites_nothing_and_lists_what_it_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "thank-you.md").write_text("---\nsubject: Mine\n---\nMine.\n")
    told = afterword(tmp_path, "--config", str(folder), "init", *GIVEN)
    assert f"There already in {folder}, and left alone: 1 template.\n" in told.out
    before = files(folder)
    assert before["templates/thank-you.md"] == b"---\nsubject: Mine\n---\nMine.\n"
    told = afterword(tmp_path, "--config", str(folder), "init", *GIVEN, "--name", "Somebody Else")
    assert files(folder) == before
    assert f"Everything is in {folder} already, and is left alone" in told.out
    assert "Your answers were not written: afterword.yaml was there already" in told.out


def test_with_everything_there_nothing_is_asked_and_what_to_edit_is_told(tmp_path: Path) -> None:
    afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *GIVEN)
    before = files(tmp_path / "c")
    shown = typed(tmp_path, b"")
    assert files(tmp_path / "c") == before
    assert f"Everything is in {tmp_path / 'c'} already, and is left alone; there is nothing to ask." in shown
    assert "  afterword.yaml  who you are" in shown
    assert "init --rules NAME` adds starter rules: informational-interviews, job-interviews, customer-calls, " in shown
    assert "Your " not in shown
    assert "The configuration is right: " in shown
    told = afterword(tmp_path, "--config", str(tmp_path / "c"), "init")
    assert (told.code, "there is nothing to ask" in told.out, "Wrote" in told.out) == (0, True, False)


def test_what_is_there_is_told_before_the_first_question_and_only_what_is_written_is_asked(tmp_path: Path) -> None:
    afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *GIVEN)
    (tmp_path / "c" / "rules" / "soft-interviews.yaml").unlink()
    shown = typed(tmp_path, b"mentoring\n")
    before, _, after = shown.partition("Your starter rules")
    assert f"There already in {tmp_path / 'c'}, and left alone: afterword.yaml, people.yaml, " in before
    assert "Nothing is asked of what stands in afterword.yaml: to change it, edit it." in before
    assert "Your " not in before
    assert "Wrote rules/mentoring.yaml" in after
    (tmp_path / "c" / "afterword.yaml").unlink()
    shown = typed(tmp_path, b"Robin Vale\nrobin@example.org\n\n\n~/Mail\ny\n")
    assert "people.yaml, rules/mentoring.yaml, " in shown.partition("Your name")[0]
    assert "Your starter rules" not in shown
    assert "Wrote afterword.yaml" in shown


def test_more_starter_rules_are_added_without_a_question(tmp_path: Path) -> None:
    afterword(tmp_path, "init", *GIVEN)
    told = afterword(tmp_path, "init", "--rules", "mentoring")
    assert (told.code, "Wrote rules/mentoring.yaml" in told.out) == (0, True)
    assert "not written" not in told.out


def test_what_google_wants_is_told_by_every_init_alike_and_by_none_as_a_fault(tmp_path: Path) -> None:
    first, second = (afterword(tmp_path, "init", *words) for words in ((*ROBIN, "--gmail"), ()))
    for told in (first, second):
        assert (told.code, told.err) == (0, "")
        assert "there is no OAuth client in" in told.out
    assert first.out.partition("What is still missing")[1:] == second.out.partition("What is still missing")[1:]


def test_a_link_that_leads_nowhere_is_left_alone_too(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    folder.mkdir()
    (folder / "people.yaml").symlink_to(tmp_path / "elsewhere")
    afterword(tmp_path, "--config", str(folder), "init", *GIVEN)
    assert not (tmp_path / "elsewhere").exists()


def test_without_a_terminal_missing_answers_are_named_all_at_once(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init")
    assert (told.code, told.out) == (2, "")
    assert "--email" in told.err
    assert "--maildir" in told.err
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("option", "answer"),
    [
        ("--email", "nobody"),
        ("--zone", "Mars/Olympus"),
        ("--rules", "none-such"),
        ("--calendar", "ftp://example.org/a"),
    ],
)
def test_answers_that_would_not_work_are_refused_and_nothing_is_written(
    tmp_path: Path, option: str, answer: str
) -> None:
    told = afterword(tmp_path, "init", *GIVEN, option, answer)
    assert told.code == 2
    assert answer in told.err
    assert files(tmp_path) == {}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("robin@example.org", "google:robin@example.org?"),
        ("google calendar", "google?"),
        ("https://calendar.google.com/calendar/u/0/r", "iCal format"),
    ],
)
def test_what_can_only_be_meant_for_google_is_asked_back_and_nothing_is_written(
    tmp_path: Path, written: str, meant: str
) -> None:
    told = afterword(tmp_path, "init", *GIVEN, "--calendar", written)
    assert told.code == 2
    assert meant in told.err
    assert not (tmp_path / ".config").exists()


def test_yes_takes_the_maildir_and_the_zone_that_are_found(tmp_path: Path) -> None:
    (tmp_path / "Maildir" / "cur").mkdir(parents=True)
    told = afterword(tmp_path, "init", "--yes", "--name", "Robin", "--email", "robin@example.org", TZ="Asia/Tokyo")
    assert told.code == 0
    written = (tmp_path / ".config" / "afterword" / "afterword.yaml").read_text("utf-8")
    assert "maildir: ~/Maildir" in written
    assert "time_zone: Asia/Tokyo" in written
    assert "Your time zone is taken to be Asia/Tokyo" in told.out


def test_a_hostile_name_stays_a_name(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init", *GIVEN, "--name", 'Robin: "}\n  - x: {{ 7*7 }} # \x1b[2J')
    assert told.code == 0
    assert afterword(tmp_path, "check").code == 0


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = afterword(tmp_path, "--config", str(tmp_path / "file" / "c"), "init", *GIVEN)
    assert told.code == 75
    assert "--config" in told.err


def typed(
    tmp_path: Path, answers: bytes, *words: str, code: int = 0, last: bytes = b"\n", folder: str | None = "c"
) -> str:
    """What a terminal shows of `init` when these answers are typed into it, and at the last look this one.

    The configuration goes to `folder` in this home; without one to its usual place.
    """
    mine, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_USER)}
    environment = {**kept, "HOME": str(tmp_path), "TZ": "Europe/Lisbon"}
    options = ["--config", str(tmp_path / folder)] if folder else []
    with warm.start((*options, "init", *words), environment, theirs, keys_mean_signals=False) as running:
        os.close(theirs)
        os.write(mine, answers + last + b"\x04\x04")  # who asks on, is told that there is nothing more
        shown = b""
        while True:
            try:
                piece = os.read(mine, 4096)
            except OSError:  # Linux ends a terminal that nobody has open with EIO
                break
            shown += piece
        assert running.wait(60) == code, shown.decode()
    os.close(mine)
    return shown.decode()


def test_on_a_terminal_it_asks_and_asks_again_for_what_cannot_be_used(tmp_path: Path) -> None:
    shown = typed(tmp_path, b"Robin Vale\n\nnobody\nrobin@example.org\n\n\n\n~/Mail\ny\nmentoring\n")
    assert "nothing was given; write an address such as dana@acme.example" in shown
    assert "nothing was given; write a folder such as ~/Mail, a server such as imap:imap.example.org, or gmail" in shown
    assert "~/Mail is not there; answer y to take it as it is" in shown
    assert "is not an email address" in shown
    assert "The configuration is right: " in shown
    written = (tmp_path / "c" / "afterword.yaml").read_text("utf-8")
    assert "name: Robin Vale" in written
    assert "emails: [robin@example.org]" in written or 'emails: ["robin@example.org"]' in written


def test_an_end_in_the_middle_says_that_nothing_was_written(tmp_path: Path) -> None:
    shown = typed(tmp_path, b"Robin Vale\nrobin@example.org\n\x04", code=130)  # Ctrl-D, which comes as Ctrl-C does
    assert shown.endswith("\r\nNothing was written.\r\n")
    assert files(tmp_path) == {}


def test_a_calendar_or_maildir_that_is_none_is_asked_for_again_and_taken_the_second_time(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "Mail" / "cur").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("no calendar")
    (tmp_path / "mine.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nEND:VCALENDAR\r\n")
    calendars = b"~/gone.ics\n~/notes.txt\n~/mine.ics\n"
    shown = typed(tmp_path, b"Robin\nrobin@example.org\n\n" + calendars + b"~/empty\n~/empty\nmentoring\n")
    assert "~/gone.ics is not there;" in shown
    assert "~/notes.txt is no .ics file, nor a folder;" in shown
    assert shown.count("~/empty is no Maildir: it has no folder cur;") == 1
    written = (tmp_path / "c" / "afterword.yaml").read_text("utf-8")
    assert "~/mine.ics" in written
    assert "~/empty" in written


@pytest.mark.parametrize(
    ("words", "calendar", "mailbox", "contacts"),
    [
        (("--calendar", "google", "--gmail", "--google-contacts"), "google: primary", "gmail: {}", "- google: {}"),
        (("--calendar", "Google", "--maildir", "gmail"), "google: primary", "gmail: {}", "# - vcards:"),
        (("--calendar", "google:team@calendar.example", "--maildir", "~/Mail"), "google: ", "maildir: ~/Mail", ""),
        (("--gmail", "--vcards", "~/cards", "--google-contacts"), "ics: calendars/", "gmail: {}", "- google: {}"),
    ],
)
def test_what_is_googles_is_written_and_the_permission_comes_next(
    tmp_path: Path, words: tuple[str, ...], calendar: str, mailbox: str, contacts: str
) -> None:
    (tmp_path / "cards").mkdir()
    told = afterword(tmp_path, "init", *ROBIN, *words)
    assert (told.code, told.err) == (0, "")
    assert f"google-client.json`.\nNext: `afterword auth google` asks for the permission, and {CONNECT}" in told.out
    assert "docs/google.md" in told.out
    assert "dry-run" not in told.out
    folder = tmp_path / ".config" / "afterword"
    written = (folder / "afterword.yaml").read_text("utf-8")
    assert all(line in written for line in (calendar, f"mailbox:\n  {mailbox}\n", contacts))
    assert (folder / "calendars").exists() == ("ics" in calendar)
    assert "there is no OAuth client" in afterword(tmp_path, "check").err
    assert not (tmp_path / ".local").exists()


def test_with_gmail_the_signature_and_the_inbox_are_not_promised(tmp_path: Path) -> None:
    afterword(tmp_path, "init", *ROBIN, "--gmail")
    written = (tmp_path / ".config" / "afterword" / "afterword.yaml").read_text("utf-8")
    assert "  # signature: Robin  " in written
    assert "\n  signature:" not in written
    assert "message into your inbox" not in written
    assert "no message can be laid into the inbox of Gmail" in written


def test_where_the_client_is_there_already_its_making_is_not_told_but_the_way_on_is(tmp_path: Path) -> None:
    folder, state = tmp_path / "c", tmp_path / "s"
    folder.mkdir()
    (folder / "google-client.json").write_text(GOOD)
    for words in (("init", *ROBIN, "--gmail"), ("init",), ("check",)):
        told = afterword(tmp_path, "--config", str(folder), "--state", str(state), *words)
        assert (told.code, "docs/google.md" in told.out) == (0, False)
        command = f"`afterword --config {folder} --state {state} auth google`"
        lacking = f" google: Google was not yet asked for its permission Run {command}. "
        assert lacking in f"{' '.join(told.out.split())} "
        assert words == ("check",) or f"Next: {command}" in told.out
    (folder / "google-client.json").write_text("{}")
    told = afterword(tmp_path, "--config", str(folder), "--state", str(state), "init")
    assert (told.code, "is another file, and no OAuth client" in told.out) == (0, True)


def test_settings_that_were_there_are_not_taken_for_googles(tmp_path: Path) -> None:
    afterword(tmp_path, "init", *GIVEN)
    told = afterword(tmp_path, "init", *ROBIN, "--gmail")
    assert "Your answers were not written: afterword.yaml was there already" in told.out
    assert "auth google" not in told.out


def test_two_mailboxes_are_one_too_many_and_none_names_both_ways(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init", *ROBIN, "--gmail", "--maildir", "~/Mail")
    assert (told.code, "--gmail and --maildir exclude each other" in told.err) == (2, True)
    told = afterword(tmp_path, "init", *ROBIN, "--calendar", "google")
    assert (told.code, "--maildir (or --imap or --gmail)" in told.err) == (2, True)
    assert files(tmp_path) == {}


def test_on_a_terminal_google_is_an_answer_and_gmail_then_the_likely_one(tmp_path: Path) -> None:
    shown = typed(tmp_path, b"Robin Vale\nrobin@example.org\n\ngoogle\n\ny\nmentoring\n")
    assert "[gmail]" in shown
    assert "Know people by your Google contacts, too" in shown
    assert "auth google` asks for the permission" in shown
    written = (tmp_path / "c" / "afterword.yaml").read_text("utf-8")
    assert all(line in written for line in ("    google: primary\n", "  - google: {}\n", "  gmail: {}\n"))


def test_on_a_terminal_the_contacts_are_not_taken_without_a_word(tmp_path: Path) -> None:
    typed(tmp_path, b"Robin Vale\nrobin@example.org\n\n\ngmail\n\nmentoring\n")
    written = (tmp_path / "c" / "afterword.yaml").read_text("utf-8")
    assert "  gmail: {}\n" in written
    assert "- google: {}" not in written


def test_the_zone_is_the_variable_then_the_link_then_debians_file(tmp_path: Path) -> None:
    assert place.zone(tmp_path) == ""
    (tmp_path / "timezone").write_text("Europe/Berlin\n")
    assert place.zone(tmp_path) == "Europe/Berlin"
    (tmp_path / "localtime").symlink_to("/usr/share/zoneinfo/America/New_York")
    assert place.zone(tmp_path) == "America/New_York"
    assert place.zone(tmp_path, ":Asia/Tokyo") == "Asia/Tokyo"
    assert place.zone(tmp_path, "../../etc/passwd") == "America/New_York"


def test_a_maildir_is_known_by_its_folders(tmp_path: Path) -> None:
    (tmp_path / "Maildir").mkdir()
    assert place.maildir(tmp_path) is None
    (tmp_path / "Mail" / "Drafts" / "cur").mkdir(parents=True)
    assert place.maildir(tmp_path) == tmp_path / "Mail"
