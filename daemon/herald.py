"""What systemd hears of the loop: ready, reloading, how things stand, and signs of life while it deserves them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daemon import log

if TYPE_CHECKING:
    from collections.abc import Callable

    from daemon.supervisor import Supervisor

READY_AFTER = 5.0
"""Ready is told when the first cycle has ended, so that a wrong configuration is a failed start; or after this."""
RELOADED_AFTER = 30.0
"""A reload is over when the configuration was read, or refused; or after this: `systemctl reload` waits for it."""
_OFTEN = 0.5
"""A sign of life is due with each wake of the loop once this part of the time between two has passed."""


class Herald:
    """Tells the supervisor. All times are monotonic, in seconds."""

    def __init__(self, supervisor: Supervisor, monotonic: float, hears: Callable[[str], None] | None = None) -> None:
        """`hears` is told the words, too."""
        self._supervisor = supervisor
        self._hears = hears
        self._alive_at = monotonic
        self._ready = False
        self._ready_by: float = monotonic + READY_AFTER
        self._reloaded_by: float | None = None
        self._words = ""

    def ready(self, words: str) -> None:
        """The service has started: the first time it is said, and the words each time."""
        if self._ready:
            self.say(words)
            return
        self._ready = True
        self._take(words)
        self._supervisor.tell(READY="1", STATUS=words)
        log.write("info", "service.ready")

    def reloading(self, monotonic: float) -> None:
        """Somebody asked for the configuration to be read again. Before it is ready it reads it anyway."""
        if self._ready:
            self._reloaded_by = monotonic + RELOADED_AFTER
            self._take("reading the configuration again")
            self._supervisor.reloading(self._words)

    def reloaded(self, words: str) -> None:
        """It was read, or refused, or nobody could: in any case nobody is to wait for it any more."""
        if self._reloaded_by is None:
            return
        self._reloaded_by = None
        self._take(words)
        self._supervisor.tell(READY="1", STATUS=words)

    def say(self, words: str) -> None:
        """How things stand."""
        if words != self._words:
            self._take(words)
            self._supervisor.tell(STATUS=words)

    def _take(self, words: str) -> None:
        self._words = words
        if self._hears is not None:
            self._hears(words)

    def tend(self, monotonic: float, *, alive: bool) -> None:
        """Say what time brings. Without `alive` no sign of life is given, and systemd will start the service anew."""
        every = self._supervisor.every
        if alive and every is not None and monotonic - self._alive_at >= every * _OFTEN:
            self._alive_at = monotonic
            self._supervisor.tell(WATCHDOG="1")
        if not self._ready and monotonic >= self._ready_by:
            self.ready("the first cycle runs")
        if self._reloaded_by is not None and monotonic >= self._reloaded_by:
            self.reloaded("the cycle that reads the configuration again still runs")

    def wait(self, monotonic: float) -> float:
        """Seconds until time brings something to say."""
        every = self._supervisor.every
        alive = math.inf if every is None else max(self._alive_at + every - monotonic, every * _OFTEN)
        ready = math.inf if self._ready else self._ready_by - monotonic
        reloaded = math.inf if self._reloaded_by is None else self._reloaded_by - monotonic
        return max(0.0, min(alive, ready, reloaded))

    def stopping(self) -> None:
        """The service ends."""
        self._supervisor.tell(STOPPING="1", STATUS="ending")
