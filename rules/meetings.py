"""One meeting out of its copies: the same UID in two calendars, one event under two UIDs, a series that moved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING

from rules.attendance import everybody
from rules.marks import distrusted, marks_of, with_marks
from rules.model import Answer, Marks, Status, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rules.history import Record
    from rules.marks import Writers
    from rules.model import Attendee, Me, Meeting
    from rules.people import Directory

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
_STRENGTH = (Answer.NONE, Answer.TENTATIVE, Answer.DECLINED, Answer.ACCEPTED)
_UNKNOWN_SPACING = timedelta(days=1)


def merge(
    meetings: Iterable[Meeting], me: Me, directory: Directory, writers: Mapping[str, Writers] | None = None
) -> tuple[Meeting, ...]:
    """One meeting for each set of copies. The order of the copies does not matter.

    `writers` says of calendars who writes into them, and so whose marks are the user's.
    """
    who = writers or {}
    copies: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        copies[meeting.identity].append(meeting)
    singles = [_speaker(same, me, who) if len(same) > 1 else with_marks(same[0], me, who) for same in copies.values()]
    slots: dict[tuple[datetime, datetime], list[Meeting]] = defaultdict(list)
    for meeting in singles:
        slots[meeting.start, meeting.end].append(meeting)
    merged: list[Meeting] = []
    for together in slots.values():
        merged.extend(together if len(together) == 1 else _by_people(together, me, directory))
    return tuple(sorted(merged, key=lambda meeting: (meeting.start, meeting.end, meeting.identity)))


def _rank(meeting: Meeting) -> tuple[int, datetime, bool, str, str]:
    live = meeting.status is not Status.CANCELLED
    return meeting.sequence, meeting.modified or _LONG_AGO, live, *_place(meeting)


def _place(meeting: Meeting) -> tuple[str, str]:
    """Where a copy stands among its equals: by its calendar, and within one by all that it says."""
    return min(meeting.calendars), repr(meeting)


def _speaker(copies: Sequence[Meeting], me: Me, writers: Mapping[str, Writers]) -> Meeting:
    """The newest SEQUENCE, then LAST-MODIFIED speaks; on a tie a live copy does. Equals pool their answers."""
    best = max(copies, key=_rank)
    equal = [copy for copy in copies if _rank(copy)[:3] == _rank(best)[:3]]
    return replace(
        best,
        calendars=unique(sorted(name for copy in copies for name in copy.calendars)),
        attendees=_pooled(equal) if len(equal) > 1 else best.attendees,
        marks=_marks(copies, me, writers),
    )


def _marks(copies: Sequence[Meeting], me: Me, writers: Mapping[str, Writers]) -> Marks:
    """The newest copy that may be believed speaks; what others write into theirs is nothing, however new it is."""
    if not any("#" in copy.description for copy in copies):
        return Marks()
    believed = [copy for copy in copies if not distrusted(copy, me, writers)]
    return marks_of(max(believed, key=_rank).description) if believed else Marks()


def _pooled(copies: Iterable[Meeting]) -> tuple[Attendee, ...]:
    """Everybody on any of the copies, each with the firmest answer that one of them shows."""
    pool: dict[str, Attendee] = {}
    for copy in sorted(copies, key=_place):
        for attendee in copy.attendees:
            known = pool.get(attendee.email)
            if known is None or _STRENGTH.index(attendee.answer) > _STRENGTH.index(known.answer):
                pool[attendee.email] = attendee
    return tuple(pool.values())


def _by_people(together: Sequence[Meeting], me: Me, directory: Directory) -> Iterable[Meeting]:
    """Among meetings of the same start and end: those with the same people are one, under several UIDs."""
    groups: dict[object, list[Meeting]] = defaultdict(list)
    for meeting in together:
        people = everybody(meeting, me, directory)
        groups[people or meeting.identity].append(meeting)
    for same in groups.values():
        if len(same) == 1:
            yield same[0]
            continue
        live = [copy for copy in same if copy.status is not Status.CANCELLED]
        speaker = max(live or same, key=lambda copy: (_rank(copy)[:2], copy.identity))
        first, *others = sorted(same, key=lambda copy: copy.identity)
        yield replace(
            speaker,
            uid=first.uid,
            original=first.original,
            calendars=unique(sorted(name for copy in same for name in copy.calendars)),
            attendees=_pooled([speaker, *(copy for copy in live if copy is not speaker)]),
            aliases=tuple(copy.identity for copy in others),
            marks=reduce(or_, (copy.marks for copy in (first, *others))),
        )


def inherit(meetings: Sequence[Meeting], records: Iterable[Record]) -> tuple[Meeting, ...]:
    """Pass the identity of a drafted instance that is gone to the nearest instance of the same UID.

    When a whole series is shifted (or a single event becomes a series), every instance gets another
    original start; the one that was drafted must not be drafted again under its new name. Nearest means
    less than half the spacing of the series away.
    """
    present = {name for meeting in meetings for name in meeting.identities}
    gone: dict[str, dict[str, datetime]] = defaultdict(dict)
    taken: set[str] = set()
    for record in records:
        ref = record.meeting
        if ref is None or record.round:
            continue
        if present.isdisjoint(ref.identities):
            gone[ref.uid][ref.identities[0]] = _origin(ref.identities[0]) or ref.start
        taken.update(ref.identities)
    if not gone:
        return tuple(meetings)
    heirs: dict[str, list[str]] = defaultdict(list)
    series: dict[str, list[Meeting]] = defaultdict(list)
    for meeting in meetings:
        if meeting.uid in gone:
            series[meeting.uid].append(meeting)
    for uid, lost in gone.items():
        for heir, name in _nearest(series[uid], lost, taken):
            heirs[heir].append(name)
    return tuple(
        replace(meeting, aliases=(*meeting.aliases, *heirs[meeting.identity])) if meeting.identity in heirs else meeting
        for meeting in meetings
    )


def _origin(identity: str) -> datetime | None:
    stamp = identity.partition("\x1f")[2]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if stamp else None


def _nearest(instances: Sequence[Meeting], lost: dict[str, datetime], taken: set[str]) -> Iterable[tuple[str, str]]:
    """Pairs of (instance, lost identity), the closest first, each used once."""
    starts = sorted(meeting.original or meeting.start for meeting in instances)
    spacing = min((b - a for a, b in pairwise(starts) if b > a), default=_UNKNOWN_SPACING)
    free = [meeting for meeting in instances if taken.isdisjoint(meeting.identities)]
    pairs = sorted(
        (abs((meeting.original or meeting.start) - origin), meeting.identity, name)
        for meeting in free
        for name, origin in lost.items()
    )
    used: set[str] = set()
    for distance, heir, name in pairs:
        if distance * 2 < spacing and heir not in used and name not in used:
            used |= {heir, name}
            yield heir, name
