"""What listens at the mailbox is kept with patience."""

from __future__ import annotations

import os
import select
from typing import TYPE_CHECKING

import pytest

from daemon.lookout import FIRST_PAUSE, LAST_PAUSE, Lookout

if TYPE_CHECKING:
    from pathlib import Path


class Kept:
    """A lookout whose process is a shell script, and how often that was started."""

    def __init__(self, folder: Path, script: str) -> None:
        self.poll = select.poll()
        self._starts = folder / "starts"
        self.lookout = Lookout(["/bin/sh", "-c", f"echo start >> {self._starts}; {script}"], self.poll)

    def lived(self, began: float, ended: float) -> int:
        """The process is kept at `began`, and has ended when it is looked at, at `ended`; how often it was started."""
        self.lookout.keep(began)
        self.look(ended)
        assert self.poll.poll(0) == []
        return self._starts.read_text().count("start")

    def look(self, at: float) -> bool:
        """Look at a process that has ended, if there is one; whether it had news."""
        if (child := self.lookout._child) is not None:
            os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        return self.lookout.tend(at)


def test_one_that_ends_soon_is_started_after_pauses_that_double(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "exit 75")
    assert kept.lived(0, 1) == 1
    assert kept.lived(FIRST_PAUSE, FIRST_PAUSE) == 1
    assert kept.lived(1 + FIRST_PAUSE, 100) == 2
    assert kept.lived(100 + 2 * FIRST_PAUSE - 1, 300) == 2
    now = 300.0
    for number in range(10):
        assert kept.lived(now, now) == 3 + number
        now += LAST_PAUSE


def test_one_that_listened_long_is_started_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "exit 75")
    assert kept.lived(0, 1000) == 1
    assert kept.lived(1000, 2000) == 2


@pytest.mark.parametrize("code", [0, 78])
def test_one_that_has_nothing_to_listen_to_is_not_started_again(tmp_path: Path, code: int) -> None:
    kept = Kept(tmp_path, f"exit {code}")
    assert kept.lived(0, 1) == 1
    assert kept.lived(1_000_000, 1_000_001) == 1
    kept.lookout.stop()
    assert kept.lived(1_000_002, 1_000_003) == 2


def test_news_is_told_even_by_one_that_has_ended(tmp_path: Path) -> None:
    kept = Kept(tmp_path, "printf '!!'; exit 75")
    kept.lookout.keep(0)
    assert kept.look(1)
    assert not kept.look(2)
