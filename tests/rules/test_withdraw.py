"""Untouched drafts that are no longer wanted are taken away, and made anew where they still are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rules.history import Record, State
from rules.model import Answer, Attendee, Direction, Meeting, Person, Status
from rules.plan import Plan, plan
from tests.build import (
    BELIEVED,
    DANA,
    at,
    invitee,
    knowing,
    mail,
    meeting,
    placing,
    rule,
    ruled,
    showing,
    world,
    wrote_to,
)

if TYPE_CHECKING:
    from rules.world import World

DUE = "2026-03-03 18:00"
LATER = "2026-03-03 19:00"
LEE = "lee@x.example"
GROUP: dict[str, Any] = {"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours", "to": "all"}
BRIEF: dict[str, Any] = {"id": "brief", "template": "brief", "before": "1 day"}


def talk(*people: str | Attendee, ends: str = "2026-03-03 16:00", **fields: Any) -> Meeting:
    return meeting("Talk", ends, *(people or (DANA, LEE)), uid="talk", **fields)


def lying(*steps: dict[str, Any], when: str = DUE, **fields: Any) -> tuple[World, tuple[Record, ...]]:
    return placing(world([talk()], [rule(*steps)], **fields), when)


def gone(planned: Plan) -> list[str]:
    return [one.why for one in planned.withdraw]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"status": Status.CANCELLED}, "the meeting no longer counts: it is cancelled"),
        ({"title": "Talk #nofollow"}, "the meeting no longer counts: it is marked #nofollow"),
        ({"title": "Talk #noshow"}, "the meeting is marked #noshow"),
        ({"end": at("2026-03-03 16:15")}, "the meeting was moved"),
    ],
)
def test_an_untouched_draft_goes_with_its_meeting(change: dict[str, Any], why: str) -> None:
    seen, made = lying()
    assert gone(plan(at(LATER), showing(seen, replace(talk(), **change)))) == [why, why]
    edited = knowing(seen, *(replace(one, state=State.EDITED) for one in made))
    assert gone(plan(at(LATER), showing(edited, replace(talk(), **change)))) == []


def test_a_draft_goes_when_i_decline_after_all() -> None:
    seen, _ = lying()
    mine = invitee("robin@example.org", Answer.DECLINED)
    assert (
        gone(plan(at(LATER), showing(seen, talk(DANA, LEE, mine))))
        == ["the meeting no longer counts: you declined it"] * 2
    )


def test_who_declines_later_loses_the_draft_and_the_others_keep_theirs() -> None:
    seen, _ = lying()
    planned = plan(at(LATER), showing(seen, talk(DANA, invitee(LEE, Answer.DECLINED))))
    assert ([one.record.addresses for one in planned.withdraw], planned.place) == ([(LEE,)], ())


def test_a_group_note_is_made_anew_without_the_one_who_dropped_out() -> None:
    seen, (made,) = lying(GROUP)
    planned = plan(at(LATER), showing(seen, talk(DANA, invitee(LEE, Answer.DECLINED))))
    assert len(planned.withdraw) == 1
    assert [(one.id, one.recipients[0].email, len(one.recipients)) for one in planned.place] == [(made.id, DANA, 1)]


def test_a_group_note_is_made_anew_without_the_one_whom_i_thanked() -> None:
    seen, _ = lying(GROUP)
    one = knowing(seen, mails=(mail(DANA, "2026-03-03 18:30", Direction.OUT, "Thanks"),))
    assert (gone(plan(at(LATER), one)), wrote_to(one, LATER)) == (["you wrote a thank-you of your own"], [LEE])
    both = knowing(one, mails=(mail(LEE, "2026-03-03 18:30", Direction.OUT, "Thanks"),))
    assert (gone(plan(at(LATER), both)), wrote_to(both, LATER)) == (["you wrote a thank-you of your own"], [])


def test_a_thank_you_of_my_own_takes_the_untouched_draft_away_and_another_mail_does_not() -> None:
    seen, _ = lying()
    for subject, count in (("Thank you", 1), ("The slides", 0)):
        wrote = knowing(seen, mails=(mail(DANA, "2026-03-03 18:30", Direction.OUT, subject),))
        assert len(gone(plan(at(LATER), wrote))) == count
        assert wrote_to(wrote, LATER) == []


def test_a_thank_you_stays_when_they_write() -> None:
    seen, _ = lying()
    assert gone(plan(at(LATER), knowing(seen, mails=(mail(DANA, "2026-03-03 18:30"),)))) == []


@pytest.mark.parametrize("step", [None, GROUP])
def test_who_wants_no_mail_any_more_loses_the_draft(step: dict[str, Any] | None) -> None:
    steps = () if step is None else (step,)
    seen, _ = lying(*steps)
    silent = world([talk()], [rule(*steps)], people=(Person("Lee", (LEE,), do_not_contact=True),))
    planned = plan(at(LATER), knowing(silent, *seen.history.records))
    assert gone(planned) == [f"{LEE} is marked do_not_contact"]
    assert [one.email for note in planned.place for one in note.recipients] == ([DANA] if step else [])


def test_a_withdrawn_note_comes_again_under_its_id_when_the_meeting_is_on_again() -> None:
    seen, made = lying()
    off = knowing(seen, *(replace(one, state=State.WITHDRAWN) for one in made))
    assert wrote_to(showing(off, talk(status=Status.CANCELLED)), LATER) == []
    planned = plan(at(LATER), showing(off, talk()))
    assert {one.id for one in planned.place} == {one.id for one in made}


def test_a_brief_goes_when_the_meeting_begins_and_is_made_anew_when_it_moves() -> None:
    seen, (made,) = lying(BRIEF, when="2026-03-02 15:00")
    assert gone(plan(at("2026-03-03 14:59"), seen)) == []
    assert gone(plan(at("2026-03-03 15:00"), seen)) == ["the meeting has begun"]
    planned = plan(at("2026-03-03 12:00"), showing(seen, talk(ends="2026-03-05 16:00")), at("2026-03-06 00:00"))
    assert gone(planned) == ["the meeting was moved"]
    assert [(one.id, one.due) for one in planned.follow_ups] == [(made.id, at("2026-03-04 15:00"))]


def test_a_brief_stays_when_somebody_declines_or_is_marked_do_not_contact() -> None:
    seen, _ = lying(BRIEF, when="2026-03-02 15:00")
    assert gone(plan(at("2026-03-02 16:00"), showing(seen, talk(DANA, invitee(LEE, Answer.DECLINED))))) == []


def test_what_is_planned_and_then_cancelled_is_told_once() -> None:
    seen = world([talk(status=Status.CANCELLED)], [rule()])
    told = plan(at("2026-03-03 10:00"), seen).cancelled
    assert [one.why for one in told] == ["the meeting was cancelled"] * 2
    _, made = lying()
    known = knowing(seen, *(replace(one, state=State.CANCELLED) for one in made))
    assert plan(at("2026-03-03 10:00"), known).cancelled == ()


def test_a_doubted_meeting_keeps_its_drafts() -> None:
    seen, _ = lying()
    doubted = replace(seen, history=replace(seen.history, doubted={"talk": BELIEVED}))
    assert gone(plan(at(LATER), doubted)) == []


def test_an_edit_of_the_rule_is_no_contact_and_leaves_the_draft_of_a_check_in() -> None:
    check_in = {"id": "check-in", "template": "check-in", "every": "6 weeks"}
    seen, _ = placing(world([talk(DANA)], [rule(check_in)]), "2026-04-14 17:00")
    slower = rule(check_in | {"every": "8 weeks"})
    for edited in (replace(seen, rules=(slower,)), ruled(seen, slower, since=at("2026-04-15 09:00"))):
        assert gone(plan(at("2026-04-15 10:00"), edited)) == []
    wrote = knowing(seen, mails=(mail(DANA, "2026-04-10 10:00"),))
    assert gone(plan(at("2026-04-15 10:00"), wrote)) == ["Dana wrote in the meantime"]
