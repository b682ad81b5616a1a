"""What happened in a year, line by line, and the promise that was broken in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

SHORT = 30
"""Lines of a short story."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `about` are the people and meetings it concerns; nobody: the machine, so everybody."""

    at: datetime
    text: str
    about: frozenset[str]


@dataclass
class Story:
    """The year as it went on; `zone` is that of the clock on the user's wall."""

    zone: ZoneInfo
    lines: list[Line] = field(default_factory=list)

    def tell(self, at: datetime, text: str, *about: str) -> None:
        """Add a line."""
        self.lines.append(Line(at, text, frozenset(about)))

    def short(self, about: frozenset[str]) -> str:
        """The last lines that concern these people and meetings, or the machine."""
        return self._told([line for line in self.lines if not line.about or not about or line.about & about][-SHORT:])

    def whole(self) -> str:
        """All that happened."""
        return self._told(self.lines)

    def _told(self, lines: Iterable[Line]) -> str:
        told = ((line.at.astimezone(self.zone), line.text) for line in lines)
        return "\n".join(f"  {at:%a %Y-%m-%d %H:%M}  {text}" for at, text in told)


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise of docs/promises.md that was not kept: its number, what happened instead, and whom it concerns."""

    promise: str
    what: str
    about: frozenset[str] = frozenset()
