"""Where everything stands in the drawing of the next weeks: people down, days across. Pure: no clock, no words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from daemon.review.timescale import Scale

LANE = 24
"""How high a lane is: marks of a person that would overlap stand in lanes below each other."""
PAD = 6
"""Above the first lane of a row, and below the last."""
LANES = 4
"""Lanes that a row has at most; what finds no place in them is counted."""
MARK = 14
"""How wide a mark is."""
_GAP = 4
_LETTER, _WIDE = 6.1, 12.0
_SHORTEST = 34
"""A label with less room than this is left out."""
_LONGEST = 170
_READABLE_LANES = 3
_REACH = 26
"""How far the line runs of what is held back without an end."""


class Kind(StrEnum):
    """What a mark stands for."""

    MEETING = "meeting"
    NOTE = "note"
    HELD = "held"
    SNOOZED = "snoozed"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class Item:
    """Something of one person, in time. `until` is the end of a meeting; `since` when a note that is held back was due.

    Without an `at` nobody knows when it may go. `by` is when it must be on its way.
    """

    id: str
    kind: Kind
    at: datetime | None
    label: str = ""
    until: datetime | None = None
    since: datetime | None = None
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """Words beside a mark, with the room that they have: nothing else stands in it, and they end with it."""

    x: float
    width: float
    text: str
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """An item at its place. `x` is its middle, or for a meeting its left edge, and then `width` how long it takes.

    `line` is from where to where it was held back; `flag` where its deadline is, and `beyond` whether that is later
    than what is drawn. `y` is the middle of its lane, counted from the top of all rows.
    """

    item: Item
    lane: int
    y: float
    x: float
    width: float
    line: tuple[float, float] | None = None
    flag: float | None = None
    beyond: bool = False
    label: Label | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows when it may go."""
        return self.item.at is None

    @property
    def left(self) -> float:
        """Where what is drawn of it begins."""
        own = self.x if self.item.kind is Kind.MEETING else self.x - MARK / 2
        return min(own, *(self.line or ()), own if self.flag is None else self.flag - MARK / 2)

    @property
    def right(self) -> float:
        """Where what is drawn of it ends."""
        own = self.x + self.width if self.item.kind is Kind.MEETING else self.x + MARK / 2
        return max(own, *(self.line or ()), own if self.flag is None else self.flag + MARK / 2)


@dataclass(frozen=True, slots=True)
class Row:
    """The marks of one person between `top` and `top + height`; `more` found no place."""

    key: str
    top: float
    height: float
    marks: tuple[Mark, ...]
    more: int = 0

    @property
    def middle(self) -> float:
        """Of its first lane."""
        return self.top + PAD + LANE / 2


@dataclass(frozen=True, slots=True)
class Timeline:
    """All rows, one below the other."""

    rows: tuple[Row, ...]
    width: float
    height: float


def timeline(scale: Scale, rows: Iterable[tuple[str, Sequence[Item]]]) -> Timeline:
    """The rows in the order that they are given in; each is as high as its lanes."""
    drawn: list[Row] = []
    top = 0.0
    for key, items in rows:
        row = _row(scale, key, items, top)
        drawn.append(row)
        top += row.height
    return Timeline(tuple(drawn), scale.width, top)


def text_width(text: str) -> float:
    """About how wide the text is, at the size of a label: rather too much than too little."""
    return sum(_WIDE if unicodedata.east_asian_width(one) in {"W", "F"} else _LETTER for one in text)


def is_cut(text: str, room: float) -> bool:
    """Whether there is no room for all of the text."""
    return text_width(text) > room


def _row(scale: Scale, key: str, items: Sequence[Item], top: float) -> Row:
    marks = sorted((_mark(scale, item) for item in items), key=_in_order)
    # With few marks each is given the room for its label; with many they move together.
    lanes = _packed(marks, labelled=True, edge=scale.width)
    if len(lanes) > _READABLE_LANES:
        lanes = _packed(marks, labelled=False, edge=scale.width)
    placed: list[Mark] = []
    for number, lane in enumerate(lanes[:LANES]):
        y = top + PAD + LANE * number + LANE / 2
        for place, mark in enumerate(lane):
            end = lane[place + 1].left - _GAP if place + 1 < len(lane) else scale.width
            placed.append(replace(mark, lane=number, y=y, label=_label(mark, end)))
    height = 2 * PAD + LANE * max(1, min(len(lanes), LANES))
    placed.sort(key=lambda mark: (mark.left, mark.lane, mark.item.id))
    return Row(key, top, height, tuple(placed), sum(map(len, lanes[LANES:])))


def _in_order(mark: Mark) -> tuple[float, str]:
    """A meeting stands before the note that follows from it within hours."""
    return mark.left - (MARK if mark.item.kind is Kind.MEETING else 0), mark.item.id


def _mark(scale: Scale, item: Item) -> Mark:
    """Where it is, so far without a lane; never a part of it beyond the edges."""
    if item.kind is Kind.MEETING:
        assert item.at is not None
        x = min(scale.x(item.at), scale.width - MARK)
        ends = scale.x(item.until) if item.until is not None else x
        return Mark(item, 0, 0.0, x, max(MARK, ends - x))
    since = scale.x(item.since) if item.since is not None else None
    x = _inside(scale, scale.x(item.at) if item.at is not None else (since or 0.0) + _REACH)
    line = None if since is None else (min(since, x), x)
    flag = None if item.by is None else _beside(scale, scale.x(item.by), x)
    return Mark(item, 0, 0.0, x, MARK, line, flag, item.by is not None and not scale.shows(item.by))


def _inside(scale: Scale, x: float) -> float:
    return min(max(x, MARK / 2), scale.width - MARK / 2)


def _beside(scale: Scale, flag: float, x: float) -> float:
    """Where the flag is to stand: at its time, but never on the mark itself."""
    if abs(flag - x) >= MARK:
        return _inside(scale, flag)
    aside = x - MARK if flag < x else x + MARK
    return aside if MARK / 2 <= aside <= scale.width - MARK / 2 else 2 * x - aside


def _packed(marks: Sequence[Mark], *, labelled: bool, edge: float) -> list[list[Mark]]:
    """The marks in lanes, each in the first in which it has its place."""
    lanes: list[list[Mark]] = []
    ends: list[float] = []
    for mark in marks:
        wanted = _wanted(mark) if labelled else 0.0
        end = min(mark.right + wanted, max(edge, mark.right)) + _GAP
        number = next((place for place, taken in enumerate(ends) if taken <= mark.left), len(lanes))
        if number == len(lanes):
            lanes.append([])
            ends.append(0.0)
        lanes[number].append(mark)
        ends[number] = end
    return lanes


def _wanted(mark: Mark) -> float:
    return min(text_width(mark.item.label), _LONGEST) + 2 * _GAP if mark.item.label else 0.0


def _label(mark: Mark, end: float) -> Label | None:
    """The words right of the mark, where there is room up to `end`."""
    x = mark.right + _GAP
    room = min(end - x, _LONGEST)
    if not mark.item.label or room < min(_SHORTEST, text_width(mark.item.label)):
        return None
    return Label(x, room, mark.item.label, is_cut(mark.item.label, room))
