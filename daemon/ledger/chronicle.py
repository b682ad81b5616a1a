"""What has happened of late, over all follow-ups, and the cycles in which it did: for who looks back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from daemon.ledger.codec import row_problem
from daemon.ledger.model import Event
from daemon.ledger.tables import cycles as of_cycles
from daemon.ledger.tables import events
from rules.history import State

if TYPE_CHECKING:
    from datetime import datetime

    from config.problem import Problem
    from daemon.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Happened:
    """A line of the history, and the id of the follow-up that it is of."""

    event: Event
    follow_up: str


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle that looked at everything: when it began, whether it came to its end, and with which problems."""

    began: datetime
    ended: datetime | None
    problems: tuple[Problem, ...]


def happened(ledger: Ledger, since: datetime, most: int) -> tuple[Happened, ...]:
    """The lines of all histories from then on, the latest first; at most so many.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = select(events.c.follow_up, events.c.at, events.c.state, events.c.cause).where(events.c.at >= since)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(events.c.number.desc()).limit(most))
        return tuple(Happened(Event(at, State(state), cause), of) for of, at, state, cause in rows)


def cycles(ledger: Ledger, most: int) -> tuple[Cycle, ...]:
    """The last cycles, the latest first. Those in which nothing was new leave no trace but now and then.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    query = select(of_cycles).order_by(of_cycles.c.number.desc()).limit(most)
    with ledger.reading() as connection:
        rows = connection.execute(query)
        return tuple(Cycle(row.began, row.ended, tuple(map(row_problem, row.problems or ()))) for row in rows)
