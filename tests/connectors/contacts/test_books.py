from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from connectors.contacts.memory import Memory
from connectors.contacts.vcard import VCards
from tests.conformance.contacts import Backend, CardsSuite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass
class InMemory:
    book: Memory

    def put(self, name: str, cards: bytes) -> None:
        self.book.put(name, cards)

    def take(self, name: str) -> None:
        self.book.take(name)


@dataclass
class InFolder:
    book: VCards

    def put(self, name: str, cards: bytes) -> None:
        (self.book.path / name).write_bytes(cards)

    def take(self, name: str) -> None:
        (self.book.path / name).unlink()


class TestMemory(CardsSuite):
    @pytest.fixture
    def fresh(self) -> Callable[[], Backend]:
        return lambda: InMemory(Memory())


class TestFolder(CardsSuite):
    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Callable[[], Backend]:
        return lambda: InFolder(VCards(tmp_path))
