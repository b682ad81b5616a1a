"""A ledger of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.ledger import Ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def ledger(folder: Path) -> Iterator[Ledger]:
    with Ledger.open(folder) as opened:
        yield opened
