"""Idle it does nothing: it wakes once a minute, and no cycle leaves anything behind."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from daemon.clock_set import ClockSet
from daemon.socket_file import reach
from daemon.standing import SOCKET
from daemon.ticks import TICK
from tests.daemon.idling import Idling
from tests.daemon.serving import document
from tests.daemon.soak import idled

if TYPE_CHECKING:
    from pathlib import Path

HOURS, POLL = 8, 120


def test_it_wakes_once_a_minute_and_nothing_grows(tmp_path: Path) -> None:
    told = idled(tmp_path, HOURS, POLL)
    cycles, wakes = told["seen"], told["wakes"]
    assert HOURS * 3600 / (1.1 * POLL) <= len(cycles) <= HOURS * 3600 / (0.9 * POLL) + 1
    # Each cycle is what it woke for: the others are at most one a minute, whatever it was that woke it.
    assert len(wakes) + told["stirs"] - len(cycles) <= HOURS * 60
    asleep = [later - earlier for earlier, later in pairwise(wakes)]
    assert max(asleep) <= TICK
    _, memory, files = zip(*cycles[len(cycles) // 5 :], strict=True)
    assert len(set(files)) == 1
    assert memory[-1] - memory[0] < 0.5 * len(memory)  # kB: half of one for each cycle would be a leak


def test_whatever_wakes_it_is_counted_a_question_and_a_file_too(tmp_path: Path) -> None:
    for name in ("config", "state", "calendar"):
        (tmp_path / name).mkdir()
    service = Idling(str(tmp_path / "config"), str(tmp_path / "state"), HOURS, "exit 0")
    service._doors.keep()
    service._watchman.keep([f"{tmp_path}/calendar/"])
    poll = service.sleeping
    assert poll.poll(0) == []
    with reach(str(tmp_path / "state" / SOCKET), 1):
        assert poll.poll(0)
        service._doors.tend(0)
        service._doors.end()
    assert poll.poll(0) == []
    (tmp_path / "calendar" / "a.ics").write_text("x")
    assert poll.poll(0)
    assert service._watchman.tend()
    (tmp_path / "config" / "afterword.yaml").write_text("x")
    assert poll.poll(0)
    assert (len(poll.wakes), poll.stirs) == (2, 3)
    service._watchman.close()
    service._edits.close()


def test_the_pauses_between_cycles_differ(tmp_path: Path) -> None:
    begun = [when for when, _, _ in idled(tmp_path, 1, 600)["seen"]]
    pauses = [round(later - earlier) for earlier, later in pairwise(begun)]
    assert all(540 <= pause <= 660 for pause in pauses)
    assert len(set(pauses)) > 1


def test_after_three_weeks_of_sleep_a_cycle_runs_at_once_and_asks_every_source(tmp_path: Path) -> None:
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    tell = """test -n "$(echo "$@" | grep anew)" && echo '{"event": "anew", "pid": '$$'}' >&2; """
    command = [sys.executable, "-m", "tests.daemon.idling", str(tmp_path / "config"), str(tmp_path / "state")]
    cycle = f"{tell}echo '{document(1300)}'"
    ran = subprocess.run([*command, "1", cycle, "--days", "21"], capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in ran.stderr.splitlines()]
    anew = {one["pid"] for one in told if one["event"] == "anew"}
    events = [
        (one.get("reason", one["event"]), one.get("pid") in anew)
        for one in told
        if one["event"] in {"cycle.started", "clock.moved"}
    ]
    assert events == [("start", True), ("poll", False), ("clock.moved", False), ("clock", True), ("poll", False)]
    assert next(one["seconds"] for one in told if one["event"] == "clock.moved") == 21 * 86400


@pytest.mark.skipif(sys.platform != "linux", reason="a timer of Linux")
def test_the_timer_of_the_clock_sleeps_while_nobody_sets_it() -> None:
    timer = ClockSet()
    poll = select.poll()
    poll.register(timer.fileno(), select.POLLIN)
    assert poll.poll(0) == []
    assert not timer.take()
    timer.close()
    timer.close()
