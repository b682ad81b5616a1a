"""Copies of the ledger: made by SQLite's own call, whole or not at all; and what a copy holds.

Whoever puts a copy back, by `afterword restore` or by `cp`, has an older ledger beside a mailbox that went on. So each
copy is made ready for that: it remembers no place in any mailbox or calendar, and bears a mark (`SETTLING`) until a
cycle has looked at the whole mailbox and found what was placed, sent or deleted since.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors import whole
from daemon.ledger.columns import from_microseconds
from daemon.ledger.errors import LedgerError, corrupt
from daemon.ledger.sense import read_through
from daemon.ledger.store import looking_through, readable, schema_of, seen
from daemon.ledger.tables import SCHEMAS, metadata
from daemon.state_folder import LEAST
from rules.history import UNSEEN

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

SETTLING = "settling"
"""The key in `memory` of the mark: since when the ledger that was copied had not been written by a cycle."""
_BESIDE = ("mailbox", "quiet")
"""What `memory` keeps of a place in the mailbox, and of a time at which nothing had changed there."""
_FORGET = (
    ("calendars", "note", "UPDATE calendars SET note = '', doubt_since = NULL, doubt_answer = 0"),
    ("resources", "tag", "UPDATE resources SET tag = ''"),
    ("follow_ups", "draft_tag", f"UPDATE follow_ups SET draft_tag = '{UNSEEN}' WHERE draft_tag <> ''"),  # noqa: S608 - a constant
)
"""A place in a calendar, a doubt that time alone would end, how a draft was last seen: all is to be looked at anew."""
_OURS = frozenset({"alembic_version", "follow_ups", "memory"})
"""Tables that the ledger has had in every release."""
_NO_ROOM = frozenset({sqlite3.SQLITE_FULL})
_FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Held:
    """What a copy holds. `as_of` is the end of the last cycle in it; `trouble` is why it cannot be put back, in words.

    `schema` is empty where it cannot be told.
    """

    size: int
    schema: str = ""
    follow_ups: int = 0
    as_of: datetime | None = None
    trouble: str = ""


def write(source: sqlite3.Connection, file: Path, target: Path) -> None:
    """Copy the ledger `file`, which `source` has open, to `target`: 0600, durable, sound, or not at all.

    Raises:
        LedgerCorrupt: the ledger is damaged; what `target` was it still is.
        sqlite3.Error: somebody else has it locked.
        OSError: there is no room, or no leave, at `target`.
    """
    begun = not source.in_transaction
    if begun:
        source.execute("BEGIN")
    try:
        # A lock that is had before: without it SQLite's call would wait for another one's end, for ever.
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        _refuse_without_room(source, target.parent)
        whole.make(target, lambda half: _fill(source, file, half))
    finally:
        if begun:
            with suppress(sqlite3.Error):
                source.execute("ROLLBACK")


def _refuse_without_room(source: sqlite3.Connection, folder: Path) -> None:
    """A copy that cannot come to its end is not begun, and none takes the last bytes from the ledger itself."""
    pages, size = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    disk = os.statvfs(folder)
    left = disk.f_bavail * disk.f_frsize - pages * size
    if disk.f_blocks and left < min(LEAST, disk.f_blocks * disk.f_frsize // 4):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _fill(source: sqlite3.Connection, file: Path, half: Path) -> None:
    try:
        if half.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(half))
        with closing(sqlite3.connect(f"{half.as_uri()}?mode=rw", uri=True, isolation_level=None)) as copy:
            copy.execute("PRAGMA trusted_schema=OFF")
            # Nobody reads it before it is whole, and it is synced then.
            copy.execute("PRAGMA journal_mode=OFF")
            copy.execute("PRAGMA synchronous=OFF")
            source.backup(copy)
            if _strange(copy) or not _is_whole(copy):
                raise corrupt(file)
            # One of an earlier schema is read by the release that wrote it, and by the migration that follows.
            if schema_of(copy) == SCHEMAS[-1]:
                with looking_through(copy) as connection:
                    read_through(connection, file)
            copy.execute("BEGIN")
            _make_ready(copy)
            copy.execute("COMMIT")
    except sqlite3.Error as error:
        raise _refusal(error, file, half) from error


def _refusal(error: sqlite3.Error, file: Path, half: Path) -> Exception:
    """What SQLite says of a copy, as the operating system would; damage can only be that of the ledger itself."""
    code = (getattr(error, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR) & 0xFF
    if code in _DAMAGED:
        return corrupt(file)
    number = errno.ENOSPC if code in _NO_ROOM else errno.EACCES if code in _FORBIDDEN else errno.EIO
    return OSError(number, os.strerror(number), str(half))


def _is_whole(connection: sqlite3.Connection) -> bool:
    """Whether the tables are there with their columns, and every page is what it should be.

    Of the columns of an earlier schema only its migration knows.
    """
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if schema_of(connection) != SCHEMAS[-1]:
        fits = there.issuperset(_OURS)
    else:
        fits = there.issuperset(metadata.tables) and all(
            _columns(connection, name) == {(one.name, one.nullable, one.primary_key) for one in table.columns}
            for name, table in metadata.tables.items()
        )
    found = connection.execute("PRAGMA quick_check(1)").fetchone()
    return fits and found is not None and found[0] == "ok"


def _columns(connection: sqlite3.Connection, table: str) -> set[tuple[str, bool, bool]]:
    """Name, whether it may be empty, whether it is of the key; hidden ones too, which `table_info` leaves out."""
    rows = connection.execute('SELECT name, NOT "notnull", pk > 0, hidden FROM pragma_table_xinfo(?)', (table,))
    return {(f"{name}{' (hidden)' * hidden}", bool(empty), bool(key)) for name, empty, key, hidden in rows}


def _strange(connection: sqlite3.Connection) -> bool:
    """Whether there is anything but tables and indexes: what would do something of its own when we read or write.

    A virtual table is code, and has no page of its own (https://sqlite.org/schematab.html).
    """
    ours = "type IN ('table', 'index') AND rootpage > 0"
    return connection.execute(f"SELECT 1 FROM sqlite_master WHERE NOT ({ours})").fetchone() is not None  # noqa: S608 - constants


def _make_ready(copy: sqlite3.Connection) -> None:
    """Make it fit to be put back beside a mailbox that went on; whatever release wrote it."""
    for table, column, statement in _FORGET:
        if any(row[1] == column for row in copy.execute(f"PRAGMA table_info({table})")):
            copy.execute(statement)
    marks = ", ".join("?" for _ in (*_BESIDE, SETTLING))
    copy.execute(f"DELETE FROM memory WHERE key IN ({marks})", (*_BESIDE, SETTLING))  # noqa: S608 - marks only
    as_of = _as_of(copy)
    told = json.dumps({"as_of": None if as_of is None else as_of.isoformat()})
    copy.execute("INSERT INTO memory (key, text) VALUES (?, ?)", (SETTLING, told))


def _as_of(connection: sqlite3.Connection) -> datetime | None:
    (ended,) = connection.execute("SELECT max(ended) FROM cycles").fetchone()
    return None if ended is None else from_microseconds(ended)


def look(file: Path) -> Held:
    """What this copy holds, and whether it can be put back. Nothing on the disk changes."""
    try:
        size = file.stat().st_size
    except OSError as error:
        return Held(0, trouble=f"it cannot be read: {(error.strerror or str(error)).lower()}")
    if not file.is_file():
        return Held(0, trouble="it is no file")
    try:
        with closing(readable(file)) as connection:
            held = _held(connection, size)
        if not held.trouble:
            # As a cycle reads it: one of an earlier schema is brought to the present, in memory.
            with seen(file) as connection:
                read_through(connection, file)
    except (sqlite3.Error, LedgerError, UnicodeDecodeError, ValueError, OverflowError):
        return Held(size, trouble="it is damaged, or no ledger at all")
    except OSError as error:
        return Held(size, trouble=f"it cannot be read: {(error.strerror or str(error)).lower()}")
    return held


def _held(connection: sqlite3.Connection, size: int) -> Held:
    schema = schema_of(connection)
    if not schema:
        return Held(size, trouble="it is no ledger")
    if not schema.isalnum() or schema not in SCHEMAS:
        return Held(size, schema, trouble="a later afterword than this one wrote it: install that one again")
    if _strange(connection):
        return Held(size, schema, trouble="it has triggers, views or virtual tables, and no ledger has any")
    if not _is_whole(connection):
        return Held(size, schema, trouble="it is damaged")
    (count,) = connection.execute("SELECT count(*) FROM follow_ups").fetchone()
    return Held(size, schema, count, _as_of(connection))
