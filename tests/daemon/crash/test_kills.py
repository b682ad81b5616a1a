"""The disk that is kept at a point is the one that a process leaves that is really killed there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from tests.daemon.crash import held
from tests.daemon.crash.apart import apart
from tests.daemon.crash.disk import MAILDIR
from tests.daemon.crash.explore import Explorer
from tests.daemon.crash.likeness import JOURNAL, likeness
from tests.daemon.crash.scenarios import SCENARIOS, given
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.daemon.crash.disk import Tree

_VARYING = (".lock", "google-token.json", "google-token.json.new")
"""Files in which a number has as many digits as it happens to have."""
_STRIDE = 61
"""Besides the first points of disks, every so many of all points are tried; every other one of both together."""


@pytest.mark.parametrize("name", ["moved", "first start", "google", "servers"])
def test_a_process_that_is_killed_leaves_the_disk_that_was_kept(name: str, tmp_path: Path) -> None:
    scenario = given(name)

    def work() -> int:
        explorer = Explorer(scenario, tmp_path)
        whole = explorer.run(explorer.start, explorer.scenario.first, within_commits=True)
        kept = {number: one.tree for one in whole.snapshots for number in range(one.number, whole.number)}
        chosen = {one.number for one in whole.snapshots if JOURNAL not in one.tree} | set(
            range(0, whole.number, _STRIDE)
        )
        for number in some(sorted(chosen)[::2], 2):
            left = explorer.die(explorer.start, explorer.scenario.first, number)
            assert _names(left) == _names(kept[number]), number
            assert likeness(explorer.settled(left)) == likeness(explorer.settled(kept[number])), number
        return len(chosen)

    assert apart(work) > 30


def cut_off(explorer: Explorer) -> list[Tree]:
    """The disks of a cycle that was killed in the middle of a transaction."""
    if not explorer.points.sees_sqlite:
        return []
    whole = explorer.run(explorer.start, explorer.scenario.first, within_commits=True)
    return [one.tree for one in whole.snapshots if JOURNAL in one.tree]


def tried(work: Callable[[], int], least: int) -> None:
    """So many disks at least were tried."""
    count = apart(work)
    if not count:
        pytest.skip("SQLite is linked into this Python, and its system calls cannot be seen")
    assert count > least


def test_looking_after_a_death_shows_the_ledger_and_leaves_the_disk_alone(tmp_path: Path) -> None:
    def work() -> int:
        explorer = Explorer(SCENARIOS["moved"], tmp_path)
        several = cut_off(explorer)[::7]
        for tree in several:
            explorer.disk.restore(tree)
            with Ledger.open(explorer.home.state, write=False) as ledger:
                seen = ledger.records()
            assert explorer.disk.capture(tree) == tree
            explorer.disk.restore(explorer.settled(tree))
            assert sorted(map(repr, seen)) == sorted(map(repr, explorer.home.records()))
        return len(several)

    tried(work, 20)


def test_a_rollback_that_is_cut_off_is_taken_up_again(tmp_path: Path) -> None:
    """A pair of deaths within SQLite: in the middle of a commit, and then of taking it back."""

    def work() -> int:
        explorer = Explorer(SCENARIOS["moved"], tmp_path)
        count = 0
        for tree in cut_off(explorer):
            settled = likeness(explorer.settled(tree))
            for one in explorer.settling(tree):
                assert likeness(explorer.settled(one.tree)) == settled
                count += 1
        return count

    tried(work, 300)


@pytest.mark.parametrize("name", some(["moved", "first start", "google", "servers"], 4))
def test_whoever_looks_at_every_point_sees_no_other_disks(name: str, tmp_path: Path) -> None:
    """That the disk is looked at only where it may have changed misses nothing; the configuration never changes."""

    def seen(explorer: Explorer) -> set[tuple[str, str]]:
        whole = explorer.run(explorer.start, explorer.scenario.first, within_commits=True)
        assert all(entry is explorer.start[path] for path, entry in whole.tree.items() if path.startswith("config"))
        trees = [explorer.settled(one.tree) for one in whole.snapshots]
        return {(likeness(tree), str(_names(tree))) for tree in trees}

    scenario = given(name)

    def work() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
        explorer = Explorer(scenario, tmp_path)
        sparing = seen(explorer)
        explorer.always = True
        return sparing, seen(explorer)

    sparing, always = apart(work)
    assert sparing == always
    assert len(sparing) > 20


def _names(tree: Tree) -> list[tuple[str, int]]:
    """All that lies there, whoever laid it down, and how long it is where that is no accident.

    How Dovecot calls the file of a mail is an accident, too, and what it is just writing beside.
    """
    number = re.compile(r"P\d+Q")
    ours = [(number.sub("PQ", path), _size(tree, path)) for path in tree if not path.startswith(MAILDIR)]
    return sorted([*ours, *((mail.folder, len(mail.content)) for mail in held.mails(tree))])


def _size(tree: Tree, path: str) -> int:
    content = tree[path].content
    return -1 if content is None or path.endswith(_VARYING) else len(content)
