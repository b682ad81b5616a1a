"""Conditions: which meetings a rule takes, and whom it writes to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rules.model import Answer, Attendee, Meeting, Person
from rules.plan import plan
from tests.build import DANA, ME, at, invitee, meeting, rule, world, wrote_to

if TYPE_CHECKING:
    from typing import Unpack

    from tests.fields import MeetingFields

DUE = "2026-03-03 18:00"
OKAFOR = Person("Dana Okafor", (DANA, "dana@home.example"), tags=("Network",))
SILENT = Person("Sam Silent", ("sam@x.example",), do_not_contact=True)


def takes(conditions: dict[str, Any], of: Meeting | None = None, *known: Person) -> list[str]:
    """Whom a rule with these conditions thanks for a meeting."""
    return wrote_to(world([of or meeting()], [rule(**conditions)], people=known), DUE)


def of(
    *people: str | Attendee, title: str = "Coffee with Dana", minutes: int = 60, **fields: Unpack[MeetingFields]
) -> Meeting:
    return meeting(title, "2026-03-03 16:00", *people, minutes=minutes, **fields)


@pytest.mark.parametrize(
    ("words", "title", "holds"),
    [
        ("coffee", "COFFEE?", True),
        ("coffee", "coffees", False),
        (["tea", "catch up"], "Catch  Up: us", True),
        ("catch up", "catching up", False),
        ("café", "Café im Park", True),
        ("café", "Cafe\u0301 im Park", True),
        ("/^1:1/", "1:1 Dana", True),
        ("/^1:1/", "a 1:1", False),
        ("c++", "c++ talk", True),
        ("a.b", "axb", False),
        ("coffee", "", False),
    ],
)
def test_a_title_has_one_of_the_words_whole_and_in_any_case(words: object, title: str, holds: bool) -> None:
    assert bool(takes({"title": words}, of(title=title))) is holds
    assert bool(takes({"description": words}, of(description=title))) is holds
    assert bool(takes({"location": words}, of(location=title))) is holds
    assert bool(takes({"unless": {"title": words}}, of(title=title))) is not holds


def test_all_conditions_of_when_hold_and_any_of_unless_excludes() -> None:
    assert takes({"title": "coffee", "location": "park"}, of(location="the park")) == [DANA]
    assert takes({"title": "coffee", "location": "park"}, of(location="bar")) == []
    unless = {"title": "panel", "location": "park"}
    assert takes({"unless": unless}, of(location="the park")) == []
    assert takes({"unless": unless}, of(location="bar")) == [DANA]


@pytest.mark.parametrize(
    ("wanted", "recurring", "holds"),
    [
        (None, False, True),
        (None, True, False),
        (True, True, True),
        (True, False, False),
        ("any", True, True),
        ("any", False, True),
        (False, True, False),
    ],
)
def test_series_and_all_day_events_are_left_out_unless_asked_for(wanted: object, recurring: bool, holds: bool) -> None:
    for name, one in (("recurring", of(recurring=recurring)), ("all_day", of(all_day=recurring))):
        conditions = {} if wanted is None else {name: wanted}
        assert bool(takes(conditions, one)) is holds


def test_unless_has_no_defaults_of_its_own() -> None:
    assert takes({"unless": {"title": "panel"}}) == [DANA]
    assert takes({"unless": {"recurring": True}}) == [DANA]
    assert takes({"unless": {"all_day": False}}) == []


def test_unless_external_excludes_only_meetings_with_people_from_outside() -> None:
    unless = {"unless": {"attendees": {"external": True}}}
    assert takes(unless, of("lee@work.example")) == ["lee@work.example"]
    assert takes(unless, of("lee@work.example", DANA)) == []


def test_unless_a_number_of_people() -> None:
    assert takes({"unless": {"attendees": {"at_least": 2}}}) == [DANA]
    assert takes({"unless": {"attendees": {"at_least": 2}}}, of(DANA, "b@x.example")) == []
    assert takes({"unless": {"attendees": {"at_most": 1}}}) == []


@pytest.mark.parametrize(("least", "most", "holds"), [(1, None, True), (2, 2, True), (3, None, False), (1, 1, False)])
def test_numbers_count_all_people_but_me_and_those_who_declined(least: int, most: int | None, holds: bool) -> None:
    people = (DANA, "b@x.example", ME.emails[0], invitee("c@x.example", Answer.DECLINED))
    wanted = {"at_least": least} | ({"at_most": most} if most else {})
    assert bool(takes({"attendees": wanted}, of(*people))) is holds


def test_numbers_count_those_too_to_whom_nothing_is_addressed() -> None:
    seen = of(DANA, "sam@x.example", "lee@work.example")
    assert takes({"attendees": {"at_least": 3, "external": True}}, seen, SILENT) == [DANA]
    assert takes({"attendees": {"at_most": 2, "external": True}}, seen, SILENT) == []


def test_external_chooses_people_without_a_mail_domain_of_mine() -> None:
    seen = of(DANA, "a@example.org", "b@work.example", "c@sub.work.example")
    assert takes({"attendees": {"external": True}}, seen) == ["c@sub.work.example", DANA]
    assert takes({"attendees": {"external": False}}, seen) == ["a@example.org", "b@work.example"]
    assert takes({"attendees": {"external": True}}, of("a@example.org")) == []


def test_a_public_mail_domain_of_mine_makes_nobody_internal() -> None:
    me = replace(ME, emails=(*ME.emails, "robin@gmail.com"))
    seen = world([of("lee@gmail.com")], [rule(attendees={"external": True})])
    seen = replace(seen, scene=replace(seen.scene, me=me))
    assert wrote_to(seen, DUE) == ["lee@gmail.com"]


def test_a_person_is_chosen_by_tag_in_any_case_by_address_and_by_being_known() -> None:
    seen = of("dana@home.example", "lee@x.example")
    assert takes({"person": {"tag": "network"}}, seen, OKAFOR) == ["dana@home.example"]
    assert takes({"person": {"tag": ["x"]}}, seen, OKAFOR) == []
    assert takes({"person": {"email": "*@ACME.example"}}, seen, OKAFOR) == ["dana@home.example"]
    assert takes({"person": {"email": ["*@x.example", "nobody@x"]}}, seen, OKAFOR) == ["lee@x.example"]
    assert takes({"person": {"known": True}}, seen, OKAFOR) == ["dana@home.example"]
    assert takes({"person": {"known": False}}, seen, OKAFOR) == ["lee@x.example"]
    assert takes({"person": {"known": True, "email": "*@x.example"}}, seen, OKAFOR) == []


@pytest.mark.parametrize(("minutes", "holds"), [(14, False), (15, True), (180, True), (181, False)])
def test_a_duration_has_its_limits_inside(minutes: int, holds: bool) -> None:
    wanted = {"duration": {"at_least": "15 minutes", "at_most": "3 hours"}}
    assert bool(takes(wanted, of(DANA, minutes=minutes))) is holds


def test_an_organiser_is_me_or_others() -> None:
    boss = invitee("boss@acme.example")
    others = of(boss, invitee(ME.emails[0]), organiser=boss)
    assert takes({"organiser": "others"}, others) == [boss.email]
    assert takes({"organiser": "me"}, others) == []
    assert takes({"organiser": "others"}) == []


def test_a_first_meeting_is_the_first_that_took_place_with_this_person() -> None:
    earlier = meeting("Hello", "2026-02-03 16:00", "dana@home.example")
    now = of(DANA, "lee@x.example")
    seen = world([earlier, now], [rule(first_meeting=True)], people=(OKAFOR,))
    assert wrote_to(seen, DUE) == ["lee@x.example"]
    assert wrote_to(world([earlier, now], [rule(first_meeting=False)], people=(OKAFOR,)), DUE) == [DANA]
    declined = (invitee("dana@home.example", Answer.DECLINED),)
    for missed in (replace(earlier, description="#noshow"), replace(earlier, attendees=declined)):
        assert wrote_to(world([missed, now], [rule(first_meeting=True)], people=(OKAFOR,)), DUE) == [
            DANA,
            "lee@x.example",
        ]


def test_nothing_is_addressed_to_somebody_who_wants_no_mail() -> None:
    both = of(DANA, "sam@x.example")
    assert takes({}, both, SILENT) == [DANA]
    group = rule({"id": "t", "template": "t", "after": "2 hours", "to": "all"})
    assert wrote_to(world([both], [group], people=(SILENT,)), DUE) == [DANA]
    for only in (rule(), group, rule({"id": "b", "template": "b", "before": "1 day"})):
        seen = world([of("sam@x.example")], [only], people=(SILENT,))
        assert plan(at("2026-03-01 00:00"), seen, at("2026-06-01 00:00")).follow_ups == ()
    every = rule({"id": "c", "template": "c", "every": "6 weeks"})
    ahead = plan(at("2026-03-01 00:00"), world([both], [every], people=(SILENT,)), at("2026-05-01 00:00"))
    assert {one.recipients[0].email for one in ahead.follow_ups} == {DANA}


def test_rules_are_independent() -> None:
    one, other = rule(), rule({"id": "news", "template": "news", "after": "2 hours", "by": "1 day"}, name="b")
    assert wrote_to(world([meeting()], [one, other]), DUE) == [DANA, DANA]


def test_each_condition_of_unless_is_asked_about_everybody() -> None:
    family = Person("Sam", ("sam@example.org",), tags=("family",))
    unless = {"unless": {"attendees": {"external": True}, "person": {"tag": ["family"]}}}
    assert takes(unless, of("sam@example.org"), family) == []
    assert takes(unless, of("lee@work.example"), family) == ["lee@work.example"]


def test_a_word_far_down_in_an_endless_description_is_not_looked_for() -> None:
    long = meeting(description="zoom " * 100_000 + "password")
    assert takes({"description": ["/zoom.*password/"]}, long) == []
