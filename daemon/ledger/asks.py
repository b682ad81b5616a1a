"""The meeting requests that the user asked for: one step of a transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from daemon.ledger.codec import ask_row, row_ask, storable
from daemon.ledger.tables import asks

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from rules.history import Ask

_ALL = select(asks).order_by(asks.c.at, asks.c.id)
_END = (
    update(asks)
    .where(asks.c.id == bindparam("of"), asks.c.ended.is_(None))
    .values(ended=bindparam("moment"), why=bindparam("cause"))
)


def all_asks(connection: Connection) -> tuple[Ask, ...]:
    """Oldest first, also those that are over."""
    return tuple(row_ask(row._asdict()) for row in connection.execute(_ALL))


def add(connection: Connection, wanted: Ask) -> None:
    """One more. The same at the same moment is there once."""
    if connection.execute(select(asks.c.id).where(asks.c.id == wanted.id)).first() is None:
        connection.execute(insert(asks).values(ask_row(wanted)))


def end(connection: Connection, several: Iterable[tuple[str, str]], at: datetime) -> None:
    """These are over from now on, and by what."""
    for id_, why in several:
        connection.execute(_END, {"of": id_, "moment": at, "cause": storable(why)})
