"""Pages of a list, and the tokens that lead to the next one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.google.answers import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Asking = tuple[tuple[str, tuple[str, ...]], ...]
"""The other parameters of a request, in a form that can be compared."""


def asking(query: Mapping[str, list[str]], without: frozenset[str]) -> Asking:
    """What has to be the same on each page."""
    return tuple(sorted((name, tuple(values)) for name, values in query.items() if name not in without))


@dataclass
class _Rest:
    """What a page token stands for: page `number` of a list that was taken at `serial`."""

    number: int
    items: Sequence[Any]
    serial: int
    asking: Asking


@dataclass
class Page:
    """One page. `next` is the token of the following one; `serial` is when the list was taken."""

    items: Sequence[Any]
    next: str | None
    serial: int


@dataclass
class Pages:
    """The page tokens that one list has given out. `kill` refuses one on its first use, for a page of this number."""

    name: str
    _rests: dict[str, _Rest] = field(default_factory=dict)
    _given: int = 0
    _doomed: list[tuple[int, Refusal]] = field(default_factory=list)

    def kill(self, number: int, refusal: Refusal) -> None:
        """The token that leads to this page dies, once."""
        self._doomed.append((number, refusal))

    def first(self, items: Sequence[Any], serial: int, asked: Asking, size: int) -> Page:
        """Take the list."""
        return self._cut(_Rest(1, items, serial, asked), size)

    def following(self, token: str, asked: Asking, size: int) -> Page:
        """The page that this token leads to.

        Raises:
            Refusal: the token is none of ours, has died, or the other parameters are others than on the first page.
        """
        rest = self._rests.get(token)
        if rest is None or rest.asking != asked:
            raise Refusal(400, "invalid", "Invalid page token value.", "pageToken")
        for number, refusal in self._doomed:
            if number == rest.number:
                self._doomed.remove((number, refusal))
                del self._rests[token]
                raise refusal
        return self._cut(rest, size)

    def _cut(self, rest: _Rest, size: int) -> Page:
        shown, left = rest.items[:size], rest.items[size:]
        token = None
        if left:
            self._given += 1
            token = f"{self.name}-page-{self._given}"
            self._rests[token] = _Rest(rest.number + 1, left, rest.serial, rest.asking)
        return Page(shown, token, rest.serial)
