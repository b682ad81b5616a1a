"""Good manners over all rules together: what is held back, by what, until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from rules.almanac import Almanac
from rules.courtesy import Book
from rules.history import State
from rules.language import Courtesy
from rules.model import Attendee, Hold, Person
from rules.people import Directory
from rules.plan import Plan, plan
from tests.build import DANA, at, knowing, meeting, placing, record, rule, ruled, showing, world, wrote_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rules.model import Meeting
    from rules.world import World

NEWS = {"id": "news", "template": "news", "after": "1 day"}
PRESSED = {"id": "thanks", "template": "thanks", "after": "2 hours", "by": "24 hours"}
NOON = "2026-03-02 12:00"


def holds(planned: Plan) -> list[tuple[str, str | None]]:
    """What is held back: why, and until when in UTC."""
    held = [one.hold for one in planned.follow_ups if one.hold]
    return [(hold.why, f"{hold.until:%m-%d %H:%M}" if hold.until else None) for hold in held if hold]


def met(*emails: str, ends: str = NOON) -> list[Meeting]:
    return [meeting(f"With {email}", ends, email) for email in emails]


def crowd(count: int, domain: str = "") -> list[str]:
    return [f"p{number:02}@{domain or f'd{number:02}.example'}" for number in range(count)]


def after_one(state: State = State.SENT, *, step: Mapping[str, object] = NEWS, **settings: object) -> World:
    """A day after a note to Dana on Monday noon: a second meeting's note to her is due on Wednesday noon."""
    first, second = meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-03 12:00")
    seen = world([first, second], [rule(step)], courtesy=Courtesy.model_validate(settings))
    return placing(seen, NOON, state)[0]


def test_two_notes_to_one_person_keep_the_gap_to_the_minute() -> None:
    seen = after_one()
    assert wrote_to(seen, "2026-03-07 11:59") == []
    assert wrote_to(seen, "2026-03-07 12:00") == [DANA]
    assert holds(plan(at("2026-03-04 12:00"), seen)) == [("5 days between two drafts to Dana", "03-07 12:00")]


@pytest.mark.parametrize("gap", ["5 days", "1 hour"])
def test_a_note_that_expires_while_it_is_held_makes_way_for_that_of_another_rule_and_only_then(gap: str) -> None:
    """Both rules ask for the same note to Dana; the first is worth writing for two days only."""
    seen = after_one(min_gap=gap)
    rules = [rule({**NEWS, "expires": "2 days"}, name="first"), rule({**NEWS, "after": "30 hours"}, name="second")]
    seen = ruled(seen, *rules)
    planned = plan(at("2026-03-04 11:00"), seen, at("2026-03-20 12:00")).follow_ups
    assert [one.rule for one in planned] == (["first", "second"] if gap == "5 days" else ["first"])
    assert wrote_to(seen, "2026-03-07 12:00") == [DANA]


def test_the_gap_is_between_people_not_addresses() -> None:
    dana = Person("Dana Okafor", (DANA, "dana@home.example"))
    one, other = meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-01 13:00", "dana@home.example")
    seen, _ = placing(world([one, other], [rule(NEWS)], people=(dana,)), NOON, State.SENT)
    assert wrote_to(seen, "2026-03-02 13:00") == []


@pytest.mark.parametrize(
    ("state", "counts"),
    [
        (State.SENT, True),
        (State.ANSWERED, True),
        (State.VETOED, True),
        (State.WITHDRAWN, False),
        (State.EXPIRED, False),
    ],
)
def test_drafts_that_were_placed_count_and_withdrawn_ones_do_not(state: State, counts: bool) -> None:
    seen = after_one(state)
    late = "2026-03-04 12:00"
    assert (len(wrote_to(seen, late)) == 0) is counts


def test_a_note_that_was_snoozed_is_not_held_back_by_its_own_first_draft() -> None:
    seen = world([meeting("A", "2026-03-01 12:00")], [rule(NEWS)])
    (note,) = plan(at(NOON), seen).place
    asleep = record(note, State.SNOOZED, placed=NOON, snoozed_until=at("2026-03-04 09:00"), draft_tag="x")
    assert wrote_to(knowing(seen, asleep), "2026-03-03 09:00") == []
    assert wrote_to(knowing(seen, asleep), "2026-03-04 09:00") == [DANA]


@pytest.mark.parametrize("state", [State.PLACED, State.EDITED])
def test_a_person_with_an_unsent_draft_gets_no_second_one(state: State) -> None:
    seen = after_one(state)
    assert holds(plan(at("2026-03-09 12:00"), seen)) == [("one open draft to Dana", None)]
    assert wrote_to(after_one(state, one_open_draft=False), "2026-03-09 12:00") == [DANA]


