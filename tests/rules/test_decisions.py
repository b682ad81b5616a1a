"""A decision: one closing note for each who is to be told, beside all limits; and what check-ins do meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from rules.compose import compose
from rules.decisions import decision_id, merged
from rules.history import Addressee, CheckIns, State
from rules.language import Courtesy
from rules.model import Direction, Person
from rules.plan import Plan, plan
from rules.replay import as_new
from rules.templates import parse
from tests.build import (
    DANA,
    ME,
    ahead,
    at,
    attendee,
    decision,
    knowing,
    mail,
    meeting,
    placing,
    record,
    rule,
    showing,
    world,
    wrote_to,
)

if TYPE_CHECKING:
    from rules.history import Decision
    from rules.model import FollowUp
    from rules.world import World

LEE = "lee@ito.example"
SAID, NEXT = "2026-03-10 12:00", "2026-03-10 12:05"
CHECK_IN: dict[str, Any] = {"id": "check-in", "template": "check-in", "every": "6 weeks", "at_most": 4}
SILENT = Courtesy.model_validate({"min_gap": "30 days", "per_day": 1, "per_organisation": "1 per month"})


def met(*decisions: Decision, step: dict[str, Any] = CHECK_IN, **fields: Any) -> World:
    """Dana was met on 3 March under a rule, and Lee on the day before."""
    meetings = [meeting(uid="dana"), meeting("Coffee with Lee", "2026-03-02 16:00", LEE, uid="lee")]
    return world(meetings, [rule(step)], decisions=decisions, **fields)


def deciding(seen: World, *decisions: Decision) -> World:
    return replace(seen, history=replace(seen.history, decisions=decisions))


def planned(seen: World, when: str = NEXT) -> Plan:
    return plan(at(when), seen)


def closing(seen: World, when: str = NEXT) -> list[FollowUp]:
    """The closing notes that a cycle lays down then."""
    return [one for one in planned(seen, when).place if one.step == "decision"]


def taken_away(seen: World, when: str = NEXT) -> list[str]:
    return [one.why for one in planned(seen, when).withdraw]


def test_each_is_written_to_once_from_the_moment_on_in_which_it_was_said() -> None:
    seen = met(decision(SAID, LEE, DANA))

    assert wrote_to(seen, "2026-03-10 11:59") == []
    (first, second) = planned(seen, SAID).place
    assert [one.recipients[0].email for one in (first, second)] == [LEE, DANA]  # closest first: as it was said
    assert (first.rule, first.step, first.template, first.meeting, first.by) == (
        None,
        "decision",
        "decision",
        None,
        None,
    )
    assert (first.decision, first.why) == ("taking the offer", "you decided: taking the offer")
    assert first.id != second.id
    after, _ = placing(seen, NEXT)
    assert wrote_to(after, "2026-03-12 12:00") == []


def test_it_is_late_rather_than_lost() -> None:
    (one,) = closing(met(decision(SAID)), "2026-06-01 12:00")
    assert one.expires is None


@pytest.mark.parametrize("state", [State.SENT, State.ANSWERED, State.EDITED, State.VETOED, State.SKIPPED, State.PLACED])
def test_whoever_is_told_edited_deleted_or_left_out_gets_no_second_note(state: State) -> None:
    seen, _ = placing(met(decision(SAID)), NEXT, state)
    assert wrote_to(seen, "2026-03-20 12:00") == []


def test_the_person_is_told_once_by_whichever_address_and_however_the_words_are_spelt() -> None:
    dana = Person("Dana Okafor", ("dana@home.example", DANA))
    both = decision(SAID, "dana@home.example", DANA)
    seen, (made,) = placing(met(both, people=(dana,)), NEXT, State.SENT)

    assert decision_id("Taking  the OFFER") == both.id
    assert (
        wrote_to(deciding(seen, decision("2026-03-12 12:00", DANA, text="Taking the Offer")), "2026-03-12 13:00") == []
    )
    later = met(decision("2026-05-05 12:00", "dana+tag@home.example"))
    assert [one.id for one in closing(later, "2026-05-05 13:00")] == [made.id]


def test_two_decisions_are_two_notes() -> None:
    seen = met(decision(SAID), decision(SAID, text="moving to Porto"))
    assert wrote_to(seen, NEXT) == [DANA, DANA]


def test_it_is_exempt_from_every_limit_and_counts_in_them() -> None:
    thanks = {"id": "thank-you", "template": "thank-you", "after": "2 hours"}
    late = meeting("Coffee again", "2026-03-10 11:00", DANA, uid="late")
    seen, _ = placing(world([meeting(uid="dana")], [rule(thanks)], courtesy=SILENT), "2026-03-03 19:00")
    seen = showing(deciding(seen, decision(SAID, DANA, LEE)), *seen.scene.copies, late)

    assert wrote_to(seen, NEXT) == [DANA, LEE]  # a draft to Dana lies there, the day is full, the month of Acme too
    after, _ = placing(seen, NEXT)
    held = next(one for one in planned(after, "2026-03-10 13:00").follow_ups if one.step == "thank-you")
    assert held.hold is not None
    assert held.hold.until is not None
    assert held.hold.until >= at("2026-04-09 12:05")


def test_whoever_does_not_want_to_be_contacted_is_not_and_a_draft_goes() -> None:
    sam = Person("Sam Silent", (DANA,), do_not_contact=True)
    assert wrote_to(met(decision(SAID), people=(sam,)), NEXT) == []
    seen, _ = placing(met(decision(SAID)), NEXT)
    quiet = replace(seen, scene=met(people=(sam,)).scene)
    assert taken_away(quiet) == [f"{DANA} is marked do_not_contact"]


def test_the_same_world_in_another_order_gives_the_same_plan() -> None:
    several = (decision(SAID, LEE, DANA), decision(SAID, text="moving"), decision("2026-03-09 12:00", text="resting"))
    plans = {tuple(sorted(one.id for one in planned(deciding(met(), *order)).place)) for order in permutations(several)}
    assert len(plans) == 1


# --- taking it back ----------------------------------------------------------------------------------------


def test_what_is_taken_back_takes_untouched_drafts_with_it_and_comes_again_with_the_same_words() -> None:
    said = decision(SAID)
    back = replace(said, undone=at("2026-03-10 13:00"))
    seen, (made,) = placing(met(said), NEXT)

    assert wrote_to(met(back), NEXT) == []
    assert taken_away(deciding(seen, back), "2026-03-10 13:05") == ["you took the decision back"]
    withdrawn = knowing(seen, replace(made, state=State.WITHDRAWN))
    assert planned(deciding(withdrawn, back)).cancelled == ()
    assert [one.id for one in planned(deciding(withdrawn, said)).place] == [made.id]
    assert taken_away(deciding(knowing(seen, replace(made, state=State.EDITED)), back)) == []


def test_a_note_that_was_put_off_is_cancelled_with_its_decision() -> None:
    said = decision(SAID)
    seen, (made,) = placing(met(said), NEXT)
    asleep = knowing(seen, replace(made, state=State.SNOOZED, snoozed_until=at("2026-03-20 12:00")))

    assert wrote_to(asleep, "2026-03-19 12:00") == []
    assert wrote_to(asleep, "2026-03-20 12:00") == [DANA]
    back = deciding(asleep, replace(said, undone=at("2026-03-11 12:00")))
    assert [one.why for one in planned(back, "2026-03-11 12:05").cancelled] == ["you took the decision back"]


def test_somebody_who_is_left_out_later_is_not_told() -> None:
    said = decision(SAID, DANA, LEE)
    seen, _ = placing(met(said), NEXT)
    without = merged(said, replace(said, people=(Addressee("Dana", DANA, at("2026-03-11 12:00"), left_out=True),)))

    assert taken_away(deciding(seen, without)) == ["you left them out of the decision"]
    assert wrote_to(met(without), NEXT) == [LEE]


def test_said_again_it_keeps_who_was_told_first_and_adds_the_others() -> None:
    first, later = decision(SAID, DANA), decision("2026-03-12 12:00", DANA, LEE, text="Taking the offer.")
    both = merged(first, replace(later, id=first.id, check_ins=CheckIns.STOP))

    assert [(one.email, one.at) for one in both.people] == [(DANA, at(SAID)), (LEE, at("2026-03-12 12:00"))]
    assert (both.text, both.at, both.check_ins) == ("Taking the offer.", at(SAID), CheckIns.STOP)
    again = merged(replace(both, undone=at("2026-03-13 12:00")), decision("2026-03-14 12:00", LEE))
    assert [(one.email, one.left_out) for one in again.people] == [(DANA, True), (LEE, False)]
    assert again.undone is None


def test_a_closing_note_whose_decision_the_ledger_has_lost_stays_where_it_lies() -> None:
    seen, _ = placing(met(decision(SAID)), NEXT)
    assert taken_away(deciding(seen)) == []


# --- check-ins ---------------------------------------------------------------------------------------------


def test_a_check_in_waits_for_the_closing_note_and_is_counted_from_it() -> None:
    said = decision("2026-04-13 15:00")
    seen, (made,) = placing(met(said), "2026-04-13 15:30")

    assert wrote_to(met(), "2026-04-14 16:00") == [DANA, LEE]
    assert wrote_to(seen, "2026-05-30 16:00") == [LEE]
    assert ahead(seen, "2026-04-14 16:00", "2026-06-01 00:00") == [
        ("check-in", "2026-04-13 16:00"),
        ("check-in", "2026-05-26 16:00"),
        ("check-in", "2026-05-26 16:00"),
    ]
    told = knowing(seen, replace(made, state=State.SENT, sent=at("2026-04-15 09:00")))
    assert wrote_to(told, "2026-05-27 08:59") == [LEE]
    assert wrote_to(told, "2026-05-27 09:00") == [DANA, LEE]


def test_a_plan_supposes_the_closing_note_to_be_sent_when_it_is_due() -> None:
    seen = met(decision(SAID))
    assert ahead(seen, SAID, "2026-05-01 00:00") == [
        ("decision", SAID),
        ("check-in", "2026-04-13 16:00"),
        ("check-in", "2026-04-21 12:00"),
    ]


def test_a_check_in_that_lies_there_untouched_makes_room_for_it() -> None:
    seen, _ = placing(met(), "2026-04-14 16:00")
    said = deciding(seen, decision("2026-04-14 17:00"))

    assert taken_away(said, "2026-04-14 17:05") == ["the closing note comes first: 'taking the offer'"]
    assert wrote_to(said, "2026-04-14 17:05") == [DANA]


@pytest.mark.parametrize("state", [State.VETOED, State.SKIPPED])
def test_where_the_user_left_somebody_out_check_ins_go_on_as_ever(state: State) -> None:
    seen, _ = placing(met(decision(SAID)), NEXT, state)
    assert wrote_to(seen, "2026-04-14 16:00") == [DANA, LEE]


def test_check_ins_stop_where_that_was_asked_until_the_next_meeting() -> None:
    stop = decision(SAID, stop=True)
    seen, _ = placing(met(stop), NEXT, State.SENT)
    answer = knowing(seen, mails=(mail(DANA, "2026-03-11 09:00"),))
    again = meeting("Coffee again", "2026-05-05 16:00", DANA, uid="again")

    assert wrote_to(answer, "2026-09-01 16:00") == [LEE]
    assert wrote_to(showing(answer, *seen.scene.copies, again), "2026-06-16 16:00") == [DANA, LEE]
    assert wrote_to(deciding(answer, replace(stop, undone=at("2026-03-12 12:00"))), "2026-04-22 09:00") == [DANA, LEE]


def test_a_check_in_that_lies_there_goes_where_they_are_to_stop() -> None:
    seen, several = placing(met(), "2026-04-14 16:00")
    (made,) = (one for one in several if one.addresses == (DANA,))
    stop = decision("2026-04-14 17:00", stop=True)
    assert taken_away(deciding(seen, stop), "2026-04-14 17:05") == [
        "you decided 'taking the offer', and want no more check-ins"
    ]
    edited = knowing(seen, replace(made, state=State.EDITED))
    assert taken_away(deciding(edited, stop), "2026-04-14 17:05") == []


# --- its words ---------------------------------------------------------------------------------------------


def test_it_says_what_they_helped_with_and_comes_from_the_address_that_was_invited() -> None:
    thanks = "#thanks: the introduction to Lee\n#thanks: the book"
    first = meeting("Tea", "2026-02-03 16:00", DANA, uid="a", description=thanks)
    second = meeting("Lunch", "2026-03-03 16:00", DANA, uid="b", description="#thanks: the book\n#thanks: the advice")
    invited = replace(second, organiser=None, attendees=(attendee(DANA), attendee(ME.emails[1])))
    seen = world([first, invited], [rule()], decisions=(decision(SAID),))
    (one,) = closing(seen)

    assert one.helped == ("the introduction to Lee", "the book", "the advice")
    assert one.sender == ME.emails[1]
    assert (one.meetings_so_far, one.last_contact) == (2, at("2026-03-03 16:00"))
    body = "{{ decision }}: thank you for {{ helped }}{% if meeting %}, {{ meeting.when }}{% endif %}."
    source = f"---\nsubject: News\n---\n{body}"
    text = compose(one, parse("decision", source), ME, seen.almanac, at(NEXT)).text
    assert text.splitlines()[0] == "taking the offer: thank you for the introduction to Lee, the book and the advice."


def test_a_mail_that_they_or_i_wrote_since_takes_nothing_back() -> None:
    letters = (mail(DANA, "2026-03-10 12:01"), mail(DANA, "2026-03-10 12:02", Direction.OUT, "Hello"))
    seen, (made,) = placing(met(decision(SAID)), NEXT)
    later = knowing(seen, made, mails=letters)
    assert taken_away(later, "2026-03-11 12:00") == []
    assert wrote_to(met(decision(SAID), mails=letters), NEXT) == [DANA]


def test_played_again_from_a_moment_of_the_past_only_what_was_decided_since_counts() -> None:
    seen = met(decision(SAID), decision("2026-02-01 12:00", text="earlier"))
    new = as_new(seen, at("2026-03-01 00:00"))
    shown = plan(at("2026-03-01 00:00"), new, at("2026-03-20 00:00")).follow_ups
    assert [(one.step, one.due) for one in shown] == [("decision", at(SAID))]


def test_a_record_that_is_no_closing_note_is_none_for_having_no_rule() -> None:
    (one,) = planned(met(decision(SAID))).place
    other = record(replace(one, step="ask", id="other"), placed=NEXT)
    assert wrote_to(knowing(met(decision(SAID)), other), "2026-03-10 12:30") == [DANA]


def test_time_alone_changes_nothing_once_they_are_drafted() -> None:
    seen, _ = placing(met(decision(SAID)), NEXT)
    assert planned(seen, "2026-03-10 13:00").quiet_until == at("2026-03-10 13:00") + timedelta(days=1)
