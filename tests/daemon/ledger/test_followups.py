from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import Event, IntentKind, Ledger
from daemon.ledger.codec import json_record, record_json, record_row, row_record
from daemon.ledger.tables import follow_ups
from rules.history import FINAL, MeetingRef, Record, State
from rules.model import Recipient
from tests.daemon.ledger.build import NOW, record

LATER = NOW + timedelta(hours=1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
RECORDS = st.builds(
    Record,
    id=TEXT,
    state=st.sampled_from(State),
    rule=st.none() | TEXT,
    step=TEXT,
    template=TEXT,
    anchor=TEXT,
    addresses=st.lists(TEXT).map(tuple),
    to=st.lists(st.builds(Recipient, TEXT, TEXT)).map(tuple),
    due=INSTANTS,
    by=st.none() | INSTANTS,
    expires=st.none() | INSTANTS,
    changed=INSTANTS,
    meeting=st.none() | st.builds(MeetingRef, TEXT, TEXT, st.lists(TEXT).map(tuple), TEXT, INSTANTS, INSTANTS),
    placed=st.none() | INSTANTS,
    references=st.lists(TEXT).map(tuple),
    subject=TEXT,
    snoozed_until=st.none() | INSTANTS,
    absent_since=st.none() | INSTANTS,
    group=st.booleans(),
)


def test_there_is_a_column_for_each_field_of_a_record() -> None:
    assert {column.name for column in follow_ups.columns} == {field.name for field in fields(Record)}


@settings(deadline=None)
@given(RECORDS)
def test_a_record_becomes_a_row_and_json_and_comes_back(told: Record) -> None:
    assert row_record(record_row(told)) == told
    assert json_record(record_json(told)) == told


def test_a_record_is_stored_exactly(ledger: Ledger) -> None:
    told = record(placed=NOW, absent_since=LATER, absent_cycles=2, references=("<b@x>",), group=True, why="Grüße 🙂")
    ledger.save([(told, "seen")], NOW)
    assert ledger.record("one") == told
    assert ledger.records() == (told,)
    assert ledger.record("another") is None


def test_half_a_surrogate_pair_does_not_stop_the_ledger(ledger: Ledger) -> None:
    ledger.save([(record(subject="caf\udce9", references=("<\udce9@x>",)), "seen")], NOW)
    (stored,) = ledger.records()
    assert (stored.subject, stored.references) == ("caf?", ("<?@x>",))


def test_a_draft_is_intended_then_placed(ledger: Ledger, folder: Path) -> None:
    told = record()
    assert ledger.intend(told, b"From: me\r\n\r\nDear Dana", "due", NOW)
    with Ledger.open(folder) as after_a_crash:
        (intent,) = after_a_crash.intents()
    assert (intent.kind, intent.record, intent.outcome) == (IntentKind.PLACE, told, None)
    assert (intent.message, intent.cause, intent.at) == (b"From: me\r\n\r\nDear Dana", "due", NOW)
    placed = replace(told, state=State.PLACED, placed=LATER, changed=LATER)
    ledger.settle(placed, "due", LATER)
    assert ledger.intents() == ()
    assert ledger.records() == (placed,)
    assert ledger.events("one") == (Event(LATER, State.PLACED, "due"),)
    assert ledger.message("one") == ledger.message("one", 1) == b"From: me\r\n\r\nDear Dana"


def test_an_intent_is_planned_in_the_ledger_whatever_the_record_says(ledger: Ledger) -> None:
    assert ledger.intend(record(state=State.PLACED), b"x", "due", NOW)
    assert [stored.state for stored in ledger.records()] == [State.PLANNED]


@pytest.mark.parametrize("state", sorted(FINAL | {State.PLACED}))
def test_what_was_said_or_done_meanwhile_stops_a_draft(ledger: Ledger, state: State) -> None:
    ledger.save([(record(state=state), "meanwhile")], NOW)
    assert not ledger.intend(record(revision=2), b"x", "due", NOW)
    assert ledger.intents() == ()
    assert ledger.message("one") is None
    assert ledger.records() == (record(state=state),)


def test_a_snooze_of_meanwhile_stops_a_draft_and_one_that_is_over_does_not(ledger: Ledger) -> None:
    snoozed = record(state=State.SNOOZED, snoozed_until=LATER)
    ledger.save([(snoozed, "snoozed")], NOW)
    assert not ledger.intend(record(), b"x", "due", NOW)
    assert ledger.intend(replace(snoozed, revision=2), b"x", "due", LATER)


def test_nothing_is_intended_twice(ledger: Ledger) -> None:
    assert ledger.intend(record(), b"first", "due", NOW)
    assert not ledger.intend(record(), b"second", "due", NOW)
    assert not ledger.intend_removal(record(), State.WITHDRAWN, "moved", NOW)
    assert [intent.message for intent in ledger.intents()] == [b"first"]


def test_a_withdrawn_draft_may_come_again_and_both_messages_are_kept(ledger: Ledger) -> None:
    ledger.intend(record(), b"first", "due", NOW)
    ledger.settle(record(state=State.PLACED), "due", NOW, (record(state=State.WITHDRAWN), "moved"))
    assert ledger.intend(record(revision=2), b"second", "due again", LATER)
    assert (ledger.message("one", 1), ledger.message("one", 2), ledger.message("one")) == (
        b"first",
        b"second",
        b"second",
    )


def test_an_abandoned_draft_leaves_things_as_they_were(ledger: Ledger) -> None:
    before = record(state=State.WITHDRAWN, message_id="<old@x>")
    ledger.save([(before, "moved")], NOW)
    ledger.intend(record(revision=2), b"second", "due", NOW)
    ledger.abandon("one", "the mailbox is full", LATER)
    assert ledger.records() == (before,)
    assert ledger.intents() == ()
    assert ledger.message("one", 2) is None
    assert ledger.events("one")[-1] == Event(LATER, State.WITHDRAWN, "the mailbox is full")


def test_an_abandoned_first_draft_leaves_no_record_but_its_history(ledger: Ledger) -> None:
    ledger.intend(record(), b"first", "due", NOW)
    ledger.abandon("one", "no answer", LATER)
    assert (ledger.records(), ledger.intents(), ledger.message("one")) == ((), (), None)
    assert ledger.events("one") == (Event(LATER, State.PLANNED, "no answer"),)
    assert ledger.intend(record(), b"again", "due", LATER)


def test_abandoning_what_is_not_under_way_does_nothing(ledger: Ledger) -> None:
    ledger.save([(record(state=State.PLACED), "placed")], NOW)
    ledger.abandon("one", "mistaken", LATER)
    ledger.abandon("unknown", "mistaken", LATER)
    assert ledger.records() == (record(state=State.PLACED),)
    assert ledger.events("unknown") == ()


def test_a_removal_is_intended_then_done_or_abandoned(ledger: Ledger) -> None:
    placed = record(state=State.PLACED)
    ledger.intend(record(), b"first", "due", NOW)
    ledger.settle(placed, "due", NOW)
    assert ledger.intend_removal(placed, State.WITHDRAWN, "the meeting moved", NOW)
    (intent,) = ledger.intents()
    assert (intent.kind, intent.outcome, intent.message) == (IntentKind.REMOVE, State.WITHDRAWN, None)
    assert intent.record == placed
    ledger.abandon("one", "you edited it", LATER)
    assert ledger.records() == (placed,)
    assert ledger.message("one") == b"first"
    assert ledger.intend_removal(placed, State.WITHDRAWN, "the meeting moved", NOW)
    ledger.settle(replace(placed, state=State.WITHDRAWN), "the meeting moved", LATER)
    assert [stored.state for stored in ledger.records()] == [State.WITHDRAWN]
    assert [event.state for event in ledger.events("one")] == [State.PLACED, State.PLACED, State.WITHDRAWN]


def test_a_draft_that_changed_meanwhile_is_not_taken_away(ledger: Ledger) -> None:
    placed = record(state=State.PLACED)
    assert not ledger.intend_removal(placed, State.WITHDRAWN, "moved", NOW)
    ledger.save([(record(state=State.EDITED), "you edited it")], NOW)
    assert not ledger.intend_removal(placed, State.WITHDRAWN, "moved", NOW)
    assert ledger.intents() == ()


def user_says(folder: Path, told: Record) -> None:
    with Ledger.open(folder) as command:
        command.record(told.id)
        command.save([(told, "by command")], LATER)


def test_a_skip_while_the_draft_is_being_placed_is_kept_with_the_draft(ledger: Ledger, folder: Path) -> None:
    ledger.intend(record(), b"first", "due", NOW)
    user_says(folder, record(state=State.SKIPPED, changed=LATER, why="you skipped it"))
    ledger.settle(record(state=State.PLACED, placed=NOW, draft_tag="t"), "due", NOW)
    (stored,) = ledger.records()
    assert (stored.state, stored.why, stored.placed, stored.draft_tag) == (State.SKIPPED, "you skipped it", NOW, "t")
    assert [event.state for event in ledger.events("one")] == [State.SKIPPED, State.PLACED]


def test_a_skip_while_a_cycle_is_under_way_is_not_undone_by_what_the_cycle_saw(ledger: Ledger, folder: Path) -> None:
    ledger.save([(record(state=State.PLACED), "placed")], NOW)
    assert len(ledger.records()) == 1
    user_says(folder, record(state=State.SNOOZED, snoozed_until=LATER, due=LATER, by=None))
    ledger.save([(record(state=State.PLACED, absent_cycles=1), "gone from Drafts")], NOW)
    (stored,) = ledger.records()
    assert (stored.state, stored.snoozed_until, stored.by, stored.absent_cycles) == (State.SNOOZED, LATER, None, 1)


def test_a_skip_before_a_failed_placing_stays(ledger: Ledger, folder: Path) -> None:
    ledger.intend(record(), b"first", "due", NOW)
    user_says(folder, record(state=State.SKIPPED))
    ledger.abandon("one", "no answer", LATER)
    (stored,) = ledger.records()
    assert (stored.state, stored.revision, stored.message_id) == (State.SKIPPED, 0, "")


def test_a_cycle_may_take_up_what_it_saw_skipped(ledger: Ledger) -> None:
    ledger.save([(record(state=State.SKIPPED), "you skipped it")], NOW)
    ledger.save([(record(state=State.PLANNED), "you took that back")], LATER)
    assert [stored.state for stored in ledger.records()] == [State.PLANNED]


def test_changes_are_saved_all_or_none(ledger: Ledger) -> None:
    broken = replace(record("two"), due=datetime(2026, 1, 1))  # noqa: DTZ001 - a naive time is the point
    with pytest.raises(ValueError, match="time zone"):
        ledger.save([(record("one"), "seen"), (broken, "seen")], NOW)
    assert ledger.records() == ()


def test_times_come_back_as_the_same_instants_in_utc(ledger: Ledger) -> None:
    tokyo = datetime(2026, 3, 4, 2, 0, 0, 1, tzinfo=UTC).astimezone()
    ledger.save([(record(due=tokyo), "seen")], NOW)
    (stored,) = ledger.records()
    assert stored.due == tokyo
    assert stored.due.tzinfo is UTC
