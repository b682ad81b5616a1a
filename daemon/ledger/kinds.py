"""Whether each value in the ledger is of the kind of its column: SQLite itself takes a text where a number stands."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import Boolean, Integer, LargeBinary

from daemon.ledger.columns import Instant, Number, to_microseconds
from daemon.ledger.tables import metadata

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import Column, Table

_FIRST, _LAST = (to_microseconds(one.replace(tzinfo=UTC)) for one in (datetime.min, datetime.max))  # noqa: DTZ901 - see there


def makes_sense(raw: sqlite3.Connection) -> bool:
    """Whether all that stands in the present tables is of the kind of its column; texts are not read for that."""
    return not any(raw.execute(_odd(table)).fetchone()[0] for table in metadata.tables.values())


@cache
def _odd(table: Table) -> str:
    kinds = " AND ".join(_kind(column) for column in table.columns)
    return f'SELECT EXISTS (SELECT 1 FROM "{table.name}" WHERE NOT ({kinds}))'  # noqa: S608 - names of our own


def _kind(column: Column[object]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, Instant):
        fits = f"typeof({name}) = 'integer' AND {name} BETWEEN {_FIRST} AND {_LAST}"
    elif isinstance(column.type, Boolean):
        fits = f"{name} IN (0, 1)"
    elif isinstance(column.type, Integer | Number):
        fits = f"typeof({name}) = 'integer'"
    else:
        fits = f"typeof({name}) = '{'blob' if isinstance(column.type, LargeBinary) else 'text'}'"
    return f"({fits} OR {name} IS NULL)" if column.nullable else f"({fits})"
