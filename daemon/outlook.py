"""What is known of people: the last contact, the next note and why, and everything that was between us."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules import chains
from rules.history import OPEN, Record, State
from rules.model import Attendee, Direction, FollowUp
from rules.moments import day
from rules.past import of_book

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from daemon.sight import Sight
    from rules.contacts import Contact
    from rules.model import Person
    from rules.people import Directory
    from rules.world import World


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one person: `next` is the draft that waits, or what is planned; `why` says what of it."""

    key: str
    person: Person
    last: Contact | None
    how: str
    next: Record | FollowUp | None
    why: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that was between us: a `meeting`, a `mail` or a `follow_up`, in words.

    `theirs`: they wrote the mail. `record` is the follow-up as the ledger has it.
    """

    at: datetime
    kind: str
    words: str
    theirs: bool = False
    record: Record | None = None


def standings(sight: Sight) -> tuple[Standing, ...]:
    """Everybody known or met; those not contacted for longest first, those never contacted last."""
    assert sight.view is not None
    assert sight.plan is not None
    world = sight.view.world
    following = _following(sight, world)
    later, reasons = _chains(sight, world)
    found = []
    for key, person in everybody(world).items():
        last = world.last_contact(key, sight.now)
        coming = following.get(key) or later.get(key)
        why = coming.why if coming is not None else reasons.get(key) or _none(world, key, person)
        found.append(Standing(key, person, last, how(world, key, last), coming, why))
    return tuple(sorted(found, key=lambda one: (one.last is None, one.last.at if one.last else sight.now, one.key)))


def everybody(world: World) -> Mapping[str, Person]:
    """Each person once, by key: those of the books, those met or to be met, those written to; not me."""
    people = {world.directory.key(person.email): person for person in world.directory.people}
    for attendance in world.attendances.values():
        if attendance.held:
            for person in attendance.people:
                people.setdefault(world.directory.key(person.email), person)
    for record in world.history.records:
        if not record.to_me:
            for one in record.to:
                people.setdefault(world.directory.key(one.email), world.directory.person(Attendee(one.email, one.name)))
    mine = world.keys(world.me.emails)
    return {key: person for key, person in people.items() if key not in mine}


def how(world: World, key: str, contact: Contact | None) -> str:
    """`met`, `they wrote` or `you wrote`; "" where there was no contact."""
    if contact is None:
        return ""
    if contact.meeting is not None:
        return "met"
    letter = next((mail for mail in world.mails.get(key, ()) if mail.message_id == contact.anchor), None)
    theirs = contact.theirs if letter is None else letter.direction is Direction.IN
    return "they wrote" if theirs else "you wrote"


def _following(sight: Sight, world: World) -> Mapping[str, Record | FollowUp]:
    """The next note to each person: the draft that lies there, else the first that is planned."""
    following: dict[str, Record | FollowUp] = {}
    drafts = (record for record in sight.records if record.state in OPEN and not record.to_me)
    for record in sorted(drafts, key=lambda one: (one.by or one.due, one.id)):
        for key in world.keys(record.addresses):
            following.setdefault(key, record)
    planned = (one for one in sight.planned if not one.to_me)
    for follow_up in sorted(planned, key=lambda one: (_when(one), one.id)):
        for key in world.keys(recipient.email for recipient in follow_up.recipients):
            following.setdefault(key, follow_up)
    return following


def _when(follow_up: FollowUp) -> datetime:
    hold = follow_up.hold
    return max(follow_up.due, hold.until) if hold is not None and hold.until is not None else follow_up.due


def _chains(sight: Sight, world: World) -> tuple[Mapping[str, FollowUp], Mapping[str, str]]:
    """For those who are in a chain of a rule: the check-in after all that was looked at; or why none comes."""
    assert sight.plan is not None
    later: dict[str, FollowUp] = {}
    reasons: dict[str, str] = {}
    for chain in chains.chains(world):
        seen = chains.outlook(world, chain, sight.now, sight.plan.ages[chain.rule.id].since)
        if seen.wish is None and chain.key not in reasons:
            overdue = f" (due since {_day(seen.due, sight)})" if seen.due else ""
            reasons[chain.key] = f"{chain.step.id} of {chain.rule.id}: {seen.why}{overdue}"
        elif seen.wish is not None and not chains.bound_elsewhere(world, seen.wish, seen.last):
            wished, known = seen.wish.follow_up, later.get(chain.key)
            if wished.due > sight.now and (known is None or wished.due < known.due):
                later[chain.key] = wished
    return later, reasons


def _day(instant: datetime, sight: Sight) -> str:
    return day(sight.almanac.day_of(instant), sight.almanac.day_of(sight.now))


def _none(world: World, key: str, person: Person) -> str:
    if person.do_not_contact:
        return "is marked do_not_contact"
    if key not in world.held:
        return "no meeting with them is known"
    return "no rule asks for a note"


def between(sight: Sight, key: str) -> tuple[Moment, ...]:
    """Everything that was between us by now, the latest first."""
    return tuple(sorted(_moments(sight, key), key=lambda one: (one.at, one.kind), reverse=True))


def _moments(sight: Sight, key: str) -> Iterator[Moment]:
    assert sight.view is not None
    world = sight.view.world
    for meeting in world.held.get(key, ()):
        if meeting.end <= sight.now:
            yield Moment(meeting.end, "meeting", f"met: {meeting.title}")
    for mail in world.mails.get(key, ()):
        if mail.at <= sight.now:
            theirs = mail.direction is Direction.IN
            who = "they wrote" if theirs else "you wrote"
            yield Moment(mail.at, "mail", f"{who}: {mail.subject or '(no subject)'}", theirs)
    for record in sight.records:
        if record.state is not State.PLANNED and not record.to_me and key in world.keys(record.addresses):
            words = f"{record.step}, {record.state}: {record.subject or record.why}"
            yield Moment(min(record.sent or record.changed, sight.now), "follow_up", words, record=record)


def notes_on(
    kept: Iterable[tuple[str, datetime, str]], directory: Directory, person: Person
) -> list[tuple[datetime | None, str]]:
    """The notes that `afterword note` kept on a person, with their dates; before them that of the book, which has none.

    `kept` are those on everybody, as the ledger has them; `person` is as the books have them, with all notes.
    """
    key = directory.key(person.email)
    theirs = [(at, text) for address, at, text in kept if directory.key(address) == key]
    book = of_book(person.notes, frozenset(text for _, text in theirs))
    return [*([(None, book)] if book else []), *theirs]
