"""The two kinds of collections, and the questions that are asked of them: CalDAV (RFC 4791) and CardDAV (RFC 6352)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from connectors.dav.multistatus import DAV

if TYPE_CHECKING:
    from collections.abc import Iterable

_CAL, _CARD, _SERVER = (
    "urn:ietf:params:xml:ns:caldav",
    "urn:ietf:params:xml:ns:carddav",
    "http://calendarserver.org/ns/",
)

ETAG, TYPE, NAME, TOKEN = f"{DAV}getetag", f"{DAV}resourcetype", f"{DAV}displayname", f"{DAV}sync-token"
PRINCIPAL = f"{DAV}current-user-principal"
CTAG, SUBSCRIBED = f"{{{_SERVER}}}getctag", f"{{{_SERVER}}}subscribed"
COMPONENTS = f"{{{_CAL}}}supported-calendar-component-set"


@dataclass(frozen=True, slots=True)
class Kind:
    """`one` is what a collection is called in messages, `each` what is in it; `key` is the setting that names some."""

    service: str
    namespace: str
    one: str
    each: str
    key: str
    kind: str
    multiget: str
    data: str

    @property
    def collection(self) -> str:
        """The type of a collection of this kind."""
        return f"{{{self.namespace}}}{self.kind}"

    @property
    def home(self) -> str:
        """The property of a principal that tells where the collections are."""
        return f"{{{self.namespace}}}{self.kind}-home-set"

    @property
    def content(self) -> str:
        """The property of a resource that is its bytes."""
        return f"{{{self.namespace}}}{self.data}"


CALENDARS = Kind("caldav", _CAL, "calendar", "event", "calendars", "calendar", "calendar-multiget", "calendar-data")
BOOKS = Kind("carddav", _CARD, "address book", "card", "books", "addressbook", "addressbook-multiget", "address-data")


def propfind(*names: str) -> bytes:
    """Ask for these properties (RFC 4918 section 9.1)."""
    return _document("D:propfind", f"<D:prop>{_elements(names)}</D:prop>")


def sync_collection(token: str) -> bytes:
    """Ask what has changed since the token, or with an empty one for all there is (RFC 6578 section 3.2)."""
    said = f"<D:sync-token>{escape(token)}</D:sync-token><D:sync-level>1</D:sync-level>"
    return _document("D:sync-collection", f"{said}<D:prop>{_elements((ETAG,))}</D:prop>")


def multiget(kind: Kind, paths: Iterable[str]) -> bytes:
    """Ask for the bytes of these resources (RFC 4791 section 7.9, RFC 6352 section 8.7)."""
    hrefs = "".join(f"<D:href>{escape(path)}</D:href>" for path in paths)
    root = f'X:{kind.multiget} xmlns:X="{kind.namespace}"'
    return _document(root, f"<D:prop>{_elements((ETAG, kind.content))}</D:prop>{hrefs}")


def _document(root: str, inside: str) -> bytes:
    name = root.partition(" ")[0]
    return f'<?xml version="1.0" encoding="utf-8"?><{root} xmlns:D="DAV:">{inside}</{name}>'.encode()


def _elements(names: Iterable[str]) -> str:
    """Properties by their names in Clark's notation."""
    pairs = (name[1:].split("}") for name in names)
    return "".join(f'<P:{local} xmlns:P="{namespace}"/>' for namespace, local in pairs)
