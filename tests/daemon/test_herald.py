"""What systemd hears: one datagram for what belongs together, one line for each value."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from daemon.herald import READY_AFTER, RELOADED_AFTER, Herald
from daemon.supervisor import Supervisor
from tests.daemon.systemd import Manager

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    with Manager(tmp_path) as listening:
        monkeypatch.setenv("NOTIFY_SOCKET", listening.address)
        yield listening


def herald(every: float | None = None) -> Herald:
    supervisor = Supervisor()
    supervisor.every = every
    return Herald(supervisor, 0.0)


def test_ready_and_how_things_stand_come_together_and_once(manager: Manager) -> None:
    told = herald()
    told.ready("3 drafts waiting")
    told.ready("3 drafts waiting")
    assert manager.pending() == [{"READY": "1", "STATUS": "3 drafts waiting"}]


def test_a_reload_says_when_it_began_and_ends_with_ready(manager: Manager) -> None:
    told = herald()
    told.ready("")
    manager.next()
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    told.reloading(10.0)
    told.reloaded("no draft waiting")
    told.reloaded("no draft waiting")
    begun, ended = manager.pending()
    assert begun["RELOADING"] == "1"
    assert before <= int(begun["MONOTONIC_USEC"]) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    assert ended == {"READY": "1", "STATUS": "no draft waiting"}


def test_a_reload_that_takes_too_long_is_over_all_the_same(manager: Manager) -> None:
    told = herald()
    told.ready("")
    told.reloading(10.0)
    assert told.wait(10.0) == RELOADED_AFTER
    told.tend(10.0 + RELOADED_AFTER, alive=True)
    assert manager.pending()[-1]["READY"] == "1"


def test_a_start_that_takes_long_is_ready_all_the_same(manager: Manager) -> None:
    told = herald()
    told.tend(READY_AFTER - 0.1, alive=True)
    assert manager.pending() == []
    told.tend(READY_AFTER, alive=True)
    assert manager.next()["READY"] == "1"


def test_signs_of_life_come_with_the_wakes_of_the_loop_and_need_none_of_their_own(manager: Manager) -> None:
    told = herald(every=90.0)
    told.ready("")
    manager.next()
    for minute in range(1, 5):
        assert told.wait(60.0 * minute) >= 30.0
        told.tend(60.0 * minute, alive=True)
    assert manager.pending() == [{"WATCHDOG": "1"}] * 4


def test_no_sign_of_life_is_given_where_none_is_due_and_the_loop_does_not_spin(manager: Manager) -> None:
    told = herald(every=90.0)
    told.ready("")
    manager.next()
    told.tend(1000.0, alive=False)
    assert manager.pending() == []
    assert told.wait(1000.0) > 0


def test_words_of_a_problem_are_no_further_assignments(manager: Manager) -> None:
    Supervisor().tell(STATUS="one\nMAINPID=1\r\ntwo \udcff" + "x" * 9000)
    told = manager.next()
    assert told.keys() == {"STATUS"}
    assert told["STATUS"].startswith("one MAINPID=1 two ?xx")
    assert len(told["STATUS"]) <= 2000


def test_a_manager_that_is_gone_or_a_library_that_is_missing_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    Supervisor().tell(READY="1")
    monkeypatch.setitem(sys.modules, "cysystemd._daemon", None)
    Supervisor().tell(READY="1")
    assert "systemd.untold" in capfd.readouterr().err
