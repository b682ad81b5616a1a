"""The backups of the ledger: one for each day on which it works, the last seven of them; and those made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors import whole
from daemon.ledger.copies import Held, look
from daemon.ledger.store import BACKUPS, NAME, make_backups
from daemon.state_folder import remedy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daemon.ledger import Ledger
    from rules.almanac import Almanac

KEPT = 7
"""Daily backups that are kept. Days on which nothing ran have none, and so take none away."""
_KEY = "backup"
_DAILY = re.compile(r"ledger-([0-9]{4}-[0-9]{2}-[0-9]{2})\.sqlite3")
_ASIDE = "ledger-aside-"
_NAMES = ("ledger-*.sqlite3", "ledger.backup-*.sqlite3")


class Kind(StrEnum):
    """Why there is a backup."""

    DAILY = "daily"
    BY_HAND = "by hand"
    MIGRATION = "before an upgrade"
    ASIDE = "replaced by a restore"


@dataclass(frozen=True, slots=True)
class Backup:
    """One that is there, and what it holds."""

    file: Path
    kind: Kind
    held: Held

    @property
    def is_sound(self) -> bool:
        """Whether it can be put back."""
        return not self.held.trouble

    @property
    def age(self) -> tuple[float, float]:
        """By which the newest is found: as of when it is, and when the file was made."""
        as_of = self.held.as_of
        return (as_of.timestamp() if as_of else 0.0, self.file.stat().st_mtime if self.file.exists() else 0.0)


# --- one each day ------------------------------------------------------------------------------------------


def daily(ledger: Ledger, almanac: Almanac, now: datetime) -> Problem | None:
    """Make the backup of this day, where it is not there and there is something to keep; what hindered that, once.

    The caller has the lock of the cycle, which has come to its end: a ledger that is damaged, also one whose pages are
    sound and whose texts make no sense, takes the place of no backup.

    Raises:
        LedgerError: the ledger is damaged, or somebody has it locked.
    """
    folder = ledger.folder / BACKUPS
    today = almanac.local(now).date()
    target = folder / f"ledger-{today.isoformat()}.sqlite3"
    try:
        if target.is_file() or ledger.last_cycle() is None:
            return None
        if target.exists():
            return _news(ledger, _in_its_place(target))
        make_backups(ledger.folder)
        ledger.back_up(target)
    except OSError as error:
        return _news(
            ledger, _problem(f"the daily backup of the ledger could not be made: {_said(error)}", error, folder)
        )
    if (kept := _tidy(folder, today)) is not None:
        message = f"the daily backup was made; an old one could not be removed: {_said(kept)}"
        return _news(ledger, _problem(message, kept, folder))
    if ledger.recall(_KEY) is not None:
        ledger.keep(_KEY, None)
    return None


def standing(ledger: Ledger) -> Problem | None:
    """What hindered the last daily backup; `status` tells it until one is made and nothing does."""
    told = ledger.recall(_KEY)
    try:
        return None if told is None else Problem(**json.loads(told))
    except (ValueError, TypeError):  # written by another version
        return None


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _problem(message: str, error: OSError, folder: Path) -> Problem:
    return Problem(None, None, None, None, message, remedy(error, folder))


def _in_its_place(target: Path) -> Problem:
    what = "a folder" if target.is_dir() else "something that is no file"
    message = f"the daily backup of the ledger could not be made: {what} has its name"
    return Problem(None, None, None, None, message, f"Move {target} away; the next cycle makes the backup.")


def _news(ledger: Ledger, problem: Problem) -> Problem | None:
    """The problem, where it is not that of the last cycle as well."""
    if standing(ledger) == problem:
        return None
    ledger.keep(_KEY, json.dumps(problem.as_json()))
    return problem


def _tidy(folder: Path, today: date) -> OSError | None:
    """Leave the last of them, and what dead processes left half done goes; why one that should go did not.

    Those of days that are still to come are of a clock that was ahead: they neither count among the others, nor take
    the place of one. What is no file is none of ours.
    """
    trouble = None
    days = {day: path for path in folder.glob("ledger-*.sqlite3") if (day := _day(path)) is not None and path.is_file()}
    past, ahead = (sorted(day for day in days if (day > today) is later) for later in (False, True))
    for day in (*past[:-KEPT], *ahead[:-KEPT]):
        try:
            days[day].unlink(missing_ok=True)
        except OSError as error:
            trouble = error
    for place in (folder, folder.parent):
        whole.sweep(place)
    return trouble


def _day(path: Path) -> date | None:
    found = _DAILY.fullmatch(path.name)
    try:
        return None if found is None else date.fromisoformat(found[1])
    except ValueError:
        return None


# --- by hand, and to choose from ---------------------------------------------------------------------------


def free_name(state: Path, now: datetime, *, aside: bool = False) -> Path:
    """A name among the backups that nothing has yet: for one by hand, or for a ledger that is replaced."""
    begin = f"{_ASIDE if aside else 'ledger-'}{now:%Y%m%dT%H%M%SZ}"
    names = (f"{begin}{f'-{number}' if number else ''}.sqlite3" for number in range(1000))
    return next(path for name in names if not (path := state / BACKUPS / name).exists())


def several(state: Path) -> list[Backup]:
    """All that are there, the newest first. Earlier releases laid those before an upgrade beside the ledger."""
    found = [Backup(path, _kind(path), look(path)) for path in _files(state)]
    return sorted(found, key=lambda one: (one.age, one.file.name), reverse=True)


def latest(there: list[Backup]) -> Backup | None:
    """The newest that can be put back; never one that was replaced by a restore."""
    return next((one for one in there if one.is_sound and one.kind is not Kind.ASIDE), None)


def _files(state: Path) -> Iterator[Path]:
    for folder in (state / BACKUPS, state):
        for name in _NAMES:
            yield from (path for path in folder.glob(name) if path.name != NAME and path.is_file())


def _kind(path: Path) -> Kind:
    if path.name.startswith("ledger.backup-"):
        return Kind.MIGRATION
    if path.name.startswith(_ASIDE):
        return Kind.ASIDE
    return Kind.DAILY if _day(path) is not None else Kind.BY_HAND
