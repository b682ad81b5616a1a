"""What a run of a whole process takes: seconds by the wall, and the most memory that it held."""

from __future__ import annotations

import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STOPWATCH = [sys.executable, "-I", "-S", str(Path(__file__).with_name("stopwatch.py"))]


@dataclass(frozen=True)
class Taken:
    """What a run took.

    `seconds` are those of the wall, `busy` those of the processor, which other work on the machine hardly changes;
    `peak` is in MiB, of the largest process of the run (ru_maxrss of wait4).
    """

    seconds: float
    busy: float
    peak: float
    code: int


def measure(command: Sequence[str]) -> Taken:
    """Run the command to its end, its output thrown away."""
    told = subprocess.run([*STOPWATCH, *command], capture_output=True, check=True, text=True).stdout
    seconds, busy, peak, code = told.split()
    return Taken(float(seconds), float(busy), int(peak) / 1024, int(code))


def median(runs: Sequence[Taken]) -> Taken:
    """The medians of the seconds, and the largest peak."""
    wall, busy = statistics.median(one.seconds for one in runs), statistics.median(one.busy for one in runs)
    return Taken(wall, busy, max(one.peak for one in runs), runs[-1].code)
