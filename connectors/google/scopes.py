"""What is asked of the user's Google account: the smallest scopes that do the configured job, each with its reason.

https://developers.google.com/identity/protocols/oauth2/scopes
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_BASE = "https://www.googleapis.com/auth/"
_ALL_MAIL = "https://mail.google.com/"
"""The one scope with which IMAP lets anybody in; it covers whatever else there is for Gmail.

https://developers.google.com/workspace/gmail/imap/xoauth2-protocol
"""


class Service(StrEnum):
    """What of Google the configuration uses."""

    CALENDAR = "calendar"
    MAIL = "mail"
    CONTACTS = "contacts"
    IMAP = "imap"


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission: its address, what it lets Afterword do, and what it would let it do besides."""

    address: str
    why: str
    beware: str = ""

    @property
    def name(self) -> str:
        """The part of the address that tells."""
        return self.address.removeprefix(_BASE)


_SCOPES: dict[Service, tuple[Scope, ...]] = {
    Service.CALENDAR: (
        Scope(f"{_BASE}calendar.events.readonly", "to read the events of your calendars; it cannot change them"),
    ),
    Service.MAIL: (
        Scope(
            f"{_BASE}gmail.compose",
            "to lay drafts into your mailbox, to write into them what you write on the review page, and to take back "
            "those that you have not touched",
            "Google has no permission for drafts alone: this one would allow sending too. Afterword cannot: its one "
            "way to Google has a list of what may be asked, and sending is not on it",
        ),
        Scope(
            f"{_BASE}gmail.readonly",
            "to see that you sent a note, and that they answered, and to know your signature; mails are looked at by "
            "their headers, and only those of the people whom you met",
        ),
    ),
    Service.CONTACTS: (
        Scope(f"{_BASE}contacts.readonly", "to know the people in your address book, and their labels"),
    ),
    Service.IMAP: (
        Scope(
            _ALL_MAIL,
            "to log in to your mailbox over IMAP: to lay drafts into it, to take back those that you have not touched, "
            "and to see that you sent a note, and that they answered",
            "Google has no smaller permission for IMAP: this one would allow everything with your mail, to read, send "
            "and delete all of it. Afterword never sends, and touches nothing but its own drafts; with `mailbox: "
            "{gmail: {}}` it asks for less",
        ),
    ),
}


def scopes(services: frozenset[Service]) -> tuple[Scope, ...]:
    """The scopes for these services, in a steady order."""
    return tuple(scope for service in Service if service in services for scope in _SCOPES[service])


def lacking(services: frozenset[Service], granted: frozenset[str]) -> tuple[Scope, ...]:
    """Those that these services need and that were not granted."""
    covered = granted | {one.address for one in _SCOPES[Service.MAIL]} if _ALL_MAIL in granted else granted
    return tuple(scope for scope in scopes(services) if scope.address not in covered)
