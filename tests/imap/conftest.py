"""The servers that these tests ask, each started once for a file of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.imap.hand import DovecotBackend
from tests.imap.programs import Dovecot, dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def backend(server: Dovecot) -> DovecotBackend:
    return DovecotBackend(server)
