"""What the next weeks hold, person by person: meetings, notes to be drafted, what is held back, drafts that wait."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING

from daemon.forthcoming import reasons, until
from daemon.outlook import everybody
from daemon.present import held, is_stale
from daemon.review.card import card
from daemon.review.keys import person_path
from daemon.review.timeline import Item, Kind
from daemon.sight import drafted_at
from rules.cleaning import SUBJECT, line
from rules.greeting import called
from rules.history import OPEN, State
from rules.moments import brief, moment
from rules.sandbox import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from daemon.sight import Sight
    from rules.history import Record
    from rules.model import FollowUp, Meeting, Person, Recipient

KINDS = {
    Kind.MEETING: "Meeting",
    Kind.NOTE: "Note to be drafted",
    Kind.HELD: "Note held back",
    Kind.SNOOZED: "Snoozed note",
    Kind.DRAFT: "Draft that waits in Drafts",
}
_NAMES = 3
_WHY = 600
ME = ""
"""The key of the row for notes that are for the user alone, and about nobody."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with all that is said of it; every text is one clean line.

    `at` is when it takes place, or is drafted; a draft has been, and a note that is held back without an end has none.
    `keys` are the people in whose rows it stands.
    """

    id: str
    kind: Kind
    at: datetime | None
    title: str
    who: str
    when: str
    href: str
    keys: tuple[str, ...]
    words: tuple[str, ...] = ()
    label: str = ""
    until: datetime | None = None
    since: datetime | None = None
    by: datetime | None = None
    late: bool = False

    @property
    def name(self) -> str:
        """All of it in one sentence, for those who hear it."""
        of = f"with {self.who}" if self.kind is Kind.MEETING else self.who
        step = "" if self.label == self.title else self.label
        parts = (f"{KINDS[self.kind]}: {self.title}", of, step, self.when, *self.words)
        return "; ".join(part for part in parts if part)

    @property
    def item(self) -> Item:
        """As it is drawn."""
        return Item(self.id, self.kind, self.at, self.label, self.until, self.since, self.by)


@dataclass(frozen=True, slots=True)
class Strand:
    """The entries of one person, the first to come first."""

    key: str
    name: str
    href: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """Something that is not put into words yet, since most of what there is may never be shown."""

    near: datetime
    id: str
    keys: tuple[str, ...]
    word: Callable[[], Entry]


@dataclass(frozen=True)
class Entries:
    """All that `sight` shows up to `horizon`."""

    sight: Sight
    horizon: datetime

    def people(self) -> tuple[str, ...]:
        """The keys of everybody for whom something is coming; those for whom it is nearest first."""
        found = self._by_person
        return tuple(sorted(found, key=lambda key: (found[key][0].near, self.name_of(key).casefold(), key)))

    def strand(self, key: str) -> Strand:
        """What is coming for this person."""
        entries = tuple(found.word() for found in self._by_person[key])
        return Strand(key, self.name_of(key), "/" if key == ME else person_path(key), entries)

    @cached_property
    def _by_person(self) -> dict[str, list[_Found]]:
        by_person: dict[str, list[_Found]] = defaultdict(list)
        for found in sorted(self._all(), key=lambda one: (one.near, one.id)):
            for key in found.keys:
                by_person[key].append(found)
        return by_person

    def name_of(self, key: str) -> str:
        """What to call the person."""
        return "For you" if key == ME else self._names.get(key) or line(key)

    def _all(self) -> Iterator[_Found]:
        """Near is by when it asks for something: a deadline, else when it comes; what only waits comes last."""
        assert self.sight.view is not None
        world, now = self.sight.view.world, self.sight.now
        for record in self.sight.records:
            if record.state in OPEN and not is_stale(record, now):
                keys = self._keys(one.email for one in (() if record.to_me else record.to))
                yield _Found(record.by or self.horizon, record.id, keys, partial(self._draft, record, keys))
        for follow_up in until(self.sight, self.horizon):
            near = self.horizon if follow_up.is_stuck else drafted_at(follow_up, now)
            yield _Found(near, follow_up.id, self._concerned(follow_up), partial(self.note, follow_up))
        for meeting in world.between(world.start, self.horizon):
            attendance = world.attendances[meeting.identity]
            if meeting.end > now and attendance.held:
                keys = self._keys(one.email for one in attendance.people)
                told = partial(self._meeting, meeting, attendance.people, keys)
                yield _Found(meeting.start, meeting.identity, keys, told)

    def _concerned(self, follow_up: FollowUp) -> tuple[str, ...]:
        return self._keys(one.email for one in (follow_up.people if follow_up.to_me else follow_up.recipients))

    def _draft(self, record: Record, keys: tuple[str, ...]) -> Entry:
        sight, told = self.sight, card(record, self.sight.almanac, self.sight.now)
        placed = f"in Drafts since {moment(record.placed, sight.almanac, sight.now)}" if record.placed else "in Drafts"
        return Entry(
            id=f"d-{record.id}",
            kind=Kind.DRAFT,
            at=sight.now,
            title=told.subject,
            who="for you" if record.to_me else f"to {told.who}",
            when=told.time,
            href=draft_path(record.id),
            keys=keys,
            words=(line(record.why, _WHY), placed),
            label=record.step,
            by=record.by,
            late=record.by is not None and record.by <= sight.now,
        )

    def follow_up(self, id_: str) -> FollowUp:
        """The one of this id, of those that are coming."""
        return self._follow_ups[id_]

    def note(self, follow_up: FollowUp) -> Entry:
        """One that is still to be drafted."""
        sight = self.sight
        almanac, now, hold = sight.almanac, sight.now, follow_up.hold
        kind, since = Kind.NOTE, None
        if hold is not None:
            kind, since = Kind.HELD, follow_up.due
        elif self._is_snoozed(follow_up.id):
            kind = Kind.SNOOZED
        at = None if follow_up.is_stuck else drafted_at(follow_up, now)
        due = moment(follow_up.due, almanac, now)
        when = held(hold, almanac, now) if hold is not None else ("due now" if at is not None and at <= now else due)
        return Entry(
            id=f"f-{follow_up.id}",
            kind=kind,
            at=at,
            title=self._subject(follow_up) or line(follow_up.step),
            who="for you" if follow_up.to_me else f"to {_names(follow_up.recipients)}",
            when=line(f"snoozed until {due}" if kind is Kind.SNOOZED else when, _WHY),
            href=f"/coming/{follow_up.id}",
            keys=self._concerned(follow_up),
            words=tuple(line(text, _WHY) for text in islice(reasons(follow_up, almanac, now), 1)),
            label=line(follow_up.step),
            since=since,
            by=follow_up.by,
            late=follow_up.by is not None and follow_up.by <= now,
        )

    def _is_snoozed(self, id_: str) -> bool:
        record = self._records.get(id_)
        return record is not None and record.state is State.SNOOZED

    @cached_property
    def _records(self) -> dict[str, Record]:
        return dict(self.sight.by_id)

    def _meeting(self, meeting: Meeting, people: Sequence[Person], keys: tuple[str, ...]) -> Entry:
        almanac, now = self.sight.almanac, self.sight.now
        when = f"{moment(meeting.start, almanac, now)} to {_end(self.sight, meeting)}"
        return Entry(
            id=f"m-{hashlib.sha256(meeting.identity.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}",
            kind=Kind.MEETING,
            at=meeting.start,
            title=line(meeting.title) or "(no title)",
            who=_names(people),
            when="all day, " + moment(meeting.start, almanac, now)[:-6] if meeting.all_day else when,
            href=person_path(keys[0]),
            keys=keys,
            words=(f"at {line(meeting.location)}",) if line(meeting.location) else (),
            label=line(meeting.title) or "(no title)",
            until=meeting.end,
        )

    def _keys(self, emails: Iterable[str]) -> tuple[str, ...]:
        assert self.sight.view is not None
        key = self.sight.view.world.directory.key
        return tuple(dict.fromkeys(map(key, emails))) or (ME,)

    @cached_property
    def _names(self) -> dict[str, str]:
        """What to call everybody, by key."""
        assert self.sight.view is not None
        return {key: line(called(one)) or line(one.email) for key, one in everybody(self.sight.view.world).items()}

    def _subject(self, follow_up: FollowUp) -> str:
        """The subject that the note would have; empty where its template does not work."""
        drafting = self.sight.drafting_of(follow_up)
        assert drafting is not None
        try:
            return line(drafting.note(follow_up).subject, SUBJECT)
        except TemplateFault:
            return ""

    @cached_property
    def _follow_ups(self) -> dict[str, FollowUp]:
        return {one.id: one for one in self.sight.planned}


def draft_path(id_: str) -> str:
    """Where the draft of a follow-up is opened."""
    return f"/draft/{id_}"


def _names(people: Iterable[Person | Recipient]) -> str:
    """`Dana Okafor, Lee Ito`; of many the first three, and how many more."""
    names = [line(called(one)) or line(one.email) for one in people]
    more = len(names) - _NAMES
    return f"{', '.join(names[:_NAMES])} and {more} more" if more > 1 else ", ".join(names)


def _end(sight: Sight, meeting: Meeting) -> str:
    """`16:00`; with the day where it is another."""
    local, ends = sight.almanac.local(meeting.start), sight.almanac.local(meeting.end)
    return f"{ends:%H:%M}" if local.date() == ends.date() else brief(meeting.end, sight.almanac, sight.now)
