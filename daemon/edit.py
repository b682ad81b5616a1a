"""What an edit of the configuration does to the plan: the notes of the coming weeks before it, and after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from connectors.base import TransientError
from daemon.expressions import without_slow
from daemon.ledger import Ledger
from daemon.sight import drafted_at, house_of, remembered
from daemon.view import House, at_calendars, span
from rules.plan import plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.load import Configuration
    from rules.model import FollowUp, Person
    from rules.world import World

AHEAD = timedelta(days=28)
"""How far it is looked: what a cycle knows of the calendars goes beyond that."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A note, and when it will be drafted."""

    follow_up: FollowUp
    at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """Notes that come by the edit, that come no more, and that come at another time (as it was, as it is).

    `same` is how many stay as they are.
    """

    until: datetime
    gains: tuple[Coming, ...]
    loses: tuple[Coming, ...]
    moves: tuple[tuple[Coming, Coming], ...]
    same: int


def change(house: House, former: Configuration, world: World, ledger: Ledger, now: datetime) -> Change:
    """What is planned by the configuration of this house and was not by the former one, and the other way round.

    Both look at the same moment at the same world, which a cycle has just seen; nothing is asked, and nothing written.
    """
    with Ledger.open(ledger.folder, write=False) as looking:
        before = _notes(_formerly(house, former, world, looking, now), now)
    after = _notes(world, now)
    both = [(before[id_], one) for id_, one in after.items() if id_ in before]
    moves = tuple(pair for pair in both if pair[0].at != pair[1].at)
    return Change(
        now + AHEAD,
        gains=tuple(one for id_, one in after.items() if id_ not in before),
        loses=tuple(one for id_, one in before.items() if id_ not in after),
        moves=moves,
        same=len(both) - len(moves),
    )


def _notes(world: World, now: datetime) -> Mapping[str, Coming]:
    """By id, in the order of time, what is drafted in the coming weeks. What waits for something to happen is not."""
    horizon = now + AHEAD
    found = [Coming(one, drafted_at(one, now)) for one in plan(now, world, horizon).follow_ups if not one.is_stuck]
    return {one.follow_up.id: one for one in sorted(found, key=lambda one: one.at) if one.at <= horizon}


def _formerly(house: House, former: Configuration, world: World, ledger: Ledger, now: datetime) -> World:
    """The same world under the former configuration."""
    if not _sees_the_same(former, house.configuration):
        asked = replace(house_of(former, ledger.folder), former=house.configuration)
        books: dict[str, _RememberedBook | tuple[Person, ...]] = {
            name: book if isinstance(book, tuple) else _RememberedBook() for name, book in asked.books.items()
        }
        asked = replace(remembered(asked), books=books)
        seen = at_calendars(asked, ledger, now, span(asked, now, now))
        world = replace(seen.world, history=world.history)
    rules = replace(
        world,
        rules=former.rules,
        courtesy=former.courtesy,
        backfill=former.backfill,
        almanac=former.almanac,
    )
    return without_slow(rules, ledger, former.folder)[0]


def _sees_the_same(one: Configuration, other: Configuration) -> bool:
    """Whether both have the same meetings and people: then the edit is one of rules, templates or limits."""
    return (one.calendars, one.contacts, one.people, one.me.emails, one.almanac.zone) == (
        other.calendars,
        other.contacts,
        other.people,
        other.me.emails,
        other.almanac.zone,
    )


class _RememberedBook:
    """An address book that is not asked."""

    def tag(self) -> str:
        """Say nothing."""
        self._silent()

    def people(self) -> NoReturn:
        """Say nothing."""
        self._silent()

    def _silent(self) -> NoReturn:
        raise TransientError("the address book was not asked")
