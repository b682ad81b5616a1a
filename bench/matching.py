"""Finding the meetings of many rules: as the planner does it, and by trying every rule on every meeting."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.sample import AT
from config.load import load
from daemon.ledger import Ledger
from daemon.sight import house_of
from daemon.view import at_calendars
from rules import match

if TYPE_CHECKING:
    from pathlib import Path

    from rules.world import World

    Matches = set[tuple[str, str, tuple[str, ...]]]


@dataclass(frozen=True)
class Race:
    """Seconds of the processor that each way took for the same matches; `matches` is how many there are."""

    meetings: int
    rules: int
    matches: int
    indexed: float
    tried: float

    @property
    def ratio(self) -> float:
        """How many times as fast the planner's way is."""
        return self.tried / self.indexed


def world_of(config: Path) -> World:
    """The world of a configuration, with the meetings of the year before `AT`."""
    configuration = load(config).configuration
    assert configuration is not None
    state = config.parent / "looking"
    state.mkdir()
    with Ledger.open(state, write=False) as ledger:
        seen = at_calendars(house_of(configuration, state), ledger, AT, (AT - timedelta(days=365), AT))
    return seen.world


def race(world: World) -> Race:
    """Both ways on the same world, each with empty memories.

    Raises:
        SystemExit: they do not find the same.
    """
    _ = world.scene.concern, world.held  # which either way needs first
    indexed, found = _timed(replace(world), planned=True)
    tried, expected = _timed(replace(world), planned=False)
    if found != expected:
        raise SystemExit(f"Matching finds other meetings than trying every rule does: {found ^ expected}")
    return Race(len(world.scene.concern), len(world.rules), len(found), indexed, tried)


def _timed(world: World, *, planned: bool) -> tuple[float, Matches]:
    match.found.cache_clear()
    match.expressed.cache_clear()
    world.scene.__dict__.pop("titles", None)  # the index is part of what the planner's way takes
    begin = time.process_time()
    matches = _by_index(world) if planned else _by_trying(world)
    return time.process_time() - begin, matches


def _by_index(world: World) -> Matches:
    return {
        (rule.id, meeting.identity, tuple(person.email for person in people))
        for rule in world.rules
        for meeting in world.candidates(rule)
        if (people := world.chosen(rule, meeting))
    }


def _by_trying(world: World) -> Matches:
    return {
        (rule.id, meeting.identity, tuple(person.email for person in verdict.people))
        for rule in world.rules
        for meeting in world.scene.concern
        if (verdict := world.verdict(rule, meeting)).matches
    }
