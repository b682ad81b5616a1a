"""The only module that reads the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never go back; they stand still while the machine sleeps (CLOCK_MONOTONIC of Linux)."""
    return time.monotonic()


class Clock:
    """The time for a process that stays: the real one, or one that started at `at` and runs on from there."""

    def __init__(self, at: datetime | None = None) -> None:
        self._shift = timedelta() if at is None else at - now()
        self.shifted = at is not None

    def now(self) -> datetime:
        """This moment by this clock, aware, in UTC."""
        return now() + self._shift

    def monotonic(self) -> float:
        """See `monotonic()`."""
        return monotonic()
