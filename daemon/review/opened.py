"""One draft with all that is known of it: the meeting, the people, their last mail, the notes, and why it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.where import place_of_rule
from connectors.content import content
from daemon.outlook import how, notes_on
from daemon.review.card import card, clean_name
from daemon.review.keys import path_by_email
from rules.cleaning import line, prose
from rules.greeting import called
from rules.history import State
from rules.model import Direction, Person
from rules.moments import day, moment
from rules.promises import open_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from config.where import Place
    from connectors.content import Content
    from daemon.ledger import Event, Ledger
    from daemon.review.card import Card
    from daemon.sight import Sight
    from rules.history import MeetingRef, Record
    from rules.model import Mail, Meeting, Recipient
    from rules.world import World

_WHY = 400


@dataclass(frozen=True, slots=True)
class Letter:
    """The head of a mail between us; a mail's body is never kept."""

    at: datetime
    subject: str
    when: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of somebody in the note. `wrote` is the last that they wrote, `mine` the last of the user's.

    `last` is the last contact in words (`Tue 3 March, met`), `notes` have the day on which they were kept, or "" where
    the address book has them. `owes` is what the user promised them.
    """

    name: str
    email: str
    organisation: str = ""
    tags: tuple[str, ...] = ()
    last: str = ""
    met: int = 0
    wrote: Letter | None = None
    mine: Letter | None = None
    notes: tuple[tuple[str, str], ...] = ()
    owes: tuple[str, ...] = ()
    path: str = ""
    """Where the page of this person is, where there is one."""
    coming: str = ""
    """The next meeting with them: `Coffee, Tue 10 March 15:00`."""


@dataclass(frozen=True, slots=True)
class Held:
    """The meeting of the note: what it was. `gone`: no calendar shows it any more."""

    title: str
    when: str
    minutes: int
    location: str = ""
    description: str = ""
    others: tuple[str, ...] = ()
    """Who else was there: the note is not for them."""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """One draft, for somebody who is about to make it theirs. All texts are clean, as those of a `Card` are.

    `why` is what asked for it, and `why_now` why at this time. `where` is the rule, with the file and the line; None
    where no rule asked for it, or it is gone. `placed` is what Afterword wrote; what lies in Drafts now may be another.
    """

    card: Card
    why: str
    why_now: str
    where: Place | None
    meeting: Held | None
    people: tuple[Known, ...]
    history: tuple[Event, ...]
    placed: Content | None


def opened(sight: Sight, ledger: Ledger, record: Record) -> Opened:
    """All that is known of this follow-up. Where `sight` has not looked at the calendars, what the ledger has.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    placed = ledger.message(record.id, record.revision)
    rule = record.rule
    folder = sight.house.configuration.folder if sight.house is not None else None
    return Opened(
        card(record, sight.almanac, sight.now),
        line(record.why, _WHY),
        "; ".join(_why_now(record, sight)),
        place_of_rule(folder, rule, record.step) if rule is not None and folder is not None else None,
        None if record.meeting is None else _held(record, record.meeting, sight),
        () if record.to_me else tuple(_known(one, sight, ledger) for one in record.to),
        tuple(event for event in ledger.events(record.id) if event.cause),
        None if placed is None else content(placed),
    )


def people_of(sight: Sight, record: Record) -> tuple[Person, ...]:
    """Whom the note is for, with all addresses that are known of each; nobody where that is the user."""
    if record.to_me:
        return ()
    if sight.view is None:
        return tuple(Person(to.name, (to.email,), known=False) for to in record.to)
    world = sight.view.world
    return tuple(_person(world, world.directory.key(to.email), to) for to in record.to)


