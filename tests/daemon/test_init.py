"""A first configuration: asked, given or found; it works, and nothing is overwritten."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon import place
from tests.daemon.command import afterword

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = ("--name", "Robin Vale", "--email", "robin@example.org", "--zone", "Europe/Lisbon", "--maildir", "~/Mail")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("rules", ["all", "soft-interviews", "mentoring, customer-calls"])
def test_what_init_writes_works(tmp_path: Path, rules: str) -> None:
    told = afterword(tmp_path, "init", *GIVEN, "--rules", rules)
    assert (told.code, told.err) == (0, "")
    assert "All is well" in told.out
    assert "once --dry-run" in told.out
    assert afterword(tmp_path, "check").code == 0


def test_only_the_rules_that_were_chosen_are_written(tmp_path: Path) -> None:
    afterword(tmp_path, "--config", str(tmp_path / "c"), "init", *GIVEN, "--rules", "mentoring")
    assert [path.name for path in (tmp_path / "c" / "rules").iterdir()] == ["mentoring.yaml"]


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
    afterword(tmp_path, "--config", str(folder), "init", *GIVEN)
    before = files(folder)
    assert before["templates/thank-you.md"] == b"---\nsubject: Mine\n---\nMine.\n"
    told = afterword(tmp_path, "--config", str(folder), "init", *GIVEN, "--name", "Somebody Else")
    assert files(folder) == before
    assert "afterword.yaml (it was there)" in told.out
    assert "Your answers were not written: afterword.yaml was there already" in told.out


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


def typed(tmp_path: Path, answers: bytes) -> str:
    """What a terminal shows of `init` when these answers are typed into it."""
    mine, theirs = pty.openpty()
    environment = {**os.environ, "HOME": str(tmp_path), "TZ": "Europe/Lisbon"}
    command = [sys.executable, "-m", "daemon", "--config", str(tmp_path / "c"), "init"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        os.write(mine, answers)
        shown = b""
        while True:
            try:
                piece = os.read(mine, 4096)
            except OSError:  # Linux ends a terminal that nobody has open with EIO
                break
            shown += piece
        assert process.wait(60) == 0, shown.decode()
    os.close(mine)
    return shown.decode()


def test_on_a_terminal_it_asks_and_asks_again_for_what_cannot_be_used(tmp_path: Path) -> None:
    shown = typed(tmp_path, b"Robin Vale\nnobody\nrobin@example.org\n\n\n~/Mail\nmentoring\n")
    assert "is not an email address" in shown
    assert "All is well" in shown
    written = (tmp_path / "c" / "afterword.yaml").read_text("utf-8")
    assert "name: Robin Vale" in written
    assert "emails: [robin@example.org]" in written or 'emails: ["robin@example.org"]' in written


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
