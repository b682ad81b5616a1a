"""A ledger that was lost, or restored from last week: what lies in the mailbox is taken over, not made again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from daemon.cycle import rehearse
from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.house import Household, event

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Household:
    home = Household.make(tmp_path / "home")
    home.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
    home.once("2026-03-03 09:00")
    assert len(home.once("2026-03-03 13:30").placed) == 1
    return home


def states(home: Household) -> list[State]:
    with Ledger.open(home.state, write=False) as ledger:
        return [record.state for record in ledger.records()]


@pytest.mark.parametrize("folder", ["", ".Sent", ".Trash"])
@pytest.mark.parametrize("later", ["2026-03-03 14:00", "2026-03-06 14:00"])
def test_whatever_became_of_a_draft_a_new_ledger_knows_it_again(home: Household, folder: str, later: str) -> None:
    if folder:
        home.move(home.drafts()[0]["Message-ID"], folder)
    shutil.rmtree(home.state)
    outcome = home.once(later)
    assert outcome.placed == []
    assert len(home.drafts()) == (0 if folder else 1)
    expected = {"": {State.PLACED, State.EDITED}, ".Sent": {State.SENT}, ".Trash": {State.VETOED}}[folder]
    assert set(states(home)) <= expected
    assert len(states(home)) == 1
    assert home.once(later).placed == []


def test_a_draft_whose_placing_was_interrupted_is_not_told_as_coming(home: Household) -> None:
    """Killed between effect and result: a dry run sees the draft where it lies, and the next cycle settles it."""
    home.put("ben", event("ben", "2026-03-03 12:00", "ben@two.example"))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-03 15:30")
        ledger.intend(prepared.record, prepared.message, "due", prepared.record.changed)
    home.house().mailbox.place(prepared.message)
    with Ledger.open(home.state, write=False) as ledger:
        assert rehearse(home.house(), ledger, at("2026-03-03 15:35")).placed == []
    assert home.once("2026-03-03 15:35").placed == []
    assert len(home.drafts()) == 2
    assert states(home) == [State.PLACED, State.PLACED]


def test_a_rule_that_is_new_does_not_take_over_what_was_never_drafted(tmp_path: Path) -> None:
    home = Household.make(tmp_path / "home")
    home.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
    outcome = home.once("2026-03-06 14:00")
    assert (outcome.placed, outcome.changed, states(home)) == ([], [], [])


def test_a_mail_after_a_later_meeting_is_not_the_draft_that_lies_there_since_the_one_before(home: Household) -> None:
    """Both notes have one subject. The ledger knows nothing of the second, which was sent from a telephone."""
    shutil.copytree(home.state, home.root / "copy")
    (first,) = home.drafts()
    home.put("again", event("again", "2026-03-17 10:00", "ana@one.example"))
    home.once("2026-03-17 09:00")
    assert len(home.once("2026-03-17 13:30").placed) == 1
    (second,) = [draft for draft in home.drafts() if draft["Message-ID"] != first["Message-ID"]]
    home.delete(second["Message-ID"])
    home.deliver("robin@example.org", "2026-03-17 14:00", second["Subject"], ".Sent", To="ana@one.example")
    shutil.rmtree(home.state)
    (home.root / "copy").rename(home.state)
    assert home.once("2026-03-17 15:00").placed == []
    assert second["Message-ID"] not in {draft["Message-ID"] for draft in home.drafts()}
