"""Steps that hang on a meeting: drafted once, for each or for all, in time or belated."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.history import RuleAge, State
from rules.language import mark_of
from rules.model import Answer, Direction, MailKind, Meeting
from rules.plan import plan
from tests.build import (
    DANA,
    ahead,
    at,
    invitee,
    knowing,
    mail,
    meeting,
    placing,
    record,
    rule,
    ruled,
    showing,
    world,
    wrote_to,
)

DUE = "2026-03-03 18:00"
LEE = "lee@x.example"
THANKS: dict[str, Any] = {"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours"}
GROUP = THANKS | {"to": "all"}
BRIEF: dict[str, Any] = {"id": "brief", "template": "brief", "before": "1 day"}
OUT = Direction.OUT
DONE = [State.PLACED, State.SENT, State.EDITED, State.VETOED, State.ANSWERED, State.SKIPPED]


def pair(**fields: Any) -> Meeting:
    return meeting("Talk", "2026-03-03 16:00", DANA, LEE, uid="talk", **fields)


def test_each_gets_a_note_and_a_group_gets_one() -> None:
    assert wrote_to(world([pair()], [rule(THANKS)]), DUE) == [DANA, LEE]
    assert wrote_to(world([pair()], [rule(GROUP)]), DUE) == [f"{DANA}, {LEE}"]


@pytest.mark.parametrize("state", DONE)
@pytest.mark.parametrize(("before", "after"), [(THANKS, GROUP), (GROUP, THANKS)])
def test_a_step_edited_from_each_to_all_or_back_drafts_nothing_again(state: State, before: Any, after: Any) -> None:
    seen, _ = placing(world([pair()], [rule(before)]), DUE, state)
    assert wrote_to(ruled(seen, rule(after)), "2026-03-03 20:00") == []


@pytest.mark.parametrize("state", DONE)
def test_what_was_drafted_once_survives_every_edit_of_rule_and_meeting(state: State) -> None:
    seen, _ = placing(world([pair()], [rule(THANKS)]), DUE, state)
    for step in (
        THANKS | {"after": "1 day"},
        THANKS | {"template": "other"},
        THANKS | {"by": "3 days", "window": "any"},
    ):
        assert wrote_to(ruled(seen, rule(step, title="talk")), "2026-03-04 17:00") == []
    renamed = showing(seen, replace(pair(), title="Talk, renamed", location="elsewhere"))
    assert wrote_to(renamed, "2026-03-03 20:00") == []


def test_a_meeting_that_moves_keeps_what_became_of_its_notes() -> None:
    for state in DONE[1:]:
        seen, _ = placing(world([pair()], [rule(THANKS)]), DUE, state)
        moved = replace(pair(), start=at("2026-03-05 15:00"), end=at("2026-03-05 16:00"))
        assert wrote_to(showing(seen, moved), "2026-03-05 18:00") == []


def test_the_same_template_of_two_rules_is_drafted_once_by_the_earliest_due_then_the_first_file() -> None:
    late, early = rule(THANKS | {"after": "3 hours"}, name="late"), rule(THANKS, name="early")
    assert [one.rule for one in plan(at("2026-03-03 19:00"), world([meeting()], [late, early])).place] == ["early"]
    tie = [rule(THANKS, name="one"), rule(THANKS, name="two")]
    for rules in (tie, tie[::-1]):
        assert [one.rule for one in plan(at(DUE), world([meeting()], rules)).place] == [rules[0].id]


@pytest.mark.parametrize("state", DONE)
def test_what_became_of_a_template_binds_all_rules(state: State) -> None:
    rules = [rule(THANKS), rule(THANKS | {"after": "3 hours"}, name="b"), rule(GROUP, name="c")]
    seen, made = placing(world([pair()], rules), DUE, state)
    assert len(made) == 2
    assert wrote_to(seen, "2026-03-03 19:00") == []


def test_a_snoozed_note_is_not_written_by_another_rule_meanwhile() -> None:
    rules = [rule(THANKS), rule(THANKS, name="b")]
    seen, (made,) = placing(world([meeting()], rules), DUE)
    asleep = knowing(seen, replace(made, state=State.SNOOZED, snoozed_until=at("2026-03-05 09:00")))
    assert wrote_to(asleep, "2026-03-04 09:00") == []
    assert [one.rule for one in plan(at("2026-03-05 09:00"), asleep).place] == [made.rule]


def test_a_rule_whose_note_has_expired_leaves_the_template_to_the_next() -> None:
    short, long = rule(THANKS | {"expires": "1 day"}), rule(THANKS | {"after": "1 day"}, name="b")
    planned = plan(at("2026-03-05 18:00"), world([meeting()], [short, long]))
    assert [one.rule for one in planned.place] == ["b"]


def test_a_group_leaves_out_those_who_have_the_same_words_from_another_rule() -> None:
    rules = [rule(THANKS, person={"email": DANA}), rule(GROUP, name="b")]
    assert wrote_to(world([pair()], rules), DUE) == [DANA, LEE]


def test_my_own_thank_you_cancels_but_another_mail_does_not() -> None:
    for subject, left in (("Thanks!", []), ("Re: Danke dir", []), ("Thanksgiving", [DANA]), ("The slides", [DANA])):
        seen = world([meeting()], [rule(THANKS)], mails=(mail(DANA, "2026-03-03 17:00", OUT, subject),))
        assert wrote_to(seen, DUE) == left
    for letter in (
        mail(DANA, "2026-03-03 15:30", OUT, "Thanks"),
        mail(DANA, "2026-03-03 17:00", subject="Thanks"),
        mail(LEE, "2026-03-03 17:00", OUT, "Thanks"),
    ):
        assert wrote_to(world([meeting()], [rule(THANKS)], mails=(letter,)), DUE) == [DANA]


def test_why_tells_of_another_mail_of_mine() -> None:
    (note,) = plan(
        at(DUE), world([meeting()], [rule(THANKS)], mails=(mail(DANA, "2026-03-03 17:00", OUT, "Slides"),))
    ).place
    assert "you wrote to Dana on 3 March ('Slides')" in note.why


def test_the_words_of_a_thank_you_are_those_of_the_step() -> None:
    seen = world(
        [meeting()], [rule(THANKS | {"own": ["cheers"]})], mails=(mail(DANA, "2026-03-03 17:00", OUT, "Thanks"),)
    )
    assert wrote_to(seen, DUE) == [DANA]
    assert wrote_to(knowing(seen, mails=(mail(DANA, "2026-03-03 17:30", OUT, "Cheers"),)), DUE) == []


def test_a_group_leaves_out_whom_i_thanked() -> None:
    seen = world([pair()], [rule(GROUP)], mails=(mail(DANA, "2026-03-03 17:00", OUT, "Thanks"),))
    assert wrote_to(seen, DUE) == [LEE]


def test_a_note_slept_through_is_belated_within_its_expiry_and_then_expired() -> None:
    seen = world([meeting()], [rule(THANKS)])
    assert wrote_to(seen, "2026-03-10 17:59") == [DANA]
    planned = plan(at("2026-03-10 18:00"), seen)
    assert (planned.place, [one.step for one in planned.expired]) == ((), ["thank-you"])


def test_after_three_weeks_of_sleep_the_fresh_are_drafted_and_the_old_told_as_expired() -> None:
    days = [meeting(f"Day {day}", f"2026-03-{day:02} 12:00", f"p{day}@d{day}.example") for day in range(1, 22)]
    step = {"id": "n", "template": "n", "after": "1 hour"}
    planned = plan(at("2026-03-21 20:00"), world(days, [rule(step)], last_cycle=at("2026-02-28 12:00")))
    assert len(planned.expired) == 14
    assert len(planned.place) == 7
    pressed = plan(
        at("2026-03-21 20:00"),
        world(
            [
                *days,
                *(replace(d, uid=f"{d.uid}2", attendees=(invitee(f"q{n}@e{n}.example"),)) for n, d in enumerate(days)),
            ],
            [rule(step | {"by": "1 day"})],
        ),
    )
    assert len(pressed.place) == 14


def test_backfill_reaches_two_days_back_to_the_minute() -> None:
    new = world([meeting()], [rule(THANKS)], since=None)
    assert wrote_to(new, "2026-03-05 18:00") == [DANA]
    assert wrote_to(new, "2026-03-05 18:01") == []


def test_an_edited_rule_is_new_and_a_rule_that_slept_is_not() -> None:
    seen = world([meeting()], [rule(THANKS)])
    assert wrote_to(seen, "2026-03-08 18:00") == [DANA]
    edited = replace(seen, rules=(rule(THANKS, title="coffee"),))
    assert wrote_to(edited, "2026-03-08 18:00") == []
    told = replace(seen, rules=(rule(THANKS).model_copy(update={"about": "other words"}),))
    assert wrote_to(told, "2026-03-08 18:00") == [DANA]
    ages = plan(at("2026-03-08 18:00"), edited).ages
    assert ages["soft"] == RuleAge(mark_of(edited.rules[0]), at("2026-03-08 18:00"))


def test_a_snooze_moves_due_and_ends_by_but_never_before_the_meeting_has_ended() -> None:
    (note,) = plan(at(DUE), world([meeting(uid="u")], [rule(THANKS)])).place
    asleep = record(note, State.SNOOZED, placed=DUE, snoozed_until=at("2026-03-05 09:00"))
    seen = world([meeting(uid="u")], [rule(THANKS)], records=(asleep,))
    assert wrote_to(seen, "2026-03-05 08:59") == []
    (late,) = plan(at("2026-03-05 09:00"), seen).place
    assert (late.id, late.due, late.by, late.expires) == (note.id, at("2026-03-05 09:00"), None, note.expires)
    moved = showing(seen, meeting("Coffee with Dana", "2026-03-09 16:00", uid="u"))
    assert wrote_to(moved, "2026-03-09 17:59") == []
    assert wrote_to(moved, "2026-03-09 18:00") == [DANA]


def test_a_skipped_note_is_not_drafted_and_its_draft_goes() -> None:
    seen, (made,) = placing(world([meeting()], [rule(THANKS)]), DUE)
    planned = plan(at("2026-03-03 19:00"), knowing(seen, replace(made, state=State.SKIPPED, draft_tag="x")))
    assert ([one.outcome for one in planned.withdraw], planned.place) == ([State.SKIPPED], ())


def test_a_brief_is_for_me_alone_before_the_meeting_and_dies_at_its_start() -> None:
    seen = world([pair()], [rule(BRIEF)])
    assert wrote_to(seen, "2026-03-02 14:59") == []
    assert wrote_to(seen, "2026-03-02 15:00") == ["robin@example.org"]
    assert wrote_to(seen, "2026-03-03 14:59") == ["robin@example.org"]
    planned = plan(at("2026-03-03 15:00"), seen)
    assert (planned.place, [one.step for one in planned.expired]) == ((), ["brief"])


def test_a_meeting_booked_after_its_brief_was_due_is_briefed_at_once() -> None:
    assert wrote_to(world([pair()], [rule(BRIEF)], last_cycle=at("2026-03-03 11:55")), "2026-03-03 12:00") == [
        "robin@example.org"
    ]


def test_a_reply_goes_to_the_latest_personal_mail_with_exactly_this_person() -> None:
    both = mail(DANA, "2026-03-02 12:00", others=(DANA, LEE))
    last = mail(DANA, "2026-03-01 10:00", subject="Plans", references=("<root>",))
    mails = (mail(DANA, "2026-02-20 10:00"), last, both, mail(DANA, "2026-03-03 17:00"))
    reply = rule(THANKS | {"thread": "reply"})
    (note,) = plan(at(DUE), world([meeting()], [reply], mails=mails)).place
    assert note.reply is not None
    assert (note.reply.message_id, note.reply.references) == (last.message_id, ("<root>", last.message_id))
    old = (mail(DANA, "2026-02-17 14:59"), mail(DANA, "2026-03-02 10:00", kind=MailKind.LIST))
    assert plan(at(DUE), world([meeting()], [reply], mails=old)).place[0].reply is None
    assert plan(at(DUE), world([meeting()], [rule(THANKS)], mails=mails)).place[0].reply is None


def test_a_doubted_meeting_is_held_and_says_so_in_a_cycle_and_in_a_plan() -> None:
    seen = world([meeting(uid="u")], [rule(THANKS)], doubted=frozenset({"u"}))
    for planned in (plan(at(DUE), seen), plan(at(DUE), seen, at("2026-03-20 00:00"))):
        assert planned.place == ()
        assert [one.hold.why[:20] for one in planned.follow_ups if one.hold] == ["feed suddenly lacks "]
        assert [one.hold.ends for one in planned.follow_ups if one.hold] == ["Wed 4 March 10:00"]


def test_a_plan_takes_future_meetings_as_held() -> None:
    assert ahead(world([meeting()], [rule(THANKS)]), "2026-02-20 00:00", "2026-03-31 00:00") == [("thank-you", DUE)]
    assert ahead(world([meeting()], [rule(THANKS)]), "2026-02-20 00:00", "2026-03-01 00:00") == []


def test_an_earlier_time_never_drafts_anything_twice() -> None:
    seen, _ = placing(world([meeting()], [rule(THANKS), rule(BRIEF, name="b")]), DUE, State.SENT)
    seen = replace(seen, history=replace(seen.history, last_cycle=at(DUE)))
    assert wrote_to(seen, "2026-03-03 17:00") == []


def test_somebody_who_declined_gets_no_note() -> None:
    both = meeting("Talk", "2026-03-03 16:00", DANA, invitee(LEE, Answer.DECLINED))
    for step in (THANKS, GROUP):
        assert wrote_to(world([both], [rule(step)]), DUE) == [DANA]


def test_a_meeting_added_late_is_thanked_for_at_once() -> None:
    assert wrote_to(world([meeting()], [rule(THANKS)], last_cycle=at("2026-03-05 09:00")), "2026-03-05 09:05") == [DANA]


def test_a_mail_without_a_message_id_is_no_thread_to_reply_in() -> None:
    nameless = mail(DANA, "2026-03-02 10:00", message_id="inbox:17.x")
    (note,) = plan(at(DUE), world([meeting()], [rule(THANKS | {"thread": "reply"})], mails=(nameless,))).place
    assert note.reply is None


def test_a_meeting_that_another_calendar_shows_under_its_own_uid_is_not_doubted() -> None:
    copies = [meeting(uid="a"), meeting(uid="b", calendars=("work",))]
    for doubted, written in (({"a"}, [DANA]), ({"b"}, [DANA]), ({"a", "b"}, [])):
        assert wrote_to(world(copies, [rule()], doubted=frozenset(doubted)), DUE) == written
