"""Check-ins: one chain for a rule's step and a person met under that rule, counted from the last contact."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.contacts import Contact
from rules.decisions import STEP, hush, lies
from rules.greeting import called
from rules.history import FINAL, OPEN, State
from rules.model import FollowUp, Hold, Recipient, without_tag
from rules.timing import since_contact
from rules.wish import Wish, snoozed
from rules.world import follow_up_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from rules.history import Record
    from rules.language import Rule, Step
    from rules.model import Meeting, Person
    from rules.world import World

_COUNTED = FINAL | OPEN


@dataclass(frozen=True, slots=True)
class Chain:
    """The check-ins of one step with one person; `met` are the meetings under the rule, oldest first."""

    rule: Rule
    step: Step
    order: tuple[int, int]
    key: str
    met: tuple[tuple[Meeting, Person], ...]

    @property
    def name(self) -> tuple[str, str, str]:
        """Rule, step and person: what tells it from all other chains."""
        return self.rule.id, self.step.id, self.key


@dataclass(frozen=True, slots=True)
class Supposed:
    """A note to a person that a plan supposes to be sent at that time; `round` is 0 when it is no check-in.

    One that `lapsed` was not: courtesy held it back until its `expires`, and the chain goes on from there.
    """

    at: datetime
    rule: str | None
    step: str
    round: int
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a chain stands: the next check-in, or why there is none. `rests` until something else happens."""

    chain: Chain
    person: Person
    last: Contact | None
    due: datetime | None
    why: str
    wish: Wish | None = None
    rests: bool = False


def chains(world: World) -> Iterator[Chain]:
    """The chains of all rules, in the order of the files."""
    for number, rule in enumerate(world.rules):
        steps = [(index, step) for index, step in enumerate(rule.steps) if step.every is not None]
        if steps:
            met = _met(world, rule)
            for index, step in steps:
                for key, meetings in met.items():
                    yield Chain(rule, step, (number, index), key, meetings)


def _met(world: World, rule: Rule) -> Mapping[str, tuple[tuple[Meeting, Person], ...]]:
    met: dict[str, list[tuple[Meeting, Person]]] = defaultdict(list)
    for meeting in world.candidates(rule):
        attendance = world.attendances[meeting.identity]
        if attendance.held and attendance.counts and not world.is_doubted(meeting):
            for person in world.chosen(rule, meeting):
                met[world.directory.key(person.email)].append((meeting, person))
    return {key: tuple(meetings) for key, meetings in met.items()}


def outlook(
    world: World,
    chain: Chain,
    now: datetime,
    since: datetime,
    supposed: tuple[Supposed, ...] = (),
    *,
    sent: datetime | None = None,
) -> Outlook:
    """The next check-in of a chain, seen from `now`. `since`: when the rule became what it is.

    `supposed` are the notes to this person that a plan supposes to be sent by then, and `sent` is when it
    supposes a check-in of this chain that lies in Drafts to be sent. In a cycle that one comes first.
    """
    at = max(now, chain.met[0][0].end)
    records = _records(world, chain)
    if any(record.state in OPEN for record in records):
        if sent is None:
            return _none(world, chain, now, "a check-in lies in Drafts")
        records = tuple(replace(r, state=State.SENT, sent=sent) if r.state in OPEN else r for r in records)
    if sent is not None:
        supposed = (*supposed, *_closing(world, chain, sent))
    told = any((one.rule, one.step) == (None, STEP) and one.at <= at for one in supposed)
    if why := hush(world, chain.key, at, told=told, looking=sent is not None):
        return replace(_none(world, chain, now, why), rests=True)
    every, at_most = chain.step.every, chain.step.at_most
    assert every is not None
    while True:
        last, theirs, due, number = _next(world, chain, records, at, supposed)
        ended = at_most is not None and number > at_most
        if not ended and due.asked < since and at <= now and not _snoozed(records, theirs, number):
            late = _none(world, chain, now, "was overdue when the rule began; counts from the next contact")
            return replace(late, due=due.asked, rests=True)
        upcoming = world.upcoming(chain.key, at)
        if upcoming is None or (not ended and upcoming.start > every.after(max(due.at, at), world.almanac)):
            break
        at = world.end_of_run(chain.key, every, upcoming.end)
    if ended:
        tries = f"{number - 1} check-in{'' if number - 1 == 1 else 's'}"
        return _none(world, chain, now, f"{tries} without an answer: the chain has ended")
    more = sum(one.round > 0 and not one.lapsed for one in supposed)
    wish = _wish(world, _Round(chain, theirs, due, number, at, more))
    return Outlook(chain, _latest(chain, at)[1], last, due.at, wish.follow_up.why, wish)


