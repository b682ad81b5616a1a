"""plan(): from meetings, people and what has happened to follow-ups. The one planner, for every use of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules import asks, chains, closing, steps
from rules.history import OPEN, RuleAge, State
from rules.language import mark_of
from rules.past import noted, past
from rules.promises import debts
from rules.queue import Queue
from rules.withdraw import Withdrawal, withdrawals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.model import FollowUp
    from rules.wish import Wish
    from rules.world import World


_NEAR = timedelta(days=1)
_LONGEST_MEETING = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to do and what is coming.

    `follow_ups` are all that are still to be drafted, by the instant at which they would be: `place` of
    them now. `withdraw` are drafts to take away; `expired` and `cancelled` were wished for and never placed.
    `bygone` were due before their rule, new at this moment, looks back: never drafted, yet known again where
    they lie in the mailbox. `ages` is since when each rule is as it is; `next_due` when something is to be
    done next, and `next` what. Until `quiet_until` the plan stays what it is, if nothing outside changes.
    """

    follow_ups: tuple[FollowUp, ...]
    place: tuple[FollowUp, ...]
    withdraw: tuple[Withdrawal, ...]
    expired: tuple[FollowUp, ...]
    cancelled: tuple[FollowUp, ...]
    bygone: tuple[FollowUp, ...]
    ages: Mapping[str, RuleAge]
    next_due: datetime | None
    next: tuple[FollowUp, ...]
    quiet_until: datetime | None


def plan(now: datetime, world: World, until: datetime | None = None) -> Plan:
    """What the rules ask for at `now`, and up to `until` (not before `now`) what is coming.

    Pure: the same inputs give the same plan, whatever their order. With `until`, accepted future meetings
    are taken as held and drafts as sent when due; without it, only what is to be done now is acted on.
    """
    horizon = max(now, until or now)
    ages = _ages(world, now)
    going = tuple(sorted(withdrawals(world, now), key=lambda one: one.record.id))
    world = _without(world, going) if going else world
    asked = [*steps.wishes(world, now, horizon), *closing.wishes(world, now), *asks.wishes(world, now)]
    wished = [wish for wish in asked if timely(wish, world, ages)]
    cancelled = tuple(replace(wish.follow_up, why=wish.cancelled) for wish in wished if wish.cancelled)
    wished = [wish for wish in wished if not wish.cancelled]
    past = [wish for wish in wished if steps.is_expired(wish.follow_up, now) and _began_in_time(wish, ages)]
    expired = tuple(wish.follow_up for wish in steps.pick_once(past, world))
    wished = [wish for wish in wished if not steps.is_expired(wish.follow_up, now)]
    queue = Queue(world, now, horizon, looking=until is not None)
    queue.enter(wished)
    lapsed = _check_ins(world, queue, now, ages)
    follow_ups = queue.run()
    return Plan(
        follow_ups=tuple(_furnish(world, one, now) for one in follow_ups),
        place=tuple(_furnish(world, one, now) for one in queue.place),
        withdraw=going,
        expired=(*expired, *lapsed),
        cancelled=tuple(one for one in cancelled if _is_news(world, one)),
        bygone=tuple(wish.follow_up for wish in _bygone(asked, world, ages, now)),
        ages=ages,
        next_due=queue.next_due,
        next=tuple(queue.next),
        quiet_until=_quiet_until(world, now, [queue.next_due, *(one.expires for one in follow_ups)]),
    )


def _quiet_until(world: World, now: datetime, instants: list[datetime | None]) -> datetime | None:
    """The first instant after `now` at which time alone changes the plan: due, expired, a meeting over."""
    instants += [record.expires for record in world.history.records if record.to_me and record.state in OPEN]
    instants += asks.turns(world, now)
    instants += [meeting.end for meeting in world.between(now - _LONGEST_MEETING, now + _NEAR) if meeting.end > now]
    instants.append(now + _NEAR)
    return min((instant for instant in instants if instant is not None and instant > now), default=None)


