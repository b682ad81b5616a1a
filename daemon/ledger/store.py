"""The file of the ledger: opened, locked down, brought to the present schema, and never overwritten."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import stat
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from daemon.ledger.errors import LedgerNewer, corrupt, refused, telling, unreadable
from daemon.ledger.kinds import makes_sense
from daemon.ledger.tables import SCHEMAS, metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

NAME = "ledger.sqlite3"
BACKUPS = "backups"
"""The folder of its copies, beside it."""
MIGRATIONS = Path(__file__).parent / "migrations"
MAKING = Path(__file__).with_name("schema.sql")
"""All that the migrations do to an empty file, in SQLite's words: a few milliseconds, where Alembic takes a tenth of a
second to be imported."""
SYNCHRONOUS = "EXTRA"
"""FULL that also syncs the folder after the journal is unlinked: without it a power cut may take back a commit that
was already answered (https://sqlite.org/pragma.html#pragma_synchronous)."""
RELAXED = "OFF"
"""For a ledger that may be lost whole: survives a killed process, not a power cut."""
BUSY = 5.0
"""Seconds to wait for another writer."""


_MIGRATING = threading.Lock()


def open_for_writing(folder: Path, *, durable: bool = True) -> Engine:
    """The engine on the ledger of this folder; both are made where missing (0700 and 0600), and migrated.

    Without `durable` nothing waits for the disk.

    Raises:
        LedgerError: see `daemon.ledger.errors`; what was there is as it was.
    """
    file = folder / NAME
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_other_things(file, to_write=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with telling(file):
            return _opened(_connect(f"{file.as_uri()}?mode=rw"), file, SYNCHRONOUS if durable else RELAXED)
    except OSError as error:
        raise refused(file, error) from error


def refuse_other_things(file: Path, *, to_write: bool = False) -> None:
    """What lies there is a file, or nothing; `to_write`, no link that another user made leads to it either.

    Raises:
        LedgerError: it is something else.
        OSError: it cannot be looked at.
    """
    try:
        mode = file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return  # nothing is there
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise unreadable(file, "a link that leads to itself") from error
        raise
    if not stat.S_ISREG(mode):
        raise unreadable(file, "a folder" if stat.S_ISDIR(mode) else "something else")
    if to_write and is_strange_link(file):
        raise unreadable(file, "a link that another user made")


def is_strange_link(path: Path) -> bool:
    """Whether it is a link of somebody else's than the user and root: who follows it writes where that one wants."""
    seen = path.lstat()
    return stat.S_ISLNK(seen.st_mode) and seen.st_uid not in {0, os.geteuid()}


def make_backups(folder: Path) -> Path:
    """The folder of the copies of the ledger in this state folder, made where it is missing.

    Raises:
        OSError: it cannot be made, or is a link that another user made.
    """
    backups = folder / BACKUPS
    backups.mkdir(mode=0o700, exist_ok=True)
    if is_strange_link(backups):
        raise OSError(errno.ELOOP, f"{backups} is a link that another user made", str(backups))
    return backups


def _opened(raw: sqlite3.Connection, file: Path, synchronous: str) -> Engine:
    try:
        raw.execute("PRAGMA journal_mode=DELETE")
        raw.execute(f"PRAGMA synchronous={synchronous}")
        engine = _engine(raw)
        if schema_of(raw) is None:
            make(engine)
        schema = schema_of(raw)
        _refuse_strangers(schema, raw, file)
        if schema is not None and schema != SCHEMAS[-1]:
            _back_up(raw, file, schema)
            migrate(engine)
    except BaseException:
        raw.close()
        raise
    return engine


def open_for_looking(folder: Path) -> Engine:
    """The engine on the ledger as it is, which nothing can write through and which makes no file.

    A missing ledger looks like an empty one, an older one like one that was migrated.

    Raises:
        LedgerError: see `daemon.ledger.errors`.
    """
    file = folder / NAME
    try:
        refuse_other_things(file)
        with telling(file):
            return _seen(file) if file.is_file() and file.stat().st_size else _empty()
    except OSError as error:
        raise refused(file, error) from error


@contextmanager
def seen(file: Path) -> Iterator[Connection]:
    """This file as a cycle would read it, migrated in memory where it is older. Nothing on the disk changes."""
    engine = _seen(file)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def looking_through(raw: sqlite3.Connection) -> Iterator[Connection]:
    """A connection to the tables by one of the driver, which stays open, and is the caller's."""
    with create_engine("sqlite+pysqlite://", creator=lambda: raw, poolclass=StaticPool).connect() as connection:
        yield connection


def _seen(file: Path) -> Engine:
    raw = readable(file)
    try:
        schema = schema_of(raw)
        if schema is None:
            raw.close()
            return _empty()
        _refuse_strangers(schema, raw, file)
        if schema != SCHEMAS[-1]:
            raw = _in_memory(raw)
            migrate(_engine(raw))
        raw.execute("PRAGMA query_only=ON")
    except BaseException:
        raw.close()
        raise
    return _engine(raw)


def make(engine: Engine) -> None:
    """Make the present tables, in one transaction; nothing where another has made some meanwhile."""
    several = MAKING.read_text("utf-8").split(";\n")
    with engine.connect() as connection, transaction(connection, write=True):
        if schema_of(driver(connection)) is None:
            for one in filter(str.strip, several):
                connection.exec_driver_sql(one)


def migrate(engine: Engine) -> None:
    """Bring the tables to the present schema, in one transaction."""
    # Alembic costs a tenth of a second to import, and is needed once a release.
    from alembic import command  # noqa: PLC0415 - see above
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Alembic keeps what it works on in variables of its modules: two threads of the review page would share them.
    with _MIGRATING, engine.connect() as connection, transaction(connection, write=True):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_sound(connection: Connection) -> bool:
    """Whether every table is there, every page what it should be, and every value of the kind of its column.

    A few milliseconds for each megabyte (https://sqlite.org/pragma.html#pragma_quick_check).
    """
    there = set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())
    whole = there.issuperset(metadata.tables) and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    return whole and makes_sense(driver(connection))


def copy_in_memory(engine: Engine) -> Engine:
    """All of it in memory, apart from the file."""
    copy = _connect("file::memory:")
    with engine.connect() as connection:
        driver(connection).backup(copy)
    return _engine(copy)


def version(connection: Connection) -> int:
    """Another number whenever another process has written (https://sqlite.org/pragma.html#pragma_data_version)."""
    return int(driver(connection).execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def transaction(connection: Connection, *, write: bool = False) -> Iterator[None]:
    """All of it or nothing; with `write`, it takes the lock at its beginning.

    (https://sqlite.org/lang_transaction.html)
    """
    below = driver(connection)
    try:
        with connection.begin():
            below.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield
    except DBAPIError:  # a commit that somebody's look forbids leaves it open
        with suppress(sqlite3.Error):
            below.rollback()
        raise


def statement(connection: Connection) -> AbstractContextManager[object]:
    """For one statement that reads: SQLite shows it one state of everything without a transaction around it."""
    return connection.begin()


def driver(connection: Connection) -> sqlite3.Connection:
    """The connection of SQLite itself, for what it alone can do."""
    below = connection.connection.driver_connection
    assert isinstance(below, sqlite3.Connection)  # `_connect` made it
    return below


def _connect(target: str) -> sqlite3.Connection:
    # isolation_level=None: the driver begins nothing by itself; `transaction` does.
    raw = sqlite3.connect(target, uri=True, timeout=BUSY, isolation_level=None, check_same_thread=False)
    raw.execute("PRAGMA foreign_keys=ON")
    # What a file that somebody else wrote has in its schema calls nothing (https://sqlite.org/security.html).
    raw.execute("PRAGMA trusted_schema=OFF")
    return raw


def _engine(raw: sqlite3.Connection) -> Engine:
    engine = create_engine("sqlite+pysqlite://", creator=lambda: raw, poolclass=StaticPool)
    # From here on the engine owns the connection: `dispose` closes it.
    engine.connect().close()
    return engine


def schema_of(raw: sqlite3.Connection) -> str | None:
    """The revision that the file has; None for one without tables. Alembic keeps it in `alembic_version`."""
    tables = {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return None
    if "alembic_version" not in tables:
        return ""
    row = raw.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if row is None else str(row[0])


def _refuse_strangers(schema: str | None, raw: sqlite3.Connection, file: Path) -> None:
    if schema is None or schema in SCHEMAS:
        return
    if schema == "" and raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'follow_ups'").fetchone() is None:
        raise corrupt(file)
    raise LedgerNewer(
        f"The ledger {file} was written by a later afterword than this one (its schema is '{schema}', "
        f"this one knows '{SCHEMAS[-1]}').",
        "Install the later version again: this one knows no way back, and changed nothing. Or go back to what was "
        "before: `afterword restore` lists the backups, among them the one made before the upgrade.",
        file=file,
    )


def _back_up(raw: sqlite3.Connection, file: Path, schema: str) -> None:
    """A whole copy among the backups, under a name that was free; none where another process was quicker.

    What it has brought to the present since must not take the name of what was before.
    """
    from daemon.ledger.copies import write  # noqa: PLC0415 - it imports this module, and is needed once a release

    raw.execute("BEGIN")
    try:
        if schema_of(raw) != schema:
            return
        folder = make_backups(file.parent)
        number = 1
        while (target := folder / f"{file.stem}.backup-{schema}-{number}.sqlite3").exists():
            number += 1
        write(raw, file, target)
    finally:
        raw.execute("ROLLBACK")


def _empty() -> Engine:
    engine = _engine(_connect("file::memory:"))
    make(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    return engine


def _in_memory(raw: sqlite3.Connection) -> sqlite3.Connection:
    copy = _connect("file::memory:")
    raw.backup(copy)
    raw.close()
    return copy


def readable(file: Path) -> sqlite3.Connection:
    """A connection that can only read.

    What a killed writer left half done can only be taken back by somebody who may write, so in that case
    the reader works on a copy.
    """
    raw = _connect(f"{file.as_uri()}?mode=ro")
    try:
        raw.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raw.close()
        journal = file.with_name(f"{file.name}-journal")
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY or not journal.exists():
            raise
        return _recovered(file, journal)
    except BaseException:
        raw.close()
        raise
    return raw


def _recovered(file: Path, journal: Path) -> sqlite3.Connection:
    with tempfile.TemporaryDirectory(prefix="afterword-") as place:
        copy = Path(place) / file.name
        shutil.copyfile(file, copy)
        shutil.copyfile(journal, copy.with_name(journal.name))
        return _in_memory(_connect(f"{copy.as_uri()}?mode=rw"))