def _why_now(record: Record, sight: Sight) -> Iterator[str]:
    almanac, now = sight.almanac, sight.now
    if record.snoozed_until is not None:
        yield f"you snoozed it until {moment(record.snoozed_until, almanac, now)}"
    else:
        yield f"due {moment(record.due, almanac, now)}"
    if record.placed is not None:
        yield f"laid into Drafts {moment(record.placed, almanac, now)}"
    if record.by is not None:
        was = "was to be" if record.by < now else "is to be"
        yield f"{was} on its way by {moment(record.by, almanac, now)}"
    if record.expires is not None and record.state in {State.PLACED, State.SNOOZED}:
        use = "reading" if record.to_me else "sending"
        still = f"no longer worth {use} since" if record.expires <= now else f"worth {use} until"
        yield f"{still} {moment(record.expires, almanac, now)}"


def _held(record: Record, ref: MeetingRef, sight: Sight) -> Held:
    world = sight.view.world if sight.view is not None else None
    names = world.by_identity if world is not None else {}
    meeting = next((names[name] for name in ref.identities if name in names), None)
    start, end = (ref.start, ref.end) if meeting is None else (meeting.start, meeting.end)
    title = ref.title if meeting is None else meeting.title
    return Held(
        line(title) or "(no title)",
        moment(start, sight.almanac, sight.now),
        int((end - start).total_seconds() // 60),
        "" if meeting is None else line(meeting.location),
        "" if meeting is None else prose(meeting.description, 2000),
        () if meeting is None or world is None else tuple(_others(record, meeting, world)),
        gone=world is not None and meeting is None,
    )


def _others(record: Record, meeting: Meeting, world: World) -> Iterator[str]:
    theirs = world.keys(record.addresses)
    for person in world.attendances[meeting.identity].people:
        if world.directory.key(person.email) not in theirs:
            yield line(called(person)) or line(person.email)


def _known(to: Recipient, sight: Sight, ledger: Ledger) -> Known:
    if sight.view is None:
        notes = [(at, text) for address, at, text in ledger.person_notes() if address == to.email]
        return Known(clean_name(to), line(to.email), notes=tuple(_note(at, text, sight) for at, text in notes))
    world = sight.view.world
    key = world.directory.key(to.email)
    person = _person(world, key, to)
    last = world.last_contact(key, sight.now)
    letters = [mail for mail in world.mails.get(key, ()) if mail.at <= sight.now]
    following = world.next_meeting(key, sight.now)
    return Known(
        clean_name(to),
        line(to.email),
        line(person.organisation),
        tuple(map(line, person.tags)),
        f"{_day(last.at, sight)}, {how(world, key, last)}" if last is not None else "",
        world.met_before(key, sight.now),
        _letter(letters, Direction.IN, sight),
        _letter(letters, Direction.OUT, sight),
        tuple(_note(at, text, sight) for at, text in notes_on(ledger.person_notes(), world.directory, person)),
        tuple(line(promise.text) for promise in open_to(world, key, sight.now)),
        path_by_email(sight, to.email),
        f"{line(following.title)}, {moment(following.start, sight.almanac, sight.now)}" if following else "",
    )


def _person(world: World, key: str, to: Recipient) -> Person:
    """As the books know them; else as a meeting had them, or the note."""
    found = world.directory.find(to.email)
    if found is not None:
        return found
    for meeting in reversed(world.held.get(key, ())):
        for person in world.attendances[meeting.identity].people:
            if world.directory.key(person.email) == key:
                return person
    return Person(to.name, (to.email,), known=False)


def _letter(letters: list[Mail], direction: Direction, sight: Sight) -> Letter | None:
    """The latest in this direction."""
    found = next((mail for mail in reversed(letters) if mail.direction is direction), None)
    if found is None:
        return None
    return Letter(found.at, line(found.subject) or "(no subject)", moment(found.at, sight.almanac, sight.now))


def _note(at: datetime | None, text: str, sight: Sight) -> tuple[str, str]:
    return "" if at is None else _day(at, sight), prose(text)


def _day(instant: datetime, sight: Sight) -> str:
    return day(sight.almanac.day_of(instant), sight.almanac.day_of(sight.now))
