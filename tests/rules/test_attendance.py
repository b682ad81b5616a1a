"""Which meetings count, and who was there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from rules.attendance import attend
from rules.model import Answer, Attendee, Kind, Meeting, Person, Status
from rules.people import Directory
from rules.plan import plan
from tests.build import DANA, ME, at, invitee, meeting, placing, rule, showing, world, wrote_to

if TYPE_CHECKING:
    from typing import Unpack

    from tests.fields import MeetingFields

DUE = "2026-03-03 18:00"
BOSS = invitee("boss@acme.example")
ROBIN = "robin@example.org"
OKAFOR = Person("Dana Okafor", (DANA, "dana@home.example"))


def people(of: Meeting, *known: Person) -> list[str]:
    return [person.email for person in attend(of, ME, Directory.of([known])).people]


def theirs(*guests: Attendee, **fields: Unpack[MeetingFields]) -> Meeting:
    """A meeting that somebody else organised."""
    return replace(meeting("Talk", "2026-03-03 16:00", *(guests or (BOSS,)), organiser=BOSS), **fields)


def own(title: str, **fields: Unpack[MeetingFields]) -> Meeting:
    """A meeting of my own without attendees."""
    return replace(replace(meeting(title), attendees=(), organiser=None), **fields)


@pytest.mark.parametrize("mine", [ROBIN, "robin@work.example", "robin+cal@example.org", "robin+a+b@work.example"])
def test_i_am_known_by_each_of_my_addresses_and_their_plus_tags(mine: str) -> None:
    assert people(theirs(BOSS, invitee(mine))) == [BOSS.email]
    assert wrote_to(world([theirs(BOSS, invitee(mine))], [rule()]), DUE) == [BOSS.email]
    assert people(meeting("X", "2026-03-03 16:00", DANA, organiser=invitee(mine))) == [DANA]


@pytest.mark.parametrize(
    ("answer", "counts"),
    [(Answer.ACCEPTED, True), (Answer.TENTATIVE, False), (Answer.NONE, False), (Answer.DECLINED, False)],
)
def test_somebody_elses_meeting_counts_only_when_i_accepted(answer: Answer, counts: bool) -> None:
    assert attend(theirs(BOSS, invitee(ROBIN, answer)), ME, Directory.of([])).counts is counts


def test_somebody_elses_meeting_without_me_does_not_count() -> None:
    assert wrote_to(world([theirs()], [rule()]), DUE) == []


def test_a_meeting_without_organiser_or_with_me_as_organiser_is_mine() -> None:
    for organiser in (None, invitee(ROBIN), invitee("robin@work.example", Answer.NONE)):
        assert wrote_to(world([meeting(organiser=organiser)], [rule(organiser="me")]), DUE) == [DANA]


def test_my_own_meeting_that_i_declined_does_not_count() -> None:
    assert (
        wrote_to(world([meeting("X", "2026-03-03 16:00", DANA, invitee(ROBIN, Answer.DECLINED))], [rule()]), DUE) == []
    )


def test_a_tentative_meeting_counts_where_i_accepted() -> None:
    tentative = theirs(BOSS, invitee(ROBIN), status=Status.TENTATIVE)
    assert wrote_to(world([tentative], [rule()]), DUE) == [BOSS.email]


def test_a_cancelled_meeting_does_not_count() -> None:
    assert wrote_to(world([meeting(status=Status.CANCELLED)], [rule()]), DUE) == []


def test_an_organiser_is_one_of_the_people_once() -> None:
    assert people(theirs(invitee(ROBIN))) == [BOSS.email]
    assert people(theirs(BOSS, invitee(ROBIN))) == [BOSS.email]
    assert people(theirs(invitee("boss+x@acme.example"), invitee(ROBIN))) == ["boss+x@acme.example"]


def test_an_organiser_who_declined_as_attendee_was_not_there() -> None:
    lee = invitee("lee@x.example")
    assert people(theirs(invitee(BOSS.email, Answer.DECLINED), lee, invitee(ROBIN))) == [lee.email]


@pytest.mark.parametrize("kind", [Kind.ROOM, Kind.RESOURCE, Kind.GROUP, Kind.NON_PARTICIPANT])
def test_rooms_resources_groups_and_non_participants_are_no_people(kind: Kind) -> None:
    other = invitee("thing@acme.example", kind=kind)
    seen = meeting("X", "2026-03-03 16:00", DANA, other)
    assert people(seen) == [DANA]
    assert wrote_to(world([seen], [rule(attendees={"at_most": 1})]), DUE) == [DANA]
    assert wrote_to(world([meeting("X", "2026-03-03 16:00", other)], [rule()]), DUE) == []


def test_those_who_declined_are_not_counted_and_those_who_have_not_answered_are() -> None:
    seen = meeting(
        "X", "2026-03-03 16:00", DANA, invitee("no@x.example", Answer.DECLINED), invitee("q@x.example", Answer.NONE)
    )
    assert people(seen) == [DANA, "q@x.example"]


def test_a_meeting_that_everybody_declined_does_not_count_even_when_its_title_names_somebody() -> None:
    seen = meeting("Coffee with Dana", "2026-03-03 16:00", invitee(DANA, Answer.DECLINED))
    assert people(seen, OKAFOR) == []


def test_one_person_invited_by_two_addresses_is_one_person() -> None:
    seen = meeting("X", "2026-03-03 16:00", "dana@home.example", DANA, "dana+x@acme.example")
    assert people(seen, OKAFOR) == ["dana@home.example"]
    assert wrote_to(world([seen], [rule(attendees={"at_most": 1})], people=(OKAFOR,)), DUE) == ["dana@home.example"]


def test_who_declined_by_one_address_and_accepted_by_another_was_there() -> None:
    seen = meeting("X", "2026-03-03 16:00", invitee(DANA, Answer.DECLINED), invitee("dana@home.example"))
    assert people(seen, OKAFOR) == [DANA]


def test_a_name_in_the_title_of_my_own_meeting_counts_as_attendee() -> None:
    for named in (
        own("Coffee with Dana"),
        own("Dana Okafor / Robin"),
        own("Lunch", description="ask dana@home.example"),
    ):
        assert wrote_to(world([named], [rule()], people=(OKAFOR,)), DUE) == [DANA]


def test_a_name_that_belongs_to_two_people_or_to_nobody_names_nobody() -> None:
    twins = (OKAFOR, Person("Dana Smith", ("dana@smith.example",)))
    assert people(own("Coffee with Dana"), *twins) == []
    assert people(own("Coffee with Dana Smith"), *twins) == ["dana@smith.example"]
    assert people(own("Coffee with Lee"), OKAFOR) == []


def test_a_title_names_nobody_where_people_are_invited_or_somebody_else_organised() -> None:
    assert people(meeting("Coffee with Dana", "2026-03-03 16:00", "lee@x.example"), OKAFOR) == ["lee@x.example"]
    assert people(own("Coffee with Dana", organiser=BOSS), OKAFOR) == [BOSS.email]


def test_a_room_alone_leaves_the_title_to_name_people() -> None:
    room = invitee("room@example.org", kind=Kind.ROOM)
    assert people(own("Coffee with Dana", attendees=(room, invitee(ROBIN))), OKAFOR) == [DANA]


@pytest.mark.parametrize("text", ["#nofollow", "Coffee #NoFollow, please", "(#nofollow)", "x\n#nofollow\ny"])
def test_nofollow_means_nothing_for_anyone(text: str) -> None:
    steps = ({"id": "a", "template": "a", "after": "1 hour"}, {"id": "b", "template": "b", "before": "1 day"})
    for marked in (meeting(text), meeting(description=text)):
        seen = world([marked], [rule(*steps)])
        assert plan(at("2026-03-02 00:00"), seen, at("2026-04-01 00:00")).follow_ups == ()


@pytest.mark.parametrize("text", ["#nofollowing", "#nofollow-up", "nofollow", "a#nofollow", "##nofollow", "#noshows"])
def test_marks_are_whole_words(text: str) -> None:
    assert wrote_to(world([meeting(description=text)], [rule()]), DUE) == [DANA]


def test_noshow_stops_what_comes_after_and_is_no_contact_but_leaves_the_brief() -> None:
    steps = ({"id": "thanks", "template": "a", "after": "1 hour"}, {"id": "brief", "template": "b", "before": "1 day"})
    marked = meeting(description="#noshow")
    shown = plan(at("2026-03-02 10:00"), world([marked], [rule(*steps)]), at("2026-05-30 00:00")).follow_ups
    assert [one.step for one in shown] == ["brief"]
    every = {"id": "c", "template": "c", "every": "6 weeks"}
    seen = world([meeting(ends="2026-02-03 16:00"), marked], [rule(every)])
    assert [one.due for one in plan(at("2026-03-17 16:00"), seen).place] == [at("2026-03-17 16:00")]


@pytest.mark.parametrize("mark", ["#nofollow", "#noshow"])
def test_a_mark_set_later_takes_the_untouched_draft_away(mark: str) -> None:
    then, _ = placing(world([meeting(uid="u")], [rule()]), DUE)
    (going,) = plan(at("2026-03-03 19:00"), showing(then, meeting(uid="u", description=mark))).withdraw
    assert mark in going.why


def test_the_note_comes_from_the_address_that_was_invited() -> None:
    for mine in ("robin@work.example", "robin+x@work.example"):
        (note,) = plan(at(DUE), world([theirs(BOSS, invitee(mine))], [rule()])).place
        assert note.sender == "robin@work.example"
    (note,) = plan(at(DUE), world([meeting(organiser=invitee("robin@work.example"))], [rule()])).place
    assert note.sender == "robin@work.example"
    (note,) = plan(at(DUE), world([meeting(organiser=None)], [rule()])).place
    assert note.sender == ROBIN


def test_an_address_that_is_none_is_nobody() -> None:
    assert people(meeting("X", "2026-03-03 16:00", DANA, invitee("invalid:nomail"), invitee(""))) == [DANA]
