"""What was between the user and a person, and what is noted on them: for a brief before the next meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.model import Direction, Noted, Past

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rules.model import Person
    from rules.world import World

LAST = 5
"""So many of the last contacts; and the last of each kind, where it is not among them."""

MET, THEY_WROTE, YOU_WROTE = "you met", "they wrote", "you wrote"


def past(world: World, people: Sequence[Person], instant: datetime) -> tuple[tuple[Past, ...], ...]:
    """The last contacts with each of these people by this instant, the latest first."""
    return tuple(_last(world, world.directory.key(person.email), instant) for person in people)


def _last(world: World, key: str, instant: datetime) -> tuple[Past, ...]:
    known = sorted(_all(world, key, instant), key=lambda one: (one.at, one.how, one.what), reverse=True)
    chosen = known[:LAST]
    for how in (MET, THEY_WROTE, YOU_WROTE):
        chosen += [one for one in known if one.how == how][:1] if all(one.how != how for one in chosen) else []
    return tuple(chosen)


def _all(world: World, key: str, instant: datetime) -> Iterator[Past]:
    """A note of ours that was sent is in the ledger, and perhaps among the mails as well: it is told once."""
    for meeting in world.held.get(key, ()):
        if meeting.end <= instant:
            yield Past(meeting.end, MET, meeting.title)
    ours = {(record.sent, record.subject) for record in world.sent_to.get(key, ())}
    for at, subject in ours:
        if at is not None and at <= instant:
            yield Past(at, YOU_WROTE, subject)
    sent = {at for at, _ in ours}
    for mail in world.mails.get(key, ()):
        mine = mail.direction is Direction.OUT
        if mail.at <= instant and not (mine and (mail.at in sent or mail.message_id in world.our_mails)):
            yield Past(mail.at, YOU_WROTE if mine else THEY_WROTE, mail.subject)


def noted(world: World, people: Sequence[Person]) -> tuple[tuple[Noted, ...], ...]:
    """The notes on each of these people: what the address book says, then those of `afterword note`, oldest first."""
    return tuple(_notes(world, person) for person in people)


def _notes(world: World, person: Person) -> tuple[Noted, ...]:
    kept = [Noted(text, at) for at, text in world.notes.get(world.directory.key(person.email), ())]
    book = of_book(person.notes, frozenset(one.text for one in kept))
    return (*([Noted(book)] if book else []), *kept)


def of_book(notes: str, kept: frozenset[str]) -> str:
    """What the address book itself says: the notes that were kept stand below it, each as it was written."""
    while ending := next((text for text in sorted(kept) if notes == text or notes.endswith(f"\n{text}")), None):
        notes = notes[: -len(ending)].removesuffix("\n")
    return notes


def is_familiar(world: World, person: Person, instant: datetime) -> bool:
    """Whether there is something to tell of a person: known by a book, or met or written with by this instant."""
    key = world.directory.key(person.email)
    return person.known or world.last_contact(key, instant) is not None
