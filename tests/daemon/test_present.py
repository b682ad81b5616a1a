"""How a hold is told: by what, and until when."""

from __future__ import annotations

import pytest

from daemon.present import held
from rules.almanac import Almanac
from rules.model import Hold
from tests.build import at

LISBON = Almanac("Europe/Lisbon")


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("2026-03-12 09:00", "held until 12 March: one open draft to Dana"),
        ("2026-03-08 12:00", "held until 8 March: one open draft to Dana"),
        ("2026-03-08 11:59", "held until 8 March 11:59: one open draft to Dana"),
        ("2026-03-08 00:00", "held until 8 March 00:00: one open draft to Dana"),
        ("2026-03-07 18:00", "held until 18:00: one open draft to Dana"),
        ("2027-01-04 09:00", "held until 4 January 2027: one open draft to Dana"),
    ],
)
def test_a_hold_names_the_day_and_the_hour_when_it_is_near(until: str, words: str) -> None:
    assert held(Hold("one open draft to Dana", at(until)), LISBON, at("2026-03-07 12:00")) == words


def test_the_day_is_that_of_the_user() -> None:
    hold = Hold("one open draft to Dana", at("2026-03-12 23:30"))
    assert held(hold, Almanac("Asia/Tokyo"), at("2026-03-07 12:00")).startswith("held until 13 March:")


def test_a_hold_without_a_day_names_what_ends_it_where_that_is_known() -> None:
    now = at("2026-03-07 12:00")
    lying = Hold("one open draft to Dana", None, "it is sent or deleted")
    assert held(lying, LISBON, now) == "held until it is sent or deleted: one open draft to Dana"
    assert held(Hold("feed lacks it"), LISBON, now) == "held: feed lacks it"
