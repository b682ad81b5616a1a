"""Turns settings into the connectors that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.settings import IcsCalendar, Maildir, PeopleFile, Vcards
from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder
from connectors.contacts.vcard import VCards
from connectors.mailboxes import maildir

if TYPE_CHECKING:
    from config.load import Configuration
    from config.settings import CalendarSettings
    from connectors.base import AddressBook, Calendar, Mailbox
    from rules.model import Person


def calendars(configuration: Configuration) -> list[Calendar]:
    """The calendars in the order of the settings."""
    return [_calendar(one) for one in configuration.calendars]


def address_books(configuration: Configuration) -> dict[str, AddressBook | tuple[Person, ...]]:
    """The address books by name (their path), in the order of the settings; a people file is its people."""
    books: dict[str, AddressBook | tuple[Person, ...]] = {}
    for one in configuration.contacts:
        if isinstance(one, PeopleFile):
            books[one.people] = configuration.people[one.people]
        elif isinstance(one, Vcards):
            books[one.vcards] = VCards(one.path)
        else:
            raise _unchecked(one)
    return books


def mailbox(configuration: Configuration, *, create: bool = False) -> Mailbox:
    """The mailbox. `create` makes the Maildir itself where there is none."""
    one = configuration.mailbox
    if not isinstance(one, Maildir):
        raise _unchecked(one)
    mine = frozenset(configuration.me.emails)
    return maildir.Maildir(one.path, mine, one.drafts, one.sent, one.trash, create=create)


def _calendar(one: CalendarSettings) -> Calendar:
    if not isinstance(one, IcsCalendar):
        raise _unchecked(one)
    if one.url is not None:
        return IcsAddress(one.id, one.url, local=one.local)
    path = one.path
    assert path is not None
    whole = path.is_file() or (not path.exists() and path.suffix.casefold() == ".ics")
    return IcsFile(one.id, path) if whole else IcsFolder(one.id, path)


def _unchecked(one: object) -> TypeError:
    """`config.check` refuses kinds that this version does not read; a configuration with one was not checked."""
    return TypeError(f"there is no connector for {type(one).__name__}")
