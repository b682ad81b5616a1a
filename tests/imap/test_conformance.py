"""What every mailbox promises, at Dovecot, at a Dovecot that can do little, and at pymap."""

from __future__ import annotations

import imaplib
from typing import TYPE_CHECKING

import pytest

from connectors.mailboxes.imap import Imap
from tests.conformance.mailboxes import MINE, Fresh, InboxSuite
from tests.imap.hand import NAMES, DovecotBackend, ProgramHand, program
from tests.imap.hand import server as at
from tests.imap.programs import Dovecot, dovecot, pymap

if TYPE_CHECKING:
    from collections.abc import Iterator


OLD = "protocol imap {\n  imap_capability = IMAP4rev1\n}"
"""What RFC 3501 has, and no more: no SPECIAL-USE, UIDPLUS, CONDSTORE or LIST-STATUS."""


@pytest.fixture(scope="module")
def old() -> Iterator[Dovecot]:
    with dovecot(mailboxes="", more=OLD) as running:
        yield running


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pymap() as port:
        yield port


class TestDovecot(InboxSuite):
    @pytest.fixture
    def fresh(self, server: Dovecot) -> Fresh:
        return lambda: DovecotBackend(server)


class TestOldServer(InboxSuite):
    @pytest.fixture
    def fresh(self, old: Dovecot) -> Fresh:
        return lambda: DovecotBackend(old)


class PymapBackend:
    """The mailbox of the one user of a pymap, emptied."""

    def __init__(self, port: int, connection: imaplib.IMAP4) -> None:
        self.server = at(port, "demouser", lambda: "demopass")
        for name in NAMES.values():
            connection.create(name)
            connection.select(name)
            connection.store("1:*", "+FLAGS", r"(\Deleted)")
            connection.expunge()
        self.user = ProgramHand(connection, NAMES)

    def mailbox(self) -> Imap:
        return Imap(self.server, MINE, pause=lambda _: None)


class TestPymap(InboxSuite):
    @pytest.fixture
    def fresh(self, port: int) -> Iterator[Fresh]:
        with program(port, "demouser", "demopass") as connection:
            yield lambda: PymapBackend(port, connection)
