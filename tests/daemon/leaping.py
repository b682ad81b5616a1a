"""The service on a clock that leaps: `python -m tests.daemon.leaping ROOT FIRST UNTIL`, in a process of its own.

The cycles are real ones. Between two of them a user sends all that lies in Drafts, and where nothing is to be done the
clock goes on to the next cycle at once.
"""

from __future__ import annotations

import os
import signal
import sys
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.service import Service
from tests.build import at
from tests.daemon.leaping_clock import Leaping
from tests.house import Household

if TYPE_CHECKING:
    from datetime import datetime


class Played(Service):
    """The service with such a clock, and with a user."""

    def __init__(self, home: Household, begin: datetime, until: datetime) -> None:
        self._time = Leaping(begin)
        super().__init__(str(home.root / "config"), str(home.state), clock=self._time)
        self._home, self._until = home, until

    def _sleep(self) -> float:
        wait = super()._sleep()
        if self._child is not None or self._ticks.due(self._time.now(), self._time.monotonic()):
            return wait
        if self._sends():
            self._time.settle()
            os.kill(os.getpid(), signal.SIGHUP)
        else:
            self._time.leap(max(wait, self._ticks.wait_for_cycle(self._time.now())))
        if self._time.now() >= self._until:
            os.kill(os.getpid(), signal.SIGTERM)
        return 0.0

    def _sends(self) -> bool:
        """Send all drafts to others; whether there were any."""
        drafts = [message_from_bytes(path.read_bytes()) for path in self._home.files(".Drafts")]
        sent = [draft["Message-ID"] for draft in drafts if "robin@example.org" not in draft["To"]]
        for message_id in sent:
            self._home.move(message_id, ".Sent")
        return bool(sent)


def main() -> int:
    root, first, until = sys.argv[1:]
    home = Household(Path(root))
    home.state.mkdir(exist_ok=True)
    return int(Played(home, at(first), at(until)).run())


if __name__ == "__main__":
    sys.exit(main())
