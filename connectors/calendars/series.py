"""A master and its changed occurrences (RFC 5545 section 3.8.4.4) to meetings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from connectors.base import Flaw
from connectors.calendars import recurrence
from connectors.calendars.attendees import attendees, organiser
from connectors.calendars.errors import TooCostly
from connectors.calendars.expand import Expansion
from connectors.calendars.lines import one_line
from connectors.calendars.parse import Event, Moment, Reader, first
from rules.model import Meeting, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from connectors.calendars.sheet import Group

MAX_INSTANCES = 1_500
MAX_A_DAY = 4
"""More meetings of one series in a window than both of these (the second for each day of it) are no meetings."""
_DAY = timedelta(days=1)
_STATUS = {"CANCELLED": Status.CANCELLED, "CANCELED": Status.CANCELLED, "TENTATIVE": Status.TENTATIVE}


@dataclass(frozen=True, slots=True)
class _Times:
    """When one occurrence is: `key` is its original start, None for an event that does not recur."""

    start: Moment
    end: Moment
    key: Moment | None


def read(group: Group, calendar: str, start: datetime, end: datetime, home: ZoneInfo) -> Expansion:
    """See `expand.expand`, which guards this in time and against confused libraries."""
    reader = Reader(group.uid, home)
    events = reader.events(group.text)
    build = _Builder(group.uid, calendar, home)
    master = max((event for event in events if event.recurrence is None), key=_newest, default=None)
    changed = [event for event in events if event.recurrence is not None]
    if master is None:
        # Lotus Notes invites to the rest of a series with one changed occurrence that carries all the dates.
        master = max(
            (event for event in changed if event.onwards and (event.rules or event.added)), key=_newest, default=None
        )
        changed = [event for event in changed if event is not master]
    if sum(event.recurrence is None for event in events) > 1:
        reader.flaws.append(Flaw(f"event {group.uid}: several events have this UID; the newest is taken"))
    if master is not None and not changed and not master.rules and not master.added:
        meeting = build.meeting(master, _Times(master.start, _end(master, master.start), None))
        inside = (meeting,) if _overlaps(meeting, start, end) else ()
        return Expansion(inside, recurring=False, span=(meeting.start, meeting.end), flaws=tuple(reader.flaws))
    every = _Series(group.uid, master, changed, home)
    meetings = []
    for event, times in every.between(start, end):
        meeting = build.meeting(event, times)
        if _overlaps(meeting, start, end):
            meetings.append(meeting)
    if len(meetings) > max(MAX_INSTANCES, (end - start).days * MAX_A_DAY):
        raise TooCostly(group.uid, f"it makes {len(meetings)} meetings, more than anybody holds in that time")
    meetings.sort(key=lambda meeting: meeting.start)
    return Expansion(tuple(meetings), recurring=True, span=every.span(), flaws=tuple(reader.flaws))


def _newest(event: Event) -> tuple[int, float]:
    modified = _modified(event)
    return _sequence(event), modified.timestamp() if modified else 0.0


def _sequence(event: Event) -> int:
    value = first(event.part, "SEQUENCE")
    return max(int(value), 0) if isinstance(value, int) else 0


def _modified(event: Event) -> datetime | None:
    value = first(event.part, "LAST-MODIFIED")
    when = value.dt if value is not None else None
    if not isinstance(when, datetime):
        return None
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _overlaps(meeting: Meeting, start: datetime, end: datetime) -> bool:
    if meeting.start == meeting.end:
        return start <= meeting.start < end
    return meeting.start < end and start < meeting.end


def _instant(moment: Moment, home: ZoneInfo) -> datetime:
    """A date is midnight in the user's zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(), home)
    return moment.astimezone(UTC)


def _later(moment: Moment, by: timedelta) -> Moment:
    """Days are days of the calendar, the rest is exact (RFC 5545 section 3.3.6)."""
    days = moment + timedelta(days=by.days)
    rest = by - timedelta(days=by.days)
    if not rest or not isinstance(days, datetime):
        return days
    return (days.astimezone(UTC) + rest).astimezone(days.tzinfo)


