"""A Gmail mailbox at the stand-in, for the tests of what only Gmail does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.mailboxes.gmail_hand import GmailBackend
from tests.google.permitted import permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    """How long Google was left alone, each time."""
    return []


@pytest.fixture
def gmail(google: Google, tmp_path: Path, pauses: list[float]) -> GmailBackend:
    return GmailBackend(google, permitted(google, tmp_path, pauses))
