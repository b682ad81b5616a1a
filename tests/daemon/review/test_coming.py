"""Coming: the next eight weeks, drawn and as a list, with the same in both."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from daemon.cli import run_command
from daemon.clock import Clock
from daemon.review.coming import ROWS
from daemon.review.keys import person_path
from daemon.review.room import Room
from tests.build import at
from tests.daemon.review.acquainted import DANA, LEE, NOW, acquainted, crowd
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tests.cases.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """For those who only look."""
    return acquainted(tmp_path_factory.mktemp("people") / "home")


@pytest.fixture(scope="module")
def visitor(home: Home) -> Visitor:
    return Visitor(room(home.root, NOW))


def labels(text: str) -> dict[str, str]:
    """The marks of the drawing: what each says, by the entry that it stands for."""
    return {found[2]: found[1] for found in re.finditer(r'aria-label="([^"]*)" data-entry="([^"]*)"', text)}


def test_meetings_notes_holds_and_drafts_are_drawn_and_each_stands_in_the_list(visitor: Visitor) -> None:
    text = visitor.get("/coming").text
    drawn = labels(text)
    kinds = {words.partition(":")[0] for words in drawn.values()}
    assert kinds == {"Meeting", "Note to be drafted", "Note held back", "Draft that waits in Drafts"}
    for entry in drawn:
        assert f'id="{entry}"' in text


def test_what_is_held_back_says_by_what_and_until_when_as_plan_does(visitor: Visitor) -> None:
    held = next(words for words in labels(visitor.get("/coming").text).values() if words.startswith("Note held back"))
    assert "held until 8 March: one open draft to Dana" in held
    assert "due Fri 6 March 16:00" in held


def test_what_was_snoozed_says_until_when(home: Home, tmp_path: Path) -> None:
    own = home.copy(tmp_path / "own")
    words = ["--config", str(own.root / "config"), "--state", str(own.root / "state"), "--at", at(NOW).isoformat()]
    (record,) = [one for one in own.records() if one.placed]
    assert run_command([*words[:4], "snooze", record.id, "2026-03-04", *words[4:]]) == 0
    drawn = labels(Visitor(room(own.root, NOW)).get("/coming").text)
    snoozed = next(words for words in drawn.values() if words.startswith("Snoozed note"))
    assert "snoozed until Wed 4 March 09:00" in snoozed


def test_a_deadline_is_told_on_its_day_too(visitor: Visitor) -> None:
    text = visitor.get("/coming").text
    friday = text.partition(">Fri 13 March")[2].partition("</section>")[0]
    assert "to be on its way by then" in friday
    assert "Thank you, Lee" in friday


def test_the_nearest_is_first_and_marks_lead_to_the_draft_the_note_and_the_person(home: Home, visitor: Visitor) -> None:
    text = visitor.get("/coming").text
    assert text.index(f'href="{person_path(DANA)}"') < text.index(f'href="{person_path(LEE)}"')
    (record,) = [one for one in home.records() if one.placed]
    assert f'href="/draft/{record.id}"' in text
    note = re.search(r'href="(/coming/[a-z0-9]+)"', text)
    assert note
    told = visitor.get(note[1]).text
    assert "As it would be drafted" in told
    assert visitor.get("/coming/nothing").status_code == 404


def test_a_title_full_of_markup_is_text_in_the_drawing_and_in_the_list(visitor: Visitor) -> None:
    text = visitor.get("/coming").text
    assert "<script>alert" not in text
    assert "<img src" not in text
    assert text.count("&lt;script&gt;alert(1)") >= 2


def test_nothing_to_come_is_said(bare: Home) -> None:
    assert "Nothing is coming in the next 8 weeks" in Visitor(room(bare.root, NOW)).get("/coming").text


def test_more_people_than_are_drawn_are_named_and_can_be_asked_for(tmp_path: Path) -> None:
    visitor = Visitor(room(crowd(tmp_path / "crowd", 60).root, "2026-02-27 12:00"))
    text = visitor.get("/coming").text
    assert f"the {ROWS} people for whom something is nearest, of 60" in text
    rows = text.partition('class="names"')[2].partition("</svg>\n<svg")[0]
    assert rows.count("<a href") == ROWS
    assert visitor.get("/coming?people=60").text.count('data-entry="m-') == 60
    assert visitor.get("/coming?people=-1&people=x").status_code == 200


def test_a_note_in_the_future_is_the_one_that_plan_shows(home: Home, visitor: Visitor) -> None:
    planned = {one.id for one in visitor.room.ahead(at("2026-04-28 12:00")).planned}
    assert {entry[2:] for entry in labels(visitor.get("/coming").text) if entry.startswith("f-")} == planned
    id_ = next(iter(planned))
    folders = f"--config {home.root}/config --state {home.state}"
    assert f"afterword {folders} skip {id_}</code> leaves it out" in visitor.get(f"/coming/{id_}").text


def test_what_took_a_minute_to_work_out_serves_whoever_waited_for_it(home: Home) -> None:
    there = room(home.root, NOW)
    begun = at(NOW)

    class Slow(Clock):
        """The first look at what is ahead takes a minute; one comes 20 seconds after it, and one at last."""

        seconds = iter([0, 0, 60, 80, 120, 120, 180])

        def now(self) -> datetime:
            return begun + timedelta(seconds=next(self.seconds))

    slow = Room(there.call(), Slow(begun))
    first = slow.ahead(begun)
    assert slow.ahead(begun) is first
    assert slow.ahead(begun) is not first
