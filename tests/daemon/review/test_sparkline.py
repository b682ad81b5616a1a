"""A year of contact as a small drawing."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from daemon.review.sparkline import LARGE, SMALL, WEEKS, Touch, sparkline, week_of
from tests.build import at

NOW = at("2026-03-03 12:00")


def test_meetings_are_dots_their_mails_go_up_and_mine_down() -> None:
    week = timedelta(days=7)
    drawn = sparkline([(NOW, Touch.MET), (NOW - week, Touch.THEIRS), (NOW - 2 * week, Touch.MINE)], NOW)
    (dot,) = drawn.dots
    mine, theirs = drawn.bars
    assert dot.x > theirs.x > mine.x
    assert theirs.top + theirs.height < SMALL.middle < mine.top


def test_more_mails_make_a_higher_bar() -> None:
    one = sparkline([(NOW, Touch.MINE)], NOW).bars[0]
    three = sparkline([(NOW, Touch.MINE)] * 3, NOW).bars[0]
    assert three.height > one.height
    assert three.count == 3


def test_what_is_older_than_a_year_or_still_to_come_is_not_drawn() -> None:
    drawn = sparkline([(NOW - timedelta(days=365), Touch.MET), (NOW + timedelta(hours=1), Touch.MET)], NOW)
    assert drawn.is_empty
    assert drawn.dots == ()


def test_the_week_that_ends_now_is_the_last() -> None:
    assert week_of(NOW, NOW) == WEEKS - 1
    assert week_of(NOW - timedelta(days=7), NOW) == WEEKS - 2
    assert week_of(NOW - timedelta(days=7 * WEEKS), NOW) is None


@given(
    st.lists(st.tuples(st.integers(-10, 400 * 24), st.sampled_from(Touch)), max_size=200),
    st.sampled_from([SMALL, LARGE]),
)
def test_all_is_counted_and_stays_within_the_drawing(hours: list[tuple[int, Touch]], size: object) -> None:
    assert size in {SMALL, LARGE}
    size = SMALL if size == SMALL else LARGE
    touches = [(NOW - timedelta(hours=one), touch) for one, touch in hours]
    drawn = sparkline(touches, NOW, size)
    shown = [touch for one, touch in hours if 0 <= one < WEEKS * 7 * 24]
    assert drawn.totals == {touch: shown.count(touch) for touch in Touch}
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= size.width
        assert 0 <= bar.top <= bar.top + bar.height <= size.height
    for dot in drawn.dots:
        assert size.radius <= dot.x <= size.width - size.radius
