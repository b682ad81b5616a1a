"""Whom there is to tell: closest first, by tag, by rule, but for the people of a firm."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.circle import circle, has_tag, is_of, met_under, rule_of
from rules.history import State
from rules.model import Direction, Person, Status
from tests.build import DANA, at, invitee, knowing, mail, meeting, placing, rule, showing, world

LEE, KIM = "lee@ito.example", "kim@gmail.com"
NOW = at("2026-03-10 12:00")
PEOPLE = {one: Person(one, (one,)) for one in (DANA, LEE, KIM, "never@x.example")}


def test_the_closest_come_first_by_days_of_contact_in_the_last_year_then_the_latest() -> None:
    meetings = [
        meeting("Coffee", "2026-03-03 16:00", DANA, uid="dana"),
        *(meeting("Tea", f"2024-01-0{day} 16:00", DANA, uid=f"old {day}") for day in range(1, 6)),
        meeting("Lunch", "2026-03-02 16:00", LEE, uid="lee"),
        meeting("To come", "2026-03-20 16:00", DANA, LEE, KIM, uid="next"),
    ]
    letters = (
        mail(LEE, "2025-12-01 09:00"),
        mail(LEE, "2025-12-01 10:00", Direction.OUT),
        mail(KIM, "2026-03-09 09:00"),
    )
    near = circle(world(meetings, mails=letters), PEOPLE, NOW)

    assert [(one.key, one.days, one.meetings) for one in near] == [(LEE, 2, 1), (KIM, 1, 0), (DANA, 1, 6)]
    assert near[2].last == at("2026-03-03 16:00")


def test_what_they_helped_with_is_what_was_marked_at_meetings_that_were_held() -> None:
    held = meeting("Coffee", "2026-03-03 16:00", DANA, description="#thanks: the book", uid="a")
    called_off = replace(
        meeting("Tea", "2026-03-05 16:00", DANA), description="#thanks: nothing", status=Status.CANCELLED
    )
    (one,) = circle(world([held, called_off]), {DANA: PEOPLE[DANA]}, NOW)
    assert one.helped == ("the book",)


def test_a_tag_is_found_in_any_case_and_so_is_a_rule() -> None:
    assert has_tag(Person("D", (DANA,), tags=("Search-2026",)), " search-2026")
    assert not has_tag(Person("D", (DANA,), tags=("search-2026-b",)), "search-2026")
    seen = world(rules=[rule(name="Soft")])
    assert rule_of(seen, "soft") is seen.rules[0]
    assert rule_of(seen, "sof") is None


def test_met_under_a_rule_are_those_whom_it_chose_at_meetings_that_were_held() -> None:
    coffee = rule(name="coffee", title=["coffee"])
    meetings = [
        meeting("Coffee", "2026-03-03 16:00", DANA, uid="dana"),
        meeting("Tea", "2026-03-03 16:00", LEE, uid="lee"),
        meeting("Coffee", "2026-03-04 16:00", KIM, uid="kim", description="#noshow"),
        meeting("Coffee", "2026-03-20 16:00", LEE, uid="to come"),
        replace(meeting("Coffee", "2026-03-05 16:00", uid="declined"), attendees=(invitee("eve@x.example"),),
                organiser=invitee("eve@x.example")),
    ]  # fmt: skip
    seen = world(meetings, [coffee])
    assert met_under(seen, coffee, NOW) == {DANA}


def test_met_under_it_are_those_whom_it_wrote_to_wherever_the_meeting_has_gone() -> None:
    coffee = rule(name="coffee", title=["coffee"])
    seen, (sent,) = placing(world([meeting(uid="dana")], [coffee]), "2026-03-03 19:00", State.SENT)
    assert met_under(showing(seen), coffee, NOW) == {DANA}
    assert met_under(showing(knowing(seen, replace(sent, state=State.VETOED, sent=None))), coffee, NOW) == frozenset()


@pytest.mark.parametrize(
    ("firm", "email", "organisation", "belongs"),
    [
        ("acme.example", "dana@acme.example", "", True),
        ("@ACME.example", "dana@acme.example", "", True),
        ("acme.example", "dana@mail.acme.example", "", True),
        ("acme.example", "dana@notacme.example", "", False),
        ("gmail.com", "kim@gmail.com", "", True),
        ("gmail", "kim@gmail.com", "", False),
        ("example", "dana@acme.example", "", False),
        ("Acme", "dana@home.example", "Acme Ltd.", True),
        ("acme ltd", "dana@home.example", "The ACME Ltd", True),
        ("Acme Ltd", "dana@home.example", "Acme", False),
        ("Acme", "dana@home.example", "Acmeville", False),
        ("Acme", "dana@acme.example", "", True),
        ("Big Corp", "dana@bigcorp.example", "", True),
        ("dana@acme.example", "dana@acme.example", "", False),
        ("", "dana@acme.example", "", False),
        ("...", "dana@acme.example", "", False),
    ],
)
def test_a_firm_is_a_domain_or_an_organisation(firm: str, email: str, organisation: str, belongs: bool) -> None:
    assert is_of(Person("Dana", ("d@other.test", email), organisation=organisation), firm) is belongs
