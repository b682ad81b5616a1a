"""What a calendar, a mailbox and an address book are to the rest of the house, and how they fail."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from rules.model import MailKind, Person


class ConnectorError(Exception):
    """Something outside did not do what was asked. `hint` is the remedy, as a sentence for the user."""

    def __init__(self, message: str, hint: str | None = None, *, file: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file


class TransientError(ConnectorError):
    """May work the next time: what was known stays true until then.

    `after` is how many seconds the other side wants to be left alone (Retry-After).
    """

    def __init__(
        self, message: str, hint: str | None = None, *, file: str | None = None, after: float | None = None
    ) -> None:
        super().__init__(message, hint, file=file)
        self.after = after


class PermissionNeededError(ConnectorError):
    """The user has to do something first: a password, a permission, a file mode."""


class PermanentError(ConnectorError):
    """Will not work until the settings or the other side change."""


class NoteRefusedError(PermanentError):
    """The mailbox does not take this one message; it is in order, and takes others."""


@runtime_checkable
class Nearby(Protocol):
    """A calendar, a mailbox or an address book that lies in files of this machine."""

    def places(self) -> Iterable[str]:
        """Where a change of it shows itself: paths of files, and of folders, which end with /.

        As many as are worth watching; what is not there, or cannot be looked at, is left out, and nothing is raised.
        """
        ...


# --- calendars ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listing:
    """The resources that a calendar shows now: name to tag. A tag changes when the resource does.

    `note` is what the daemon keeps for this calendar and hands back in the next call (validators, cursors).
    """

    tags: Mapping[str, str]
    note: str = ""
    whole_calendars: bool = False
    """Each resource is a whole calendar file (a feed, an .ics with everything), not one event a resource."""
    deleted: frozenset[str] = frozenset()
    """Resources of which the calendar says that they were deleted; others that are gone may be too old for it."""


class Calendar(Protocol):
    """A calendar as a set of iCalendar resources. All bytes from it are hostile."""

    id: str

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """What is there now. `known` and `note` are those of the last listing that was taken.

        What has to be read again is not in `known`: a note that tells only of changes is then not enough.

        Raises:
            ConnectorError: it cannot be known; nothing about the calendar has changed then.
        """
        ...

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes of these resources, each once, in any order; an error stands for one that cannot be read."""
        ...


# --- mailboxes ---------------------------------------------------------------------------------------------


class Folder(StrEnum):
    """Where a mail lies."""

    DRAFTS = "drafts"
    SENT = "sent"
    TRASH = "trash"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Header:
    """The headers of one mail. Addresses in the form of `rules.model.address()`; `at` is aware.

    `ref` names the mail to its mailbox (`read`). `tag` changes when its bytes may have changed.
    `references` is In-Reply-To and References, oldest first. `at` is the Date, and the time of delivery
    where there is no usable Date; `received` is that time of delivery, where it is known. `outside`: it came here by
    a hop that was not mine, so that my address in its From proves nothing (`connectors.hops`).
    """

    folder: Folder
    ref: str
    tag: str
    message_id: str
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    at: datetime
    references: tuple[str, ...] = ()
    kind: MailKind | None = None
    forwarded: bool = False
    received: datetime | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """All that lies in Drafts, and of the other folders what has to do with the addresses asked for.

    `note` is the mailbox's own memory (an index of headers), kept by the daemon and handed back next time.
    """

    headers: tuple[Header, ...]
    note: str


class Mailbox(Protocol):
    """A mailbox with Drafts, Sent, Trash and an inbox. It can lay down a draft and take it back; it can not send."""

    kind: str
    lays: bool
    """Whether messages can be laid into the inbox; where not, `lay` raises and `laid` finds nothing."""

    @property
    def account(self) -> str:
        """Which mailbox it is: the address of its account, in the form of `rules.model.address()`, or a path.

        What lies in one is not missing in another. Empty where nobody can tell.

        Raises:
            ConnectorError: it cannot be known just now.
        """
        ...

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        """The headers now. Incremental through `note`; an unusable or empty note means a full look."""
        ...

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:
        """Where mails with exactly these Message-IDs lie in Drafts, Sent and Trash: a fresh listing, no index."""
        ...

    def read(self, ref: str) -> bytes | None:
        """The bytes of a mail, or None when it is there no more."""
        ...

    def place(self, message: bytes) -> None:
        """Lay a draft down, durably. Never retried blindly: after an error the caller looks first."""
        ...

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:
        """Take a draft away if, read again at the last moment, `still(bytes)` holds; whether it was taken."""
        ...

    def replace(self, ref: str, still: Callable[[bytes], bool], message: bytes) -> bool:
        """Let this message take the place of a draft if, read again at the last moment, `still(bytes)` holds.

        Whether it did. Where it did not, nothing is left of the message. The draft has another ref then, or the same.
        Never retried blindly: after an error both may lie there, or either; the caller looks.
        """
        ...

    def lay(self, message: bytes) -> None:
        """Lay a message from me to me into the inbox, unread, durably. As with `place` the caller looks first."""
        ...

    def laid(self, message_ids: frozenset[str], since: datetime) -> Mapping[str, datetime]:
        """Which of these ids the inbox names in the heads of its mails, their own or others', and when it came.

        A fresh listing, no index. Mails that came before `since` may be passed over.
        """
        ...


# --- address books -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Flaw:
    """One entry of a source that could not be used; the rest could.

    `hides`: there may be more in this place than could be read, so that what is missing is not gone.
    """

    message: str
    file: str | None = None
    line: int | None = None
    hint: str | None = None
    hides: bool = False


class AddressBook(Protocol):
    """Some people, as the user keeps them."""

    def tag(self) -> str:
        """Changes when the people may have changed; cheap."""
        ...

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """Everybody in it that has an address, and what could not be read."""
        ...


class Memory(Protocol):
    """Where a connector keeps what it knows between two cycles."""

    def recall(self) -> str | None:
        """What was kept, if anything."""
        ...

    def keep(self, text: str) -> None:
        """Keep this in its place."""
        ...


class Forgetful:
    """A `Memory` that lasts as long as this object."""

    def __init__(self) -> None:
        self._text: str | None = None

    def recall(self) -> str | None:
        """See `Memory.recall`."""
        return self._text

    def keep(self, text: str) -> None:
        """See `Memory.keep`."""
        self._text = text
