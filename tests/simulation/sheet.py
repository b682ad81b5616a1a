"""A draft that was laid down in a year, and the spans of time and the words that a year is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORTH = 7 * DAY
"""So long after it was due a thank-you is worth writing."""

Key = tuple[str, int, str]
"""Step, number of the meeting (0 for a check-in, which hangs on a chain), address."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A mail of a person, in either direction."""

    at: datetime
    email: str
    theirs: bool


@dataclass
class Sheet:
    """One draft that was laid down, and what became of it in truth. `by_clock` is when, by the machine's clock.

    `contacts` are those with the person at that moment: as the calendars were last read, and as they were in truth.
    """

    ref: str
    key: Key
    message_id: str
    raw: bytes
    placed: datetime
    start: datetime
    skewed: bool
    contacts: frozenset[frozenset[Contact]]
    by_clock: datetime
    status: str = "lying"
    since: datetime = NEVER
    touched: bool = False
    long_open: bool = False
    sent_as: str = ""
    answered: bool = False
    healthy_since: int = 0
    put_off: bool = False
    seen_gone: datetime = NEVER

    @property
    def email(self) -> str:
        """To whom."""
        return self.key[2]
