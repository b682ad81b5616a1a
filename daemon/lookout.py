"""The service's side of listening: a process that listens is kept, and started anew with patience when it ends."""

from __future__ import annotations

import select
import sys
from signal import SIGKILL
from typing import TYPE_CHECKING

from daemon import log
from daemon.child import Child
from daemon.failure import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = (sys.executable, "-P", "-m", "daemon.listener")
"""What listens: this program, from where it is installed and not from the current folder."""
FIRST_PAUSE = 60.0
LAST_PAUSE = 3600.0
"""Seconds between two starts of a process that ends soon: at first, doubling, and at most."""
_LONG = 300.0
"""A process that has listened for so many seconds did well."""


class Lookout:
    """The listening process of a service, or none. `command` starts one; `poll` is woken by what it says."""

    def __init__(self, command: Sequence[str], poll: select.poll) -> None:
        self._command = command
        self._poll = poll
        self._child: Child | None = None
        self._going: list[Child] = []
        self._soonest = 0.0
        self._failures = 0
        self._useless = False

    def keep(self, monotonic: float) -> None:
        """Have a process that listens, if there is none and it is time to try."""
        if self._child is not None or self._going or self._useless or monotonic < self._soonest:
            return
        try:
            self._child = Child(self._command, monotonic)
        except OSError as error:
            log.write("warning", "mailbox.unheard", why=error.strerror)
            self._put_off(monotonic)
            return
        self._poll.register(self._child.fileno(), select.POLLIN)

    def tend(self, monotonic: float) -> bool:
        """Take in what it says, and whether it has ended; whether mail has come. It never waits."""
        self._going = [one for one in self._going if one.ended() is None]
        child = self._child
        if child is None:
            return False
        number = child.fileno()
        came = bool(child.take())
        ended = child.ended()
        if number >= 0 and child.fileno() < 0:
            self._poll.unregister(number)
        if ended is None:
            return came
        self._child = None
        if ended.code in {ExitCode.DONE, ExitCode.CONFIGURATION_WRONG}:
            self._useless = True  # there is nothing to listen to, or the server cannot tell
        elif monotonic - child.began >= _LONG:
            self._failures = 0
        else:
            self._put_off(monotonic)
        return came or bool(ended.printed)

    def stop(self) -> None:
        """End it. The next one is started as if there had been none: what stood in its way may be gone."""
        child, self._child = self._child, None
        self._soonest, self._failures, self._useless = 0.0, 0, False
        if child is None:
            return
        if child.fileno() >= 0:
            self._poll.unregister(child.fileno())
        child.signal(SIGKILL)
        self._going.append(child)

    def close(self) -> list[Child]:
        """Listen no more; the processes that may not have ended yet."""
        self.stop()
        return self._going

    def _put_off(self, monotonic: float) -> None:
        self._soonest = monotonic + min(FIRST_PAUSE * 2.0 ** min(self._failures, 16), LAST_PAUSE)
        self._failures += 1
