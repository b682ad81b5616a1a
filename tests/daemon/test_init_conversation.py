"""`afterword init` at a terminal: what is found is offered, shown once more, tried and planned."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon.command import afterword
from tests.daemon.test_init import OF_THE_USER, files, typed
from tests.house import calendar, event

AT = ("--at", "2026-03-02T09:00:00+00:00")
GIT = "[user]\n\tname = Robin Vale\n\temail = robin@example.org\n"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Dana Okafor\r\nEMAIL:dana@acme.example\r\nEND:VCARD\r\n"
COFFEE = event("coffee", "2026-03-03 15:00", "dana@acme.example", title="Coffee with Dana")
TEAM = event("team", "2026-03-04 10:00", "lee@example.org", title="Planning")

NEEDS_SETSID = pytest.mark.skipif(
    shutil.which("setsid") is None,
    reason="there is no setsid, which gives a process a terminal of its own (util-linux)",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with an address in git, a calendar, an address book and a Maildir."""
    for name in (
        "Maildir/cur",
        "Maildir/new",
        "Maildir/tmp",
        "Maildir/.Drafts/cur",
        ".calendars/work",
        ".contacts/all",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / ".gitconfig").write_text(GIT)
    (tmp_path / ".calendars" / "work" / "coffee.ics").write_text(calendar(COFFEE))
    (tmp_path / ".contacts" / "all" / "dana.vcf").write_text(CARD)
    return tmp_path


def settings(home: Path) -> str:
    return (home / "c" / "afterword.yaml").read_text("utf-8")


def test_enter_takes_what_is_found_and_the_next_two_weeks_are_shown(home: Path) -> None:
    before = set(files(home))
    shown = typed(home, b"\n" * 7, *AT)
    assert shown.partition("A few questions")[2].index("Ctrl-C ends it") < shown.index("Your name [Robin Vale]")
    for line in (
        "Your name [Robin Vale]: ",
        "Your email addresses, with commas between [robin@example.org]: ",
        "  1  ~/.calendars  1 event file\r\n",
        "  1  ~/Maildir  0 mails, Drafts is .Drafts\r\n",
        "  1  ~/.contacts  1 card\r\n",
        "  3  job-interviews            Interviews for a position\r\n",
        "calendar: 1 event file\r\n",
        "All is well: ",
        "Your next two weeks: 2 notes, as `afterword --config ",
        "Thank you, Dana",
    ):
        assert line in shown
    written = settings(home)
    assert "  - id: calendar\n    ics: ~/.calendars\n" in written
    assert "  - vcards: ~/.contacts\n" in written
    assert "  maildir: ~/Maildir\n" in written
    assert {name.split("/")[0] for name in set(files(home)) - before} == {"c"}  # looking leaves nothing anywhere


def test_the_first_page_shows_a_conversation_as_it_is(home: Path) -> None:
    shutil.rmtree(home / ".contacts")
    coffee = calendar(event("a", "2026-03-03 15:00", "dana@acme.example", title="Coffee with Dana"))
    (home / ".calendars" / "work" / "coffee.ics").write_text(coffee.replace("CN=Dana;", "CN=Dana Okafor;"))
    (home / ".calendars" / "work" / "team.ics").write_text(calendar(TEAM))
    for number in range(412):
        (home / "Maildir" / "cur" / f"{number}:2,S").touch()
    shown = typed(home, b"\n" * 6, *AT, folder=None).replace("\x1b[", "\n\x1b[")
    page = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    _, _, told = page.partition("$ afterword init\n")
    place = 0
    for line in told.partition("```")[0].splitlines():
        if line and line != "[...]":
            found = shown.find(line, place)
            assert found >= 0, (line, shown[place:])
            place = found + len(line)


def test_the_end_names_three_things_to_do(home: Path) -> None:
    shown = typed(home, b"\n" * 7, *AT)
    _, _, after = shown.rpartition("Next:\r\n")
    assert [line.split("  ")[1] for line in after.splitlines()] == [
        f"afterword --config {home / 'c'} once --dry-run",
        f"afterword --config {home / 'c'} service install",
        "~/c/rules",
    ]
    assert ".md" not in after  # whoever installed a package has no files of a checkout