def _closing(world: World, chain: Chain, sent: datetime) -> Iterator[Supposed]:
    """The closing notes to the person that lie in Drafts, as they are supposed to be sent."""
    for one in world.closings_to.get(chain.key, ()):
        if lies(one):
            yield Supposed(sent, None, STEP, 0)


def awaited(  # noqa: PLR0917 - as for `outlook`
    world: World,
    chain: Chain,
    now: datetime,
    since: datetime,
    until: datetime,
    supposed: tuple[Supposed, ...] = (),
    *,
    sent: datetime | None = None,
) -> Outlook:
    """Like `outlook`; where a chain rests now, the first contact up to `until` with which it goes on is waited for."""
    first = look = outlook(world, chain, now, since, supposed, sent=sent)
    contacts = world.contacts(chain.key)
    at = contacts.following(now)
    while look.wish is None and at is not None and at <= until:
        look = outlook(world, chain, at, since, supposed, sent=sent)
        at = contacts.following(at)
    return look if look.rests == first.rests else replace(look, rests=first.rests)


def is_settled(world: World, chain: Chain, at: datetime) -> bool:
    """Whether nothing that is known of comes after this instant and changes the outlook, but that a check-in expires.

    Notes that a plan supposes to be sent do.
    """
    return (
        world.contacts(chain.key).following(at) is None
        and not world.is_told_later(chain.key, at)
        and all(one.to.at <= at for one in world.closings_to.get(chain.key, ()))
        and all(instant <= at for instant in _ended(_records(world, chain), chain.met[0][0].start))
    )


def _records(world: World, chain: Chain) -> tuple[Record, ...]:
    return world.by_step_to.get((chain.rule.id, chain.step.id, chain.key), ())


def _none(world: World, chain: Chain, now: datetime, why: str) -> Outlook:
    return Outlook(chain, _latest(chain, now)[1], world.last_contact(chain.key, now), None, why)


def _latest(chain: Chain, at: datetime) -> tuple[Meeting, Person]:
    return max((pair for pair in chain.met if pair[0].end <= at), key=lambda pair: pair[0].end, default=chain.met[0])


def _next(
    world: World, chain: Chain, records: tuple[Record, ...], at: datetime, supposed: tuple[Supposed, ...]
) -> tuple[Contact, Contact, _Due, int]:
    """The last contact, the start of the chain, when the next check-in is due, and its round."""
    contacts = world.contacts(chain.key)
    theirs, last = contacts.last_of_theirs(at), contacts.last(at)
    assert theirs is not None, "a chain begins with a meeting that was held"
    assert last is not None
    own = [one for one in supposed if (one.rule, one.step) == (chain.rule.id, chain.step.id)]
    notes = (Contact(one.at, "", theirs=False) for one in supposed if one.at <= at and not one.lapsed)
    last = max((last, *notes), key=lambda contact: contact.at)
    counted = [r for r in records if r.state in _COUNTED and (r.placed or r.changed) > theirs.at]
    # With the clock set back, a check-in may have been sent later than now.
    lapsed = [one.at for one in own if one.lapsed and one.at > theirs.at]
    ended = [instant for instant in (*_ended(records, theirs.at), *lapsed) if instant <= at]
    base = max([last.at, *(r.sent or r.changed for r in counted), *ended])
    due = _due(world, chain, base, at)
    while ended and due.expires is not None and base < due.expires <= at:
        base = due.expires  # another round slept through, as the one that the ledger tells of
        due = _due(world, chain, base, at)
    number = len(counted) + sum(1 for one in own if one.at > theirs.at and not one.lapsed) + 1
    return last, theirs, due, number


