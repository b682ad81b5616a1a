"""Whether what stands in the rows makes sense: each is read as the ledger reads it, and let go.

Pages that are whole may hold texts that are not: another program wrote there, or a disk answered with other bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from daemon.ledger import followups
from daemon.ledger.calendars import SOME
from daemon.ledger.codec import json_record, row_ask, row_decision, row_mail, row_problem, row_promise, row_record
from daemon.ledger.errors import corrupt, making_sense, telling
from daemon.ledger.kinds import makes_sense
from daemon.ledger.meetings import read_meetings
from daemon.ledger.store import driver
from daemon.ledger.tables import metadata
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from sqlalchemy import Connection

    Row = Mapping[str, Any]


def read_through(connection: Connection, file: Path) -> None:
    """Read every row of every table, a few at a time; of the drafts as they were placed any bytes are right.

    Raises:
        LedgerCorrupt: one makes no sense.
    """
    with telling(file), making_sense(file):
        if not makes_sense(driver(connection)):
            raise corrupt(file)
        followups.open_intents(connection)
        for name, table in metadata.tables.items():
            if name != "messages":
                read = _READ.get(name, _values)
                for several in connection.execute(select(table)).partitions(SOME):
                    read([row._asdict() for row in several])


def _values(rows: Iterable[Row]) -> None:
    """Whatever has only columns of its own: SQLAlchemy has read them."""


def _each(read: Callable[[Row], object]) -> Callable[[Iterable[Row]], None]:
    def all_of(rows: Iterable[Row]) -> None:
        for row in rows:
            read(row)

    return all_of


def _problems(row: Row) -> None:
    for problem in row["problems"] or ():
        row_problem(problem)


def _problem(row: Row) -> None:
    if row["problem"] is not None:
        row_problem(row["problem"])


def _former(row: Row) -> None:
    if row["former"] is not None:
        json_record(row["former"])


def _meetings(column: str) -> Callable[[Iterable[Row]], None]:
    def all_of(rows: Iterable[Row]) -> None:
        for _ in read_meetings("", [(row["uid"], row[column]) for row in rows]):
            pass

    return all_of


_READ: dict[str, Callable[[Iterable[Row]], None]] = {
    "follow_ups": _each(row_record),
    "events": _each(lambda row: State(row["state"])),
    "intents": _each(_former),
    "mails": _each(row_mail),
    "promises": _each(row_promise),
    "decisions": _each(row_decision),
    "asks": _each(row_ask),
    "nudges": _each(lambda row: tuple(row["people"])),
    "cycles": _each(_problems),
    "sources": _each(_problem),
    "flaws": _each(_problem),
    "components": _meetings("meetings"),
    "held": _meetings("meeting"),
}
