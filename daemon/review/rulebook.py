"""What the page Rules tells: each rule, what it did this month, what comes next by it, and what is wrong."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from config.where import places_of_rules
from daemon.cli.wording import count, moment, names
from daemon.present import held
from daemon.sight import drafted_at
from rules.history import OPEN, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from config.load import Configuration, Sources
    from daemon.sight import Sight
    from rules.history import Record
    from rules.language import Conditions, Rule, Step
    from rules.model import FollowUp

AHEAD = timedelta(weeks=8)
_SHOWN = 3
_WORDS = 12
"""So many of a list of words are shown of a condition."""


@dataclass(frozen=True, slots=True)
class StepTold:
    """A step: its name, when it comes, to whom, and the templates that it takes."""

    id: str
    when: str
    more: tuple[str, ...]
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """A note that comes: its id, when (or what holds it back), which step, for whom."""

    id: str
    when: str
    step: str
    to: str
    held: bool


@dataclass(frozen=True, slots=True)
class RuleTold:
    """One rule. `done` are numbers of this month with what they count, `waiting` the drafts that lie there now."""

    id: str
    about: str
    place: str
    conditions: tuple[tuple[str, str], ...]
    steps: tuple[StepTold, ...]
    done: tuple[tuple[str, int], ...]
    waiting: int
    coming: tuple[Next, ...]
    more: int


def told(sight: Sight, configuration: Configuration, sources: Sources) -> tuple[RuleTold, ...]:
    """Every rule of the configuration, in the order of the files."""
    places = places_of_rules(sources)
    coming: dict[str, list[FollowUp]] = {}
    for one in sorted(sight.planned, key=lambda one: (drafted_at(one, sight.now), one.id)):
        if one.rule is not None and drafted_at(one, sight.now) <= sight.now + AHEAD:
            coming.setdefault(one.rule, []).append(one)
    return tuple(_told(sight, rule, places, coming.get(rule.id, [])) for rule in configuration.rules)


def _told(sight: Sight, rule: Rule, places: Mapping[str, str], coming: Sequence[FollowUp]) -> RuleTold:
    records = [one for one in sight.records if one.rule == rule.id]
    return RuleTold(
        id=rule.id,
        about=rule.about,
        place=places.get(rule.id, ""),
        conditions=tuple(conditions(rule)),
        steps=tuple(map(step_told, rule.steps)),
        done=done(sight, records),
        waiting=sum(one.state in OPEN for one in records),
        coming=tuple(_next(sight, one) for one in coming[:_SHOWN]),
        more=max(0, len(coming) - _SHOWN),
    )


def done(sight: Sight, records: Iterable[Record]) -> tuple[tuple[str, int], ...]:
    """How often this month each of these happened; what did not happen is 0. One draft may be in several numbers."""
    begin = sight.almanac.midnight(sight.almanac.day_of(sight.now).replace(day=1))
    found = Counter[str]()
    for one in records:
        found["placed"] += one.placed is not None and begin <= one.placed <= sight.now
        found["sent"] += one.sent is not None and begin <= one.sent <= sight.now
        for state in (State.ANSWERED, State.VETOED, State.SKIPPED):
            found[state.value] += one.state is state and begin <= one.changed <= sight.now
    return tuple((name, found[name]) for name in ("placed", "sent", "answered", "vetoed", "skipped"))


def _next(sight: Sight, one: FollowUp) -> Next:
    at = drafted_at(one, sight.now)
    when = "due now" if at <= sight.now else moment(at, sight.almanac, sight.now)
    to = "you" if one.to_me else names(one.recipients)
    if one.hold is not None:
        return Next(one.id, held(one.hold, sight.almanac, sight.now), one.step, to, held=True)
    return Next(one.id, when, one.step, to, held=False)


# --- a rule in words ---------------------------------------------------------------------------------------


def step_told(step: Step) -> StepTold:
    """`2 hours after`, `every 6 weeks`, `1 day before`; and what else is said of it."""
    if step.after is not None:
        when = "right after" if step.after.is_zero else f"{step.after} after"
    elif step.every is not None:
        when = f"every {step.every}"
    else:
        when = f"{step.before} before, to you"
    return StepTold(step.id, when, tuple(_more(step)), step.template)


def _more(step: Step) -> Iterator[str]:
    if step.by is not None:
        yield f"on its way within {step.by}"
    if str(step.window) != "any":
        yield "in working hours" if step.window.symbol else str(step.window)
    if step.at_most is not None:
        yield f"until {count(step.at_most, 'note')} {'is' if step.at_most == 1 else 'are'} unanswered"
    if step.to == "all":
        yield "one note to all"
    if step.thread == "reply":
        yield "as a reply"


def conditions(rule: Rule) -> Iterator[tuple[str, str]]:
    """Each condition of the rule with its words, as the file has them; those of `unless` after the others."""
    yield from _conditions(rule.when, "")
    if rule.unless is not None:
        yield from _conditions(rule.unless, "unless ")


def _conditions(several: Conditions, before: str) -> Iterator[tuple[str, str]]:
    for name, value in several.model_dump(mode="json", exclude_unset=True).items():
        if value is not None:
            yield f"{before}{name.replace('_', ' ')}", _words(value)


def _words(value: object) -> str:
    if isinstance(value, dict):
        several = ((name.replace("_", " "), one) for name, one in value.items() if one is not None)
        return ", ".join(f"{name} {_words(one)}" for name, one in several)
    if isinstance(value, list):
        more = f" and {len(value) - _WORDS} more" if len(value) > _WORDS else ""
        return ", ".join(map(str, value[:_WORDS])) + more
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
