"""Conditions x meeting x people -> a verdict with its reasons."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.attendance import Finding
from rules.domains import domain, organisation
from rules.greeting import called
from rules.language import AttendeeConditions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rules.attendance import Attendance
    from rules.language import Conditions, DurationConditions, PersonConditions, Rule
    from rules.model import Me, Meeting, Person

    Earlier = Callable[[Person, Meeting], bool]
    """Whether there was a meeting with this person before this one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule matches a meeting, for whom, and why (or why not)."""

    matches: bool
    people: tuple[Person, ...]
    findings: tuple[Finding, ...]


_READ = 10_000
"""Characters of a description that are looked through: nobody hides a word further down, and some patterns are slow."""
_NAMED = 4
"""So many people are named in a sentence."""
_ABOUT_PEOPLE = ("attendees", "person", "first_meeting")


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one set of conditions says: a finding for each condition that is given, and whom they choose."""

    findings: tuple[Finding, ...]
    people: tuple[Person, ...]


def is_expression(phrase: str) -> bool:
    """Whether the user wrote a regular expression: between slashes."""
    return len(phrase) > 1 and phrase.startswith("/") and phrase.endswith("/")


@lru_cache(maxsize=4096)
def _phrase(phrase: str) -> re.Pattern[str]:
    if is_expression(phrase):
        return re.compile(phrase[1:-1], re.IGNORECASE)
    words = r"\s+".join(re.escape(word) for word in unicodedata.normalize("NFC", phrase).split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=1 << 16)
def found(phrases: tuple[str, ...], text: str) -> str | None:
    """The first of the phrases that the text has, as whole words in any case; /…/ is a regular expression."""
    normal = as_read(text)
    for phrase in phrases:
        if expressed(phrase, text) if is_expression(phrase) else _phrase(phrase).search(normal):
            return phrase
    return None


@lru_cache(maxsize=1 << 16)
def expressed(expression: str, text: str) -> bool:
    """Whether the text has what the user's regular expression describes.

    A hostile text can make one take for ever. Who asks here first, with a limit of time, spares `found` the work.
    """
    return _phrase(expression).search(as_read(text)) is not None


def as_read(text: str) -> str:
    """What is looked through of a text: its beginning, in one of several ways to write the same letters (NFC)."""
    text = text[:_READ]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _words(name: str, phrases: tuple[str, ...], text: str) -> Finding:
    hit = found(phrases, text)
    if hit is not None:
        return Finding(name, holds=True, why=f"the {name} has '{hit}'")
    seen = " ".join(text.split())
    seen = f"it is '{seen[:60]}{'…' if len(seen) > 60 else ''}'" if seen else "it is empty"  # noqa: PLR2004 - fits a line
    return Finding(name, holds=False, why=f"the {name} has none of {', '.join(phrases)}: {seen}")


def _external(person: Person, me: Me) -> bool:
    mine = {organisation(email) for email in me.emails} - {None}
    return domain(person.email) not in mine


def _counted(conditions: AttendeeConditions, attendance: Attendance) -> Finding:
    count = len(attendance.people)
    enough = count >= conditions.at_least
    few = conditions.at_most is None or count <= conditions.at_most
    people = "1 person" if count == 1 else f"{count} people"
    limit = f"at least {conditions.at_least}" if not enough else f"at most {conditions.at_most}"
    return Finding("attendees", enough and few, people if enough and few else f"{people}, wanted {limit}")


def _without(kept: str) -> dict[str, None]:
    """An update that leaves only one of the conditions on people."""
    return dict.fromkeys(name for name in _ABOUT_PEOPLE if name != kept)


def numbered(conditions: AttendeeConditions | None) -> bool:
    """Whether the user gave a number: in `unless`, the default of at least one person excludes nothing."""
    return conditions is not None and not conditions.model_fields_set.isdisjoint({"at_least", "at_most"})


def suits(person: Person, conditions: PersonConditions) -> bool:
    """Whether the person is one whom the rule's `person` chooses."""
    tags = {tag.casefold() for tag in person.tags}
    if conditions.tag and not tags & {tag.casefold() for tag in conditions.tag}:
        return False
    if conditions.email and not any(
        fnmatch.fnmatchcase(email, pattern.strip().casefold())
        for email in person.emails
        for pattern in conditions.email
    ):
        return False
    return conditions.known is None or conditions.known is person.known


