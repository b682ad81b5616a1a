"""Turns settings into the connectors that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from config.problem import Problem
from config.settings import (
    CaldavCalendar,
    Carddav,
    IcsCalendar,
    Imap,
    Maildir,
    PeopleFile,
    Vcards,
)
from connectors.base import PermanentError
from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder
from connectors.contacts.vcard import VCards
from connectors.mailboxes import maildir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from config.load import Configuration
    from config.settings import CalendarSettings, ContactSettings, MailboxSettings
    from connectors.base import AddressBook, Calendar, Header, Listing, Look, Mailbox
    from rules.model import Person

_HINT = "this version reads iCalendar files and addresses, vCards, people files and Maildirs; take the entry out"


def calendars(configuration: Configuration) -> list[Calendar]:
    """The calendars in the order of the settings. One that this version cannot read says so when it is asked."""
    return [_calendar(one) for one in configuration.calendars]


def address_books(configuration: Configuration) -> dict[str, AddressBook | tuple[Person, ...]]:
    """The address books by name, in the order of the settings; the people of a people file stand for themselves."""
    books: dict[str, AddressBook | tuple[Person, ...]] = {}
    for one in configuration.contacts:
        if isinstance(one, PeopleFile):
            books[one.people] = configuration.people[one.people]
        elif isinstance(one, Vcards):
            books[one.vcards] = VCards(one.path)
        else:
            books[book_name(one)] = MissingBook(book_name(one))
    return books


def mailbox(configuration: Configuration, *, create: bool = False) -> Mailbox:
    """The mailbox. `create` makes the Maildir itself where there is none."""
    one = configuration.mailbox
    if not isinstance(one, Maildir):
        return MissingMailbox(mailbox_name(one))
    mine = frozenset(configuration.me.emails)
    return maildir.Maildir(one.path, mine, one.drafts, one.sent, one.trash, create=create)


def unsupported(configuration: Configuration) -> tuple[Problem, ...]:
    """A problem for each source that the settings may name and this version cannot read."""
    named = [(one.id, _kind(one)) for one in configuration.calendars if not isinstance(one, IcsCalendar)]
    named += [(book_name(one),) * 2 for one in configuration.contacts if not isinstance(one, (PeopleFile, Vcards))]
    if not isinstance(configuration.mailbox, Maildir):
        named.append((mailbox_name(configuration.mailbox),) * 2)
    return tuple(
        Problem(source, "afterword.yaml", None, None, f"{what} is not supported yet", _HINT) for source, what in named
    )


def book_name(one: ContactSettings) -> str:
    """The name of an address book in messages and in the ledger."""
    if isinstance(one, PeopleFile):
        return one.people
    if isinstance(one, Vcards):
        return one.vcards
    return one.carddav if isinstance(one, Carddav) else "google"


def mailbox_name(one: MailboxSettings) -> str:
    """The name of the mailbox in messages."""
    if isinstance(one, Maildir):
        return one.maildir
    return one.imap if isinstance(one, Imap) else "gmail"


def _calendar(one: CalendarSettings) -> Calendar:
    if not isinstance(one, IcsCalendar):
        return MissingCalendar(one.id, _kind(one))
    if one.url is not None:
        return IcsAddress(one.id, one.url, local=one.local)
    path = one.path
    assert path is not None
    whole = path.is_file() or (not path.exists() and path.suffix.casefold() == ".ics")
    return IcsFile(one.id, path) if whole else IcsFolder(one.id, path)


def _kind(one: CalendarSettings) -> str:
    return "CalDAV" if isinstance(one, CaldavCalendar) else "Google Calendar"


class _Missing:
    """A source that this version cannot read: each question is answered with that."""

    def __init__(self, what: str) -> None:
        self._what = what

    def _refuse(self) -> NoReturn:
        raise PermanentError(f"{self._what} is not supported yet", _HINT)


class MissingCalendar(_Missing):
    """See `_Missing`."""

    def __init__(self, id: str, what: str) -> None:  # noqa: A002 - the field of the protocol
        super().__init__(what)
        self.id = id

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | PermanentError]]:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()


class MissingBook(_Missing):
    """See `_Missing`."""

    def tag(self) -> str:
        """Refuse."""
        self._refuse()

    def people(self) -> NoReturn:
        """Refuse."""
        self._refuse()


class MissingMailbox(_Missing):
    """See `_Missing`."""

    kind = "missing"

    def look(self, note: str, addresses: frozenset[str]) -> Look:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()

    def find(self, message_ids: frozenset[str]) -> Mapping[str, tuple[Header, ...]]:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()

    def read(self, ref: str) -> bytes | None:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()

    def place(self, message: bytes) -> None:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()

    def remove(self, ref: str, still: Callable[[bytes], bool]) -> bool:  # noqa: ARG002 - the protocol
        """Refuse."""
        self._refuse()
