"""What `daemon/ledger/schema.sql` has to say: the tables as all migrations make them. After a new one, write it anew:

.venv/bin/python -m tests.daemon.ledger.schema >daemon/ledger/schema.sql
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from daemon.ledger import store

if TYPE_CHECKING:
    from sqlalchemy import Connection

HEAD = """\
-- The tables of a new ledger: what the migrations make one after the other, in a tenth of the time.
-- Written by tests/daemon/ledger/schema.py; a test compares.

"""
_MADE = """
SELECT sql FROM sqlite_master AS one WHERE sql IS NOT NULL
ORDER BY (SELECT rowid FROM sqlite_master WHERE name = one.tbl_name), type = 'index', name
"""
"""The tables as they were made, each with its indexes behind it: SQLAlchemy makes those in any order."""


def migrated() -> list[str]:
    """The statements for what all migrations make of nothing."""
    engine = store._engine(store._connect("file::memory:"))
    store.migrate(engine)
    with engine.connect() as connection:
        several = statements(connection)
    engine.dispose()
    return several


def statements(connection: Connection) -> list[str]:
    """Those that make a ledger like this one: its tables, its indexes and the number of its schema."""
    made = [_laid_out(one) for one in connection.exec_driver_sql(_MADE).scalars()]
    (schema,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
    return [*made, f"INSERT INTO alembic_version (version_num) VALUES ('{schema}')"]


def _laid_out(statement: str) -> str:
    """No blanks at the ends of lines, and four at their beginnings."""
    return re.sub(r"\s*\n\s*(\S)", r"\n    \1", statement).replace("\n    )", "\n)")


if __name__ == "__main__":
    sys.stdout.write(HEAD + "".join(f"{one};\n" for one in migrated()))
