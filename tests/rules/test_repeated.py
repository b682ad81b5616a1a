"""Steps whose note another step has written by then: those that people write are found, and no other is called so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.language import Courtesy
from rules.plan import plan
from rules.repeated import repeated
from tests.build import rule, world
from tests.rules.worlds import BEGIN, BOOK, WINDOWS, meetings
from tests.thorough import examples

if TYPE_CHECKING:
    from rules.language import Rule
    from rules.model import Meeting

GENEROUS = Courtesy.model_validate(
    {"min_gap": "0 days", "per_day": 1000, "per_organisation": "1000 per day", "one_open_draft": False}
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"title": "coffee"},
    {"title": ["coffee", "tea"]},
    {"calendar": "feed"},
    {"person": {"tag": "network"}},
    {"attendees": {"at_most": 2}},
    {"attendees": {"external": True}},
    {"recurring": "any"},
    {"unless": {"person": {"tag": "network"}}},
    {"unless": {"calendar": "work"}},
    {"unless": {"calendar": ["work", "feed"]}},
    {"duration": {"at_least": "45 minutes"}},
)


@st.composite
def steps(draw: st.DrawFn, name: str) -> dict[str, Any]:
    said: dict[str, Any] = {"id": name, "template": "a", "window": draw(st.sampled_from(WINDOWS))}
    if draw(st.booleans()):
        return said | {"before": draw(st.sampled_from(["1 hour", "1 day", "3 business days"]))}
    said |= {
        "after": draw(st.sampled_from(["2 hours", "1 day", "2 business days"])),
        "to": draw(st.sampled_from(["each", "all"])),
    }
    by = draw(st.sampled_from([None, "3 days", "1 week"]))
    expires = draw(st.sampled_from([None, "1 day", "3 weeks"]))
    return said | ({"by": by} if by else {}) | ({"expires": expires} if expires else {})


@st.composite
def rules(draw: st.DrawFn) -> tuple[Rule, ...]:
    return tuple(
        rule(draw(steps("one")), draw(steps("two")), name=f"r{number}", **draw(st.sampled_from(CONDITIONS)))
        for number in range(2)
    )


@settings(deadline=None, max_examples=examples(150))
@given(rules().filter(lambda several: any(repeated(several))), st.lists(meetings(), min_size=2, max_size=6))
def test_a_step_that_is_called_so_writes_nothing(several: tuple[Rule, ...], seen: list[Meeting]) -> None:
    never = {(second.rule.id, second.step.id) for _, second in repeated(several)}
    assert never
    house = world(seen, several, people=BOOK, courtesy=GENEROUS, country="PT")
    coming = plan(BEGIN - timedelta(days=7), house, BEGIN + timedelta(days=60)).follow_ups

    assert never.isdisjoint((one.rule, one.step) for one in coming)


def step(name: str = "s", **keys: str) -> dict[str, Any]:
    return {"id": name, "template": "thank-you", **(keys or {"after": "2 hours"})}


def named(*several: Rule) -> list[tuple[str, str]]:
    return [(f"{a.rule.id}.{a.step.id}", f"{b.rule.id}.{b.step.id}") for a, b in repeated(several)]


COFFEE = {"title": ["coffee", "tea"]}


def test_of_two_rules_that_are_the_same_the_second_writes_nothing() -> None:
    assert named(rule(step(), name="a"), rule(step(), name="b")) == [("a.s", "b.s")]
    assert named(rule(step(before="1 day"), name="a"), rule(step(before="1 day"), name="b")) == [("a.s", "b.s")]


def test_a_narrower_rule_writes_nothing_where_the_wider_is_not_later() -> None:
    wide, narrow = {"title": ["coffee", "tea"]}, {"title": "black coffee", "attendees": {"at_most": 2}}
    assert named(rule(step(), name="a", **narrow), rule(step(after="1 hour"), name="b", **wide)) == [("b.s", "a.s")]
    assert named(rule(step(after="1 hour"), name="a", **narrow), rule(step(), name="b", **wide)) == []


def test_two_steps_of_one_rule_with_the_same_template() -> None:
    assert named(rule(step("one"), step("two", after="3 days"))) == [("soft.one", "soft.two")]
    assert named(rule(step("one", after="3 days"), step("two"))) == [("soft.two", "soft.one")]
    soon, later = step("one", after="2 hours", by="1 day", window="working_hours"), step("two", after="2 days")
    assert named(rule(soon, later)) == [("soft.one", "soft.two")]
    assert named(rule(step("one", before="2 hours"), step("two", before="1 day"))) == [("soft.two", "soft.one")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"template": "b", "after": "2 hours"}),
        ({}, {"before": "1 day"}),
        ({}, {"every": "6 weeks"}),
        ({}, {"after": "2 hours", "to": "all"}),
        # The window may move the first behind the second, or behind what it is to be sent by.
        ({"after": "2 hours", "window": "working_hours"}, {"after": "3 hours"}),
        (
            {"after": "2 hours", "window": "working_hours"},
            {"after": "3 hours", "window": "working_hours", "by": "1 day"},
        ),
        # Meant for the days on which nobody was there for the first.
        ({"after": "2 hours", "expires": "4 hours"}, {"after": "1 day"}),
        # My own word of thanks makes an end of the first, and not of the second.
        ({"after": "2 hours", "own": "danke"}, {"after": "3 days", "own": "thanks"}),
        ({"template": "news", "after": "2 hours"}, {"template": "news", "after": "3 days"}),
    ],
)
def test_steps_that_only_look_alike(one: dict[str, str], other: dict[str, str]) -> None:
    assert named(rule(step("one", **one), step("two", **other))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (COFFEE, {"title": ["coffee", "lunch"]}),
        ({"calendar": "feed"}, {}),
        ({"unless": {"title": "panel"}}, {}),
        ({"unless": {"title": ["panel", "team"]}}, {"unless": {"title": "panel"}}),
        ({}, {"recurring": True}),
        ({"attendees": {"at_most": 3}}, {"attendees": {"at_most": 4}}),
        ({"person": {"tag": "a"}}, {"person": {"email": "*@acme.example"}}),
        ({"unless": {"attendees": {"at_least": 3}}}, {"unless": {"attendees": {"external": True}}}),
    ],
)
def test_rules_of_which_neither_takes_all_that_the_other_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = rule(step(), name="a", **one), rule(step(), name="b", **other)
    found = named(first, second)

    assert ("a.s", "b.s") not in found


def test_check_ins_come_each_to_their_turn() -> None:
    assert named(rule(step("one", every="6 weeks"), step("two", every="6 weeks"))) == []
