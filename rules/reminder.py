"""The words in which a deadline is brought to mind: one line, kind and exact."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.cleaning import line
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.history import Record

_LONGEST = 500
_WORDS = 60
_MOST = 3
_WEEK = 7
_BRACKETS = str.maketrans(
    "<>", "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
)
"""Programs that show notifications may take `<b>` for markup (Desktop Notifications Specification)."""


class Kind(StrEnum):
    """What is brought to mind of a deadline."""

    NEAR = "near"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Deadline:
    """The deadline of a draft that lies there, and what there is to say of it."""

    record: Record
    kind: Kind

    @property
    def by(self) -> datetime:
        """When the note must be on its way."""
        assert self.record.by is not None
        return self.record.by


def worded(deadlines: Sequence[Deadline], almanac: Almanac, now: datetime) -> str:
    """One line about these deadlines, those that are near first; no control characters, times in the user's zone."""
    near = [one for one in deadlines if one.kind is Kind.NEAR]
    missed = [one for one in deadlines if one.kind is Kind.MISSED]
    sentences = []
    if near:
        many = len(near) > 1
        waits, it = ("wait", "them") if many else ("waits", "it")
        sentences.append(f"{_whose(near)} {waits} in Drafts: send {it} by {_times(near, almanac, now)}.")
    if missed:
        many = len(missed) > 1
        was, its, it, lies = ("were", "their", "they", "lie") if many else ("was", "its", "it", "lies")
        how = "now" if all(_just_laid(one, almanac, now) for one in missed) else "still"
        times = _times(missed, almanac, now)
        sentences.append(f"{_whose(missed)} {was} to be on {its} way by {times}; {it} {how} {lies} in Drafts.")
        sentences.append("Late is better than never.")
    return line(" ".join(sentences), _LONGEST)


def _just_laid(deadline: Deadline, almanac: Almanac, now: datetime) -> bool:
    """Whether the draft was laid down today, when its time was over already."""
    placed = deadline.record.placed
    return placed is not None and placed >= deadline.by and almanac.day_of(placed) == almanac.day_of(now)


def _whose(deadlines: Sequence[Deadline]) -> str:
    """`Your thank-you to Dana Okafor`, `Your notes 'follow-up' to Dana Okafor and Lee Ito`."""
    records = [one.record for one in deadlines]
    plural = "s" if len(records) > 1 else ""
    steps = {record.step for record in records}
    if all("thank" in f"{record.step} {record.template}".casefold() for record in records):
        what = f"thank-you{plural}"
    elif len(steps) == 1:
        what = f"note{plural} '{_clean(records[0].step)}'"
    else:
        what = "notes"
    to = {one.email: _clean(called(one)) for record in records for one in record.to}
    return f"Your {what} to {_listed(dict.fromkeys(to.values()))}"


def _times(deadlines: Sequence[Deadline], almanac: Almanac, now: datetime) -> str:
    """`15:00 today (Coffee with Dana, yesterday)`, for each of them."""
    return _listed(_time(one, almanac, now) for one in deadlines)


def _time(deadline: Deadline, almanac: Almanac, now: datetime) -> str:
    told = f"{almanac.local(deadline.by):%H:%M} {_day(deadline.by, almanac, now)}"
    meeting = deadline.record.meeting
    if meeting is None:
        return told
    return f"{told} ({_clean(meeting.title) or 'the meeting'}, {_day(meeting.start, almanac, now)})"


def _day(instant: datetime, almanac: Almanac, now: datetime) -> str:
    day, today = almanac.day_of(instant), almanac.day_of(now)
    ahead = (day - today).days
    if ahead in _NEXT:
        return _NEXT[ahead]
    if abs(ahead) < _WEEK:
        return f"on {day:%A}"
    return f"on {day.day} {day:%B}" + (f" {day.year}" if day.year != today.year else "")


_NEXT = {-1: "yesterday", 0: "today", 1: "tomorrow"}


def _clean(text: str) -> str:
    return line(text, _WORDS).translate(_BRACKETS)


def _listed(parts: Iterable[str]) -> str:
    """`a, b and c`; of many the first three."""
    several = list(parts)
    if len(several) > _MOST + 1:
        several = [*several[:_MOST], f"{len(several) - _MOST} more"]
    *first, last = several
    return f"{', '.join(first)} and {last}" if first else last
