"""One meeting out of its copies, and the identity that outlives a move."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from rules.history import State
from rules.meetings import merge
from rules.model import Answer, Status
from rules.people import Directory
from rules.plan import plan
from tests.build import DANA, ME, at, attendee, knowing, meeting, placing, record, rule, showing, world, wrote_to

if TYPE_CHECKING:
    from rules.model import Meeting
    from rules.world import World
    from tests.fields import MeetingAt

DUE = "2026-03-03 18:00"
MODIFIED = datetime(2026, 3, 1, tzinfo=UTC)
FINAL = [State.SENT, State.EDITED, State.VETOED, State.ANSWERED, State.SKIPPED]


def copies(*fields: MeetingAt) -> tuple[Meeting, ...]:
    return tuple(meeting(uid="u", **one) for one in fields)


def one_of(*same: Meeting) -> Meeting:
    """The one meeting that these are, in whatever order they come."""
    results = {merge(order, ME, Directory.of([])) for order in permutations(same)}
    ((found,),) = results
    return found


def weekly(*ends: str, shift: timedelta = timedelta(), first: int = 0) -> tuple[Meeting, ...]:
    """Instances of one series, a week apart; `shift` moves all of them, as a change of the whole series does."""
    made = [meeting("Weekly", end, uid="series", recurring=True) for end in ends[first:]]
    moved = [replace(one, start=one.start + shift, end=one.end + shift) for one in made]
    return tuple(replace(one, original=one.start) for one in moved)


TUESDAYS = ("2026-03-03 16:00", "2026-03-10 16:00", "2026-03-17 16:00")
SERIES = rule(recurring="any")


@pytest.mark.parametrize("state", [State.PLACED, *FINAL])
def test_the_same_uid_in_two_calendars_is_drafted_once(state: State) -> None:
    seen = world(copies({"calendars": ("feed",)}, {"calendars": ("work",)}), [rule()])
    assert wrote_to(seen, DUE) == [DANA]
    then, _ = placing(seen, DUE, state)
    assert wrote_to(then, "2026-03-03 19:00") == []


def test_a_meeting_in_two_calendars_matches_a_rule_on_either() -> None:
    same = copies({"calendars": ("feed",)}, {"calendars": ("work",)})
    for name in ("feed", "work"):
        assert wrote_to(world(same, [rule(calendar=name)]), DUE) == [DANA]
    assert wrote_to(world(same, [rule(calendar="home")]), DUE) == []


def test_the_newest_sequence_speaks_whatever_was_modified_later() -> None:
    old, new = copies({"sequence": 1, "modified": MODIFIED + timedelta(days=1)}, {"sequence": 2, "title": "New"})
    assert one_of(replace(old, modified=MODIFIED), new).title == "New"
    assert one_of(old, replace(new, modified=MODIFIED, calendars=("work",))).title == "New"


def test_among_equal_sequences_the_last_modified_speaks_also_when_it_cancels() -> None:
    live, gone = copies({"modified": MODIFIED}, {"modified": MODIFIED + timedelta(hours=1), "status": Status.CANCELLED})
    assert one_of(live, replace(gone, calendars=("work",))).status is Status.CANCELLED
    assert one_of(replace(live, sequence=1), gone).status is Status.CONFIRMED


@pytest.mark.parametrize("modified", [None, MODIFIED])
def test_on_a_tie_a_live_copy_speaks(modified: datetime | None) -> None:
    gone, live = copies({"status": Status.CANCELLED, "calendars": ("a",)}, {"calendars": ("z",)})
    assert one_of(replace(gone, modified=modified), replace(live, modified=modified)).status is Status.CONFIRMED


def test_two_uids_with_the_same_start_end_and_people_are_one_meeting() -> None:
    one, other = meeting(uid="a"), meeting("Other words", uid="b", calendars=("work",))
    found = one_of(one, other)
    assert (found.identities, found.calendars) == (("a", "b"), ("feed", "work"))
    assert wrote_to(world([one, other], [rule()]), DUE) == [DANA]


def test_between_two_uids_a_live_copy_speaks_whatever_the_sequences() -> None:
    live, gone = meeting(uid="a"), meeting(uid="b", status=Status.CANCELLED, sequence=9, modified=MODIFIED)
    assert one_of(live, gone).status is Status.CONFIRMED
    assert one_of(replace(live, status=Status.CANCELLED), gone).status is Status.CANCELLED


@pytest.mark.parametrize(
    "other",
    [
        meeting("B", "2026-03-03 16:00", DANA, uid="b", minutes=30),
        meeting("B", "2026-03-03 16:00", DANA, "lee@x.example", uid="b"),
        meeting("B", "2026-03-03 16:00", "lee@x.example", uid="b"),
    ],
)
def test_another_start_or_other_people_make_another_meeting(other: Meeting) -> None:
    assert len(merge([meeting(uid="a"), other], ME, Directory.of([]))) == 2


def test_an_answer_on_the_other_copy_is_no_other_meeting() -> None:
    accepted = meeting("A", "2026-03-03 16:00", attendee(DANA), uid="a")
    declined = meeting("A", "2026-03-03 16:00", attendee(DANA, answer=Answer.NONE), uid="b")
    assert len(merge([accepted, declined], ME, Directory.of([]))) == 1


def test_duplicates_in_one_calendar_make_the_same_meeting_in_any_order() -> None:
    one, other = copies({"title": "Coffee"}, {"title": "Tea"})
    assert one_of(one, other, replace(other, attendees=(attendee("lee@x.example"),)))


@pytest.mark.parametrize("state", [State.PLACED, *FINAL])
@pytest.mark.parametrize(("first", "left"), [("a", "b"), ("b", "a")])
def test_what_was_drafted_for_two_uids_is_not_drafted_again_when_one_remains(
    state: State, first: str, left: str
) -> None:
    seen = world([meeting(uid=first), meeting(uid=left)], [rule()])
    then, _ = placing(seen, DUE, state)
    alone = showing(then, meeting(uid=left))
    later = plan(at("2026-03-03 19:00"), alone)
    assert (later.place, later.withdraw) == ((), ())


@pytest.mark.parametrize("before", ["a", "z"])
def test_a_copy_under_another_uid_that_turns_up_later_brings_no_second_draft(before: str) -> None:
    then, _ = placing(world([meeting(uid="m")], [rule()]), DUE, State.SENT)
    assert wrote_to(showing(then, meeting(uid="m"), meeting(uid=before)), "2026-03-03 19:00") == []


def test_a_copy_that_is_merely_gone_cancels_only_when_every_copy_is() -> None:
    seen = world([meeting(uid="a"), meeting(uid="b", calendars=("work",))], [rule()])
    then, _ = placing(seen, DUE)
    assert plan(at("2026-03-03 19:00"), showing(then, meeting(uid="b", calendars=("work",)))).withdraw == ()
    (going,) = plan(at("2026-03-03 19:00"), showing(then)).withdraw
    assert going.why == "the meeting is no longer in the calendar"


@pytest.mark.parametrize("state", FINAL)
@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(days=1), -timedelta(days=1), timedelta(days=3)])
def test_a_series_that_is_shifted_as_a_whole_is_not_drafted_again(state: State, shift: timedelta) -> None:
    then, _ = placing(world(weekly(*TUESDAYS), [SERIES]), DUE, state)
    shifted = showing(then, *weekly(*TUESDAYS, shift=shift))
    day = at(DUE) + shift
    assert plan(day + timedelta(hours=4), shifted).place == ()
    (next_week,) = plan(day + timedelta(days=7), shifted).place
    assert next_week.due == at("2026-03-10 18:00") + shift


def test_an_untouched_draft_of_a_shifted_series_is_made_anew_under_its_id() -> None:
    then, (lying,) = placing(world(weekly(*TUESDAYS), [SERIES]), DUE)
    planned = plan(at(DUE), showing(then, *weekly(*TUESDAYS, shift=-timedelta(hours=1))))
    assert [going.why for going in planned.withdraw] == ["the meeting was moved"]
    assert [(one.id, one.due) for one in planned.place] == [(lying.id, at("2026-03-03 17:00"))]


@pytest.mark.parametrize("state", [State.SENT, State.VETOED, State.PLACED])
def test_a_deleted_instance_is_not_inherited_by_its_neighbour_a_week_away(state: State) -> None:
    then, _ = placing(world(weekly(*TUESDAYS), [SERIES]), DUE, state)
    left = showing(then, *weekly(*TUESDAYS, first=1))
    assert wrote_to(left, "2026-03-10 18:00") == [DANA]


def test_one_moved_instance_keeps_its_identity_and_leaves_the_others_alone() -> None:
    instances = weekly(*TUESDAYS)
    then, _ = placing(world(instances, [SERIES]), DUE, State.SENT)
    moved = replace(instances[0], start=at("2026-03-09 15:00"), end=at("2026-03-09 16:00"))
    after = showing(then, moved, *instances[1:])
    assert wrote_to(after, "2026-03-09 18:00") == []
    assert wrote_to(after, "2026-03-10 18:00") == [DANA]


@pytest.mark.parametrize("state", FINAL)
def test_a_single_event_that_becomes_a_series_is_not_drafted_again(state: State) -> None:
    then, _ = placing(world([meeting("Weekly", TUESDAYS[0], uid="series")], [SERIES]), DUE, state)
    series = showing(then, *weekly(*TUESDAYS))
    assert wrote_to(series, "2026-03-03 20:00") == []
    assert wrote_to(series, "2026-03-10 18:00") == [DANA]


def test_a_series_that_becomes_a_single_event_is_not_drafted_again() -> None:
    then, _ = placing(world(weekly(*TUESDAYS), [SERIES]), DUE, State.SENT)
    assert wrote_to(showing(then, meeting("Weekly", TUESDAYS[0], uid="series")), "2026-03-03 20:00") == []


def test_two_instances_drafted_keep_apart_when_the_series_is_shifted() -> None:
    seen, _ = placing(world(weekly(*TUESDAYS), [SERIES]), DUE, State.SENT)
    seen, _ = placing(seen, "2026-03-10 18:00", State.VETOED)
    shifted = showing(seen, *weekly(*TUESDAYS, shift=timedelta(days=1)))
    for day in ("2026-03-04 18:00", "2026-03-11 18:00"):
        assert wrote_to(shifted, day) == []
    assert wrote_to(shifted, "2026-03-18 18:00") == [DANA]


def test_a_series_across_the_change_of_the_clocks_is_one_meeting_a_week() -> None:
    ends = ("2026-03-24 16:00", "2026-03-31 16:00")
    seen: World = world(weekly(*ends), [SERIES])
    first, second = (plan(at(f"{end[:10]} 18:00"), seen).place for end in ends)
    assert [one.due for one in first] == [at("2026-03-24 18:00")]
    assert [one.due for one in second] == [at("2026-03-31 18:00")]


def test_a_past_meeting_outside_of_what_is_looked_at_stays_held() -> None:
    then, _ = placing(world([meeting()], [rule()]), DUE)
    far = replace(showing(then), start=at("2026-03-04 00:00"))
    assert plan(at("2026-03-04 19:00"), far).withdraw == ()


def test_a_calendar_that_is_no_longer_read_takes_no_draft_away() -> None:
    then, _ = placing(world([meeting()], [rule()]), DUE)
    assert plan(at("2026-03-03 19:00"), replace(showing(then), calendars=frozenset({"work"}))).withdraw == ()


@pytest.mark.parametrize("state", [State.EDITED, State.SENT, State.VETOED])
def test_only_an_untouched_draft_is_taken_away_when_the_meeting_goes(state: State) -> None:
    (note,) = plan(at(DUE), world([meeting()], [rule()])).place
    seen = knowing(world([], [rule()]), record(note, state, placed=DUE))
    assert plan(at("2026-03-03 19:00"), seen).withdraw == ()
