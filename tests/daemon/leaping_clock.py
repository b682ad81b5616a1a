"""A clock that stands still until it is told to go on."""

from __future__ import annotations

from datetime import datetime, timedelta

from daemon.clock import Clock


class Leaping(Clock):
    """A clock that stands still until it is told to go on."""

    def __init__(self, begin: datetime) -> None:
        super().__init__(begin)
        self._now, self._seconds = begin, 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._seconds

    def leap(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._seconds += seconds

    def suspend(self, days: float) -> None:
        """The machine sleeps: CLOCK_MONOTONIC stands still."""
        self._now += timedelta(days=days)

    def settle(self) -> None:
        """A moment passes, too short for the time of day."""
        self._seconds += 1.0
