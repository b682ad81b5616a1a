"""The user's own command is run with one line of text, and what goes wrong with it is told with the remedy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daemon.notify import SOURCE, notify

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def stub(folder: Path, body: str) -> str:
    """A shell script as the user's command."""
    path = folder / "stub"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_the_line_is_appended_as_one_word_and_no_shell_reads_it(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    command = stub(tmp_path, f'printf "%s\\n" "$#" "$@" >> {heard}')
    line = "Send it; $(touch /tmp/never) `x` 'quoted' & \"more\" *"
    assert notify([command, "two words"], line) is None
    assert heard.read_text() == f"2\ntwo words\n{line}\n"


def test_it_has_the_environment_of_the_service_and_nothing_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/bus")
    heard = tmp_path / "heard"
    command = stub(tmp_path, f'read -r line; echo "[$line] $DBUS_SESSION_BUS_ADDRESS" > {heard}')
    assert notify([command], "x") is None
    assert heard.read_text() == "[] unix:path=/run/bus\n"


def test_what_it_prints_is_nobodys_business(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert notify([stub(tmp_path, "echo out; echo err >&2")], "x") is None
    assert capfd.readouterr() == ("", "")


def test_an_exit_code_is_told_with_what_it_said(tmp_path: Path) -> None:
    problem = notify([stub(tmp_path, "printf 'no\\033[31m display\\nat all' >&2; exit 3")], "x")
    assert problem is not None
    assert problem.source == SOURCE
    assert problem.message.endswith("ended with exit code 3: no[31m display at all")
    assert "try it by hand" in str(problem.hint)


def test_a_signal_is_told(tmp_path: Path) -> None:
    problem = notify([stub(tmp_path, "kill -9 $$")], "x")
    assert problem is not None
    assert problem.message.endswith("ended by signal 9")


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    problem = notify([str(tmp_path / "nowhere")], "x")
    assert problem is not None
    assert "there is no command" in problem.message
    assert "install it" in str(problem.hint)


def test_a_file_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("not a program")
    problem = notify([str(path)], "x")
    assert problem is not None
    assert "cannot be run: permission denied" in problem.message


def test_a_word_that_no_program_can_be_given_is_told() -> None:
    problem = notify(["true", "a\0b"], "x")
    assert problem is not None
    assert "cannot be run: embedded null byte" in problem.message


def test_one_that_hangs_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    os.mkfifo(pids)
    reader = os.open(pids, os.O_RDONLY | os.O_NONBLOCK)
    problem = notify([stub(tmp_path, f"sleep 600 & echo $$ $! > {pids}; wait")], "x", limit=0.5)
    assert problem is not None
    assert "took longer than 0.5 seconds" in problem.message
    told = os.read(reader, 100).split()
    # Both held the pipe open, and both are gone: the next read tells of its end.
    assert len(told) == 2
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_what_it_leaves_behind_does_not_hold_it_up(tmp_path: Path) -> None:
    assert notify([stub(tmp_path, "exec 3>&2; sleep 2 & exit 0")], "x", limit=1.5) is None
