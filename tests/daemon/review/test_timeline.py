"""The drawing of the next weeks: instants at their places, marks in lanes, labels that never overlap."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.review.timeline import LANES, MARK, Item, Kind, Mark, text_width, timeline
from daemon.review.timescale import Scale, columns, months, scale
from rules.almanac import Almanac
from tests.build import at

LISBON = Almanac("Europe/Lisbon", "PT")
FIRST = date(2026, 3, 16)
DAY = 18.0


def weeks(zone: str = "Europe/Lisbon", first: date = FIRST, days: int = 57) -> Scale:
    return scale(Almanac(zone), first, days, DAY)


def test_noon_is_in_the_middle_of_its_day_and_midnight_at_its_edge() -> None:
    drawn = weeks()
    assert drawn.x(at("2026-03-16 12:00")) == pytest.approx(DAY / 2)
    assert drawn.x(at("2026-03-20 00:00")) == pytest.approx(4 * DAY)


@pytest.mark.parametrize("first", [date(2026, 3, 29), date(2026, 10, 25)], ids=["23 hours", "25 hours"])
def test_a_day_on_which_the_clocks_change_is_as_wide_as_any(first: date) -> None:
    drawn = weeks(first=first, days=2)
    assert drawn.x(at(f"{first + timedelta(1)} 00:00")) == pytest.approx(DAY)
    assert drawn.width == 2 * DAY
    assert DAY * 0.45 < drawn.x(at(f"{first} 12:00")) < DAY * 0.55


def test_what_is_beyond_the_days_is_at_their_edge() -> None:
    drawn = weeks()
    assert drawn.x(at("2025-01-01 00:00")) == 0
    assert drawn.x(at("2027-01-01 00:00")) == drawn.width
    assert not drawn.shows(at("2027-01-01 00:00"))


@given(
    st.lists(st.integers(-(10**4), 10**5 * 2), min_size=2, max_size=20),
    st.sampled_from(["Europe/Lisbon", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]),
    st.dates(date(2010, 1, 1), date(2030, 1, 1)),
)
def test_later_is_never_further_left(minutes: list[int], zone: str, first: date) -> None:
    drawn = weeks(zone, first)
    begin = drawn.midnights[0]
    xs = [drawn.x(begin + timedelta(minutes=one)) for one in sorted(minutes)]
    assert xs == sorted(xs)
    assert 0 <= xs[0] <= xs[-1] <= drawn.width


def test_weekends_and_holidays_rest_weeks_begin_on_monday_and_today_is_known() -> None:
    days = columns(LISBON, FIRST, 30, DAY, date(2026, 3, 18))
    rests = {one.date.day: one.rests for one in days if one.date.month == 4}
    assert (rests[3], rests[4], rests[6]) == ("holiday", "weekend", "")  # Good Friday
    assert [one.date for one in days if one.is_week][:2] == [FIRST, date(2026, 3, 23)]
    assert [one.date.day for one in days if one.is_today] == [18]


def test_a_month_has_its_name_where_there_is_room() -> None:
    def named(first: date) -> list[str]:
        return [one.text for one in months(columns(LISBON, first, 57, DAY, FIRST))]

    assert named(date(2026, 3, 29)) == ["April 2026", "May"]
    assert named(date(2026, 3, 26)) == ["March", "April 2026", "May"]
    assert named(date(2026, 12, 20)) == ["December 2026", "January 2027", "February"]


def test_a_note_that_is_held_back_has_a_line_from_when_it_was_due_to_when_it_may_go() -> None:
    held = Item("a", Kind.HELD, at("2026-03-20 12:00"), since=at("2026-03-18 12:00"), by=at("2026-03-22 12:00"))
    (mark,) = timeline(weeks(), [("dana", [held])]).rows[0].marks
    assert mark.line == pytest.approx((2.5 * DAY, 4.5 * DAY))
    assert mark.x == pytest.approx(4.5 * DAY)
    assert mark.flag == pytest.approx(6.5 * DAY)


def test_what_is_held_back_without_an_end_has_an_open_line() -> None:
    held = Item("a", Kind.HELD, None, since=at("2026-03-18 12:00"))
    (mark,) = timeline(weeks(), [("dana", [held])]).rows[0].marks
    assert mark.is_open
    assert mark.line is not None
    assert mark.line[0] < mark.line[1]


def test_a_deadline_after_the_last_day_is_at_the_edge_and_says_so() -> None:
    note = Item("a", Kind.NOTE, at("2026-03-18 12:00"), by=at("2026-12-01 12:00"))
    (mark,) = timeline(weeks(), [("dana", [note])]).rows[0].marks
    assert mark.beyond
    assert mark.right <= weeks().width


def test_marks_of_one_hour_stand_in_lanes_below_each_other() -> None:
    same = [Item(str(number), Kind.NOTE, at("2026-03-18 12:00")) for number in range(3)]
    (row,) = timeline(weeks(), [("dana", same)]).rows
    assert [mark.lane for mark in row.marks] == [0, 1, 2]
    assert row.height > 3 * MARK


def test_more_lanes_than_there_may_be_are_counted() -> None:
    same = [Item(str(number), Kind.NOTE, at("2026-03-18 12:00")) for number in range(LANES + 3)]
    (row,) = timeline(weeks(), [("dana", same)]).rows
    assert (len(row.marks), row.more) == (LANES, 3)


def test_a_label_that_is_too_long_is_cut_and_a_wide_script_is_wider() -> None:
    note = Item("a", Kind.NOTE, at("2026-03-18 12:00"), label="x" * 100)
    (mark,) = timeline(weeks(), [("dana", [note])]).rows[0].marks
    assert mark.label is not None
    assert mark.label.is_cut
    assert mark.label.width < text_width(mark.label.text)
    assert text_width("漢字") > text_width("ab")


def test_few_marks_stand_apart_so_that_each_can_be_read() -> None:
    coffee = Item("a", Kind.MEETING, at("2026-03-18 12:00"), "Coffee with Dana", until=at("2026-03-18 13:00"))
    thanks = Item("b", Kind.NOTE, at("2026-03-19 12:00"), "thank-you")
    (row,) = timeline(weeks(), [("dana", [coffee, thanks])]).rows
    assert [mark.label.text for mark in row.marks if mark.label] == ["Coffee with Dana", "thank-you"]


MINUTES = st.integers(-2000, 57 * 1440 + 2000)


@st.composite
def items(draw: st.DrawFn) -> list[Item]:
    begin = at("2026-03-16 00:00")

    def instant(minutes: int | None) -> datetime | None:
        return None if minutes is None else begin + timedelta(minutes=minutes)

    made = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(Kind))
        where = draw(MINUTES)
        label = draw(st.sampled_from(["", "x", "Coffee with Dana", "漢字漢字", "very long " * 9]))
        if kind is Kind.MEETING:
            ends = instant(where + draw(st.integers(0, 5000)))
            made.append(Item(str(number), kind, instant(where), label, until=ends))
        elif kind is Kind.HELD:
            until = draw(st.none() | MINUTES)
            made.append(Item(str(number), kind, instant(until), label, since=instant(where)))
        else:
            by = draw(st.none() | MINUTES)
            made.append(Item(str(number), kind, instant(where), label, by=instant(by)))
    return made


@settings(max_examples=50)
@given(items())
def test_nothing_overlaps_in_a_lane_and_nothing_is_lost_or_beyond_the_edges(several: list[Item]) -> None:
    drawn = timeline(weeks(), [("dana", several), ("lee", several)])
    first, second = drawn.rows
    assert second.top == first.top + first.height
    assert drawn.height == first.height + second.height
    assert len(first.marks) + first.more == len(several)
    lanes: dict[int, list[Mark]] = {}
    for mark in first.marks:
        lanes.setdefault(mark.lane, []).append(mark)
        assert first.top < mark.y < first.top + first.height
    for lane in lanes.values():
        lane.sort(key=lambda one: one.left)
        for before, after in pairwise(lane):
            end = before.label.x + before.label.width if before.label else before.right
            assert end <= after.left
        for mark in lane:
            assert -0.01 <= mark.left <= mark.right <= drawn.width + 0.01
            if mark.label:
                assert mark.label.x + mark.label.width <= drawn.width + 0.01
