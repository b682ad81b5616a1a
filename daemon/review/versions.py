"""Two versions of a note beside each other, with what only one of them says marked in each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORDS = re.compile(r"\s+|[^\s]+")
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_MOST = 4000
"""Words in a note above which lines are compared: the comparison takes the square of their number."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; `only` where the other version does not say it."""

    text: str
    only: bool


def beside(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces: put together again, each is what it was."""
    pattern = _WORDS if len(one) + len(other) < _MOST * 6 else _LINES
    left, right = pattern.findall(one), pattern.findall(other)
    if max(len(left), len(right)) > _MOST:
        return (Piece(one, one != other),), (Piece(other, one != other),)
    matches = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return (
        tuple(_joined((left[i:j], tag != "equal") for tag, i, j, _, _ in matches)),
        tuple(_joined((right[i:j], tag != "equal") for tag, _, _, i, j in matches)),
    )


def _joined(parts: Iterator[tuple[Sequence[str], bool]]) -> Iterator[Piece]:
    for words, only in parts:
        if text := "".join(words):
            yield Piece(text, only)
