"""Cases: meetings. Each docstring is the sentence of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.history import State
from tests.cases.home import CHECK_INS, coffee, rule
from tests.house import event

if TYPE_CHECKING:
    from tests.cases.conftest import Moves

ANA = "ana@one.example"
BEFORE, DUE, LATER = "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"
TEN = "2026-03-03 10:00"
BESIDE = event("beside", "2026-04-01 10:00", "zoe@far.example", title="Lunch")
"""Another event that the calendar goes on to show."""


# --- Cancelled, moved, deleted -------------------------------------------------------------------------------


def test_cancelled_before_its_draft_was_made_there_is_none(settle: Moves) -> None:
    """Cancelled in the calendar before its draft was made."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    coffee(home, ANA, sequence=1, status="CANCELLED")
    home.cycles(DUE, "2026-03-10 13:00")
    assert home.drafts() == []


def test_cancelled_after_its_draft_was_made_the_draft_is_withdrawn(settle: Moves) -> None:
    """Cancelled in the calendar after its draft was made."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    coffee(home, ANA, sequence=1, status="CANCELLED")
    outcome = home.once(LATER)
    assert home.drafts() == []
    assert [record.state for record in outcome.withdrawn] == [State.WITHDRAWN]


def test_cancelled_and_then_held_after_all_it_is_drafted_again_under_a_new_message_id(settle: Moves) -> None:
    """Cancelled after its draft was made, and then taken back: withdrawn may come again."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    first, known = home.id(), home.record().id
    coffee(home, ANA, sequence=1, status="CANCELLED")
    home.once(LATER)
    coffee(home, ANA, sequence=2)
    home.once("2026-03-03 14:00")
    assert home.id() != first
    assert home.record().id == known


def test_moved_before_its_draft_was_made_it_is_drafted_after_the_new_time(settle: Moves) -> None:
    """Moved in the calendar before its draft was made."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    coffee(home, ANA, start="2026-03-05 10:00", sequence=1)
    home.once(DUE)
    assert home.drafts() == []
    home.once("2026-03-05 13:00")
    assert home.to() == [ANA]
    assert "on Thursday" in home.text()


def test_moved_after_its_draft_was_made_the_draft_waits_for_the_new_time(settle: Moves) -> None:
    """Moved in the calendar after its draft was made."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    coffee(home, ANA, start="2026-03-05 10:00", sequence=1)
    home.once(LATER)
    assert home.drafts() == []
    home.once("2026-03-05 13:00")
    assert "on Thursday" in home.text()


