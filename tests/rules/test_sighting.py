"""What became of a draft, from what the mailbox shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from rules.history import OPEN, Record, State
from rules.sighting import Sighting
from rules.sighting import observe as turns
from tests.build import at, meeting, placing, rule, world

if TYPE_CHECKING:
    from typing import Unpack

    from tests.fields import RecordFields

PLACED_AT = "2026-03-03 18:00"
NOW = at("2026-03-04 09:00")
HOUR = timedelta(hours=1)
HERE = Sighting(in_drafts=True, tag="t")
GONE = Sighting()
SENT = Sighting(sent=at("2026-03-04 08:00"), sent_words="sent")


def observe(record: Record, seen: Sighting, now: datetime) -> tuple[Record, str]:
    """The record after this sighting, and the causes."""
    told = turns(record, seen, now)
    return (told[-1].record if told else record), "; ".join(turn.cause for turn in told if turn.cause)


def lying(state: State = State.PLACED, **fields: Unpack[RecordFields]) -> Record:
    _, (made,) = placing(world([meeting()], [rule()]), PLACED_AT)
    return replace(made, state=state, **fields)


def becomes(record: Record, *seen: Sighting, every: timedelta = HOUR) -> State:
    """Its state after these sightings, one cycle after another."""
    for number, sighting in enumerate(seen):
        record, _ = observe(record, sighting, NOW + number * every)
    return record.state


@pytest.mark.parametrize("state", [State.PLACED, State.EDITED, State.SNOOZED, State.SKIPPED])
def test_what_the_mailbox_of_another_account_lacks_says_nothing(state: State) -> None:
    apart = lying(state, account="a@example.org", draft_tag="t")
    gone = replace(GONE, account="b@example.org")
    assert becomes(apart, gone, gone, gone) is state
    assert observe(apart, gone, NOW)[0].draft_tag == "t"
    assert becomes(apart, *[replace(GONE, account="a@example.org")] * 3) is (State.VETOED if state in OPEN else state)


def test_sent_from_another_account_it_is_sent() -> None:
    after, _ = observe(lying(account="a@example.org", draft_tag="t"), replace(SENT, account="b@example.org"), NOW)
    assert (after.state, after.draft_tag) == (State.SENT, "t")


@pytest.mark.parametrize("before", ["", "a@example.org"])
def test_where_a_draft_is_seen_there_it_lies(before: str) -> None:
    after, _ = observe(lying(account=before), replace(HERE, account="b@example.org"), NOW)
    assert after.account == "b@example.org"


def test_an_untouched_draft_stays_placed_and_its_gaps_are_counted_as_they_are_now() -> None:
    after, cause = observe(lying(gaps=2), replace(HERE, gaps=1), NOW)
    assert (after.state, after.gaps, after.draft_tag, after.changed, cause) == (State.PLACED, 1, "t", at(PLACED_AT), "")


def test_a_draft_that_differs_is_edited_and_remembers_its_new_subject() -> None:
    after, cause = observe(lying(), replace(HERE, differs=True, subject="Mine"), NOW)
    assert (after.state, after.subject, after.changed, cause) == (State.EDITED, "Mine", NOW, "you edited it")
    assert becomes(after, HERE) is State.EDITED


@pytest.mark.parametrize(
    "state",
    [State.PLACED, State.EDITED, State.VETOED, State.WITHDRAWN, State.SKIPPED, State.SNOOZED, State.EXPIRED],
)
def test_what_was_sent_is_sent_whatever_it_was_thought_to_be(state: State) -> None:
    after, cause = observe(lying(state), SENT, NOW)
    assert (after.state, after.sent, cause) == (State.SENT, SENT.sent, "sent")


def test_an_answer_makes_a_sent_note_answered_and_nothing_changes_that() -> None:
    answer = replace(SENT, answered=NOW, answer_words="answered")
    assert becomes(lying(), answer) is State.ANSWERED
    assert becomes(lying(), SENT, answer) is State.ANSWERED
    assert becomes(lying(), SENT, answer, SENT, GONE, HERE, Sighting(in_trash=True)) is State.ANSWERED


def test_a_draft_is_not_answered_before_it_is_sent() -> None:
    assert becomes(lying(), replace(HERE, answered=NOW)) is State.PLACED


def test_a_draft_in_the_trash_is_vetoed_at_once() -> None:
    for state in (State.PLACED, State.EDITED):
        assert becomes(lying(state), Sighting(in_trash=True)) is State.VETOED
    assert becomes(lying(), replace(HERE, in_trash=True)) is State.PLACED


@pytest.mark.parametrize(("cycles", "every", "vetoed"), [
    (1, HOUR, False), (2, HOUR, True), (2, HOUR - timedelta(seconds=1), False), (60, timedelta(minutes=1), False),
    (61, timedelta(minutes=1), True), (1, timedelta(days=3), False),
])  # fmt: skip
def test_a_draft_that_is_gone_is_vetoed_after_an_hour_and_two_cycles(
    cycles: int,
    every: timedelta,
    vetoed: bool,
) -> None:
    for state in (State.PLACED, State.EDITED):
        assert becomes(lying(state), *[GONE] * cycles, every=every) is (State.VETOED if vetoed else state)


def test_a_draft_open_in_an_editor_is_gone_for_a_while_and_back_and_counts_anew() -> None:
    assert becomes(lying(), GONE, HERE, GONE) is State.PLACED
    assert becomes(lying(), GONE, HERE, GONE, GONE) is State.VETOED
    back, _ = observe(observe(lying(), GONE, NOW)[0], HERE, NOW + HOUR)
    assert (back.absent_since, back.absent_cycles) == (None, 0)


def test_absence_that_a_clock_saw_which_was_ahead_counts_from_when_it_is_right_again() -> None:
    ahead, _ = observe(lying(), GONE, NOW + timedelta(days=1))
    then, _ = observe(ahead, GONE, NOW)
    assert observe(then, GONE, NOW + HOUR)[0].state is State.VETOED
    assert observe(then, GONE, NOW + HOUR - timedelta(seconds=1))[0].state is State.PLACED


def test_two_looks_in_one_cycle_are_one_cycle() -> None:
    once, _ = observe(lying(), GONE, NOW)
    assert observe(once, GONE, NOW)[0] == once


def test_with_the_clock_set_back_absence_waits() -> None:
    assert becomes(lying(), *[GONE] * 5, every=-HOUR) is State.PLACED


def test_a_vetoed_draft_that_turns_up_again_is_the_users() -> None:
    for sighting in (HERE, replace(HERE, differs=True)):
        assert becomes(lying(State.VETOED), sighting) is State.EDITED
    assert becomes(lying(State.VETOED), HERE, GONE) is State.EDITED
    assert becomes(lying(State.VETOED, absent_cycles=2), HERE, GONE, GONE) is State.VETOED


@pytest.mark.parametrize("state", [State.SKIPPED, State.SNOOZED])
def test_an_untouched_draft_of_a_skipped_or_snoozed_note_is_marked_for_taking_away(state: State) -> None:
    after, cause = observe(lying(state), HERE, NOW)
    assert (after.state, after.draft_tag, cause) == (state, "t", "")
    assert observe(after, GONE, NOW)[0].draft_tag == ""


def test_a_skipped_note_whose_draft_was_edited_is_left_lying() -> None:
    after, _ = observe(lying(State.SKIPPED), replace(HERE, differs=True), NOW)
    assert (after.state, after.draft_tag) == (State.SKIPPED, "")


def test_a_snoozed_note_whose_draft_was_edited_meanwhile_is_the_users_and_gets_no_second_draft() -> None:
    assert becomes(lying(State.SNOOZED), replace(HERE, differs=True)) is State.EDITED


def test_an_unedited_draft_left_behind_by_a_sent_note_is_marked_for_taking_away() -> None:
    both = replace(HERE, sent=NOW, sent_words="sent")
    assert observe(lying(), both, NOW)[0].draft_tag == "t"
    assert observe(lying(), replace(both, differs=True), NOW)[0].draft_tag == ""


@pytest.mark.parametrize("state", [State.EXPIRED, State.CANCELLED, State.WITHDRAWN, State.PLANNED])
def test_what_has_no_draft_is_not_vetoed_by_its_absence(state: State) -> None:
    assert becomes(lying(state), *[GONE] * 4) is state


def test_a_draft_taken_away_under_the_hands_of_the_user_and_saved_again_is_theirs() -> None:
    assert becomes(lying(State.WITHDRAWN), replace(HERE, differs=True)) is State.EDITED
    assert becomes(lying(State.WITHDRAWN), HERE) is State.WITHDRAWN
