"""An address book in memory, for simulation: the same promises, and faults on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.contacts.cards import Cards, read_cards

if TYPE_CHECKING:
    from connectors.base import ConnectorError, Flaw
    from rules.model import Person


class Memory:
    """Cards as bytes, put and taken away by hand."""

    def __init__(self) -> None:
        self._cards: dict[str, bytes] = {}
        self._changes = 0
        self._fault: ConnectorError | None = None

    def put(self, name: str, card: bytes) -> None:
        """Add a file of cards, or replace the one of that name."""
        self._cards[name] = card
        self._changes += 1

    def take(self, name: str) -> None:
        """Remove a file of cards."""
        del self._cards[name]
        self._changes += 1

    def fail(self, error: ConnectorError | None) -> None:
        """Answer everything with this error from now on, or no longer."""
        self._fault = error

    def tag(self) -> str:
        """See `AddressBook.tag`: the number of changes so far."""
        if self._fault:
            raise self._fault
        return str(self._changes)

    def people(self) -> tuple[tuple[Person, ...], tuple[Flaw, ...]]:
        """See `AddressBook.people`."""
        if self._fault:
            raise self._fault
        cards = Cards()
        for name in sorted(self._cards):
            read_cards(self._cards[name], name, cards)
        return cards.tagged(), tuple(cards.flaws)
