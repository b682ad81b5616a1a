"""What the settings name and this machine has not (yet): seen without a network, and no mistake in the settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from config.calendars import CaldavCalendar
from config.problem import Problem
from config.settings import Carddav, Imap, Maildir
from connectors.base import ConnectorError
from connectors.calendars.ics import IcsFile, IcsFolder
from connectors.contacts.vcard import VCards
from connectors.mailboxes.folders import Configured, layout_of
from daemon import clock
from daemon.connect import Connect, book_name, mailbox_kind, permission_of, services_of
from daemon.passwords import password_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from config.load import Configuration
    from connectors.base import Calendar

GOOGLE = "google"
EMPTY = "the calendar is empty"
_FILLING = (
    "Export your calendar into it, or have vdirsyncer keep it; docs/calendars.md tells what else can stand there."
)


def missing(configuration: Configuration, state: Path) -> list[Problem]:
    """The calendars, address books and the mailbox that are not there, the calendars that are empty; then Google's."""
    connect = Connect(configuration, state)
    found = [problem for one in connect.calendars() for problem in _of_calendar(one)]
    for name, book in connect.address_books().items():
        if isinstance(book, VCards):
            found += _refused(name, book.tag)
    one = configuration.mailbox
    if isinstance(one, Maildir):
        folders = Configured(one.drafts, one.sent, one.trash)
        found += _refused(mailbox_kind(configuration), lambda: layout_of(one.path, folders))
    return [*found, *passwords(configuration), *permission(configuration, state)]


def passwords(configuration: Configuration) -> list[Problem]:
    """The files that should hold a password of an account, and do not, or not for the user alone."""
    found = []
    for source, one in accounts(configuration).items():
        if one.password is not None and one.password.file is not None:
            found += _refused(source, password_of(one.password, one.user or ""))
    return found


def accounts(configuration: Configuration) -> dict[str, CaldavCalendar | Carddav | Imap]:
    """The accounts at servers of open standards, by what their calendar, address book or mailbox is called."""
    found: dict[str, CaldavCalendar | Carddav | Imap] = {}
    for calendar in configuration.calendars:
        if isinstance(calendar, CaldavCalendar):
            found[calendar.id] = calendar
    for book in configuration.contacts:
        if isinstance(book, Carddav):
            found[book_name(book, found)] = book
    if isinstance(configuration.mailbox, Imap):
        found[mailbox_kind(configuration)] = configuration.mailbox
    return found


def permission(configuration: Configuration, state: Path) -> list[Problem]:
    """Why Google would refuse what the settings use of it, as far as this machine can tell; each reason once."""
    services = services_of(configuration)
    if not services:
        return []
    known = permission_of(configuration, state, clock.now)
    endpoint = configuration.google.endpoint
    found = (problem for one in sorted(services) for problem in _refused(GOOGLE, partial(known.check, one, endpoint)))
    return list(dict.fromkeys(found))


def _of_calendar(calendar: Calendar) -> list[Problem]:
    """A file or a folder that is not there, or a folder without a file. What lies elsewhere is not asked."""
    if not isinstance(calendar, (IcsFile, IcsFolder)):
        return []
    try:
        tags = calendar.list({}, "").tags
    except ConnectorError as error:
        return [_problem(calendar.id, error)]
    message = f"{EMPTY}: there is no .ics file in {calendar.path}"
    return [] if tags else [Problem(calendar.id, None, None, None, message, _FILLING)]


def _refused(source: str, look: Callable[[], object]) -> list[Problem]:
    try:
        look()
    except ConnectorError as error:
        return [_problem(source, error)]
    return []


def _problem(source: str, error: ConnectorError) -> Problem:
    return Problem(source, None, None, None, error.message, error.hint)
