"""What a template sees of people, meetings and times: clean text, worded for the reader, in the user's zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from rules import cleaning
from rules.greeting import GAP, first_name, full_name
from rules.sandbox import Absent
from rules.words import Wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.model import Debt, FollowUp, Me, Meeting, Person

T = TypeVar("T")

NEAR = timedelta(days=5)
"""So close to the meeting its weekday names it, and goes on doing so for the day or two that a draft lies there."""

_FORMAT = 200
"""Characters of a `strftime` format that are read."""

_NAMED = re.compile(r"%[-_0^#]?([aAbBh%])")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom the note is worded: the language, the user's almanac, and the time of placing."""

    wording: Wording
    almanac: Almanac
    now: datetime

    @classmethod
    def of(cls, language: str, almanac: Almanac, now: datetime) -> Reader:
        return cls(Wording.of(language), almanac, now)


class Words(tuple[str, ...]):  # noqa: SLOT001 - a tuple with an attribute of its own cannot have slots
    """Texts that write themselves out as `Dana, Ana and Lee`."""

    wording: Wording

    def __new__(cls, items: Iterable[str], wording: Wording) -> Self:
        words = super().__new__(cls, items)
        words.wording = wording
        return words

    def __str__(self) -> str:
        return self.wording.listed(self)


@dataclass(frozen=True, slots=True)
class PersonView:
    """`person` in a template."""

    first_name: str
    name: str
    email: str
    organisation: str
    tags: Words
    language: str
    notes: str
    owed: Promises
    history: tuple[PastView, ...]
    noted: tuple[NoteView, ...]

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class MeView:
    """`me` in a template; `email` is the address that the note comes from."""

    name: str
    email: str
    signature: str

    @classmethod
    def of(cls, me: Me, sender: str) -> MeView:
        email = sender or (me.emails[0] if me.emails else "")
        return cls(full_name(me.name), cleaning.line(email, cleaning.ADDRESS), cleaning.prose(me.signature))

    def __str__(self) -> str:
        return self.name


class People(tuple[PersonView, ...]):  # noqa: SLOT001 - see `Words`
    """`people` in a template: all of them; written out, their first names as `Dana, Ana and Lee`."""

    names: Words
    first_names: Words

    def __str__(self) -> str:
        return str(self.first_names)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a template, in the user's zone; `until` is the end of what begins then, from which `when` counts."""

    instant: datetime
    reader: Reader
    until: datetime

    @property
    def _local(self) -> datetime:
        return self.reader.almanac.local(self.instant)

    @property
    def year(self) -> int:
        return self._local.year

    @property
    def month(self) -> int:
        return self._local.month

    @property
    def day(self) -> int:
        return self._local.day

    @property
    def hour(self) -> int:
        return self._local.hour

    @property
    def minute(self) -> int:
        return self._local.minute

    @property
    def weekday(self) -> str:
        """`Tuesday`."""
        return self.reader.wording.weekday(self._local)

    @property
    def date(self) -> str:
        """`3 March 2026`."""
        return self.reader.wording.day_and_month(self._local, year=True)

    @property
    def time(self) -> str:
        """`15:00`."""
        return f"{self._local:%H:%M}"

    @property
    def when(self) -> str:
        """`on Tuesday` within five days, before or after; else `on 3 March`, with the year when it is another."""
        now = self.reader.now
        near = self.instant - now <= NEAR and now - self.until <= NEAR
        if near:
            return self.reader.wording.on_weekday(self._local, past=self.instant < now)
        other_year = self._local.year != self.reader.almanac.local(now).year
        return self.reader.wording.on_date(self._local, year=other_year)

    def isoformat(self) -> str:
        """ISO 8601 with offset."""
        return self._local.isoformat(timespec="seconds")

    def strftime(self, form: str) -> str:
        """As `datetime.strftime`, with the names of days and months in the reader's language.

        Raises:
            ValueError: the format is too long, or not one.
        """
        if len(form) > _FORMAT:
            raise ValueError("the format of a time is too long")
        return self._local.strftime(_NAMED.sub(self._named, form))

    def _named(self, found: re.Match[str]) -> str:
        names = {"a": self._short("days"), "A": self.weekday, "b": self._short("months"), "h": self._short("months")}
        names["B"] = self.reader.wording.month(self._local)
        return names.get(found[1], "%").replace("%", "%%")

    def _short(self, what: str) -> str:
        return self.reader.wording.short(self._local, what)

    def __str__(self) -> str:
        """`Tuesday 3 March 2026, 15:00`."""
        return f"{self.reader.wording.full_date(self._local)}, {self.time}"


