"""What every mailbox promises, at Dovecot, at a Dovecot that can do little, and at pymap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder
from connectors.mailboxes.imap import Imap
from tests.conformance.mailboxes import MINE, Fresh, InboxSuite
from tests.imap.hand import NAMES, DovecotBackend, ProgramHand, program
from tests.imap.hand import server as at
from tests.imap.programs import OLD, Dovecot, dovecot, pymap

if TYPE_CHECKING:
    import imaplib
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def old() -> Iterator[Dovecot]:
    with dovecot(mailboxes="", more=OLD) as running:
        yield running


@pytest.fixture(scope="module")
def demo() -> Iterator[Callable[[], PymapBackend]]:
    with pymap() as port, program(port, "demouser", "demopass") as connection:
        client = Imap(at(port, "demouser", lambda: "demopass"), MINE, pause=lambda _: None)
        yield lambda: PymapBackend(client, connection)


class TestDovecot(InboxSuite):
    @pytest.fixture
    def fresh(self, server: Dovecot) -> Fresh:
        return lambda: DovecotBackend(server)


class TestOldServer(InboxSuite):
    @pytest.fixture
    def fresh(self, old: Dovecot) -> Fresh:
        return lambda: DovecotBackend(old)


PYMAP = {**NAMES, Folder.TRASH: "Bin"}
"""Its own folder Trash cannot be written to."""


class PymapBackend:
    """The mailbox of the one user of a pymap, emptied."""

    def __init__(self, client: Imap, connection: imaplib.IMAP4) -> None:
        self._client = client  # one for all: pymap takes half a second to check a password
        for name in PYMAP.values():
            connection.create(name)
            connection.select(name)
            connection.store("1:*", "+FLAGS", r"(\Deleted)")
            connection.expunge()
        self.user = ProgramHand(connection, PYMAP)

    def mailbox(self) -> Imap:
        return self._client


class TestPymap(InboxSuite):
    @pytest.fixture
    def fresh(self, demo: Callable[[], PymapBackend]) -> Fresh:
        return demo
