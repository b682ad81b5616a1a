"""Asking somebody for a meeting: what `afterword ask` and the review page do, and what the cycle writes down of it.

To ask: `wanted()` on what was seen, then `ask()`. To take it back: `open_request()`, then `take_back()`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules import asks
from rules.asks import FURTHEST, LENGTH, LONGEST, WITHIN
from rules.free import zone_of
from rules.history import OPEN, Ask, State
from rules.model import address
from rules.moments import moment
from rules.offered import slots_view
from rules.sandbox import TemplateFault
from rules.timing import Duration
from rules.views import Reader

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ledger import Ledger
    from daemon.sight import Sight
    from rules.history import Record
    from rules.model import FollowUp, Meeting, Person
    from rules.world import World

_SHORTEST = Duration(minutes=5)
_SOONEST = Duration(days=1)


class Refused(Exception):  # noqa: N818 - the user asked for something that is not to be had
    """Why not, in a sentence without its stop; `hint` is the remedy."""

    def __init__(self, words: str, hint: str | None = None) -> None:
        super().__init__(words)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request as it would be: its follow-up with the times that it would offer now.

    `standing` is a meeting with them that stands in the calendar already; `known` are the ids of the requests that
    were there when it was looked.
    """

    ask: Ask
    person: Person
    follow_up: FollowUp
    standing: Meeting | None = None
    known: frozenset[str] = frozenset()

    def times(self, sight: Sight) -> tuple[str, ...]:
        """The times in words for the user, in both zones where they differ."""
        reader = Reader.of("", sight.almanac, sight.now)
        zone = zone_of(self.person, sight.almanac)
        return tuple(str(slot) for slot in slots_view(self.follow_up.slots or (), reader, zone))


def wanted(
    sight: Sight, person: Person, template: str = asks.STEP, length: Duration = LENGTH, within: Duration = WITHIN
) -> Wanted:
    """A request to this person, by what was seen ahead (`daemon.sight.ahead`). Nothing is written.

    Raises:
        Refused: they are not to be asked, are asked already, or there is no such template, length or span.
    """
    assert sight.view is not None
    world, now = sight.view.world, sight.now
    _refuse(world, person, length, within)
    known = _template(sight, person, template)
    key = world.directory.key(person.email)
    if (there := asks.open_to(world, key, now)) is not None:
        raise Refused(f"{_called(person)} is asked already: {_how(sight, there)}", _undo(person))
    uids = tuple(dict.fromkeys(meeting.uid for meeting in asks.upcoming(world, key, now)))
    email = address(person.email)
    ask = Ask(asks.ask_id(email, now), email, person.name, known, now, length, within, uids)
    wish = next(one for one in asks.wishes(_asking(world, ask), now) if one.follow_up.id == asks.follow_up_of(ask))
    return Wanted(
        ask, person, wish.follow_up, _standing(sight, person), frozenset(one.id for one in world.history.asks)
    )


def ask(ledger: Ledger, request: Wanted) -> None:
    """Write the request down; the next cycle drafts it.

    Raises:
        Refused: somebody else asked them meanwhile.
    """
    known = request.known
    theirs = {request.ask.email, *map(address, request.person.emails)}
    if not ledger.ask(request.ask, lambda one: one.email in theirs and one.ended is None and one.id not in known):
        raise Refused(f"{_called(request.person)} is asked already", "`afterword plan` shows it.")


def open_request(sight: Sight, person: Person) -> tuple[Ask, Record | None]:
    """The open request to this person that can be taken back, and its follow-up where the ledger has one.

    Raises:
        Refused: there is none, or it is sent.
    """
    assert sight.view is not None
    world = sight.view.world
    there = asks.open_to(world, world.directory.key(person.email), sight.now)
    if there is None:
        raise Refused(f"no request to {_called(person)} is open")
    record = world.records.get(asks.follow_up_of(there))
    if record is not None and record.state is State.SENT:
        raise Refused(f"the request to {_called(person)} is sent already")
    return there, record


def open_offer(sight: Sight, person: Person) -> Wanted:
    """The open request to this person that is not drafted yet, with the times that it would offer now.

    Raises:
        Refused: there is none.
    """
    there, _ = open_request(sight, person)
    planned = next((one for one in sight.planned if one.id == asks.follow_up_of(there)), None)
    if planned is None:
        raise Refused(f"the request to {_called(person)} is drafted already")
    return Wanted(there, person, planned, _standing(sight, person))


