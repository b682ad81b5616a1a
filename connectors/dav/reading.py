"""The bytes of resources: many in one answer (multiget), and one by one where that does not work."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.base import ConnectorError, TransientError
from connectors.calendars.errors import Unreadable
from connectors.dav.client import refused
from connectors.dav.kind import multiget
from connectors.dav.multistatus import CutOffError, read
from connectors.dav.place import ForeignError, parent
from connectors.retry import AgainError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from connectors.dav.client import Client, Reply
    from connectors.dav.kind import Kind

AT_ONCE = 50
"""Resources in one question."""
_OK, _MULTISTATUS, _NOT_FOUND, _GONE = 200, 207, 404, 410
_PAGE = "It is asked again. If this lasts, open the address in a browser: something may want you to sign in."
Found = tuple[str, bytes | ConnectorError]


def fetch(client: Client, kind: Kind, names: Iterable[str]) -> Iterator[Found]:
    """The bytes of these resources, each once; an error stands for one that cannot be read.

    When the server itself does not answer, the rest is not asked for.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for name in dict.fromkeys(names):
        address = client.origin.address(name)
        if address is None:
            yield name, _lost(name)
        else:
            found.setdefault(parent(address), []).append((name, address))
    reading = _Reading(client, kind)
    for collection, members in found.items():
        for begin in range(0, len(members), AT_ONCE):
            yield from reading.some(collection, members[begin : begin + AT_ONCE])


class _Reading:
    def __init__(self, client: Client, kind: Kind) -> None:
        self._client = client
        self._kind = kind
        self._single: set[str] = set()
        self._failed: ConnectorError | None = None
        self._fell = False
        """Whether the last one that was asked for by itself got no answer: with a second, it is the server."""

    def some(self, collection: str, members: Sequence[tuple[str, str]]) -> Iterator[Found]:
        """These resources of one collection: what the one answer lacks is asked for by itself."""
        data = self._together(collection, [address for _, address in members])
        for name, address in members:
            if self._failed is not None:
                yield name, self._failed
                continue
            found = data.get(address)
            if found is None:
                yield name, self._alone(name, address)
            else:
                yield name, found or _lost(name)

    def _together(self, collection: str, addresses: Sequence[str]) -> dict[str, bytes]:
        """What one answer has, by address; empty bytes for what is not there."""
        if self._failed is not None or collection in self._single:
            return {}
        body = multiget(self._kind, (urlsplit(address).path for address in addresses))
        try:
            reply = self._client.ask("REPORT", collection, body, Depth="1")
            if reply.status != _MULTISTATUS:
                self._single.add(collection)
                return {}
            answer = read(reply.body, str(self._client.origin))
        except (Unreadable, CutOffError):
            return {}  # one event with what XML cannot hold spoils the answer for all
        except AgainError as error:
            self._failed = error if self._fell else None
            return {}  # one event may fell the server
        except ConnectorError as error:
            self._failed = error
            return {}
        wanted = set(addresses)
        found: dict[str, bytes] = {}
        for response in answer.responses:
            try:
                address = self._client.origin.resolve(reply.address, response.href)
            except ForeignError:
                continue
            text = response.found.get(self._kind.content)
            if address in wanted and response.status in {_NOT_FOUND, _GONE}:
                found[address] = b""
            elif address in wanted and text is not None and (text.text or "").strip():
                found[address] = (text.text or "").encode("utf-8", "surrogatepass")
        return found

    def _alone(self, name: str, address: str) -> bytes | ConnectorError:
        try:
            reply = self._client.ask("GET", address, Accept="text/calendar, text/vcard, */*;q=0.5")
        except Unreadable as error:
            return error
        except AgainError as error:
            self._failed = error if self._fell else None
            self._fell = True
            return error
        except ConnectorError as error:
            self._failed = error
            return error
        self._fell = False
        return self._content(name, reply)

    def _content(self, name: str, reply: Reply) -> bytes | ConnectorError:
        if reply.status in {_NOT_FOUND, _GONE}:
            return _lost(name)
        if reply.status != _OK:
            return refused(reply, self._client.origin, f"{self._kind.each} {name[:200]}")
        if reply.headers.get("Content-Type", "").strip().casefold().startswith("text/html"):
            # Not what lies there: whoever is in between wants somebody to sign in.
            return TransientError(f"{self._client.origin} shows a web page in place of the {self._kind.each}", _PAGE)
        if not reply.body.strip():
            return TransientError(f"{name[:200]} came without a word in it", "It is asked again.", file=name)
        return reply.body


def _lost(name: str) -> TransientError:
    return TransientError(f"{name[:200]} is no longer there", file=name)
