"""One service and one cycle at a time, told by whom, and let go of by death."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from daemon import locks
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
HOLDING = """
import sys
from datetime import UTC, datetime
from daemon import locks
lock = locks.take(sys.argv[1], locks.CYCLE, "once", datetime(2026, 3, 3, 12, 0, tzinfo=UTC))
print("held", flush=True)
sys.stdin.read()
"""


def holding(state: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


def test_a_second_holder_is_told_who_has_it_and_since_when(tmp_path: Path) -> None:
    process = holding(tmp_path)
    try:
        with pytest.raises(locks.Held) as caught:
            locks.take(tmp_path, locks.CYCLE, "once", NOW)
    finally:
        end(process)
    assert caught.value.exit_code is ExitCode.CANNOT_NOW
    assert (caught.value.pid, caught.value.what) == (process.pid, "once")
    assert caught.value.since == "2026-03-03T12:00:00+00:00"
    assert str(process.pid) in caught.value.message


def test_kill_9_lets_go_of_the_lock(tmp_path: Path) -> None:
    process = holding(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    locks.take(tmp_path, locks.CYCLE, "once", NOW).release()


def test_a_lock_of_another_name_is_another_lock(tmp_path: Path) -> None:
    with locks.take(tmp_path, locks.SERVICE, "run", NOW), locks.take(tmp_path, locks.CYCLE, "once", NOW):
        assert locks.holder(tmp_path, locks.SERVICE) is not None


def test_a_released_lock_can_be_taken_again_and_has_no_holder(tmp_path: Path) -> None:
    with locks.take(tmp_path, locks.CYCLE, "a name that is longer than the next", NOW):
        pass
    assert locks.holder(tmp_path, locks.CYCLE) is None
    with locks.take(tmp_path, locks.CYCLE, "once", NOW):
        told = locks.holder(tmp_path, locks.CYCLE)
        assert told is not None
        assert (told.pid, told.what, told.since) == (os.getpid(), "once", NOW.isoformat())


def test_a_held_lock_does_not_leak_into_children(tmp_path: Path) -> None:
    lock = locks.take(tmp_path, locks.CYCLE, "once", NOW)
    child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE, text=True)
    try:
        lock.release()
        locks.take(tmp_path, locks.CYCLE, "once", NOW).release()
    finally:
        end(child)


def test_no_file_means_no_holder_and_no_folder_is_an_error(tmp_path: Path) -> None:
    assert locks.holder(tmp_path, locks.CYCLE) is None
    with pytest.raises(FileNotFoundError):
        locks.take(tmp_path / "gone", locks.CYCLE, "once", NOW)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', "\x00\xff"])
def test_a_lock_file_with_anything_in_it_can_be_taken(tmp_path: Path, content: str) -> None:
    (tmp_path / locks.CYCLE).write_text(content, "utf-8")
    with locks.take(tmp_path, locks.CYCLE, "once", NOW):
        assert locks.holder(tmp_path, locks.CYCLE) is not None


@pytest.mark.parametrize("name", [locks.SERVICE, locks.CYCLE])
def test_a_link_in_the_place_of_a_lock_is_told_and_not_followed(tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("dear")
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / name).symlink_to(victim)
    with pytest.raises(Failure) as caught:
        locks.take(tmp_path / "state", name, "once", NOW)
    assert victim.read_text() == "dear"
    assert caught.value.exit_code is ExitCode.CANNOT_NOW
    assert str(tmp_path / "state" / name) in caught.value.message
    assert "`rm " in (caught.value.hint or "")
    assert locks.holder(tmp_path / "state", name) is None
