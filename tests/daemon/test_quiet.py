"""When a cycle may be passed over: only where nothing is left to be done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.mailboxes.maildir import Maildir
from daemon import quiet
from daemon.cycle import run
from daemon.ledger import Ledger
from daemon.view import view
from rules.history import State
from rules.plan import plan
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.base import Look

NOW = at("2026-03-03 18:05")


@pytest.mark.parametrize("state", [State.SKIPPED, State.SNOOZED])
def test_a_draft_that_was_skipped_while_the_cycle_ran_is_taken_away_by_the_next(tmp_path: Path, state: State) -> None:
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    home.once("2026-03-03 18:00")
    with Ledger.open(home.state) as ledger:
        planned = plan(NOW, view(home.house(), ledger, NOW, NOW).world)
        assert quiet.ended(ledger, home.house(), NOW, planned, frozenset()) is not None
        (record,) = ledger.records()
        ledger.save([(replace(record, state=state, snoozed_until=at("2026-03-05 09:00")), "you said so")], NOW)
        assert quiet.ended(ledger, home.house(), NOW, planned, frozenset()) is None
    assert len(home.once("2026-03-03 18:10").withdrawn) == 1


def test_a_quiet_cycle_tells_what_comes_next_as_the_one_before_it_did(tmp_path: Path) -> None:
    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    planned, glanced = home.once("2026-03-03 12:00"), home.once("2026-03-03 12:05")
    assert planned.next_notes == (quiet.Coming("thank-you", "Dana"),)
    assert (glanced.next_due, glanced.next_notes) == (planned.next_due, planned.next_notes)


def test_what_a_cycle_had_read_when_it_died_is_not_passed_over_by_the_next(tmp_path: Path) -> None:
    class Dying(Maildir):
        """The machine dies while the mailbox is looked at: the calendars have been read by then."""

        def look(self, note: str, addresses: frozenset[str]) -> Look:  # noqa: ARG002 - whatever is asked
            raise KeyboardInterrupt

    home = Household.make(tmp_path / "home")
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example"))
    home.once("2026-03-03 18:00")
    assert home.once("2026-03-03 18:05").withdrawn == []
    home.put("dana", event("dana", "2026-03-03 15:00", "dana@acme.example", status="CANCELLED", sequence=1))
    with Ledger.open(home.state) as ledger, pytest.raises(KeyboardInterrupt):
        run(replace(home.house(), mailbox=Dying(home.mail, frozenset())), ledger, at("2026-03-03 18:10"))
    assert len(home.once("2026-03-03 18:15").withdrawn) == 1
