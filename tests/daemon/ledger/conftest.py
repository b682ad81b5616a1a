"""A ledger of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.ledger import Ledger, store


@pytest.fixture(autouse=True)
def _without_syncing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests end processes and not machines: what the kernel has is enough."""
    monkeypatch.setattr(store, "SYNCHRONOUS", "OFF")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ledger(folder: Path) -> Iterator[Ledger]:
    with Ledger.open(folder) as opened:
        yield opened
