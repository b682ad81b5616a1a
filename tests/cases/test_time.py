"""Cases: time. Each docstring is the sentence of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon.cycle import coming
from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.cases.home import CHECK_INS, Home, rule, settings
from tests.house import event

if TYPE_CHECKING:
    from datetime import datetime

    from tests.cases.conftest import Moves

ANA, BEN = "ana@one.example", "ben@two.example"
MET = "2026-03-03 10:00"


def next_due(home: Home, when: str) -> datetime:
    """What `plan` tells of the one follow-up that is coming in the next half year."""
    moment = at(when)
    with Ledger.open(home.state, write=False) as ledger:
        plan, _ = coming(home.house(), ledger, moment, moment.replace(month=moment.month + 4))
    return plan.follow_ups[0].due


# --- Asleep, and clocks ----------------------------------------------------------------------------------------


def test_asleep_across_the_due_time_for_an_hour(settle: Moves) -> None:
    """Asleep across the due time, for an hour."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.cycles("2026-03-03 12:30", "2026-03-03 13:30", "2026-03-03 14:30")
    assert home.to() == [ANA]
    assert "belated" not in home.record().why


def test_asleep_past_the_deadline_the_note_is_belated(settle: Moves) -> None:
    """Asleep across the due time, for two days: drafted at once, once, as belated."""
    home = settle()
    home.write("templates/thank-you.md", "---\nsubject: Thanks\n---\n{% if late %}Belated, {% endif %}thank you.\n")
    home.put("coffee", event("coffee", MET, ANA))
    home.cycles("2026-03-03 12:30", "2026-03-05 12:30", "2026-03-05 13:30")
    assert home.to() == [ANA]
    assert home.text().startswith("Belated, thank you.")


def test_asleep_for_three_weeks_what_expired_is_not_drafted_and_what_has_not_is(settle: Moves) -> None:
    """Asleep across the due time, for three weeks."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.put("other", event("other", "2026-03-20 10:00", BEN))
    home.once("2026-03-03 09:00")
    home.cycles("2026-03-24 09:00", "2026-03-24 10:00")
    assert home.to() == [BEN]
    assert home.states() == [State.EXPIRED, State.PLACED]


def test_asleep_for_three_weeks_is_no_newness(settle: Moves) -> None:
    """Asleep for three weeks: the backfill of two days is for new rules, not for sleep."""
    home = settle(rule(by="", expires="60 days"))
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 09:00")
    home.once("2026-03-24 09:00")
    assert home.to() == [ANA]


def test_the_clock_set_back_drafts_nothing_twice(settle: Moves) -> None:
    """The clock set back."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 13:00")
    home.cycles("2026-03-02 13:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:05")
    assert home.to() == [ANA]
    assert home.record().revision == 0


def test_the_clock_set_back_after_the_note_was_sent_drafts_nothing_twice(settle: Moves) -> None:
    """The clock set back, after the note was sent, and after it was deleted."""
    home = settle()
    home.put("coffee", event("coffee", MET, ANA, BEN))
    home.once("2026-03-03 13:00")
    one, other = (str(draft["Message-ID"]) for draft in home.drafts())
    home.move(one, ".Sent")
    home.move(other, ".Trash")
    home.cycles("2026-03-03 13:10", "2026-03-02 13:00", "2026-03-03 12:00", "2026-03-03 13:20")
    assert home.drafts() == []


def test_the_clock_set_on_by_a_year_and_back_drafts_what_is_due(settle: Moves) -> None:
    """The clock set on, and back again: what is due is drafted once; what happened is not undone."""
    home = settle()
    home.once("2026-03-03 09:00")
    home.once("2027-03-03 09:00")
    home.put("coffee", event("coffee", MET, ANA))
    home.cycles("2026-03-03 13:00", "2026-03-03 13:10")
    assert home.to() == [ANA]


def test_due_in_the_hour_that_the_change_skips(settle: Moves) -> None:
    """Due in the hour that DST skips: 29 March 2026, 01:00 becomes 02:00 in Lisbon."""
    home = settle(rule(by="", after="1 day"))
    home.put("coffee", event("coffee", "2026-03-28 00:30", ANA))
    home.once("2026-03-29 00:59")
    assert home.drafts() == []
    home.once("2026-03-29 02:30")
    assert home.to() == [ANA]


def test_due_in_the_hour_that_the_change_repeats_is_drafted_once(settle: Moves) -> None:
    """Due in the hour that DST repeats: 25 October 2026, 02:00 becomes 01:00 in Lisbon."""
    home = settle()
    home.put("coffee", event("coffee", "2026-10-24 22:30", ANA))
    first, second = at("2026-10-25 01:30"), at("2026-10-25 02:30")
    home.once(first)
    assert home.to() == [ANA]
    home.once(second)
    assert home.to() == [ANA]


# --- Windows and holidays --------------------------------------------------------------------------------------


def test_friday_evenings_thank_you_under_a_weekday_window_is_not_late(settle: Moves) -> None:
    """Friday evening's thank-you under a weekday window: the window yields to the deadline."""
    home = settle(rule(window="weekdays 09:00-18:00"))
    home.put("coffee", event("coffee", "2026-03-06 17:00", ANA))
    home.once("2026-03-06 19:59")
    assert home.drafts() == []
    home.once("2026-03-06 20:00")
    assert home.to() == [ANA]


