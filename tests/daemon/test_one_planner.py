"""One planner: `plan` before, `once` and `run` through it, and `backtest` afterwards tell the same weeks."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from daemon.backtest import Span, backtest
from daemon.ledger import Ledger
from daemon.sight import ahead, drafted_at
from tests.build import at
from tests.daemon.serving import Running
from tests.daemon.spring import FIRST, LAST, Note, lived, post, spring
from tests.thorough import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

    from tests.house import Household

SEEDS = 4 if THOROUGH else 1
SERVED = "2026-03-14 00:00" if THOROUGH else "2026-03-03 12:00"
"""Until when the service runs: each of its cycles is a process of its own."""


def foreseen(home: Household) -> set[Note]:
    """What `plan` says on the first day: all that comes, when, and with which words."""
    with Ledger.open(home.state, write=False) as ledger:
        sight = ahead(home.house(), ledger, at(FIRST), at(LAST))
    assert not sight.problems
    coming = [(one, drafted_at(one, sight.now)) for one in sight.planned if not one.is_stuck]
    return {(one.id, one.due, moment, sight.json_of(one)["subject"]) for one, moment in coming if moment <= at(LAST)}


def played(home: Household) -> set[Note]:
    """What `backtest` says afterwards."""
    with Ledger.open(home.state, write=False) as ledger:
        (told,), problems = backtest(home.house(), ledger, Span(at(FIRST), at(LAST), at(LAST)))
    assert not problems
    return {(one.follow_up.id, one.follow_up.due, one.at, one.subject) for one in told.drafted}


def served(home: Household, until: str) -> set[Note]:
    """What the service drafts, in a process of its own with real cycles, on a clock that leaps to what comes next."""
    command = [sys.executable, "-m", "tests.daemon.leaping", str(home.root), FIRST, until]
    with Running.of(command) as service:
        while service.line() is not None:
            pass
        code, _ = service.ended()
    assert code == 0, service.heard[-3:]
    with Ledger.open(home.state, write=False) as ledger:
        return {(one.id, one.due, one.placed, one.subject) for one in ledger.records() if one.placed is not None}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_month_that_is_foreseen_lived_and_looked_back_at_has_the_same_notes(tmp_path: Path, seed: int) -> None:
    home = spring(tmp_path / "home", seed)
    before = [letter for letter in post(seed) if letter.at <= at(FIRST)]
    for letter in before:
        letter.deliver(home)
    planned = foreseen(home)
    drafted = lived(home, [])
    assert len(drafted) > 15
    assert planned == drafted
    assert played(home) == drafted


def test_the_service_drafts_the_same_as_single_cycles(tmp_path: Path) -> None:
    home = spring(tmp_path / "home", 0)
    other = home.copy(tmp_path / "other")
    drafted = {note for note in lived(home, []) if note[2] < at(SERVED)}
    assert len(drafted) > 2
    assert served(other, SERVED) == drafted
