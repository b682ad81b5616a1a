"""Where an account has its collections: found from a host name or an address (RFC 6764, without its DNS records)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from connectors.base import PermanentError
from connectors.calendars.errors import Unreadable
from connectors.dav.client import refused
from connectors.dav.kind import COMPONENTS, CTAG, NAME, PRINCIPAL, SUBSCRIBED, TOKEN, TYPE, propfind
from connectors.dav.multistatus import Response, read
from connectors.dav.place import ForeignError, folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from connectors.dav.client import Client, Reply
    from connectors.dav.kind import Kind

_MULTISTATUS = 207
_NOT_THERE = frozenset({404, 405, 410, 501})
_MOST_HOMES = 10
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where collections are: in the home at this address, or (`alone`) the one collection there."""

    address: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """A calendar or an address book. `token` and `ctag` tell whether something in it has changed; empty for none."""

    address: str
    name: str
    token: str
    ctag: str


class NotThereError(PermanentError):
    """There is nothing at a place any more."""


def places(client: Client, kind: Kind) -> tuple[Place, ...]:
    """Where the account has its collections.

    An address with a path is taken at its word; a mere server is asked for its place by the name that every server
    has for it, `/.well-known/caldav` or `carddav` (RFC 6764 section 5).

    Raises:
        ConnectorError: they cannot be found.
    """
    if urlsplit(client.url).path != "/":
        return _from(client, kind, _properties(client, kind, client.url))
    start = _properties(client, kind, f"{client.origin}/.well-known/{kind.service}")
    if start.status == _MULTISTATUS:
        try:
            return _from(client, kind, start)
        except ForeignError:
            raise
        except PermanentError:
            pass  # whatever answers by that name, it knows of no calendars
    return _from(client, kind, _properties(client, kind, f"{client.origin}/"))


def collections(client: Client, kind: Kind, where: Iterable[Place]) -> list[Collection]:
    """All collections of this kind that can hold what is wanted: one question for each place.

    Raises:
        NotThereError: a place is there no more.
        ConnectorError: it cannot be known.
    """
    found: dict[str, Collection] = {}
    for place in where:
        body = propfind(TYPE, NAME, TOKEN, CTAG, COMPONENTS)
        reply = client.ask("PROPFIND", place.address, body, Depth="0" if place.alone else "1")
        for address, response in told(client, kind, reply):
            if _holds(response, kind):
                address = folder(address)  # noqa: PLW2901 - the same in another spelling
                name = _name(response.text(NAME)) or _name(unquote(address.rstrip("/").rpartition("/")[2]))
                found[address] = Collection(address, name, response.text(TOKEN), response.text(CTAG))
    return list(found.values())


def told(client: Client, kind: Kind, reply: Reply) -> list[tuple[str, Response]]:
    """The resources of a multistatus by their addresses, without those that are not there.

    Raises:
        NotThereError: the whole is not there.
        ConnectorError: it is no multistatus, or one with places of another server.
    """
    if reply.status != _MULTISTATUS:
        error = refused(reply, client.origin, f"{kind.one}s")
        raise NotThereError(error.message, error.hint) if reply.status in _NOT_THERE else error
    answer = read(reply.body, str(client.origin))
    if not answer.responses:
        raise Unreadable(f"{client.origin} says nothing at all where its {kind.one}s should be")
    found = [(client.origin.resolve(reply.address, one.href), one) for one in answer.responses]
    there = [(address, one) for address, one in found if one.status is None or one.status in range(200, 300)]
    if not there:  # some servers say in a multistatus that there is nothing
        raise NotThereError(
            f"{client.origin} has nothing at {reply.address[:200]}",
            "Check the address in afterword.yaml (docs/servers.md has those of some providers).",
        )
    return there


def _from(client: Client, kind: Kind, start: Reply) -> tuple[Place, ...]:
    """From an answer about one resource: a collection, a home, a principal, or anything that knows the principal."""
    here = told(client, kind, start)[0][1]
    if kind.collection in here.kinds():
        return (Place(folder(start.address), alone=True),)
    homes = _homes(client, start, here, kind)
    for principal in here.hrefs(PRINCIPAL)[:1] if not homes else []:
        reply = _properties(client, kind, client.origin.resolve(start.address, principal))
        for _, response in told(client, kind, reply)[:1]:
            homes = _homes(client, reply, response, kind)
    inside = any(home.address.startswith(folder(start.address)) for home in homes)
    if not inside and _has_collections(client, kind, start.address):
        return (Place(folder(start.address)),)
    if not homes:
        raise PermanentError(
            f"{client.origin} is a DAV server, but tells of no {kind.one}s for this user",
            f"Write the address of the {kind.one} itself, as the server's own pages or another program show it.",
        )
    return homes


def _homes(client: Client, reply: Reply, response: Response, kind: Kind) -> tuple[Place, ...]:
    addresses = (client.origin.resolve(reply.address, href) for href in response.hrefs(kind.home)[:_MOST_HOMES])
    return tuple(Place(address) for address in dict.fromkeys(map(folder, addresses)))


def _has_collections(client: Client, kind: Kind, address: str) -> bool:
    try:
        return bool(collections(client, kind, [Place(folder(address))]))
    except (PermanentError, ForeignError):
        return False


def _properties(client: Client, kind: Kind, address: str) -> Reply:
    return client.ask("PROPFIND", address, propfind(TYPE, PRINCIPAL, kind.home), Depth="0")


def _holds(response: Response, kind: Kind) -> bool:
    """Whether it is a collection of this kind, of one's own or shared, that may hold events."""
    kinds = response.kinds()
    if kind.collection not in kinds or SUBSCRIBED in kinds:
        return False
    components = response.found.get(COMPONENTS)
    if components is None:
        return True
    names = [one.get("name", "").upper() for one in components]
    return not names or "VEVENT" in names


def _name(text: str) -> str:
    composed = normalize("NFC", text)
    return " ".join("".join(one if one.isprintable() else " " for one in composed).split())[:_LONGEST_NAME]


def choose(found: Sequence[Collection], names: Sequence[str], kind: Kind, server: str) -> list[Collection]:
    """Those of these names (as they are shown, or the last part of their address); all where none is named.

    Raises:
        PermanentError: there is none by one of the names, or none at all.
    """
    if not names:
        if not found:
            raise PermanentError(
                f"{server} has no {kind.one} for this user", "Make one there, or check the address in afterword.yaml."
            )
        return list(found)
    chosen: list[Collection] = []
    for name in names:
        meant = [one for one in found if _name(name).casefold() in _called(one)]
        if not meant:
            there = ", ".join(f"`{one.name}`" for one in found[:20])
            hint = f"There are: {there}." if there else "There are none at all."
            raise PermanentError(f"{server} has no {kind.one} `{name}`", hint)
        chosen += [one for one in meant if one not in chosen]
    return chosen


def _called(one: Collection) -> set[str]:
    return {one.name.casefold(), _name(unquote(one.address.rstrip("/").rpartition("/")[2])).casefold()}
