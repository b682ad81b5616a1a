"""The service over simulated hours, alone: `python -m tests.daemon.idling CONFIG STATE HOURS CYCLE [--days N] …`.

The children are real ones (CYCLE is a line of shell). Where the loop would sleep, the clock goes on by as much instead;
each such sleep is counted, and so is whatever else wakes it. After half of the time the machine is suspended for
`--days`: the wall clock goes on, and nothing else. It prints a JSON document of what it has seen.

`--busy` reloads it and asks how it is with each cycle. `--leak` has it leave something behind in each, for a proof
that this would be noticed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import select
import signal
import sys
from array import array
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from daemon.service import Service
from daemon.socket_file import reach
from daemon.standing import SOCKET
from tests.daemon.leaping_clock import Leaping
from tests.memory import anonymous, open_files

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
STIRS = 100_000
"""Wakes that no time brought, after which something wakes it without end."""


class Sleeping:
    """A poll in which nobody sleeps while no child runs."""

    def __init__(self, clock: Leaping, hours: float, days: float) -> None:
        self.wakes = array("d")  # and no list: nothing of ours is to grow
        """Seconds after the begin at which the loop went to sleep, and there was nothing to do."""
        self.stirs = 0
        """How often something else than the time has woken it while no cycle ran."""
        self._real = select.poll()
        self._clock = clock
        self._until = hours * 3600
        self._days = days
        self.busy: Callable[[], bool] = lambda: False

    def register(self, *what: Any) -> None:
        self._real.register(*what)

    def unregister(self, number: int) -> None:
        self._real.unregister(number)

    def poll(self, milliseconds: float) -> list[tuple[int, int]]:
        if self.busy():
            return self._real.poll(milliseconds)
        if happened := self._real.poll(0):
            self.stirs += 1
            assert self.stirs < STIRS, f"woken without end: {happened}"
            return happened
        self.wakes.append(self._clock.monotonic())
        self._clock.leap(math.ceil(milliseconds) / 1000)  # as poll(2) does: it takes whole ones
        if self._days and self._clock.monotonic() >= self._until / 2:
            self._clock.suspend(self._days)
            self._days = 0
        if self._clock.monotonic() >= self._until:
            os.kill(os.getpid(), signal.SIGTERM)
        return []


class Idling(Service):
    """The service with such a poll; what it costs is seen at the end of each cycle."""

    def __init__(
        self, config: str, state: str, hours: float, cycle: str, days: float = 0, *, busy: bool = False
    ) -> None:
        self._time = Leaping(BEGIN)
        self.sleeping = poll = Sleeping(self._time, hours, days)
        command = ["/bin/sh", "-c", cycle, "cycle"]
        super().__init__(config, state, command, clock=self._time, seed=7, poll=poll)  # type: ignore[arg-type]
        poll.busy = lambda: self._child is not None
        self.seen = array("d")
        self.answers = 0
        self._busy = busy
        self._asking: socket.socket | None = None

    def _settle(self, *what: Any) -> None:
        super()._settle(*what)
        self._take_answer()
        self.seen.extend((self._time.monotonic(), anonymous(os.getpid()), open_files(os.getpid())))
        if self._busy:
            self._asking = reach(os.path.join(self._state, SOCKET), 1)  # noqa: PTH118 - as the service does it
            if len(self.seen) // 3 % 2:
                os.kill(os.getpid(), signal.SIGHUP)

    def _take_answer(self) -> None:
        """Of the question that was asked when the cycle before had ended."""
        if self._asking is not None:
            with self._asking as channel:
                self.answers += channel.recv(1 << 16).startswith(b"{")


class LeakingFiles(Idling):
    """Forgets to close a file in each cycle."""

    def _settle(self, *what: Any) -> None:
        os.open(os.devnull, os.O_RDONLY)
        super()._settle(*what)


class LeakingMemory(Idling):
    """Keeps 30 kB of each cycle."""

    def __init__(self, *what: Any, **more: Any) -> None:
        super().__init__(*what, **more)
        self._kept: list[bytes] = []

    def _settle(self, *what: Any) -> None:
        self._kept.append(os.urandom(30_000))
        super()._settle(*what)


KINDS = {"nothing": Idling, "files": LeakingFiles, "memory": LeakingMemory}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, kind in (("config", str), ("state", str), ("hours", float), ("cycle", str)):
        parser.add_argument(name, type=kind)
    parser.add_argument("--days", type=float, default=0)
    parser.add_argument("--busy", action="store_true")
    parser.add_argument("--leak", choices=KINDS, default="nothing")
    said = parser.parse_args()
    service = KINDS[said.leak](said.config, said.state, said.hours, said.cycle, said.days, busy=said.busy)
    code = service.run()
    told = {
        "wakes": list(service.sleeping.wakes),
        "stirs": service.sleeping.stirs,
        "answers": service.answers,
        "seen": list(zip(*[iter(service.seen)] * 3, strict=True)),
    }
    sys.stdout.write(json.dumps(told))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
