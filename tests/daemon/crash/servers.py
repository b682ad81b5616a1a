"""A household at real servers: its mail at Dovecot, its calendar and its contacts at Radicale.

What Dovecot holds of the user, its indexes included, lies in the folder that a death leaves: the household is the
user's home there. So a disk that is restored is a mailbox that is restored, with its UIDs. Nobody who died took a
request along: what was asked is done when its answer has come (points.py waits for it), and that disk is the one of
whoever dies before reading the answer.

Calendar and contacts are only read, so they stay what they are. Radicale makes its tokens out of what it holds: one
that it gave to a process that died is the one that it gives to the next.
"""

from __future__ import annotations

import os
import select
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cases.home import settings
from tests.daemon.crash.home import Home
from tests.daemon.crash.points import Peer
from tests.dav.servers import PASSWORD as DAV_PASSWORD
from tests.dav.servers import USER, Server, radicale
from tests.google.emulated import free_port
from tests.house import calendar
from tests.imap.programs import OLD, PASSWORD, SECONDS, USUAL, Dovecot, dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STARTED = ExitStack()
"""Whoever enters it ends all servers with it."""
_APART = "service imap {\n  service_count = 1\n}"
"""A process for each connection: when it has ended, nobody has a file of the mailbox open."""


@cache
def at_dovecot(*, old: bool = False) -> Dovecot:
    """The one Dovecot of the tests, or the one that knows no UIDPLUS, SPECIAL-USE or CONDSTORE."""
    mailboxes, more = ("", f"{_APART}\n{OLD}") if old else (USUAL, _APART)
    return STARTED.enter_context(dovecot(mailboxes, more))


@cache
def at_radicale() -> tuple[Server, int]:
    """The one Radicale of the tests, and a second port by which it is asked for contacts."""
    folder = Path(STARTED.enter_context(tempfile.TemporaryDirectory(prefix="radicale")))
    other = free_port()
    return STARTED.enter_context(radicale(folder, other)), other


def ready(*, old: bool = False) -> None:
    """Start what is not started yet, in the process that ends it; skip the test where a server is missing."""
    at_dovecot(old=old)
    at_radicale()


@dataclass(frozen=True)
class ServersHome(Home):
    """Mailbox, calendar and address book are at the servers; `dav` has the two collections of this household."""

    dovecot: Dovecot
    dav: Server
    contacts: int

    @classmethod
    def make_at_servers(cls, *, old: bool = False) -> ServersHome:
        """Somebody new, with the usual folders and nothing in them."""
        server, (dav, contacts) = at_dovecot(old=old), at_radicale()
        root = Path(tempfile.mkdtemp(prefix="robin", dir=server.root / "homes"))
        server.user(root.name)
        dav = dav.fresh(os.getpid())
        made = Home.make(root, settings=_settings(root.name, server.port, dav, contacts))
        for name, password in (("password", PASSWORD), ("dav-password", DAV_PASSWORD)):
            (root / name).write_text(password)
            (root / name).chmod(0o600)
        return cls(made.root, server, dav, contacts)

    @property
    def mail(self) -> Path:
        return self.root / "Maildir"

    @property
    def peers(self) -> Mapping[int, Peer]:
        return {
            self.dovecot.port: Peer("IMAP", keeps=True),
            self.dav.port: Peer("CalDAV", keeps=False),
            self.contacts: Peer("CardDAV", keeps=False),
        }

    def put(self, name: str, *events: str) -> None:
        """Write events into the calendar."""
        self.dav.put(f"{name}.ics", calendar(*events).encode())

    def rest(self) -> None:
        """Wait until no process of Dovecot has the mailbox open."""
        for process in self._serving():
            _wait(process)

    def _serving(self) -> Iterator[int]:
        master = int((self.dovecot.root / "run" / "master.pid").read_text())
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                number, _, rest = stat.read_text().partition(" (")
            except OSError:  # it has ended meanwhile
                continue
            name, _, fields = rest.rpartition(") ")
            if name == "imap" and int(fields.split()[1]) == master:
                yield int(number)


def _wait(process: int) -> None:
    """Until a process has ended."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([watched], [], [], SECONDS)
        assert ended, "Dovecot does not let go of a connection"
    finally:
        os.close(watched)


def _settings(user: str, port: int, dav: Server, contacts: int) -> str:
    """The settings of Robin, who reads contacts by the other port."""
    who = f"user: {USER}, password: {{file: ../dav-password}}"
    told = settings(
        f"{{id: feed, caldav: 'http://127.0.0.1:{dav.port}{dav.calendar}', {who}}}",
        mailbox=f"{{imap: 127.0.0.1, port: {port}, plain: true, user: {user}, password: {{file: ../password}}}}",
    )
    return told.replace("{people: people.yaml}", f"{{carddav: 'http://127.0.0.1:{contacts}{dav.book}', {who}}}")
