"""What holds in every world: the planner under random meetings, people, mails, rules and records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.history import Record, State
from rules.language import Courtesy, Rule
from rules.model import Answer, Attendee, Direction, Person, Status
from rules.plan import plan
from rules.timing import Duration
from tests.build import ME, at, invitee, knowing, mail, meeting, record, rule, world
from tests.thorough import examples

if TYPE_CHECKING:
    import random
    from datetime import datetime

    from rules.model import FollowUp, Mail, Meeting
    from rules.world import World

EMAILS = ("dana@acme.example", "lee@acme.example", "kim@gmail.com", "sam@x.example", "dana@home.example")
BOOK = (
    Person("Dana Okafor", ("dana@acme.example", "dana@home.example"), tags=("network",)),
    Person("Sam Silent", ("sam@x.example",), do_not_contact=True),
)
WINDOWS = ("any", "working_hours", "tue-thu 09:00-11:00", "sat 10:00-12:00")
BEGIN = at("2026-03-20 00:00")
"""The change of the clocks, a weekend and Easter are near."""
LIMIT = settings(deadline=None, max_examples=examples(60))

moments = st.integers(0, 14 * 24 * 4).map(lambda quarter: BEGIN + timedelta(minutes=15 * quarter))


@st.composite
def meetings(draw: st.DrawFn) -> Meeting:
    end = draw(moments)
    chosen = draw(st.lists(st.sampled_from(EMAILS), max_size=3, unique=True))
    answers = st.sampled_from([Answer.ACCEPTED, Answer.ACCEPTED, Answer.NONE, Answer.DECLINED])
    people: list[Attendee] = [invitee(email, draw(answers)) for email in chosen]
    theirs = draw(st.booleans()) and bool(people)
    me = [invitee(ME.emails[1], draw(answers))] if theirs or draw(st.booleans()) else []
    made = meeting("Coffee", "2026-03-03 16:00", *people, *me, uid=draw(st.sampled_from("abcdefgh")))
    return replace(
        made,
        attendees=(*people, *me),
        start=end - timedelta(minutes=draw(st.sampled_from([30, 60, 1440]))),
        end=end,
        organiser=people[0] if theirs else None,
        calendars=(draw(st.sampled_from(["feed", "work"])),),
        status=draw(st.sampled_from([Status.CONFIRMED, Status.CONFIRMED, Status.CANCELLED, Status.TENTATIVE])),
        sequence=draw(st.integers(0, 2)),
        description=draw(st.sampled_from(["", "", "", "#nofollow", "#noshow"])),
        recurring=draw(st.booleans()),
    )


@st.composite
def steps(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(["after", "after", "every", "before"]))
    step: dict[str, Any] = {
        "id": name,
        "template": draw(st.sampled_from(["a", "b"])),
        "window": draw(st.sampled_from(WINDOWS)),
    }
    if kind == "every":
        return step | {"every": draw(st.sampled_from(["3 days", "2 weeks"])), "at_most": draw(st.integers(1, 3))}
    if kind == "before":
        return step | {"before": draw(st.sampled_from(["1 hour", "1 day", "3 business days"]))}
    step |= {
        "after": draw(st.sampled_from(["2 hours", "1 day", "2 business days"])),
        "to": draw(st.sampled_from(["each", "all"])),
    }
    if draw(st.booleans()):
        step["by"] = draw(st.sampled_from(["24 hours", "3 days", "1 week"]))
    if draw(st.booleans()):
        step["expires"] = draw(st.sampled_from(["1 day", "2 weeks"]))
    return step


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    conditions: dict[str, Any] = draw(
        st.sampled_from([{}, {"recurring": "any"}, {"first_meeting": True}, {"person": {"tag": "network"}}])
    )
    count = draw(st.integers(1, 3))
    return tuple(rule(draw(steps("s1")), draw(steps("s2")), name=f"r{number}", **conditions) for number in range(count))


@st.composite
def mails(draw: st.DrawFn) -> Mail:
    subject = draw(st.sampled_from(["Hello", "Thank you"]))
    sent = draw(moments)
    direction = draw(st.sampled_from(Direction))
    return mail(
        draw(st.sampled_from(EMAILS)),
        "2026-03-03 16:00",
        direction,
        subject,
        at=sent,
        message_id=f"<{sent}{direction}>",
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A world in which some notes have been placed, and something became of them."""
    seen = world(
        tuple(draw(st.lists(meetings(), max_size=8))),
        draw(rules()),
        mails=tuple(draw(st.lists(mails(), max_size=3, unique_by=lambda one: one.message_id))),
        people=BOOK,
        courtesy=Courtesy(per_day=draw(st.integers(1, 3))),
        country=draw(st.sampled_from([None, "PT"])),
    )
    for _ in range(draw(st.integers(0, 2))):
        seen = placed(
            seen, draw(moments), draw(st.sampled_from([State.PLACED, State.SENT, State.VETOED, State.EDITED]))
        )
    return seen


def placed(seen: World, now: datetime, state: State = State.PLACED) -> World:
    """The world after a cycle, as the ledger would keep it."""
    done = plan(now, seen)
    going = [replace(one.record, state=one.outcome, changed=now, draft_tag="") for one in done.withdraw]
    return knowing(seen, *going, *(record(one, state, placed=now) for one in done.place))


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

    history = replace(seen.history, records=mixed(seen.history.records), mails=mixed(seen.history.mails))
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
        return one.to_me or (one.rule is not None and by_step[one.rule, one.step].by is not None)

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
