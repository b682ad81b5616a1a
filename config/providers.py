"""Providers of calendars and mail that many people have: the servers that are offered for an address of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Provider:
    """What to answer `afterword init` with; empty where there is nothing to offer. docs/servers.md tells of each.

    `domains` are those of the mail addresses. `whole` says whether the user at IMAP is the whole address.
    """

    domains: tuple[str, ...]
    mailbox: str
    calendar: str = ""
    carddav: str = ""
    whole: bool = True

    @property
    def hosts(self) -> frozenset[str]:
        """The servers."""
        named = (answer.rpartition(":")[2] for answer in (self.mailbox, self.calendar, self.carddav))
        return frozenset(one for one in named if "." in one)


PROVIDERS = (
    Provider(
        ("fastmail.com", "fastmail.fm"),
        "imap:imap.fastmail.com",
        "caldav:caldav.fastmail.com",
        "carddav.fastmail.com",
    ),
    Provider(
        ("icloud.com", "me.com", "mac.com"),
        "imap:imap.mail.me.com",
        "caldav:caldav.icloud.com",
        "contacts.icloud.com",
        whole=False,
    ),
    Provider(("mailbox.org",), "imap:imap.mailbox.org", "caldav:dav.mailbox.org", "dav.mailbox.org"),
    Provider(("gmail.com", "googlemail.com"), "gmail", "google"),
    Provider(("yahoo.com",), "imap:imap.mail.yahoo.com"),
    Provider(("aol.com",), "imap:imap.aol.com"),
    Provider(("gmx.net", "gmx.de"), "imap:imap.gmx.net"),
    Provider(("web.de",), "imap:imap.web.de"),
    Provider(("zoho.com",), "imap:imap.zoho.com"),
)


def by_address(emails: Iterable[str]) -> Provider | None:
    """The provider of the first of these addresses that belongs to one."""
    domains = [email.rpartition("@")[2].strip().casefold() for email in emails]
    return next((one for domain in domains for one in PROVIDERS if domain in one.domains), None)


def by_server(server: str) -> Provider | None:
    """The provider whose server this is, by its name or an address."""
    return next((one for one in PROVIDERS if host(server) in one.hosts), None)


def alike(server: str, other: str) -> bool:
    """Whether both are likely to know the same user by the same password: of one provider, or of one domain."""
    provider = by_server(server)
    return _domain(host(server)) == _domain(host(other)) or (provider is not None and provider is by_server(other))


def host(server: str) -> str:
    """The name or number of a server that is written so, or as an address; empty where there is none."""
    try:
        return urlsplit(server if "://" in server else f"//{server}").hostname or ""
    except ValueError:
        return ""


def _domain(name: str) -> str:
    """The last two labels of a name; all of a number."""
    labels = name.split(".")
    return name if labels[-1].isdigit() else ".".join(labels[-2:])
