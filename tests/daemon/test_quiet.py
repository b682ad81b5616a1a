"""When a cycle may be passed over: only where nothing is left to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon import quiet
from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path

NOW = at("2026-03-03 18:05")


@pytest.mark.parametrize("state", [State.SKIPPED, State.SNOOZED])
def test_a_draft_that_was_skipped_while_the_cycle_ran_is_taken_away_by_the_next(tmp_path: Path, state: State) -> None:
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    home.once("2026-03-03 18:00")
    with Ledger.open(home.state) as ledger:
        assert quiet.ended(ledger, home.house(), NOW, None, frozenset(), None) is not None
        (record,) = ledger.records()
        ledger.save([(replace(record, state=state, snoozed_until=at("2026-03-05 09:00")), "you said so")], NOW)
        assert quiet.ended(ledger, home.house(), NOW, None, frozenset(), None) is None
    assert len(home.once("2026-03-03 18:10").withdrawn) == 1
