"""What a death leaves at a mail server is among the disks: what was asked is done, and nobody has read the answer."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from connectors.imap.removals import Removals
from tests.daemon.crash import held
from tests.daemon.crash.apart import apart
from tests.daemon.crash.explore import Explorer
from tests.daemon.crash.outcome import outcome
from tests.daemon.crash.scenarios import given
from tests.thorough import some

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.crash.disk import Tree


def lying(tree: Tree) -> set[tuple[str, str, bytes]]:
    """The mails with their folders and flags."""
    return {(mail.folder, mail.flags, mail.content) for mail in held.mails(tree)}


def is_marked(tree: Tree) -> bool:
    """Whether a mail lies there that is marked as deleted."""
    return any("T" in mail.flags for mail in held.mails(tree))


@pytest.mark.parametrize("name", some(["servers", "servers, old"], 2))
def test_each_change_at_the_server_is_seen_before_its_answer_is_read(name: str, tmp_path: Path) -> None:
    """A draft is marked and removed, and two mails are laid down."""
    scenario = given(name)

    def work() -> list[tuple[str, bool, int]]:
        explorer = Explorer(scenario, tmp_path)
        seen = explorer.run(explorer.start, scenario.first).snapshots
        return [
            (now.point.what, is_marked(now.tree), len(lying(now.tree)) - len(lying(before.tree)))
            for before, now in pairwise(seen)
            if lying(before.tree) != lying(now.tree)
        ]

    come = "an answer has come"
    assert apart(work) == [(come, True, 0), (come, False, -1), (come, False, 1), (come, False, 1)]


def test_a_draft_that_is_marked_without_a_note_of_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A death between the mark and the removal would be taken for the user's no."""
    scenario = given("servers")

    def begin(self: Removals, folder: str, validity: int, uid: int) -> None:
        """Nothing is noted."""

    def are_as_meant(scratch: Path) -> set[bool]:
        scratch.mkdir()
        explorer = Explorer(scenario, scratch)
        whole = explorer.run(explorer.start, scenario.first)
        meant = outcome(explorer.home)
        found = set()
        for one in whole.snapshots:
            if is_marked(one.tree):
                explorer.run(one.tree, scenario.later, record=False)
                found.add(not outcome(explorer.home).unlike(meant))
        return found

    assert apart(lambda: are_as_meant(tmp_path / "noted")) == {True}
    monkeypatch.setattr(Removals, "begin", begin)
    assert apart(lambda: are_as_meant(tmp_path / "forgotten")) == {False}
