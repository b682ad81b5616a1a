"""The long run of `make soak`, in little: nothing grows, and idle the service is small beside another small server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.daemon.soak import LEAK, PAGES, SMALL, Grown, lived

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_real_cycles_reloads_and_questions_leave_nothing_behind_and_it_is_smaller_than_radicale(tmp_path: Path) -> None:
    near = lived(tmp_path, 0)
    assert near.faults() == []
    assert near.asked == near.reloads == 3
    assert near.service[0] <= SMALL * near.radicale[0]


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
