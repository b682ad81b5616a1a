from __future__ import annotations

import itertools
import signal
import sys
import threading
import time
from datetime import UTC, datetime

import pytest

from connectors.calendars.budget import SECONDS, Budget, TimeIsUpError, limit
from connectors.calendars.expand import Expansion, SetAside, TooCostly, expand
from connectors.calendars.sheet import split
from tests.connectors.calendars.build import END, HOME, START, calendar, event, expansion, meetings

HOURS = ",".join(map(str, range(24)))
SIXTY = ",".join(map(str, range(60)))
REFUSED = [
    "FREQ=SECONDLY",
    "FREQ=SECONDLY;COUNT=1000000000",
    "FREQ=MINUTELY",
    "FREQ=MINUTELY;COUNT=1000000000",
    "FREQ=HOURLY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=0",
    f"FREQ=DAILY;BYHOUR={HOURS};BYMINUTE={SIXTY};BYSECOND={SIXTY}",
    f"FREQ=HOURLY;BYMINUTE={SIXTY};BYSECOND={SIXTY}",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=HOURLY;BYMONTH=4,6;BYMONTHDAY=31,-31",
]
SEARCHED = [
    "FREQ=DAILY;BYMONTH=1;BYYEARDAY=300",
    "FREQ=DAILY;BYWEEKNO=53;BYMONTH=6",
    "FREQ=HOURLY;BYMONTH=1;BYYEARDAY=300",
]


def bomb(rule: str, start: str = ":20200101T000000Z") -> str:
    return event(f"RRULE:{rule}", start=start)


@pytest.mark.parametrize("rule", REFUSED)
def test_a_bomb_is_refused_before_it_is_lit(rule: str) -> None:
    began = time.process_time()
    with pytest.raises(TooCostly) as raised:
        expansion(bomb(rule))
    assert time.process_time() - began < 0.5
    assert raised.value.uid == "coffee@example.org"
    assert "rule" in raised.value.message


@pytest.mark.parametrize("rule", SEARCHED)
def test_a_rule_that_is_searched_for_ever_ends_with_its_time(rule: str) -> None:
    (group,) = split(calendar(bomb(rule))).groups
    began = time.process_time()
    with pytest.raises(TooCostly, match="seconds"):
        expand(group, "feed", START, END, HOME, budget=Budget(0.3))
    assert time.process_time() - began < 1


def test_a_single_event_ends_with_the_time_of_one() -> None:
    began = time.process_time()
    with pytest.raises(TooCostly, match="seconds"):
        expansion(bomb(SEARCHED[0]))
    assert SECONDS - 0.5 < time.process_time() - began < SECONDS + 1


def test_more_meetings_than_anybody_holds_are_too_costly() -> None:
    with pytest.raises(TooCostly, match="meetings"):
        expansion(bomb("FREQ=HOURLY", ":20260101T000000Z"))


def test_a_daily_meeting_of_a_quarter_of_a_century_is_none_too_costly() -> None:
    assert len(meetings(bomb("FREQ=DAILY", ":20000101T090000Z"))) == 365


def test_a_yearly_event_of_four_centuries_is_none_too_costly() -> None:
    """A birthday without a year is one of 1604 to an Apple calendar."""
    assert len(meetings(bomb("FREQ=YEARLY", ";VALUE=DATE:16040303"))) == 1


def test_a_count_without_end_is_a_series_without_end() -> None:
    result = expansion(bomb("FREQ=WEEKLY;COUNT=1000000000", ":20260303T150000Z"))
    assert len(result.meetings) == 44
    assert result.span[1] is None


