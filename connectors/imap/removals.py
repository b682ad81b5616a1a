"""Drafts that are being taken away: between the mark and the removal they look as if the user had deleted them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.base import Memory

Place = tuple[str, int, int]
"""Folder, UIDVALIDITY, UID."""
_MOST = 500


class Removals:
    """Which drafts these are, kept in a memory that outlives the process: noted before the first is marked.

    Without this a cycle that dies between the two would find a draft that is marked as deleted, and take that for the
    user's no.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._begun: list[Place] | None = None

    def has(self, folder: str, validity: int, uid: int) -> bool:
        """Whether this one is being taken away."""
        return (folder, validity, uid) in self._places()

    def begin(self, folder: str, validity: int, uid: int) -> None:
        """This one will be marked."""
        place = (folder, validity, uid)
        self._keep([*(one for one in self._places() if one != place), place][-_MOST:])

    def end(self, folder: str, validity: int, uid: int) -> None:
        """This one is gone, or stays."""
        self._keep([one for one in self._places() if one != (folder, validity, uid)])

    def __iter__(self) -> Iterator[Place]:
        return iter(tuple(self._places()))

    def _places(self) -> list[Place]:
        if self._begun is None:
            self._begun = _read(self._memory.recall() or "")
        return self._begun

    def _keep(self, places: list[Place]) -> None:
        if places != self._places():
            self._begun = places
            self._memory.keep(json.dumps(places) if places else "")


def _read(text: str) -> list[Place]:
    try:
        return [(str(folder), int(validity), int(uid)) for folder, validity, uid in json.loads(text or "[]")]
    except (ValueError, TypeError, RecursionError):
        return []
