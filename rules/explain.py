"""Why a rule takes a meeting, or leaves it alone: each gate and condition with what was seen, and what follows.

Nothing is decided here: the conditions are those of `match`, the gates those of `attend`, the rest is the plan's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from rules import chains
from rules.attendance import Finding, invited, marked
from rules.fates import Fate, Fates
from rules.greeting import called
from rules.history import State
from rules.marks import told
from rules.moments import moment
from rules.steps import timing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rules.language import Rule, Step
    from rules.marks import Told
    from rules.match import Verdict
    from rules.model import FollowUp, Meeting, Person
    from rules.plan import Plan
    from rules.world import World


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule at one meeting, for everybody there or for one of them.

    `gates` stand before every rule and `conditions` are its own; it `matches` when all of them hold. `fates` are
    what becomes of its steps. Without a `meeting`, there is none with that person.
    """

    rule: Rule
    meeting: Meeting | None
    matches: bool
    gates: tuple[Finding, ...]
    conditions: tuple[Finding, ...] = ()
    fates: tuple[Fate, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All that is asked, in this order."""
        return (*self.gates, *self.conditions)

    @property
    def failing(self) -> tuple[Finding, ...]:
        """Those that do not hold."""
        return tuple(finding for finding in self.findings if not finding.holds)


@dataclass(frozen=True)
class Reasons:
    """Explains the plan that was made of this world at `now`."""

    world: World
    plan: Plan
    now: datetime

    def of_meeting(self, meeting: Meeting) -> tuple[Explanation, ...]:
        """What each rule says of the meeting, in the order of the files."""
        return tuple(self.explain(rule, meeting) for rule in self.world.rules)

    def of_person(self, person: Person) -> tuple[Explanation, ...]:
        """What each rule says of the meeting with the person at which it writes to them, or comes nearest to it."""
        met = self._meetings_with(self.world.directory.key(person.email))
        return tuple(self._nearest(rule, met, person) for rule in self.world.rules)

    def marks(self, meeting: Meeting) -> tuple[Told, ...]:
        """What `#thanks` and `#owe` say of the meeting, and whether that is taken."""
        scene = self.world.scene
        copies = [copy for copy in scene.copies if copy.identity in meeting.identities]
        return told(meeting, copies, scene.me, scene.writers)

    def explain(self, rule: Rule, meeting: Meeting, person: Person | None = None) -> Explanation:
        """What the rule says of the meeting; with a person, whether it writes to them because of it."""
        return self._with_fates(*self._asked(rule, meeting, person), person)

    def _with_fates(self, found: Explanation, verdict: Verdict, person: Person | None) -> Explanation:
        if found.meeting is None:
            return found
        fates = Fates(self.world, self.plan, self.now, self._chains, found.rule, found.meeting)
        return replace(found, fates=fates.all(verdict, None if person is None else self._key(person)))

    def _asked(self, rule: Rule, meeting: Meeting, person: Person | None) -> tuple[Explanation, Verdict]:
        world = self.world
        attendance = world.attendances[meeting.identity]
        key = None if person is None else world.directory.key(person.email)
        among = None if key is None else tuple(one for one in attendance.people if self._key(one) == key)
        verdict = world.verdict(rule, meeting, among)
        gates = list(attendance.gates)
        if person is not None:
            gates.append(_present(person, there=bool(among)))
        gates += [_noshow(rule, meeting), self._backfill(rule, meeting, verdict)]
        matches = verdict.matches and all(gate.holds for gate in gates)
        return Explanation(rule, meeting, matches, tuple(gates), verdict.findings), verdict

    def _key(self, person: Person) -> str:
        return self.world.directory.key(person.email)

    def _meetings_with(self, key: str) -> list[Meeting]:
        """Those to which the person came, is to come, or was asked to, the nearest to now first."""
        world = self.world
        found = [
            meeting
            for meeting in world.merged
            if any(self._key(one) == key for one in world.attendances[meeting.identity].people)
            or key in world.keys(attendee.email for attendee in invited(meeting, world.me))
        ]
        return sorted(found, key=lambda meeting: (abs(meeting.start - self.now), meeting.identity))

    def _nearest(self, rule: Rule, met: Sequence[Meeting], person: Person) -> Explanation:
        if not met:
            unmet = Finding("met", holds=False, why=f"no meeting with {called(person)} is known")
            return Explanation(rule, None, matches=False, gates=(unmet,))
        found = (self._asked(rule, meeting, person) for meeting in met)
        nearest, verdict = min(found, key=lambda one: (not one[0].matches, len(one[0].failing)))
        return self._with_fates(nearest, verdict, person)

    def _backfill(self, rule: Rule, meeting: Meeting, verdict: Verdict) -> Finding:
        """Whether the rule looks back far enough for any of its steps."""
        left = [step for step in rule.steps if self._is_bygone(rule, step, meeting, verdict)]
        if not left:
            return Finding("backfill", holds=True, why="nothing of it was due before the rule looks back")
        kept = [step.id for step in rule.steps if step not in left]
        if kept:
            names = ", ".join(step.id for step in left)
            return Finding("backfill", holds=True, why=f"{', '.join(kept)}; {names}: due before the rule looks back")
        since = self.plan.ages[rule.id].since
        begun = "now" if since >= self.now else f"on {moment(since, self.world.almanac, self.now)}"
        due = "; ".join(self._was_due(step, meeting) for step in left)
        return Finding(
            "backfill", holds=False, why=f"{due}; the rule began {begun}, and looks back {self.world.backfill}"
        )

    def _was_due(self, step: Step, meeting: Meeting) -> str:
        if step.every is not None:
            return f"{step.id} was overdue"
        due = timing(step, meeting, self.world.almanac).due
        return f"{step.id} was due {moment(due, self.world.almanac, self.now)}"

    def _is_bygone(self, rule: Rule, step: Step, meeting: Meeting, verdict: Verdict) -> bool:
        world, since = self.world, self.plan.ages[rule.id].since
        if step.every is not None:
            overdue = [self._is_overdue(rule, step, person) for person in verdict.people if verdict.matches]
            return bool(overdue) and all(overdue)
        records = (one for one in world.records_of(meeting) if (one.rule, one.step) == (rule.id, step.id))
        if any(record.state is not State.EXPIRED for record in records):
            return False
        return timing(step, meeting, world.almanac).due < world.backfill.before(since, world.almanac)

    def _is_overdue(self, rule: Rule, step: Step, person: Person) -> bool:
        """Whether the check-in was overdue when the rule began, so that none is coming."""
        key = self._key(person)
        if any((one.rule, one.step) == (rule.id, step.id) and key in keys for one, keys in self._planned):
            return False
        chain = self._chains.get((rule.id, step.id, key))
        if chain is None:
            return False
        look = chains.outlook(self.world, chain, self.now, self.plan.ages[rule.id].since)
        return look.wish is None and look.due is not None

    @cached_property
    def _planned(self) -> tuple[tuple[FollowUp, frozenset[str]], ...]:
        """What is coming, with the keys of those to whom it goes."""
        return tuple((one, self.world.keys(to.email for to in one.recipients)) for one in self.plan.follow_ups)

    @cached_property
    def _chains(self) -> Mapping[tuple[str, str, str], chains.Chain]:
        return {(one.rule.id, one.step.id, one.key): one for one in chains.chains(self.world)}


def _present(person: Person, *, there: bool) -> Finding:
    """Whether the person came, or is to come."""
    return Finding("present", there, f"{called(person)} {'is among its people' if there else 'declined it'}")


def _noshow(rule: Rule, meeting: Meeting) -> Finding:
    """`#noshow` lets only a step through that comes before the meeting."""
    if not marked(meeting, "#noshow"):
        return Finding("noshow", holds=True, why="it is not marked #noshow")
    before = any(step.before is not None for step in rule.steps)
    return Finding(
        "noshow", before, f"it is marked #noshow{': only what comes before it is written' if before else ''}"
    )
