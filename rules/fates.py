"""What becomes of the steps of a rule at one meeting: planned, drafted, or why there is nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules import chains
from rules.attendance import marked
from rules.greeting import called
from rules.history import OPEN, Record
from rules.moments import moment
from rules.plan import timely
from rules.steps import asked, before_window, is_expired, timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rules.language import Rule, Step
    from rules.match import Verdict
    from rules.model import FollowUp, Meeting, Person
    from rules.plan import Plan
    from rules.wish import Wish
    from rules.world import World

    Chains = Mapping[tuple[str, str, str], chains.Chain]
    """The chains of check-ins by rule, step and the person's key."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one step for somebody: the `follow_up` as the plan or the ledger has it, or `why` there is none.

    `asked` is when it would be due, were it not for the window that moved it. Where there is a follow-up, `why` says
    what is about to happen to it.
    """

    step: str
    to: str
    follow_up: FollowUp | Record | None
    why: str = ""
    asked: datetime | None = None


@dataclass(frozen=True)
class Fates:
    """Tells of the steps of `rule` at `meeting`, as the plan that was made at `now` has them."""

    world: World
    plan: Plan
    now: datetime
    chains: Chains
    rule: Rule
    meeting: Meeting

    def all(self, verdict: Verdict, key: str | None = None) -> tuple[Fate, ...]:
        """In the order of the steps; with a key, those that concern this person."""
        wanted = verdict.matches and self.world.attendances[self.meeting.identity].counts
        return tuple(self._all(verdict.people if wanted else (), key))

    def _all(self, people: tuple[Person, ...], key: str | None) -> Iterator[Fate]:
        for step in self.rule.steps:
            if step.every is None:
                yield from self._at_meeting(step, people, key)
            else:
                yield from self._check_ins(step, people, key)
        steps = {step.id for step in self.rule.steps}
        for record in self.world.records_of(self.meeting):
            if record.rule == self.rule.id and record.step not in steps and self._concerns(record, key):
                yield Fate(record.step, _to(record), record, "the rule no longer has this step")

    def _at_meeting(self, step: Step, people: tuple[Person, ...], key: str | None) -> Iterator[Fate]:
        coming = [one for one in self._planned(step) if _is_of(one, self.meeting) and self._concerns(one, key)]
        planned = {one.id: one for one in coming}
        records = [
            one for one in self.world.records_of(self.meeting) if (one.rule, one.step) == (self.rule.id, step.id)
        ]
        records.sort(key=lambda one: (_to(one), one.id))
        going = {one.record.id: one.why for one in self.plan.withdraw}
        told: list[FollowUp | Record] = []
        wanted, ready = (
            before_window(step, self.meeting, self.world.almanac),
            timing(step, self.meeting, self.world.almanac),
        )
        moved = wanted if ready.moved and ready.due != wanted else None
        for record in (one for one in records if self._concerns(one, key)):
            told.append(record)
            anew = planned.pop(record.id, None)
            if anew is not None and record.id not in going:
                yield Fate(step.id, _to(anew), anew, asked=moved)
                continue
            yield Fate(step.id, _to(record), record, self._going(going.get(record.id), anew))
        told += planned.values()
        yield from (Fate(step.id, _to(one), one, asked=moved) for one in planned.values())
        yield from self._missing(step, people, told)

    def _missing(self, step: Step, people: tuple[Person, ...], told: list[FollowUp | Record]) -> Iterator[Fate]:
        """Why there is none, for whom there is none."""
        ids = {one.id for one in told}
        covered = {key for one in told for key in self._keys(one)}
        if any(one.to_me for one in told):
            return
        for wish in asked(self.world, self.rule, step, self.meeting, self.now) if people else ():
            left = [one for one in wish.follow_up.people if self._key(one) in {*map(self._key, people)} - covered]
            if wish.follow_up.id not in ids and left:
                covered |= {*map(self._key, left)}
                yield Fate(step.id, "you" if step.before else _names(left), None, self._reason(wish))
        left = [one for one in people if self._key(one) not in covered]
        if left:
            noshow = step.before is None and marked(self.meeting, "#noshow")
            why = "it is marked #noshow" if noshow else "the same words have been drafted for this meeting already"
            yield Fate(step.id, "you" if step.before else _names(left), None, why)

    def _reason(self, wish: Wish) -> str:
        """Why what the step asks for is not planned."""
        one = wish.follow_up
        due = self._when(one.due)
        if wish.cancelled:
            return wish.cancelled
        if not timely(wish, self.world, self.plan.ages):
            return f"was due {due}, before the rule looks back"
        if one.expires is not None and is_expired(one, self.now):
            return f"was due {due}, and is no longer worth writing since {self._when(one.expires)}"
        other = next((p for p in self.plan.follow_ups if p.template == one.template and p.anchor == one.anchor), None)
        if other is not None:
            return f"the rule {other.rule} writes the same words ({one.template}) for this meeting"
        return f"due {due}, further ahead than is planned"

    def _check_ins(self, step: Step, people: tuple[Person, ...], key: str | None) -> Iterator[Fate]:
        records = self.world.by_step.get((self.rule.id, step.id), ())
        here = set(self.meeting.identities)
        keys = {self._key(person) for person in people}
        going = {one.record.id: one.why for one in self.plan.withdraw}
        for record in sorted((one for one in records if self._concerns(one, key)), key=lambda one: (one.due, one.id)):
            hangs = record.meeting is not None and not here.isdisjoint(record.meeting.identities)
            lies = record.state in OPEN and bool(self._keys(record) & keys)
            if (hangs or lies) and record.id not in {one.id for one in self._planned(step)}:
                yield Fate(step.id, _to(record), record, self._going(going.get(record.id), None))
        for person in people:
            yield from self._next(step, person, records)

    def _next(self, step: Step, person: Person, records: Iterable[Record]) -> Iterator[Fate]:
        """The next check-in with the person, or why there is none."""
        key = self._key(person)
        planned = next((one for one in self._planned(step) if key in self._keys(one)), None)
        if planned is not None:
            yield Fate(step.id, _to(planned), planned)
        elif not any(one.state in OPEN and key in self._keys(one) for one in records):
            yield Fate(step.id, called(person), None, self._at_rest(step, key))

    def _at_rest(self, step: Step, key: str) -> str:
        chain = self.chains.get((self.rule.id, step.id, key))
        if chain is None:
            return "it counts from a meeting that was held"
        look = chains.outlook(self.world, chain, self.now, self.plan.ages[self.rule.id].since)
        if look.wish is None:
            return f"{look.why} (due since {self._when(look.due)})" if look.due else look.why
        if chains.bound_elsewhere(self.world, look.wish, look.last):
            return "another rule has written the same words since the last contact"
        return f"due {self._when(look.wish.follow_up.due)}, further ahead than is planned"

    def _going(self, why: str | None, anew: FollowUp | None) -> str:
        if why is None:
            return ""
        again = f", and it comes again {self._when(anew.due)}" if anew else ""
        return f"the next cycle takes it away: {why}{again}"

    def _planned(self, step: Step) -> list[FollowUp]:
        return [one for one in self.plan.follow_ups if (one.rule, one.step) == (self.rule.id, step.id)]

    def _concerns(self, one: FollowUp | Record, key: str | None) -> bool:
        return key is None or one.to_me or key in self._keys(one)

    def _keys(self, one: FollowUp | Record) -> frozenset[str]:
        return self.world.keys(one.addresses if isinstance(one, Record) else (to.email for to in one.recipients))

    def _key(self, person: Person) -> str:
        return self.world.directory.key(person.email)

    def _when(self, instant: datetime) -> str:
        return moment(instant, self.world.almanac, self.now)


def _is_of(follow_up: FollowUp, meeting: Meeting) -> bool:
    return follow_up.meeting is not None and follow_up.meeting.identity == meeting.identity


def _to(one: FollowUp | Record) -> str:
    if one.to_me:
        return "you"
    return ", ".join(map(called, one.to if isinstance(one, Record) else one.recipients))


def _names(people: Iterable[Person]) -> str:
    return ", ".join(map(called, people))
