"""What is kept of a DAV account from one cycle to the next: where its collections are, and how far each is known."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from connectors.dav.auth import BASIC
from connectors.dav.find import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

_VERSION = 1
SYNC, CTAG = "sync", "ctag"
"""Two ways to learn cheaply what has changed: sync-collection (RFC 6578), and a tag for the whole collection
(https://github.com/apple/ccs-calendarserver/blob/master/doc/Extensions/caldav-ctag.txt). ETags are the third, and the
one that is believed."""


@dataclass(frozen=True, slots=True)
class Known:
    """How far a collection is known. `ways` are those that are believed; one that told an untruth is not, any more.

    `proved` is how often what sync-collection told was compared with all ETags, and true; `refused` how often in a row
    its token was not taken; `idle` how often in a row it was another one though nothing had changed.
    """

    token: str
    ctag: str
    ways: tuple[str, ...] = (SYNC, CTAG)
    proved: int = 0
    refused: int = 0
    idle: int = 0

    def without(self, way: str) -> Known:
        """This way is believed no more."""
        return replace(self, ways=tuple(one for one in self.ways if one != way)).believed()

    def anew(self) -> Known:
        """What was learned of the server, without how far the collection is known."""
        return replace(self, token="", ctag="")

    def believed(self) -> Known:
        """Without what is of no use: a token that nobody believes may change with every question."""
        return replace(self, token=self.token if SYNC in self.ways else "", ctag=self.ctag if CTAG in self.ways else "")


@dataclass(frozen=True, slots=True)
class Memory:
    """`who` is a digest of whose account it is; `of` one of the listing that `collections` belong to."""

    who: str
    of: str = ""
    scheme: str = ""
    places: tuple[Place, ...] = ()
    collections: Mapping[str, Known] = field(default_factory=dict)

    @classmethod
    def read(cls, note: str, who: str) -> Memory:
        """What the note says of this account; nothing where it is none of ours, or of another."""
        try:
            told = json.loads(note)
            if (told["version"], told["who"]) != (_VERSION, who):
                return cls(who)
            places = tuple(Place(_text(one["address"]), bool(one["alone"])) for one in told["places"])
            collections = {_text(name): _known(one) for name, one in told["collections"].items()}
            scheme = BASIC if told["scheme"] == BASIC else ""
            return cls(who, _text(told["of"]), scheme, places, collections)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls(who)

    def text(self) -> str:
        """As it is kept; the same for the same memory."""
        return json.dumps({"version": _VERSION, **asdict(self)}, separators=(",", ":"), sort_keys=True)


def digest(told: object) -> str:
    """A short name for something that can be written as JSON."""
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _known(one: Mapping[str, object]) -> Known:
    ways = one["ways"]
    if not isinstance(ways, list):
        raise TypeError("a list was expected")
    believed = tuple(way for way in (SYNC, CTAG) if way in ways)
    counts = (_number(one[name]) for name in ("proved", "refused", "idle"))
    return Known(_text(one["token"]), _text(one["ctag"]), believed, *counts)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("a number was expected")
    return value
