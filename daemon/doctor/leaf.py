"""What may stand in a report, and nothing else: numbers, versions, and words of the program's own.

A text of the user's has no way in: `word` takes only what is among words that the program knows, `version` only digits
and dots, and `Ours` is made of the program's own source (`daemon.doctor.messages`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta

_VERSION = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,5}){0,4}")


class Word(str):
    """A word that the program knows: a state, a kind, a key of the configuration."""

    __slots__ = ()


class Ours(str):
    """A message in the words of our own source, `…` wherever it had a value."""

    __slots__ = ()


class Version(str):
    """Digits and dots."""

    __slots__ = ()


Leaf: TypeAlias = "bool | int | float | timedelta | Word | Ours | Version | None"
OTHER = Word("other")
"""Stands for whatever the program has no word for."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Leaf, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: facts by their names, then tables by theirs."""

    title: str
    facts: tuple[tuple[str, Leaf], ...] = ()
    tables: tuple[tuple[str, Table], ...] = ()


def word(text: object, among: Collection[str]) -> Word:
    """The text, if it is one of these words."""
    return Word(text) if isinstance(text, str) and text in among else OTHER


def version(text: object) -> Version | None:
    """The number at the beginning of a version; what distributors and builders append is left out."""
    found = _VERSION.match(str(text))
    return None if found is None else Version(found[0])


def number(text: object) -> int | None:
    """A whole number that another program printed."""
    return int(text) if isinstance(text, str) and re.fullmatch(r"[0-9]{1,9}", text) else None