def _end(event: Event, start: Moment) -> Moment:
    """The end of the occurrence of an event that starts so; never before the start.

    Without DTEND and DURATION a date takes a day and a time takes no time (RFC 5545 section 3.6.1); with DTEND all
    instances take exactly as long as the first (section 3.8.5.3), with DURATION nominally so.
    """
    if event.end is None:
        return start if isinstance(start, datetime) else start + _DAY
    if isinstance(event.end, timedelta):
        end = _later(start, max(event.end, timedelta()))
    else:
        end = _as_long(event.start, event.end, start)
    return end if isinstance(start, datetime) else max(end, start + _DAY)


def _as_long(first_start: Moment, first_end: Moment, start: Moment) -> Moment:
    if isinstance(first_start, datetime) and isinstance(start, datetime):
        if not isinstance(first_end, datetime):
            first_end = datetime.combine(first_end, time(), first_start.tzinfo)
        length = max(first_end.astimezone(UTC) - first_start.astimezone(UTC), timedelta())
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    return start + max(recurrence.day_of(first_end) - recurrence.day_of(first_start), timedelta())


class _Series:
    """A master, if there is one, and what was changed in it."""

    def __init__(self, uid: str, master: Event | None, changed: list[Event], home: ZoneInfo) -> None:
        self.uid = uid
        self.master = master
        self.home = home
        self.changed: dict[Moment, Event] = {}
        for event in sorted(changed, key=_newest):
            if event.recurrence is not None:
                self.changed[self.key(event.recurrence)] = event
        self.onwards = sorted(
            ((key, event) for key, event in self.changed.items() if event.onwards), key=lambda pair: pair[0]
        )
        self.removed = frozenset(self.key(moment) for moment in master.removed) if master else frozenset()
        self.removed_days = frozenset(
            moment for moment in (master.removed if master else ()) if not isinstance(moment, datetime)
        )

    def key(self, moment: Moment) -> Moment:
        """What identifies an instance: its original start, as an instant, or as a date in an all-day series."""
        if self.master is not None and self.master.all_day:
            return recurrence.day_of(moment)
        if isinstance(moment, datetime):
            return moment.astimezone(UTC)
        if self.master is not None and isinstance(self.master.start, datetime):
            return datetime.combine(moment, self.master.start.timetz()).astimezone(UTC)
        return moment

    def between(self, start: datetime, end: datetime) -> Iterator[tuple[Event, _Times]]:
        """All occurrences that could overlap the window, and some more."""
        outdated = self.outdated()
        for key, event in self.changed.items():
            if key not in outdated and not self.gone(key, event.recurrence or event.start):
                yield event, _Times(event.start, _end(event, event.start), key)
        if self.master is None:
            return
        periods = {self.key(period.start): period.end for period in self.master.added if period.end is not None}
        slack = self.slack()
        for begins in recurrence.starts(self.master, self.uid, start - slack, end + slack):
            key = self.key(begins)
            if key in self.changed or self.gone(key, begins):
                continue
            event, moved = self.speaker(self.master, key, begins)
            ends = _end(event, moved)
            if key in periods:
                ends = self.period_end(periods[key], moved)
            yield event, _Times(moved, ends, key)

    def outdated(self) -> frozenset[Moment]:
        """Changed occurrences that are older than the master, and that the series has no longer.

        So it is when a series is cut short: programs leave behind what was changed after its new end.
        """
        if self.master is None:
            return frozenset()
        older = {key for key, event in self.changed.items() if _sequence(event) < _sequence(self.master)}
        if not older:
            return frozenset()
        since, until = _instant(min(older), self.home) - _DAY, _instant(max(older), self.home) + _DAY
        return frozenset(
            older - {self.key(begins) for begins in recurrence.starts(self.master, self.uid, since, until)}
        )

    def gone(self, key: Moment, begins: Moment) -> bool:
        """EXDATE names the instance; a date there takes all of that day."""
        if key in self.removed:
            return True
        if isinstance(begins, datetime) and self.master is not None and isinstance(self.master.start, datetime):
            return begins.astimezone(self.master.start.tzinfo).date() in self.removed_days
        return False

    def period_end(self, told: Moment | timedelta | None, begins: Moment) -> Moment:
        if isinstance(told, timedelta):
            return _later(begins, max(told, timedelta()))
        if isinstance(told, datetime) and isinstance(begins, datetime):
            return max(told, begins)
        return begins

    def speaker(self, master: Event, key: Moment, begins: Moment) -> tuple[Event, Moment]:
        """The event whose words and length the instance has, and its start: RANGE=THISANDFUTURE moves what follows."""
        for since, event in reversed(self.onwards):
            if since <= key and event.recurrence is not None:
                return event, self.moved(event.recurrence, event.start, begins)
        return master, begins

    def moved(self, old: Moment, new: Moment, begins: Moment) -> Moment:
        if isinstance(begins, datetime) and isinstance(old, datetime) and isinstance(new, datetime):
            zone = begins.tzinfo
            shift = new.astimezone(zone).replace(tzinfo=None) - old.astimezone(zone).replace(tzinfo=None)
            return begins + shift
        return begins + (recurrence.day_of(new) - recurrence.day_of(old))

    def slack(self) -> timedelta:
        """How far outside the window an instance may start that reaches into it."""
        longest = _DAY
        events = [event for event in (self.master, *self.changed.values()) if event is not None]
        for event in events:
            begins = _instant(event.start, self.home)
            longest = max(longest, _instant(_end(event, event.start), self.home) - begins)
            if event.onwards and event.recurrence is not None:
                longest = max(longest, abs(begins - _instant(event.recurrence, self.home)) + longest)
        for period in self.master.added if self.master else ():
            if period.end is not None:
                ends = self.period_end(period.end, period.start)
                longest = max(longest, _instant(ends, self.home) - _instant(period.start, self.home))
        return longest + _DAY

    def span(self) -> tuple[datetime, datetime | None]:
        events = [event for event in (self.master, *self.changed.values()) if event is not None]
        begins = min(_instant(event.start, self.home) for event in events)
        ends = [_instant(_end(event, event.start), self.home) for event in events]
        if self.master is not None:
            last = recurrence.last(self.master, self.uid)
            if last is None or self.onwards:
                return begins, None
            begins = min([begins, *(_instant(added.start, self.home) for added in self.master.added)])
            ends.append(_instant(last, self.home) + self.slack())
        return begins, max(ends)


class _Builder:
    """Makes the meetings of one group in one calendar."""

    def __init__(self, uid: str, calendar: str, home: ZoneInfo) -> None:
        self.uid = uid
        self.calendar = calendar
        self.home = home

    def meeting(self, event: Event, times: _Times) -> Meeting:
        begins = _instant(times.start, self.home)
        original = times.key
        if original is not None:
            original = original if isinstance(original, datetime) else datetime.combine(original, time(), UTC)
        return Meeting(
            uid=self.uid,
            original=original,
            calendars=(self.calendar,),
            title=one_line(event.text("SUMMARY")),
            start=begins,
            end=max(_instant(times.end, self.home), begins),
            description=event.text("DESCRIPTION"),
            location=one_line(event.text("LOCATION")),
            all_day=event.all_day,
            recurring=times.key is not None,
            status=_STATUS.get(event.text("STATUS").strip().upper(), Status.CONFIRMED),
            organiser=organiser(event.part),
            attendees=attendees(event.part),
            sequence=_sequence(event),
            modified=_modified(event),
            free=event.text("TRANSP").strip().upper() == "TRANSPARENT",
        )
