"""Turns settings into the connectors that they name."""

from __future__ import annotations

import os
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from config.calendars import CaldavCalendar, GoogleCalendar, IcsCalendar
from config.login import Oauth
from config.settings import (
    Carddav,
    Gmail,
    GoogleContacts,
    Imap,
    Maildir,
    PeopleFile,
    Vcards,
)
from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder
from connectors.contacts.vcard import VCards
from connectors.google.scopes import Service
from connectors.mailboxes import maildir
from daemon import clock
from daemon.keepsake import Keepsake
from daemon.logins import Logins
from daemon.passwords import by_hand, password_of, token_of
from daemon.signatures import Signatures, Signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from config.load import Configuration
    from config.settings import CalendarSettings
    from connectors.base import AddressBook, Calendar, Mailbox
    from connectors.dav.client import Account as DavAccount
    from connectors.google.account import Account
    from connectors.google.permission import Permission
    from connectors.imap.client import Server
    from connectors.imap.oauth import AccessTokens
    from connectors.waits import Waits
    from rules.model import Person


_LOOK, _CONTACTS, _SIGNATURES = KEPT = ("gmail-look.json", "google-contacts.json", "gmail-signatures.json")
"""Files of the state folder in which connectors keep what they know of a Google account."""
_REMOVALS = "imap-removals.json"
"""A file of the state folder: which drafts at an IMAP server are just being taken away."""
CONTACTS = "google contacts"
"""What the address book at Google is called in messages."""


