"""The servers that these tests ask, each started once for a file of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.imap.hand import DovecotBackend
from tests.imap.programs import Dovecot, dovecot
from tests.imap.tokens import Known, tokeninfo

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


@pytest.fixture
def backend(server: Dovecot) -> DovecotBackend:
    return DovecotBackend(server)


@pytest.fixture(scope="module")
def whose() -> Known:
    return Known()


@pytest.fixture(scope="module")
def taker(whose: Known) -> Iterator[Dovecot]:
    """It takes passwords, and access tokens in both ways; `known` says whose they are."""
    with tokeninfo(whose.owner) as address, dovecot(mechanisms="plain xoauth2 oauthbearer", tokens=address) as running:
        yield running


@pytest.fixture
def known(whose: Known) -> Known:
    """What the server knows of tokens: nothing yet."""
    whose.forget()
    return whose
