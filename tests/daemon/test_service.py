"""The process that stays: real signals, real children, no waiting but for what it says."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from daemon import locks
from daemon.standing import standing
from tests.daemon.command import configure
from tests.daemon.serving import GOOD, LIMIT, Running, document, lives

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("google", "icalendar", "sqlalchemy", "pydantic", "jinja2", "structlog", "rich", "click", "requests", "ruamel")


def test_a_cycle_runs_at_once_and_ready_is_told_after_it(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        assert service.until("cycle.started")["reason"] == "start"
        done = service.until("cycle.done")
        assert (done["exit_code"], done["placed"], done["problems"]) == (0, 1, 0)
        service.until("service.ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_within_a_second(tmp_path: Path, number: signal.Signals) -> None:
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        service.send(number)
        code, seconds = service.ended()
        assert code == 0
        assert seconds < 1
        assert locks.holder(service.state, locks.SERVICE) is None
        assert standing(service.state) is None


def test_it_ends_with_0_however_often_it_is_told_to_reload_meanwhile(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        service.send(signal.SIGTERM)
        while service.process.poll() is None:
            service.send(signal.SIGHUP)
        assert service.ended()[0] == 0


def test_a_reload_before_it_can_obey_does_not_end_it(tmp_path: Path) -> None:
    start = f"main(['--metrics', 'nowhere', {str(tmp_path)!r}, {str(tmp_path)!r}])"
    code = f"import os, signal; from daemon.service import main; {start}; os.kill(os.getpid(), signal.SIGHUP)"
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_a_reload_that_is_asked_for_again_and_again_is_one_line_until_its_cycle_begins(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, f"read go < {tmp_path / 'fifo'}; {GOOD}") as service:
        service.until("cycle.started")
        for _ in range(20):
            service.send(signal.SIGHUP)
        service.until("configuration.asked")
        for _ in range(20):
            service.send(signal.SIGHUP)
        (tmp_path / "fifo").write_text("go\n")
        service.until("cycle.done")
        service.until("cycle.started")
        assert sum("configuration.asked" in line for line in service.heard) == 1
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_sigterm_ends_a_child_that_will_not_listen_too_within_a_second(tmp_path: Path) -> None:
    stuck = "trap '' TERM; echo '{\"event\": \"child\", \"pid\": '$$'}' >&2; while :; do read nothing < fifo; done"
    (tmp_path / "state").mkdir()
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, stuck.replace("fifo", str(tmp_path / "fifo"))) as service:
        pid = service.until("child")["pid"]
        assert lives(pid)
        service.send(signal.SIGTERM)
        code, seconds = service.ended()
        assert code == 0
        assert seconds < 1
        assert not lives(pid)


def test_what_a_cycle_started_ends_with_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    fifo = tmp_path / "fifo"
    cycle = f'sh -c \'echo {{\\"event\\": \\"grandchild\\", \\"pid\\": $$}} >&2; read nothing < {fifo}\' & wait'
    with Running(tmp_path, cycle) as service:
        pid = service.until("grandchild")["pid"]
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert not lives(pid)


def test_sighup_reads_the_configuration_again_at_once_and_says_how_it_went(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        service.send(signal.SIGHUP)
        assert service.until("configuration.asked")["why"] == "SIGHUP"
        assert service.until("cycle.started")["reason"] == "configuration"
        service.until("configuration.read")


def test_sighup_in_the_middle_of_a_cycle_brings_another_one_after_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, f"read go < {tmp_path / 'fifo'}; {GOOD}") as service:
        service.until("cycle.started")
        service.send(signal.SIGHUP)
        service.until("configuration.asked")
        (tmp_path / "fifo").write_text("go\n")
        service.until("cycle.done")
        assert service.until("cycle.started")["reason"] == "configuration"
        (tmp_path / "fifo").write_text("go\n")
        service.until("configuration.read")


def test_going_on_with_the_last_good_configuration_is_said(tmp_path: Path) -> None:
    with Running(tmp_path, f"echo '{document(last_good=True)}'; exit 1") as service:
        assert "check" in service.until("configuration.last_good")["hint"]
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert not any("configuration.read" in line for line in service.heard)


def test_a_configuration_that_was_never_good_ends_it_with_78(tmp_path: Path) -> None:
    with Running(tmp_path, "exit 78") as service:
        service.until("configuration.wrong")
        assert service.ended()[0] == 78
        assert not any("service.ready" in line for line in service.heard)


def test_a_configuration_that_was_good_once_does_not_end_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with Running(tmp_path, f"test -e {mark} && exit 78; touch {mark}; {GOOD}") as service:
        service.until("service.ready")
        service.send(signal.SIGHUP)
        service.until("configuration.wrong")
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_a_mailbox_that_is_not_there_yet_does_not_end_it(tmp_path: Path) -> None:
    with Running(tmp_path, f"{GOOD}; exit 78") as service:
        assert service.until("cycle.failed")["exit_code"] == 78
        service.until("service.ready")


def test_a_second_service_on_the_same_state_ends_with_75_and_says_who_holds_it(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as first:
        first.until("service.ready")
        with Running(tmp_path, GOOD) as second:
            line = second.line()
            assert line is not None
            assert str(first.process.pid) in line
            assert second.ended()[0] == 75


def test_kill_9_leaves_nothing_that_hinders_the_next_service(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as first:
        first.until("service.ready")
        first.send(signal.SIGKILL)
        first.ended()
        with Running(tmp_path, GOOD) as second:
            second.until("service.ready")


@pytest.mark.parametrize(
    ("cycle", "event"),
    [
        ("exit 75", "cycle.put_off"),
        ("exit 77", "cycle.permission_needed"),
        ("exit 70", "cycle.failed"),
        ("exit 3", "cycle.failed"),
        ("kill -9 $$", "cycle.killed"),
        ("kill -SEGV $$", "cycle.killed"),
        ("kill -35 $$", "cycle.killed"),
    ],
)
def test_a_cycle_that_fails_is_told_and_the_service_stays(tmp_path: Path, cycle: str, event: str) -> None:
    with Running(tmp_path, cycle) as service:
        service.until(event)
        service.until("service.ready")
        told = standing(service.state)
        assert told is not None
        assert (told["failures"], told["cycle"]["outcome"]) == (1, event)
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0


def test_why_a_cycle_came_to_nothing_is_told_to_the_log_to_status_and_to_systemd(tmp_path: Path) -> None:
    problem = {"message": "The disk of /home/robin is full", "hint": "Free some space."}
    nowhere = dict.fromkeys(("source", "file", "line", "column"))
    cycle = f"echo '{json.dumps({'problems': [nowhere | problem]})}'; exit 75"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(LIMIT)
        with Running(tmp_path, cycle, environment={"NOTIFY_SOCKET": str(tmp_path / "notify")}) as service:
            told = service.until("cycle.put_off")
            assert (told["why"], told["hint"], told["problems"]) == (problem["message"], "Free some space.", 1)
            heard = ""
            while "the last cycle could not do its work; `afterword status` tells why; next try in" not in heard:
                heard = listener.recv(4096).decode()
                assert "robin" not in heard
            known = standing(service.state)
            assert known is not None
            assert known["problems"] == [nowhere | problem]


def test_a_cycle_that_is_stuck_is_ended(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, f"read nothing < {tmp_path / 'fifo'}", longest=0.2) as service:
        assert service.until("cycle.timed_out")["signal"] == "SIGTERM"


def test_a_cycle_that_is_stuck_and_will_not_listen_is_ended_all_the_same(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(
        tmp_path, f"trap '' TERM; while :; do read nothing < {tmp_path / 'fifo'}; done", longest=0.2
    ) as service:
        assert service.until("cycle.timed_out")["signal"] == "SIGKILL"


def test_a_due_instant_brings_the_next_cycle_before_the_poll(tmp_path: Path) -> None:
    cycle = f"""echo '{document(3600, "2026-03-03T15:00:02+00:00")}'"""
    with Running(tmp_path, cycle, at="2026-03-03T15:00:00+00:00") as service:
        service.until("cycle.done")
        assert service.until("cycle.started")["reason"] == "due"


def test_a_clock_that_was_set_is_handed_on_to_the_cycle_and_runs(tmp_path: Path) -> None:
    cycle = """echo '{"event": "child", "option": "'$1'", "at": "'$2'"}' >&2;""" + GOOD
    with Running(tmp_path, cycle, at="2026-03-03T15:00:00+00:00") as service:
        told = service.until("child")
        assert told["option"] == "--at"
        at = datetime.fromisoformat(told["at"])
        assert 0 <= (at - datetime.fromisoformat("2026-03-03T15:00:00+00:00")).total_seconds() < LIMIT


def test_a_cycle_has_limits_and_no_terminal(tmp_path: Path) -> None:
    limits = "r.getrlimit(r.RLIMIT_DATA)[0], r.getrlimit(r.RLIMIT_NOFILE)[0]"
    ask = f"{sys.executable} -c 'import os, resource as r; print({limits}, os.read(0, 1))'"
    tell = f"""echo '{{"event": "limits", "told": "'$({ask})'"}}' >&2"""
    cycle = f"read go < {tmp_path / 'fifo'}; {tell}"
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, cycle) as service:
        service.until("cycle.started")
        (tmp_path / "fifo").write_text("go\n")
        data, files, read = service.until("limits")["told"].split()
        assert int(data) == 1 << 30
        assert int(files) <= 1024
        assert read == "b''"


def test_output_beyond_any_report_neither_fills_memory_nor_stops_the_service(tmp_path: Path) -> None:
    with Running(tmp_path, "head -c 40000000 /dev/zero") as service:
        done = service.until("cycle.done")
        assert done["placed"] is None
        with open(f"/proc/{service.process.pid}/status", encoding="utf-8") as file:  # noqa: PTH123 - one look
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        assert peak < 80_000


def test_a_child_that_cannot_be_started_is_a_failure_of_the_cycle_alone(tmp_path: Path) -> None:
    code = (
        "import sys; from daemon.service import Service; "
        f"sys.exit(Service({str(tmp_path)!r}, {str(tmp_path)!r}, ['/nowhere/at/all']).run())"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    with process, process.stderr as lines:
        assert any("cycle.not_started" in line for line in lines if "service.started" not in line)
        process.terminate()
        assert process.wait(LIMIT) == 0


def test_where_no_more_files_may_be_open_it_ends_with_75_and_says_what_helps(tmp_path: Path) -> None:
    start = [sys.executable, "-P", "-m", "daemon.service", str(tmp_path), str(tmp_path)]
    with_few = ["sh", "-c", 'ulimit -n 6; exec "$@"', "sh", *start]
    few = subprocess.run(with_few, capture_output=True, text=True, check=False)
    assert (few.returncode, few.stderr.splitlines()) == (
        75,
        [
            "afterword: the service cannot start: too many open files",
            "  Raise the limit on open files (`ulimit -n`), or close programs that keep many open.",
        ],
    )


def test_the_process_that_stays_imports_nothing_heavy() -> None:
    code = f"import sys, daemon.service; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads /proc")  # noqa: PTH110 - a look
def test_the_process_that_stays_is_little_larger_than_python(tmp_path: Path) -> None:
    def resident(pid: int) -> int:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:  # noqa: PTH123 - one look
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))

    bare = subprocess.Popen([sys.executable, "-c", "import sys; print(); sys.stdout.flush(); sys.stdin.read()"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    with bare, Running(tmp_path, GOOD) as service:
        assert bare.stdout is not None
        bare.stdout.readline()
        service.until("service.ready")
        assert resident(service.process.pid) - resident(bare.pid) < 8_000
        bare.communicate()


def test_the_command_serves_with_real_cycles_and_survives_a_bad_edit(tmp_path: Path) -> None:
    folder = configure(tmp_path / "config")
    command = ["--config", str(folder), "--state", str(tmp_path / "state"), "run"]
    with Running.of([sys.executable, "-m", "daemon", *command]) as service:
        service.until("cycle.done")  # ready may come before it where the machine is busy
        (folder / "rules" / "a.yaml").write_text("rules: [")
        service.send(signal.SIGHUP)
        problem = service.until("configuration.refused")
        assert (problem["file"], problem["line"]) == ("rules/a.yaml", 1)
        service.until("configuration.last_good")
        configure(folder)
        service.send(signal.SIGHUP)
        service.until("configuration.read")
        service.send(signal.SIGTERM)
        code, seconds = service.ended()
        assert code == 0
        assert seconds < 1


def test_a_cycle_ends_with_a_service_that_was_killed_and_leaves_the_next_one_nothing_to_wait_for(
    tmp_path: Path,
) -> None:
    """The cycle waits for a mail server that says nothing."""
    folder = configure(tmp_path / "config")
    settings = folder / "afterword.yaml"
    (folder / "secret").touch(0o600)
    (folder / "secret").write_text("secret")
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("mailbox:")]
    command = [sys.executable, "-m", "daemon", "--config", str(folder), "--state", str(tmp_path / "state"), "run"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LIMIT)
        where = f"imap: 127.0.0.1, port: {server.getsockname()[1]}, plain: true, user: robin"
        settings.write_text("\n".join([*lines, f"mailbox: {{{where}, password: {{file: secret}}}}", ""]))
        with Running.of(command) as first:
            cycle = os.pidfd_open(first.until("cycle.started")["pid"])
            with server.accept()[0]:
                first.send(signal.SIGKILL)
                assert select.select([cycle], [], [], LIMIT)[0]
                os.close(cycle)
    assert [locks.holder(tmp_path / "state", lock) for lock in (locks.CYCLE, locks.SERVICE)] == [None, None]
