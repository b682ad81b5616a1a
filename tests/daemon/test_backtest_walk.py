"""`backtest` against the service itself: cycle after cycle over the same weeks, each draft sent when it is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon.backtest import Span, backtest
from daemon.ledger import Ledger
from tests.build import at
from tests.daemon.spring import FIRST, LAST, Note, lived, post, spring
from tests.thorough import THOROUGH

if TYPE_CHECKING:
    from pathlib import Path

    from tests.house import Household

SEEDS = 5 if THOROUGH else 1


def played(home: Household) -> set[Note]:
    """What `backtest` says of the same weeks, afterwards."""
    with Ledger.open(home.state, write=False) as ledger:
        (told,), problems = backtest(home.house(), ledger, Span(at(FIRST), at(LAST), at(LAST)))
    assert not problems
    return {(one.follow_up.id, one.follow_up.due, one.at, one.subject) for one in told.drafted}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_walk_through_the_past_drafts_what_the_service_drafts_cycle_after_cycle(tmp_path: Path, seed: int) -> None:
    home = spring(tmp_path / "home", seed)
    drafted = lived(home, post(seed))
    assert len(drafted) > 15
    assert played(home) == drafted
