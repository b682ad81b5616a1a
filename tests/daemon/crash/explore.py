"""Every disk that a death of a cycle can leave, and a death of its recovery, and so on; and what becomes of each."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter, deque
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.daemon.crash.apart import killed
from tests.daemon.crash.disk import Disk
from tests.daemon.crash.likeness import JOURNAL, LEDGER, likeness
from tests.daemon.crash.outcome import outcome, twice
from tests.daemon.crash.points import Points
from tests.daemon.crash.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.daemon.crash.disk import Tree
    from tests.daemon.crash.home import Home
    from tests.daemon.crash.outcome import Outcome
    from tests.daemon.crash.recorder import Snapshot
    from tests.daemon.crash.scenarios import Scenario

MOST = 1000
"""So many disks of one scenario mean that deaths pile up on the disk, and no end of them is in sight."""
ENOUGH = 20
"""So many faults tell the story."""


@dataclass
class Report:
    """What was tried, in numbers, and what went wrong, in words.

    `points` of the cycle, by source in `sources`; `within`: disks in the middle of a transaction; `single`: disks that
    one death leaves; `pairs` of such a disk and one that a death in its recovery leaves, and `double`, the same by
    their points; `states` by how many deaths they take; `ends`: disks that recoveries led to.
    """

    points: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    sees_sqlite: bool = False
    within: int = 0
    single: int = 0
    pairs: int = 0
    double: int = 0
    states: Counter[int] = field(default_factory=Counter)
    ends: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Found:
    tree: Tree
    story: str
    depth: int


class Explorer:
    """Works in a process of its own: what it hooks into it never lets go."""

    def __init__(self, scenario: Scenario, scratch: Path) -> None:
        self.scenario = scenario
        self.home: Home = scenario.prepare(scratch / "home")
        self.home.rest()
        self.disk = Disk(self.home.root, scratch / "vault")
        self.aside = scratch / "aside.sqlite3"
        self.start = self.disk.capture({})
        self.points = Points(self.home.root, scenario.sources, self.home.peers)
        self.points.install()
        self.always = False

    def run(self, tree: Tree, when: str, *, within_commits: bool = False, record: bool = True) -> Recorder:
        """A cycle from this disk to its end."""
        self.disk.restore(tree)
        recorder = Recorder(self.disk, tree, within_commits, self.always)
        self.points.watch(recorder.reached if record else None)
        self.scenario.cycle(self.home, when)
        self.points.watch(None)
        self.home.rest()
        recorder.tree = self.disk.capture(recorder.tree)
        return recorder

    def die(self, tree: Tree, when: str, stop: int) -> Tree:
        """The disk after a cycle that was really killed at a point."""
        self.disk.restore(tree)

        def until() -> None:
            self.points.watch(Recorder(self.disk, tree, stop=stop).reached)
            self.scenario.cycle(self.home, when)

        assert killed(until)
        self.home.rest()
        return self.disk.capture(tree)

    def settled(self, tree: Tree) -> Tree:
        """The disk once its ledger was opened: a transaction that was cut off is taken back by SQLite.

        Only ledger and journal take part in that, and are laid down apart from all else.
        """
        if JOURNAL not in tree:
            return tree
        ledger, journal = self.aside, self.aside.with_name(f"{self.aside.name}-journal")
        ledger.unlink(missing_ok=True)
        for place, path in ((ledger, LEDGER), (journal, JOURNAL)):
            if path in tree:
                place.write_bytes(tree[path].content or b"")
        _opened(ledger)
        content = ledger.read_bytes()
        # A journal to which nothing was written yet stays until the next transaction writes over it.
        journal.unlink(missing_ok=True)
        left = {path: entry for path, entry in tree.items() if path != JOURNAL}
        if LEDGER in tree and content != tree[LEDGER].content:
            left[LEDGER] = replace(tree[LEDGER], content=content)
        return left

    def settling(self, tree: Tree) -> list[Snapshot]:
        """The disks while the ledger is opened and SQLite takes back what was cut off."""
        self.disk.restore(tree)
        recorder = Recorder(self.disk, tree, within_commits=True)
        self.points.watch(recorder.reached)
        _opened(self.home.root / LEDGER)
        self.points.watch(None)
        return recorder.snapshots

    def explore(self, enough: int = ENOUGH) -> Report:
        """Try them all, or as many as show so many faults."""
        began = time.process_time()
        report = Report(sees_sqlite=self.points.sees_sqlite)
        first = self.run(self.start, self.scenario.first, within_commits=True)
        report.points, report.sources = first.number, first.sources
        meant = self._end(first.tree)
        report.faults += [f"nobody dies: {fault}" for fault in self._wrong(first.tree, meant)]
        report.faults += [f"nobody dies: {fault}" for fault in self.scenario.faults(meant)]
        single = self._single(first, report)
        self._recover(single, meant, report, enough)
        report.seconds = time.process_time() - began
        return report

    def _single(self, first: Recorder, report: Report) -> list[tuple[Snapshot, str]]:
        """What one death leaves: each disk between two transactions.

        A disk in the middle of one is recovered like the one before it (or after it, once all is written): who opens
        the ledger makes them the same, which is tried here for each, and nothing is read from the ledger before.
        """
        told = [(one, likeness(one.tree)) for one in first.snapshots if JOURNAL not in one.tree]
        whole = {known for _, known in told} | {likeness(first.tree)}
        before: Tree | None = None
        for one in first.snapshots:
            if JOURNAL not in one.tree:
                before = one.tree
                continue
            report.within += 1
            settled = self.settled(one.tree)
            if settled != before and likeness(settled) not in whole:
                report.faults.append(f"{_at(one)}: a transaction is half there")
        report.single = len({known for _, known in told})
        return told

    def _recover(self, single: list[tuple[Snapshot, str]], meant: Outcome, report: Report, enough: int) -> None:
        """Recover each disk; those that a death of the recovery leaves wait for theirs, up to so many deaths."""
        found = {known: _Found(one.tree, _at(one), 1) for one, known in reversed(single)}
        waiting = deque(found)
        ends: dict[str, list[str]] = {}
        passed: dict[str, int] = {}
        while waiting and len(found) < MOST and len(report.faults) < enough:
            known = waiting.popleft()
            here = found[known]
            recovery = self.run(here.tree, self.scenario.later, record=here.depth < self.scenario.deaths)
            passed[known] = recovery.number
            left = {likeness(one.tree): one for one in reversed(recovery.snapshots)}
            report.pairs += len(left) if here.depth == 1 else 0
            for other, one in left.items():
                if other not in found:
                    found[other] = _Found(one.tree, f"{here.story}; then {_at(one)}", here.depth + 1)
                    waiting.append(other)
            end = likeness(recovery.tree)
            if end not in ends:
                ends[end] = list(self._wrong(recovery.tree, meant))
            report.faults += [f"{here.story}: {fault}" for fault in (*twice(here.tree), *ends[end])]
        if waiting and len(report.faults) < enough:
            report.faults.append(f"{len(found)} disks, and {len(waiting)} of them not recovered")
        report.states, report.ends = Counter(one.depth for one in found.values()), len(ends)
        report.double = _double(single, passed, report.points)

    def _end(self, tree: Tree) -> Outcome:
        """What the user sees after a recovery."""
        self.disk.restore(tree)
        return outcome(self.home)

    def _wrong(self, tree: Tree, meant: Outcome) -> Iterator[str]:
        """What is wrong with the end of a recovery, and with cycles after it, of which nothing more may come."""
        if wrong := self._end(tree).unlike(meant):
            yield f"in the end there is {wrong}"
        for when in self.scenario.after:
            self.scenario.cycle(self.home, when)
            self.home.rest()
            if wrong := outcome(self.home).unlike(meant):
                yield f"at {when} there is {wrong}"


def _opened(file: Path) -> None:
    """Open a ledger and read of it, by which SQLite takes back what was cut off."""
    with closing(sqlite3.connect(file)) as ledger:
        ledger.execute("SELECT * FROM sqlite_master").fetchone()


def _at(one: Snapshot) -> str:
    return f"killed before point {one.number} ({one.point.source}: {one.point.what})"


def _double(single: list[tuple[Snapshot, str]], passed: dict[str, int], points: int) -> int:
    """How many pairs of points the disks stand for."""
    begins = [one.number for one, _ in single] + [points]
    return sum((begins[place + 1] - begins[place]) * passed.get(known, 0) for place, (_, known) in enumerate(single))
