"""A household with a draft or two, whoever looks at its page, and one browser for all tests of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cases.home import Home, coffee
from tests.daemon.review.browser import chromium
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

PEOPLE = ("ana@one.example", "ben@two.example", "cleo@three.example")
NOW = "2026-03-03 13:30"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Coffee with three people, and three thank-yous that wait."""
    home = Home.make(tmp_path / "home")
    for number, person in enumerate(PEOPLE):
        coffee(home, person, start=f"2026-03-03 1{number % 2}:{number}0", name=person.partition("@")[0])
    home.cycles("2026-03-03 09:00", NOW)
    return home


@pytest.fixture
def bare(tmp_path: Path) -> Home:
    """A household in which nothing has happened yet."""
    made = Home.make(tmp_path / "bare")
    made.state.mkdir(exist_ok=True)
    return made


@pytest.fixture
def visitor(home: Home) -> Visitor:
    """Somebody who was let in."""
    return Visitor(room(home.root, NOW))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with chromium() as started:
        yield started
