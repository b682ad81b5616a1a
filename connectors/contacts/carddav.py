"""The address books of a CardDAV account: cards as the server keeps them, read again where their ETags change."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Flaw
from connectors.calendars.errors import Unreadable
from connectors.contacts.cards import Cards, read_cards
from connectors.dav.changes import Changes
from connectors.dav.kind import BOOKS
from connectors.dav.memory import digest
from connectors.dav.reading import fetch
from connectors.silence import Silence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.base import Memory
    from connectors.dav.client import Account
    from rules.model import Person

MOST = 50_000
_VERSION = 1
_LARGE = re.compile(rb"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
"""The beginning of what is large, and of no use here."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is known: the note and the tags of the last listing, and by name the cards, or why one is not there."""

    note: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    cards: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> _Kept:
        """From the memory; nothing where it holds nothing of use."""
        try:
            told = json.loads(text or "")
            if told.pop("version") != _VERSION or not isinstance(told["note"], str):
                return cls()
            maps = {name: _texts(told[name]) for name in ("tags", "cards", "wrong")}
            return cls(told["note"], **maps)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return cls()

    def text(self) -> str:
        """For the memory."""
        return json.dumps({"version": _VERSION, **asdict(self)}, sort_keys=True)


class CarddavBook:
    """All address books of an account, or those of these `names`."""

    def __init__(self, account: Account, memory: Memory, names: Sequence[str] = ()) -> None:
        self._changes = Changes(account, BOOKS, names)
        self._memory = memory
        self._found: _Kept | None = None

    def tag(self) -> str:
        """See `AddressBook.tag`. What changed is fetched here already, and kept.

        Raises:
            ConnectorError: the server cannot be asked; what was known is kept.
        """
        known = self._look()
        return digest([sorted(known.cards.items()), sorted(known.wrong.items())])

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """See `AddressBook.people`: everybody with an address, in the order of the names on the server.

        Raises:
            ConnectorError: as in `tag`.
        """
        known = self._look()
        cards = Cards()
        for name, text in sorted(known.cards.items()):
            read_cards(text.encode("utf-8", "surrogateescape"), name, cards)
        cards.flaws += [Flaw(why, name, hides=True) for name, why in sorted(known.wrong.items())]
        return cards.tagged(), tuple(cards.flaws)

    def _look(self) -> _Kept:
        if self._found is None:
            text = self._memory.recall()
            kept = _Kept.read(text)
            known = {name: tag for name, tag in kept.tags.items() if tag}
            listing = self._changes.look(known, kept.note)
            self._found = self._read(kept, dict(sorted(listing.tags.items())[:MOST]), listing.note)
            if self._found.text() != text:
                self._memory.keep(self._found.text())
        return self._found

    def _read(self, kept: _Kept, tags: dict[str, str], note: str) -> _Kept:
        """What is there now; of a card that cannot be read what was known of it stays.

        Raises:
            TransientError: not one came, and the server wants to be left alone, or that was all of several.
        """
        changed = [name for name, tag in tags.items() if not tag or kept.tags.get(name) != tag]
        cards = {name: text for name, text in kept.cards.items() if name in tags}
        wrong = {name: why for name, why in kept.wrong.items() if name in tags}
        silence = Silence()
        for name, data in fetch(self._changes.client(), BOOKS, changed):
            silence.take(data)
            wrong.pop(name, None)
            if not isinstance(data, ConnectorError):
                cards[name] = slim(data).decode("utf-8", "surrogateescape")
                continue
            if name not in cards:
                wrong[name] = data.message
            if not isinstance(data, Unreadable):
                tags[name] = ""  # it is asked for again
        failure = silence.failure
        if failure is not None and (failure.after is not None or silence.asked >= max(2, len(tags))):
            raise failure
        return _Kept(note, tags, cards, wrong)


def slim(card: bytes) -> bytes:
    """A card without its photographs, which are most of it."""
    kept, dropping = [], False
    for line in card.splitlines(keepends=True):
        if not (dropping and line[:1] in {b" ", b"\t"}):
            dropping = _LARGE.match(line) is not None
        if not dropping:
            kept.append(line)
    return b"".join(kept)


def _texts(told: object) -> dict[str, str]:
    if not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values()):
        raise TypeError("texts were expected")
    return told
