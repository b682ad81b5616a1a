"""A ledger that is gone although there are backups: `status` says so; one that is begun in its place tells it once.

No cycle is refused: what is due is drafted, and the mailbox says what was. But what only the ledger knew is lost unless
the user puts a backup back, so the newest of them is taken out of the daily ones, that no new one takes its place.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from config.problem import Problem
from daemon.backups import Kind, free_name, latest, several
from daemon.ledger.errors import RECOGNISED
from daemon.ledger.store import BACKUPS, NAME

if TYPE_CHECKING:
    from pathlib import Path

    from daemon.backups import Backup
    from daemon.ledger import Ledger

_KEY = "begun anew"


def is_there(state: Path) -> bool:
    """Whether something that may be a ledger lies in this state folder."""
    file = state / NAME
    return file.is_symlink() or (file.exists() and (not file.is_file() or file.stat().st_size > 0))


def gone(state: Path) -> Problem | None:
    """That there is no ledger, but backups; None where there is one, or nothing to put back."""
    found = _left(state)
    if not found:
        return None
    message = f"there is no ledger in {state}, and {_many(len(found))} of one"
    hint = (
        f"`afterword restore latest` puts the newest back ({found[0].file.name}). Else the next cycle begins a new "
        f"ledger: {RECOGNISED}."
    )
    return Problem(None, None, None, None, message, hint)


def keep(state: Path) -> str:
    """What a ledger that is about to be begun has to remember; empty in the common case. The newest backup is kept."""
    found = _left(state)
    if not found:
        return ""
    file = _out_of_the_daily(state, found[0])
    message = f"there was no ledger, and a new one was begun beside {_many(len(found))} of the former one"
    hint = (
        f"To have the former one back, stop the service and type `afterword restore {file.name}`. To stay with the new "
        f"one, remove {file}: {RECOGNISED}."
    )
    problem = Problem(None, None, None, None, message, hint)
    return json.dumps({"file": file.name, "told": False, "problem": problem.as_json()})


def mark(ledger: Ledger, kept: str) -> None:
    """The ledger that was begun remembers it."""
    ledger.keep(_KEY, kept)


def standing(ledger: Ledger) -> Problem | None:
    """That this one was begun beside backups; told by `status` as long as the one that was kept lies there."""
    try:
        told = json.loads(ledger.recall(_KEY) or "{}")
        there = (ledger.folder / BACKUPS / told["file"]).exists() or (ledger.folder / told["file"]).exists()
        return Problem(**told["problem"]) if there else None
    except (ValueError, TypeError, KeyError):  # there is no such mark, or another version wrote it
        return None


def news(ledger: Ledger) -> Problem | None:
    """The same, for the first cycle that asks."""
    problem = standing(ledger)
    if problem is None:
        return None
    told = json.loads(ledger.recall(_KEY) or "{}")
    if told.get("told"):
        return None
    ledger.keep(_KEY, json.dumps({**told, "told": True}))
    return problem


def _left(state: Path) -> list[Backup]:
    """The sound backups of a ledger that is gone, the newest first."""
    if is_there(state):
        return []
    there = several(state)
    return [one for one in there if one.is_sound and one.kind is not Kind.ASIDE] if latest(there) else []


def _out_of_the_daily(state: Path, newest: Backup) -> Path:
    """Where the newest is now: under a name that nothing takes away."""
    if newest.kind is not Kind.DAILY or newest.held.as_of is None:
        return newest.file
    target = free_name(state, newest.held.as_of)
    with suppress(OSError):
        newest.file.rename(target)
        return target
    return newest.file


def _many(count: int) -> str:
    return "a sound backup" if count == 1 else f"{count} sound backups"
