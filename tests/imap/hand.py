"""The user's hand on an IMAP server: at the files of Dovecot, or over a connection of their own as a mail program."""

from __future__ import annotations

import imaplib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from connectors.base import Folder
from connectors.imap.client import Security, Server
from connectors.mailboxes.delivery import dated
from connectors.mailboxes.folders import Configured
from connectors.mailboxes.imap import Imap
from connectors.message import crlf
from tests.conformance.mailboxes import MINE
from tests.connectors.mailboxes.hand import PLUS_PLUS, Hand
from tests.imap.programs import PASSWORD, Dovecot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from connectors.base import Memory

NAMES = {Folder.DRAFTS: "Drafts", Folder.SENT: "Sent", Folder.TRASH: "Trash", Folder.OTHER: "INBOX"}


def server(port: int, user: str, password: Callable[[], str] = lambda: PASSWORD) -> Server:
    """A server on this machine, in the clear."""
    return Server("127.0.0.1", user, password, Security.PLAIN, port)


class FileHand(Hand):
    """As another process on the server does it: Dovecot finds the files, and tells when they came by their times."""

    def __init__(self, dovecot: Dovecot, root: Path, names: dict[Folder, str]) -> None:
        super().__init__(root, names)
        self._dovecot = dovecot

    def put(self, folder: Folder, message: bytes, *, inside: str = "new", flags: str = "") -> Path:
        path = super().put(folder, message, inside=inside, flags=flags)
        at = dated(message).timestamp()
        os.utime(path, (at, at))
        self._dovecot.give(path)
        return path


class DovecotBackend:
    """The mailbox of somebody new at Dovecot."""

    def __init__(self, dovecot: Dovecot, names: dict[Folder, str] = PLUS_PLUS, **configured: str) -> None:
        self.name, self.root = dovecot.user()
        for name in names.values():
            dovecot.folder(self.root / name)
        self.server = server(dovecot.port, self.name)
        self.configured = Configured(**configured)
        self.user = FileHand(dovecot, self.root, names)

    def mailbox(self, memory: Memory | None = None, *, tidies: bool = False) -> Imap:
        return Imap(self.server, MINE, self.configured, memory, tidies=tidies, pause=lambda _: None)

    @contextmanager
    def program(self) -> Iterator[imaplib.IMAP4]:
        """A mail program, logged in."""
        with program(self.server.port or 0, self.name, PASSWORD) as connection:
            yield connection


@contextmanager
def program(port: int, user: str, password: str) -> Iterator[imaplib.IMAP4]:
    """A connection of a mail program, with Python's own client."""
    with imaplib.IMAP4("127.0.0.1", port, timeout=20) as connection:
        connection.login(user, password)
        yield connection


def done(answer: tuple[str, list[Any]]) -> list[Any]:
    """The answer, if it is OK."""
    assert answer[0] == "OK", answer
    return answer[1]


class ProgramHand:
    """Each act over one connection; mails are found by their Message-ID."""

    def __init__(self, connection: imaplib.IMAP4, names: dict[Folder, str]) -> None:
        self._connection = connection
        self._names = names

    def deliver(self, folder: Folder, message: bytes) -> None:
        at = f'"{dated(message):%d-%b-%Y %H:%M:%S} +0000"'
        flags = r"(\Draft)" if folder is Folder.DRAFTS else "()"
        if message:  # an APPEND of nothing is one that is taken back (RFC 3502)
            done(self._connection.append(self._names[folder], flags, at, crlf(message)))

    def move(self, message_id: str, folder: Folder) -> None:
        uid = self._open(message_id)
        done(self._connection.uid("COPY", uid, self._names[folder]))
        self._expunge(uid)

    def edit(self, message_id: str, message: bytes) -> None:
        """As mail programs do it: the new version is laid down, the old one removed."""
        self.deliver(Folder.DRAFTS, message)
        self._expunge(self._open(message_id))

    def discard(self, message_id: str) -> None:
        self._expunge(self._open(message_id))

    def _open(self, message_id: str) -> str:
        for name in self._names.values():
            done(self._connection.select(name))
            for uid in done(self._connection.uid("SEARCH", "ALL"))[0].split():
                told = done(self._connection.uid("FETCH", uid.decode(), "(BODY.PEEK[HEADER])"))
                if f"Message-ID: {message_id}\r\n".encode() in b"".join(
                    b"".join(x) for x in told if isinstance(x, tuple)
                ):
                    return str(uid.decode())
        raise StopIteration(message_id)

    def _expunge(self, uid: str) -> None:
        done(self._connection.uid("STORE", uid, "+FLAGS", r"(\Deleted)"))
        done(self._connection.uid("EXPUNGE", uid))