def test_moved_after_the_note_was_sent_nothing_is_drafted_again(settle: Moves) -> None:
    """Moved in the calendar after its note was sent."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    home.move(home.id(), ".Sent")
    home.once(LATER)
    coffee(home, ANA, start="2026-03-05 10:00", sequence=1)
    home.cycles("2026-03-05 13:00", "2026-03-06 13:00")
    assert home.drafts() == []
    assert home.states() == [State.SENT]


@pytest.mark.parametrize("change", ["cancelled", "moved", "deleted"])
def test_an_edited_draft_outlives_whatever_happens_to_its_meeting(settle: Moves, change: str) -> None:
    """Edited: never touched, never withdrawn, whatever becomes of the meeting."""
    home = settle()
    home.put("beside", BESIDE)
    coffee(home, ANA)
    home.once(DUE)
    home.edit(home.id(), "Dear", "My dear")
    home.once("2026-03-03 13:10")
    if change == "deleted":
        home.drop("coffee")
    else:
        start = "2026-03-05 10:00" if change == "moved" else TEN
        coffee(home, ANA, start=start, sequence=1, status="CANCELLED" if change == "cancelled" else "CONFIRMED")
    home.cycles(LATER, "2026-03-05 13:00")
    assert "My dear" in home.text()
    assert home.states() == [State.EDITED]


def test_deleted_before_its_draft_was_made_there_is_none(settle: Moves) -> None:
    """Deleted in the calendar before its draft was made: a single meeting is believed at once."""
    home = settle()
    home.put("beside", BESIDE)
    coffee(home, ANA)
    home.once(BEFORE)
    home.drop("coffee")
    home.once("2026-03-03 09:30")
    assert home.standing("2026-03-03 09:30") == []
    home.once(DUE)
    assert home.drafts() == []


def test_deleted_after_its_draft_was_made_the_draft_is_withdrawn(settle: Moves) -> None:
    """Deleted in the calendar after its draft was made."""
    home = settle()
    home.put("old", event("old", "2026-02-20 10:00", "zoe@far.example", title="Lunch"))
    coffee(home, ANA)
    home.once(DUE)
    home.drop("coffee")
    home.once(LATER)
    assert home.drafts() == []
    assert home.states() == [State.WITHDRAWN]


# --- Series --------------------------------------------------------------------------------------------------


SERIES = rule(when="{title: [coffee], recurring: true}", by="")


def test_one_instance_of_a_series_deleted_leaves_the_others(settle: Moves) -> None:
    """One instance of a series deleted (EXDATE)."""
    home = settle(SERIES)
    excluded = "EXDATE;TZID=Europe/Lisbon:20260310T100000\r\n"
    home.put("series", event("series", TEN, ANA, extra=f"RRULE:FREQ=WEEKLY;COUNT=3\r\n{excluded}"))
    home.once(DUE)
    home.move(home.id(), ".Sent")
    home.once("2026-03-10 13:00")
    assert home.drafts() == []
    home.once("2026-03-17 13:00")
    assert home.to() == [ANA]


def test_one_instance_of_a_series_cancelled_after_its_draft_takes_only_that_draft_away(settle: Moves) -> None:
    """One instance of a series deleted, as a cancelled override, after its draft was made."""
    home = settle(SERIES)
    series = event("series", TEN, ANA, extra="RRULE:FREQ=WEEKLY;COUNT=3\r\n")
    home.put("series", series)
    home.once(DUE)
    gone = "RECURRENCE-ID;TZID=Europe/Lisbon:20260303T100000\r\n"
    home.put("series", series, event("series", TEN, ANA, status="CANCELLED", sequence=1, extra=gone))
    home.once(LATER)
    assert home.drafts() == []
    home.once("2026-03-10 13:00")
    assert home.to() == [ANA]


def test_one_instance_of_a_series_moved_keeps_its_identity(settle: Moves) -> None:
    """One instance of a series moved."""
    home = settle(SERIES)
    series = event("series", TEN, ANA, extra="RRULE:FREQ=WEEKLY;COUNT=2\r\n")
    home.put("series", series)
    home.once(DUE)
    home.move(home.id(), ".Sent")
    home.once(LATER)
    moved = "RECURRENCE-ID;TZID=Europe/Lisbon:20260303T100000\r\n"
    home.put("series", series, event("series", "2026-03-05 10:00", ANA, sequence=1, extra=moved))
    home.once("2026-03-05 13:00")
    assert home.drafts() == []
    home.once("2026-03-10 13:00")
    assert home.to() == [ANA]


def test_a_whole_series_shifted_by_an_hour_drafts_nothing_twice(settle: Moves) -> None:
    """A series of which all instances are moved at once: what was drafted passes on to the nearest."""
    home = settle(SERIES)
    home.put("series", event("series", TEN, ANA, extra="RRULE:FREQ=WEEKLY;COUNT=3\r\n"))
    home.once(DUE)
    home.move(home.id(), ".Sent")
    home.once(LATER)
    home.put("series", event("series", "2026-03-03 11:00", ANA, sequence=1, extra="RRULE:FREQ=WEEKLY;COUNT=3\r\n"))
    home.cycles("2026-03-03 14:00", "2026-03-03 15:00")
    assert home.drafts() == []


def test_a_series_is_no_match_unless_the_rule_asks_for_it(settle: Moves) -> None:
    """A series must not flood a person with notes: by default a rule is for single meetings."""
    home = settle()
    home.put("series", event("series", TEN, ANA, extra="RRULE:FREQ=DAILY;COUNT=30\r\n"))
    home.cycles(DUE, "2026-03-04 13:00", "2026-03-20 13:00")
    assert home.drafts() == []


def test_a_daily_series_does_not_flood_a_person_with_notes(settle: Moves) -> None:
    """A series must not flood a person with notes, even where the rule asks for series and each note is sent."""
    home = settle(SERIES)
    home.put("series", event("series", TEN, ANA, extra="RRULE:FREQ=DAILY;COUNT=10\r\n"))
    placed = 0
    for day in range(3, 14):
        placed += len(home.once(f"2026-03-{day:02} 13:00").placed)
        for draft in home.drafts():
            home.move(str(draft["Message-ID"]), ".Sent")
    assert placed == 3  # on the 3rd, the 8th, the 13th: five days between two


def test_an_unsent_note_is_the_only_one_of_a_daily_series(settle: Moves) -> None:
    """A series must not flood a person with notes: one open draft a person."""
    home = settle(SERIES)
    home.put("series", event("series", TEN, ANA, extra="RRULE:FREQ=DAILY;COUNT=10\r\n"))
    home.cycles(*(f"2026-03-{day:02} 13:00" for day in range(3, 14)))
    assert home.to() == [ANA]


def test_a_series_across_midnight_counts_from_its_end(settle: Moves) -> None:
    """A series across midnight: the day of the meeting is that of its start, due counts from its end."""
    home = settle(SERIES)
    home.put("night", event("night", "2026-03-03 23:30", ANA, minutes=60, extra="RRULE:FREQ=WEEKLY;COUNT=2\r\n"))
    home.once("2026-03-04 02:29")
    assert home.drafts() == []
    home.once("2026-03-04 02:30")
    assert home.to() == [ANA]
    assert "on Tuesday" in home.text()


def test_a_series_across_the_change_of_the_clock_keeps_its_wall_clock_time(settle: Moves) -> None:
    """A series across DST: summer time begins on 29 March 2026 in Lisbon."""
    home = settle(rule(when="{title: [coffee], recurring: true}"))
    home.put("series", event("series", "2026-03-24 10:00", ANA, extra="RRULE:FREQ=WEEKLY;COUNT=2\r\n"))
    home.once("2026-03-24 13:00")
    home.move(home.id(), ".Sent")
    home.once("2026-03-31 12:59")
    assert home.drafts() == []
    home.once("2026-03-31 13:00")
    assert home.to() == [ANA]


# --- Days, and late bookings ---------------------------------------------------------------------------------


def test_the_day_is_named_in_my_zone_never_in_utc(settle: Moves) -> None:
    """The day is named in the user's zone, never in UTC: 00:30 on Saturday in Lisbon is Friday in UTC in summer."""
    home = settle()
    coffee(home, ANA, start="2026-07-04 00:30", minutes=15)
    home.once("2026-07-04 10:00")
    assert "on Saturday" in home.text()


