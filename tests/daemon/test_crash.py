"""Killed at every point of a cycle, and at every point of the recovery: exactly one draft each."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event as hooks
from sqlalchemy.engine import Engine

from daemon.ledger import Ledger
from rules.history import State
from tests.house import Household, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = "2026-03-05 12:00"
EFFECTS = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.truncate", "shutil.rmtree")
KILLED = 9


class _Points:
    """Counts the points at which a cycle touches the disk, and ends the process at one of them."""

    def __init__(self, root: Path, stop: int) -> None:
        self.root = str(root)
        self.stop = stop
        self.count = 0

    def reach(self, *_: object, **__: object) -> None:
        if self.count == self.stop:
            os._exit(KILLED)
        self.count += 1

    def install(self) -> None:
        """In a child that ends soon: nothing is put back."""
        for name in ("fsync", "write"):
            setattr(os, name, self._before(getattr(os, name)))
        for moment in ("commit", "rollback", "before_cursor_execute", "after_cursor_execute"):
            hooks.listen(Engine, moment, self.reach)
        sys.addaudithook(self._audit)

    def _before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self.reach()
            return call(*arguments, **named)

        return wrapped

    def _audit(self, name: str, arguments: tuple[object, ...]) -> None:
        if name in EFFECTS or (name == "open" and self._writes(arguments)):
            self.reach()

    def _writes(self, arguments: tuple[object, ...]) -> bool:
        path, mode, flags = arguments
        writing = isinstance(mode, str) and set(mode) & set("wax+")
        writing = writing or (isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR)))
        return bool(writing) and str(path).startswith(self.root)


def cycle_until(home: Household, stop: int, when: str = NOW) -> int | None:
    """A cycle in a child of its own that ends at this point; how many points it passed when it came to its end."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        points = _Points(home.root, stop)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        points.install()
        home.once(when)
        passed = points.count
        points.stop = -1
        os.write(writer, str(passed).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, KILLED)
    return int(told) if told else None


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """In memory where there is such a place: thousands of syncs, and the death of a process is no loss of power."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def before(scratch: Path) -> Household:
    """A draft lies there whose meeting is then moved; one more meeting has ended; a third was cancelled."""
    home = Household.make(scratch / "before")
    home.put("ana", event("ana", "2026-03-03 10:00", "ana@one.example"))
    home.put("cem", event("cem", "2026-03-03 11:00", "cem@three.example"))
    home.once("2026-03-03 09:00")
    home.once("2026-03-03 15:00")
    assert len(home.drafts()) == 2
    home.put("ana", event("ana", "2026-03-04 10:00", "ana@one.example", sequence=1))
    home.put("cem", event("cem", "2026-03-03 11:00", "cem@three.example", sequence=1, status="CANCELLED"))
    home.put("ben", event("ben", "2026-03-05 08:00", "ben@two.example"))
    return home


def check(home: Household) -> None:
    """After a last cycle everything is as if nothing had happened."""
    home.once(NOW)
    home.once("2026-03-05 12:05")
    recipients = Counter(str(draft["To"]).rpartition("<")[2].rstrip(">") for draft in home.drafts())
    assert recipients == {"ana@one.example": 1, "ben@two.example": 1}
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.intents() == ()
        states = Counter(record.state for record in ledger.records())
        assert states == {State.PLACED: 2, State.WITHDRAWN: 1}
        ids = {record.message_id for record in ledger.records() if record.state is State.PLACED}
        assert ids == {draft["Message-ID"] for draft in home.drafts()}


def points_of(home: Household, scratch: Path) -> int:
    whole = home.copy(scratch)
    passed = cycle_until(whole, -1)
    shutil.rmtree(whole.root)
    assert passed is not None
    return passed


def dies(home: Household, root: Path, stop: int) -> Household:
    """A copy of the household in which a cycle was killed at this point."""
    copy = home.copy(root)
    assert cycle_until(copy, stop) is None
    return copy


SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_at_every_point_of_a_cycle_there_is_exactly_one_draft_each(
    before: Household, scratch: Path, shard: int
) -> None:
    count = points_of(before, scratch / "whole")
    assert count > 60
    for stop in range(shard, count, SHARDS):
        home = dies(before, scratch / f"at-{stop}", stop)
        check(home)
        shutil.rmtree(home.root)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_again_at_a_point_of_the_recovery(before: Household, scratch: Path, shard: int) -> None:
    """Pairs of deaths: the grid is coarse here, and whole where PAIRS=all asks for it."""
    every = os.environ.get("PAIRS") == "all"
    count = points_of(before, scratch / "whole")
    for first in range(shard, count, SHARDS if every else SHARDS * 12):
        broken = dies(before, scratch / f"first-{first}", first)
        rest = points_of(broken, scratch / f"first-{first}-whole")
        for second in range(0 if every else first % 23, rest, 1 if every else 23):
            home = dies(broken, scratch / f"pair-{first}-{second}", second)
            check(home)
            shutil.rmtree(home.root)
        shutil.rmtree(broken.root)
