"""The servers of the households, each started once, by whoever needs it first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.daemon.crash.servers import STARTED

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session", autouse=True)
def _ended() -> Iterator[None]:
    with STARTED:
        yield
