"""The span of time that a calendar is asked about, and the wider one that it is expanded for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from daemon.ledger.columns import EPOCH

READING = "2"
"""Another number, and every calendar is read again: for when the same bytes are understood better than before."""
STEP = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) is asked for; events are expanded for more, so that a window that slides asks anew rarely."""

    start: datetime
    end: datetime
    expanded_from: datetime
    expanded_to: datetime

    @classmethod
    def around(cls, start: datetime, end: datetime) -> Self:
        """The expanded span begins and ends at whole steps since 1970, and ends one step late."""
        return cls(start, end, EPOCH + (start - EPOCH) // STEP * STEP, EPOCH + ((end - EPOCH) // STEP + 2) * STEP)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a calendar (its id): which meetings, read in which zone of the user, at what moment."""

    calendar: str
    window: Window
    zone: str
    now: datetime

    @property
    def reading(self) -> str:
        """How events are read: floating times and all-day events depend on the user's zone."""
        return f"{READING} {self.zone}"
