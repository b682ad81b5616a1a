"""The life of a draft in whole cycles: whose mail it is, what `show` tells of it, what must not come back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from rules.history import State
from rules.life import ImpossibleError
from tests.build import at
from tests.cases.home import Home, settings
from tests.daemon.with_a_draft import ANA, ME, move, with_a_draft
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

MX = "from mail.evil.example (mail.evil.example [192.0.2.1]) by mx.example.org with ESMTPS id 4A; Tue"
SUBMITTED = "from [192.168.1.7] (unknown [203.0.113.4]) by mx.example.org (Postfix) with ESMTPSA id 7B; Tue"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_a_draft(tmp_path)


# --- whose mail it is ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "trace", "mine"), [
    ("", MX, False), (".Archive", MX, False), (".Archive", "", True), ("", "", True), ("", SUBMITTED, True),
    (".Sent", MX, True),
])  # fmt: skip
def test_a_mail_with_my_address_is_my_thank_you_only_where_it_did_not_come_to_me(
    home: Home,
    folder: str,
    trace: str,
    mine: bool,
) -> None:
    headers = {"Received": trace} if trace else {}
    home.deliver(ME, "2026-03-03 12:30", "Thanks for the coffee", folder, To=ANA, **headers)
    home.once("2026-03-03 13:05")
    assert home.states() == [State.WITHDRAWN if mine else State.PLACED]


@pytest.mark.parametrize("folder", ["", ".Trash"])
def test_a_guessed_message_id_under_my_address_is_neither_sent_nor_a_veto(home: Home, folder: str) -> None:
    message_id = home.id()
    home.deliver(ME, "2026-03-03 13:30", "Hi", folder, To=ANA, Message_ID=message_id, Received=MX)
    home.delete(message_id)
    home.once("2026-03-03 13:35")
    assert home.states() == [State.PLACED]


def test_a_mail_of_somebody_else_with_a_guessed_message_id_is_not_taken_over(home: Home) -> None:
    message_id = home.id()
    home.delete(message_id)
    shutil.rmtree(home.state)
    home.deliver("mallory@evil.example", "2026-03-03 12:00", "Hi", ".Trash", Message_ID=message_id)
    home.once("2026-03-03 13:35")
    assert home.states() == [State.PLACED]
    assert len(home.drafts()) == 1


def test_a_mail_of_somebody_else_does_not_settle_what_was_interrupted(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", "ben@two.example"))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-03 15:30")
        ledger.intend(prepared.record, prepared.message, "due", prepared.record.changed)
    home.deliver("ben@two.example", "2026-03-03 12:00", "Hi", ".Trash", Message_ID=prepared.record.message_id)
    home.once("2026-03-03 15:35")
    assert home.states() == [State.PLACED, State.PLACED]
    assert len(home.drafts()) == 2


# --- the history ---------------------------------------------------------------------------------------------


def test_show_tells_a_whole_life_in_order_with_its_causes(home: Home) -> None:
    id_ = home.record().id
    move(home, "09:00", 1)
    home.once("2026-03-03 13:10")
    home.edit(home.id(), "what stayed with me", "the idea")
    home.once("2026-03-03 14:00")
    message_id = home.id()
    home.move(message_id, ".Sent")
    home.deliver(ANA, "2026-03-03 15:00", "Re: Thank you", References=message_id)
    home.once("2026-03-03 15:30")
    code, told, _ = home.command("show", id_, when="2026-03-05 09:00")
    assert (code, told["state"]) == (0, "answered")
    assert [(line["state"], line["cause"]) for line in told["history"]] == [
        ("placed", "2 hours after 'Coffee' ended"),
        ("withdrawn", "the meeting was moved"),
        ("placed", "2 hours after 'Coffee' ended"),
        ("edited", "you edited it"),
        ("sent", "you sent it"),
        ("answered", f"{ANA} wrote on 3 March: 'Re: Thank you'"),
    ]
    assert told["history"][0]["at"] == "2026-03-03T13:00:00+00:00"


def test_the_day_of_an_answer_is_the_one_on_the_wall_of_the_user(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home", settings=settings().replace("Europe/Lisbon", "Pacific/Auckland"))
    assert isinstance(home, Home)
    move(home, "10:00")
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    home.move(home.id(), ".Sent")
    home.once("2026-03-03 14:00")
    home.deliver(ANA, "2026-03-03 20:00", "Re: Thank you")
    home.once("2026-03-03 20:05")
    assert home.causes()[-1] == f"{ANA} wrote on 4 March: 'Re: Thank you'"


def test_a_withdrawn_draft_is_still_shown(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-03 13:10")
    code, told, _ = home.command("show", home.record().id, when="2026-03-03 13:15")
    assert (code, told["state"]) == (0, "withdrawn")
    assert told["text"].startswith("Dear Ana,")


@pytest.mark.parametrize(("state", "cause"), [(State.SENT, ""), (State.ANSWERED, "they wrote")])
def test_the_ledger_takes_no_change_of_state_without_a_cause_or_beside_the_table(
    home: Home, state: State, cause: str
) -> None:
    with Ledger.open(home.state) as ledger:
        (record,) = ledger.records()
        with pytest.raises(ImpossibleError, match=f"was placed, is {state}"):
            ledger.save([(replace(record, state=state), cause)], at("2026-03-03 14:00"))
        assert ledger.record(record.id) == record


# --- what must not be forgotten, and what must not come back -------------------------------------------------


def test_a_note_that_was_snoozed_once_is_made_anew_when_its_meeting_moves(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-03T14:30:00+00:00", when="2026-03-03 13:10")[0] == 0
    home.cycles("2026-03-03 13:15", "2026-03-03 14:35")
    assert home.states() == [State.PLACED]
    home.put("one", event("one", "2026-03-03 10:15", ANA, sequence=1))
    home.cycles("2026-03-03 14:40", "2026-03-03 14:45")
    assert (home.states(), len(home.drafts())) == ([State.PLACED], 1)


def test_a_snoozed_draft_that_was_sent_from_elsewhere_is_not_drafted_again(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    subject = home.record().subject
    home.delete(home.id())
    home.deliver(ME, "2026-03-03 13:12", subject, ".Sent", To=ANA)
    home.cycles("2026-03-03 13:15", "2026-03-05 09:30")
    assert (home.states(), home.drafts()) == ([State.SENT], [])


def test_a_deleted_note_stays_away_when_only_a_later_copy_of_its_meeting_is_left(home: Home) -> None:
    home.move(home.id(), ".Trash")
    home.once("2026-03-03 13:10")
    home.put("copy", event("copy", "2026-03-03 10:00", ANA))
    home.once("2026-03-03 13:15")
    home.drop("one")
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00")
    assert (home.states(), home.drafts()) == ([State.VETOED], [])


def test_a_first_cycle_that_was_tried_for_the_future_loses_nothing_of_today(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once("2026-03-31 09:00")
    home.once("2026-03-09 09:00")
    home.put("one", event("one", "2026-03-10 10:00", ANA))
    home.cycles("2026-03-10 13:00")
    assert home.states() == [State.PLACED]


def test_a_snoozed_draft_that_could_not_be_taken_away_goes_in_the_cycle_that_cancels_it(home: Home) -> None:
    """What the interrupted cycle had begun is settled first: it was not done."""
    assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    with Ledger.open(home.state) as ledger:
        (record,) = ledger.records()
        assert ledger.intend_removal(record, State.SNOOZED, "you snoozed it", at("2026-03-03 13:11"))
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-03 13:15")
    assert (home.states(), home.drafts()) == ([State.CANCELLED], [])
