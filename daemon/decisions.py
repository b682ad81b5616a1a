"""Telling of a decision: whom, and what becomes of it with each of them. For the command and the review page alike.

All looks are at a `Sight` (`daemon.sight.ahead`), and nothing is written but by `Ledger.decide` and `Ledger.take_back`.
`made` in `daemon.cli.decide` makes a decision of what somebody typed; then

    courses(sight)      # each decision, with who is told, who is not, and who was left out
    untold(sight)       # those still to be told, of all decisions, closest first
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from config.problem import Problem
from rules.circle import circle, closest_first, has_tag, is_of, met_under, rule_of
from rules.closing import helped
from rules.decisions import STEP, decision_id, merged
from rules.history import Addressee, CheckIns, Decision, State
from rules.model import address
from rules.plan import plan
from rules.sandbox import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daemon.sight import Sight
    from rules.circle import Near
    from rules.decisions import Closing
    from rules.history import Record
    from rules.model import FollowUp, Person
    from rules.world import World

_TOLD = frozenset({State.SENT, State.ANSWERED})
_NEAR = 3


class UnknownTag(Exception):  # noqa: N818 - the user meant something that is not there
    """Nobody has this tag, and no rule this id; `near` are those that are spelled much like it, `known` all."""

    def __init__(self, tag: str, near: Sequence[str], known: Sequence[str]) -> None:
        super().__init__(tag)
        self.near = near
        self.known = known


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who is not told, and why."""

    person: Person
    why: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a decision is told, closest first; and who belongs to them, and is not told."""

    chosen: tuple[Near, ...]
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """Where a decision stands with one person.

    `state` is that of the closing note; `note` is its draft, or how it is planned, where there is either. `helped` is
    what they helped with.
    """

    closing: Closing
    state: State
    note: Record | FollowUp | None
    helped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """Where a decision stands: to whom the note is still to go, who is told, and who was left out after all."""

    decision: Decision
    untold: tuple[Telling, ...]
    told: tuple[Telling, ...]
    left_out: tuple[Telling, ...]


def among(people: Mapping[str, Person], firm: str) -> tuple[Person, ...]:
    """Those of the people who belong to a firm: a mail domain, or an organisation (`rules.circle.is_of`)."""
    return tuple(person for person in people.values() if is_of(person, firm))


def audience(
    sight: Sight,
    people: Mapping[str, Person],
    *,
    tell: Sequence[Person] = (),
    tags: Sequence[str] = (),
    excepted: Mapping[str, str] | None = None,
) -> Audience:
    """Who is told: those named, those with a tag, those met under a rule; with neither, everybody there is.

    `people` is everybody, by key. A tag is one of an address book, or the id of a rule. `excepted` says of whom it
    is not to be told, by key, and why.

    Raises:
        UnknownTag: nobody has it, and no rule.
    """
    world = _world(sight)
    named = {world.directory.key(person.email): person for person in tell}
    near = {one.key for one in circle(world, people, sight.now)}
    keys = {*named, *(key for tag in tags for key in _meant(world, people, tag, sight))}
    chosen: dict[str, Person] = {}
    left: list[Left] = []
    for key in keys if named or tags else near:
        person = people.get(key) or named[key]
        why = (excepted or {}).get(key) or ("is marked do_not_contact" if person.do_not_contact else "")
        if not why and key not in near | named.keys():
            why = "you have never met or written to each other"
        if why:
            left.append(Left(person, why))
        else:
            chosen[key] = person
    return Audience(closest_first(world, chosen, sight.now), tuple(sorted(left, key=lambda one: one.person.email)))


def _meant(world: World, people: Mapping[str, Person], tag: str, sight: Sight) -> frozenset[str]:
    """The keys of those with the tag, and of those met under the rule of this id."""
    tagged = frozenset(key for key, person in people.items() if has_tag(person, tag))
    rule = rule_of(world, tag)
    if rule is None and not tagged:
        known = {one.casefold(): one for person in people.values() for one in person.tags}
        known |= {one.id.casefold(): one.id for one in world.rules}
        near = [known[one] for one in get_close_matches(tag.casefold(), known, n=_NEAR)]
        raise UnknownTag(tag, near, sorted(known.values()))
    under = met_under(world, rule, sight.now) if rule is not None else frozenset()
    return tagged | (under & people.keys())


def worded(sight: Sight, text: str, heard: Audience, check_ins: CheckIns | None = None) -> Decision:
    """The decision as the user says it now, for `Ledger.decide`.

    Whoever was to be told before, by the same words, and is excepted now is left out. Without `check_ins` they do what
    was said before, and else go on.
    """
    known = known_by(sight, text)
    people = [Addressee(one.person.name, one.person.email, sight.now) for one in heard.chosen]
    before = {address(one.email) for one in known.people} if known else set()
    people += [
        Addressee(one.person.name, email, sight.now, left_out=True)
        for one in heard.left
        for email in one.person.emails
        if address(email) in before
    ]
    check_ins = check_ins or (known.check_ins if known else CheckIns.GO_ON)
    return Decision(decision_id(text), text.strip(), sight.now, tuple(people), check_ins)


def known_by(sight: Sight, text: str) -> Decision | None:
    """The decision that was said in the same words before."""
    return next((one for one in _world(sight).history.decisions if one.id == decision_id(text)), None)


def decided(sight: Sight, decision: Decision) -> Sight:
    """What will be seen once the user has decided so; nothing is written, and no source asked again."""
    world = _world(sight)
    known = next((one for one in world.history.decisions if one.id == decision.id), None)
    others = tuple(one for one in world.history.decisions if one.id != decision.id)
    history = replace(world.history, decisions=(*others, merged(known, decision)))
    return _seen(sight, replace(world, history=history))


def _seen(sight: Sight, world: World) -> Sight:
    assert sight.view is not None
    return replace(sight, view=replace(sight.view, world=world), plan=plan(sight.now, world, sight.now))


def faults(sight: Sight, decision: Decision) -> list[Problem]:
    """Why the closing notes could not be written: what is wrong in their template, each fault once."""
    assert sight.drafting is not None
    if STEP not in sight.drafting.configuration.templates.names():
        message = f"there is no template `{STEP}`, from which closing notes are written"
        hint = f"write templates/{STEP}.md, with `{{{{ decision }}}}` in it; docs/decide.md has one to begin with"
        return [Problem(None, f"templates/{STEP}.md", None, None, message, hint)]
    found: dict[Problem, None] = {}
    for follow_up in sight.planned:
        if follow_up.step == STEP and follow_up.anchor == decision.id:
            try:
                sight.drafting.note(follow_up)
            except TemplateFault as fault:
                file = f"templates/{fault.name}.md"
                found[Problem(None, file, fault.line, fault.column, fault.message, fault.hint)] = None
    return list(found)


def undone(sight: Sight, decision: Decision, at: datetime) -> Sight:
    """What will be seen once the user has taken the decision back at this time; nothing is written."""
    world = _world(sight)
    back = tuple(replace(one, undone=at) if one.id == decision.id else one for one in world.history.decisions)
    return _seen(sight, replace(world, history=replace(world.history, decisions=back)))


def courses(sight: Sight) -> tuple[Course, ...]:
    """Where each decision stands, the latest first; also one that was taken back."""
    world = _world(sight)
    planned = {one.id: one for one in sight.planned}
    by_closing = {(one.anchor, world.directory.key(one.recipients[0].email)): one for one in planned.values()}
    found = []
    for decision in reversed(world.history.decisions):
        mine = [one for one in world.closings if one.decision.id == decision.id]
        several = [
            replace(_telling(one, by_closing.get((decision.id, one.key))), helped=helped(world, one.key, sight.now))
            for one in mine
        ]
        found.append(
            Course(
                decision,
                untold=tuple(one for one in several if one.closing.waits),
                told=tuple(one for one in several if one.state in _TOLD),
                left_out=tuple(one for one in several if not one.closing.waits and one.state not in _TOLD),
            )
        )
    return tuple(found)


def untold(sight: Sight) -> tuple[Telling, ...]:
    """To whom a closing note is still to go, of all decisions: those of the latest first, closest first."""
    return tuple(one for course in courses(sight) for one in course.untold)


def _telling(closing: Closing, planned: FollowUp | None) -> Telling:
    record = closing.record
    if planned is not None and (record is None or record.state is not State.SNOOZED):
        return Telling(closing, State.PLANNED, planned)
    if record is None:
        return Telling(closing, State.PLANNED if closing.waits else State.CANCELLED, None)
    return Telling(closing, record.state, planned or record)


def _world(sight: Sight) -> World:
    assert sight.view is not None
    return sight.view.world