class Connect:
    """The connectors of a configuration. What they have to remember lies in the state folder, where `write` allows it.

    What is Google's shares one account, and imports nothing of Google's libraries before it is asked. `now` tells the
    time, aware. `logins` minds refused passwords; without it one that was refused rests, as it does in the service.
    `waits` is how long the mailbox is waited for; without it as long as a cycle waits.
    """

    def __init__(
        self,
        configuration: Configuration,
        state: Path,
        *,
        write: bool = False,
        now: Callable[[], datetime] = clock.now,
        logins: Logins | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._configuration = configuration
        self._state = state
        self._write = write
        self._now = now
        self._mine = frozenset(configuration.me.emails)
        self._logins = logins or Logins(state, configuration.almanac, now())
        self._waits = waits

    def calendars(self) -> list[Calendar]:
        """The calendars in the order of the settings."""
        return [self._calendar(one) for one in self._configuration.calendars]

    def address_books(self) -> dict[str, AddressBook | tuple[Person, ...]]:
        """The address books by name (their path), in the order of the settings; a people file is its people."""
        books: dict[str, AddressBook | tuple[Person, ...]] = {}
        for one in self._configuration.contacts:
            if isinstance(one, PeopleFile):
                books[one.people] = self._configuration.people[one.people]
            elif isinstance(one, Vcards):
                books[one.vcards] = VCards(one.path)
            elif isinstance(one, GoogleContacts):
                from connectors.contacts import google  # noqa: PLC0415 - only where it is configured

                memory = Keepsake(self._state / _CONTACTS, write=self._write)
                books[CONTACTS] = google.GoogleContacts(self._account, memory, self._now())
            elif isinstance(one, Carddav):
                from connectors.contacts import carddav  # noqa: PLC0415 - only where it is configured

                name = book_name(one, books)
                memory = Keepsake(
                    self._state / f"carddav-{sha256(name.encode()).hexdigest()[:8]}.json", write=self._write
                )
                books[name] = carddav.CarddavBook(self._dav(one.carddav, one), memory, one.books)
            else:
                raise _unchecked(one)
        return books

    def mailbox(self, *, create: bool = False) -> Mailbox:
        """The mailbox. `create` makes the Maildir itself where there is none."""
        one = self._configuration.mailbox
        if isinstance(one, Gmail):
            from connectors.mailboxes import gmail  # noqa: PLC0415 - only where it is configured

            memory = Keepsake(self._state / _LOOK, write=self._write)
            return gmail.Gmail(self._account, self._mine, memory)
        if isinstance(one, Imap):
            memory = Keepsake(self._state / _REMOVALS, write=self._write)
            return imap_mailbox(one, self.server(one), self._mine, memory, tidies=self._write)
        if not isinstance(one, Maildir):
            raise _unchecked(one)
        return maildir.Maildir(one.path, self._mine, one.drafts, one.sent, one.trash, create=create)

    def server(self, one: Imap) -> Server:
        """The IMAP server of the mailbox, and who asks there. Nothing is asked yet, not even the password."""
        from connectors.imap.client import WAITS, Security, Server  # noqa: PLC0415 - only where it is configured

        security = Security.PLAIN if one.plain else Security.STARTTLS if one.starttls else Security.TLS
        certificate = None if one.certificate is None else Path(one.certificate)
        waits, secret = self._waits or WAITS, self._secret(one)
        return Server(one.imap, one.user, secret, security, one.port, certificate, self._logins, waits)

    def _secret(self, one: Imap) -> Callable[[], str] | AccessTokens:
        """What lets the user in: nothing of it is asked for yet."""
        from connectors.imap.oauth import AccessTokens  # noqa: PLC0415 - only where it is configured

        said = one.oauth
        if isinstance(said, Oauth):
            return AccessTokens(lambda _: token_of(said), by_hand(said))
        if said is None:
            assert one.password is not None
            return password_of(one.password, one.user)
        google = self._account
        return AccessTokens(lambda anew: google.token(Service.IMAP, anew=anew), google.remedy, renewable=True)

    def signatures(self, mailbox: Mailbox) -> Signatures | None:
        """Those of the mailbox's account, where it has any; a signature that is written in the settings goes first."""
        if self._configuration.settings.me.signature.strip() or not isinstance(mailbox, Signs):
            return None
        return Signatures(mailbox, Keepsake(self._state / _SIGNATURES, write=self._write), self._now())

    def _calendar(self, one: CalendarSettings) -> Calendar:
        if isinstance(one, GoogleCalendar):
            from connectors.calendars import google  # noqa: PLC0415 - only where it is configured

            return google.GoogleCalendar(one.id, self._account, one.google, self._configuration.me.emails)
        if isinstance(one, CaldavCalendar):
            from connectors.calendars import caldav  # noqa: PLC0415 - only where it is configured

            return caldav.CaldavCalendar(one.id, self._dav(one.caldav, one), one.calendars)
        if not isinstance(one, IcsCalendar):
            raise _unchecked(one)
        if one.url is not None:
            return IcsAddress(one.id, one.url, local=one.local)
        path = one.path
        assert path is not None
        # `os.path` never raises, as pathlib does for a name that no file can have.
        whole = os.path.isfile(path) or (not os.path.exists(path) and path.suffix.casefold() == ".ics")  # noqa: PTH110, PTH113
        return IcsFile(one.id, path) if whole else IcsFolder(one.id, path)

    def _dav(self, address: str, one: CaldavCalendar | Carddav) -> DavAccount:
        """The account that the settings name, with its password."""
        from connectors.dav.client import Account as DavAccount  # noqa: PLC0415 - only where it is configured

        password = password_of(one.password, one.user or "") if one.password is not None else None
        certificate = None if one.certificate is None else Path(one.certificate)
        return DavAccount(address, one.user, password, local=one.local, certificate=certificate, logins=self._logins)

    @cached_property
    def _account(self) -> Account:
        from connectors.google.account import Account  # noqa: PLC0415 - only where it is configured

        permission = permission_of(self._configuration, self._state, self._now, write=self._write)
        return Account(permission, self._configuration.google.endpoint, waits=self._waits)


def book_name(one: Carddav, others: Iterable[str]) -> str:
    """What an address book is called in messages: by its server, and by the user where that is not enough."""
    return one.carddav if one.carddav not in others else f"{one.carddav} of {one.user}, {', '.join(one.books)}"


def permission_of(
    configuration: Configuration, state: Path, now: Callable[[], datetime], *, write: bool = False
) -> Permission:
    """How the settings have Google asked. What is renewed is kept in the state folder, where `write` allows it."""
    from connectors.google.permission import Consent, ServiceAccount  # noqa: PLC0415 - only where it is configured

    said = configuration.google
    if said.service_account is not None and said.user is not None:
        return ServiceAccount(Path(said.service_account), said.user, services_of(configuration))
    return Consent(state, now, frozenset(configuration.me.emails), write=write)


def services_of(configuration: Configuration) -> frozenset[Service]:
    """What of Google the settings use."""
    used = {
        Service.CALENDAR: any(isinstance(one, GoogleCalendar) for one in configuration.calendars),
        Service.MAIL: isinstance(configuration.mailbox, Gmail),
        Service.CONTACTS: any(isinstance(one, GoogleContacts) for one in configuration.contacts),
        Service.IMAP: isinstance(configuration.mailbox, Imap) and configuration.mailbox.oauth == "google",
    }
    return frozenset(service for service, wanted in used.items() if wanted)


def imap_mailbox(one: Imap, server: Server, mine: frozenset[str], memory: Keepsake, *, tidies: bool) -> Mailbox:
    """The mailbox on an IMAP server that the settings describe. Nothing is asked yet, not even the password."""
    from connectors.mailboxes import folders, imap  # noqa: PLC0415 - only where it is configured

    configured = folders.Configured(one.drafts, one.sent, one.trash)
    return imap.Imap(server, mine, configured, memory, tidies=tidies)


def mailbox_kind(configuration: Configuration) -> str:
    """What the mailbox of the settings is called in JSON and messages."""
    kinds = {Gmail: "gmail", Imap: "imap"}
    return kinds.get(type(configuration.mailbox), maildir.Maildir.kind)


def _unchecked(one: object) -> TypeError:
    """`config.check` refuses kinds that this version does not read; a configuration with one was not checked."""
    return TypeError(f"there is no connector for {type(one).__name__}")
