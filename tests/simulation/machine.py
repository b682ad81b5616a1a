"""The machine: its clock, its disk, its state folder, and its sudden deaths between any two I/O operations."""

from __future__ import annotations

import errno
import os
import shutil
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from daemon.cycle import Outcome, run
from daemon.ledger import Ledger, ballast
from daemon.ledger.ballast import Ballast
from daemon.ledger.errors import LedgerError, refused
from daemon.ledger.store import NAME
from tests.compiling import share

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daemon.view import House

share()

_HOOKS = ("before_cursor_execute", "after_cursor_execute", "commit")
_NEVER = -1
_PAGE = 4096


class Killed(BaseException):
    """The process ends here. No `except` of the product catches it, as none would run."""


@dataclass
class Fuse:
    """Counts the points of I/O that a cycle passes, and kills it at one of them."""

    count: int = 0
    stop: int = _NEVER

    def light(self, stop: int) -> None:
        """Count anew; die at the point with this number."""
        self.count, self.stop = 0, stop

    def reach(self, *_: object) -> None:
        """A point of I/O."""
        self.count += 1
        if self.count == self.stop:
            self.stop = _NEVER
            raise Killed


@dataclass(frozen=True, kw_only=True)
class Kept(Ballast):
    """The ballast on the disk of this machine: where that is full none can be laid down, and what it held is free."""

    machine: Machine

    def keep(self) -> None:
        if self.machine.full and not self.file.exists():
            raise refused(self.ledger, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        super().keep()

    def let_go(self) -> bool:
        self.machine.fuse.reach()
        gone = super().let_go()
        self.machine.fuse.reach()
        self.machine.cram()
        return gone


@dataclass
class Machine:
    """Runs cycles of the product, with the ledger on a real file system. `skew` is how far its clock is wrong."""

    state: Path
    house: Callable[[], House]
    fuse: Fuse
    skew: timedelta = timedelta()
    full: bool = False
    pages: int = 0
    died: bool = False
    points: int = 120
    ledger: Ledger | None = None
    backup: tuple[datetime, Path] | None = None
    deaths: int = 0
    raw: Any = None

    def clock(self, at: datetime) -> datetime:
        """What its clock shows at this moment."""
        return at + self.skew

    def open(self) -> Ledger:
        """The ledger, as a process that begins opens it."""
        if self.ledger is None:
            self.ledger = Ledger.open(self.state)
            engine = self.ledger._engine
            for hook in _HOOKS:
                event.listen(engine, hook, self.fuse.reach)
            with engine.connect() as connection:
                self.raw = connection.connection.driver_connection
            self.ledger._ballast = Kept(ledger=self.state / NAME, machine=self)
            self.cram()
        return self.ledger

    def close(self) -> None:
        """The process is gone."""
        if self.ledger is not None:
            self.ledger.close()
            self.raw.close()
            self.ledger = None

    def cycle(self, at: datetime, *, die_at: int = _NEVER) -> Outcome | LedgerError | None:
        """One cycle by its clock; None where it was killed, the error where the state could not be used."""
        try:
            ledger = self.open()
            self.fuse.light(die_at)
            outcome = run(self.house(), ledger, self.clock(at))
        except Killed as death:
            # The cursors of a transaction that was cut off would live on in its frames, and keep the lock.
            traceback.clear_frames(death.__traceback__)
            self.deaths += 1
            self.died = True
            self.close()
            return None
        except LedgerError as error:
            self.died = False
            self.close()
            return error
        finally:
            passed = self.fuse.count
            self.fuse.light(_NEVER)
        self.died = False
        self.points = max(passed, 40)
        return outcome

    def fill_disk(self, *, full: bool) -> None:
        """From now on the disk takes nothing more (SQLite itself says so), or has room again."""
        self.full, self.pages = full, 0
        self.close()

    def cram(self) -> None:
        """Where the disk is full the ledger grows no more, or only by what its ballast has left free."""
        if self.full:
            self.pages = self.pages or self.raw.execute("PRAGMA page_count").fetchone()[0]
            free = 0 if (self.state / ballast.NAME).exists() else ballast.SIZE // _PAGE
            self.raw.execute(f"PRAGMA max_page_count = {self.pages + free}")

    def has_not_written(self, message_id: str) -> bool:
        """Whether the last process died before it wrote down that this draft lies there."""
        if not self.died:
            return False
        with Ledger.open(self.state, write=False) as ledger:
            return any(intent.record.message_id == message_id for intent in ledger.intents())

    def back_up(self, at: datetime) -> None:
        """Copy the state folder away, between two cycles."""
        copy = self.state.with_name("backup")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.state, copy)
        self.backup = (at, copy)

    def restore(self) -> datetime:
        """Put the last backup in the place of the state folder; when it was made."""
        assert self.backup is not None
        self.close()
        self.pages = 0
        shutil.rmtree(self.state)
        shutil.copytree(self.backup[1], self.state)
        return self.backup[0]
