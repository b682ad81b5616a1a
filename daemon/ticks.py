"""When the next cycle is due. Reads no clock and trusts no timer: wall clock and monotonic clock are arguments."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

POLL = 300.0
"""Seconds between cycles until the first one has told what the configuration says."""
TICK = 60.0
"""The loop wakes at least this often, in seconds: to compare the clocks and to look at the configuration."""
JITTER = 0.1
"""By which part of it a pause is longer or shorter, at most: not everybody asks the same server in the same second."""
SOONEST = 1.0
"""No cycle begins sooner than this, in seconds, after the one before began."""
FIRST_RETRY = 10.0
LAST_RETRY = 1800.0
_SLACK = 5.0
_WORD = (1 << 64) - 1
SETTLING = 2.0
"""Seconds from news to the cycle that looks at it: a program that sends a mail also takes its draft away."""
APART = 5.0
"""Seconds from one cycle to the next one that is only for such news: a busy inbox is looked at in turns, and so is a
calendar that is just being synced."""


ANEW = frozenset({"start", "configuration", "clock"})
"""Reasons for a cycle after which nothing that was known of a source's failures holds it back."""


class Ticks:
    """The state of the timetable. All reasons for a cycle are words that the log shows.

    With a `seed` the pauses differ by some percent, each in its own way; what is due at an instant does not wait.
    """

    def __init__(self, seed: int | None = None) -> None:
        self.poll = POLL
        self._seed = seed
        self._stretch = 1.0
        self._longest = LAST_RETRY
        self.next_due: datetime | None = None
        self.failures = 0
        self._asked: str | None = "start"
        self._news: tuple[str, float] | None = None
        self._began: tuple[datetime, float] | None = None
        self._seen: tuple[datetime, float] | None = None

    def ask(self, reason: str) -> None:
        """Somebody wants a cycle now; failures before do not hold it back."""
        self._asked = reason
        self.failures = 0

    def news_came(self, what: str, monotonic: float) -> None:
        """There is something to be looked at: `mail`, or `files`. While cycles fail it waits with everything else."""
        if self._news is None:
            self._news = what, monotonic + SETTLING

    def moved(self, wall: datetime, monotonic: float) -> float | None:
        """By how many seconds the wall clock was moved since the last look, or None. Sleep counts. Asks for a cycle."""
        before, self._seen = self._seen, (wall, monotonic)
        if before is None:
            return None
        jump = (wall - before[0]).total_seconds() - (monotonic - before[1])
        if abs(jump) <= _SLACK:
            return None
        self.ask("clock")
        return jump

    def due(self, wall: datetime, monotonic: float) -> str | None:
        """Why a cycle should begin now, or None."""
        if self._began is None:
            return self._asked
        if monotonic - self._began[1] < SOONEST:
            return None
        if self._asked:
            return self._asked
        if self._elapsed(wall, monotonic) >= self._pause():
            return "retry" if self.failures else "poll"
        if self.next_due is not None and wall >= self.next_due:
            return "due"
        return self._news[0] if self._news and self._until_news(monotonic) <= 0 else None

    def wait(self, wall: datetime, monotonic: float) -> float:
        """Seconds until `due` has to be asked again: never more than a tick."""
        if self._began is None:
            return 0.0
        soonest = max(0.0, SOONEST - (monotonic - self._began[1]))
        if self._asked:
            return soonest
        left = min(self._pause() - self._elapsed(wall, monotonic), self._until_news(monotonic))
        if self.next_due is not None:
            left = min(left, (self.next_due - wall).total_seconds())
        return min(TICK, max(soonest, left))

    def wait_for_cycle(self, wall: datetime) -> float:
        """Seconds from `wall` until the next cycle, as far as is known now."""
        left = self._pause()
        if self._began is not None:
            left -= (wall - self._began[0]).total_seconds()
        if self.next_due is not None:
            left = min(left, (self.next_due - wall).total_seconds())
        return max(0.0, left)

    def began(self, wall: datetime, monotonic: float) -> None:
        """A cycle begins: what was asked for is being done. An instant that has come is not waited for again."""
        self._began = (wall, monotonic)
        self._asked = self._news = None
        self._stretch = self._stretched()
        self._wait_for(self.next_due)

    def ended(self, poll: float, next_due: datetime | None) -> None:
        """The cycle told what it knows. An instant that had come before it began is not waited for again."""
        self.failures = 0
        self._told(poll, next_due)

    def failed(self) -> None:
        """The cycle came to nothing: the next one after a pause that doubles."""
        self.failures += 1
        self._longest = LAST_RETRY

    def failed_in_part(self, poll: float, next_due: datetime | None) -> None:
        """The mailbox could not be used, the rest was done: the pause grows no longer than what others are asked by."""
        self.failures += 1
        self._told(poll, next_due)
        self._longest = self.poll

    def _told(self, poll: float, next_due: datetime | None) -> None:
        self.poll = max(SOONEST, poll)
        self._wait_for(next_due)

    def _wait_for(self, due: datetime | None) -> None:
        began = self._began[0] if self._began else None
        self.next_due = due if began is None or due is None or due > began else None

    def _until_news(self, monotonic: float) -> float:
        """Seconds until what has come is looked at; infinite where nothing has, or while cycles fail."""
        if self._news is None or self._began is None or self.failures:
            return math.inf
        return max(self._news[1], self._began[1] + APART) - monotonic

    def _elapsed(self, wall: datetime, monotonic: float) -> float:
        """Seconds since the last cycle began, by the clock on which more have passed: one stands still in sleep."""
        assert self._began is not None
        by_wall = (wall - self._began[0]).total_seconds()
        return max(by_wall, monotonic - self._began[1])

    def _pause(self) -> float:
        """Seconds from the begin of one cycle to the next, where nothing brings it sooner."""
        if not self.failures:
            return max(SOONEST, self.poll * self._stretch)
        doubled: float = FIRST_RETRY * 2 ** min(self.failures - 1, 16)
        return min(doubled, self._longest) * self._stretch

    def _stretched(self) -> float:
        """The next of a series of numbers around 1 (xorshift: the standard library's `random` costs more memory)."""
        if self._seed is None:
            return 1.0
        number = self._seed & _WORD or 1
        number ^= number << 13 & _WORD
        number ^= number >> 7
        number ^= number << 17 & _WORD
        self._seed = number
        return 1.0 + JITTER * (2.0 * number / _WORD - 1.0)