@pytest.mark.parametrize("looking", [True, False])
@pytest.mark.parametrize("state", [State.PLACED, State.EDITED])
def test_an_open_draft_holds_at_least_until_the_gap_is_over(state: State, looking: bool) -> None:
    until = at("2026-03-20 00:00") if looking else None
    planned = plan(at("2026-03-04 12:00"), after_one(state), until)
    assert holds(planned) == [("one open draft to Dana", "03-07 12:00")]
    assert [one.due for one in planned.follow_ups] == [at("2026-03-04 12:00")]
    assert planned.next_due == at("2026-03-07 12:00")


def test_a_hold_without_an_end_says_what_ends_it() -> None:
    (held,) = plan(at("2026-03-09 12:00"), after_one(State.PLACED)).follow_ups
    assert held.hold == Hold("one open draft to Dana", None, "it is sent or deleted")


def test_an_open_draft_is_called_by_the_first_name() -> None:
    people = (Person("Okafor, Dana", (DANA,)),)
    one, other = meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-02 12:00")
    seen, _ = placing(world([one, other], [rule(NEWS)], people=people), NOON)
    assert holds(plan(at("2026-03-03 12:00"), seen)) == [("one open draft to Dana", "03-07 12:00")]


def test_somebody_without_a_name_is_called_by_the_address() -> None:
    one, other = (
        meeting(t, ends, Attendee(DANA)) for t, ends in (("A", "2026-03-01 12:00"), ("B", "2026-03-02 12:00"))
    )
    seen, _ = placing(world([one, other], [rule(NEWS)]), NOON)
    assert holds(plan(at("2026-03-03 12:00"), seen)) == [(f"one open draft to {DANA}", "03-07 12:00")]


def test_an_open_draft_holds_until_the_window_after_the_gap() -> None:
    seen = after_one(State.PLACED, step=NEWS | {"window": "weekdays 09:00-13:00"})
    assert holds(plan(at("2026-03-04 12:00"), seen)) == [("one open draft to Dana", "03-09 09:00")]


def test_a_plan_takes_what_lies_there_as_sent_by_then() -> None:
    """A draft of three weeks ago holds no note that is due tomorrow; it does hold one that is due now."""
    first, later = meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-24 12:00")
    seen, _ = placing(world([first, later], [rule(NEWS | {"expires": "60 days"})]), NOON)
    assert holds(plan(at("2026-03-23 12:00"), seen, at("2026-04-01 00:00"))) == []
    assert holds(plan(at("2026-03-25 12:00"), seen, at("2026-04-01 00:00"))) == [("one open draft to Dana", None)]


def test_a_held_note_stands_in_its_place_in_the_order_of_time() -> None:
    seen = after_one(State.PLACED)
    kim = meeting("C", "2026-03-04 12:00", "kim@y.example")
    late = meeting("D", "2026-03-07 12:00", "lee@z.example")
    planned = plan(at("2026-03-04 12:00"), showing(seen, *seen.scene.copies, kim, late), at("2026-03-20 00:00"))
    assert [one.recipients[0].name for one in planned.follow_ups] == ["Kim", "Dana", "Lee"]


def test_the_rounds_after_a_check_in_that_lies_there_are_counted_as_if_it_were_sent_now() -> None:
    check = rule({"id": "check-in", "template": "hello", "every": "1 week"})
    seen, _ = placing(world([meeting("A", "2026-03-02 12:00")], [check]), "2026-03-09 12:00")
    planned = plan(at("2026-03-11 12:00"), seen, at("2026-03-30 00:00"))
    assert [(one.round, one.due) for one in planned.follow_ups] == [
        (2, at("2026-03-18 12:00")),
        (3, at("2026-03-25 12:00")),
    ]
    assert plan(at("2026-03-18 12:00"), seen).place == ()


