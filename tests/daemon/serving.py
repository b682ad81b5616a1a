"""A real service process for tests: started, listened to with deadlines, and ended by its own pid."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from daemon.report import keys
from daemon.standing import at_socket

if TYPE_CHECKING:
    import signal
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daemon.answering import Answering
    from daemon.figures import Figures
    from daemon.standing import Standing

START = """
import sys
from datetime import datetime
from daemon.clock import Clock
from daemon.failure import Failure
from daemon.service import Service
config, state, longest, at, user, listen, metrics, *command = sys.argv[1:]
more = {"version": "1.2.3", "metrics": metrics or None}
if user:  # who may not read what is imported later
    import ctypes, os, cysystemd._daemon
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
clock = Clock(datetime.fromisoformat(at)) if at else None
try:
    listening = ("/bin/sh", "-c", listen)
    sys.exit(Service(config, state, command, listen=listening, longest=float(longest), clock=clock, **more).run())
except Failure as failure:
    sys.stderr.write(failure.message + "\\n")
    sys.exit(failure.exit_code)
"""
LIMIT = 60.0
"""Seconds after which nothing comes any more, on a busy machine too."""
NOBODY = 65534


def document(
    poll: float = 300,
    next_due: str | None = None,
    *,
    last_good: bool = False,
    listens: bool = False,
    files: Sequence[str] = (),
    places: Sequence[str] = (),
    figures: Figures | None = None,
    status: str = "",
) -> str:
    """What a cycle prints, as `once --json --service` does."""
    due = None if next_due is None else datetime.fromisoformat(next_due)
    service = keys(
        poll, due, last_good=last_good, listens=listens, files=files, places=places, figures=figures, status=status
    )
    return json.dumps({"placed": [{}], "withdrawn": [], "problems": [], **service})


GOOD = f"echo '{document()}'"
"""A cycle that goes well."""


def lives(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:  # noqa: PTH123 - one line
        return file.read().rpartition(")")[2].split()[0] != "Z"


@contextmanager
def answering(state: Path, standing: Standing) -> Iterator[None]:
    """The socket of a service, told what it is to say: without the service."""
    poll = select.poll()
    with turning(poll, at_socket(str(state), poll, standing)):
        yield


@contextmanager
def turning(poll: select.poll, answers: Answering) -> Iterator[None]:
    """A loop, in a thread, that does nothing but answer."""
    enough, end = os.pipe()
    poll.register(enough, select.POLLIN)

    def turn() -> None:
        while all(number != enough for number, _ in poll.poll(min(answers.wait(time.monotonic()), LIMIT) * 1000)):
            answers.tend(time.monotonic())

    answers.keep()
    loop = threading.Thread(target=turn)
    loop.start()
    try:
        yield
    finally:
        os.close(end)
        loop.join(LIMIT)
        answers.end()
        os.close(enough)


class Running:
    """One service. `cycle` is a shell script that stands for the cycle; `$$` is then the pid of the child.

    `listen` is one for what listens at the mailbox.
    """

    def __init__(
        self,
        folder: Path,
        cycle: str,
        *,
        listen: str = "exit 0",
        longest: float = 60,
        at: str = "",
        metrics: str = "",
        environment: dict[str, str] | None = None,
        user: int | None = None,
    ) -> None:
        self.config, self.state = folder / "config", folder / "state"
        self.config.mkdir(exist_ok=True)
        self.state.mkdir(exist_ok=True)
        if user is not None:
            for own in (self.config, self.state):
                os.chown(own, user, -1)
        command = [
            sys.executable,
            "-c",
            START,
            str(self.config),
            str(self.state),
            str(longest),
            at,
            str(user or ""),
            listen,
            metrics,
        ]
        self._start([*command, "/bin/sh", "-c", cycle, "cycle"], environment)

    @classmethod
    def of(cls, command: list[str]) -> Self:
        """The service that a command becomes."""
        running = cls.__new__(cls)
        running._start(command)
        return running

    def _start(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
        self.heard: list[str] = []
        self._rest = b""
        self._waiting: list[str] = []

    def line(self) -> str | None:
        """The next line that it writes to stderr; None when it has ended. Fails when nothing comes for too long."""
        assert self.process.stderr is not None
        number = self.process.stderr.fileno()
        while not self._waiting:
            ready, _, _ = select.select([number], [], [], LIMIT)
            assert ready, f"nothing came in {LIMIT} s after {self.heard}"
            piece = os.read(number, 1 << 16)
            if not piece:
                return None
            *whole, self._rest = (self._rest + piece).split(b"\n")
            self._waiting += [line.decode() for line in whole]
        self.heard.append(self._waiting.pop(0))
        return self.heard[-1]

    def until(self, event: str) -> dict[str, Any]:
        """The next record of this event."""
        while (line := self.line()) is not None:
            try:
                record: dict[str, Any] = json.loads(line)
            except ValueError:
                raise AssertionError(f"no record: {line!r} after {self.heard}") from None
            if record["event"] == event:
                return record
        raise AssertionError(f"it ended without {event}: {self.heard}")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended(self) -> tuple[int, float]:
        """Its exit code, and how many seconds it took to end from now."""
        before = time.monotonic()
        code = self.process.wait(LIMIT)
        return code, time.monotonic() - before

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(LIMIT)
        if self.process.stderr is not None:
            self.process.stderr.close()
