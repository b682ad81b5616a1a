"""The disk refuses from one step of a cycle on, each step once: nothing by halves, and one draft when it is over."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event as hooks
from sqlalchemy.engine import Engine

from connectors.base import ConnectorError
from daemon.ledger import Ledger, LedgerBusy, LedgerError, LedgerFull
from rules.history import State
from tests.house import Household, event
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Iterator

ANA, BEN = "ana@one.example", "ben@two.example"
MET, DUE, SOON = (f"2026-03-03 {time}" for time in ("10:00", "13:00", "13:30"))
RULES = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
"""
READING = ("SELECT", "PRAGMA")


class Refusing:
    """Steps of the database that write, counted; from `first` on each is refused with this code of SQLite."""

    def __init__(self, first: int, code: int) -> None:
        self.first = first
        self.code = code
        self.count = 0

    def statement(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(READING):
            self.step()

    def step(self, *_: Any) -> None:
        self.count += 1
        if self.count > self.first:
            error = sqlite3.OperationalError("refused")
            error.sqlite_errorcode = self.code
            raise error


@contextmanager
def refusing(first: int, code: int) -> Iterator[Refusing]:
    """Statements that write, and commits, while this lasts."""
    steps = Refusing(first, code)
    hooks.listen(Engine, "before_cursor_execute", steps.statement)
    hooks.listen(Engine, "commit", steps.step)
    try:
        yield steps
    finally:
        hooks.remove(Engine, "before_cursor_execute", steps.statement)
        hooks.remove(Engine, "commit", steps.step)


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


def settled_in(place: Path) -> Household:
    """One note is due, one draft is to be taken away, one waits for ever."""
    home = Household.make(place / "home", rules=RULES)
    home.put("ben", event("ben", "2026-03-03 09:30", BEN))
    home.once("2026-03-03 12:45")
    home.put("ana", event("ana", MET, ANA))
    home.put("ben", event("ben", "2026-03-03 09:30", BEN, sequence=1, status="CANCELLED"))
    return home


def agrees(home: Household) -> bool:
    """What the ledger says of each follow-up is what lies in Drafts, and nothing is under way."""
    with Ledger.open(home.state, write=False) as ledger:
        open_drafts = sorted(one.message_id for one in ledger.records() if one.state is State.PLACED)
        return ledger.intents() == () and open_drafts == sorted(str(draft["Message-ID"]) for draft in home.drafts())


def steps_of_a_cycle(place: Path) -> int:
    home = settled_in(place / "whole")
    with refusing(1 << 20, sqlite3.SQLITE_FULL) as steps:
        home.once(DUE)
    return steps.count


@pytest.mark.parametrize(
    ("code", "kind", "stride"),
    [(sqlite3.SQLITE_FULL, LedgerFull, 1), (sqlite3.SQLITE_BUSY, LedgerBusy, 7)],
    ids=["full", "busy"],
)
def test_refused_from_any_step_on_and_then_no_more(
    place: Path, code: int, kind: type[LedgerError], stride: int
) -> None:
    home = settled_in(place)
    total = steps_of_a_cycle(place)
    assert total > 30
    for first in some(range(0, total, stride), 3):
        here = home.copy(place / f"refused{first}")
        with refusing(first, code), pytest.raises(kind):
            here.once(DUE)
        assert len(here.drafts()) <= 2
        with refusing(0, code), pytest.raises(kind):  # still so in the next cycle
            here.once(SOON)
        here.once(SOON)
        assert [str(draft["To"]) for draft in here.drafts()] == [f"Ana <{ANA}>"], first
        assert agrees(here), first


def test_the_mailbox_is_full_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = settled_in(place)
    total = steps_of_a_cycle(place)
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if "Drafts" in str(target):
            raise OSError(28, "No space left on device")
        return rename(path, target)

    for first in some(range(0, total, 5), 2):
        here = home.copy(place / f"refused{first}")
        with monkeypatch.context() as patched, refusing(first, sqlite3.SQLITE_FULL):
            patched.setattr(Path, "rename", full)
            try:
                outcome = here.once(DUE)
            except LedgerFull:
                pass
            else:
                assert isinstance(outcome.trouble, ConnectorError)
        assert all(ANA not in str(draft["To"]) for draft in here.drafts())
        here.once(SOON)
        assert [str(draft["To"]) for draft in here.drafts()] == [f"Ana <{ANA}>"], first
        assert agrees(here), first
