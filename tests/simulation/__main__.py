"""Play years: `python -m tests.simulation --seeds 100`, or one of them with its story: `--seed 17`.

With `--google` calendars, mailbox and contacts are Google's: the real connectors, and a stand-in that answers them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from tests.simulation.year import play

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.year import Tale

    Player = Callable[[int], Tale]

AHEAD = 4
"""Years that are handed out for each worker before the first comes back."""


def main() -> int:
    """The exit code: 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, help="how many years to play")
    parser.add_argument("--first", type=int, default=1, help="the seed of the first of them")
    parser.add_argument("--seed", type=int, help="play this one year, and tell how it went")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    parser.add_argument("--google", action="store_true", help="with Google's calendars, mailbox and contacts")
    given = parser.parse_args()
    player = partial(play, google=given.google)
    if given.seed is not None:
        return _one(player, given.seed)
    return _many(player, range(given.first, given.first + given.seeds), given.jobs)


def _one(player: Player, seed: int) -> int:
    tale = player(seed)
    print(tale.told or "\n".join(tale.lines))
    print(f"{'A promise' if tale.broken else 'No promise'} was broken: {_counted([tale])}.")
    return 1 if tale.broken else 0


def _many(player: Player, seeds: range, jobs: int) -> int:
    began, failed = time.monotonic(), 0
    tales: list[Tale] = []
    for tale in _played(player, seeds, jobs):
        tales.append(tale)
        if tale.broken:
            failed += 1
            print(f"\n{tale.told}\n", flush=True)
        if sys.stderr.isatty():
            print(f"\r{len(tales)} of {len(seeds)} years", end="", file=sys.stderr, flush=True)
    took = time.monotonic() - began
    broken = f"a promise was broken in {failed} of them" if failed else "no promise was broken"
    print(f"\r{len(tales)} years, {broken}: {_counted(tales)}, in {took:.0f} s.")
    return 1 if failed else 0


def _played(player: Player, seeds: range, jobs: int) -> Iterator[Tale]:
    """The years as they come to their ends; only a few are handed out at a time."""
    waiting = iter(seeds)
    with ProcessPoolExecutor(jobs) as workers:
        running = {workers.submit(player, seed) for seed in islice(waiting, jobs * AHEAD)}
        while running:
            done = next(as_completed(running))
            running.discard(done)
            running.update(workers.submit(player, seed) for seed in islice(waiting, 1))
            yield done.result()


def _counted(tales: list[Tale]) -> str:
    cycles, drafts, deaths = (sum(getattr(tale, name) for tale in tales) for name in ("cycles", "drafts", "deaths"))
    seconds = sum(tale.seconds for tale in tales) / len(tales)
    return f"{cycles:,} cycles, {drafts:,} drafts, {deaths:,} sudden deaths, {seconds:.1f} CPU-seconds a year"


if __name__ == "__main__":
    sys.exit(main())
