"""CalDAV and CardDAV keep the promises of every calendar and every address book, with Radicale and with Xandikos."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from connectors.calendars.caldav import CaldavCalendar
from connectors.calendars.sheet import split
from connectors.contacts.carddav import CarddavBook
from daemon.keepsake import Keepsake
from tests.conformance.calendars import SeveralSuite, one
from tests.conformance.contacts import AddressBookSuite
from tests.proxy import Fault, How

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from connectors.base import AddressBook, Calendar, ConnectorError
    from tests.conformance.contacts import Backend
    from tests.dav.servers import Server
    from tests.proxy import Proxy


@dataclass
class DavHand:
    """The calendar of a server, asked through a proxy that can go away."""

    server: Server
    between: Proxy
    several: bool = True

    def calendar(self) -> Calendar:
        return CaldavCalendar("cloud", self.server.account(self.server.calendar, self.between.port))

    def write(self, name: str, data: bytes) -> None:
        """With commas as the standard has them in a title: Radicale takes one without a `\\` for its end."""
        self.server.put(name, data.replace(b", ", b"\\, "))

    def remove(self, name: str) -> None:
        self.server.delete(name)

    def fail(self) -> None:
        self.between.order = lambda _: Fault(How.CUT)


class TestCalendars(SeveralSuite):
    @pytest.fixture
    def hand(self, server: Server, between: Proxy) -> DavHand:
        return DavHand(server, between)

    def says(self, data: bytes | ConnectorError) -> object:
        """The lines that matter, in any order: neither server gives bytes back as they came."""
        if not isinstance(data, bytes):
            return data
        return [(group.uid, sorted(group.text.replace("\\,", ",").splitlines())) for group in split(data).groups]

    def test_bytes_come_as_they_are(self, whole: DavHand) -> None:  # type: ignore[override]
        """Those that a server takes."""
        odd = one("Café 🙂 with <Dana> & Kim, ]]> perhaps")
        whole.write("one.ics", odd)
        calendar = whole.calendar()
        (name,) = calendar.list({}, "").tags
        assert self.read(calendar, name) == [(name, self.says(odd))]


@dataclass
class DavBook:
    """The address book of a server; each look is that of a new process, with what the last one kept."""

    server: Server
    folder: Path
    files: dict[str, int] = field(default_factory=dict)

    @property
    def book(self) -> AddressBook:
        memory = Keepsake(self.folder / "book.json", write=True)
        return CarddavBook(self.server.account(self.server.book), memory)

    def put(self, name: str, cards: bytes) -> None:
        """A resource for each card, as servers want it."""
        self.take(name)
        parts = [part for part in cards.split(b"BEGIN:VCARD\r\n") if part]
        for number, part in enumerate(parts):
            uid = f"UID:{name}-{number}\r\n".encode()
            self.server.put_card(f"{name}-{number}.vcf", b"BEGIN:VCARD\r\n" + part.replace(b"END:", uid + b"END:"))
        self.files[name] = len(parts)

    def take(self, name: str) -> None:
        for number in range(self.files.pop(name, 0)):
            self.server.ask("DELETE", f"{self.server.book}{name}-{number}.vcf")


class TestBooks(AddressBookSuite):
    @pytest.fixture
    def fresh(self, server: Server, tmp_path: Path) -> Callable[[], Backend]:
        return lambda: DavBook(server, tmp_path)
