"""The service over simulated hours, alone: `python -m tests.daemon.idling CONFIG STATE HOURS CYCLE [DAYS]`.

The children are real ones (CYCLE is a line of shell). Where the loop would sleep, the clock goes on by as much instead;
each such sleep is counted. After half of the time the machine is suspended for DAYS: the wall clock goes on, and
nothing else. It prints a JSON document of what it has seen.
"""

from __future__ import annotations

import json
import math
import os
import select
import signal
import sys
from array import array
from datetime import UTC, datetime
from typing import Any

from daemon.service import Service
from tests.daemon.leaping_clock import Leaping
from tests.memory import anonymous, open_files

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


class Sleeping:
    """A poll in which nobody sleeps while no child runs."""

    def __init__(self, clock: Leaping, hours: float, days: float) -> None:
        self.wakes = array("d")  # and no list: nothing of ours is to grow
        """Seconds after the begin at which the loop went to sleep, and there was nothing to do."""
        self._real = select.poll()
        self._clock = clock
        self._until = hours * 3600
        self._days = days
        self.service: Service | None = None

    def register(self, *what: Any) -> None:
        self._real.register(*what)

    def unregister(self, number: int) -> None:
        self._real.unregister(number)

    def poll(self, milliseconds: float) -> list[tuple[int, int]]:
        assert self.service is not None
        if self.service._child is not None:
            return self._real.poll(milliseconds)
        if happened := self._real.poll(0):
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

    def __init__(self, config: str, state: str, hours: float, cycle: str, days: float) -> None:
        self._time = Leaping(BEGIN)
        super().__init__(config, state, ["/bin/sh", "-c", cycle, "cycle"], clock=self._time, seed=7)
        self.sleeping = Sleeping(self._time, hours, days)
        self.sleeping.service = self
        self.seen = array("d")
        # What was registered before is registered with the one that counts.
        self._edits.close()
        self._poll = self._lookout._poll = self._edits._poll = self.sleeping  # type: ignore[assignment]
        self._edits._watch()

    def _settle(self, *what: Any) -> None:
        super()._settle(*what)
        self.seen.extend((self._time.monotonic(), anonymous(os.getpid()), open_files(os.getpid())))


def main() -> int:
    config, state, hours, cycle, *days = sys.argv[1:]
    service = Idling(config, state, float(hours), cycle, float(days[0]) if days else 0)
    code = service.run()
    told = {"wakes": list(service.sleeping.wakes), "seen": list(zip(*[iter(service.seen)] * 3, strict=True))}
    sys.stdout.write(json.dumps(told))
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
