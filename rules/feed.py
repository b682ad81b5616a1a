"""What Afterword itself writes into a calendar, its plan: no meetings, wherever they are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rules.model import Meeting

_UID = "afterword-plan-"
MARKS = "#nofollow #noshow"
"""For a copy that a calendar program gave another UID."""


def uid_of(follow_up: str) -> str:
    """The UID of a follow-up, by its id: the same in each feed."""
    return f"{_UID}{follow_up}"


def is_planned_note(meeting: Meeting) -> bool:
    """Whether it is no meeting, but a note of the plan that has found its way into a calendar."""
    return meeting.uid.startswith(_UID)
