"""Check-ins: counted from the last contact, in turn, and not for ever."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from rules.history import Record, State
from rules.language import Courtesy
from rules.model import Answer, Direction, Mail, MailKind, Person
from rules.plan import plan
from tests.build import (
    DANA,
    ahead,
    at,
    attendee,
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

if TYPE_CHECKING:
    from rules.world import World

CHECK_IN: dict[str, Any] = {"id": "check-in", "template": ["a", "b"], "every": "6 weeks", "at_most": 2}
FIRST = "2026-04-14 16:00"
"""Six weeks after the meeting of 3 March."""
OUT = Direction.OUT


def met(*steps: dict[str, Any], **fields: Any) -> World:
    """Dana was met on 3 March, under a rule with check-ins."""
    return world([meeting(uid="met")], [rule(*(steps or (CHECK_IN,)))], **fields)


def after_first(state: State, **fields: Any) -> tuple[World, Record]:
    """The first check-in was placed, and this became of it."""
    seen, (made,) = placing(met(), FIRST, state)
    made = replace(made, **fields)
    return knowing(seen, made), made


def next_of(seen: World, now: str, until: str = "2027-12-31 00:00") -> tuple[str, int, str] | None:
    """When the next check-in is due, its round and its template."""
    shown = plan(at(now), seen, at(until)).follow_ups
    return next(((f"{seen.almanac.local(o.due):%Y-%m-%d %H:%M}", o.round, o.template) for o in shown if o.round), None)


def test_a_first_check_in_is_due_so_long_after_the_meeting() -> None:
    assert wrote_to(met(), "2026-04-14 15:59") == []
    assert wrote_to(met(), FIRST) == [DANA]


def test_a_check_in_moves_into_its_window() -> None:
    seen = met(CHECK_IN | {"window": "tue-thu 09:00-11:00"})
    assert next_of(seen, "2026-03-04 00:00") == ("2026-04-15 09:00", 1, "a")


def test_every_mail_in_either_direction_counts_as_contact() -> None:
    for direction in Direction:
        seen = met(mails=(mail(DANA, "2026-03-20 10:00", direction),))
        assert next_of(seen, "2026-03-21 00:00") == ("2026-05-01 10:00", 1, "a")


@pytest.mark.parametrize("kind", [MailKind.AUTOMATIC, MailKind.BOUNCE, MailKind.LIST, MailKind.CALENDAR])
def test_what_no_person_wrote_is_no_contact(kind: MailKind) -> None:
    for direction in Direction:
        letter = mail(DANA, "2026-03-20 10:00", direction, kind=kind)
        assert wrote_to(met(mails=(letter,)), FIRST) == [DANA]


def test_a_forwarded_copy_and_a_mail_that_only_copies_them_are_no_contact() -> None:
    forwarded = mail(DANA, "2026-03-20 10:00", forwarded=True)
    copied = mail("lee@x.example", "2026-03-20 10:00", others=("lee@x.example", DANA))
    for letter in (forwarded, copied):
        assert wrote_to(met(mails=(letter,)), FIRST) == [DANA]


def test_another_meeting_with_them_is_contact_even_when_the_rule_leaves_it_out() -> None:
    series = meeting("Weekly", "2026-03-24 16:00", recurring=True)
    assert next_of(showing(met(), meeting(uid="met"), series), "2026-03-25 00:00") == ("2026-05-05 16:00", 1, "a")


def test_a_weekly_series_with_somebody_holds_check_ins_back_for_good() -> None:
    series = [
        meeting("Weekly", f"2026-{month:02}-{day:02} 16:00", recurring=True)
        for month in range(3, 9)
        for day in (3, 10, 17, 24)
    ]
    seen = world(series, [rule(CHECK_IN, recurring="any")])
    assert [due for _, due in ahead(seen, "2026-03-04 00:00", "2026-09-30 00:00")] == []
    assert wrote_to(seen, "2026-05-10 12:00") == []


@pytest.mark.parametrize(
    ("ends", "held"),
    [("2026-05-20 16:00", True), ("2026-05-26 17:00", True), ("2026-05-26 17:01", False), ("2026-04-14 16:30", True)],
)
def test_a_meeting_in_the_coming_every_holds_the_check_in_back(ends: str, held: bool) -> None:
    seen = showing(met(), meeting(uid="met"), meeting("Next", ends))
    assert (wrote_to(seen, FIRST) == []) is held


def test_a_coming_meeting_holds_nothing_back_when_it_is_cancelled_or_they_declined() -> None:
    declined = meeting("Next", "2026-05-01 16:00", attendee(DANA, answer=Answer.DECLINED), attendee("lee@x.example"))
    assert wrote_to(showing(met(), meeting(uid="met"), declined), FIRST) == [DANA]


def test_a_meeting_that_is_going_on_holds_the_check_in_back() -> None:
    seen = showing(met(), meeting(uid="met"), meeting("Now", "2026-04-14 17:00", DANA, minutes=120))
    assert wrote_to(seen, FIRST) == []


def test_a_round_of_mine_counts_and_the_chain_ends_after_the_last_until_they_write() -> None:
    seen, _ = after_first(State.SENT)
    assert next_of(seen, "2026-04-15 00:00") == ("2026-05-26 16:00", 2, "b")
    seen, _ = placing(seen, "2026-05-26 16:00", State.SENT)
    assert next_of(seen, "2026-05-27 00:00") is None
    answered = knowing(seen, mails=(mail(DANA, "2026-09-01 10:00"),))
    assert next_of(answered, "2026-09-02 00:00") == ("2026-10-13 10:00", 1, "a")


def test_an_answer_does_not_bring_the_same_words_again() -> None:
    seen, _ = after_first(State.ANSWERED)
    seen = knowing(seen, mails=(mail(DANA, "2026-04-20 10:00"),))
    assert next_of(seen, "2026-04-21 00:00") == ("2026-06-01 10:00", 1, "b")


def test_a_meeting_that_comes_opens_a_chain_that_had_ended() -> None:
    seen, _ = placing(after_first(State.SENT)[0], "2026-05-26 16:00", State.SENT)
    again = showing(seen, meeting(uid="met"), meeting("Again", "2026-11-03 16:00"))
    assert next_of(again, "2026-05-27 00:00") == ("2026-12-15 16:00", 1, "a")


def test_my_own_mail_moves_the_round_on_and_is_no_round() -> None:
    seen = met(mails=(mail(DANA, "2026-04-01 10:00", OUT), mail(DANA, "2026-04-02 10:00", OUT)))
    assert next_of(seen, "2026-04-14 17:00") == ("2026-05-14 10:00", 1, "a")


@pytest.mark.parametrize("state", [State.VETOED, State.SKIPPED])
def test_a_vetoed_or_skipped_round_counts_and_the_next_is_due_so_long_after(state: State) -> None:
    seen, _ = after_first(state, changed=at("2026-04-16 10:00"))
    assert next_of(seen, "2026-04-17 00:00") == ("2026-05-28 10:00", 2, "b")


def test_a_withdrawn_round_does_not_count_and_takes_no_turn() -> None:
    seen, _ = after_first(State.WITHDRAWN)
    seen = knowing(seen, mails=(mail(DANA, "2026-04-15 10:00"),))
    assert next_of(seen, "2026-04-16 00:00") == ("2026-05-27 10:00", 1, "a")


def test_an_expired_round_does_not_count_and_the_next_is_due_so_long_after_the_expiry() -> None:
    seen = met(CHECK_IN | {"expires": "3 days"})
    planned = plan(at("2026-04-20 00:00"), seen)
    assert (planned.place, [one.round for one in planned.expired]) == ((), [1])
    lapsed = replace(record(planned.expired[0], State.EXPIRED, placed="2026-04-20 00:00"), placed=None)
    seen = knowing(seen, lapsed)
    assert plan(at("2026-04-20 00:00"), seen).expired == ()
    # Expired on 17 April; the clock stays where it is on the wall.
    assert next_of(seen, "2026-04-20 00:00") == ("2026-05-29 16:00", 1, "a")


def test_rounds_that_were_slept_through_one_after_another_do_not_end_the_chain() -> None:
    seen = met(CHECK_IN | {"expires": "3 days"})
    lapsed = record(plan(at("2026-04-20 00:00"), seen).expired[0], State.EXPIRED, placed="2026-04-20 00:00")
    later = knowing(seen, replace(lapsed, placed=None))
    # The second would have been due on 29 May, and would have expired on 1 June.
    assert next_of(later, "2026-06-10 00:00") == ("2026-07-13 16:00", 1, "a")


def test_a_plan_goes_on_after_a_check_in_that_is_held_back_until_it_expires() -> None:
    both = meeting(uid="met", attendees=(attendee(DANA), attendee("lee@acme.example")))
    limited = Courtesy(per_organisation="1 per week")
    seen = world([both], [rule(CHECK_IN | {"expires": "3 days"})], courtesy=limited)
    shown = plan(at("2026-04-01 00:00"), seen, at("2026-06-02 00:00")).follow_ups
    told = [(one.recipients[0].email, f"{seen.almanac.local(one.due):%d %B}", one.is_stuck) for one in shown]
    # The second is held back until 21 April, and is not worth writing after the 17th.
    assert told[:3] == [(DANA, "14 April", False), ("lee@acme.example", "14 April", True), (DANA, "26 May", False)]
    assert told[3:] == [("lee@acme.example", "29 May", True)]


def test_a_plan_knows_that_a_note_of_another_rule_wakes_a_chain_that_rests() -> None:
    seen = world([meeting(uid="met")], [rule(CHECK_IN | {"every": "14 weeks"}, name="old"), rule(CHECK_IN, name="new")])
    since = {**seen.history.ages, "new": replace(seen.history.ages["new"], since=at("2026-06-01 00:00"))}
    seen = replace(seen, history=replace(seen.history, ages=since))
    shown = plan(at("2026-06-02 00:00"), seen, at("2026-08-01 00:00")).follow_ups
    told = [(one.rule, f"{seen.almanac.local(one.due):%d %B}") for one in shown]
    assert told == [("old", "09 June"), ("new", "21 July")]


def test_a_check_in_overdue_when_the_rule_is_new_waits_for_the_next_contact() -> None:
    new = ruled(met(), rule(CHECK_IN), since=at("2026-06-01 00:00"))
    assert next_of(new, "2026-06-01 00:00") is None
    wrote = knowing(new, mails=(mail(DANA, "2026-06-02 10:00"),))
    assert next_of(wrote, "2026-06-03 00:00") == ("2026-07-14 10:00", 1, "a")
    just = ruled(met(), rule(CHECK_IN), since=at(FIRST))
    assert wrote_to(just, FIRST) == [DANA]


def test_when_they_write_the_untouched_draft_goes_and_the_next_counts_from_their_mail() -> None:
    seen, _ = after_first(State.PLACED)
    planned = plan(
        at("2026-04-15 11:00"), knowing(seen, mails=(mail(DANA, "2026-04-15 10:00"),)), at("2026-06-30 00:00")
    )
    assert [going.why for going in planned.withdraw] == ["Dana wrote in the meantime"]
    assert [one.due for one in planned.follow_ups][:1] == [at("2026-05-27 10:00")]


def test_an_auto_reply_or_an_answer_to_an_edited_draft_takes_nothing_away() -> None:
    seen, _ = after_first(State.PLACED)
    automatic = mail(DANA, "2026-04-15 10:00", kind=MailKind.AUTOMATIC)
    assert plan(at("2026-04-15 11:00"), knowing(seen, mails=(automatic,))).withdraw == ()
    edited, _ = after_first(State.EDITED)
    planned = plan(at("2026-06-15 11:00"), knowing(edited, mails=(mail(DANA, "2026-04-15 10:00"),)))
    assert (planned.withdraw, planned.place) == ((), ())


def test_a_mail_of_theirs_that_was_seen_late_takes_the_untouched_draft_away() -> None:
    seen, _ = after_first(State.PLACED)
    assert plan(at(FIRST), knowing(seen, mails=(mail(DANA, "2026-04-10 10:00"),))).withdraw != ()


def test_another_window_for_the_step_takes_no_draft_away() -> None:
    seen, _ = after_first(State.PLACED)
    assert plan(at(FIRST), ruled(seen, rule(CHECK_IN | {"window": "fri 09:00-11:00"}))).withdraw == ()


def test_a_check_in_goes_when_the_meeting_turns_out_not_to_have_been() -> None:
    seen, _ = after_first(State.PLACED)
    marked = plan(at("2026-04-15 11:00"), showing(seen, meeting(uid="met", description="#noshow")))
    assert [going.why for going in marked.withdraw] == ["the meeting did not take place: it is marked #noshow"]
    assert len(plan(at("2026-04-15 11:00"), showing(seen)).withdraw) == 1


def test_two_rules_with_the_same_words_write_to_one_person_once() -> None:
    same = CHECK_IN | {"template": "a"}
    rules = [rule(same), rule(same, name="other")]
    for state in (State.PLACED, State.SENT, State.VETOED, State.EDITED):
        seen, made = placing(world([meeting()], rules), FIRST, state)
        assert [one.rule for one in made] == ["soft"]
        assert wrote_to(seen, "2026-04-24 16:00") == []


def test_a_round_that_time_has_ended_holds_back_no_words_of_another_rule() -> None:
    short = {"id": "short", "template": "a", "every": "1 week", "expires": "1 day"}
    long = {"id": "long", "template": "a", "every": "2 weeks"}
    seen = world([meeting()], [rule(short), rule(long, name="b")])
    planned = plan(at("2026-03-17 16:00"), seen)
    assert [one.step for one in planned.expired] == ["short"]
    assert [one.step for one in planned.place] == ["long"]


def test_a_person_with_several_addresses_has_one_chain() -> None:
    dana = Person("Dana Okafor", (DANA, "dana@home.example"))
    both = [meeting(uid="met"), meeting("Second", "2026-03-05 16:00", "dana@home.example")]
    letter = mail("dana@home.example", "2026-03-20 10:00")
    seen = world(both, [rule(CHECK_IN)], people=(dana,), mails=(letter,))
    assert ahead(seen, "2026-03-21 00:00", "2026-05-02 00:00") == [("check-in", "2026-05-01 10:00")]
    assert wrote_to(seen, "2026-05-01 10:00") == ["dana@home.example"]


@pytest.mark.parametrize("state", [State.PLACED, State.SENT, State.VETOED])
def test_an_address_changed_in_the_book_after_placing_brings_no_second_draft(state: State) -> None:
    seen, _ = placing(met(people=(Person("Dana", (DANA,)),)), FIRST, state)
    changed = met(people=(Person("Dana", ("dana@new.example", DANA)),))
    assert wrote_to(knowing(changed, *seen.history.records), "2026-04-20 16:00") == []


def test_a_snoozed_check_in_waits_and_moves_on_with_a_mail_of_mine() -> None:
    seen, _ = after_first(State.SNOOZED, snoozed_until=at("2026-04-20 09:00"))
    assert next_of(seen, "2026-04-15 00:00") == ("2026-04-20 09:00", 1, "a")
    wrote = knowing(seen, mails=(mail(DANA, "2026-04-18 10:00", OUT),))
    assert next_of(wrote, "2026-04-19 00:00") == ("2026-05-30 10:00", 1, "a")


def test_with_the_clock_set_back_no_further_round_is_drafted() -> None:
    for state in (State.SENT, State.ANSWERED, State.VETOED):
        seen, _ = after_first(state, changed=at("2026-04-15 09:00"), sent=at("2026-04-15 09:00"))
        for now in (FIRST, "2026-04-14 15:00", "2026-03-04 00:00"):
            assert wrote_to(seen, now) == []


def test_a_plan_shows_the_rounds_to_come_as_if_each_were_sent_when_due() -> None:
    seen = met(CHECK_IN | {"at_most": 3})
    rounds = [("check-in", due) for due in ("2026-04-14 16:00", "2026-05-26 16:00", "2026-07-07 16:00")]
    assert ahead(seen, "2026-03-04 00:00", "2026-12-31 00:00") == rounds
    shown = plan(at("2026-03-04 00:00"), seen, at("2026-12-31 00:00")).follow_ups
    assert [(one.round, one.template) for one in shown] == [(1, "a"), (2, "b"), (3, "a")]
    assert len({one.id for one in shown}) == 3


def test_a_plan_counts_a_check_in_from_the_thank_you_that_goes_before() -> None:
    thanks = {"id": "thanks", "template": "t", "after": "2 hours", "by": "24 hours"}
    seen = met(thanks, CHECK_IN | {"at_most": 1})
    shown = [("thanks", "2026-03-03 18:00"), ("check-in", "2026-04-14 18:00")]
    assert ahead(seen, "2026-03-01 00:00", "2026-12-31 00:00") == shown


def test_a_plan_counts_one_rules_check_in_from_that_of_another() -> None:
    slow = {"id": "slow", "template": "slow", "every": "8 weeks", "at_most": 1}
    seen = world([meeting()], [rule(CHECK_IN | {"at_most": 1}), rule(slow, name="b")])
    shown = [("check-in", "2026-04-14 16:00"), ("slow", "2026-06-09 16:00")]
    assert ahead(seen, "2026-03-04 00:00", "2026-12-31 00:00") == shown


def test_a_plan_takes_future_meetings_as_held() -> None:
    seen = showing(met(), meeting("Ahead", "2026-05-05 16:00"))
    assert next_of(seen, "2026-03-04 00:00") == ("2026-06-16 16:00", 1, "a")


def test_nothing_is_counted_from_a_meeting_that_is_doubted() -> None:
    doubted = met(doubted=frozenset({"met"}))
    assert (wrote_to(doubted, FIRST), next_of(doubted, FIRST)) == ([], None)


def mails_of(count: int) -> tuple[Mail, ...]:
    return tuple(mail(DANA, f"2026-03-{day + 4:02} 10:00") for day in range(count))


def test_the_latest_of_many_mails_counts() -> None:
    assert next_of(met(mails=mails_of(20)), "2026-03-25 00:00") == ("2026-05-04 10:00", 1, "a")


def test_a_check_in_that_was_put_off_comes_though_its_rule_is_edited_meanwhile() -> None:
    seen, (made,) = placing(met(), FIRST)
    until = at("2026-04-24 10:00")
    off = knowing(seen, replace(made, state=State.SNOOZED, due=until, snoozed_until=until))
    edited = ruled(off, rule(CHECK_IN | {"at_most": 9}), since=at("2026-04-20 10:00"))
    assert wrote_to(edited, "2026-04-24 09:59") == []
    assert wrote_to(edited, "2026-04-24 10:00") == [DANA]


def test_a_chain_that_rests_at_a_look_ahead_goes_on_with_the_next_meeting() -> None:
    """Overdue when the rule began, nobody is written to; after the next meeting they are."""
    checking = rule({"id": "check-in", "template": "check-in", "every": "4 weeks"})
    meetings = [meeting(ends="2025-11-03 16:00"), meeting(ends="2026-03-20 16:00")]
    seen = world(meetings, [checking], since=at("2026-03-01 00:00"))
    ahead_ = plan(at("2026-03-01 00:00"), seen, at("2026-05-01 00:00"))
    assert [one.due for one in ahead_.follow_ups] == [at("2026-04-17 16:00")]


def test_many_meetings_in_a_row_hold_a_check_in_back_as_one_after_the_other_does() -> None:
    checking = rule({"id": "check-in", "template": "check-in", "every": "4 weeks"})
    days = ("2026-03-03", "2026-03-20", "2026-04-10", "2026-04-11", "2026-06-20")
    seen = world([meeting(ends=f"{day} 16:00") for day in days], [checking])
    ahead_ = plan(at("2026-03-03 17:00"), seen, at("2026-08-01 00:00"))
    assert [one.due for one in ahead_.follow_ups] == [at("2026-05-09 16:00"), at("2026-07-18 16:00")]
