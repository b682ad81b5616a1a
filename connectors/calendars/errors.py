"""What goes wrong with the bytes of a calendar: a whole answer, or a single event."""

from __future__ import annotations

from connectors.base import PermanentError


class Unreadable(PermanentError):  # noqa: N818 - said of the answer: it is unreadable
    """An answer that is no calendar, or only a part of one. Nothing about the calendar has changed."""


class SetAside(PermanentError):  # noqa: N818 - what happens to the event
    """One event cannot be used; all others can. Nothing about this event has changed."""

    def __init__(self, uid: str, message: str, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.uid = uid


class BrokenEvent(SetAside):
    """The event is not written as RFC 5545 asks, and cannot be understood."""


class TooCostly(SetAside):
    """The event takes more time, or makes more occurrences, than a meeting ever would."""
