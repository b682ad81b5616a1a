"""The calendars of a CalDAV account as one set of resources, each an event, or a series with its exceptions (RFC 4791).

Resources come whole, and are expanded here: servers differ in how they expand, and in what they send with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.dav.changes import Changes
from connectors.dav.kind import CALENDARS
from connectors.dav.reading import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.base import ConnectorError, Listing
    from connectors.dav.client import Account


class CaldavCalendar:
    """All calendars of an account that hold events, or those of these `names`."""

    def __init__(self, id: str, account: Account, names: Sequence[str] = ()) -> None:  # noqa: A002 - see Calendar
        self.id = id
        self._changes = Changes(account, CALENDARS, names)

    @property
    def called(self) -> tuple[str, ...]:
        """The names of the calendars that the last listing saw."""
        return self._changes.called

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """What is there now: by what changed since the note, else by all ETags.

        Raises:
            ConnectorError: it cannot be known.
        """
        return self._changes.look(known, note)

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """The bytes of these resources, many with one question."""
        return fetch(self._changes.client(), CALENDARS, names)