def take_back(ledger: Ledger, request: Ask, now: datetime) -> None:
    """The request is over. An untouched draft goes with the next cycle, one that the user edited stays theirs."""
    ledger.end_asks([(request.id, "you took it back")], now)


def end_asks(ledger: Ledger, world: World, now: datetime) -> World:
    """Write down which requests are over, and by what: they stay so, whatever the calendars show later.

    Returns:
        The world in which that is known.
    """
    over = [(one.id, why) for one in world.history.asks if one.ended is None and (why := asks.is_over(world, one, now))]
    if not over:
        return world
    ledger.end_asks(over, now)
    return replace(world, history=replace(world.history, asks=ledger.asks()))


def overtaken(sight: Sight, record: Record) -> str:
    """`Tue 3 March 10:00, which it offers, is taken now`: of a draft whose times are no longer to be had, else nothing.

    By the calendars as they were last seen, and by the times that the draft was made with.
    """
    if sight.view is None or not record.slots or record.state not in OPEN:
        return ""
    gone = asks.lost(sight.view.world, record.slots, sight.now)
    return asks.told(gone, sight.almanac, sight.now) if gone else ""


def requests(sight: Sight, key: str) -> list[FollowUp | Record]:
    """The follow-ups of all requests to a person: what is planned, then what became of the others."""
    assert sight.view is not None
    world = sight.view.world
    planned = [one for one in sight.planned if one.rule is None and one.step == asks.STEP]
    known = {one.id for one in planned}
    theirs = (one for one in planned if key in world.keys(to.email for to in one.recipients))
    records = (one for one in sight.records if asks.is_ask(one) and one.id not in known)
    return [*theirs, *(one for one in records if key in world.keys(one.addresses))]


def _standing(sight: Sight, person: Person) -> Meeting | None:
    """The meeting with them that stands in the calendar next."""
    assert sight.view is not None
    world = sight.view.world
    coming = asks.upcoming(world, world.directory.key(person.email), sight.now)
    return next((meeting for meeting in coming if meeting.start > sight.now), None)


def _refuse(world: World, person: Person, length: Duration, within: Duration) -> None:
    if world.directory.key(person.email) in world.keys(world.me.emails):
        raise Refused(f"{person.email} is you")
    if person.do_not_contact or any(map(world.directory.is_left_alone, person.emails)):
        raise Refused(
            f"{_called(person)} is marked do_not_contact", "Take that out of the address book first, if you may."
        )
    if length != Duration(minutes=length.minutes) or not _SHORTEST.minutes <= length.minutes <= LONGEST.minutes:
        raise Refused(f"a meeting of {length} is none to ask for", f"Write {_SHORTEST} to {LONGEST}.")
    if not _SOONEST.roughly <= within.roughly <= FURTHEST.roughly:
        raise Refused(f"times within {within} cannot be looked for", f"Write {_SOONEST} to {FURTHEST}.")


def _template(sight: Sight, person: Person, name: str) -> str:
    assert sight.house is not None
    plain = name.removesuffix(".md")
    try:
        sight.house.configuration.templates.pick(plain, person.language)
    except TemplateFault as fault:
        raise Refused(fault.message, fault.hint) from None
    return plain


def _asking(world: World, request: Ask) -> World:
    return replace(world, history=replace(world.history, asks=(*world.history.asks, request)))


def _how(sight: Sight, there: Ask) -> str:
    assert sight.view is not None
    record = sight.view.world.records.get(asks.follow_up_of(there))
    when = f"since {moment(there.at, sight.almanac, sight.now)}"
    if record is None or record.state in {State.PLANNED, State.WITHDRAWN}:
        return f"{when}, and the next cycle drafts it"
    words = {
        State.PLACED: "and its draft waits for you",
        State.EDITED: "and its draft waits for you",
        State.SNOOZED: "and you snoozed it",
        State.SENT: "and they have not answered yet",
    }
    return f"{when}, {words.get(record.state, f'and it is {record.state}')} ({record.id})"


def _undo(person: Person) -> str:
    return f"`afterword ask --undo {person.email}` takes it back."


def _called(person: Person) -> str:
    return person.name or person.email