def test_a_leap_day_comes_every_four_years() -> None:
    start, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    found = meetings(bomb("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ":20200229T090000Z"), start=start, end=end)
    assert [meeting.start.year for meeting in found] == [2020, 2024, 2028]


def test_a_few_minutes_in_a_row_are_a_series() -> None:
    assert len(meetings(bomb("FREQ=MINUTELY;INTERVAL=20;COUNT=4", ":20260303T150000Z"))) == 4


def test_a_bomb_outside_the_main_thread_is_refused_too() -> None:
    told: list[str] = []

    def light() -> None:
        for rule in REFUSED:
            try:
                expansion(bomb(rule))
            except TooCostly as error:
                told.append(error.message)

    thread = threading.Thread(target=light)
    thread.start()
    thread.join()
    assert len(told) == len(REFUSED)


def test_a_thousand_rules_are_too_many() -> None:
    rules = "\r\n".join(f"RRULE:FREQ=WEEKLY;INTERVAL={number}" for number in range(1, 1_000))
    with pytest.raises(TooCostly, match="rules"):
        expansion(event(rules))


def test_the_limit_stops_a_loop_and_no_library_can_swallow_it() -> None:
    def loop() -> None:
        for _ in itertools.count():
            try:
                sum(range(100))
            except Exception:  # noqa: BLE001 - what a library might do
                continue

    with pytest.raises(TimeIsUpError), limit(0.05):
        loop()


def test_a_ring_that_a_destructor_loses_is_told_to_nobody_and_the_next_is_heard(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    rung: list[bool] = []

    class Slow:
        def __del__(self) -> None:
            try:
                for _ in itertools.count():
                    sum(range(100))
            finally:
                rung.append(True)

    def event_after_event() -> None:
        slow = Slow()
        del slow
        assert rung == [True]
        for _ in itertools.count():
            sum(range(100))

    with pytest.raises(TimeIsUpError), limit(0.05):
        event_after_event()
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is sys.__unraisablehook__


def test_the_limit_leaves_signals_and_timers_as_it_found_them() -> None:
    heard: list[int] = []

    def ring(number: int, _frame: object) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, 50.0, 7.0)
    try:
        with limit(1.0):
            sum(range(1000))
        left, again = signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        assert signal.getsignal(signal.SIGVTALRM) is ring
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    assert left == pytest.approx(50, abs=1)
    assert again == pytest.approx(7.0, abs=0.1)
    assert heard == []


def test_a_limit_that_was_kept_never_rings_later() -> None:
    with limit(0.05):
        sum(range(10))
    began = time.process_time()
    while time.process_time() - began < 0.1:
        sum(range(1000))


def spend(budget: Budget) -> float:
    """An event that takes all it is given; what it was given."""
    given = 0.0
    try:
        with budget.limit() as given:
            for _ in itertools.count():
                sum(range(100))
    except TimeIsUpError:
        return given
    return given


def test_slow_events_share_one_budget_and_then_get_little_each() -> None:
    budget = Budget(0.3)
    given = [spend(budget) for _ in range(3)]
    assert given[0] == pytest.approx(0.3)
    assert given[1:] == [pytest.approx(0.1, abs=0.05)] * 2


def test_ordinary_events_draw_on_no_budget() -> None:
    budget = Budget(1.0)
    for _ in range(20):
        with budget.limit() as given:
            sum(range(10))
    assert given == pytest.approx(1.0)


def test_no_event_gets_more_than_the_limit_of_one() -> None:
    with Budget(1000).limit() as given:
        assert given == SECONDS


def test_a_file_full_of_bombs_does_not_starve_the_rest() -> None:
    slow = [event("RRULE:" + SEARCHED[0], uid=f"bomb-{number}", start=":20200101T000000Z") for number in range(5)]
    budget = Budget(0.2)
    told: list[SetAside | Expansion] = []
    began = time.process_time()
    for group in split(calendar(*slow, event(uid="whole"))).groups:
        try:
            told.append(expand(group, "feed", START, END, HOME, budget=budget))
        except TooCostly as error:
            told.append(error)
    assert time.process_time() - began < 2
    assert [isinstance(each, TooCostly) for each in told] == [True] * 5 + [False]
