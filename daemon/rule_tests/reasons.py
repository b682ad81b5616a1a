"""What stands against a draft for the meeting of a test, rule by rule: conditions, gates, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.present import held
from rules import chains
from rules.attendance import Finding
from rules.history import FINAL, OPEN
from rules.moments import moment
from rules.steps import is_expired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daemon.rule_tests.stage import Stage
    from rules.language import Rule
    from rules.model import FollowUp, Meeting
    from rules.plan import Plan
    from rules.world import World

_OF_PEOPLE = ("attendees", "external", "person", "first_meeting")
_CHOOSING = _OF_PEOPLE[1:]


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against the drafts of one rule. Where it `matches`, that is what keeps its steps from writing."""

    rule: str
    matches: bool
    findings: tuple[Finding, ...]

    def is_just(self, words: tuple[str, ...]) -> bool:
        """Whether these are what alone stands against it; of a rule that matches, whether they are among that."""
        names = {one.condition for one in self.findings}
        return names.issuperset(words) if self.matches else names == set(words)


def against(stage: Stage, plan: Plan, meeting: Meeting) -> tuple[Against, ...]:
    """What stands against each rule at this meeting, in the order of the files."""
    world = stage.world
    meeting = world.by_identity.get(meeting.identity, meeting)
    return tuple(_of_rule(stage, plan, rule, meeting) for rule in world.rules)


def nearest(several: Iterable[Against], rule: str = "") -> tuple[Against, ...]:
    """Those that `because` speaks of: the rule that is named, else those that have words of the title, else all.

    Any meeting lacks the title of most rules: that is the reason only where it lacks the title of all.
    """
    asked = tuple(one for one in several if rule in ("", one.rule))
    titled = tuple(one for one in asked if all(finding.condition != "title" for finding in one.findings))
    return titled or asked


def _of_rule(stage: Stage, plan: Plan, rule: Rule, meeting: Meeting) -> Against:
    world = stage.world
    attendance = world.attendances[meeting.identity]
    gates = [gate for gate in attendance.gates if not gate.holds]
    if not gates and not attendance.held:
        gates = [Finding("noshow", holds=False, why="it is marked #noshow")]
    verdict = world.verdict(rule, meeting)
    failing = _causes([one for one in verdict.findings if not one.holds])
    if any(gate.condition == "counts" for gate in gates):  # nobody is there: that none can be chosen follows from it
        failing = [one for one in failing if one.condition not in _OF_PEOPLE]
    if gates or failing:
        return Against(rule.id, matches=False, findings=(*gates, *failing))
    found = {one.condition: one for one in _outcomes(stage, plan, rule, meeting)}
    return Against(rule.id, matches=True, findings=tuple(found.values()))


def _causes(failing: list[Finding]) -> list[Finding]:
    """Without what only follows: where one condition leaves nobody to choose, the next ones find nobody, too."""
    choosing = [one for one in failing if one.condition in _CHOOSING]
    return [one for one in failing if one not in choosing[1:]]


def _outcomes(stage: Stage, plan: Plan, rule: Rule, meeting: Meeting) -> Iterator[Finding]:
    """What keeps the steps of a rule that matches from writing now."""
    world = stage.world
    for one in plan.cancelled:
        if _is_of(one, rule, meeting):
            yield Finding("thanked", holds=False, why=one.why)
    for one in plan.expired:
        if _is_of(one, rule, meeting) and one.expires is not None:
            day = moment(one.expires, stage.almanac, stage.now)
            yield Finding("expired", holds=False, why=f"the time of its {one.step} passed on {day}")
    for one in plan.follow_ups:
        if one.rule == rule.id and one.hold is not None:
            why = f"its {one.step} is {held(one.hold, stage.almanac, stage.now)}"
            yield Finding("courtesy", holds=False, why=why)
    for record in world.records_of(meeting):
        if record.rule == rule.id and record.state in FINAL | OPEN:
            yield Finding("drafted", holds=False, why=f"its {record.step} was drafted: it is {record.state}")
    yield from _of_chains(stage, plan, rule, meeting)
    if any(step.after is not None or step.before is not None for step in rule.steps):
        until = moment(stage.until, stage.almanac, stage.now)
        yield Finding("later", holds=False, why=f"nothing else of it is due by {until}")


def _of_chains(stage: Stage, plan: Plan, rule: Rule, meeting: Meeting) -> Iterator[Finding]:
    """Why no check-in comes to the people of the meeting."""
    world = stage.world
    keys = {world.directory.key(person.email) for person in world.chosen(rule, meeting)}
    for chain in chains.chains(world):
        if chain.rule.id != rule.id or chain.key not in keys:
            continue
        look = chains.outlook(world, chain, stage.now, plan.ages[rule.id].since)
        step = chain.step.id
        if look.wish is None:
            yield Finding(_ended(world, chain), holds=False, why=f"its {step}: {look.why}")
        elif not is_expired(look.wish.follow_up, stage.now) and look.wish.follow_up.due > stage.until:
            due = moment(look.wish.follow_up.due, stage.almanac, stage.now)
            yield Finding("later", holds=False, why=f"its {step} is due {due}")


def _ended(world: World, chain: chains.Chain) -> str:
    """By which name a chain rests: a check-in lies in Drafts, or so many are unanswered."""
    records = world.by_step.get((chain.rule.id, chain.step.id), ())
    lies = any(one.state in OPEN and chain.key in world.keys(one.addresses) for one in records)
    return "drafted" if lies else "at_most"


def _is_of(one: FollowUp, rule: Rule, meeting: Meeting) -> bool:
    return one.rule == rule.id and one.anchor in meeting.identities
