"""What is particular about large providers of CalDAV and CardDAV: each quirk once, by the name of its host."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vendor:
    """`password` says where a password for programs is made; the account's own is refused.

    `spread`: an account lies on hosts of this domain that only the server itself names, and that change.
    """

    domains: tuple[str, ...]
    name: str
    password: str
    spread: bool = False


_VENDORS = (
    # https://support.apple.com/102654. A principal of caldav.icloud.com has its home at p34-caldav.icloud.com or alike.
    Vendor(
        ("icloud.com", "me.com"),
        "iCloud",
        "Make one at https://account.apple.com under `Sign-In and Security`, `App-Specific Passwords`",
        spread=True,
    ),
    # https://www.fastmail.help/hc/en-us/articles/360058752854
    Vendor(
        ("fastmail.com", "messagingengine.com"),
        "Fastmail",
        "Make one at Fastmail under `Settings`, `Privacy & Security`, `Manage app passwords and access`, with access "
        "to calendars and contacts",
    ),
)


def vendor(host: str) -> Vendor | None:
    """The provider whose host this is."""
    return next((one for one in _VENDORS if any(_under(host, domain) for domain in one.domains)), None)


def spread(host: str, other: str) -> bool:
    """Whether both are hosts of one provider that spreads its accounts over hosts."""
    found = vendor(host)
    return found is not None and found.spread and any(_under(host, one) and _under(other, one) for one in found.domains)


def password_hint(host: str) -> str:
    """What to do where a password was refused."""
    found = vendor(host)
    if found is not None:
        return f"{found.name} wants a password made for programs, not that of the account. {found.password}."
    return (
        "Check `user:` and `password:` in afterword.yaml. Where you sign in with a second factor (as with Nextcloud), "
        "make a password for programs in your account's settings (docs/servers.md)."
    )


def _under(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
