"""What is owed: to whom, since when, until it is ticked off, wherever its meeting has gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.compose import compose
from rules.model import Person, Status
from rules.plan import plan
from rules.promises import open_to, still_owed, together
from rules.templates import parse
from tests.build import DANA, ME, at, invitee, meeting, rule, showing, world

if TYPE_CHECKING:
    from rules.world import World

LEE = "lee@other.example"
HELD = at("2026-03-03 16:00")
OWING = meeting(description="#owe: send the paper\n#owe: ask Lee", uid="m")


def owed(seen: World, email: str = DANA, when: str = "2026-03-03 16:00") -> list[str]:
    return [one.text for one in open_to(seen, seen.directory.key(email), at(when))]


def learnt(seen: World, kept: tuple[str, ...] = ()) -> World:
    """The world once a cycle has written down what is promised, and the user has ticked some of it off."""
    ticked = (replace(one, kept=HELD) if one.text in kept else one for one in seen.promises)
    return replace(seen, history=replace(seen.history, promises=tuple(ticked)))


def test_a_promise_is_owed_to_everybody_who_was_there_from_the_end_of_the_meeting_on() -> None:
    seen = world([replace(OWING, attendees=(invitee(DANA), invitee(LEE)))], [rule()])

    assert owed(seen) == owed(seen, LEE) == ["send the paper", "ask Lee"]
    assert owed(seen, when="2026-03-03 15:59") == []
    assert owed(seen, "nobody@other.example") == []


def test_it_is_owed_to_the_person_whichever_address_they_were_invited_by() -> None:
    dana = Person("Dana Okafor", ("dana@home.example", DANA), do_not_contact=True)
    seen = world([OWING], [rule()], people=(dana,))

    assert owed(seen, "dana@home.example") == ["send the paper", "ask Lee"]


def test_what_is_ticked_off_is_owed_no_more_and_leaves_the_note() -> None:
    seen = learnt(world([OWING], [rule()]), kept=("ask Lee",))

    assert owed(seen) == ["send the paper"]
    assert still_owed(seen, seen.merged[0]) == ("send the paper",)
    assert [one.owed for one in plan(at("2026-03-03 19:00"), seen).place] == [("send the paper",)]


def test_it_stays_ticked_off_when_the_meeting_moves_is_renamed_or_has_another_copy() -> None:
    seen = learnt(world([OWING], [rule()]), kept=("send the paper",))
    moved = replace(OWING, title="Tea", start=OWING.start + timedelta(hours=1), end=OWING.end + timedelta(hours=1))
    copy = replace(OWING, uid="a-copy", calendars=("work",))

    for copies in ((moved,), (copy, OWING), (replace(OWING, description="#owe:  Send the  PAPER\n#owe: ask Lee"),)):
        assert owed(showing(seen, *copies), when="2026-03-03 18:00") == ["ask Lee"]
    both = learnt(showing(seen, copy, OWING))  # and the first copy goes
    assert owed(learnt(showing(both, copy))) == ["ask Lee"]


def test_it_is_remembered_when_the_calendar_no_longer_shows_the_meeting() -> None:
    seen = learnt(world([OWING], [rule()]))
    later = replace(showing(seen), start=at("2026-06-01 00:00"))

    assert owed(later) == ["send the paper", "ask Lee"]
    assert owed(replace(later, start=seen.start, calendars=frozenset())) == ["send the paper", "ask Lee"]


def test_it_is_gone_with_its_line_and_with_its_meeting() -> None:
    seen = learnt(world([OWING], [rule()]))
    for copies in (
        (replace(OWING, description="#owe: ask Lee"),),
        (replace(OWING, description="#owe: send the book\n#owe: ask Lee"),),
        (replace(OWING, status=Status.CANCELLED),),
        (replace(OWING, description=OWING.description + "\n#noshow"),),
        (),
    ):
        assert "send the paper" not in owed(showing(seen, *copies))
    gone = learnt(showing(seen))
    assert owed(replace(gone, start=at("2026-06-01 00:00"))) == []
    assert owed(showing(gone, OWING)) == ["send the paper", "ask Lee"]


def test_what_a_series_says_each_time_is_owed_once_until_the_next_time() -> None:
    week = timedelta(days=7)
    series = tuple(
        replace(OWING, original=OWING.start + week * n, start=OWING.start + week * n, end=OWING.end + week * n)
        for n in range(4)
    )
    seen = world(series, [rule()])
    (first, _) = open_to(seen, DANA, at("2026-03-17 20:00"))
    assert first.meeting.end == OWING.end
    several = together(seen, first, at("2026-03-17 20:00"))
    assert [one.meeting.end for one in several] == [OWING.end + week * n for n in range(3)]

    ticked = tuple(replace(one, kept=HELD) if one in several else one for one in seen.promises)
    after = replace(seen, history=replace(seen.history, promises=ticked))
    assert owed(after, when="2026-03-17 20:00") == ["ask Lee"]
    assert owed(after, when="2026-03-24 20:00") == ["ask Lee", "send the paper"]


def test_every_note_can_say_what_is_owed_to_each_of_its_people_and_since_when() -> None:
    earlier = replace(OWING, attendees=(invitee(DANA), invitee(LEE)))
    own = meeting("Tea with Lee", "2026-03-05 10:00", LEE, description="#owe: a book")
    coming = meeting("Lunch", "2026-03-10 13:00", DANA, LEE, uid="next", description="#owe: not yet")
    brief = {"id": "brief", "template": "brief", "before": "1 day"}
    seen = world([earlier, own, coming], [rule(brief, title=["lunch"])])
    (follow_up,) = plan(at("2026-03-09 14:00"), seen).place
    line = "{{ one.first_name }}: {{ one.owed }}; {% for it in one.owed %}{{ it.since.date }} {% endfor %}"
    template = parse("brief", f"---\nsubject: x\n---\n{{% for one in people %}}\n{line}\n{{% endfor %}}")
    text = compose(follow_up, template, ME, seen.almanac, at("2026-03-09 14:00")).text

    assert text.splitlines() == [
        "Dana: send the paper and ask Lee; 3 March 2026 3 March 2026",
        "Lee: send the paper, ask Lee and a book; 3 March 2026 3 March 2026 5 March 2026",
    ]


def test_the_id_of_a_promise_is_the_same_in_every_plan() -> None:
    ids = [one.id for one in world([OWING], [rule()]).promises]

    assert ids == [one.id for one in learnt(world([OWING])).promises]
    assert len(set(ids)) == 2