def test_the_day_is_a_date_when_the_draft_is_placed_a_week_later(settle: Moves) -> None:
    """The day is named so that it stays true: beyond five days it is a date."""
    home = settle(rule(by="", expires="30 days"))
    coffee(home, ANA)
    home.once(BEFORE)
    home.once("2026-03-12 10:00")
    assert "on 3 March" in home.text()


def test_a_meeting_booked_after_the_time_a_step_would_have_been_due_is_drafted_late(settle: Moves) -> None:
    """A meeting booked after the time a step would have been due."""
    home = settle()
    home.put("beside", BESIDE)
    home.once("2026-03-01 08:00")
    home.once("2026-03-03 18:00")
    coffee(home, ANA)
    home.once("2026-03-03 18:05")
    assert home.to() == [ANA]


def test_a_meeting_entered_after_its_steps_expired_is_not_drafted(settle: Moves) -> None:
    """A meeting booked after the time a step would have been due, and past its expiry."""
    home = settle()
    home.once("2026-03-01 08:00")
    home.once("2026-03-20 18:00")
    coffee(home, ANA)
    home.once("2026-03-20 18:05")
    assert home.drafts() == []


def test_a_brief_for_a_meeting_booked_too_late_is_still_there_before_the_start(settle: Moves) -> None:
    """A meeting booked after the time a `before` step would have been due: it is for me, and there until the start."""
    home = settle(rule(step="brief", after="", by="", before="1 day"))
    home.once("2026-03-01 08:00")
    home.once("2026-03-03 08:00")
    coffee(home, ANA)
    home.once("2026-03-03 08:30")
    assert home.to() == ["robin@example.org"]
    home.once(TEN)
    assert home.drafts() == []


# --- Marks in the calendar -----------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["Coffee #nofollow", "Coffee #noshow"])
def test_a_mark_in_the_title_keeps_the_thank_you_away(settle: Moves, title: str) -> None:
    """A neighbour: #nofollow and #noshow, also after the draft was made."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    coffee(home, ANA, title=title, sequence=1)
    home.once(LATER)
    assert home.drafts() == []


def test_a_meeting_where_nobody_came_is_no_contact(settle: Moves) -> None:
    """A neighbour: #noshow begins no chain of check-ins."""
    home = settle(CHECK_INS)
    coffee(home, ANA, title="Coffee #noshow")
    home.cycles(BEFORE, DUE, "2026-04-14 12:00")
    assert home.drafts() == []
