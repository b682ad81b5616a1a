"""Rules that can never match: none is called so that could, and those that people write are found."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rules.attendance import Attendance
from rules.domains import organisation
from rules.impossible import contradictions, matches_nobody
from rules.match import match
from rules.model import Me, Person
from tests.build import ME, meeting, rule
from tests.thorough import examples

if TYPE_CHECKING:
    from rules.language import Rule
    from rules.model import Meeting

PUBLIC = Me("Robin Vale", ("robin@gmail.com",))
TITLES = (
    "coffee",
    "soft interview",
    "interview",
    "job-interview",
    "Interview panel",
    "coffees",
    "/inter/",
    "/^x/",
    "x",
)
TEXTS = ("Coffee", "soft  interview", "Interview panel", "a job-interview", "interviews", "X", "coffee interview", "")
PEOPLE = (
    Person("Dana", ("dana@acme.example", "dana@example.org"), tags=("network",)),
    Person("Lee", ("lee@work.example",), tags=("family", "Network")),
    Person("Kim", ("kim@gmail.com",), known=False),
    Person("Sam", ("sam@example.org",), known=False),
    Person("Ana", ("ana@sub.acme.example", "lee@home.example"), known=True),
)
EMAILS = ("*", "*@acme.example", "*@example.org", "*acme.example", "dana@acme.example", "*@*.example", "l?e@*", "[ds]*")

flags = st.sampled_from([True, False, "any"])


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2)


def bounds(values: tuple[Any, ...]) -> st.SearchStrategy[dict[str, Any]]:
    one = st.sampled_from(values)
    return st.fixed_dictionaries({}, optional={"at_least": one, "at_most": one})


CONDITIONS = {
    "calendar": some(("feed", "work")),
    "title": some(TITLES),
    "location": some(TITLES),
    "attendees": st.tuples(bounds((1, 2, 3)), st.sampled_from([{}, {"external": True}, {"external": False}])).map(
        lambda pair: pair[0] | pair[1]
    ),
    "person": st.fixed_dictionaries(
        {}, optional={"tag": some(("network", "NETWORK", "family")), "email": some(EMAILS), "known": st.booleans()}
    ),
    "duration": bounds(("30 minutes", "1 hour", "23 hours", "2 days")),
    "organiser": st.sampled_from(["me", "others"]),
    "recurring": flags,
    "all_day": flags,
    "first_meeting": st.booleans(),
}


@st.composite
def rules(draw: st.DrawFn, name: str) -> Rule:
    """A rule whose `unless` says something of this name, and often what its `when` says, or something like it."""
    when = {name: draw(CONDITIONS[name])} if draw(st.booleans()) else {}
    if draw(st.booleans()):
        other = draw(st.sampled_from(sorted(CONDITIONS)))
        when.setdefault(other, draw(CONDITIONS[other]))
    unless = draw(CONDITIONS[name] | st.just(when[name])) if name in when else draw(CONDITIONS[name])
    return rule(unless=draw(st.sampled_from([None, *3 * [{name: unless}]])), **when)


def meetings(chance: random.Random) -> tuple[Meeting, Attendance]:
    all_day = chance.random() < 1 / 3
    made = meeting(
        chance.choice(TEXTS),
        minutes=chance.choice([1380, 1440, 2880] if all_day else [0, 30, 45, 60, 120, 3000]),
        location=chance.choice(TEXTS),
        all_day=all_day,
        recurring=chance.random() < 1 / 3,
        calendars=chance.choice([("feed",), ("work",), ("feed", "work"), ("cloud",)]),
    )
    people = tuple(chance.sample(PEOPLE, chance.randint(1, 4)))
    return made, Attendance(people, chance.random() < 1 / 2, ME.emails[0], (), held=True)


MANY = tuple(map(meetings, [random.Random(7)] * 500))
"""Meetings of all kinds; nearly every rule that can match one at all matches one of these."""
MET = frozenset({"Dana", "Kim"})


def domains(me: Me) -> frozenset[str]:
    return frozenset(one for one in map(organisation, me.emails) if one)


def impossible(one: Rule, me: Me = ME) -> bool:
    return bool(contradictions(one.when, one.unless, domains(me)))


def matches_one(one: Rule, me: Me = ME) -> bool:
    """Whether the rule matches one of the meetings. No gate is asked: all count."""
    return any(match(one, *at, me, lambda person, _: person.name in MET).matches for at in MANY)


@pytest.mark.parametrize("name", sorted(CONDITIONS))
@settings(deadline=None, max_examples=examples(150))
@given(st.data(), st.sampled_from([ME, ME, PUBLIC]))
def test_what_is_called_impossible_matches_no_meeting(name: str, data: st.DataObject, me: Me) -> None:
    one = data.draw(rules(name))
    assert not (impossible(one, me) and matches_one(one, me))


def test_what_is_not_called_impossible_nearly_always_matches_one() -> None:
    """So the property above meets contradictions, and would see it if one of the others were called so."""
    seen: dict[bool, list[bool]] = {True: [], False: []}

    @settings(deadline=None, max_examples=200, database=None, derandomize=True, phases=[Phase.generate])
    @given(st.sampled_from(sorted(CONDITIONS)).flatmap(rules))
    def tried(one: Rule) -> None:
        seen[impossible(one)].append(matches_one(one))

    tried()
    assert len(seen[True]) > 40
    assert sum(seen[False]) > 0.8 * len(seen[False]) > 80


IMPOSSIBLE: tuple[tuple[dict[str, Any], dict[str, Any] | None, tuple[str | int, ...]], ...] = (
    ({"title": ["soft interview", "job  Interview"]}, {"title": ["panel", "interview"]}, ("unless", "title", 1)),
    ({"title": "/x+/"}, {"title": "/x+/"}, ("unless", "title", 0)),
    ({"title": "coffee"}, {"title": "/coff/"}, ("unless", "title", 0)),
    ({"description": "coffee"}, {"description": "Coffee"}, ("unless", "description", 0)),
    ({"location": "Cafe\u0301"}, {"location": "café"}, ("unless", "location", 0)),
    ({"calendar": "feed"}, {"calendar": ["work", "feed"]}, ("unless", "calendar")),
    ({"organiser": "me"}, {"organiser": "me"}, ("unless", "organiser")),
    ({"first_meeting": False}, {"first_meeting": False}, ("unless", "first_meeting")),
    ({}, {"recurring": False}, ("unless", "recurring")),
    ({"recurring": "any"}, {"recurring": "any"}, ("unless", "recurring")),
    ({"recurring": True}, {"recurring": True}, ("unless", "recurring")),
    ({}, {"all_day": False}, ("unless", "all_day")),
    ({}, {"attendees": {"at_least": 1}}, ("unless", "attendees")),
    ({"attendees": {"at_least": 2, "at_most": 3}}, {"attendees": {"at_most": 3}}, ("unless", "attendees")),
    ({"attendees": {"external": True}}, {"attendees": {"external": True}}, ("unless", "attendees", "external")),
    ({"duration": {"at_least": "1h", "at_most": "2h"}}, {"duration": {"at_least": "1h"}}, ("unless", "duration")),
    ({"all_day": True}, {"duration": {"at_least": "20 hours"}}, ("unless", "duration")),
    ({"person": {"tag": "a"}}, {"person": {"tag": ["A", "b"]}}, ("unless", "person")),
    ({"person": {"tag": "a"}}, {"person": {"known": True}}, ("unless", "person")),
    ({"person": {"email": "d@acme.example"}}, {"person": {"email": "*@acme.example"}}, ("unless", "person")),
    ({}, {"person": {}}, ("unless", "person")),
    ({"all_day": True, "duration": {"at_most": "3 hours"}}, None, ("when", "duration", "at_most")),
    ({"person": {"known": False, "tag": "a"}}, None, ("when", "person", "tag")),
    (
        {"person": {"known": False, "email": "*@work.example"}, "attendees": {"external": True}},
        None,
        ("when", "person", "email"),
    ),
    (
        {"person": {"known": False, "email": "*@acme.example"}, "attendees": {"external": False}},
        None,
        ("when", "person", "email"),
    ),
)


@pytest.mark.parametrize(("when", "unless", "path"), IMPOSSIBLE)
def test_what_can_never_match_is_found_and_where(
    when: dict[str, Any], unless: dict[str, Any] | None, path: tuple[str | int, ...]
) -> None:
    one = rule(unless=unless, **when)

    assert [found.path for found in contradictions(one.when, one.unless, domains(ME))] == [path]


@pytest.mark.parametrize(
    ("when", "unless"),
    [
        ({"title": "interviews"}, {"title": "interview"}),
        ({"title": ["interview", "coffee"]}, {"title": "interview"}),
        ({"title": "interview"}, {"title": "soft interview"}),
        ({"title": "a coffee"}, {"title": "/^coffee/"}),
        ({"title": "coffee"}, {"description": "coffee"}),
        ({"calendar": ["feed", "work"]}, {"calendar": "feed"}),
        ({"recurring": "any"}, {"recurring": True}),
        ({}, {"recurring": True}),
        ({}, {"attendees": {}}),
        ({}, {"attendees": {"at_least": 2}}),
        ({"attendees": {"external": True}}, {"attendees": {"external": False}}),
        ({"duration": {"at_least": "1h"}}, {"duration": {"at_least": "1h", "at_most": "3h"}}),
        ({"duration": {"at_most": "3h"}}, {"duration": {"at_most": "1h"}}),
        ({"person": {"tag": ["a", "b"]}}, {"person": {"tag": "a"}}),
        ({"person": {"tag": "a"}}, {"person": {"tag": "a", "email": "*@x.example"}}),
        ({"person": {"email": "*@acme.example"}}, {"person": {"email": "d?*@acme.example"}}),
        # Dana came with one address, and is chosen for another that the address book has of her.
        ({"person": {"email": "*@example.org"}, "attendees": {"external": True}}, None),
        ({"all_day": True, "duration": {"at_most": "1 day"}}, None),
        ({"person": {"known": True, "tag": "a"}}, None),
    ],
)
def test_what_could_match_is_not_called_impossible(when: dict[str, Any], unless: dict[str, Any] | None) -> None:
    assert not impossible(rule(unless=unless, **when))


def test_without_a_mail_domain_of_my_own_nobody_is_inside_and_everybody_outside() -> None:
    inside = rule(attendees={"external": False})
    outside = rule(unless={"attendees": {"external": True}})

    assert impossible(inside, PUBLIC)
    assert impossible(outside, PUBLIC)
    assert not impossible(inside)
    assert not impossible(outside)
    assert not contradictions(inside.when, None, None)  # the settings could not be read


@pytest.mark.parametrize(
    ("pattern", "nobody"),
    [("acme.example", True), ("@acme.example", True), ("dana", True), ("d@acme.example", False), ("*acme", False)],
)
def test_half_an_address_matches_nobody(pattern: str, nobody: bool) -> None:
    assert matches_nobody(pattern) is nobody
