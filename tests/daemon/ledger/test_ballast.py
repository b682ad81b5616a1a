"""The room that an intent keeps for its result. On disks that are really full: tests/e2e/test_full_disk.py."""

from __future__ import annotations

import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger, LedgerError
from daemon.ledger.ballast import NAME, SIZE
from rules.history import State
from tests.daemon.ledger.build import NOW, record

if TYPE_CHECKING:
    from pathlib import Path


def test_an_intent_lays_real_bytes_down_once_for_its_owner_alone(ledger: Ledger, folder: Path) -> None:
    ballast = folder / NAME
    assert not ballast.exists()
    assert ledger.intend(record("one"), b"bytes", "due", NOW)
    first = ballast.stat()
    assert (first.st_size, stat.S_IMODE(first.st_mode)) == (SIZE, 0o600)
    assert first.st_blocks * 512 >= SIZE
    ledger.settle(record("one", State.PLACED), "due", NOW)
    assert ledger.intend_removal(record("one", State.PLACED), State.WITHDRAWN, "moved", NOW)
    again = ballast.stat()
    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_what_is_too_small_is_laid_down_anew(ledger: Ledger, folder: Path) -> None:
    (folder / NAME).write_bytes(b"half")
    assert ledger.intend(record(), b"bytes", "due", NOW)
    assert (folder / NAME).stat().st_size == SIZE


def test_without_room_for_its_result_there_is_no_intent(ledger: Ledger, folder: Path) -> None:
    (folder / NAME).mkdir()
    (folder / NAME / "something").touch()
    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.intend(record(), b"bytes", "due", NOW)
    assert (ledger.intents(), ledger.records()) == ((), ())
    with pytest.raises(LedgerError, match="cannot be used"):
        ledger.intend_revision(record("one", State.PLACED), b"bytes", "base", "you edited it", NOW)


def test_a_link_in_its_place_is_not_followed(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("mine")
    (folder / NAME).symlink_to(precious)
    assert ledger.intend(record(), b"bytes", "due", NOW)
    assert precious.read_text() == "mine"
    assert not (folder / NAME).is_symlink()


def test_what_is_not_durable_or_only_in_memory_keeps_no_room(ledger: Ledger, folder: Path, tmp_path: Path) -> None:
    assert ledger.scratch().intend(record(), b"bytes", "due", NOW)
    with Ledger.open(tmp_path / "demo", durable=False) as other:
        assert other.intend(record(), b"bytes", "due", NOW)
    assert not (folder / NAME).exists()
    assert not (tmp_path / "demo" / NAME).exists()


def test_a_full_disk_takes_the_room_only_where_something_is_under_way(ledger: Ledger, folder: Path) -> None:
    told = record()
    assert ledger.intend(told, b"bytes", "due", NOW)
    cram(ledger)
    with pytest.raises(LedgerError):
        ledger.keep("key", "x" * 100_000)
    assert (folder / NAME).exists()
    with pytest.raises(LedgerError):  # here SQLite alone says that the disk is full, and says so once more
        ledger.settle(replace(told, why="x" * 100_000), "due", NOW)
    assert not (folder / NAME).exists()
    assert len(ledger.intents()) == 1
    ledger.settle(told, "due", NOW)
    assert ledger.intents() == ()
    (folder / NAME).write_bytes(bytes(SIZE))
    with pytest.raises(LedgerError):
        ledger.settle(replace(told, why="x" * 100_000), "due", NOW)
    assert (folder / NAME).exists()


def cram(ledger: Ledger) -> None:
    """The file grows no more."""
    with ledger.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def test_what_the_user_said_meanwhile_stays_also_when_a_result_is_written_twice(ledger: Ledger, folder: Path) -> None:
    told = record()
    assert ledger.intend(told, b"bytes", "due", NOW)
    with Ledger.open(folder) as command:
        command.save([(replace(told, state=State.SKIPPED), "you skipped it")], NOW)
    cram(ledger)
    with pytest.raises(LedgerError):
        ledger.settle(replace(told, state=State.PLACED, subject="x" * 100_000), "due", NOW)
    ledger.settle(replace(told, state=State.PLACED), "due", NOW)
    (after,) = ledger.records()
    assert after.state is State.SKIPPED
