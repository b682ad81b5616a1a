"""Steps that never write anything, because another writes the same words to the same people before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rules.implied import given, implies
from rules.language import AttendeeConditions, Conditions, is_thank_you
from rules.match import complete
from rules.timing import DEFAULT_EXPIRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rules.language import Rule, Step
    from rules.timing import Duration


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step of a rule; `order` is that of the files, which decides between two that are due at once.

    `wanted` is what the rule asks for, complete, and `asked` the names of it. Steps of one `kind` differ in nothing
    that decides when they write, so that only kinds are compared, of which there are few.
    """

    rule: Rule
    step: Step
    order: tuple[int, int]
    wanted: Conditions = field(repr=False)
    asked: tuple[str, ...] = field(repr=False)
    kind: int = field(repr=False)


def repeated(rules: Sequence[Rule]) -> Iterator[tuple[StepOf, StepOf]]:
    """Each step that never writes anything, with the one that does so in its place; `rules` in the order of the files.

    The same template for the same person and meeting is drafted once: that which is due first, then that which comes
    first in the files. So it is where one rule matches whatever the other does, and is never due after it. Check-ins
    are none of these: they are counted from each other, and both come to their turn.
    """
    alike: dict[tuple[str, bool], list[StepOf]] = defaultdict(list)
    for one in _steps(rules):
        alike[one.step.template[0], one.step.before is not None].append(one)
    known: dict[tuple[int, int, bool], bool] = {}
    for steps in alike.values():
        for second in steps:
            first = next((one for one in steps if one is not second and _replaces(one, second, known)), None)
            if first is not None:
                yield first, second


def _steps(rules: Sequence[Rule]) -> Iterator[StepOf]:
    kinds: dict[tuple[object, ...], int] = {}
    for number, rule in enumerate(rules):
        wanted = complete(rule.when)
        asked = given(wanted)
        for index, step in enumerate(rule.steps):
            if step.every is not None or len(step.template) > 1:
                continue
            when = (step.after, step.before, step.by, step.expires, step.window)
            kind = (*when, step.to, step.own, is_thank_you(rule, step))
            yield StepOf(rule, step, (number, index), wanted, asked, kinds.setdefault(kind, len(kinds)))


def _replaces(first: StepOf, second: StepOf, known: dict[tuple[int, int, bool], bool]) -> bool:
    """Whether the second writes nothing beside the first; `known` are the kinds that were compared already."""
    kinds = first.kind, second.kind, first.order < second.order
    if kinds not in known:
        known[kinds] = _comes_before(first, second) and _stays(first, second)
    if not known[kinds] or (first.rule is not second.rule and first.rule.id == second.rule.id):
        return False  # of two rules with one id it is that which is wrong
    return _wider(first, second)


def _comes_before(first: StepOf, second: StepOf) -> bool:
    """Whether the first is due before the second at every meeting, or at the same time and first in the files."""
    one, other = first.step, second.step
    sooner = _sooner(one, other)
    if sooner is None:
        return False
    if one.by is not None and other.after is not None and _shorter(one.by, other.after):
        return True  # its window cannot move it behind `by`
    if one.window == other.window and one.by == other.by:
        # Both wait for the same window, whatever the time between them.
        return first.order < second.order or (sooner and one.window.symbol == "any")
    return one.window.symbol == "any" and (sooner or first.order < second.order)


def _sooner(one: Step, other: Step) -> bool | None:
    """Whether one is to be written before another, but for the window; None where it may be after it."""
    if one.after is not None and other.after is not None:
        return False if one.after == other.after else True if _shorter(one.after, other.after) else None
    if one.before is not None and other.before is not None:
        return False if one.before == other.before else True if _shorter(other.before, one.before) else None
    return None


def _shorter(one: Duration, other: Duration) -> bool:
    """Whether it is shorter at every meeting: at most as long in each of its units, or by far."""
    if one.longest < other.shortest:
        return True
    units = ("months", "days", "business_days", "minutes")
    return one != other and all(getattr(one, unit) <= getattr(other, unit) for unit in units)


def _stays(first: StepOf, second: StepOf) -> bool:
    """Whether nothing but the first can be written: it goes to the same people, until the second has its turn."""
    one, other = first.step, second.step
    if one.before is not None:
        return True
    thanked = is_thank_you(first.rule, one)  # my own word of thanks then ends both, or only the second
    if one.to != other.to or (thanked and not (is_thank_you(second.rule, other) and set(one.own) <= set(other.own))):
        return False
    # Somebody who lets the first expire early may mean the second for the days on which the machine is asleep.
    assert one.after is not None
    assert other.after is not None
    ends = one.after.roughly + (one.expires or DEFAULT_EXPIRY).roughly
    until = other.after.roughly + (other.expires or DEFAULT_EXPIRY).roughly
    return one.expires is None or ends >= until


def _wider(first: StepOf, second: StepOf) -> bool:
    """Whether the first rule matches whatever the second does, and writes to the same people at least."""
    if first.rule is second.rule:
        return True
    if not all(implies(second.wanted, first.wanted, name) for name in first.asked):
        return False
    ours, theirs = first.rule.unless, second.rule.unless
    return ours is None or all(_excluded(_only(ours, name), theirs) for name in given(ours))


def _excluded(condition: Conditions, by: Conditions | None) -> bool:
    return by is not None and any(implies(condition, by, name) for name in given(by))


def _only(conditions: Conditions, name: str) -> Conditions:
    """One condition by itself."""
    attendees = conditions.attendees
    if name == "external" and attendees is not None:
        return Conditions(attendees=AttendeeConditions(external=attendees.external))
    if name == "attendees" and attendees is not None:
        return Conditions(attendees=attendees.model_copy(update={"external": None}))
    return Conditions().model_copy(update={name: getattr(conditions, name)})
