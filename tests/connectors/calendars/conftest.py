"""A calendar at Google: the stand-in, an account there, and a daemon that polls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.calendars.google_calendar import Daemon
from tests.google.permitted import permitted
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connectors.google.account import Account
    from tests.google.calendars import Store


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture
def store(google: Google) -> Store:
    return google.calendar("primary")


@pytest.fixture
def account(google: Google, tmp_path: Path) -> Account:
    return permitted(google, tmp_path)


@pytest.fixture
def daemon(account: Account, google: Google) -> Daemon:
    return Daemon(account, google)
