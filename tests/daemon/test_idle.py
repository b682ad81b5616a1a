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
from daemon.ticks import TICK
from tests.daemon.serving import document

if TYPE_CHECKING:
    from pathlib import Path

HOURS, POLL = 8, 120


def test_it_wakes_once_a_minute_and_nothing_grows(tmp_path: Path) -> None:
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    cycle = f"echo '{document(POLL, listens=False)}'"
    command = [sys.executable, "-m", "tests.daemon.idling", str(tmp_path / "config"), str(tmp_path / "state")]
    ran = subprocess.run([*command, str(HOURS), cycle], capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout)
    cycles, wakes = told["seen"], told["wakes"]
    assert HOURS * 3600 / (1.1 * POLL) <= len(cycles) <= HOURS * 3600 / (0.9 * POLL) + 1
    # Each cycle is what it woke for: the others are at most one a minute.
    assert len(wakes) - len(cycles) <= HOURS * 60
    asleep = [later - earlier for earlier, later in pairwise(wakes)]
    assert max(asleep) <= TICK
    _, memory, files = zip(*cycles[len(cycles) // 5 :], strict=True)
    assert len(set(files)) == 1
    assert memory[-1] - memory[0] < 0.5 * len(memory)  # kB: half of one for each cycle would be a leak


def test_the_pauses_between_cycles_differ(tmp_path: Path) -> None:
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    command = [sys.executable, "-m", "tests.daemon.idling", str(tmp_path / "config"), str(tmp_path / "state")]
    ran = subprocess.run([*command, "1", f"echo '{document(600)}'"], capture_output=True, text=True, check=True)
    begun = [when for when, _, _ in json.loads(ran.stdout)["seen"]]
    pauses = [round(later - earlier) for earlier, later in pairwise(begun)]
    assert all(540 <= pause <= 660 for pause in pauses)
    assert len(set(pauses)) > 1


def test_after_three_weeks_of_sleep_a_cycle_runs_at_once_and_asks_every_source(tmp_path: Path) -> None:
    for name in ("config", "state"):
        (tmp_path / name).mkdir()
    tell = """test -n "$(echo "$@" | grep anew)" && echo '{"event": "anew", "pid": '$$'}' >&2; """
    command = [sys.executable, "-m", "tests.daemon.idling", str(tmp_path / "config"), str(tmp_path / "state")]
    ran = subprocess.run(
        [*command, "1", f"{tell}echo '{document(1300)}'", "21"], capture_output=True, text=True, check=True
    )
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
