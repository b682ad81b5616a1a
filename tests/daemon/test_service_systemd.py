"""What the service says to systemd: ready, status, signs of life, a reload that is over."""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.daemon.serving import GOOD, NOBODY, Running, document
from tests.daemon.systemd import Manager

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def free_folder() -> Iterator[Path]:
    """A folder that everybody may enter: those of pytest are one user's."""
    with TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_systemd_is_told_ready_status_and_signs_of_life(tmp_path: Path) -> None:
    with Manager(tmp_path) as systemd:
        cycle = f"echo '{document(status='3 drafts waiting')}'"
        with Running(tmp_path, cycle, environment={**systemd.environment, "WATCHDOG_USEC": "200000"}) as service:
            assert systemd.until("READY")["STATUS"] == "3 drafts waiting"
            systemd.until("WATCHDOG")
            service.send(signal.SIGTERM)
            systemd.until("STOPPING")
            assert service.ended()[0] == 0


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (f"echo '{document(status='no draft waiting')}'", "no draft waiting"),
        ("exit 78", "needs you: the configuration; `afterword check` tells what to mend; next try in"),
        ("kill -9 $$", "the last cycle was killed in the middle of its work; the log tells more; next"),
        ("exec sleep 1000", "the last cycle took too long and was ended; the log tells more; next"),
    ],
)
def test_a_reload_is_announced_and_over_however_its_cycle_ends(tmp_path: Path, second: str, words: str) -> None:
    cycle = f"test -e {tmp_path / 'mark'} && {{ {second}; exit; }}; touch {tmp_path / 'mark'}; {GOOD}"
    with Manager(tmp_path) as systemd, Running(tmp_path, cycle, longest=2, environment=systemd.environment) as service:
        systemd.until("READY")
        before = time.monotonic()
        service.send(signal.SIGHUP)
        begun = systemd.until("RELOADING")
        assert int(begun["MONOTONIC_USEC"]) >= int(before * 1e6) - 1
        assert systemd.until("READY")["STATUS"].startswith(words)


def test_a_reload_in_the_middle_of_a_cycle_is_over_with_the_one_after_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    cycle = f"read go < {tmp_path / 'fifo'}; {GOOD}"
    with Manager(tmp_path) as systemd, Running(tmp_path, cycle, environment=systemd.environment) as service:
        (tmp_path / "fifo").write_text("go\n")
        systemd.until("READY")
        service.until("cycle.done")
        service.send(signal.SIGHUP)
        service.until("cycle.started")
        service.send(signal.SIGHUP)
        service.until("configuration.asked")
        (tmp_path / "fifo").write_text("go\n")
        service.until("cycle.started")
        assert not any("READY" in told for told in systemd.pending())
        (tmp_path / "fifo").write_text("go\n")
        systemd.until("READY")


def test_no_child_speaks_for_the_service(tmp_path: Path) -> None:
    tell = """echo '{"event": "child", "socket": "'$NOTIFY_SOCKET$WATCHDOG_USEC'"}' >&2;"""
    with Manager(tmp_path) as systemd:
        environment = {**systemd.environment, "WATCHDOG_USEC": "20000000"}
        with Running(tmp_path, tell + GOOD, environment=environment) as service:
            assert service.until("child")["socket"] == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a child that the service may not end")
def test_without_signs_of_life_where_a_cycle_cannot_be_ended_and_with_them_when_it_ends_after_all(
    free_folder: Path,
) -> None:
    """The service is nobody; its cycle becomes root by a copy of `setpriv` with the setuid bit."""
    setpriv = free_folder / "setpriv"
    shutil.copy(shutil.which("setpriv") or "setpriv", setpriv)
    setpriv.chmod(0o4755)
    become_root = f"exec {setpriv} --reuid=0 --regid=0 --clear-groups sleep 1000"
    tell = 'echo \'{"event": "child", "pid": \'$$\'}\' >&2'
    with Manager(free_folder) as systemd:
        os.chmod(systemd.address, 0o777)  # noqa: PTH101 - nobody speaks there
        environment = {**systemd.environment, "WATCHDOG_USEC": "4000000"}
        with Running(
            free_folder, f"{tell}; {become_root}", longest=0.5, environment=environment, user=NOBODY
        ) as service:
            pid = service.until("child")["pid"]
            try:
                assert service.until("cycle.unkillable")["pid"] == pid
                told = systemd.until("STATUS", "a cycle that is stuck cannot be ended")
                assert str(pid) in told["STATUS"]
                systemd.pending()
                service.send(signal.SIGHUP)  # the reload is over at once, and there is no second cycle
                systemd.until("READY")
                assert not any("WATCHDOG" in one for one in systemd.pending())
            finally:
                os.kill(pid, signal.SIGKILL)
            service.until("cycle.timed_out")
            systemd.until("WATCHDOG")
            assert service.until("cycle.started")["pid"] != pid