def _due(world: World, chain: Chain, base: datetime, at: datetime) -> _Due:
    """When the check-in after this contact is due: not while they are away, as they said by `at`."""
    step = chain.step
    assert step.every is not None
    timing = since_contact(base, step.every, step.expires, step.window, world.almanac)
    back = world.away_until(chain.key, at)
    if back is None or back <= timing.due:
        return _Due(timing.due, timing.due, timing.expires, timing.moved)
    due = world.almanac.opening(step.window, back) or back
    # The time in which it is worth writing begins with their return: the absence must not use it up.
    expires = None if step.expires is None else step.expires.after(due, world.almanac)
    return _Due(due, timing.due, expires, "")


def _ended(records: tuple[Record, ...], start: datetime) -> Iterator[datetime]:
    """When rounds ended that a user's `expires` ended: the next is counted from there."""
    for record in records:
        if record.state is State.EXPIRED and record.expires is not None and record.expires > start:
            yield record.expires


@dataclass(frozen=True, slots=True)
class _Due:
    """When a check-in is due (`at`), and when it would be but for an absence (`asked`); `moved` by the window."""

    at: datetime
    asked: datetime
    expires: datetime | None
    moved: str


@dataclass(frozen=True, slots=True)
class _Round:
    """One check-in of a chain; `more` of them are supposed to be sent by then."""

    chain: Chain
    theirs: Contact
    due: _Due
    number: int
    at: datetime
    more: int


def _wish(world: World, turn: _Round) -> Wish:
    chain, theirs, due, number = turn.chain, turn.theirs, turn.due, turn.number
    meeting, person = _latest(chain, turn.at)
    step = chain.step
    recipient = without_tag(person.email)
    follow_up_ = FollowUp(
        id=follow_up_id(theirs.anchor, chain.rule.id, step.id, recipient, number),
        rule=chain.rule.id,
        step=step.id,
        template=step.template[(_turn(world, chain) + turn.more) % len(step.template)],
        anchor=theirs.anchor,
        people=(person,),
        recipients=(Recipient(person.name, person.email),),
        meeting=meeting,
        due=due.at,
        by=None,
        expires=due.expires,
        why="; ".join(word for word in (_reason(chain, number), due.moved) if word),
        sender=world.attendances[meeting.identity].sender,
        round=number,
    )
    record = _same_round(world, chain, follow_up_)
    if record is not None:
        follow_up_ = snoozed(replace(follow_up_, id=record.id), record)
    away = due.at > due.asked and follow_up_.due == due.at
    hold = Hold(f"{called(person)} is away", due.at) if away else None
    return Wish(follow_up_, chain.order, chain.rule, step, exempt=False, hold=hold, asked=due.asked if away else None)


def _snoozed(records: tuple[Record, ...], theirs: Contact, number: int) -> bool:
    """Whether the user put this very round off: it is theirs, however old the rule is by now."""
    return any(r.state is State.SNOOZED and (r.anchor, r.round) == (theirs.anchor, number) for r in records)


def _same_round(world: World, chain: Chain, follow_up_: FollowUp) -> Record | None:
    records = _records(world, chain)
    return next((r for r in records if r.anchor == follow_up_.anchor and r.round == follow_up_.round), None)


def _reason(chain: Chain, number: int) -> str:
    tries = f", check-in {number}" if number > 1 else ""
    return f"{chain.step.every} since the last contact{tries}"


def _turn(world: World, chain: Chain) -> int:
    """How many check-ins this person has been drafted: the templates take turns over all of them."""
    placed = (r for r in world.check_ins_to.get(chain.key, ()) if r.placed is not None and r.state in _COUNTED)
    return sum(1 for _ in placed)


def bound_elsewhere(world: World, wish: Wish, last: Contact | None) -> bool:
    """Whether another rule has drafted the same words to the same person since the last contact."""
    keys = world.keys(recipient.email for recipient in wish.follow_up.recipients)
    return any(
        record.template == wish.follow_up.template
        and record.state in _COUNTED
        and (record.rule, record.step) != (wish.follow_up.rule, wish.follow_up.step)
        and (last is None or (record.placed or record.changed) > last.at)
        for key in keys
        for record in world.check_ins_to.get(key, ())
    )
