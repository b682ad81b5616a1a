"""Who was at a meeting, and whether it counts: the gates that stand before every rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.model import Answer, Kind, Status, without_tag

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.model import Attendee, Me, Meeting, Person
    from rules.people import Directory


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition, whether it holds, and the value that was seen, in words."""

    condition: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who was there besides me, and the gates.

    `people` are those whom the conditions count; `sender` is the address of mine that was invited. A
    meeting that `counts` may be written about; it was `held` unless it is marked as a no-show.
    """

    people: tuple[Person, ...]
    mine: bool
    sender: str
    gates: tuple[Finding, ...]
    held: bool

    @property
    def counts(self) -> bool:
        """Whether every gate lets through."""
        return all(gate.holds for gate in self.gates)

    def lets(self, *conditions: str) -> bool:
        """Whether these gates let through, whatever the others say."""
        return all(gate.holds for gate in self.gates if gate.condition in conditions)


def marked(meeting: Meeting, mark: str) -> bool:
    """Whether the meeting has this mark: `#nofollow` and `#noshow` are whole words in the title or the description."""
    pattern = rf"(?<![\w#]){re.escape(mark)}(?![\w-])"
    texts = (meeting.title, meeting.description)
    return any(mark in text.casefold() and re.search(pattern, text, re.IGNORECASE) for text in texts)


def _is_me(email: str, me: Me) -> bool:
    return email in me.emails or without_tag(email) in me.emails


def is_mine(meeting: Meeting, me: Me) -> bool:
    """Whether I organised it: I am its organiser, or it has none."""
    return meeting.organiser is None or _is_me(meeting.organiser.email, me)


def _listed(meeting: Meeting) -> Iterator[Attendee]:
    """Attendees, and the organiser where he is not among them."""
    yield from meeting.attendees
    organiser = meeting.organiser
    if organiser is not None and all(organiser.email != attendee.email for attendee in meeting.attendees):
        yield organiser


def invited(meeting: Meeting, me: Me) -> tuple[Attendee, ...]:
    """Every human being on the list besides me, whatever they answered."""
    return tuple(a for a in _listed(meeting) if a.kind is Kind.PERSON and "@" in a.email and not _is_me(a.email, me))


def everybody(meeting: Meeting, me: Me, directory: Directory) -> frozenset[str]:
    """The keys of all people of a meeting, with those that a title names: for telling two copies of one meeting."""
    people = invited(meeting, me)
    if people:
        return frozenset(directory.key(attendee.email) for attendee in people)
    return frozenset(directory.key(person.email) for person in _named(meeting, me, directory))


def _named(meeting: Meeting, me: Me, directory: Directory) -> tuple[Person, ...]:
    """People whom a meeting of my own names in its title, or by address in its description."""
    if not is_mine(meeting, me):
        return ()
    mine = frozenset(me.emails)
    found = {person.email: person for person in directory.named_in(meeting.title, mine, me.name)}
    found |= {person.email: person for person in directory.addressed_in(meeting.description, mine)}
    return tuple(found.values())


def _present(meeting: Meeting, me: Me, directory: Directory) -> tuple[Person, ...]:
    listed = invited(meeting, me)
    if not listed:
        return _named(meeting, me, directory)
    people: dict[str, Person] = {}
    declined = {directory.key(attendee.email) for attendee in listed if attendee.answer is Answer.DECLINED}
    accepted = {directory.key(attendee.email) for attendee in listed if attendee.answer is Answer.ACCEPTED}
    for attendee in listed:
        key = directory.key(attendee.email)
        if key not in people and key not in declined - accepted:
            people[key] = directory.person(attendee)
    return tuple(people.values())


def my_answer(meeting: Meeting, me: Me) -> Attendee | None:
    """Me on the list of a meeting, with the firmest of my answers; None where I am not on it."""
    mine = [attendee for attendee in meeting.attendees if _is_me(attendee.email, me)]
    order = (Answer.ACCEPTED, Answer.DECLINED, Answer.TENTATIVE, Answer.NONE)
    return min(mine, key=lambda attendee: order.index(attendee.answer), default=None)


def _accepted(*, mine: bool, answer: Attendee | None) -> Finding:
    if answer is not None and answer.answer is Answer.DECLINED:
        return Finding("accepted", holds=False, why="you declined it")
    if mine:
        return Finding("accepted", holds=True, why="you organised it")
    if answer is None:
        return Finding("accepted", holds=False, why="somebody else organised it, and you are not among the attendees")
    words = {
        Answer.ACCEPTED: "you accepted it",
        Answer.TENTATIVE: "you answered 'maybe'",
        Answer.NONE: "you have not answered the invitation",
    }
    return Finding("accepted", answer.answer is Answer.ACCEPTED, words[answer.answer])


def attend(meeting: Meeting, me: Me, directory: Directory) -> Attendance:
    """Who was there and what the gates say."""
    organiser = meeting.organiser
    mine = is_mine(meeting, me)
    answer = my_answer(meeting, me)
    people = _present(meeting, me, directory)
    cancelled = meeting.status is Status.CANCELLED
    nofollow, noshow = marked(meeting, "#nofollow"), marked(meeting, "#noshow")
    gates = (
        Finding("not_cancelled", not cancelled, "it is cancelled" if cancelled else "it is not cancelled"),
        _accepted(mine=mine, answer=answer),
        Finding("counts", bool(people), "it has people besides you" if people else "it has nobody besides you"),
        Finding("nofollow", not nofollow, "it is marked #nofollow" if nofollow else "it is not marked #nofollow"),
    )
    invited_as = answer.email if answer else organiser.email if organiser and mine else me.emails[0]
    sender = next((email for email in me.emails if email in (invited_as, without_tag(invited_as))), me.emails[0])
    held = gates[0].holds and gates[1].holds and gates[2].holds and not noshow
    return Attendance(people, mine, sender, gates, held)
