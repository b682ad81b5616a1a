"""A mailbox in memory, for simulation: the same promises, a user to act in it, and faults on demand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder, Header, Look
from connectors.headers import header
from connectors.mailboxes.delivery import dated
from connectors.mailboxes.files import HEAD
from connectors.mailboxes.index import concerns, spellings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

_SAVED = (Folder.DRAFTS, Folder.SENT, Folder.TRASH)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail as it lies there. `open` is a draft that an editor holds: in no folder for a while."""

    folder: Folder
    message: bytes
    received: datetime
    revision: int = 0
    open: bool = False


@dataclass(frozen=True, slots=True)
class _Fault:
    """The error that the next call of an operation ends in, before or after it has had its effect."""

    error: ConnectorError
    done: bool


class Memory:
    """A mailbox in memory. `mine` are my own addresses, in the form of `rules.model.address()`.

    The protocol is `Mailbox`; the rest is the user's hand (`deliver`, `send`, `edit`, `trash`, `discard`, `open`,
    `close`) and the weather (`fail`, `lag`).
    """

    kind = "memory"
    lays = True
    account = ""

    def __init__(self, mine: frozenset[str]) -> None:
        self._mine = mine
        self._mails: dict[str, _Mail] = {}
        self._shown: dict[str, _Mail] = {}
        self._shown_count = 0
        self._behind = 0
        self._count = 0
        self._faults: dict[str, _Fault] = {}

    # --- the mailbox ---------------------------------------------------------------------------------------

    def look(self, note: str, addresses: frozenset[str]) -> Look:  # noqa: ARG002 - a look here is always a full one
        """See `Mailbox.look`. The note says how much has happened here; nothing depends on it."""
        self._fails("look", done=False)
        count = self._shown_count if self._behind else self._count
        wanted = spellings(addresses)
        headers = [mail for mail in self._listed() if mail.folder is Folder.DRAFTS or concerns(mail, wanted)]
        self._fails("look", done=True)
        return Look(tuple(headers), str(count))

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """See `Mailbox.find`."""
        self._fails("find", done=False)
        found: dict[str, tuple[Header, ...]] = {}
        for mail in self._listed():
            if mail.message_id in message_ids and mail.folder in _SAVED:
                found[mail.message_id] = (*found.get(mail.message_id, ()), mail)
        self._fails("find", done=True)
        return found

    def read(self, ref: str) -> bytes | None:
        """See `Mailbox.read`."""
        self._fails("read", done=False)
        mail = self._mails.get(ref)
        return None if mail is None or mail.open else mail.message

    def place(self, message: bytes) -> None:
        """See `Mailbox.place`."""
        self._fails("place", done=False)
        self._add(Folder.DRAFTS, message, dated(message))
        self._fails("place", done=True)

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """See `Mailbox.remove`."""
        self._fails("remove", done=False)
        mail = self._mails.get(ref)
        if mail is None or mail.open or mail.folder is not Folder.DRAFTS or not still(mail.message):
            return False
        del self._mails[ref]
        self._count += 1
        self._fails("remove", done=True)
        return True

    def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
        """See `Mailbox.replace`."""
        self._fails("replace", done=False)
        mail = self._mails.get(ref)
        if mail is None or mail.open or mail.folder is not Folder.DRAFTS or not still(mail.message):
            return False
        if self._mails.get(ref) != mail:
            return False
        self._change(ref, message=message)
        self._fails("replace", done=True)
        return True

    def lay(self, message: bytes) -> None:
        """See `Mailbox.lay`. What is in no other folder is in the inbox."""
        self._fails("lay", done=False)
        self._add(Folder.OTHER, message, dated(message))
        self._fails("lay", done=True)

    def laid(self, message_ids: frozenset[str], since: datetime) -> Mapping[str, datetime]:
        """See `Mailbox.laid`."""
        self._fails("laid", done=False)
        found: dict[str, datetime] = {}
        for mail in self._listed():
            if mail.folder is Folder.OTHER and mail.received is not None and mail.received >= since:
                found |= dict.fromkeys(message_ids.intersection((mail.message_id, *mail.references)), mail.received)
        self._fails("laid", done=True)
        return found

    # --- the user's hand -----------------------------------------------------------------------------------

    def deliver(self, message: bytes, received: datetime, folder: Folder = Folder.OTHER) -> str:
        """A mail arrives in a folder, or another program puts it there; its ref."""
        return self._add(folder, message, received)

    def ref(self, message_id: str) -> str:
        """The ref of the mail with this Message-ID, wherever it lies.

        Raises:
            KeyError: there is none.
        """
        for ref, mail in self._mails.items():
            head = self._header(ref, mail)
            if head and head.message_id == message_id:
                return ref
        raise KeyError(message_id)

    def send(self, ref: str, message: bytes | None = None) -> None:
        """The user sends a draft, as it is or as `message`: it is in Sent since its Date, and no more in Drafts."""
        self._change(ref, folder=Folder.SENT, message=message)
        sent = self._header(ref, self._mails[ref])
        assert sent is not None
        self._mails[ref] = replace(self._mails[ref], received=sent.at)

    def edit(self, ref: str, message: bytes) -> None:
        """The user saves a draft with other words."""
        self._change(ref, message=message)

    def trash(self, ref: str) -> None:
        """The user moves a mail to the trash."""
        self._change(ref, folder=Folder.TRASH)

    def discard(self, ref: str) -> None:
        """The user deletes a mail for good: it is in no folder."""
        del self._mails[ref]
        self._count += 1

    def open(self, ref: str) -> None:
        """The user opens a draft in an editor: it is gone from Drafts until it is closed."""
        self._change(ref, is_open=True)

    def close(self, ref: str) -> None:
        """The user closes the editor without a change."""
        self._change(ref)

    # --- the weather ---------------------------------------------------------------------------------------

    def fail(self, operation: str, error: ConnectorError, *, done: bool = False) -> None:
        """Let the next call of an operation (`place`, `look`, …) raise; `done`: after it took effect."""
        self._faults[operation] = _Fault(error, done)

    def lag(self, listings: int) -> None:
        """Let the next listings (`look`, `find`) show what lies here now, whatever happens meanwhile."""
        self._shown, self._shown_count = dict(self._mails), self._count
        self._behind = listings

    # --- inside --------------------------------------------------------------------------------------------

    def _fails(self, operation: str, *, done: bool) -> None:
        fault = self._faults.get(operation)
        if fault and fault.done is done:
            del self._faults[operation]
            raise fault.error

    def _add(self, folder: Folder, message: bytes, received: datetime) -> str:
        self._count += 1
        ref = str(self._count)
        self._mails[ref] = _Mail(folder, message, received)
        return ref

    def _change(
        self, ref: str, *, folder: Folder | None = None, message: bytes | None = None, is_open: bool = False
    ) -> None:
        mail = self._mails[ref]
        self._count += 1
        self._mails[ref] = replace(
            mail,
            folder=folder or mail.folder,
            message=mail.message if message is None else message,
            revision=mail.revision + (message is not None),
            open=is_open,
        )

    def _listed(self) -> tuple[Header, ...]:
        mails = self._mails
        if self._behind:
            self._behind -= 1
            mails = self._shown
        headers = (self._header(ref, mail) for ref, mail in mails.items() if not mail.open)
        return tuple(mail for mail in headers if mail)

    def _header(self, ref: str, mail: _Mail) -> Header | None:
        return _read(ref, mail, self._mine)


@lru_cache(maxsize=4096)
def _read(ref: str, mail: _Mail, mine: frozenset[str]) -> Header | None:
    """The headers of a mail, read once: a year of looks asks for the same few again and again."""
    head = mail.message[:HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return header(
        head + b"\n\n",
        folder=mail.folder,
        ref=ref,
        tag=f"{ref}-{mail.revision}",
        received=mail.received,
        mine=mine,
    )
