"""A past meeting that the user deletes at Google, in a calendar that shows nothing else so old: Google says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.command import afterword
from tests.e2e.test_google_answers import configure
from tests.e2e.test_google_cost import DANA, FAMILY, Home
from tests.google.permitted import consented
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LATER: dict[str, Any] = {
    "id": "later",
    "summary": "Dentist",
    "start": {"dateTime": "2026-04-03T13:00:00Z"},
    "end": {"dateTime": "2026-04-03T14:00:00Z"},
}


class Deleting(Home):
    """Robin met Dana at 13:00 on 3 March; the calendar shows nothing before that."""

    def at(self, moment: str) -> tuple[list[str], list[str]]:
        """One cycle; to whom something was placed, and of whom something was taken away."""
        places = configure(self.root, self.google.url)
        told = afterword(self.root, *places, "once", "--at", f"2026-03-{moment}:00+00:00", "--json")
        assert (told.code, told.json["problems"]) == (0, []), told.err
        placed, withdrawn = ([one["to"][0]["email"] for one in told.json[name]] for name in ("placed", "withdrawn"))
        return placed, withdrawn


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Deleting]:
    with Google() as google:
        google.calendar(FAMILY)
        consented(google, tmp_path / "state", now=datetime.now(UTC))  # an access token is good by the real clock
        home = Deleting(tmp_path, google)
        home.met("Dana Okafor", DANA, 13)
        yield home


def test_its_note_is_not_drafted(home: Deleting) -> None:
    home.google.calendar("primary").put(LATER)
    assert home.at("03T14:30") == ([], [])
    home.google.calendar("primary").delete("coffee13")
    assert home.at("03T14:35") == ([], [])
    assert home.at("03T18:30") == ([], [])


def test_its_untouched_draft_is_taken_away(home: Deleting) -> None:
    home.google.calendar("primary").put(LATER)
    assert home.at("03T18:30") == ([DANA], [])
    home.google.calendar("primary").delete("coffee13")
    assert home.at("03T18:35") == ([], [DANA])
    assert home.google.mail.drafts == {}


def test_where_it_was_all_that_the_calendar_had_it_is_believed_after_a_day(home: Deleting) -> None:
    assert home.at("03T18:30") == ([DANA], [])
    home.google.calendar("primary").delete("coffee13")
    assert home.at("03T18:35") == ([], [])
    assert home.at("04T19:00") == ([], [DANA])


def test_one_that_is_deleted_and_restored_is_there_as_ever(home: Deleting) -> None:
    assert home.at("03T14:30") == ([], [])
    calendar = home.google.calendar("primary")
    coffee = calendar.events["coffee13"]
    calendar.delete("coffee13")
    assert home.at("03T14:35") == ([], [])
    calendar.put(coffee)
    assert home.at("03T18:30") == ([DANA], [])
    assert home.at("04T19:00") == ([], [])
