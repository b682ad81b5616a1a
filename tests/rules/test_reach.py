"""How far the rules look."""

from __future__ import annotations

from datetime import timedelta

from rules.reach import reach
from rules.timing import Duration
from tests.build import at, rule

NOW = at("2026-03-03 12:00")
BACKFILL = Duration.parse("2 days")


def test_a_rule_looks_back_more_than_a_year_so_that_a_note_knows_of_earlier_meetings() -> None:
    start, end = reach([rule()], BACKFILL, NOW, NOW)
    assert NOW - start > timedelta(days=366)
    assert end > NOW


def test_check_ins_look_back_over_the_whole_chain_and_ahead_to_the_next_meeting() -> None:
    slow = rule({"id": "check-in", "template": "check-in", "every": "12 months", "at_most": 5})
    start, end = reach([rule(), slow], BACKFILL, NOW, NOW + timedelta(days=30))
    assert NOW - start >= timedelta(days=5 * 360)
    assert end - NOW >= timedelta(days=30 + 360)