def test_the_rounds_after_a_held_check_in_count_from_the_end_of_the_hold() -> None:
    check = rule({"id": "check-in", "template": "hello", "every": "1 week"}, name="chain")
    thanks = rule(PRESSED, name="pressed", title=["B"])
    far = [meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-05 12:00")]
    seen, _ = placing(world(far, [check, thanks]), "2026-03-05 14:00")
    seen = replace(seen, courtesy=Courtesy.model_validate({"min_gap": "10 days"}))
    planned = plan(at("2026-03-06 12:00"), seen, at("2026-03-25 00:00"))
    assert holds(planned) == [
        ("one open draft to Dana", "03-15 14:00"),
        ("10 days between two drafts to Dana", "03-25 14:00"),
    ]
    assert [one.due for one in planned.follow_ups] == [at("2026-03-12 12:00"), at("2026-03-22 14:00")]


def test_a_group_note_names_all_who_hold_it_back() -> None:
    group = rule(NEWS | {"to": "all"}, name="group", title=["Both"])
    single = rule(NEWS, name="single", title=["One", "Two"])
    ones = [meeting("One", "2026-03-01 12:00", "ana@x.example"), meeting("Two", "2026-03-01 12:00", "lee@y.example")]
    both = meeting("Both", "2026-03-02 12:00", "ana@x.example", "kim@z.example", "lee@y.example")
    seen, made = placing(world([*ones, both], [group, single]), NOON)
    now = at("2026-03-03 12:00")
    assert holds(plan(now, seen)) == [("one open draft to Ana and Lee", "03-07 12:00")]
    sent = knowing(seen, *(replace(one, state=State.SENT, sent=at(NOON)) for one in made))
    assert holds(plan(now, sent)) == [("5 days between two drafts to Ana and Lee", "03-07 12:00")]
    lying = plan(at("2026-03-08 12:00"), knowing(seen, replace(made[0], state=State.SENT, sent=at(NOON))))
    assert holds(lying) == [("one open draft to Lee", None)]


def test_the_cap_of_an_organisation_speaks_where_it_lasts_longer_than_an_open_draft() -> None:
    limits = Courtesy.model_validate({"per_organisation": "1 per month"})
    first, second = meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-02 12:00")
    seen, _ = placing(world([first, second], [rule(NEWS | {"expires": "60 days"})], courtesy=limits), NOON)
    cap = "no more than 1 draft a month to acme.example"
    assert holds(plan(at("2026-03-03 12:00"), seen)) == [(cap, "04-01 12:00")]
    assert holds(plan(at("2026-03-08 12:00"), seen)) == [("one open draft to Dana", None)]


def test_two_notes_due_in_one_cycle_are_not_both_placed() -> None:
    seen = world([meeting("A", "2026-03-01 12:00"), meeting("B", "2026-03-01 12:00", DANA, minutes=30)], [rule(NEWS)])
    planned = plan(at(NOON), seen)
    assert (len(planned.place), holds(planned)) == (1, [("one open draft to Dana", "03-07 12:00")])


def test_a_step_with_by_is_held_by_nothing_and_counts_in_everything() -> None:
    limits = Courtesy.model_validate({"per_day": 1, "per_organisation": "1 per week"})
    meetings = [meeting("A", "2026-03-02 10:00"), meeting("B", "2026-03-02 10:00", DANA, "lee@acme.example")]
    thanks = rule(PRESSED, title=["A", "B"])
    pressed = world(meetings, [thanks], courtesy=limits)
    seen, made = placing(pressed, NOON)
    assert [one.addresses[0] for one in made] == [DANA, DANA, "lee@acme.example"]
    news = [
        *meetings,
        meeting("C", "2026-03-01 12:00", "kim@acme.example"),
        meeting("D", "2026-03-01 12:00", "z@z.example"),
    ]
    both = knowing(
        world(news, [thanks, rule(NEWS, name="news", title=["C", "D"])], courtesy=limits), *seen.history.records
    )
    planned = plan(at(NOON), both)
    assert planned.place == ()
    assert {why for why, _ in holds(planned)} == {
        "no more than 1 draft a week to acme.example",
        "no more than 1 draft a day",
    }


def test_no_more_than_so_many_a_day_and_the_rest_after_midnight_of_the_user() -> None:
    seen = world(met(*crowd(12), ends="2026-07-01 12:00"), [rule(NEWS)], courtesy=Courtesy(per_day=5))
    now, counts = "2026-07-02 12:00", []
    for later in ("2026-07-02 23:59", "2026-07-03 00:00", "2026-07-04 00:00"):
        seen, made = placing(seen, now)
        counts.append(len(made))
        assert wrote_to(seen, now) == []
        now = later
    assert counts == [5, 0, 5]
    assert len(wrote_to(seen, "2026-07-04 00:00")) == 2


def test_what_is_held_says_when_its_day_comes_on_the_users_wall() -> None:
    seen = world(met(*crowd(6), ends="2026-07-01 12:00"), [rule(NEWS)], courtesy=Courtesy(per_day=5))
    assert holds(plan(at("2026-07-02 12:00"), seen)) == [("no more than 5 drafts a day", "07-02 23:00")]


def test_no_more_than_so_many_a_week_to_one_organisation() -> None:
    seen = world(met(*crowd(4, "acme.example")), [rule(NEWS | {"expires": "14 days"})])
    seen, made = placing(seen, "2026-03-03 12:00", State.SENT)
    assert len(made) == 3
    assert holds(plan(at("2026-03-04 12:00"), seen)) == [
        ("no more than 3 drafts a week to acme.example", "03-10 12:00")
    ]
    assert wrote_to(seen, "2026-03-10 11:59") == []
    assert wrote_to(seen, "2026-03-10 12:00") == ["p03@acme.example"]


def test_a_public_mail_domain_is_no_organisation() -> None:
    seen = world(met(*crowd(6, "gmail.com")), [rule(NEWS)])
    assert len(wrote_to(seen, "2026-03-03 12:00")) == 6


def test_a_group_note_counts_once_a_day_and_once_for_an_organisation() -> None:
    group = NEWS | {"to": "all"}
    one = meeting("A", NOON, "a@acme.example", "b@acme.example", "c@acme.example")
    other = meeting("B", NOON, "d@acme.example", "e@acme.example")
    seen = world([one, other], [rule(group)], courtesy=Courtesy(per_day=2))
    assert len(wrote_to(seen, "2026-03-03 12:00")) == 2


def test_a_group_note_waits_for_the_one_who_must_be_left_in_peace_longest() -> None:
    one = meeting("A", "2026-03-01 12:00", "a@x.example")
    both = meeting("B", "2026-03-02 12:00", "a@x.example", "b@y.example")
    seen, _ = placing(world([one, both], [rule(NEWS | {"to": "all"})]), NOON, State.SENT)
    assert wrote_to(seen, "2026-03-07 11:59") == []
    assert wrote_to(seen, "2026-03-07 12:00") == ["a@x.example, b@y.example"]


def test_a_hold_ends_inside_the_window_of_the_step() -> None:
    seen = after_one(step=NEWS | {"window": "weekdays 09:00-13:00"})
    # Five days after Monday noon is Saturday noon.
    assert holds(plan(at("2026-03-04 12:00"), seen)) == [("5 days between two drafts to Dana", "03-09 09:00")]
    assert wrote_to(seen, "2026-03-07 12:00") == []
    assert wrote_to(seen, "2026-03-09 09:00") == [DANA]


def test_what_expires_before_it_may_be_drafted_is_told_as_held_and_then_as_expired() -> None:
    seen = after_one(step=NEWS | {"expires": "2 days"})
    planned = plan(at("2026-03-04 12:00"), seen, at("2026-03-20 00:00"))
    assert [why for why, _ in holds(planned)] == ["5 days between two drafts to Dana"]
    assert planned.place == ()
    assert [one.step for one in plan(at("2026-03-06 12:00"), seen).expired] == ["news"]


def test_notes_to_me_meet_no_limit_and_use_none_up() -> None:
    brief = {"id": "brief", "template": "brief", "before": "1 day"}
    meetings = [
        meeting(name, "2026-03-03 12:00", DANA, minutes=length) for name, length in (("A", 30), ("B", 45), ("C", 60))
    ]
    old = meeting("Old", "2026-03-01 12:00")
    seen = world([*meetings, old], [rule(brief), rule(NEWS, name="news")], courtesy=Courtesy(per_day=1))
    assert wrote_to(seen, NOON) == [DANA, "robin@example.org", "robin@example.org", "robin@example.org"]


def test_with_the_clock_set_back_the_gap_still_holds() -> None:
    seen = after_one()
    assert wrote_to(seen, "2026-03-02 11:00") == []


def test_notes_of_different_people_do_not_hold_each_other() -> None:
    seen = world(met("a@x.example", "b@y.example"), [rule(NEWS)])
    assert wrote_to(seen, "2026-03-03 12:00") == ["a@x.example", "b@y.example"]


def test_the_longest_of_several_holds_speaks() -> None:
    limits = Courtesy.model_validate({"per_day": 1, "min_gap": "10 days"})
    _, (made, *_) = placing(world(met(DANA, ends="2026-03-01 12:00"), [rule(NEWS)], courtesy=limits), NOON, State.SENT)
    (note,) = plan(at(NOON), world(met(DANA, ends="2026-03-01 12:00"), [rule(NEWS)])).place
    book = Book(Almanac("Europe/Lisbon"), Directory.of([]), at("2026-03-02 13:00"))
    book.load([made])
    hold = book.hold(note, at("2026-03-02 13:00"), limits)
    assert hold is not None
    assert (hold.why, hold.until) == ("10 days between two drafts to Dana", at(NOON) + timedelta(days=10))
