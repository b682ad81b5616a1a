"""A manager for a file of tests, and Afterword installed in it as a user would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.systemd.laid import Laid
from tests.systemd.manager import managing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.systemd.manager import Manager


@pytest.fixture(scope="package")
def manager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Manager]:
    with managing(tmp_path_factory.mktemp("manager")) as running:
        yield running


@pytest.fixture(scope="package")
def installed(manager: Manager) -> Laid:
    """By `service install`, into a home that has a configuration and a drop-in of the user's own."""
    laid = Laid(manager)
    laid.configure()
    laid.drop_in("")
    laid.told = manager.afterword("service", "install")
    assert laid.told.code == 0, laid.told.err
    laid.changed = laid.configured = False
    return laid


@pytest.fixture
def service(installed: Laid) -> Iterator[Laid]:
    """The installed service, which `start` has running; what a test changes of it is as before afterwards."""
    yield installed
    installed.undo()