def test_numbers_choose_and_a_number_that_is_none_is_asked_again(home: Path) -> None:
    (home / ".local/share/korganizer").mkdir(parents=True)
    (home / ".local/share/korganizer/std.ics").write_text(calendar(TEAM))
    shown = typed(home, b"\n\n\n7\n1 3\n1, 2\n1 1\nnone\n5 customer-calls\n", *AT)
    assert "there is no 7 in the list; it goes from 1 to 3" in shown
    assert "calendars/ can only be taken alone" in shown
    written = settings(home)
    assert "    ics: ~/.calendars\n  - id: calendar-2\n    ics: ~/.local/share/korganizer/std.ics\n" in written
    assert "# - vcards:" in written
    rules = sorted(path.stem for path in (home / "c" / "rules").glob("*.yaml"))
    assert rules == ["customer-calls", "mentoring"]


def test_a_mailbox_is_taken_alone(home: Path) -> None:
    (home / ".mail" / "INBOX" / "cur").mkdir(parents=True)
    (home / ".mail" / "Drafts" / "cur").mkdir(parents=True)
    shown = typed(home, b"\n\n\n\n1 2\n2\n\n\n", *AT)
    assert "one of them can only be taken alone" in shown
    assert "maildir: ~/.mail\n" in settings(home)


def test_at_the_last_look_a_word_asks_again(home: Path) -> None:
    shown = typed(home, b"\n" * 7 + b"sone\nzone\nEurope/Berlin\nrules\n2\n", *AT)
    assert "answer y, n, or one of name, addresses, zone, calendar, mailbox, contacts, rules" in shown
    assert shown.count("This goes to ~/c:") == 3
    assert "time_zone: Europe/Berlin" in settings(home)
    assert (home / "c" / "rules" / "informational-interviews.yaml").exists()


def test_a_server_that_is_taken_back_at_the_last_look_leaves_nothing_behind(home: Path) -> None:
    answers = b"\n\n\ncaldav:cloud.example\n\n\ncloud.example\nrobin\n\n\n"
    shown = typed(home, answers + b"calendar\n1\ncontacts\nnone\n", *AT)
    assert "  user       robin\r\n" in shown
    assert "cloud.example" not in settings(home)
    assert "vcards: ~" not in settings(home)
    assert "ics: ~/.calendars\n" in settings(home)


def test_an_address_book_that_was_not_found_can_be_named_at_the_last_look(home: Path) -> None:
    (home / ".contacts").rename(home / "people")
    shown = typed(home, b"\n" * 6 + b"contacts\n~/gone\n~/people\n", *AT)
    assert "Your address book [none]: " in shown
    assert "~/gone is not there; answer y" in shown
    assert "  - vcards: ~/people\n" in settings(home)


def test_no_at_the_last_look_writes_nothing(home: Path) -> None:
    before = files(home)
    shown = typed(home, b"\n" * 7, *AT, last=b"n\n", code=130)
    assert "Nothing was written." in shown
    assert files(home) == before


def interrupted(home: Path, *words: str, answers: bytes = b"", at: bytes) -> str:
    """What a terminal shows after Ctrl-C is pressed, once it has shown `at`."""
    mine, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_USER)}
    command = [
        "setsid",
        "--ctty",
        "--wait",
        sys.executable,
        "-m",
        "daemon",
        "--config",
        str(home / "c"),
        "init",
        *words,
    ]
    environment = {**kept, "HOME": str(home)}
    # Whoever runs the tests in the background may ignore Ctrl-C, and what is started would ignore it as well.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
        os.write(mine, answers)
        shown = b""
        while at not in shown:
            shown += os.read(mine, 4096)
        while True:
            # What comes between two looks of the reader is seen with the next: one presses it again.
            os.write(mine, b"\x03")
            while select.select([mine], [], [], 5)[0]:
                try:
                    shown += os.read(mine, 4096)
                except OSError:  # Linux ends a terminal that nobody has open with EIO
                    break
            else:
                continue
            break
        assert process.wait(60) == 130
    os.close(mine)
    return shown.decode()


