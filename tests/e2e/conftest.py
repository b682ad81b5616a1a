"""What files of these tests share: a CalDAV server, started once for a file, and a household that harm is done to."""

from __future__ import annotations

import gc
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.dav.servers import Server, radicale
from tests.e2e.faulty import ORDINARY, Harmed
from tests.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERS = count()


@pytest.fixture(autouse=True, scope="module")
def _let_go() -> Iterator[None]:
    """The connections of a file of tests end with it: as long as nobody looks for garbage, clients keep them open."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    return running.fresh(next(_NUMBERS))


@pytest.fixture
def between(server: Server) -> Iterator[Proxy]:
    with proxy(server.port) as state:
        yield state


@pytest.fixture
def house(tmp_path: Path) -> Harmed:
    """A first cycle was well; then Ana was met."""
    return Harmed.begun(tmp_path / "home", ORDINARY)
