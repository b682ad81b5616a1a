"""The long run of `make soak`, in little: nothing grows, and idle the service is small beside another small server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.daemon.soak import LEAK, PAGES, Beside, Grown, grown, idled, running

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


HOURS, POLL = 2.0, 120.0


def test_cycles_reloads_and_questions_leave_nothing_behind(tmp_path: Path) -> None:
    told = idled(tmp_path, HOURS, POLL, "--busy")
    cycles = len(told["seen"])
    assert cycles > 100
    assert told["answers"] == cycles - 1  # the last one is asked by nobody
    assert grown(told).faults() == []


@pytest.mark.parametrize(("leak", "fault"), [("files", "open files grow"), ("memory", "memory grows")])
def test_a_file_or_30_kb_that_a_cycle_left_behind_would_be_noticed(tmp_path: Path, leak: str, fault: str) -> None:
    (told,) = grown(idled(tmp_path, HOURS, POLL, "--busy", "--leak", leak)).faults()
    assert told.startswith(fault)


def test_idle_it_is_smaller_than_radicale(tmp_path: Path) -> None:
    with running(tmp_path) as one:
        assert one.beside().faults() == []
    assert Beside((900, 500), (1000, 500)).faults() == ["the service has 900 kB resident, Radicale 1000 kB"]


@pytest.mark.parametrize(
    ("memory", "files", "faults"),
    [
        (lambda _: 7000, lambda _: 11, 0),
        (lambda cycle: 7000 + 4 * (cycle % 3), lambda cycle: 11 + cycle % 2, 0),
        (lambda cycle: 7000 + cycle, lambda _: 11, 1),
        (lambda _: 7000, lambda cycle: 11 + cycle // 100, 1),
        (lambda cycle: 7000 + 900 * (cycle < 20), lambda cycle: 11 + 3 * (cycle < 20), 0),
    ],
)
def test_what_a_leak_is(memory: Callable[[int], int], files: Callable[[int], int], faults: int) -> None:
    cycles = range(864)
    assert len(Grown([*map(memory, cycles)], [*map(files, cycles)]).faults()) == faults
    assert PAGES < LEAK * 864