@NEEDS_SETSID
def test_ctrl_c_writes_nothing_and_says_so(home: Path) -> None:
    before = files(home)
    assert interrupted(home, at=b"Your name [").endswith("Nothing was written.\r\n")
    assert files(home) == before


@NEEDS_SETSID
def test_ctrl_c_while_a_server_is_asked_loses_nothing_of_what_was_written(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/mine.ics"
        shown = interrupted(home, "--calendar", address, answers=b"\n" * 7, at=b"Asking calendar")
    assert "Stopped; what was written stays." in shown
    assert "Nothing was written" not in shown
    assert address in settings(home)


def test_where_no_meeting_brings_a_note_the_words_that_would_are_named(home: Path) -> None:
    (home / ".calendars" / "work" / "coffee.ics").write_text(calendar(TEAM))
    shown = typed(home, b"\n" * 7, *AT)
    assert "Your one meeting of the next two weeks brings no note yet; " in " ".join(shown.split())
    assert "explain TITLE` tells why." in " ".join(shown.split())
    assert "  soft-interview  coffee, chat, catch up, " in shown
    shown = typed(home, b"", "--at", "2027-03-02T09:00:00+00:00")
    assert "Your calendar has no meeting in the next two weeks" in shown


def test_a_place_that_does_not_answer_is_told_and_loses_nothing(home: Path) -> None:
    gone = "http://127.0.0.1:9/mine.ics"
    shown = typed(home, b"\n\n\n" + gone.encode() + b"\n\n\n\n", *AT, code=1)
    assert "Asking calendar …" in shown
    assert "nobody answers there" in shown or "cannot be reached" in shown
    assert "what was written stays" in shown
    assert "next two weeks:" not in shown
    assert gone in settings(home)
    assert "Asking calendar" in typed(home, b"", *AT, code=1)
    told = afterword(home, "--config", str(home / "c"), "init")  # no terminal: a script may run without a network
    assert (told.code, "Asking" in told.out, told.err) == (0, False, "")
    assert "check --connect` tries it" in told.out


def test_a_card_that_cannot_be_read_is_told_and_hides_no_plan(home: Path) -> None:
    (home / ".contacts" / "all" / "broken.vcf").write_text("BEGIN:VCARD\r\nFN:Lee\r\n")
    shown = typed(home, b"\n" * 7, *AT)
    assert "broken.vcf" in shown
    assert "Thank you, Dana" in shown


def test_yes_takes_what_is_found_and_says_what_that_is(home: Path) -> None:
    told = afterword(home, "init", "--yes", *AT)
    assert (told.code, told.err) == (0, "")
    for line in (
        "Your address is taken to be robin@example.org, as on this machine; --email names another.\n",
        "Your calendar is taken to be ~/.calendars, as on this machine; --calendar names another.\n",
        "Your address book is taken to be ~/.contacts, as on this machine; --vcards names another.\n",
        "Your mailbox is taken to be ~/Maildir, as on this machine; --maildir names another.\n",
        "Thank you, Dana",
    ):
        assert line in told.out


def test_yes_guesses_no_server(tmp_path: Path) -> None:
    told = afterword(tmp_path, "init", "--yes", "--name", "Robin", "--email", "robin@gmail.com")
    assert (told.code, "--maildir (or --imap or --gmail)" in told.err) == (2, True)
    told = afterword(tmp_path, "init", "--yes", "--name", "Robin", "--email", "robin@gmail.com", "--maildir", "~/Mail")
    assert (told.code, "calendar is taken" in told.out) == (0, False)
    assert "ics: calendars/\n" in (tmp_path / ".config" / "afterword" / "afterword.yaml").read_text("utf-8")


def test_without_a_terminal_and_without_yes_nobody_elses_files_are_looked_at(home: Path) -> None:
    told = afterword(home, "init")
    assert (told.code, "--email" in told.err.partition("these have no answer:")[2]) == (2, True)
    told = afterword(home, "init", "--email", "robin@example.org", "--name", "Robin")
    assert told.code == 0
    assert "ics: calendars/\n" in (home / ".config" / "afterword" / "afterword.yaml").read_text("utf-8")
