"""Free times: within both working hours, never where something is, the same whatever the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.almanac import Almanac
from rules.free import Busy, Hours, Question, Span, free_times, takes_time
from rules.model import Answer, Status
from rules.windows import Window
from tests.build import ME, at, attendee, meeting
from tests.thorough import examples

if TYPE_CHECKING:
    import random

WEEKDAYS = Window.parse("weekdays 09:00-18:00")
ZONES = ("Europe/Lisbon", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Asia/Kathmandu", "UTC")
WINDOWS = ("weekdays 09:00-18:00", "every day 00:00-24:00", "tue-thu 13:30-17:00", "sat-sun 22:00-24:00", "any")
BEGIN = datetime(2026, 3, 20, tzinfo=UTC)
"""The clocks change within the next two weeks, here and there, and Easter is near."""
HALF = timedelta(minutes=30)


def question(
    begin: datetime = BEGIN,
    *,
    days: int = 14,
    minutes: int = 30,
    mine: Window = WEEKDAYS,
    zone: str = "Europe/Lisbon",
    theirs: Window = WEEKDAYS,
    their_zone: str = "Europe/Lisbon",
    country: str | None = None,
) -> Question:
    return Question(
        timedelta(minutes=minutes),
        begin,
        begin + timedelta(days=days),
        Almanac(zone, country, mine),
        Hours(theirs, ZoneInfo(their_zone)),
    )


def shown(spans: tuple[Span, ...], zone: str = "Europe/Lisbon") -> list[str]:
    return [f"{start.astimezone(ZoneInfo(zone)):%a %d %H:%M}" for start, _ in spans]


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = BEGIN + timedelta(minutes=5 * draw(st.integers(0, 15 * 288)))
    return start, start + timedelta(minutes=draw(st.sampled_from([5, 30, 90, 480, 1440])))


def within(span: Span, window: Window, zone: str) -> bool:
    """As one would say it: each minute of it is one that the window has, on one day of theirs."""
    first = span[0].astimezone(ZoneInfo(zone))
    minutes = int((span[1] - span[0]).total_seconds() // 60)
    each = [(span[0] + timedelta(minutes=one)).astimezone(ZoneInfo(zone)) for one in range(minutes)]
    open_ = all(window.start <= one.hour * 60 + one.minute < window.end for one in each)
    return open_ and first.weekday() in window.days and {one.date() for one in each} == {first.date()}


@settings(deadline=None, derandomize=True, max_examples=examples(60))
@given(
    taken=st.lists(spans(), max_size=25),
    mine=st.tuples(st.sampled_from(WINDOWS), st.sampled_from(ZONES)),
    theirs=st.tuples(st.sampled_from(WINDOWS), st.sampled_from(ZONES)),
    minutes=st.sampled_from([15, 30, 45, 120]),
    order=st.randoms(use_true_random=False),
)
def test_each_time_is_free_and_within_the_hours_of_both(
    taken: list[Span], mine: tuple[str, str], theirs: tuple[str, str], minutes: int, order: random.Random
) -> None:
    (my, zone), (their, their_zone) = (Window.parse(mine[0]), mine[1]), (Window.parse(theirs[0]), theirs[1])
    country = "PT" if minutes > HALF.seconds // 60 else None
    asked = question(mine=my, zone=zone, theirs=their, their_zone=their_zone, minutes=minutes, country=country)
    found = free_times(asked, Busy.of(taken))
    for start, end in found:
        assert end - start == timedelta(minutes=minutes)
        assert asked.start <= start
        assert end <= asked.end
        assert not any(start < until and since < end for since, until in taken)
        assert within((start, end), my, zone)
        assert within((start, end), their, their_zone)
        assert not asked.almanac.is_holiday(asked.almanac.day_of(start))
        assert start.astimezone(ZoneInfo(zone)).minute in {0, 30}
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    order.shuffle(taken)
    assert free_times(asked, Busy.of(taken)) == found


def test_three_times_lie_on_three_days_with_one_between_at_different_hours() -> None:
    assert shown(free_times(question(at("2026-03-02 08:00")), Busy())) == [
        "Mon 02 11:00",
        "Wed 04 15:00",
        "Fri 06 13:00",
    ]


def test_where_there_are_fewer_days_there_are_several_times_a_day_and_never_one_twice() -> None:
    one_day = question(at("2026-03-02 08:00"), days=1)
    found = free_times(one_day, Busy())
    assert len(found) == 3
    assert {start.date() for start, _ in found} == {datetime(2026, 3, 2).date()}  # noqa: DTZ001 - a day
    assert all(b[0] - a[0] >= timedelta(hours=2) for a, b in pairwise(found))
    left = Busy.of([(at("2026-03-02 09:00"), at("2026-03-02 17:00"))])
    assert shown(free_times(one_day, left)) == ["Mon 02 17:00", "Mon 02 17:30"]
    assert free_times(one_day, Busy.of([(at("2026-03-02 00:00"), at("2026-03-03 00:00"))])) == ()


def test_a_time_keeps_away_from_other_meetings_where_it_can() -> None:
    taken = Busy.of(
        [(at("2026-03-02 10:30"), at("2026-03-02 12:00")), (at("2026-03-02 13:00"), at("2026-03-02 18:00"))]
    )
    assert shown(free_times(question(at("2026-03-02 08:00"), days=1), taken, 1)) == ["Mon 02 09:00"]
    more = Busy.of([*taken.spans, (at("2026-03-02 09:00"), at("2026-03-02 10:30"))])
    assert shown(free_times(question(at("2026-03-02 08:00"), days=1), more, 1)) == ["Mon 02 12:00"]


def test_hours_that_have_nothing_in_common_leave_no_time() -> None:
    assert free_times(question(their_zone="Pacific/Auckland"), Busy()) == ()


def test_a_day_that_the_clocks_make_shorter_has_no_time_that_they_skip() -> None:
    """On 29 March 2026 Lisbon goes from 01:00 to 02:00."""
    night = Window.parse("sun 00:00-03:00")
    found = free_times(question(at("2026-03-28 12:00"), mine=night, theirs=night, days=2), Busy(), many=9)
    assert shown(found) == ["Sun 29 00:00", "Sun 29 00:30", "Sun 29 02:00", "Sun 29 02:30"]


@pytest.mark.parametrize(
    ("change", "blocks"),
    [
        ({}, True),
        ({"free": True}, False),
        ({"status": Status.CANCELLED}, False),
        ({"status": Status.TENTATIVE}, True),
        ({"attendees": (attendee(ME.emails[1], answer=Answer.DECLINED),)}, False),
        ({"attendees": (attendee(ME.emails[1], answer=Answer.NONE),)}, True),
        ({"attendees": (), "organiser": None}, True),
        ({"all_day": True}, True),
    ],
)
def test_what_takes_time(change: dict[str, object], blocks: bool) -> None:
    one = replace(meeting(), **change)  # type: ignore[arg-type] # fields of a meeting
    assert takes_time(one, ME) is blocks


def test_what_has_no_length_takes_none() -> None:
    assert not takes_time(replace(meeting(), end=meeting().start), ME)


def test_touching_times_do_not_meet() -> None:
    busy = Busy.of([(BEGIN, BEGIN + HALF), (BEGIN + HALF, BEGIN + 2 * HALF)])
    assert busy.spans == ((BEGIN, BEGIN + 2 * HALF),)
    assert not busy.meets((BEGIN - HALF, BEGIN))
    assert not busy.meets((BEGIN + 2 * HALF, BEGIN + 3 * HALF))
    assert busy.meets((BEGIN + 2 * HALF, BEGIN + 3 * HALF), around=timedelta(minutes=1))
    assert busy.meets((BEGIN + HALF, BEGIN + 3 * HALF))
