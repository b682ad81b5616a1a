"""The planner as a user would describe it."""

from __future__ import annotations

from rules.history import State
from rules.model import Answer, Attendee, Direction
from rules.plan import plan
from tests.build import DANA, at, mail, meeting, record, rule, world

CHECK_IN = {"id": "check-in", "template": ["a", "b"], "every": "6 weeks", "at_most": 2}


def test_a_thank_you_is_placed_once_the_meeting_has_ended_and_its_time_has_come() -> None:
    seen = world([meeting()], [rule()])
    assert plan(at("2026-03-03 17:59"), seen).place == ()
    (note,) = plan(at("2026-03-03 18:00"), seen).place
    assert note.recipients[0].email == DANA
    assert note.due == at("2026-03-03 18:00")
    assert note.by == at("2026-03-04 16:00")


def test_what_was_sent_is_never_drafted_again_even_when_the_meeting_moves() -> None:
    seen = world([meeting()], [rule()])
    (note,) = plan(at("2026-03-03 18:00"), seen).place
    sent = record(note, State.SENT, placed="2026-03-03 18:00")
    assert note.meeting is not None
    moved = meeting(ends="2026-03-03 18:30", uid=note.meeting.uid)
    assert plan(at("2026-03-04 18:00"), world([moved], [rule()], records=(sent,))).place == ()


def test_an_untouched_draft_of_a_moved_meeting_is_taken_away_and_made_anew() -> None:
    seen = world([meeting()], [rule()])
    (note,) = plan(at("2026-03-03 18:00"), seen).place
    lying = record(note, placed="2026-03-03 18:00")
    assert note.meeting is not None
    moved = meeting(ends="2026-03-10 16:00", uid=note.meeting.uid)
    later = world([moved], [rule()], records=(lying,))
    planned = plan(at("2026-03-04 18:00"), later)
    assert [going.why for going in planned.withdraw] == ["the meeting was moved"]
    assert planned.place == ()
    ahead = plan(at("2026-03-04 18:00"), later, at("2026-03-31 00:00"))
    assert [(one.id, one.due) for one in ahead.follow_ups] == [(note.id, at("2026-03-10 18:00"))]


def test_a_check_in_counts_from_the_last_contact_and_takes_the_templates_in_turn() -> None:
    seen = world([meeting()], [rule(CHECK_IN)])
    (first,) = plan(at("2026-04-14 16:00"), seen).place
    assert (first.round, first.template, first.due) == (1, "a", at("2026-04-14 16:00"))
    sent = record(first, State.SENT, placed="2026-04-14 16:00", sent=at("2026-04-15 09:00"))
    later = world([meeting()], [rule(CHECK_IN)], records=(sent,))
    assert plan(at("2026-05-27 08:59"), later).place == ()
    (second,) = plan(at("2026-05-27 09:00"), later).place
    assert (second.round, second.template) == (2, "b")
    again = record(second, State.SENT, placed="2026-05-27 09:00")
    assert plan(at("2026-12-01 09:00"), world([meeting()], [rule(CHECK_IN)], records=(sent, again))).place == ()


def test_a_mail_of_theirs_moves_the_check_in_on_and_takes_an_untouched_draft_away() -> None:
    seen = world([meeting()], [rule(CHECK_IN)])
    (first,) = plan(at("2026-04-14 16:00"), seen).place
    lying = record(first, placed="2026-04-14 16:00")
    wrote = mail(DANA, "2026-04-15 10:00")
    planned = plan(at("2026-04-15 11:00"), world([meeting()], [rule(CHECK_IN)], records=(lying,), mails=(wrote,)))
    assert [going.why for going in planned.withdraw] == ["Dana wrote in the meantime"]
    assert planned.place == ()


def test_a_vetoed_check_in_counts_and_the_next_is_due_from_the_veto() -> None:
    seen = world([meeting()], [rule(CHECK_IN)])
    (first,) = plan(at("2026-04-14 16:00"), seen).place
    vetoed = record(first, State.VETOED, placed="2026-04-14 16:00", changed=at("2026-04-16 10:00"))
    later = world([meeting()], [rule(CHECK_IN)], records=(vetoed,))
    assert plan(at("2026-05-28 09:59"), later).place == ()
    (second,) = plan(at("2026-05-28 10:00"), later).place
    assert second.round == 2


