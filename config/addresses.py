"""Addresses that the settings may name: each checked by its form, none asked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.texts import filled

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_LONGEST_ID, _SHOWN = 320, 80
_FEEDS = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
OWN_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
"""Names of the machine itself: what is said to them reaches nobody else."""


def feed(value: str) -> str | None:
    """The http(s) address that `ics:` names (webcal is https by another name), or None for a path.

    Raises:
        ValueError: an address of a kind that is not read, or without a host.
    """
    found = _SCHEME.match(value)
    if not found:
        return None
    scheme = found[1].lower()
    if scheme not in _FEEDS:
        raise ValueError(
            f"`{value}` is no address that Afterword reads; write a path, or an https:// or webcal:// address"
        )
    try:
        host = urlsplit(value).hostname
    except ValueError:
        host = None
    if not host:
        raise ValueError(f"`{value}` names no host; write it as in `https://calendar.example/robin.ics`")
    return _FEEDS[scheme] + value[len(found[1]) :]


def ics(value: str) -> str:
    feed(filled(value))
    return value


def server(value: str) -> str:
    """A CalDAV or CardDAV server: a host name, or an http(s) address, without a user or a password in it."""
    said = filled(value).strip()
    try:
        parts = urlsplit(said if "://" in said else f"https://{said}")
        plain = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        plain = None
    if not plain or not said.isprintable() or " " in said:
        raise ValueError(
            f"`{said[:_SHOWN]}` is no server; write its name, or an address as in `https://cloud.example/dav/`"
        )
    if "@" in parts.netloc:
        raise ValueError("a user does not stand in the address; write `user:` and `password:` beside it")
    return said


def google_id(value: str) -> str:
    """The ID of a calendar at Google: `primary`, or something like an address. It becomes one part of a path."""
    trimmed = filled(value).strip()
    odd = set("/\\?").intersection(trimmed) or not trimmed.isprintable() or not trimmed.strip(".")
    if odd or len(trimmed) > _LONGEST_ID:
        raise ValueError(
            f"`{trimmed[:_SHOWN]}` is no calendar of Google; write the calendar's ID, as its settings page shows it "
            "under `Integrate calendar`, or `primary` for your own"
        )
    return trimmed


def loopback(address: str) -> str:
    """An address on this machine, by number or name.

    Raises:
        ValueError: it is none.
    """
    try:
        parts = urlsplit(address.strip())
        own = parts.scheme == "http" and parts.hostname in OWN_MACHINE and parts.port
    except ValueError:
        own = None
    if not own or parts.path.strip("/") or parts.query:
        raise ValueError("an emulator stands on this machine; write its address as in `http://127.0.0.1:8085`")
    return address.strip().rstrip("/")
