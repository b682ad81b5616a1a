"""How errors of the ledger and the mailbox become exit codes, and how times are worded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from daemon.cli import wording
from daemon.cli.desk import failure_of
from daemon.cli.once import code_of
from daemon.ledger import LedgerBusy, LedgerCorrupt, LedgerError, LedgerFull, LedgerNewer, LedgerReadOnly
from rules.almanac import Almanac
from tests.build import at

LISBON = Almanac("Europe/Lisbon")
NOW = at("2026-03-03 12:00")


@pytest.mark.parametrize(
    ("kind", "code"), [(LedgerBusy, 75), (LedgerFull, 75), (LedgerCorrupt, 75), (LedgerNewer, 75), (LedgerReadOnly, 77)]
)
def test_an_error_of_the_ledger_has_its_code_and_keeps_its_hint(kind: type[LedgerError], code: int) -> None:
    failure = failure_of(kind("The ledger is in use.", "Try again."))
    assert (failure.exit_code, failure.message, failure.hint) == (code, "The ledger is in use", "Try again.")


@pytest.mark.parametrize(("kind", "code"), [(TransientError, 75), (PermissionNeededError, 77), (PermanentError, 78)])
def test_trouble_with_the_mailbox_has_its_code(kind: type[ConnectorError], code: int) -> None:
    assert code_of(kind("no"), []) == code


@pytest.mark.parametrize(
    ("when", "words"),
    [("2026-03-03 18:00", "Tue 3 March 18:00"), ("2027-01-01 09:05", "Fri 1 January 2027 09:05")],
)
def test_a_moment_is_worded_with_its_day_and_the_year_only_where_it_is_another(when: str, words: str) -> None:
    assert wording.moment(at(when), LISBON, NOW) == words


@pytest.mark.parametrize(
    ("hours", "words"),
    [(0.5, "30 minutes left"), (1, "1 hour left"), (47, "47 hours left"), (49, "2 days left"), (-30, "30 hours late")],
)
def test_time_left_is_told_in_the_unit_that_fits(hours: float, words: str) -> None:
    assert wording.left(NOW + timedelta(hours=hours), NOW) == words


def test_columns_line_up_and_long_cells_are_cut_but_for_the_last() -> None:
    lines = wording.columns([("a", "b" * 40, "c" * 90), ("long", "b", "c")])
    assert lines == [f"a     {'b' * 31}…  {'c' * 90}", f"long  {'b'.ljust(32)}  c"]
    assert wording.columns([]) == []


def test_columns_line_up_under_wide_letters() -> None:
    assert wording.columns([("田中", "a"), ("Dana", "b"), ("Ana", "c")]) == ["田中  a", "Dana  b", "Ana   c"]