class Contact(Moment):
    """`last_contact` in a template: written out, `on Tuesday` or `on 3 March`."""

    def __str__(self) -> str:
        return self.when


@dataclass(frozen=True, slots=True)
class MeetingView:
    """`meeting` and `next_meeting` in a template."""

    title: str
    start: Moment
    end: Moment
    location: str

    @property
    def when(self) -> str:
        """`on Tuesday`, or `on 3 March`: the day on which it begins, for the user."""
        return self.start.when

    @property
    def weekday(self) -> str:
        """`Tuesday`."""
        return self.start.weekday

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True, slots=True)
class PromiseView:
    """Something that is owed, in a template; `since` is the end of the meeting at which it was promised."""

    text: str
    since: Moment

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class PastView:
    """A contact in `person.history`; written out, in English: `3 March 2026: you met, 'Coffee with Dana'`."""

    how: str
    what: str
    at: Moment

    def __str__(self) -> str:
        return f"{self.at.date}: {self.how}" + (f", '{self.what}'" if self.what else "")


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note in `person.noted`; written out, `3 March 2026: plays the cello`. That of an address book has no date."""

    text: str
    at: Moment | Absent

    def __str__(self) -> str:
        return f"{self.at.date}: {self.text}" if isinstance(self.at, Moment) else self.text


class Promises(tuple[PromiseView, ...]):  # noqa: SLOT001 - see `Words`
    """`owed` in a template: written out, `send the paper and ask Lee`."""

    wording: Wording

    def __str__(self) -> str:
        return self.wording.listed([one.text for one in self])


def gap(text: str) -> str:
    """A visible place for the user to fill: `[[text]]`.

    Raises:
        TypeError: the text is none, so that nobody could know what to fill in.
    """
    said = cleaning.line(str(text)).replace("[[", "").replace("]]", "").strip()
    if not isinstance(text, str) or not said:
        raise TypeError('a gap says what is missing, as in gap("the idea that stayed with me")')
    return f"[[{said}]]"


def people_view(follow_up: FollowUp, reader: Reader) -> People:
    """The people of a follow-up; when there is nobody, one of whom nothing is known."""
    views = [_person_view(one, reader, follow_up, at) for at, one in enumerate(follow_up.people)]
    nobody = PersonView(GAP, GAP, "", "", Words((), reader.wording), "", "", promises_view((), reader), (), ())
    seen = People(views or [nobody])
    seen.names = Words((one.name for one in seen), reader.wording)
    seen.first_names = Words((one.first_name for one in seen), reader.wording)
    return seen


def promises_view(debts: Iterable[Debt], reader: Reader) -> Promises:
    """What is owed."""
    seen = Promises(PromiseView(cleaning.line(one.text), Moment(one.since, reader, one.since)) for one in debts)
    seen.wording = reader.wording
    return seen


def _of_them(several: Sequence[Sequence[T]], at: int) -> Sequence[T]:
    return several[at] if at < len(several) else ()


def _person_view(person: Person, reader: Reader, follow_up: FollowUp, at: int) -> PersonView:
    return PersonView(
        first_name(person.name),
        full_name(person.name),
        cleaning.line(person.emails[0] if person.emails else "", cleaning.ADDRESS),
        cleaning.line(person.organisation),
        Words((cleaning.line(tag, cleaning.NAME) for tag in person.tags), reader.wording),
        cleaning.line(person.language, cleaning.NAME),
        cleaning.prose(person.notes),
        promises_view(_of_them(follow_up.debts, at), reader),
        tuple(
            PastView(one.how, cleaning.line(one.what), Moment(one.at, reader, one.at))
            for one in _of_them(follow_up.past, at)
        ),
        tuple(
            NoteView(cleaning.prose(one.text), Moment(one.at, reader, one.at) if one.at else Absent("date"))
            for one in _of_them(follow_up.noted, at)
        ),
    )


def meeting_view(meeting: Meeting | None, reader: Reader, what: str) -> MeetingView | Absent:
    """The meeting, or what stands for there being none."""
    if meeting is None:
        return Absent(what)
    return MeetingView(
        cleaning.line(meeting.title),
        Moment(meeting.start, reader, meeting.end),
        Moment(meeting.end, reader, meeting.end),
        cleaning.line(meeting.location),
    )
