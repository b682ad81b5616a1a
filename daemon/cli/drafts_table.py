"""The drafts as a table for the terminal: fewer columns where it is narrow, and nothing left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daemon.cli.table import Head, drawn
from daemon.cli.wording import count, names
from daemon.review.card import Press, card
from rules.history import OPEN, Record, State
from rules.moments import brief, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from daemon.cli.desk import Line
    from daemon.sight import Sight
    from rules.model import FollowUp

    Remark = Callable[[Record | FollowUp], str]

_BROAD, _MIDDLE = 112, 72
"""From so many columns on each thing has a column of its own; below that some stand under another."""
_PRESSING: dict[Press, dict[str, Any]] = {Press.LATE: {"fg": "red", "bold": True}, Press.SOON: {"fg": "yellow"}}
_DIM: dict[str, Any] = {"dim": True}
_BOLD: dict[str, Any] = {"bold": True}


@dataclass(frozen=True, slots=True)
class _Row:
    """What the table shows of one follow-up, each a text."""

    id: str
    when: Line
    to: str
    meeting: str
    at: str
    subject: str
    gaps: int
    state: str


def lines(
    sight: Sight, shown: Sequence[Record | FollowUp], broad: int, remark: Remark, first: str = "Time left"
) -> Iterator[list[Line]]:
    """The table; `remark` words what there is to say of the time of one that is no open draft.

    `first` is the title of the column of times.
    """
    rows = [_row(sight, one, remark) for one in shown]
    if broad >= _BROAD:
        heads = [
            Head(first, least=9),
            Head("To", least=10),
            Head("Meeting", least=12),
            Head("Subject", least=16),
            Head("Gaps"),
            Head("State"),
            Head("ID", whole=True),
        ]
        cells = [_broad(row) for row in rows]
    elif broad >= _MIDDLE:
        heads = [Head(first, least=9), Head("To, meeting", least=14), Head("Subject, what is open", least=16)]
        cells = [_middle(row) for row in rows]
    else:
        heads = [Head("Draft")]
        cells = [_narrow(row) for row in rows]
    yield from drawn(heads, cells, broad)


def _row(sight: Sight, one: Record | FollowUp, remark: Remark) -> _Row:
    document, almanac, now = sight.json_of(one), sight.almanac, sight.now
    subject, state = document["subject"] or one.step, document["state"]
    meeting = ("", "")
    if one.meeting is not None:
        meeting = one.meeting.title.strip() or "(no title)", moment(one.meeting.start, almanac, now)
    if not isinstance(one, Record):
        who = "you" if one.to_me else names(one.recipients)
        return _Row(one.id, (remark(one), _DIM), who, *meeting, subject, document["gaps"], state)
    told = card(one, almanac, now)
    when = (remark(one), _DIM)
    if one.state in OPEN:
        by = f", by {brief(one.by, almanac, now)}" if one.by is not None and not (told.gone or told.stale) else ""
        when = (f"{told.left}{by}" or told.time, _PRESSING.get(told.press, {}))
        state = ", ".join([state, *(["gone from Drafts"] if told.gone else [])])
    gaps = one.gaps if one.state in OPEN or one.state is State.SNOOZED else 0
    return _Row(one.id, when, told.who, *meeting, subject, gaps, state)


def _broad(row: _Row) -> list[list[Line]]:
    gaps = str(row.gaps) if row.gaps else ""
    meeting: list[Line] = [(row.meeting, {}), (row.at, _DIM)] if row.meeting else [("", {})]
    return [
        [row.when],
        [(row.to, {})],
        meeting,
        [(row.subject, _BOLD)],
        [(gaps, {})],
        [(row.state, {})],
        [(row.id, _DIM)],
    ]


def _middle(row: _Row) -> list[list[Line]]:
    meeting = f"{row.meeting}, {row.at}" if row.meeting else ""
    return [[row.when], [(row.to, {}), *_if(meeting)], [(row.subject, _BOLD), (_open(row), {}), (row.id, _DIM)]]


def _narrow(row: _Row) -> list[list[Line]]:
    meeting = f"{row.meeting}, {row.at}" if row.meeting else ""
    first: list[Line] = [row.when] if row.when[0] else []
    return [[(row.subject, _BOLD), *first, (f"to {row.to}", {}), *_if(meeting), (f"{_open(row)}, {row.id}", _DIM)]]


def _open(row: _Row) -> str:
    return ", ".join([*([f"{count(row.gaps, 'gap')} to fill"] if row.gaps else []), row.state])


def _if(text: str) -> list[Line]:
    return [(text, {})] if text else []
