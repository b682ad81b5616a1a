"""A place for households, in memory where there is such a place."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.cases.home import THANKS, Home, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = Path("/dev/shm")


class Moves(Protocol):
    """Makes a household; the calendar, `people.yaml` and the rules are as given."""

    def __call__(self, rules: str = THANKS, *, people: str = "people: []\n", settings: str = settings()) -> Home: ...


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder; in memory where that can be: a cycle syncs to the disk many times."""
    with tempfile.TemporaryDirectory(dir=MEMORY if os.access(MEMORY, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def settle(scratch: Path) -> Moves:
    """Settle a household in."""

    def made(rules: str = THANKS, *, people: str = "people: []\n", settings: str = settings()) -> Home:
        home = Home.make(scratch / f"home{len(list(scratch.iterdir()))}", rules=rules, people=people, settings=settings)
        assert isinstance(home, Home)
        return home

    return made
