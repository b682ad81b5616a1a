"""What the user promised at meetings: one step of a transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from daemon.ledger.codec import promise_row, row_promise
from daemon.ledger.tables import promises

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from rules.history import Promise

_ALL = select(promises).order_by(promises.c.id)
_TICK = update(promises).where(promises.c.id == bindparam("of")).values(kept=bindparam("at"))


def all_promises(connection: Connection) -> tuple[Promise, ...]:
    """Also those that are kept or withdrawn."""
    return tuple(row_promise(row._asdict()) for row in connection.execute(_ALL))


def learn(connection: Connection, several: Iterable[Promise]) -> None:
    """These promises, as they stand in the calendars now. What the user ticked off stays so."""
    known = set(connection.execute(select(promises.c.id)).scalars())
    for promise in several:
        row = promise_row(promise)
        if promise.id in known:
            del row["kept"]
            connection.execute(update(promises).where(promises.c.id == promise.id).values(row))
        else:
            connection.execute(insert(promises).values(row))


def tick(connection: Connection, several: Iterable[Promise], at: datetime | None) -> None:
    """The user kept these promises at this time; None where they did not after all."""
    for promise in several:
        if connection.execute(_TICK, {"of": promise.id, "at": at}).rowcount == 0:
            connection.execute(insert(promises).values({**promise_row(promise), "kept": at}))
