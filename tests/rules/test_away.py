"""A check-in waits until the person is back, as their automatic answer says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rules.history import State
from rules.model import Direction, Mail, MailKind, Person
from rules.plan import plan
from tests.build import DANA, ahead, at, knowing, mail, meeting, placing, rule, world, wrote_to

if TYPE_CHECKING:
    from typing import Unpack

    from rules.world import World
    from tests.fields import MailFields

EVERY = {"id": "check-in", "template": "check-in", "every": "6 weeks", "window": "weekdays 09:00-18:00"}
DUE = "2026-04-14 16:00"
"""Six weeks after the meeting of 3 March, a Tuesday; inside the working hours."""
BACK = "2026-04-20 00:00"
"""A Monday."""


def away(until: str | None, when: str = "2026-04-01 10:00", who: str = DANA, **fields: Unpack[MailFields]) -> Mail:
    automatic = mail(who, when, kind=MailKind.AUTOMATIC, away_until=at(until) if until else None)
    return replace(automatic, **fields)


def checking_in(*mails: Mail, **step: object) -> World:
    return world([meeting()], [rule(EVERY | step)], mails=mails)


def test_a_check_in_waits_until_they_are_back_and_the_window_is_open() -> None:
    seen = checking_in(away(BACK))
    assert wrote_to(seen, DUE) == []
    assert wrote_to(seen, "2026-04-20 08:59") == []
    assert wrote_to(seen, "2026-04-20 09:00") == [DANA]


def test_a_return_on_a_weekend_waits_for_monday() -> None:
    seen = checking_in(away("2026-04-18 00:00"))
    assert wrote_to(seen, "2026-04-18 12:00") == []
    assert wrote_to(seen, "2026-04-20 09:00") == [DANA]


def test_without_a_window_it_comes_at_the_beginning_of_the_day() -> None:
    seen = checking_in(away(BACK), window="any")
    assert wrote_to(seen, "2026-04-19 23:59") == []
    assert wrote_to(seen, BACK) == [DANA]


def test_the_plan_says_that_they_are_away_and_until_when() -> None:
    seen = checking_in(away(BACK))
    (held,) = plan(at("2026-04-15 10:00"), seen, at("2026-04-17 10:00")).follow_ups
    assert held.hold is not None
    assert (held.hold.why, held.hold.until) == ("Dana is away", at("2026-04-20 09:00"))
    assert held.due == at("2026-04-20 09:00")


def test_a_check_in_that_is_not_due_yet_is_shown_when_it_will_be() -> None:
    seen = checking_in(away(BACK))
    assert ahead(seen, "2026-04-02 10:00", "2026-04-25 10:00") == [("check-in", "2026-04-20 09:00")]
    assert ahead(seen, "2026-04-02 10:00", "2026-04-10 10:00") == []


def test_the_cycle_wakes_at_the_return() -> None:
    coming = plan(at("2026-04-19 12:00"), checking_in(away(BACK)))
    assert coming.next_due == at("2026-04-20 09:00")
    assert coming.quiet_until == at("2026-04-20 09:00")
    assert [one.step for one in coming.next] == ["check-in"]


def test_the_wait_does_not_make_it_late_nor_use_up_the_time_in_which_it_is_worth_writing() -> None:
    seen = checking_in(away("2026-05-11 00:00"), expires="1 week")
    assert plan(at("2026-04-28 10:00"), seen).expired == ()
    (note,) = plan(at("2026-05-11 09:00"), seen).place
    assert (note.due, note.expires) == (at("2026-05-11 09:00"), at("2026-05-18 09:00"))
    assert plan(at("2026-05-11 09:00"), seen).expired == ()
    assert wrote_to(seen, "2026-05-17 12:00") == [DANA]
    assert [one.step for one in plan(at("2026-05-18 09:00"), seen).expired] == ["check-in"]


def test_what_they_write_after_it_takes_its_place() -> None:
    answer = mail(DANA, "2026-04-02 10:00")
    seen = checking_in(away("2026-06-30 00:00"), answer)
    assert wrote_to(seen, "2026-05-14 10:00") == [DANA]


def test_my_own_mail_does_not_bring_them_back() -> None:
    seen = checking_in(away("2026-06-30 00:00"), mail(DANA, "2026-04-02 10:00", Direction.OUT))
    assert wrote_to(seen, "2026-06-29 10:00") == []
    assert wrote_to(seen, "2026-06-30 10:00") == [DANA]


def test_the_latest_answer_with_a_date_counts() -> None:
    earlier = checking_in(away("2026-06-30 00:00"), away("2026-04-16 00:00", "2026-04-10 10:00"))
    assert wrote_to(earlier, "2026-04-16 09:00") == [DANA]
    later = checking_in(away("2026-04-16 00:00"), away(BACK, "2026-04-10 10:00"))
    assert wrote_to(later, "2026-04-16 09:00") == []
    undated = checking_in(away(BACK), away(None, "2026-04-10 10:00"))
    assert wrote_to(undated, "2026-04-16 09:00") == []


def test_a_return_before_the_check_in_is_due_changes_nothing() -> None:
    seen = checking_in(away("2026-04-10 00:00"))
    (note,) = plan(at(DUE), seen).place
    assert (note.due, note.hold) == (at(DUE), None)


def test_an_answer_that_comes_later_is_not_known_before() -> None:
    seen = checking_in(away(BACK, "2026-04-15 10:00"))
    assert wrote_to(seen, DUE) == [DANA]


def test_all_their_addresses_are_theirs_and_nobody_elses() -> None:
    dana = Person("Dana Okafor", (DANA, "dana@home.example"))
    held = world([meeting()], [rule(EVERY)], people=(dana,), mails=(away(BACK, who="dana@home.example"),))
    assert wrote_to(held, DUE) == []
    other = world([meeting()], [rule(EVERY)], mails=(away(BACK, who="lee@acme.example"),))
    assert wrote_to(other, DUE) == [DANA]


def test_somebody_in_copy_of_an_automatic_answer_is_not_away() -> None:
    copied = away(BACK, who="lee@acme.example", others=("lee@acme.example", DANA))
    assert wrote_to(checking_in(copied), DUE) == [DANA]


def test_only_automatic_answers_tell_of_an_absence() -> None:
    assert wrote_to(checking_in(away(BACK, kind=MailKind.BOUNCE)), DUE) == [DANA]


def test_thank_yous_and_other_steps_after_a_meeting_do_not_wait() -> None:
    thanks = {"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours"}
    note = {"id": "note", "template": "note", "after": "3 days"}
    seen = world([meeting()], [rule(thanks, note)], mails=(away(BACK, "2026-03-03 16:30"),))
    assert [one.step for one in plan(at("2026-03-03 18:00"), seen).place] == ["thank-you"]
    quiet = world([meeting()], [rule(note)], mails=(away(BACK, "2026-03-03 16:30"),))
    assert wrote_to(quiet, "2026-03-06 16:00") == [DANA]


def test_a_check_in_that_lies_in_drafts_already_stays() -> None:
    seen, (record,) = placing(checking_in(), DUE)
    seen = knowing(seen, record, mails=(away("2026-05-11 00:00", "2026-04-15 10:00"),))
    assert plan(at("2026-04-15 12:00"), seen).withdraw == ()


def test_the_next_round_is_counted_from_the_one_that_waited() -> None:
    seen, _ = placing(checking_in(away(BACK)), "2026-04-20 09:00", State.SENT)
    assert wrote_to(seen, "2026-06-01 08:59") == []
    (note,) = plan(at("2026-06-01 09:00"), seen).place
    assert note.round == 2


def test_a_check_in_that_was_overdue_when_its_rule_began_is_not_revived_by_an_absence() -> None:
    seen = world([meeting()], [rule(EVERY)], mails=(away("2026-05-11 00:00"),), since=at("2026-05-01 10:00"))
    assert wrote_to(seen, "2026-05-11 10:00") == []


def test_courtesy_speaks_after_the_return() -> None:
    """The limits are asked when the absence ends, and their hold is then the one that is told."""
    lee = "lee@acme.example"
    both = world([meeting("Coffee", "2026-03-03 16:00", DANA, lee)], [rule(EVERY)], mails=(away(BACK),))
    (to_lee,) = plan(at(DUE), both).place
    assert [one.email for one in to_lee.recipients] == [lee]


def test_a_snooze_beyond_the_return_is_the_users_word() -> None:
    before, records = placing(checking_in(), DUE, State.SNOOZED)
    put_off = replace(records[0], snoozed_until=at("2026-05-05 10:00"), placed=None, message_id="")
    seen = knowing(before, put_off, mails=(away(BACK),))
    (shown,) = plan(at("2026-04-15 12:00"), seen, at("2026-05-10 10:00")).follow_ups
    assert (shown.due, shown.hold) == (at("2026-05-05 10:00"), None)


def test_a_meeting_with_them_soon_after_the_return_holds_the_check_in_back() -> None:
    soon = meeting("Coffee again", "2026-05-20 16:00")
    seen = world([meeting(), soon], [rule(EVERY)], mails=(away("2026-04-27 00:00"),))
    assert ahead(seen, "2026-04-15 10:00", "2026-05-15 10:00") == []
