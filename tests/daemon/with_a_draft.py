"""A household with one draft: what the tests of its life, of its versions and of a lost ledger begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases.home import Home
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

ANA = "ana@one.example"
ME = "robin@example.org"


def with_a_draft(root: Path) -> Home:
    """Coffee with Ana, and a thank-you placed at 13:00."""
    home = Home.make(root / "home")
    move(home, "10:00")
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    assert len(home.drafts()) == 1
    return home


def move(home: Home, hour: str, sequence: int = 0) -> None:
    """The coffee is at this hour."""
    home.put("one", event("one", f"2026-03-03 {hour}", ANA, sequence=sequence))


def renamed(text: str, name: str = "<mine@mua.example>") -> str:
    """The draft as a mail program saves it that gives each version a Message-ID of its own."""
    return "\n".join(f"Message-ID: {name}" if line.startswith("Message-ID:") else line for line in text.split("\n"))
