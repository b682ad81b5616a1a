"""A clock that was ahead for a while: what was drafted too early is taken away, and comes again in its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import Home
from tests.house import RULES, event

if TYPE_CHECKING:
    from pathlib import Path

DANA = "dana@acme.example"
EARLY = "it was drafted too early: the clock was ahead"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Coffee with Dana on 3 March, seen by a cycle of the same evening; the thank-you is sent."""
    home = Home.make(tmp_path / "home")
    home.put("dana", event("u1", "2026-03-03 15:00", DANA))
    home.cycles("2026-03-03 12:00", "2026-03-03 18:00")
    home.move(home.id(), ".Sent")
    home.cycles("2026-03-03 18:05")
    return home


def check_ins(home: Home) -> list[State]:
    return [record.state for record in home.records() if record.round]


def test_a_check_in_drafted_by_a_clock_a_year_ahead_goes_and_comes_again_in_its_time(home: Home) -> None:
    home.cycles("2027-03-03 18:10")
    assert home.subjects() == ["Hello again, Dana"]
    home.cycles("2026-03-03 18:15", "2026-03-04 18:00")
    assert check_ins(home) == [State.PLACED]
    home.cycles("2026-03-05 06:00")
    assert (check_ins(home), home.drafts()) == ([State.WITHDRAWN], [])
    assert [record.why for record in home.records() if record.round] == [EARLY]
    home.cycles("2026-04-14 17:59")
    assert home.drafts() == []
    home.cycles("2026-04-14 18:05")
    assert (check_ins(home), home.subjects()) == ([State.PLACED], ["Hello again, Dana"])


def test_a_thank_you_for_a_meeting_that_is_yet_to_come_goes_too(home: Home) -> None:
    home.put("lee", event("u2", "2026-04-20 15:00", "lee@ito.example"))
    home.cycles("2026-04-20 18:00", "2026-03-03 18:15")
    assert "Thank you, Lee" in home.subjects()
    home.cycles("2026-03-05 06:00")
    assert home.drafts() == []
    home.cycles("2026-04-20 18:00")
    assert "Thank you, Lee" in home.subjects()


def test_a_draft_that_the_user_edited_stays(home: Home) -> None:
    home.cycles("2027-03-03 18:10")
    home.edit(home.id(), "How have you been?", "Are you well?")
    home.cycles("2026-03-03 18:15", "2026-03-04 18:15", "2026-03-10 12:00")
    assert check_ins(home) == [State.EDITED]


def test_a_draft_of_a_rule_that_was_edited_since_stays(home: Home) -> None:
    home.cycles("2027-03-03 18:10", "2026-03-03 18:15")
    home.write("rules/rules.yaml", RULES.replace("6 weeks", "7 weeks"))
    home.cycles("2026-03-03 18:20", "2026-03-04 18:20", "2026-03-10 12:00")
    assert check_ins(home) == [State.PLACED]


def test_trying_an_earlier_moment_out_takes_nothing_away(home: Home) -> None:
    """`--at` in the weeks between two cycles, and then the present again."""
    home.cycles("2026-04-14 18:00")
    assert home.subjects() == ["Hello again, Dana"]
    for tried in ("2026-04-01 12:00", "2026-03-20 12:00", "2026-04-10 12:00"):
        home.cycles(tried, "2026-04-14 18:05")
        assert (check_ins(home), home.subjects()) == ([State.PLACED], ["Hello again, Dana"])


def test_a_clock_that_is_behind_for_days_takes_nothing_away(home: Home) -> None:
    home.cycles("2026-03-20 18:00", "2026-04-08 18:00", "2026-04-14 18:00", "2026-04-15 18:00")
    home.cycles("2026-04-05 12:00", "2026-04-06 13:00", "2026-04-07 14:00")
    assert check_ins(home) == [State.PLACED]
    home.cycles("2026-04-15 18:10")
    assert (check_ins(home), home.subjects()) == ([State.PLACED], ["Hello again, Dana"])


def test_a_long_sleep_is_no_clock_ahead(home: Home) -> None:
    home.cycles("2026-06-14 18:00", "2026-06-15 19:00", "2026-06-20 18:00")
    assert (check_ins(home), home.subjects()) == ([State.PLACED], ["Hello again, Dana"])
