"""The service for a long time: `python -m tests.daemon.soak` (`make soak`), and in little as a test.

First 72 simulated hours, with a child for each cycle; then ten real minutes of the service as it is started, under a
stand-in for systemd, with real cycles, reloads and questions; beside it Radicale, idle, as the yardstick.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from daemon.standing import standing
from tests.daemon.command import configure
from tests.daemon.serving import document
from tests.daemon.systemd import Manager
from tests.dav.servers import radicale
from tests.memory import anonymous, open_files, proportional, resident

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HOURS, SECONDS = 72.0, 600.0
SMALL = 0.8
"""How much of Radicale's resident memory the service may have."""
LEAK = 0.25
"""kB that it may grow by in a cycle, beyond the first ones: pages come four at a time, and a leak of one would show."""
PAGES = 64
"""kB by which it may have grown in all, however few cycles there were."""


@dataclass(frozen=True)
class Grown:
    """What a run has seen of memory of its own (kB) and open files, after each cycle."""

    memory: Sequence[int]
    files: Sequence[int]

    @property
    def settled(self) -> tuple[Sequence[int], Sequence[int]]:
        """Without the first fifth: what is loaded once is no leak."""
        begin = len(self.memory) // 5
        return self.memory[begin:], self.files[begin:]

    @property
    def by(self) -> float:
        """kB from the first third of what is left to the last."""
        memory, _ = self.settled
        third = max(1, len(memory) // 3)
        return median(memory[-third:]) - median(memory[:third])

    def faults(self) -> list[str]:
        memory, files = self.settled
        grows = self.by > max(PAGES, LEAK * len(memory))
        told = [f"memory grows: by {self.by:.0f} kB in {len(memory)} cycles"] if grows else []
        third = max(1, len(files) // 3)
        if min(files[-third:]) > max(files[:third]):
            told.append(f"open files grow: from {max(files[:third])} to {min(files[-third:])}")
        return told

    def __str__(self) -> str:
        memory, files = self.settled
        return (
            f"{len(self.memory)} cycles: memory of its own {memory[0]} kB, then {memory[-1]} kB ({self.by:+.0f} kB); "
            f"open files {min(files)} to {max(files)}"
        )


def idled(folder: Path, hours: float, poll: float = 300, *options: str) -> dict[str, Any]:
    """So many hours on a clock that leaps; each cycle is a child that does nothing but report. See `idling`."""
    for name in ("config", "state"):
        (folder / name).mkdir(parents=True)
    command = [sys.executable, "-m", "tests.daemon.idling", str(folder / "config"), str(folder / "state"), str(hours)]
    ran = subprocess.run([*command, f"echo '{document(poll)}'", *options], capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def grown(told: dict[str, Any]) -> Grown:
    """The memory and files that it has seen."""
    _, memory, files = zip(*told["seen"], strict=True)
    return Grown([int(one) for one in memory], [int(one) for one in files])


@dataclass(frozen=True)
class Beside:
    """The service and its neighbour, both idle; sizes in kB, resident and in proportion (PSS)."""

    service: tuple[int, int]
    radicale: tuple[int, int]

    def faults(self) -> list[str]:
        if self.service[0] <= SMALL * self.radicale[0]:
            return []
        return [f"the service has {self.service[0]} kB resident, Radicale {self.radicale[0]} kB"]

    def __str__(self) -> str:
        (mine, my_part), (its, its_part) = self.service, self.radicale
        return (
            f"idle, resident: the service {mine} kB, Radicale {its} kB: {mine / its:.2f} of it (at most {SMALL})\n"
            f"in proportion (PSS): the service {my_part} kB, Radicale {its_part} kB: {my_part / its_part:.2f} of it"
        )


@dataclass(frozen=True)
class Running:
    """The service as it is started, with real cycles, under a stand-in for systemd; and Radicale."""

    state: Path
    systemd: Manager
    service: int
    radicale: int

    def reload(self) -> None:
        """A reload, until it is over; a cycle is part of it."""
        os.kill(self.service, signal.SIGHUP)
        self.systemd.until("RELOADING")
        self.systemd.until("READY")

    def beside(self) -> Beside:
        return Beside(*((resident(one), proportional(one)) for one in (self.service, self.radicale)))


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """From when it is ready, after its first cycle."""
    config, state = configure(folder / "config"), folder / "state"
    command = [sys.executable, "-m", "daemon", "--config", str(config), "--state", str(state), "run"]
    (folder / "radicale").mkdir()
    with ExitStack() as stack:
        systemd = stack.enter_context(Manager(folder))
        neighbour = stack.enter_context(radicale(folder / "radicale"))
        log = stack.enter_context((folder / "log").open("wb"))
        service = stack.enter_context(subprocess.Popen(command, stderr=log, env={**os.environ, **systemd.environment}))
        stack.callback(service.terminate)
        systemd.until("READY")
        yield Running(state, systemd, service.pid, neighbour.process)


def lived(one: Running, seconds: float) -> tuple[Grown, int]:
    """For so many seconds one reload after the other, and after each a question; how many were answered."""
    memory, files, asked = list[int](), list[int](), 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        one.reload()
        asked += standing(one.state) is not None
        memory.append(anonymous(one.service))
        files.append(open_files(one.service))
    return Grown(memory, files), asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    with TemporaryDirectory() as made:
        far = grown(idled(Path(made) / "simulated", asked.hours))
        print(f"simulated, {asked.hours:g} hours, {far}", flush=True)
        (real := Path(made) / "real").mkdir()
        with running(real) as one:
            near, answers = lived(one, asked.seconds)
            beside = one.beside()
    print(f"real, {asked.seconds:g} seconds, {len(near.memory)} reloads, {answers} answers, {near}\n{beside}")
    faults = [*far.faults(), *near.faults(), *beside.faults()]
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
