"""Where things lie on a DAV server: addresses in one spelling, and never outside of the account's own server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit

from connectors.base import PermanentError
from connectors.dav.vendors import spread

if TYPE_CHECKING:
    from urllib.parse import SplitResult

LONGEST = 4096
"""Characters of an address."""
_PORTS = {"http": 80, "https": 443}
_PLAIN = "~!$&'()*+,;=:@-._"
"""What needs no percent sign in a segment of a path (RFC 3986 section 3.3)."""


class ForeignError(PermanentError):
    """A server names a place that is not its own: nothing goes there, least of all a password."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The server of an account (RFC 6454 section 4)."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, address: str) -> Origin:
        """That of an address.

        Raises:
            ValueError: it is none.
        """
        parts = urlsplit(address)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"`{address}` is no address of a server")
        return cls(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])

    def __str__(self) -> str:
        """As an address without a path."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    def owns(self, address: str) -> bool:
        """Whether the password of the account may go there."""
        try:
            other = Origin.of(address)
        except ValueError:
            return False
        sure = self.scheme == other.scheme == "https" and self.port == other.port == _PORTS["https"]
        return self == other or (sure and spread(self.host, other.host))

    def resolve(self, base: str, href: str) -> str:
        """The address that an answer from `base` means by `href` (RFC 4918 section 8.3).

        Of an address on this very host only the path counts: behind a proxy servers often name their inner scheme
        and port.

        Raises:
            ForeignError: it is on another server, or no address of a place at all.
        """
        shown = "".join(one for one in href[:100] if one.isprintable())
        foreign = ForeignError(
            f"{self} names a place that is not its own: {shown}",
            "Is the address in afterword.yaml that of the server itself? Behind a proxy, the server has to know the "
            "name by which it is asked.",
        )
        if len(href) > LONGEST or not href.strip() or not href.strip().isprintable():
            raise foreign
        try:
            parts = urlsplit(urljoin(base, href.strip()))
            server = self._server(parts, base)
        except ValueError:
            raise foreign from None
        path = spelled(parts.path)
        if not server or any(one in {".", ".."} for one in path.split("/")):
            raise foreign
        return f"{server}{path}"

    def _server(self, parts: SplitResult, base: str) -> str:
        """The server that is meant; empty where it is none of ours."""
        asked = Origin.of(base)
        if parts.scheme not in _PORTS or "@" in parts.netloc:
            return ""
        for known in (asked, self):
            if parts.hostname == known.host:
                return str(known)
        address = f"{parts.scheme}://{parts.netloc}"
        return str(Origin.of(address)) if self.owns(address) else ""

    def name(self, address: str) -> str:
        """What a place is called in listings: its path, or its address where that is on another host."""
        own = str(self)
        return address[len(own) :] if address.startswith(f"{own}/") else address

    def address(self, name: str) -> str | None:
        """The address of a place by that name; None where it is the name of none."""
        try:
            address = f"{self}{name}" if name.startswith("/") else name
            return address if self.owns(address) and self.resolve(address, address) == address else None
        except (ValueError, ForeignError):
            return None


def spelled(path: str) -> str:
    """A path in one spelling: `%7E`, `~`, `%40` and `@` are the same, `%2F` and `/` are not."""
    segments = (quote(unquote_to_bytes(one), safe=_PLAIN) for one in path.split("/"))
    return "/".join(segments) or "/"


def folder(address: str) -> str:
    """The address of a collection, with the slash that servers may leave out."""
    return address if address.endswith("/") else f"{address}/"


def parent(address: str) -> str:
    """The collection that a resource lies in."""
    return f"{address.rstrip('/').rpartition('/')[0]}/"


def is_in(address: str, collection: str) -> bool:
    """Whether a resource lies directly in a collection."""
    return not address.endswith("/") and parent(address) == folder(collection)
