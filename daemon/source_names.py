"""What a source is called in a sentence."""

from __future__ import annotations

_BARE = "calendar"
"""The id that `afterword init` gives to a calendar: it says already what it is."""


def calendar_called(name: str) -> str:
    """`calendar work`, after an article or at the head of a line; `calendar` alone for the one whose id is that."""
    return name if name.casefold() == _BARE else f"calendar {name}"
