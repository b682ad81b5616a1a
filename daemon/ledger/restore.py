"""A copy of the ledger put back in its place. Killed at any point, the old one is there, or the new one: whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING

from connectors import whole
from daemon.ledger import copies, store
from daemon.ledger.errors import LedgerCorrupt, refused, telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RESTORING = "ledger.restoring"
"""What is about to become the ledger: whole, and in nobody's way where the process dies before that."""
_BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite would apply to whatever file has the ledger's name (https://sqlite.org/howtocorrupt.html)."""


def sweep(folder: Path) -> None:
    """Remove what a restore left that was killed. The caller holds the lock of the cycle, so that none is at work."""
    for name in (RESTORING, f".{RESTORING}.new"):
        with suppress(OSError):  # a folder of this name is none of ours
            (folder / name).unlink()


def put_back(folder: Path, backup: Path, aside: Path) -> bool:
    """Put `backup` in the place of the ledger in this state folder; whether there was one, which is now at `aside`.

    The caller holds the locks of the service and of the cycle, and has seen that the backup is sound.

    Raises:
        LedgerError: the ledger is in use, or the backup cannot be read; nothing has changed then.
        OSError: there is no room, or no leave; likewise.
    """
    file, new = folder / store.NAME, folder / RESTORING
    sweep(folder)
    store.refuse_other_things(file, to_write=True)
    with telling(backup), closing(store.readable(backup)) as source:
        copies.write(source, backup, new)
    try:
        with _to_oneself(file):
            there = os.path.lexists(file)
            if there:
                _keep(file, aside)
            new.replace(file)
            whole.make_durable(folder)
    finally:
        new.unlink(missing_ok=True)
    return there


@contextmanager
def _to_oneself(file: Path) -> Iterator[None]:
    """Nobody else reads or writes the ledger meanwhile, and what a killed writer had begun is taken back.

    One that is damaged cannot be locked, nor written by anybody.

    Raises:
        LedgerError: somebody else has it, or it may not be written.
    """
    if not file.is_file():
        yield
        return
    try:
        with telling(file):
            raw = sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=store.BUSY, isolation_level=None)
    except LedgerCorrupt:
        yield
        return
    with closing(raw):
        with suppress(LedgerCorrupt), telling(file):
            raw.execute("PRAGMA journal_mode=DELETE").fetchone()
            raw.execute("BEGIN EXCLUSIVE")
        yield


def _keep(file: Path, aside: Path) -> None:
    """The ledger under another name as well, durably; a journal that SQLite had no use for goes there.

    Such a journal is that of a ledger which is damaged, so that nothing is lost where the process dies after this.
    """
    _link(file, aside)
    for end in _BESIDE:
        beside = file.with_name(file.name + end)
        if os.path.lexists(beside):
            shutil.move(beside, aside.with_name(aside.name + end))
    whole.make_durable(aside.parent)


def _link(file: Path, aside: Path) -> None:
    """A second name; where the file system knows no such thing, or `backups` is another one, a copy."""
    try:
        os.link(file, aside, follow_symlinks=True)
    except OSError:
        half = aside.with_name(f".{aside.name}.new")
        try:
            half.unlink(missing_ok=True)
            # One that somebody else lays there meanwhile is not written to, nor a link followed (open(2), O_EXCL).
            with file.open("rb") as source, os.fdopen(_made(half), "wb") as copied:
                shutil.copyfileobj(source, copied)
                copied.flush()
                os.fsync(copied.fileno())
            half.replace(aside)
        except OSError as error:
            half.unlink(missing_ok=True)
            raise refused(file, error) from error


def _made(half: Path) -> int:
    return os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
