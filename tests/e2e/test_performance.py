"""What Afterword may take: time and memory of whole processes on a large calendar, and of one that only says help.

Time is that of the processor, half as long again as the limit: tests run beside it on all processors, which
slows even that; and on a machine that is slower than the one of docs/benchmarks.md, by as much as icalendar alone is
slower there on the same files. `make bench` shows the time by the wall. All 10,000 events are tried with CI=true or
BENCH=1; else a tenth of them, with a tenth of the time.
"""

from __future__ import annotations

import os
import statistics
import sys
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
    from pathlib import Path

WHOLE = THOROUGH or os.environ.get("BENCH") == "1"
COUNT = 10_000 if WHOLE else 1_000
SLACK = 1.5
START = 1.0
"""Seconds before a process comes to the calendar, which fewer events do not shorten."""
ALONE = 7.5 * COUNT / 10_000
"""Seconds of icalendar alone on the machine of docs/benchmarks.md."""
ALONE_IN_ONE = 5.6 * COUNT / 10_000
"""The same for all of them in one file."""
PAST = PAST_SECONDS if WHOLE else START + PAST_SECONDS * COUNT / 10_000
FIRST = FIRST_SECONDS if WHOLE else START + FIRST_SECONDS * COUNT / 10_000


def test_the_first_cycle_and_those_without_news_keep_to_their_time_and_memory(tmp_path: Path) -> None:
    config = folder_home(tmp_path, COUNT)
    first, *quiet = [measure(cycle(config, turn)) for turn in range(4)]
    assert {one.code for one in (first, *quiet)} == {0}
    assert any((config / "Mail" / ".Drafts" / "cur").iterdir()) or not WHOLE, "a cycle without drafts shows little"
    alone = measure([sys.executable, "-m", "bench.alone", str(config / "calendar")])
    slower = max(1.0, alone.busy / ALONE)
    assert first.busy < FIRST * SLACK * slower
    assert first.peak < FIRST_PEAK
    assert min(one.busy for one in quiet) < NEXT_SECONDS * SLACK * slower
    assert max(one.peak for one in quiet) < FIRST_PEAK


def test_two_hundred_rules_are_checked_looked_back_at_and_matched_in_their_time(tmp_path: Path) -> None:
    config = file_home(tmp_path, COUNT)
    many_rules(config, RULES)
    checked = measure([*cycle(config)[:-3], "check"])
    assert checked.code == 0
    first, looked_back = measure(cycle(config)), measure(past(config))
    assert {first.code, looked_back.code} == {0}
    alone = measure([sys.executable, "-m", "bench.alone", str(config / "calendar.ics")])
    slower = max(1.0, alone.busy / ALONE_IN_ONE)
    assert checked.busy < CHECK_SECONDS * SLACK * slower
    assert looked_back.busy < PAST * SLACK * slower


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
