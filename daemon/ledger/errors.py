"""How the ledger fails, and what the user can do about it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, StatementError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class LedgerError(Exception):
    """The ledger cannot be read or written. `hint` is the remedy, as a sentence for the user.

    Nothing is half written after any of these: SQLite takes the open transaction back.
    """

    def __init__(self, message: str, hint: str, *, file: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.file = file


class LedgerBusy(LedgerError):  # noqa: N818 - the names say what is the matter, as the states of a ledger
    """Somebody else is writing for longer than is worth waiting for; try later (exit 75)."""


class LedgerCorrupt(LedgerError):  # noqa: N818 - see LedgerBusy
    """The bytes of the file are not those of a ledger, or no longer."""


class LedgerReadOnly(LedgerError):  # noqa: N818 - see LedgerBusy
    """The file or its folder may not be opened or written by this user."""


class LedgerFull(LedgerError):  # noqa: N818 - see LedgerBusy
    """The disk took no more bytes."""


class LedgerNewer(LedgerError):  # noqa: N818 - see LedgerBusy
    """The file was written by a later afterword than this one."""


class LedgerGone(LedgerError):  # noqa: N818 - see LedgerBusy
    """A follow-up that the caller speaks of is not in the ledger."""


def newest_backup(file: Path) -> Path | None:
    """The backup that was made last, or None: they are made before each migration, beside the ledger."""
    backups = sorted(file.parent.glob(f"{file.stem}.backup-*.sqlite3"), key=lambda found: found.stat().st_mtime_ns)
    return backups[-1] if backups else None


def corrupt(file: Path) -> LedgerCorrupt:
    """The error for a file whose bytes are no ledger, with the backup to go back to, where there is one."""
    backup = newest_backup(file)
    aside = f"move {file} away (keep it)"
    if backup is None:
        hint = f"{aside} and start again: drafts that already lie in the mailbox are recognised and not made twice."
    else:
        hint = f"{aside} and put the backup in its place: cp {backup} {file}"
    return LedgerCorrupt(f"The ledger {file} is damaged and was left as it is.", hint, file=file)


def translate(error: DBAPIError | sqlite3.Error, file: Path) -> LedgerError:
    """The error of the ledger that a driver's error stands for (https://sqlite.org/rescode.html)."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    extended = getattr(origin, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR
    primary = extended & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return LedgerBusy(
            f"The ledger {file} is in use: another afterword is writing.",
            "Try again in a moment; `afterword status` tells what runs.",
            file=file,
        )
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return corrupt(file)
    if primary in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH}:
        return LedgerReadOnly(
            f"The ledger {file} cannot be written: {origin}.",
            f"Make {file.parent} and the files in it writable for this user, or name another folder with --state.",
            file=file,
        )
    if primary in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return LedgerFull(
            f"The ledger {file} could not be written: {origin}.",
            f"Free some space on the disk of {file.parent}, or check its health; nothing was changed.",
            file=file,
        )
    return LedgerError(
        f"The ledger {file} answered: {origin}.", "Please report this with the lines of the log before it.", file=file
    )


@contextmanager
def telling(file: Path) -> Iterator[None]:
    """Errors of the driver become errors of the ledger; a value that was refused at the door is named as such."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise translate(error, file) from error
    except StatementError as error:
        raise (error.orig or error) from error
