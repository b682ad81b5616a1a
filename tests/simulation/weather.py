"""The servers: a calendar and a mailbox in memory, as slow, deaf, late or half as real ones can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from connectors.base import ConnectorError, Listing, TransientError
from connectors.calendars.memory import MemoryCalendar
from connectors.mailboxes.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from connectors.base import Header, Look
    from tests.simulation.machine import Fuse


class Watcher(Protocol):
    """Who is told of every effect in the mailbox, at the moment at which it happens."""

    def placed(self, ref: str, message: bytes) -> None:
        """A draft was laid down."""
        ...

    def removed(self, ref: str) -> None:
        """A draft was taken away."""
        ...


class CalendarServer(MemoryCalendar):
    """A calendar that may show nothing, half, a page for logging in, or not answer at all."""

    def __init__(self, id: str, fuse: Fuse) -> None:  # noqa: A002 - the field of the protocol
        super().__init__(id)
        self.fuse = fuse
        self.fault = ""

    @property
    def unread(self) -> bool:
        """Whether it is not read as it is."""
        return bool(self.fault)

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """See `Calendar.list`."""
        self.fuse.reach()
        if self.fault == "deaf":
            raise TransientError(f"{self.id} did not answer")
        if self.fault == "empty":
            return Listing({})
        if self.fault in {"login page", "cut off", "no bytes"}:
            return Listing({name: f"{tag}-{self.fault}" for name, tag in super().list(known, note).tags.items()})
        return super().list(known, note)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """See `Calendar.read`."""
        for name, data in super().read(names):
            self.fuse.reach()
            yield name, self._spoilt(data) if isinstance(data, bytes) else data

    def _spoilt(self, data: bytes) -> bytes | ConnectorError:
        if self.fault == "login page":
            return b"<!doctype html><title>Sign in</title>"
        if self.fault == "cut off":
            return data[: len(data) * 2 // 3]
        if self.fault == "no bytes":
            return b""
        return data


CALENDAR_FAULTS = ("deaf", "empty", "login page", "cut off", "no bytes")


class MailServer(Memory):
    """A mailbox that may not answer, do its work and not say so, or list what was."""

    def __init__(self, mine: frozenset[str], fuse: Fuse) -> None:
        super().__init__(mine)
        self.fuse = fuse
        self.watcher: Watcher | None = None
        self.deaf = False

    @property
    def troubled(self) -> bool:
        """Whether it does not answer, or its listings are late."""
        return self.deaf or self.late

    @property
    def late(self) -> bool:
        """Whether its listings show what was."""
        return bool(self._behind)

    @property
    def pending(self) -> int:
        """How many calls will go wrong."""
        return len(self._faults)

    def message(self, ref: str) -> bytes:
        """The bytes of a mail."""
        return self._mails[ref].message

    def clear(self) -> None:
        """The weather is fine again."""
        self.deaf = False
        self._faults.clear()
        self._behind = 0

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        """See `Mailbox.look`."""
        self._answer()
        return super().look(note, addresses)

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """See `Mailbox.find`."""
        self._answer()
        return super().find(message_ids)

    def read(self, ref: str) -> bytes | None:
        """See `Mailbox.read`."""
        self._answer()
        return super().read(ref)

    def place(self, message: bytes) -> None:
        """See `Mailbox.place`."""
        self._answer()
        before = self._count
        try:
            super().place(message)
        finally:
            if self._count > before and self.watcher is not None:
                self.watcher.placed(str(self._count), message)
        self.fuse.reach()

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """See `Mailbox.remove`."""
        self._answer()
        there = ref in self._mails
        try:
            taken = super().remove(ref, still)
        finally:
            if there and ref not in self._mails and self.watcher is not None:
                self.watcher.removed(ref)
        self.fuse.reach()
        return taken

    def _answer(self) -> None:
        self.fuse.reach()
        if self.deaf:
            raise TransientError("the mail server did not answer")
