"""Deadlines are brought to mind when they are near and when they are missed: kindly, and not too often."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.almanac import Almanac
from rules.history import Record, State, Told
from rules.model import Direction, Person, Recipient
from rules.nudge import Nudges, near, nudges
from rules.reminder import Kind
from rules.windows import Window
from tests.build import DANA, ZONE, at, knowing, mail, meeting, placing, rule, world
from tests.thorough import examples

if TYPE_CHECKING:
    from typing import Unpack

    from rules.world import World
    from tests.fields import AnyRecord

LEE = "lee@beta.example"
ALMANAC = Almanac(ZONE, "PT")
PLACED = "2026-03-03 18:00"
NEAR = "2026-03-04 12:00"
BY = "2026-03-04 16:00"


def after_coffee(**changes: Unpack[AnyRecord]) -> tuple[World, Record]:
    """Coffee with Dana ended on Tuesday at 16:00; the thank-you was placed at 18:00, and is due by Wednesday 16:00."""
    seen, (record,) = placing(world([meeting()], [rule()]), PLACED)
    changed = replace(record, **changes)
    return knowing(seen, changed), changed


def told_of(record: Record, kind: Kind, when: str) -> Told:
    return Told(record.id, kind.value, record.addresses, at(when))


def lines(found: Nudges) -> list[str]:
    return [nudge.line for nudge in found.now]


def kinds(found: Nudges) -> list[Kind]:
    return [deadline.kind for nudge in found.now for deadline in nudge.deadlines]


# --- when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "when"),
    [
        ("2026-03-04 16:00", "2026-03-04 12:00"),  # a working hour
        ("2026-03-04 13:00", "2026-03-04 09:00"),  # the first of the day
        ("2026-03-04 12:59", "2026-03-03 17:00"),  # a minute before it: yesterday's last
        ("2026-03-04 22:00", "2026-03-04 17:00"),  # 18:00 is outside: the end of a window is
        ("2026-03-04 23:30", "2026-03-04 17:00"),
        ("2026-03-07 16:00", "2026-03-06 17:00"),  # Saturday: Friday's last hour
        ("2026-03-09 09:30", "2026-03-06 17:00"),  # Monday morning
        ("2026-12-25 14:00", "2026-12-24 17:00"),  # Christmas
        ("2026-04-05 16:00", "2026-04-02 17:00"),  # Good Friday and the weekend
        ("2026-03-30 12:00", "2026-03-27 17:00"),  # the clocks go forward on Sunday
    ],
)
def test_a_deadline_is_near_four_hours_before_or_in_the_last_working_hour_before_that(by: str, when: str) -> None:
    assert near(at(by), ALMANAC) == at(when)


def test_four_hours_are_four_hours_on_the_night_that_the_clocks_change() -> None:
    nights = Almanac(ZONE, None, Window.parse("every day 00:00-24:00"))
    assert near(at("2026-03-29 03:30"), nights) == at("2026-03-28 23:30") - timedelta(hours=1)


def test_an_opening_of_less_than_an_hour_is_used_from_its_beginning() -> None:
    short = Almanac(ZONE, None, Window.parse("weekdays 12:00-12:30"))
    assert near(at("2026-03-04 20:00"), short) == at("2026-03-04 12:00")


def test_whoever_works_at_any_time_is_told_four_hours_before() -> None:
    assert near(at("2026-03-08 05:00"), Almanac(ZONE, None, Window.any())) == at("2026-03-08 01:00")


def test_it_is_told_when_near_and_then_when_missed_and_the_next_moment_is_known() -> None:
    seen, record = after_coffee()
    early = nudges(at("2026-03-04 11:59"), seen, ())
    assert (early.now, early.next) == ((), at(NEAR))
    assert kinds(nudges(at(NEAR), seen, ())) == [Kind.NEAR]
    assert kinds(nudges(at("2026-03-04 15:59"), seen, ())) == [Kind.NEAR]
    assert kinds(nudges(at(BY), seen, ())) == [Kind.MISSED]
    told = [told_of(record, Kind.NEAR, "2026-03-03 19:00")]
    waiting = nudges(at(NEAR), seen, told)
    assert (waiting.now, waiting.next) == ((), at(BY))
    assert kinds(nudges(at(BY), seen, told)) == [Kind.MISSED]
    told.append(told_of(record, Kind.MISSED, BY))
    done = nudges(at("2026-03-05 16:00"), seen, told)
    assert (done.now, done.next) == ((), None)


def test_a_machine_that_slept_over_both_tells_only_of_the_one_that_was_missed() -> None:
    seen, _ = after_coffee()
    assert kinds(nudges(at("2026-03-06 10:00"), seen, ())) == [Kind.MISSED]


@pytest.mark.parametrize(
    ("placed", "told"),
    [
        ("2026-03-04 14:00", "2026-03-04 15:00"),  # an hour later,
        ("2026-03-04 15:30", "2026-03-04 15:45"),  # or when half of what is left until 16:00 is over
        ("2026-03-04 11:30", "2026-03-04 12:30"),
        ("2026-03-04 10:59", NEAR),
    ],
)
def test_a_draft_that_was_only_just_laid_is_told_of_when_it_has_lain_there_for_a_while(placed: str, told: str) -> None:
    seen, record = after_coffee(placed=at(placed))
    assert record.by == at(BY)
    early = nudges(at(placed), seen, ())
    assert (early.now, early.next) == ((), at(told))
    assert kinds(nudges(at(told), seen, ())) == [Kind.NEAR]


def test_a_belated_draft_is_told_of_once_as_missed_an_hour_after_it_was_laid() -> None:
    seen, record = after_coffee(placed=at("2026-03-06 10:00"))
    early = nudges(at("2026-03-06 10:00"), seen, ())
    assert (early.now, early.next) == ((), at("2026-03-06 11:00"))
    assert kinds(nudges(at("2026-03-06 11:00"), seen, ())) == [Kind.MISSED]
    assert nudges(at("2026-03-06 11:05"), seen, [told_of(record, Kind.MISSED, "2026-03-06 11:00")]).now == ()


def test_a_belated_draft_is_said_to_lie_there_now_and_from_the_next_day_on_still() -> None:
    seen, _ = after_coffee(placed=at("2026-03-06 10:00"))
    (today,), (later,) = (lines(nudges(at(f"2026-03-{day} 11:00"), seen, ())) for day in ("06", "07"))
    assert "it now lies in Drafts" in today
    assert "it still lies in Drafts" in later


def test_a_draft_made_anew_has_a_deadline_of_its_own() -> None:
    seen, record = after_coffee()
    told = [told_of(record, Kind.NEAR, NEAR), told_of(record, Kind.MISSED, BY)]
    moved = replace(record, placed=at("2026-03-09 18:00"), by=at("2026-03-10 16:00"), revision=1, expires=None)
    assert kinds(nudges(at("2026-03-10 12:00"), knowing(seen, moved), told)) == [Kind.NEAR]


# --- what is not told --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"by": None},
        {"state": State.SENT, "sent": at("2026-03-04 10:00")},
        {"state": State.VETOED},
        {"state": State.WITHDRAWN},
        {"state": State.SNOOZED},
        {"state": State.SKIPPED},
        {"absent_since": at("2026-03-04 11:55")},
        {"to_me": True},
        {"expires": at("2026-03-04 12:00")},
    ],
    ids=lambda changes: ", ".join(f"{key} {value}" for key, value in changes.items()),
)
def test_what_is_no_draft_with_a_deadline_in_drafts_is_not_told_of(changes: AnyRecord) -> None:
    seen, _ = after_coffee(**changes)
    found = nudges(at(NEAR), seen, ())
    assert (found.now, found.next) == ((), None)


def test_an_edited_draft_waits_as_well() -> None:
    seen, _ = after_coffee(state=State.EDITED)
    assert kinds(nudges(at(NEAR), seen, ())) == [Kind.NEAR]


def test_a_note_whose_time_is_over_is_not_told_of() -> None:
    seen, record = after_coffee()
    assert record.expires is not None
    assert nudges(record.expires, seen, ()) == Nudges((), None)


def test_another_mail_of_mine_takes_the_press_off() -> None:
    seen, _ = after_coffee()
    before = knowing(seen, mails=(mail(DANA, "2026-03-03 15:30", Direction.OUT, "On my way"),))
    assert kinds(nudges(at(NEAR), before, ())) == [Kind.NEAR]
    after = knowing(seen, mails=(mail(DANA, "2026-03-03 17:00", Direction.OUT, "That address"),))
    assert nudges(at(NEAR), after, ()) == Nudges((), None)


def test_a_mail_of_theirs_does_not() -> None:
    seen, _ = after_coffee()
    wrote = knowing(seen, mails=(mail(DANA, "2026-03-03 17:00", Direction.IN, "Lovely to see you"),))
    assert kinds(nudges(at(NEAR), wrote, ())) == [Kind.NEAR]


def test_a_group_note_waits_until_all_of_them_were_written_to() -> None:
    group = rule({"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours", "to": "all"})
    seen, _ = placing(world([meeting("Lunch", "2026-03-03 16:00", DANA, LEE)], [group]), PLACED)
    one = knowing(seen, mails=(mail(DANA, "2026-03-03 17:00", Direction.OUT),))
    assert kinds(nudges(at(NEAR), one, ())) == [Kind.NEAR]
    both = knowing(one, mails=(mail(LEE, "2026-03-03 17:00", Direction.OUT),))
    assert nudges(at(NEAR), both, ()).now == ()


def test_nobody_is_urged_to_write_after_a_meeting_that_did_not_take_place_or_to_somebody_left_alone() -> None:
    seen, record = after_coffee(state=State.EDITED)
    gone = replace(seen, scene=replace(seen.scene, copies=(meeting(description="#noshow"),)))
    assert nudges(at(NEAR), gone, ()).now == ()
    alone = world([meeting()], [rule()], people=(Person("Dana", (DANA,), do_not_contact=True),), records=(record,))
    assert nudges(at(NEAR), alone, ()).now == ()


# --- not too often -----------------------------------------------------------------------------------------


def test_a_person_is_spoken_of_once_a_day_and_what_is_held_back_comes_the_next_morning() -> None:
    seen, record = after_coffee()
    told = [told_of(record, Kind.NEAR, NEAR)]
    held = nudges(at("2026-03-04 16:30"), seen, told)
    assert (held.now, held.next) == ((), at("2026-03-05 09:00"))
    assert kinds(nudges(at("2026-03-05 09:00"), seen, told)) == [Kind.MISSED]


def test_what_a_day_holds_back_does_not_come_with_the_first_cycle_after_midnight() -> None:
    seen, record = after_coffee()
    said = [told_of(record, Kind.NEAR, NEAR)]
    for hour in ("00:01", "05:30", "08:59"):
        found = nudges(at(f"2026-03-05 {hour}"), seen, said)
        assert (found.now, found.next) == ((), at("2026-03-05 09:00"))
    assert kinds(nudges(at("2026-03-05 09:00"), seen, said)) == [Kind.MISSED]
    assert kinds(nudges(at("2026-03-06 00:01"), seen, said)) == [Kind.MISSED]  # it slept all the day


def test_it_is_the_person_that_counts_and_not_the_address() -> None:
    home = "dana@home.example"
    seen, record = after_coffee()
    known = world([meeting()], [rule()], people=(Person("Dana", (DANA, home)),), records=(record,))
    told = [Told("another", "near", (home,), at("2026-03-04 09:00"))]
    assert nudges(at(NEAR), known, told).now == ()
    assert kinds(nudges(at(NEAR), seen, told)) == [Kind.NEAR]


def test_the_day_is_that_of_the_user() -> None:
    seen, record = after_coffee(by=at("2026-07-02 00:30"), placed=at("2026-07-01 10:00"), expires=None)
    told = [told_of(record, Kind.NEAR, "2026-07-01 17:00")]
    assert kinds(nudges(at("2026-07-02 00:30"), seen, told)) == [Kind.MISSED]  # 23:30 in UTC, on the day before


def test_two_drafts_to_one_person_are_one_line() -> None:
    meetings = [meeting(), meeting("Chat about maps", "2026-03-03 17:00")]
    seen, records = placing(world(meetings, [rule()]), "2026-03-03 19:00")
    assert len(records) == 2
    found = nudges(at(NEAR), seen, ())
    assert lines(found) == [
        (
            "Your thank-yous to Dana wait in Drafts: send them by 16:00 today (Coffee with Dana, yesterday) and "
            "17:00 today (Chat about maps, yesterday)."
        )
    ]
    assert nudges(at("2026-03-04 13:00"), seen, [told_of(one, Kind.NEAR, NEAR) for one in records]).now == ()


def test_two_people_are_two_lines() -> None:
    seen, _ = placing(world([meeting("Lunch", "2026-03-03 16:00", DANA, LEE)], [rule()]), PLACED)
    assert [line.partition(" waits")[0] for line in lines(nudges(at(NEAR), seen, ()))] in (
        ["Your thank-you to Dana", "Your thank-you to Lee"],
        ["Your thank-you to Lee", "Your thank-you to Dana"],
    )


def test_a_group_note_concerns_all_of_its_people() -> None:
    group = rule({"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours", "to": "all"})
    seen, _ = placing(world([meeting("Lunch", "2026-03-03 16:00", DANA, LEE)], [group]), PLACED)
    told = [Told("another", "missed", (LEE,), at("2026-03-04 08:00"))]
    assert nudges(at(NEAR), seen, told).now == ()
    assert lines(nudges(at(NEAR), seen, ()))[0].startswith("Your thank-you to Dana and Lee waits in Drafts")


def test_a_clock_that_is_set_back_tells_nothing_twice() -> None:
    seen, record = after_coffee()
    told = [told_of(record, Kind.NEAR, NEAR), told_of(record, Kind.MISSED, BY)]
    for when in ("2026-03-04 12:00", "2026-03-04 15:00", "2026-03-04 16:00"):
        assert nudges(at(when), seen, told).now == ()


def test_the_order_of_the_records_makes_no_difference() -> None:
    meetings = [meeting(), meeting("Lunch", "2026-03-03 15:00", DANA, LEE), meeting("Chat", "2026-03-03 14:00", LEE)]
    seen, _ = placing(world(meetings, [rule()]), PLACED)
    turned = replace(seen, history=replace(seen.history, records=seen.history.records[::-1]))
    assert nudges(at(NEAR), turned, ()) == nudges(at(NEAR), seen, ())


# --- the words ---------------------------------------------------------------------------------------------


def test_the_line_is_kind_and_exact() -> None:
    seen, record = after_coffee(to=(Recipient("Dana Okafor", DANA),))
    assert lines(nudges(at(NEAR), seen, ())) == [
        "Your thank-you to Dana Okafor waits in Drafts: send it by 16:00 today (Coffee with Dana, yesterday)."
    ]
    told = [told_of(record, Kind.NEAR, NEAR)]
    assert lines(nudges(at("2026-03-05 10:00"), seen, told)) == [
        (
            "Your thank-you to Dana Okafor was to be on its way by 16:00 yesterday (Coffee with Dana, on Tuesday); "
            "it still lies in Drafts. Late is better than never."
        )
    ]


def test_another_step_is_called_by_its_name() -> None:
    steps = {"id": "follow-up", "template": "where-things-stand", "after": "2 hours", "by": "24 hours"}
    seen, _ = placing(world([meeting()], [rule(steps)]), PLACED)
    assert lines(nudges(at(NEAR), seen, ()))[0].startswith("Your note 'follow-up' to Dana waits in Drafts")


def test_one_near_and_one_missed_are_told_in_one_line() -> None:
    meetings = [meeting("Chat", "2026-03-02 17:00"), meeting("Coffee", "2026-03-03 16:00")]
    seen, _ = placing(world(meetings, [rule()]), "2026-03-03 18:00")
    assert lines(nudges(at(NEAR), seen, ())) == [
        (
            "Your thank-you to Dana waits in Drafts: send it by 16:00 today (Coffee, yesterday). "
            "Your thank-you to Dana was to be on its way by 17:00 yesterday (Chat, on Monday); "
            "it still lies in Drafts. Late is better than never."
        )
    ]


def test_a_hostile_title_stays_one_line_of_plain_text() -> None:
    title = "Coffee\r\nBcc: evil@x.example \x1b[31m <b>now</b> \N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 5000
    seen, _ = placing(world([meeting(title)], [rule()]), PLACED)
    (line,) = lines(nudges(at(NEAR), seen, ()))
    assert line.isprintable()
    assert "<" not in line
    assert len(line) < 300


def test_what_a_clock_told_that_was_ahead_counts_when_its_time_has_come() -> None:
    seen, record = after_coffee()
    ahead = [told_of(record, Kind.MISSED, "2026-03-06 18:00")]
    assert kinds(nudges(at(NEAR), seen, ahead)) == [Kind.NEAR]
    assert kinds(nudges(at("2026-03-06 18:01"), seen, ahead)) == []


def test_an_edited_draft_is_not_pressed_for_where_its_meeting_moved_or_is_gone() -> None:
    seen, record = after_coffee(state=State.EDITED)
    moved = knowing(world([meeting(ends="2026-03-10 16:00")], [rule()]), record)
    gone = knowing(world([meeting(uid="another")], [rule()]), record)
    assert kinds(nudges(at(NEAR), seen, ())) == [Kind.NEAR]
    assert [nudges(at(when), one, ()).now for one in (moved, gone) for when in (NEAR, BY)] == [(), (), (), ()]


def test_many_people_are_counted() -> None:
    seen, record = after_coffee()
    to = tuple(Recipient(name, f"{name}@x.example") for name in ("Ana", "Bo", "Cy", "Di", "Ed"))
    many = knowing(seen, replace(record, to=to))
    assert lines(nudges(at(NEAR), many, ()))[0].startswith("Your thank-you to Ana, Bo, Cy and 2 more waits")


# --- for every time ----------------------------------------------------------------------------------------

START = datetime(2026, 3, 23, tzinfo=UTC)
"""The clocks go forward on the 29th; Good Friday is the 3rd of April."""
MINUTES = st.integers(0, 12 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
PEOPLE = st.lists(st.sampled_from([DANA, LEE, "kim@gamma.example"]), min_size=1, max_size=2, unique=True)
DRAFTS = st.lists(st.tuples(MINUTES, st.integers(-600, 3000), st.integers(0, 9000), PEOPLE), min_size=1, max_size=5)


def _drafts(drawn: list[tuple[datetime, int, int, list[str]]]) -> tuple[Record, ...]:
    _, base = after_coffee()
    return tuple(
        replace(
            base,
            id=f"draft-{number}",
            placed=placed,
            by=placed + timedelta(minutes=until),
            expires=placed + timedelta(minutes=max(until, 0) + worth),
            addresses=tuple(people),
            to=tuple(Recipient("", email) for email in people),
            meeting=None,
        )
        for number, (placed, until, worth, people) in enumerate(drawn)
    )


@settings(max_examples=examples(150), deadline=None, derandomize=True)
@given(drawn=DRAFTS, looks=st.lists(MINUTES, max_size=20), punctual=st.booleans())
def test_never_twice_a_day_never_too_early_and_never_too_late(
    *, drawn: list[tuple[datetime, int, int, list[str]]], looks: list[datetime], punctual: bool
) -> None:
    records = _drafts(drawn)
    seen = replace(world(country="PT"), history=replace(world().history, records=records))
    told: list[Told] = []
    now, pending = START, sorted(looks)
    for _ in range(200):
        lying = tuple(one for one in records if one.placed is not None and one.placed <= now)
        found = nudges(now, replace(seen, history=replace(seen.history, records=lying)), told)
        for nudge in found.now:
            for deadline in nudge.deadlines:
                record = deadline.record
                assert record.placed is not None
                assert record.expires is not None
                assert record.placed <= now < record.expires
                assert (now < deadline.by) is (deadline.kind is Kind.NEAR)
                assert all((one.subject, one.kind) != (record.id, deadline.kind) for one in told)
            spoken = {email for deadline in nudge.deadlines for email in deadline.record.addresses}
            today = [one for one in told if seen.almanac.day_of(one.at) == seen.almanac.day_of(now)]
            assert not spoken.intersection(email for one in today for email in one.addresses)
            told += [Told(one.record.id, one.kind.value, one.record.addresses, now) for one in nudge.deadlines]
        assert found.next is None or found.next > now
        coming = [one.placed for one in records if one.placed is not None and one.placed > now]
        following = nudges(now, replace(seen, history=replace(seen.history, records=lying)), told).next
        coming += [following] if following is not None and punctual else []
        pending = [moment for moment in pending if moment > now]
        if not coming and not pending:
            break
        now = min([*coming, *pending])
    if punctual:
        spoken_of = {one.subject for one in told}
        for record in records:
            late = record.by is not None and record.expires is not None and record.expires - record.by > timedelta(4)
            assert not late or record.id in spoken_of
