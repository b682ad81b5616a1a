"""Meetings as compact text and back: what the instances of a series share is written once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from daemon.ledger.codec import storable
from daemon.ledger.columns import from_microseconds, to_microseconds
from daemon.ledger.errors import NONSENSE, SenselessError
from rules.model import Answer, Attendee, Kind, Meeting, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

NONE = "[]"
"""No meetings."""
_ANSWERS = {answer.value: answer for answer in Answer}
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {status.value: status for status in Status}


def meetings_text(meetings: Iterable[Meeting]) -> str:
    """The meetings of one UID in one calendar, as text."""
    shared: dict[str, list[list[int | None]]] = {}
    for meeting in meetings:
        original = None if meeting.original is None else to_microseconds(meeting.original)
        times = [original, to_microseconds(meeting.start), to_microseconds(meeting.end)]
        shared.setdefault(_dumps(_words(meeting)), []).append(times)
    return "[" + ",".join(f"[{words},{_dumps(times)}]" for words, times in shared.items()) + "]"


def read_meetings(
    calendar: str, rows: Iterable[tuple[str, str]], span: tuple[datetime, datetime] | None = None
) -> Iterator[tuple[str, tuple[Meeting, ...]]]:
    """The meetings of each (UID, text), or those of them that touch the span; for many rows at once.

    A large calendar has thousands of rows: what is not asked for is not made.

    Raises:
        SenselessError: a text makes no sense.
    """
    try:
        yield from _read(calendar, rows, span)
    except NONSENSE as error:
        raise SenselessError("a meeting in the ledger makes no sense") from error


def _read(
    calendar: str, rows: Iterable[tuple[str, str]], span: tuple[datetime, datetime] | None
) -> Iterator[tuple[str, tuple[Meeting, ...]]]:
    low, high = (0, 0) if span is None else (to_microseconds(span[0]), to_microseconds(span[1]))
    several = tuple(rows)
    # One call to the parser for all texts takes a third of the time of one for each.
    parsed = json.loads("[" + ",".join(text for _, text in several) + "]")
    calendars = (calendar,)
    for (uid, _), groups in zip(several, parsed, strict=True):
        found: list[Meeting] = []
        for words, times in groups:
            inside = times if span is None else [one for one in times if one[1] < high and one[2] >= low]
            if inside:
                found.extend(_group(uid, calendars, words, inside))
        yield uid, tuple(found)


def _dumps(value: Any) -> str:
    return storable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _words(meeting: Meeting) -> list[Any]:
    return [
        meeting.title,
        meeting.description,
        meeting.location,
        int(meeting.all_day),
        int(meeting.recurring),
        meeting.status.value,
        None if meeting.organiser is None else _attendee(meeting.organiser),
        [_attendee(attendee) for attendee in meeting.attendees],
        meeting.sequence,
        None if meeting.modified is None else to_microseconds(meeting.modified),
        list(meeting.aliases),
        *([1] if meeting.free else []),
    ]


def _attendee(attendee: Attendee) -> list[str]:
    return [attendee.email, attendee.name, attendee.answer.value, attendee.kind.value]


def _read_attendee(row: list[str]) -> Attendee:
    email, name, answer, kind = row
    return Attendee(email, name, _ANSWERS[answer], _KINDS[kind])


def _group(uid: str, calendars: tuple[str, ...], words: list[Any], times: list[list[int | None]]) -> Iterator[Meeting]:
    title, description, location, all_day, recurring, status, organiser, attendees, *rest = words
    sequence, modified, aliases, *free = rest
    host = None if organiser is None else _read_attendee(organiser)
    guests = tuple(map(_read_attendee, attendees))
    changed = None if modified is None else from_microseconds(modified)
    for original, start, end in times:
        yield Meeting(
            uid=uid,
            original=None if original is None else from_microseconds(original),
            calendars=calendars,
            title=title,
            start=from_microseconds(start or 0),
            end=from_microseconds(end or 0),
            description=description,
            location=location,
            all_day=bool(all_day),
            recurring=bool(recurring),
            status=_STATES[status],
            organiser=host,
            attendees=guests,
            sequence=sequence,
            modified=changed,
            free=bool(free),
            aliases=tuple(aliases),
        )
