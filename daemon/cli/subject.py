"""What a user means by a title, a UID, a name or an address: a meeting, one that is gone, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING

from daemon.cli.who import near, one_of
from daemon.cli.wording import day, shorten
from daemon.failure import ExitCode, Failure
from rules.naming import folded_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date, datetime

    from daemon.sight import Sight
    from rules.history import MeetingRef, Record
    from rules.model import FollowUp, Meeting, Person
    from rules.world import World

_NEAR = 3
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """One of the three. `others` are the meetings that the same words may mean, the nearest to now first."""

    meeting: Meeting | None = None
    gone: MeetingRef | None = None
    person: Person | None = None
    others: tuple[Meeting, ...] = ()


def find(sight: Sight, people: Sequence[Person], what: str, on: date | None) -> Subject:
    """The meeting or the person that is meant; of several meetings the one that is nearest to now.

    A UID, an address or a whole title is taken before a name, and a name before some words of a title. `on` is the day
    of the meeting.

    Raises:
        Failure: there is none, with the nearest names; or there are several people (exit code 2).
    """
    return _Search(sight, people, what.strip(), on).run()


class _Search:
    def __init__(self, sight: Sight, people: Sequence[Person], what: str, on: date | None) -> None:
        assert sight.view is not None
        self.sight = sight
        self.world: World = sight.view.world
        self.people = people
        self.what = what
        self.words = folded_words(what)
        self.on = on

    def run(self) -> Subject:
        ways = (self._by_uid, self._by_address, self._by_title, self._by_name, self._by_words, self._by_part)
        found = next((subject for way in ways if self.what and (subject := way()) is not None), None)
        if found is not None:
            return found
        raise Failure(ExitCode.USAGE, f"no meeting and nobody is known by '{shorten(self.what, 60)}'", self._hint())

    def _by_uid(self) -> Subject | None:
        """By a UID; or by the id of a follow-up."""
        uid = self.what
        found = self._meetings(lambda one: uid in {name.partition("\x1f")[0] for name in one.identities})
        if found is not None:
            return found
        known: list[FollowUp | Record] = [*self.sight.planned, *self.sight.records]
        names = next((one.meeting.identities for one in known if one.id == uid.casefold() and one.meeting), ())
        held = next((self.world.by_identity[name] for name in names if name in self.world.by_identity), None)
        if held is not None:
            return Subject(held)
        return self._gone(lambda ref: ref.uid == uid or not set(names).isdisjoint(ref.identities))

    def _by_address(self) -> Subject | None:
        return self._person() if "@" in self.what and self.on is None else None

    def _by_title(self) -> Subject | None:
        wanted = " ".join(self.what.split()).casefold()

        def same(title: str) -> bool:
            return " ".join(title.split()).casefold() == wanted or (folded_words(title) == self.words != ())

        return self._meetings(lambda one: same(one.title)) or self._gone(lambda ref: same(ref.title))

    def _by_name(self) -> Subject | None:
        """By whole words of a name."""
        asked = set(self.words)
        whole = [person for person in self.people if asked and asked <= set(folded_words(person.name))]
        return self._person() if whole and self.on is None and self._is_a_name() else None

    def _is_a_name(self) -> bool:
        """Whether it is made of letters more than of signs: `(a+)+$` is no part of Dana."""
        return 2 * len("".join(self.words)) >= len("".join(self.what.split()))

    def _by_words(self) -> Subject | None:
        asked = set(self.words)

        def has(title: str) -> bool:
            return bool(asked) and asked <= set(folded_words(title))

        return self._meetings(lambda one: has(one.title)) or self._gone(lambda ref: has(ref.title))

    def _by_part(self) -> Subject | None:
        """By a part of a name, or of a title."""
        from rules.people import Directory  # noqa: PLC0415 - much is imported

        if not self._is_a_name():
            return None
        if self.on is None and Directory.of([[person] for person in self.people]).search(self.what):
            return self._person()
        part = "".join(self.words)
        return self._meetings(lambda one: bool(part) and part in "".join(folded_words(one.title)))

    def _person(self) -> Subject | None:
        if "@" in self.what and not any(self._is_at(person) for person in self.people):
            return None
        person = one_of(self.people, self.what)
        return Subject(person=person, others=self._named())

    def _is_at(self, person: Person) -> bool:
        return self.world.directory.key(self.what) == self.world.directory.key(person.email)

    def _named(self) -> tuple[Meeting, ...]:
        """The meetings whose title has the words by which a person was found."""
        asked = set(self.words)
        return self._sorted(one for one in self.world.merged if asked and asked <= set(folded_words(one.title)))

    def _meetings(self, is_meant: Callable[[Meeting], bool]) -> Subject | None:
        found = self._sorted(one for one in self.world.merged if is_meant(one))
        if found and self.on is not None:
            there = tuple(one for one in found if self._day(one.start) == self.on)
            if not there:
                raise self._another_day(found)
            found = there
        return Subject(found[0], others=found[1:]) if found else None

    def _gone(self, is_meant: Callable[[MeetingRef], bool]) -> Subject | None:
        """A meeting that only the ledger knows, for it is in no calendar any more."""
        refs = (record.meeting for record in self.sight.records if record.meeting is not None)
        gone = [ref for ref in refs if is_meant(ref) and self.world.by_identity.keys().isdisjoint(ref.identities)]
        gone = [ref for ref in gone if self.on is None or self._day(ref.start) == self.on]
        return Subject(gone=min(gone, key=lambda ref: abs(ref.start - self.sight.now))) if gone else None

    def _sorted(self, meetings: Iterable[Meeting]) -> tuple[Meeting, ...]:
        return tuple(sorted(meetings, key=lambda one: (_distance(one, self.sight.now), one.start, one.identity)))

    def _day(self, instant: datetime) -> date:
        return self.sight.almanac.day_of(instant)

    def _another_day(self, found: Sequence[Meeting]) -> Failure:
        assert self.on is not None
        today = self._day(self.sight.now)
        days = list(dict.fromkeys(self._day(one.start) for one in found))[:_NEAR]
        told = " or ".join(f"{day(one, today)} ({one.isoformat()})" for one in days)
        message = f"'{shorten(self.what, _LONGEST)}' is not on {day(self.on, today)}"
        return Failure(ExitCode.USAGE, message, f"The nearest to now: {told}.")

    def _hint(self) -> str:
        titles: dict[str, str] = {}
        for meeting in self.world.merged:
            titles.setdefault(meeting.title.casefold(), shorten(meeting.title, _LONGEST))
        written = get_close_matches(self.what.casefold(), [title for title in titles if title], n=_NEAR)
        meant = [*(f"'{titles[one]}'" for one in written), *near(self.people, self.what)]
        if meant:
            return f"Did you mean {' or '.join(meant)}?"
        return "Write a title as the calendar has it, some words of it, or its UID; `afterword people` shows everybody."


def _distance(meeting: Meeting, now: datetime) -> timedelta:
    """How far away the meeting is; one that is on is here."""
    return max(meeting.start - now, now - meeting.end, timedelta())
