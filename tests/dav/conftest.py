"""The servers that the tests of this folder talk to: each is started once, with collections for every test."""

from __future__ import annotations

import gc
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.dav.servers import SERVERS, Server
from tests.proxy import Proxy, proxy

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBERS = count()


@pytest.fixture(autouse=True, scope="module")
def _let_go() -> Iterator[None]:
    """The connections of a file of tests end with it: as long as nobody looks for garbage, clients keep them open."""
    yield
    gc.collect()


@pytest.fixture(scope="session", params=list(SERVERS))
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own process."""
    with SERVERS[request.param](tmp_path_factory.mktemp(request.param)) as server:
        yield server


@pytest.fixture
def server(running: Server) -> Server:
    """With an empty calendar and an empty address book."""
    return running.fresh(next(_NUMBERS))


@pytest.fixture
def between(server: Server) -> Iterator[Proxy]:
    """Who stands in front of the server, and counts."""
    with proxy(server.port) as state:
        yield state