def test_friday_evenings_note_without_a_deadline_waits_for_monday(settle: Moves) -> None:
    """Friday evening's thank-you under a weekday window, without a deadline."""
    home = settle(rule(window="weekdays 09:00-18:00", by=""))
    home.put("coffee", event("coffee", "2026-03-06 17:00", ANA))
    home.once("2026-03-09 08:59")
    assert home.drafts() == []
    home.once("2026-03-09 09:00")
    assert home.to() == [ANA]


def test_an_evenings_thank_you_waits_for_the_morning_where_the_deadline_allows(settle: Moves) -> None:
    """A neighbour: on a Tuesday evening the window has a moment before the deadline, and is kept."""
    home = settle(rule(window="weekdays 09:00-18:00"))
    home.put("coffee", event("coffee", "2026-03-03 17:00", ANA))
    home.once("2026-03-04 08:59")
    assert home.drafts() == []
    home.once("2026-03-04 09:00")
    assert home.to() == [ANA]


HOLIDAYS = settings().replace("time_zone: Europe/Lisbon,", "time_zone: Europe/Lisbon, holidays: PT,")


def test_at_christmas_nothing_is_drafted_into_the_window(settle: Moves) -> None:
    """Christmas: 25 December 2026 is a Friday, and the next working day is Monday the 28th."""
    home = settle(rule(window="weekdays 09:00-18:00", by=""), settings=HOLIDAYS)
    home.put("coffee", event("coffee", "2026-12-24 17:00", ANA))
    home.cycles("2026-12-24 20:00", "2026-12-25 10:00", "2026-12-26 10:00")
    assert home.drafts() == []
    home.once("2026-12-28 09:00")
    assert home.to() == [ANA]


def test_at_christmas_a_thank_you_with_a_deadline_keeps_it(settle: Moves) -> None:
    """Christmas, and a thank-you that must be on its way within a day."""
    home = settle(rule(window="weekdays 09:00-18:00"), settings=HOLIDAYS)
    home.put("coffee", event("coffee", "2026-12-24 17:00", ANA))
    home.once("2026-12-24 20:00")
    assert home.to() == [ANA]


def test_a_holiday_in_between_is_no_business_day(settle: Moves) -> None:
    """A holiday in between business days: 1 May 2026 is a Friday."""
    home = settle(rule(after="2 business days", by=""), settings=HOLIDAYS)
    home.put("coffee", event("coffee", "2026-04-30 10:00", ANA))
    home.once("2026-05-05 10:59")
    assert home.drafts() == []
    home.once("2026-05-05 11:00")
    assert home.to() == [ANA]


# --- Check-ins -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mine", [False, True])
def test_a_contact_later_than_the_plan_thought_moves_the_check_in_on(settle: Moves, mine: bool) -> None:
    """Last contact later than the plan thought: the check-in moves on."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 12:00")
    assert next_due(home, "2026-03-03 12:00") == at("2026-04-14 11:00")
    if mine:
        home.deliver("robin@example.org", "2026-03-20 10:00", "An idea", ".Sent", To=ANA)
    else:
        home.deliver(ANA, "2026-03-20 10:00", "An idea")
    home.once("2026-03-20 12:00")
    assert next_due(home, "2026-03-20 12:00") == at("2026-05-01 10:00")
    home.once("2026-04-14 12:00")
    assert home.drafts() == []
    home.once("2026-05-01 10:00")
    assert home.to() == [ANA]


def test_a_mail_that_came_while_asleep_moves_the_check_in_on_as_well(settle: Moves) -> None:
    """Last contact later than the plan thought, and the cycle that learns of it is the one in which it is due."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 12:00")
    home.deliver(ANA, "2026-04-10 10:00")
    home.once("2026-04-20 12:00")
    assert home.drafts() == []


def test_a_meeting_ahead_holds_the_check_in_back(settle: Moves) -> None:
    """A neighbour: a meeting with them in the coming `every` holds the check-in back."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 12:00")
    home.put("ahead", event("ahead", "2026-04-20 10:00", ANA, title="Review"))
    home.cycles("2026-04-14 11:00", "2026-04-19 11:00")
    assert home.drafts() == []


def test_next_due_is_the_same_whether_computed_every_day_or_once(settle: Moves) -> None:
    """Next due computed as today, every day: a plan that is made again each day never slides."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    for day in range(4, 31, 2):
        home.once(f"2026-03-{day:02} 12:00")
        assert next_due(home, f"2026-03-{day:02} 12:00") == at("2026-04-14 11:00")
    home.once("2026-04-14 11:00")
    assert home.to() == [ANA]


def test_unanswered_check_ins_end_after_four(settle: Moves) -> None:
    """A neighbour: `at_most` ends the chain until they write, or we meet."""
    home = settle(CHECK_INS)
    home.put("coffee", event("coffee", MET, ANA))
    home.once("2026-03-03 12:00")
    placed = 0
    for month in range(4, 13):
        for day in (1, 8, 15, 22):
            placed += len(home.once(f"2026-{month:02}-{day:02} 12:00").placed)
            for draft in home.drafts():
                home.move(str(draft["Message-ID"]), ".Sent")
    assert placed == 4
