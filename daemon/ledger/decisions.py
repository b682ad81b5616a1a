"""What the user decided, and whom they tell of it: one step of a transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from daemon.ledger.codec import decision_row, row_decision
from daemon.ledger.tables import decisions
from rules.decisions import merged

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from rules.history import Decision

_ALL = select(decisions).order_by(decisions.c.at, decisions.c.id)
_ONE = select(decisions).where(decisions.c.id == bindparam("of"))
_FORGET = delete(decisions).where(decisions.c.id == bindparam("of"))
_UNDO = update(decisions).where(decisions.c.id == bindparam("of")).values(undone=bindparam("then"))


def all_decisions(connection: Connection) -> tuple[Decision, ...]:
    """Oldest first, also those that were taken back."""
    return tuple(row_decision(row._asdict()) for row in connection.execute(_ALL))


def say(connection: Connection, decision: Decision) -> Decision:
    """Keep what the user said, beside what they said before in the same words; as it is then."""
    row = connection.execute(_ONE, {"of": decision.id}).first()
    known = merged(None if row is None else row_decision(row._asdict()), decision)
    connection.execute(_FORGET, {"of": known.id})
    connection.execute(insert(decisions).values(decision_row(known)))
    return known


def take_back(connection: Connection, of: str, at: datetime) -> bool:
    """The user took it back at this time; whether there is such a decision."""
    return connection.execute(_UNDO, {"of": of, "then": at}).rowcount > 0
