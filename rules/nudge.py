"""Which deadlines to bring to the user's mind now, and when there is one to be brought to mind next."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from rules.history import OPEN
from rules.reminder import Deadline, Kind, worded
from rules.steps import letters_of_mine
from rules.withdraw import unwanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rules.almanac import Almanac
    from rules.history import Record, Told
    from rules.world import World

LEAD = timedelta(hours=4)
"""So long before its `by` a deadline is near."""

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_BACK = 60
"""Days that the last working hour is looked for: longer than any draft with a deadline has been lying there."""
_MORNING = 9 * 60


@dataclass(frozen=True, slots=True)
class Nudge:
    """One line for the user, about deadlines of drafts to one person, or to people who share a draft."""

    deadlines: tuple[Deadline, ...]
    line: str


@dataclass(frozen=True, slots=True)
class Nudges:
    """What to bring to mind now, and the instant at which there is something next (None: not as far as is known)."""

    now: tuple[Nudge, ...]
    next: datetime | None


def nudges(now: datetime, world: World, told: Iterable[Told]) -> Nudges:
    """The deadlines to bring to mind at `now`, of the drafts as `world` has them after this cycle's look.

    A deadline is near at `by` less four hours where that is a working hour, else at the beginning of the last
    working hour before. It is missed at `by`, until the note expires. Neither is told before the draft has lain there
    for an hour, or for half of what is left: whoever was just given a draft needs no word that it waits. Each is
    told once for a draft, and no person is spoken of twice on one day of the user: what that holds back comes the
    next morning, if it is still true. Pure, and the same whatever the order of the records.
    """
    memory = _Memory.of(world, [one for one in told if one.at <= now])  # a clock that was ahead told the rest
    coming = [
        one
        for record in world.history.records
        if _waits(record, now) and (one := _next(world, record, memory, now)) is not None and _presses(world, one, now)
    ]
    chosen = _together(coming, world, now)
    found = tuple(Nudge(deadlines, worded(deadlines, world.almanac, now)) for deadlines in chosen)
    taken = {deadline.record.id for deadlines in chosen for deadline in deadlines}
    ahead = [one.at for one in coming if one.deadline.record.id not in taken]
    return Nudges(found, min(ahead, default=None))


def near(by: datetime, almanac: Almanac) -> datetime:
    """When a deadline is near: four hours before, or at the beginning of the last working hour before that."""
    moment = by - LEAD
    if almanac.opening(almanac.working_hours, moment) == moment:
        return moment
    return _last_hour(moment, almanac) or moment


def _last_hour(before: datetime, almanac: Almanac) -> datetime | None:
    hours = almanac.working_hours
    today = almanac.day_of(before)
    for day in (today - number * _DAY for number in range(_BACK)):
        if day.weekday() not in hours.days or almanac.is_holiday(day):
            continue
        start = _at(day, hours.start, almanac)
        end = min(_at(day, hours.end, almanac), before)
        if start < end:
            return max(start, end - _HOUR)
    return None


def _at(day: date, minutes: int, almanac: Almanac) -> datetime:
    return almanac.instant(datetime.combine(day, time()) + timedelta(minutes=minutes))


@dataclass(frozen=True, slots=True)
class _Memory:
    """What was told: of each follow-up, and on which days of the user about each person."""

    almanac: Almanac
    told: Mapping[str, Sequence[Told]]
    days: Mapping[str, frozenset[date]]

    @classmethod
    def of(cls, world: World, told: Iterable[Told]) -> _Memory:
        subjects: dict[str, list[Told]] = defaultdict(list)
        days: dict[str, set[date]] = defaultdict(set)
        for one in told:
            subjects[one.subject].append(one)
            for key in world.keys(one.addresses):
                days[key].add(world.almanac.day_of(one.at))
        return cls(world.almanac, subjects, {key: frozenset(several) for key, several in days.items()})

    def kinds(self, record: Record) -> frozenset[str]:
        """What was told of the draft that lies there now; one made anew has a deadline of its own."""
        placed = record.placed or record.changed
        return frozenset(one.kind for one in self.told.get(record.id, ()) if one.at >= placed)

    def when(self, keys: frozenset[str], moment: datetime, now: datetime) -> datetime:
        """When what there is to say at `moment` may be said: not before `now`, and not on a day that is taken.

        What a day holds back waits for the next morning, and does not come with the first cycle after midnight.
        """
        at = self._free(keys, moment)
        return at if at > now else self._free(keys, now)

    def _free(self, keys: Iterable[str], moment: datetime) -> datetime:
        """The moment, or the beginning of work on the first day after it on which none of them was spoken of."""
        taken = frozenset[date]().union(*(self.days.get(key, frozenset()) for key in keys))
        day = self.almanac.day_of(moment)
        if day not in taken:
            return moment
        while day in taken:
            day += _DAY
        hours = self.almanac.working_hours
        return _at(day, _MORNING if hours.symbol else hours.start, self.almanac)


@dataclass(frozen=True, slots=True)
class _Coming:
    """The next thing to say of a draft, when, and about whom."""

    deadline: Deadline
    at: datetime
    keys: frozenset[str]

    def lies(self, now: datetime) -> bool:
        """Whether it could be said now that the deadline is near, though it is a little early."""
        placed = self.deadline.record.placed
        return self.deadline.kind is Kind.NEAR and placed is not None and placed <= now


def _lain(placed: datetime, end: datetime | None) -> datetime:
    """When a draft has lain there long enough to be spoken of, before `end`."""
    return placed + (_HOUR if end is None or end <= placed else min(_HOUR, (end - placed) / 2))


def _waits(record: Record, now: datetime) -> bool:
    """Whether a draft with a deadline was seen in Drafts, and is still worth sending."""
    lies = record.state in OPEN and record.absent_since is None
    return lies and record.by is not None and not record.to_me and (record.expires is None or now < record.expires)


def _next(world: World, record: Record, memory: _Memory, now: datetime) -> _Coming | None:
    by, placed = record.by, record.placed or record.changed
    assert by is not None
    keys = world.keys(record.addresses)
    kinds = memory.kinds(record)
    if not kinds:
        at = memory.when(keys, max(near(by, world.almanac), _lain(placed, by)), now)
        if at < by:
            return _Coming(Deadline(record, Kind.NEAR), at, keys)
    if Kind.MISSED in kinds:
        return None
    at = memory.when(keys, max(by, _lain(placed, record.expires)), now)
    if record.expires is not None and at >= record.expires:
        return None
    return _Coming(Deadline(record, Kind.MISSED), at, keys)


def _presses(world: World, coming: _Coming, now: datetime) -> bool:
    """Whether the note is still wanted as it is, and no other mail of mine to all of them took the press off."""
    record = coming.deadline.record
    if unwanted(world, record, now):
        return False
    since = record.placed or record.changed
    if record.meeting is not None:
        names = (name for name in record.meeting.identities if name in world.by_identity)
        meeting = next((world.by_identity[name] for name in names), None)
        since = record.meeting.end if meeting is None else meeting.end
    return not all(any(letters_of_mine(world, email, since, now)) for email in record.addresses)


def _together(coming: Sequence[_Coming], world: World, now: datetime) -> list[tuple[Deadline, ...]]:
    """What is due now, in one line for each person.

    What comes near later on the same day for somebody who is spoken of now is told now: later it could not be.
    """
    today = world.almanac.day_of(now)
    groups: list[list[_Coming]] = []
    for one in coming:
        if one.at <= now or (one.lies(now) and world.almanac.day_of(one.at) == today):
            touching = [group for group in groups if any(one.keys & other.keys for other in group)]
            groups = [group for group in groups if group not in touching]
            groups.append([one, *(other for group in touching for other in group)])
    chosen = [[one.deadline for one in group] for group in groups if any(one.at <= now for one in group)]
    ordered = (tuple(sorted(group, key=lambda one: (one.by, one.record.id))) for group in chosen)
    return sorted(ordered, key=lambda group: (group[0].by, group[0].record.id))
