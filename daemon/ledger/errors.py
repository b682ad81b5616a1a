"""How the ledger fails, and what the user can do about it."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from shlex import quote
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, StatementError

from daemon.state_folder import FORBIDDEN, NO_ROOM, remedy, trouble

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
    """The disk took no more bytes, or failed."""


class LedgerNewer(LedgerError):  # noqa: N818 - see LedgerBusy
    """The file was written by a later afterword than this one."""


class LedgerGone(LedgerError):  # noqa: N818 - see LedgerBusy
    """A follow-up that the caller speaks of is not in the ledger."""


class SenselessError(ValueError):
    """A value that is in the ledger and that nothing here has written; `telling` makes a `LedgerCorrupt` of it."""


NONSENSE = (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError)
"""What is raised where something else stands in a row than what was written."""
RECOGNISED = (
    "what lies in Drafts, Sent and Trash is recognised and not made twice; what you skipped, snoozed or noted on "
    "people is forgotten then"
)
"""What a ledger that is begun anew knows of what was before, in words."""
_GOES_ON = "what is due is kept, and the next cycle goes on where this one ended"
_FORBIDDEN = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_AUTH})
_MOVED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
_SENSELESS = ("Could not decode to UTF-8", "no such table", "no such column", "malformed")
"""How SQLite and its driver begin to tell of bytes that make no sense, where they have no code for it."""


def newest_backup(file: Path) -> Path | None:
    """The backup that was made last, or None; whether it is sound, `afterword restore` looks."""
    folders = (file.parent / "backups", file.parent)  # earlier releases laid those before a migration beside it
    names = ("ledger-[0-9]*.sqlite3", f"{file.stem}.backup-*.sqlite3")
    found = [path for folder in folders for name in names for path in folder.glob(name) if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


def corrupt(file: Path) -> LedgerCorrupt:
    """The error for a file whose bytes are no ledger, with the backup to go back to, where there is one."""
    backup = newest_backup(file)
    if backup is None:
        journal = file.with_name(f"{file.name}-journal")
        # Left beside another file, it would be rolled back into that one.
        files, them = (f"{file} and {journal}", "both") if journal.exists() else (str(file), "it")
        hint = f"move {files} away (keep {them}) and start again: {RECOGNISED}."
    else:
        hint = (
            f"stop the service and type `afterword restore latest`: it puts the newest sound backup ({backup.name} or "
            "one before it) in its place, and keeps the damaged file. `afterword restore` lists them."
        )
    return LedgerCorrupt(f"The ledger {file} is damaged and was left as it is.", hint, file=file)


def unreadable(file: Path, what: str) -> LedgerError:
    """The error for something else in the place of the ledger: a folder, a link to itself, a device."""
    return LedgerError(
        f"The ledger {file} is {what}, and no file.",
        f"Move it away. Then put a backup in its place (`afterword restore`), or start without one: {RECOGNISED}.",
        file=file,
    )


def refused(file: Path, error: OSError) -> LedgerError:
    """The error for what the operating system refused in the state folder."""
    kind = LedgerFull if error.errno in NO_ROOM else LedgerReadOnly if error.errno in FORBIDDEN else LedgerError
    what = error.strerror or str(error)
    return kind(f"The state folder {file.parent} cannot be used: {what}.", remedy(error, file.parent), file=file)


def _forbidden(file: Path, what: str) -> LedgerError:
    """SQLite says the same of a folder without room for one more file as of one that may not be written."""
    seen = trouble(file.parent)
    if seen is not None:
        return refused(file, seen)
    return LedgerReadOnly(
        f"The ledger {file} cannot be written: {what}.",
        f"Make {file.parent} and the files in it writable for this user, or name another folder with --state.",
        file=file,
    )


def _busy(file: Path) -> LedgerBusy:
    pids = [str(pid) for pid in _lockers(file)]
    who = " and ".join(f"process {pid}" for pid in pids) or "another process"
    look = f"ps -fp {','.join(pids)}" if pids else f"fuser -v {quote(str(file))}"
    end = f", or stop it with `kill {' '.join(pids)}`" if pids else ", or stop it"
    return LedgerBusy(
        f"The ledger {file} is in use: {who} has it locked.",
        f"Try again in a moment; where that does not help, `{look}` tells what has it: wait for its end{end}.",
        file=file,
    )


def _lockers(file: Path) -> list[int]:
    """The processes that hold a lock on the file, as Linux tells (proc_locks(5)); none where that cannot be told."""
    try:
        status = file.stat()
        with open("/proc/locks", encoding="ascii") as table:  # noqa: PTH123 - one look
            lines = [line.split() for line in table]
    except (OSError, ValueError):
        return []
    place = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino}"
    held = {int(line[4]) for line in lines if len(line) > 5 and line[1] != "->" and line[5] == place}  # noqa: PLR2004 - columns
    return sorted(pid for pid in held if pid > 0 and pid != os.getpid())


def translate(error: DBAPIError | sqlite3.Error, file: Path) -> LedgerError:
    """The error of the ledger that a driver's error stands for (https://sqlite.org/rescode.html)."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    extended = getattr(origin, "sqlite_errorcode", None) or sqlite3.SQLITE_ERROR
    primary = extended & 0xFF
    if primary in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _busy(file)
    if primary in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or str(origin).startswith(_SENSELESS):
        return corrupt(file)
    if extended == sqlite3.SQLITE_READONLY_DBMOVED or (primary in _MOVED and not file.exists()):
        kind, message = LedgerError, f"The ledger {file} is gone: it was moved or deleted while it was in use."
        hint = f"Put it back; else a new one is begun, and {RECOGNISED}."
    elif primary in _FORBIDDEN:
        return _forbidden(file, str(origin))
    elif primary in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        kind, message = LedgerFull, f"The ledger {file} could not be written: {origin}."
        hint = f"Free some space on the disk of {file.parent}, or check its health; {_GOES_ON}."
    else:
        kind, message = LedgerError, f"The ledger {file} answered: {origin}."
        hint = "Please report this with the lines of the log before it."
    return kind(message, hint, file=file)


@contextmanager
def telling(file: Path) -> Iterator[None]:
    """Errors of the driver become errors of the ledger; a value that was refused at the door is named as such."""
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        raise translate(error, file) from error
    except StatementError as error:
        raise (error.orig or error) from error
    except (UnicodeDecodeError, SenselessError) as error:  # sqlite3 words its own error from bytes of the file
        raise corrupt(file) from error


@contextmanager
def making_sense(file: Path) -> Iterator[None]:
    """What stands in the rows can be read; a text that is no JSON, or a state that nobody knows, is damage."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise corrupt(file) from error
