"""Not this person again: by the user's word nothing more is written to them, until they take it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon.cycle import run
from daemon.ledger import Ledger
from daemon.not_again import again, marked, not_again, since
from rules.history import State
from rules.model import Person
from tests.build import at
from tests.cases.home import Home
from tests.house import RULES, Household, event

if TYPE_CHECKING:
    from pathlib import Path

DANA, LEE = "dana@acme.example", "lee@beta.example"
WORKS = "people: [{name: Dana Okafor, emails: [dana@acme.example, dana@home.example]}]\n"
ALONE = RULES.replace("by: 24 hours", "by: 24 hours, to: all")


def mark(home: Household, *emails: str, when: str = "2026-03-03 18:30") -> None:
    with Ledger.open(home.state) as ledger:
        not_again(ledger, Person("", emails), at(when))


def states(home: Household) -> list[State]:
    with Ledger.open(home.state, write=False) as ledger:
        return [record.state for record in ledger.records()]


@pytest.mark.parametrize("people", ["people: []\n", WORKS])
def test_nothing_is_drafted_and_an_untouched_draft_goes(tmp_path: Path, people: str) -> None:
    home = Household.make(tmp_path, people=people)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    assert home.once("2026-03-03 18:00").placed
    mark(home, DANA)
    home.put("b", event("two", "2026-03-03 17:00", "Dana+cal@ACME.example"))
    after = home.once("2026-03-03 20:00")
    assert (after.placed, [one.state for one in after.withdrawn]) == ([], [State.WITHDRAWN])
    assert after.withdrawn[0].why == f"{DANA} is marked do_not_contact"
    assert not home.once("2026-05-01 12:00").placed


def test_the_mark_holds_for_every_address_of_the_person(tmp_path: Path) -> None:
    home = Household.make(tmp_path, people=WORKS)
    mark(home, "dana@home.example")
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    assert not home.once("2026-03-03 18:00").placed


def test_a_note_to_several_goes_to_the_others(tmp_path: Path) -> None:
    home = Household.make(tmp_path, rules=ALONE)
    mark(home, DANA)
    home.put("a", event("one", "2026-03-03 14:00", DANA, LEE))
    assert [[to.email for to in one.to] for one in home.once("2026-03-03 18:00").placed] == [[LEE]]


def test_a_draft_that_the_user_has_edited_stays(tmp_path: Path) -> None:
    home = Household.make(tmp_path)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    (placed,) = home.once("2026-03-03 18:00").placed
    home.edit(placed.message_id, "Thank you for", "Many thanks for")
    mark(home, DANA)
    home.once("2026-03-03 20:00")
    assert len(home.drafts()) == 1


def test_taken_back_it_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    home = Household.make(tmp_path)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    home.once("2026-03-03 18:00")
    mark(home, DANA)
    home.once("2026-03-03 18:40")
    assert states(home) == [State.WITHDRAWN]
    with Ledger.open(home.state) as ledger:
        assert since(ledger, Person("Dana", (DANA,))) == at("2026-03-03 18:30")
        assert again(ledger, Person("Dana", (DANA,)))
        assert not again(ledger, Person("Dana", (DANA,)))
        assert marked(ledger) == {}
    assert [one.state for one in home.once("2026-03-03 18:50").placed] == [State.PLACED]


def test_said_while_a_cycle_is_under_way_the_next_one_takes_the_draft_away(tmp_path: Path) -> None:
    home = Home.make(tmp_path)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    home.cycles("2026-03-03 14:00", "2026-03-03 17:00", "2026-03-03 17:05")
    with Ledger.open(home.state) as ledger:
        run(home.house(), ledger, at("2026-03-03 17:10"), edited=lambda _: mark(home, DANA))
    assert states(home) == [State.PLACED]
    home.once("2026-03-03 17:15")
    assert states(home) == [State.WITHDRAWN]


def test_a_meeting_that_no_calendar_shows_any_more_takes_no_mark_along(tmp_path: Path) -> None:
    home = Home.make(tmp_path)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    home.cycles("2026-03-03 14:00", "2026-03-03 17:00")
    mark(home, DANA)
    home.drop("a")
    home.put("b", event("two", "2026-03-03 14:00", LEE))
    assert home.command("person", DANA, when="2026-03-03 19:00")[1]["do_not_contact"] is True


def test_it_is_said_and_taken_back_by_command(tmp_path: Path) -> None:
    home = Home.make(tmp_path, people=WORKS)
    home.put("a", event("one", "2026-03-03 14:00", DANA))
    home.once("2026-03-03 14:00")
    code, told, _ = home.command("person", "dana", "--not-again", when="2026-03-03 14:30")
    assert (code, told["name"], told["not_again"]) == (0, "Dana Okafor", True)
    _, told, _ = home.command("person", "Dana", when="2026-03-03 15:00")
    assert (told["do_not_contact"], told["not_again"]) == (True, "2026-03-03T14:30:00+00:00")
    assert home.command("plan", when="2026-03-03 15:00")[1]["follow_ups"] == []
    _, told, _ = home.command("person", "dana@home.example", "--again", when="2026-03-03 15:30")
    assert told["not_again"] is False
    assert len(home.command("plan", when="2026-03-03 15:40")[1]["follow_ups"]) == 1
