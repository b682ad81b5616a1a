"""What the rules would have drafted over a span of the calendar: the planner walks through it. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError
from daemon.drafting import Drafting
from daemon.expressions import without_slow
from daemon.observe import arrived
from daemon.sight import Sight, drafted_at, when_due
from daemon.view import at_calendars, knowing, told
from rules.history import State
from rules.plan import plan
from rules.reach import reach
from rules.replay import as_new, without_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from config.load import Configuration
    from config.problem import Problem
    from daemon.ledger import Ledger
    from daemon.view import House, View
    from rules.model import FollowUp
    from rules.world import World


@dataclass(frozen=True, slots=True)
class Drafted:
    """A note that would have been drafted at `at`, and its JSON."""

    follow_up: FollowUp
    at: datetime
    json: dict[str, Any]

    @property
    def subject(self) -> str:
        """The subject that the note would have; empty where the template does not work for it."""
        return str(self.json["subject"])


@dataclass(frozen=True)
class Backtest:
    """What one set of rules would have done. `drafted` in the order of time; `never`: held back until too late."""

    sight: Sight
    drafted: tuple[Drafted, ...]
    never: tuple[Drafted, ...]

    @property
    def all(self) -> tuple[Drafted, ...]:
        """What was drafted, then what never was."""
        return *self.drafted, *self.never

    @property
    def json(self) -> dict[str, Any]:
        """As `plan` prints it."""
        return {"follow_ups": [one.json for one in self.all]}


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` up to and with `end`, seen from `now`."""

    start: datetime
    end: datetime
    now: datetime


def backtest(
    house: House, ledger: Ledger, span: Span, others: Sequence[Configuration] = ()
) -> tuple[list[Backtest], list[Problem]]:
    """One for the rules of the house, and one for those of each other configuration; what could not be looked at.

    As if Afterword had begun at the start of the span, with the calendars as they show it today, the mails that came
    and went, and each draft sent when it was due. Of another configuration the rules, templates and courtesy count:
    who I am, the calendars, people and mailbox are those of the house. `ledger` is one for looking.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    assert not ledger.writable
    mine = house.configuration
    sets = [mine, *(_with_rules_of(mine, other) for other in others)]
    windows = [reach(one.rules, one.backfill, span.start, span.end) for one in sets]
    window = min(start for start, _ in windows), max(end for _, end in windows)
    seen = at_calendars(house, ledger, span.now, window)
    problems = seen.problems
    seen.world = without_records(seen.world)  # so that what is worked out of the meetings serves to the end
    seen.world = _with_mails(house, ledger, seen, span.now)
    found = []
    for one in sets:
        rules = replace(seen.world, rules=one.rules, courtesy=one.courtesy, backfill=one.backfill)
        world, slow = without_slow(rules, ledger, one.folder)
        problems += slow
        found.append(_played(replace(house, configuration=one), ledger, as_new(world, span.start), span))
    return found, problems


def _with_rules_of(mine: Configuration, other: Configuration) -> Configuration:
    return replace(
        mine,
        folder=other.folder,
        rules=other.rules,
        templates=other.templates,
        courtesy=other.courtesy,
        backfill=other.backfill,
    )


def _with_mails(house: House, ledger: Ledger, seen: View, now: datetime) -> World:
    """With the mails that came and went: of the mailbox the headers are asked, and no draft is looked at."""
    world = seen.world
    try:
        _, new = arrived(house.mailbox, ledger, world.scene.addresses, world.me, now, almanac=world.almanac)
    except ConnectorError as error:
        seen.problems.append(told(house.mailbox.kind, error))
        return world
    return knowing(world, world.history.records, (*world.history.mails, *new))


def _played(house: House, ledger: Ledger, world: World, span: Span) -> Backtest:
    planned = plan(span.start, world, span.end)
    drafting = Drafting(house.configuration, ledger, span.start)
    sight = Sight(world.almanac, house.mailbox.kind, span.start, (), plan=planned, drafting=drafting)
    drafted: list[Drafted] = []
    never: list[Drafted] = []
    for one in when_due(planned.follow_ups, world, span.start):
        at = drafted_at(one, span.start)
        if not one.is_stuck:
            drafted += [Drafted(one, at, sight.json_of(one))] if at <= span.end else []
        elif one.expires is not None and one.expires <= span.end:
            never.append(Drafted(one, at, {**sight.json_of(one), "state": State.EXPIRED.value}))
    return Backtest(sight, tuple(sorted(drafted, key=lambda one: one.at)), tuple(never))