class Wanted:
    """Whom a rule's `person` chooses; each person is asked about once."""

    def __init__(self, conditions: PersonConditions | None) -> None:
        self._conditions = conditions
        self._known: dict[str, bool] = {}

    def among(self, attendance: Attendance) -> bool:
        """Whether one of these people is wanted."""
        return self._conditions is None or any(map(self._is_one, attendance.people))

    def _is_one(self, person: Person) -> bool:
        if person.email not in self._known:
            self._known[person.email] = self._conditions is None or suits(person, self._conditions)
        return self._known[person.email]


def _lasting(conditions: DurationConditions, meeting: Meeting) -> Finding:
    length = meeting.end - meeting.start
    minutes = int(length.total_seconds() // 60)
    if conditions.at_least is not None and length < conditions.at_least.roughly:
        return Finding("duration", holds=False, why=f"{minutes} minutes, wanted at least {conditions.at_least}")
    if conditions.at_most is not None and length > conditions.at_most.roughly:
        return Finding("duration", holds=False, why=f"{minutes} minutes, wanted at most {conditions.at_most}")
    return Finding("duration", holds=True, why=f"{minutes} minutes")


def _asked_of(conditions: PersonConditions) -> str:
    """What the rule's `person` asks, as what somebody is or is not."""
    words = []
    if conditions.tag:
        words.append(f"tagged {' or '.join(conditions.tag)}")
    if conditions.email:
        words.append(f"at {' or '.join(conditions.email)}")
    if conditions.known is not None:
        words.append("in an address book" if conditions.known else "in no address book")
    return " and ".join(words) or "anybody"


def _shown(conditions: PersonConditions) -> Callable[[Person], str]:
    """How to name somebody, with what the rule's `person` looks at."""
    if conditions.tag:
        return lambda person: f"{called(person)} ({', '.join(person.tags) or 'no tags'})"
    return _address if conditions.email else called


def _address(person: Person) -> str:
    return person.email


def _nobody(wanted: str, people: Sequence[Person], shown: Callable[[Person], str]) -> str:
    """That none of these people is what is wanted."""
    if len(people) == 1:
        return f"{shown(people[0])} is not {wanted}"
    more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
    return f"nobody is {wanted}: {', '.join(map(shown, people[:_NAMED]))}{more}" if people else f"nobody is {wanted}"


def _flag(name: str, wanted: object, *, seen: bool, words: tuple[str, str]) -> Finding:
    return Finding(name, wanted == "any" or wanted is seen, words[0] if seen else words[1])


def _organiser(meeting: Meeting) -> str:
    return called(meeting.organiser) if meeting.organiser is not None else "somebody else"


def _of_the_meeting(conditions: Conditions, meeting: Meeting, attendance: Attendance) -> Iterator[Finding]:
    if conditions.calendar:
        here = set(meeting.calendars) & set(conditions.calendar)
        wanted = "" if here else f", wanted {' or '.join(conditions.calendar)}"
        yield Finding("calendar", bool(here), f"it is in {', '.join(meeting.calendars)}{wanted}")
    for name in ("title", "description", "location"):
        if phrases := getattr(conditions, name):
            yield _words(name, phrases, getattr(meeting, name))
    if conditions.duration is not None:
        yield _lasting(conditions.duration, meeting)
    if conditions.organiser is not None:
        yield Finding(
            "organiser",
            (conditions.organiser == "me") is attendance.mine,
            "you organised it" if attendance.mine else f"{_organiser(meeting)} organised it",
        )
    if conditions.recurring is not None:
        words = ("it is one of a series", "it is not one of a series")
        yield _flag("recurring", conditions.recurring, seen=meeting.recurring, words=words)
    if conditions.all_day is not None:
        words = ("it lasts all day", "it does not last all day")
        yield _flag("all_day", conditions.all_day, seen=meeting.all_day, words=words)


def _of_the_people(
    conditions: Conditions,
    meeting: Meeting,
    attendance: Attendance,
    me: Me,
    earlier: Earlier,
    *,
    among: tuple[Person, ...] | None = None,
) -> _Choice:
    people = attendance.people if among is None else among
    findings: list[Finding] = []

    def choose(name: str, wanted: str, keep: Callable[[Person], bool], shown: Callable[[Person], str] = called) -> None:
        nonlocal people
        kept = tuple(person for person in people if keep(person))
        why = ", ".join(map(called, kept[:_NAMED])) if kept else _nobody(wanted, people, shown)
        findings.append(Finding(name, bool(kept), why))
        people = kept

    attendees = conditions.attendees
    if attendees is not None:
        findings.append(_counted(attendees, attendance))
        if attendees.external is not None:
            wanted = "outside your own mail domains" if attendees.external else "inside your own mail domains"
            choose("external", wanted, lambda person: _external(person, me) is attendees.external, _address)
    if (of := conditions.person) is not None:
        choose("person", _asked_of(of), lambda person: suits(person, of), _shown(of))
    if (first := conditions.first_meeting) is not None:
        wanted = "new to you" if first else "known to you from an earlier meeting"
        choose("first_meeting", wanted, lambda person: earlier(person, meeting) is not first)
    return _Choice(tuple(findings), people)


def _choose(  # noqa: PLR0917 - what `match` is given
    conditions: Conditions,
    meeting: Meeting,
    attendance: Attendance,
    me: Me,
    earlier: Earlier,
    among: tuple[Person, ...] | None,
) -> _Choice:
    of_people = _of_the_people(conditions, meeting, attendance, me, earlier, among=among)
    return _Choice((*_of_the_meeting(conditions, meeting, attendance), *of_people.findings), of_people.people)


@lru_cache(maxsize=1024)
def complete(when: Conditions) -> Conditions:
    """What `when` means where it says nothing: no series, no all-day events, somebody there."""
    return when.model_copy(
        update={
            "recurring": False if when.recurring is None else when.recurring,
            "all_day": False if when.all_day is None else when.all_day,
            "attendees": when.attendees or AttendeeConditions(),
        }
    )


def may_match(rule: Rule, meeting: Meeting) -> bool:
    """False only where `match` would say no: the title has none of the words, or the kind of event is another."""
    when = rule.when
    if when.title and found(when.title, meeting.title) is None:
        return False
    kinds = ((when.recurring, meeting.recurring), (when.all_day, meeting.all_day))
    return all(wanted == "any" or bool(wanted) is seen for wanted, seen in kinds)


def match(
    rule: Rule,
    meeting: Meeting,
    attendance: Attendance,
    me: Me,
    earlier: Earlier,
    *,
    among: tuple[Person, ...] | None = None,
) -> Verdict:
    """Whether the rule matches, whom it writes to, and each condition with what was seen.

    The gates of `attendance` are not asked: a cancelled meeting can match. With `among`, some of the people of
    `attendance`, whether it writes to any of these: only the choice is narrower, everybody is still counted.
    """
    chosen = _choose(complete(rule.when), meeting, attendance, me, earlier, among)
    findings = chosen.findings
    if rule.unless is not None:
        # Each of its conditions is asked about everybody: one excludes whatever the others say.
        alone = (rule.unless.model_copy(update=_without(name)) for name in _ABOUT_PEOPLE)
        exclusions = [
            *_of_the_meeting(rule.unless, meeting, attendance),
            *(found for one in alone for found in _of_the_people(one, meeting, attendance, me, earlier).findings),
        ]
        counted = numbered(rule.unless.attendees)
        findings += tuple(
            Finding(f"unless {one.condition}", not one.holds, one.why)
            for one in exclusions
            if counted or one.condition != "attendees"
        )
    writable = tuple(person for person in chosen.people if not person.do_not_contact)
    if chosen.people and not writable:
        whom = called(chosen.people[0]) if len(chosen.people) == 1 else "everybody it would go to"
        findings += (Finding("do_not_contact", holds=False, why=f"{whom} is marked do_not_contact"),)
    return Verdict(bool(writable) and all(finding.holds for finding in findings), writable, findings)
