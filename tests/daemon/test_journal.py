"""Entries of the journal, as a real journald keeps them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon import journal, log
from tests.daemon.apart_journal import entries

if TYPE_CHECKING:
    from pathlib import Path

TELL = (
    "from daemon import log; log.logger().warning('draft.placed', rule='soft', by=None, title='a\\x1b[2J', files=['b'])"
)

SERVE = "import sys; from daemon.service import Service; sys.exit(Service(*sys.argv[1:3], sys.argv[3:]).run())"


def test_the_service_and_its_cycle_write_entries_with_fields_that_can_be_asked_for(tmp_path: Path) -> None:
    config, state = tmp_path / "config", tmp_path / "state"
    config.mkdir()
    state.mkdir()
    cycle = f"""{sys.executable} -c "{TELL}"; echo plain words >&2; kill -TERM $PPID"""
    found = entries([sys.executable, "-c", SERVE, str(config), str(state), "/bin/sh", "-c", cycle])
    events = {one["AFTERWORD_EVENT"]: one for one in found if one.get("AFTERWORD_EVENT")}
    assert {"service.started", "cycle.started", "draft.placed", "service.ended"} <= events.keys()
    started, placed = events["service.started"], events["draft.placed"]
    assert started["_PID"] == started["AFTERWORD_PID"] != placed["_PID"]
    assert (started["PRIORITY"], placed["PRIORITY"]) == ("6", "4")
    assert {one["SYSLOG_IDENTIFIER"] for one in events.values()} == {"afterword"}
    assert (placed["AFTERWORD_RULE"], placed["AFTERWORD_FILES"]) == ("soft", '["b"]')
    assert "AFTERWORD_BY" not in placed
    assert "draft.placed  rule=soft  title=" in placed["MESSAGE"]
    assert "\x1b" not in placed["MESSAGE"]
    assert [one["MESSAGE"] for one in found if one["_TRANSPORT"] == "stdout"] == ["plain words"]


def in_a_pipe(environment: dict[str, str], code: str = "") -> str:
    """What a program writes to a stderr that is a pipe; `code` runs first, with the pipe's name in `own`."""
    own = "import os, sys; status = os.fstat(2); own = f'{status.st_dev}:{status.st_ino}'; "
    program = [
        sys.executable,
        "-c",
        f"{own}{code}\nfrom daemon import log; log.write('info', 'draft.placed', rule='soft')",
    ]
    return subprocess.run(program, capture_output=True, text=True, check=True, env={**os.environ, **environment}).stderr


OWN = "os.environ['JOURNAL_STREAM'] = own; from daemon import journal; "
ELSEWHERE = "journal.SOCKET = '/nowhere/socket'"
NOT_SENT = "journal.SOCKET = '/'; journal._library = lambda: lambda **_: -22"
NO_LIBRARY = "journal.SOCKET = '/'; sys.modules['cysystemd._journal'] = None"


@pytest.mark.parametrize("code", ["", OWN + ELSEWHERE, OWN + NOT_SENT, OWN + NO_LIBRARY])
def test_what_the_journal_does_not_take_is_a_line_of_json(code: str) -> None:
    record = json.loads(in_a_pipe({"JOURNAL_STREAM": "1:2"}, code))
    assert (record["event"], record["rule"]) == ("draft.placed", "soft")


def test_what_the_journal_takes_is_not_written_twice() -> None:
    sent = "journal.SOCKET = '/'; journal._library = lambda: lambda **entry: print(sorted(entry), file=sys.stderr)"
    said = in_a_pipe({}, OWN + sent)
    assert said == "['AFTERWORD_EVENT', 'AFTERWORD_RULE', 'MESSAGE', 'PRIORITY', 'SYSLOG_IDENTIFIER']\n"


def test_a_stream_without_a_file_is_no_journal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "1:2")
    log.write("info", "draft.placed")
    assert json.loads(capsys.readouterr().err)["event"] == "draft.placed"


@pytest.mark.parametrize("name", ["x" * 100, "größe", "a-b.c", "_hidden"])
def test_a_field_has_a_name_that_the_journal_knows(name: str) -> None:
    made = journal._name(name)
    assert made.startswith("AFTERWORD_")
    assert len(made) <= 64
    assert all(letter.isascii() and (letter.isupper() or letter.isdigit() or letter == "_") for letter in made)
