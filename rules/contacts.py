"""All contacts with one person, in the order of time: the latest by any instant is found without a search."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rules.model import Meeting


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact with a person: a meeting held, or a mail in either direction. `theirs`: we met, or they wrote."""

    at: datetime
    anchor: str
    theirs: bool
    meeting: Meeting | None = None


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts with one person, future meetings among them, oldest first."""

    all: tuple[Contact, ...]
    _times: tuple[datetime, ...] = field(repr=False)
    _latest: tuple[Contact, ...] = field(repr=False)
    """By index, the latest contact up to there; of several at one instant the first, theirs before mine."""
    _theirs: tuple[Contact | None, ...] = field(repr=False)
    """Likewise the latest of theirs."""

    @classmethod
    def of(cls, contacts: Iterable[Contact]) -> Contacts:
        """Sorted, and with what is asked for worked out once."""
        ordered = tuple(sorted(contacts, key=lambda contact: (contact.at, not contact.theirs, contact.anchor)))
        latest: list[Contact] = []
        theirs: list[Contact | None] = []
        for contact in ordered:
            last = latest[-1] if latest else None
            latest.append(contact if last is None or contact.at > last.at else last)
            their = theirs[-1] if theirs else None
            theirs.append(contact if contact.theirs and (their is None or contact.at > their.at) else their)
        return cls(ordered, tuple(contact.at for contact in ordered), tuple(latest), tuple(theirs))

    def last(self, instant: datetime) -> Contact | None:
        """The latest contact by this instant, in either direction."""
        index = bisect_right(self._times, instant)
        return self._latest[index - 1] if index else None

    def following(self, instant: datetime) -> datetime | None:
        """When the first contact after this instant is; None where none is known."""
        index = bisect_right(self._times, instant)
        return self._times[index] if index < len(self._times) else None

    def last_of_theirs(self, instant: datetime) -> Contact | None:
        """The latest meeting or mail of theirs by this instant."""
        index = bisect_right(self._times, instant)
        return self._theirs[index - 1] if index else None
