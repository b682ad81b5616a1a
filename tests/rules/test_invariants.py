"""What holds in every world: the planner under random meetings, people, mails, rules and records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.history import Record, State
from rules.plan import plan
from rules.timing import Duration
from tests.build import ME
from tests.rules.worlds import moments, placed, worlds
from tests.thorough import examples

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from rules.model import FollowUp
    from rules.world import World

LIMIT = settings(deadline=None, max_examples=examples(60))


def after_steps(seen: World, now: datetime) -> list[tuple[FollowUp, Any]]:
    by_id = {(one.id, step.id): step for one in seen.rules for step in one.steps}
    planned = plan(now, seen, now + timedelta(days=40)).follow_ups
    return [(one, step) for one in planned if one.rule and (step := by_id[one.rule, one.step]).after is not None]


@LIMIT
@given(worlds(), moments)
def test_nothing_is_due_before_its_time_and_a_deadline_is_kept_wherever_the_window_allows(
    seen: World, now: datetime
) -> None:
    for note, step in after_steps(seen, now):
        assert note.meeting is not None
        wanted = step.after.after(note.meeting.end, seen.almanac)
        assert note.due >= wanted
        assert note.by is None or note.due == wanted or note.due <= note.by - timedelta(hours=2)
        assert note.due == wanted or seen.almanac.opening(step.window, note.due) == note.due


@LIMIT
@given(worlds(), moments)
def test_nothing_is_placed_early_or_late_or_for_the_wrong_eyes(seen: World, now: datetime) -> None:
    mine, silent = set(ME.emails), {"sam@x.example"}
    for note in plan(now, seen).place:
        emails = {recipient.email for recipient in note.recipients}
        assert note.due <= now
        assert note.expires is None or note.expires > now
        assert emails <= mine if note.to_me else not emails & (mine | silent)
        assert emails


@LIMIT
@given(worlds(), moments, st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_changes_nothing(seen: World, now: datetime, chance: random.Random) -> None:
    def mixed(items: Any) -> Any:
        return tuple(chance.sample(items, len(items)))

    known = seen.history
    history = replace(known, records=mixed(known.records), mails=mixed(known.mails), decisions=mixed(known.decisions))
    scene = replace(seen.scene, copies=mixed(seen.scene.copies), records=history.records)
    other = replace(seen, history=history, scene=scene)
    until = now + timedelta(days=30)
    assert plan(now, other, until) == plan(now, seen, until)
    assert plan(now, replace(seen), until) == plan(now, seen, until)


def marks(seen: World, note: FollowUp) -> set[tuple[str, str, str]]:
    return {(note.template, note.anchor, key) for key in seen.keys(one.email for one in note.recipients)}


@LIMIT
@given(worlds(), moments)
def test_no_two_notes_are_the_same(seen: World, now: datetime) -> None:
    place = plan(now, seen).place
    assert len({note.id for note in place}) == len(place)
    found = [mark for note in place if not note.round for mark in marks(seen, note)]
    assert len(set(found)) == len(found)


@LIMIT
@given(worlds(), moments, st.sampled_from([State.PLACED, State.SENT, State.VETOED, State.EDITED]))
def test_what_was_placed_is_not_placed_again(seen: World, now: datetime, state: State) -> None:
    first = {note.id for note in plan(now, seen).place}
    then = placed(seen, now, state)
    assert not first & {note.id for note in plan(now, then).place}
    again = plan(now + timedelta(days=1), then)
    assert not first & {note.id for note in again.place} - {one.record.id for one in again.withdraw}
    assert not [note for note in plan(now, placed(seen, now)).place if not note.round and note.id in first]


@LIMIT
@given(worlds(), moments)
def test_no_more_is_placed_a_day_than_courtesy_allows(seen: World, now: datetime) -> None:
    by_step = {(one.id, step.id): step for one in seen.rules for step in one.steps}

    def exempt(one: Record | FollowUp) -> bool:
        return one.to_me or one.rule is None or by_step[one.rule, one.step].by is not None

    day = seen.almanac.day_of(now)
    already = sum(
        one.placed is not None and seen.almanac.day_of(one.placed) == day and not one.to_me
        for one in placed_records(seen)
    )
    held = [note for note in plan(now, seen).place if not exempt(note)]
    assert len(held) <= max(0, seen.courtesy.per_day - already)


def placed_records(seen: World) -> list[Record]:
    return [one for one in seen.history.records if one.state not in (State.WITHDRAWN, State.EXPIRED)]


@LIMIT
@given(worlds(), moments)
def test_looking_ahead_shows_now_what_a_cycle_would_place_now_of_meetings(seen: World, now: datetime) -> None:
    placing = {note.id for note in plan(now, seen).place}
    assert placing <= {note.id for note in plan(now, seen, now + timedelta(days=10)).follow_ups}


@LIMIT
@given(worlds(), moments, st.integers(1, 20))
def test_a_plan_contains_what_later_cycles_place_when_each_is_sent_when_due(
    seen: World, now: datetime, days: int
) -> None:
    now = max([now, *(one.changed for one in seen.history.records)])  # nothing is known of what is still to come
    past = tuple(one for one in seen.history.mails if one.at <= now)
    seen = replace(seen, backfill=Duration.parse("0 minutes"), history=replace(seen.history, mails=past))
    until = now + timedelta(days=days)
    shown = {(note.id, note.due) for note in plan(now, seen, until).follow_ups}
    for _ in range(60):
        done = plan(now, seen)
        anew = {one.record.id for one in done.withdraw}
        assert {(note.id, note.due) for note in done.place if note.id not in anew} <= shown
        seen = placed(seen, now, State.SENT)
        following = plan(now, seen).next_due
        if following is None or following > until:
            break
        now = following
