"""What every mailbox promises, at Dovecot, at a Dovecot that can do little, and at pymap."""

from __future__ import annotations

import imaplib
from typing import TYPE_CHECKING

import pytest

from connectors.mailboxes.imap import Imap
from tests.conformance.mailboxes import MINE, Fresh, InboxSuite
from tests.imap.hand import NAMES, DovecotBackend, ProgramHand, program, server
from tests.imap.programs import Dovecot, dovecot, pymap

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestDovecot(InboxSuite):
    @pytest.fixture(scope="class")
    def running(self) -> Iterator[Dovecot]:
        with dovecot() as running:
            yield running

    @pytest.fixture
    def fresh(self, running: Dovecot) -> Fresh:
        return lambda: DovecotBackend(running)


class TestOldDovecot(TestDovecot):
    """Without SPECIAL-USE, UIDPLUS, CONDSTORE, LIST-STATUS: what RFC 3501 has, and no more."""

    @pytest.fixture(scope="class")
    def running(self) -> Iterator[Dovecot]:
        with dovecot(mailboxes="", more="protocol imap {\n  imap_capability = IMAP4rev1\n}") as running:
            yield running


class PymapBackend:
    """The mailbox of the one user of a pymap, emptied."""

    def __init__(self, port: int, connection: imaplib.IMAP4) -> None:
        self.server = server(port, "demouser", lambda: "demopass")
        for name in NAMES.values():
            connection.create(name)
            connection.select(name)
            connection.store("1:*", "+FLAGS", r"(\Deleted)")
            connection.expunge()
        self.user = ProgramHand(connection, NAMES)

    def mailbox(self) -> Imap:
        return Imap(self.server, MINE, pause=lambda _: None)


class TestPymap(InboxSuite):
    @pytest.fixture(scope="class")
    def port(self) -> Iterator[int]:
        with pymap() as port:
            yield port

    @pytest.fixture
    def fresh(self, port: int) -> Iterator[Fresh]:
        with program(port, "demouser", "demopass") as connection:
            yield lambda: PymapBackend(port, connection)
