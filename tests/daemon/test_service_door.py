"""What the service says to those who ask at its socket."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack, closing
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from daemon.socket_file import reach
from daemon.standing import SOCKET, Silent, standing
from tests.daemon.serving import GOOD, LIMIT, Running

if TYPE_CHECKING:
    from pathlib import Path


def test_it_says_at_its_socket_how_it_stands_while_a_cycle_runs_and_after_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, f"read go < {tmp_path / 'fifo'}; {GOOD}") as service:
        service.until("cycle.started")
        told = standing(service.state)
        assert told is not None
        assert (told["pid"], told["cycles"], told["next"]) == (service.process.pid, 1, None)
        assert (told["cycle"]["reason"], told["cycle"]["ended"]) == ("start", None)
        (tmp_path / "fifo").write_text("go\n")
        service.until("service.ready")
        told = standing(service.state)
        assert told is not None
        assert (told["cycle"]["outcome"], told["failures"]) == ("cycle.done", 0)
        assert datetime.fromisoformat(told["next"]) > datetime.fromisoformat(told["cycle"]["ended"])


def test_a_service_that_is_stopped_is_silent_and_one_that_goes_on_answers(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        service.send(signal.SIGSTOP)
        with pytest.raises(Silent):
            standing(service.state, limit=0.1)
        service.send(signal.SIGCONT)
        assert standing(service.state, limit=LIMIT) is not None


def test_those_who_ask_and_do_not_listen_keep_it_from_nothing(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service, ExitStack() as several:
        service.until("service.ready")
        for _ in range(5):
            several.enter_context(closing(reach(str(service.state / SOCKET), LIMIT)))
        service.send(signal.SIGHUP)
        service.until("configuration.read")
        assert standing(service.state, limit=LIMIT) is not None


def test_a_socket_that_was_killed_with_its_service_is_replaced_and_gone_after_the_next(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "service.json").write_text("{}")  # as a service of an earlier version left it
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        service.send(signal.SIGKILL)
        service.ended()
        assert standing(service.state) is None
        assert (service.state / SOCKET).is_socket()
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        assert standing(service.state) is not None
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert [path.name for path in service.state.iterdir()] == ["service.lock"]


def test_where_no_socket_can_be_made_it_is_told_once_and_the_service_goes_on(tmp_path: Path) -> None:
    (tmp_path / "state" / SOCKET).mkdir(parents=True)
    with Running(tmp_path, GOOD) as service:
        assert service.until("status.unheard")["why"] == "something else lies there"
        service.until("service.ready")
        for _ in range(2):
            service.send(signal.SIGHUP)
            service.until("cycle.done")
        (service.state / SOCKET).rmdir()
        service.send(signal.SIGHUP)
        service.until("cycle.done")
        assert standing(service.state) is not None
        assert sum("status.unheard" in line for line in service.heard) == 1
