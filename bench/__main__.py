"""`make bench`: what Afterword takes on large calendars, beside icalendar alone and a Python that does nothing."""

from __future__ import annotations

import argparse
import platform
import shutil
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.matching import race, world_of
from bench.measure import Taken, measure, median
from bench.sample import AT, SERIES, file_home, folder_home, many_rules

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_SECONDS, FIRST_PEAK, NEXT_SECONDS, HELP_RATIO = 15.0, 200.0, 1.0, 4.0
"""The limits at 10,000 events: seconds, MiB, seconds, times `python -c pass`."""
PAST_SECONDS, CHECK_SECONDS, MATCHING_RATIO, RULES = 10.0, 2.0, 20.0, 200
"""The limits with so many rules: seconds of the processor for a backtest of a year, at 10,000 events, and for `check`;
and how many times as fast as trying every rule on every meeting their meetings are found."""
AFTERWORD = [sys.executable, "-m", "daemon"]
DONE = {0, 1}


def cycle(config: Path, turn: int = 0) -> list[str]:
    """The command of one cycle; the turns are five minutes apart."""
    moment = (AT + timedelta(minutes=5 * turn)).isoformat()
    return [*_command(config), "once", "--at", moment]


def _command(config: Path) -> list[str]:
    return [*AFTERWORD, "--config", str(config), "--state", str(config.parent / "state")]


def run(command: list[str]) -> Taken:
    """Run and measure; a benchmark of something that failed says nothing.

    Raises:
        SystemExit: the command failed.
    """
    taken = measure(command)
    if taken.code not in DONE:
        raise SystemExit(f"{' '.join(command)} ended with {taken.code}.")
    return taken


def cycles(config: Path, times: int) -> tuple[Taken, Taken]:
    """The first cycle and the next one, on a state and a mailbox that are made anew each time."""
    firsts, nexts = [], []
    for _ in range(times + 1):
        shutil.rmtree(config.parent / "state", ignore_errors=True)
        for draft in (config / "Mail" / ".Drafts" / "cur").iterdir():
            draft.unlink()
        firsts.append(run(cycle(config)))
        nexts.append(run(cycle(config, 1)))
    return median(firsts[1:]), median(nexts[1:])  # the first pair warms up


def repeated(command: list[str], times: int) -> Taken:
    """The same command again and again, after one run to warm up."""
    run(command)
    return median([run(command) for _ in range(times)])


def line(what: str, taken: Taken, told: str = "") -> None:
    """One line of the table."""
    print(
        f"{what:<44}{taken.seconds:>8.3f} s {taken.busy:>8.3f} s {taken.peak:>7.0f} MiB   {told}".rstrip(), flush=True
    )


def verdict(*kept: bool) -> str:
    """Whether the limits were kept."""
    return "kept" if all(kept) else "NOT KEPT"


def calendar(title: str, make: Callable[[Path], Path], place: str, times: int) -> None:
    """First cycle, next cycle, and icalendar alone on the same bytes."""
    with tempfile.TemporaryDirectory(prefix="afterword-bench-") as root:
        config = make(Path(root))
        print(title)
        first, following = cycles(config, times)
        alone = repeated([sys.executable, "-m", "bench.alone", str(config / place)], times)
        limits = verdict(first.seconds < FIRST_SECONDS, first.peak < FIRST_PEAK)
        line("  first cycle", first, f"limit {FIRST_SECONDS:.0f} s, {FIRST_PEAK:.0f} MiB: {limits}")
        line(
            "  next cycle, nothing changed",
            following,
            f"limit {NEXT_SECONDS:.0f} s: {verdict(following.seconds < NEXT_SECONDS)}",
        )
        line("  icalendar alone, the same files", alone)
        print(f"  first cycle / icalendar alone: {first.seconds / alone.seconds:.2f}\n", flush=True)


def many(count: int, rules: int, times: int) -> None:
    """`check`, `backtest` of the year before on a state that knows the calendar, and the matching in it alone."""
    with tempfile.TemporaryDirectory(prefix="afterword-bench-") as root:
        config = file_home(Path(root), count)
        many_rules(config, rules)
        print(f"{rules} rules and one file with {count:,} events")
        checked = repeated([*_command(config), "check"], times)
        line("  check", checked, f"limit {CHECK_SECONDS:.0f} s: {verdict(checked.busy < CHECK_SECONDS)}")
        run(cycle(config))
        taken = repeated(past(config), times)
        line("  backtest of a year", taken, f"limit {PAST_SECONDS:.0f} s: {verdict(taken.busy < PAST_SECONDS)}")
        raced = race(world_of(config))
        kept = verdict(raced.ratio > MATCHING_RATIO)
        print(f"  matching {raced.meetings:,} meetings, {raced.matches:,} matches:{raced.indexed:>21.3f} s")
        print(f"  each rule on each meeting, the same matches:{raced.tried:>20.3f} s")
        print(f"  ratio: {raced.ratio:.0f}   limit {MATCHING_RATIO:.0f}: {kept}\n", flush=True)


def past(config: Path) -> list[str]:
    """The command that looks back at the year before."""
    span = ["--from", f"{AT - timedelta(days=365):%Y-%m-%d}", "--to", f"{AT:%Y-%m-%d}", "--at", AT.isoformat()]
    return [*_command(config), "backtest", *span]


def start(times: int) -> None:
    """`afterword --help` and a Python that does nothing, in turns, so that both have the same weather."""
    pairs = [(run([*AFTERWORD, "--help"]), run([sys.executable, "-c", "pass"])) for _ in range(times + 1)][1:]
    page, nothing = (median([pair[side] for pair in pairs]) for side in (0, 1))
    ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
    print("Starting")
    line("  afterword --help", page)
    line("  python -c pass", nothing)
    print(f"  ratio of the pairs: {ratio:.2f}   limit {HELP_RATIO:.0f}: {verdict(ratio < HELP_RATIO)}\n", flush=True)


def main() -> None:
    """Everything in one run."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--events", type=int, default=10_000, help="how many in each calendar; the limits are for 10,000"
    )
    parser.add_argument("--times", type=int, default=3, help="runs of each, after one to warm up; the median counts")
    asked = parser.parse_args()
    count, times = asked.events, asked.times
    print(f"Python {platform.python_version()}, {platform.machine()}; median of {times} runs, peak of the largest\n")
    print(f"{'':<46}{'wall':>6}{'processor':>12}{'peak':>9}")
    calendar(
        f"A folder of {count:,} files with one event each", lambda root: folder_home(root, count), "calendar", times
    )
    calendar(f"One file with {count:,} events", lambda root: file_home(root, count), "calendar.ics", times)
    few = count // 10
    series = f"One file with {few:,} events, {SERIES.series:.0%} of them series"
    calendar(series, lambda root: file_home(root, few, SERIES), "calendar.ics", times)
    many(count, RULES, times)
    start(times * 7)


if __name__ == "__main__":
    main()
