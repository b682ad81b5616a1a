"""What Afterword may take: time and memory of whole processes on a large calendar, and of one that only says help.

Time is that of the processor, half as long again as the limit: tests run beside it on all processors, which
slows even that; and where that is not enough, on a machine that is slower than the one of docs/benchmarks.md, by as
much as icalendar alone is slower there on the same files. `make bench` shows the time by the wall. The folder has all
10,000 events with CI=true or BENCH=1, the one file with BENCH=1 and a third of them with CI=true; else a tenth, with a
tenth of the time.
"""

from __future__ import annotations

import os
import statistics
import sys
from functools import cache
from typing import TYPE_CHECKING

from bench.__main__ import (
    AFTERWORD,
    CHECK_SECONDS,
    FIRST_PEAK,
    FIRST_SECONDS,
    HELP_RATIO,
    MATCHING_RATIO,
    NEXT_SECONDS,
    PAST_SECONDS,
    RULES,
    cycle,
    past,
)
from bench.matching import race, world_of
from bench.measure import measure
from bench.sample import events, file_home, folder_home, many_rules
from tests.thorough import THOROUGH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BENCH = os.environ.get("BENCH") == "1"
WHOLE = THOROUGH or BENCH
COUNT = 10_000 if WHOLE else 1_000
IN_ONE = 10_000 if BENCH else 3_000 if THOROUGH else 1_000
SLACK = 1.5
START = 1.0
"""Seconds before a process comes to the calendar, which fewer events do not shorten."""
ALONE = 7.5 * COUNT / 10_000
"""Seconds of icalendar alone on the machine of docs/benchmarks.md."""
ALONE_IN_ONE = 5.6 * IN_ONE / 10_000
"""The same for those in one file."""
PAST = PAST_SECONDS if BENCH else START + PAST_SECONDS * IN_ONE / 10_000
FIRST = FIRST_SECONDS if WHOLE else START + FIRST_SECONDS * COUNT / 10_000


def in_time(busy: float, limit: float, slower: Callable[[], float]) -> bool:
    """Whether it is; how much slower the machine is, is only measured where that decides."""
    return busy < limit * SLACK or busy < limit * SLACK * slower()


def slowness(calendar: Path, usual: float) -> Callable[[], float]:
    """By how much icalendar alone is slower here than on the machine of docs/benchmarks.md."""

    @cache
    def measured() -> float:
        return max(1.0, measure([sys.executable, "-m", "bench.alone", str(calendar)]).busy / usual)

    return measured


def test_the_first_cycle_and_those_without_news_keep_to_their_time_and_memory(tmp_path: Path) -> None:
    config = folder_home(tmp_path, COUNT)
    first, *quiet = [measure(cycle(config, turn)) for turn in range(3)]
    assert {one.code for one in (first, *quiet)} == {0}
    assert any((config / "Mail" / ".Drafts" / "cur").iterdir()) or not WHOLE, "a cycle without drafts shows little"
    slower = slowness(config / "calendar", ALONE)
    assert in_time(first.busy, FIRST, slower), first
    assert first.peak < FIRST_PEAK
    assert in_time(min(one.busy for one in quiet), NEXT_SECONDS, slower), quiet
    assert max(one.peak for one in quiet) < FIRST_PEAK


def test_two_hundred_rules_are_checked_looked_back_at_and_matched_in_their_time(tmp_path: Path) -> None:
    config = file_home(tmp_path, IN_ONE)
    many_rules(config, RULES)
    checked = measure([*cycle(config)[:-3], "check"])
    assert checked.code == 0
    first, looked_back = measure(cycle(config)), measure(past(config))
    assert {first.code, looked_back.code} == {0}
    slower = slowness(config / "calendar.ics", ALONE_IN_ONE)
    assert in_time(checked.busy, CHECK_SECONDS, slower), checked
    assert in_time(looked_back.busy, PAST, slower), looked_back


def test_the_meetings_of_many_rules_are_found_faster_than_by_trying_each_on_each(tmp_path: Path) -> None:
    config = file_home(tmp_path, 1_000)
    many_rules(config, RULES if WHOLE else RULES // 4)
    raced = race(world_of(config))  # which compares what they find
    assert raced.matches > raced.rules
    assert raced.ratio > MATCHING_RATIO


def test_help_is_there_within_four_times_of_a_python_that_does_nothing() -> None:
    help_, nothing = [*AFTERWORD, "--help"], [sys.executable, "-c", "pass"]
    ratios = [measure(help_).busy / measure(nothing).busy for _ in range(11)]
    assert statistics.median(ratios) < HELP_RATIO


def test_the_sample_calendar_is_the_same_every_time_and_of_every_kind() -> None:
    sample = list(events(500))
    assert sample == list(events(500))
    for part in ("RRULE:", "VALUE=DATE:", "PARTSTAT=DECLINED", "STATUS:CANCELLED", "TZID="):
        assert 5 < sum(part in event for event in sample) < 500, part