def _ages(world: World, now: datetime) -> Mapping[str, RuleAge]:
    """A rule is new when it first runs, and when its conditions or steps change."""
    ages: dict[str, RuleAge] = {}
    for rule in world.rules:
        mark = mark_of(rule)
        known = world.history.ages.get(rule.id)
        if known is None or known.fingerprint != mark:
            ages[rule.id] = RuleAge(mark, now)
        else:  # a cycle of the future (`--at`, or a clock that was ahead) makes no rule new today
            ages[rule.id] = replace(known, since=min(known.since, now))
    return ages


def _without(world: World, going: Iterable[Withdrawal]) -> World:
    """The world as it will be once these drafts are taken away."""
    outcomes = {one.record.id: one.outcome for one in going}
    records = tuple(
        replace(record, state=outcomes[record.id], draft_tag="") if record.id in outcomes else record
        for record in world.history.records
    )
    return replace(world, history=replace(world.history, records=records))


def timely(wish: Wish, world: World, ages: Mapping[str, RuleAge]) -> bool:
    """Whether it became due after the rule began, or at most `backfill` before."""
    record = world.records.get(wish.follow_up.id)
    if wish.rule is None:
        return True  # by the user's own word
    if record is not None and record.state is not State.EXPIRED:
        return True  # wanted once already: snoozed, or withdrawn and to be made anew
    since = ages[wish.rule.id].since
    return wish.follow_up.due >= world.backfill.before(since, world.almanac)


def _began_in_time(wish: Wish, ages: Mapping[str, RuleAge]) -> bool:
    """Whether the note was still worth writing when its rule began; else nobody missed it."""
    expires = wish.follow_up.expires
    return expires is None or wish.rule is None or expires > ages[wish.rule.id].since


def _bygone(asked: Iterable[Wish], world: World, ages: Mapping[str, RuleAge], now: datetime) -> Iterable[Wish]:
    new = {rule for rule, age in ages.items() if age.since == now and rule not in world.history.ages}
    return (wish for wish in asked if wish.rule and wish.rule.id in new and not timely(wish, world, ages))


def _is_news(world: World, follow_up: FollowUp) -> bool:
    """Whether the ledger does not yet know that this one is cancelled."""
    record = world.records.get(follow_up.id)
    return record is None or record.state in (State.PLANNED, State.SNOOZED, State.EXPIRED)


def _check_ins(world: World, queue: Queue, now: datetime, ages: Mapping[str, RuleAge]) -> list[FollowUp]:
    """Enter the next check-in of each chain; those that a user's `expires` has ended are returned."""
    lapsed: list[FollowUp] = []
    for chain in chains.chains(world):
        look = queue.outlook(chain, now, ages[chain.rule.id].since)
        if look.rests:
            queue.rest(chain, ages[chain.rule.id].since)
        if look.wish is None or chains.bound_elsewhere(world, look.wish, look.last):
            continue
        if steps.is_expired(look.wish.follow_up, now):
            lapsed.append(look.wish.follow_up)
        else:
            queue.add(look.wish, chain, ages[chain.rule.id].since)
    return lapsed


def _furnish(world: World, follow_up: FollowUp, now: datetime) -> FollowUp:
    """What a template may ask for beyond the meeting: the last contact, how often we met, when we meet next."""
    person = next(iter(follow_up.people), None)
    if person is None:
        return follow_up
    key = world.directory.key(person.email)
    before = follow_up.meeting.start if follow_up.to_me and follow_up.meeting else now
    last = world.last_contact(key, min(before, now))
    return replace(
        follow_up,
        debts=debts(world, follow_up.people, max(now, follow_up.due)),
        past=past(world, follow_up.people, min(before, now)),
        noted=noted(world, follow_up.people),
        last_contact=last.at if last else None,
        meetings_so_far=world.met_before(key, now),
        next_meeting=world.next_meeting(key, now),
    )