def test_a_new_rule_looks_back_two_days_and_no_further() -> None:
    meetings = [meeting("A", "2026-03-01 10:00", "a@x.example"), meeting("B", "2026-03-03 10:00", "b@y.example")]
    planned = plan(at("2026-03-04 09:00"), world(meetings, [rule()], since=None))
    assert [one.recipients[0].email for one in planned.place] == ["b@y.example"]


def test_an_overdue_check_in_of_a_new_rule_is_not_drafted() -> None:
    planned = plan(at("2026-06-01 09:00"), world([meeting()], [rule(CHECK_IN)], since=None))
    assert planned.place == ()


def test_a_declined_or_unanswered_or_foreign_meeting_does_not_count() -> None:
    boss = Attendee("boss@acme.example", "Boss", Answer.ACCEPTED)
    for answer in (Answer.DECLINED, Answer.NONE, Answer.TENTATIVE):
        mine = Attendee("robin@example.org", "Robin", answer)
        seen = world([meeting("X", "2026-03-03 16:00", boss, mine, organiser=boss)], [rule()])
        assert plan(at("2026-03-03 18:00"), seen).place == ()
    foreign = meeting("X", "2026-03-03 16:00", boss, organiser=boss)
    assert plan(at("2026-03-03 18:00"), world([foreign], [rule()])).place == ()
    accepted = Attendee("robin@example.org", "Robin", Answer.ACCEPTED)
    seen = world([meeting("X", "2026-03-03 16:00", boss, accepted, organiser=boss)], [rule()])
    assert [one.recipients[0].email for one in plan(at("2026-03-03 18:00"), seen).place] == ["boss@acme.example"]


def test_my_own_thank_you_cancels_the_step() -> None:
    own = mail(DANA, "2026-03-03 17:00", Direction.OUT, "Thanks for today")
    planned = plan(at("2026-03-03 18:00"), world([meeting()], [rule()], mails=(own,)))
    assert planned.place == ()
    assert [one.why for one in planned.cancelled] == ["you wrote a thank-you of your own"]


def test_two_steps_without_by_to_one_person_keep_five_days_apart() -> None:
    step = {"id": "news", "template": "news", "after": "1 day"}
    meetings = [meeting("A", "2026-03-02 10:00"), meeting("B", "2026-03-02 12:00")]
    seen = world(meetings, [rule(step)])
    planned = plan(at("2026-03-03 13:00"), seen)
    assert len(planned.place) == 1
    ahead = plan(at("2026-03-03 13:00"), seen, at("2026-03-20 00:00"))
    held = [one.hold for one in ahead.follow_ups if one.hold]
    assert [(hold.until, hold.why) for hold in held if hold] == [
        (at("2026-03-08 13:00"), "5 days between two drafts to Dana")
    ]


def test_my_own_thank_you_does_not_do_the_work_of_a_later_step() -> None:
    steps = (
        {"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours"},
        {"id": "where-things-stand", "template": "where-things-stand", "after": "7 days"},
    )
    own = mail(DANA, "2026-03-03 17:00", Direction.OUT, "Thanks for today")
    planned = plan(at("2026-03-10 16:00"), world([meeting()], [rule(*steps)], mails=(own,)))
    assert [one.step for one in planned.place] == ["where-things-stand"]


def test_a_brief_for_a_meeting_that_began_before_the_rule_did_is_missed_by_nobody() -> None:
    brief = rule({"id": "brief", "template": "brief", "before": "1 day"})
    seen = world([meeting()], [brief], since=at("2026-03-03 17:00"))
    assert plan(at("2026-03-03 17:30"), seen).expired == ()
    known = world([meeting()], [brief], since=at("2026-03-03 14:00"))
    assert [one.step for one in plan(at("2026-03-03 17:30"), known).expired] == ["brief"]
