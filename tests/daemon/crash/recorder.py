"""One run of a cycle, and the disk as it was at each of its points: what a kill at that point would have left.

Of a killed process only what it had given to the kernel survives. The memory of the process, with whatever lay
unwritten in its buffers, is gone, whether it ends there by `os._exit`, by a signal, or goes on and nobody asks it any
more. So one run that keeps the disk at each point shows what a run for each point would (test_kills.py kills for
real, and compares).
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.daemon.crash.apart import KILLED
from tests.daemon.crash.likeness import JOURNAL
from tests.daemon.crash.points import LEDGER, Point

if TYPE_CHECKING:
    from tests.daemon.crash.disk import Disk, Tree


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The disk before the point of this number, where it was another one than before the last."""

    number: int
    point: Point
    tree: Tree


@dataclass
class Recorder:
    """Is called at each point.

    With `within_commits` also the disks in the middle of a transaction of SQLite are kept. `always` looks at the disk
    at every point, not only where it may have changed. At the point `stop` the process ends.
    """

    disk: Disk
    tree: Tree
    within_commits: bool = False
    always: bool = False
    stop: int = -1
    number: int = 0
    snapshots: list[Snapshot] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    _files_stale: bool = True
    _ledger_stale: bool = True

    def reached(self, point: Point) -> None:
        if self.number == self.stop:
            os._exit(KILLED)
        if self.stop < 0:
            self.look(point)
        self.sources[point.source] += 1
        self.number += 1

    def look(self, point: Point) -> None:
        """Keep the disk as it is, if it may have changed since and did."""
        by_hand = point.effect and point.source != LEDGER
        # A file that is written through a buffer tells of it only when it is synced: at every effect all is looked at.
        if self._files_stale or by_hand or self.always:
            self._keep(point, self.disk.capture(self.tree))
            self._files_stale = self._ledger_stale = False
        elif self._ledger_stale and (self.within_commits or not self.disk.has(JOURNAL)):
            self._keep(point, self.disk.capture_state(self.tree))
            self._ledger_stale = False
        self._files_stale = by_hand
        self._ledger_stale = self._ledger_stale or (point.effect and not by_hand)

    def _keep(self, point: Point, tree: Tree) -> None:
        if (not self.snapshots or tree != self.tree) and (self.within_commits or JOURNAL not in tree):
            self.snapshots.append(Snapshot(self.number, point, tree))
        self.tree = tree
