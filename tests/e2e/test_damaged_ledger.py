"""The ledger is damaged while the real command, or service, is at work: left as it is, and told with the remedy."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.e2e.faulty import (
    ANA,
    BEN,
    DUE,
    LEDGER,
    SOON,
    Harmed,
    put_off,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> Harmed:
    """As `house`, for harm that is done to files."""
    return Harmed.begun(tmp_path / "home", here=True)


def header(file: Path) -> None:
    file.write_bytes(b"garbage!" * 4 + file.read_bytes()[32:])


def zeros(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def cut_off(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def cut_in_a_page(file: Path) -> None:
    os.truncate(file, 5_000)


def another_database(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE songs (title TEXT)")


def no_table(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("DROP TABLE events")


def senseless_text(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE cycles SET problems = '[[1'")


def bytes_for_text(file: Path) -> None:
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE rule_ages SET rule = CAST(x'ff41' AS TEXT)")


WRITTEN = (senseless_text, bytes_for_text)
"""No page is damaged, only what is written there: that is met when it is read."""
DAMAGES = (header, zeros, cut_off, cut_in_a_page, another_database, no_table, senseless_text, bytes_for_text)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_left_as_it_is_and_the_remedy_works(files: Harmed, damage: Callable[[Path], None]) -> None:
    files.good(ANA, at=DUE)
    files.met(ANA, BEN)
    damage(files.ledger)
    broken = files.ledger.read_bytes()
    told = files.once()
    assert told.code == 75
    assert "is damaged" in told.problem
    assert "`afterword restore latest`" in told.problem
    status = files.run("status", "--json")
    assert status.code == 75
    assert "is damaged" in status.problem
    assert damage in WRITTEN or files.ledger.read_bytes() == broken
    assert files.to() == [ANA]
    assert [path.name for path in (files.state / "backups").iterdir()] == ["ledger-2026-03-03.sqlite3"]
    assert files.run("restore", "latest").code == 0
    (aside,) = (files.state / "backups").glob("ledger-aside-*")
    assert damage in WRITTEN or aside.read_bytes() == broken
    files.once(SOON)
    files.settled(ANA, BEN)


def test_the_service_says_that_the_ledger_is_damaged_and_goes_on_once_it_is_moved_away(house: Harmed) -> None:
    with house.service() as service:
        assert service.until("cycle.done")["placed"] == 1
        house.met(ANA, BEN)
        header(house.ledger)
        service.send(signal.SIGHUP)
        assert "`afterword restore latest`" in put_off(service)
        code, problems = house.status()
        assert code == 75
        assert len([one for one in problems if "is damaged" in one]) == 1
        said = house.said()
        assert f"service runs (process {service.process.pid}) ledger cannot be read" in said
        assert "restore latest`" in said
        house.ledger.rename(house.state / "kept")
        assert service.until("cycle.done")["placed"] == 1
    house.stays_with_the_new()
    house.settled(ANA, BEN)


def pages_of(file: Path, table: str) -> list[int]:
    with closing(sqlite3.connect(file)) as raw:
        query = "SELECT rootpage FROM sqlite_master WHERE tbl_name = ? AND rootpage > 0"
        return [page for (page,) in raw.execute(query, (table,))]


@pytest.mark.parametrize("table", ["events", "messages", "mails", "held", "follow_ups"])
def test_damage_in_a_page_that_is_only_met_late_keeps_everything_from_being_drafted(files: Harmed, table: str) -> None:
    files.good(ANA, at=DUE)
    files.met(ANA, BEN)
    whole = files.ledger.read_bytes()
    for page in pages_of(files.ledger, table):
        start = (page - 1) * 4096
        files.ledger.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        assert "is damaged" in files.once().problem, page
        assert files.to() == [ANA], page
    assert files.run("status", "--json").code == 75
    files.ledger.write_bytes(whole)
    files.good(ANA, BEN)


def test_a_folder_in_the_place_of_the_ledger_is_told(files: Harmed) -> None:
    files.ledger.unlink()
    files.ledger.mkdir()
    told = files.once()
    assert told.code == 75
    assert "is a folder, and no file" in told.problem
    assert "Move it away" in told.problem
    status = files.run("status", "--json")
    assert (status.code, status.problem) == (75, told.problem)
    files.ledger.rmdir()
    begun = files.once(SOON)
    assert (begun.code, "a new one was begun beside a sound backup" in begun.problem) == (0, True)
    files.stays_with_the_new()
    files.settled(ANA)


def test_an_empty_file_is_a_ledger_that_begins_anew(files: Harmed) -> None:
    files.good(ANA, at=DUE)
    files.ledger.write_bytes(b"")
    files.once(SOON)
    files.stays_with_the_new()
    files.settled(ANA)


def test_another_journal_mode_and_what_it_left_behind_is_no_harm(files: Harmed) -> None:
    copies = {name: files.home.root / name for name in (LEDGER, f"{LEDGER}-wal")}
    with closing(sqlite3.connect(files.ledger)) as raw:
        raw.execute("PRAGMA journal_mode=WAL")
        with raw:
            raw.execute("INSERT INTO memory VALUES ('other', 'words')")
        for name, copy in copies.items():
            shutil.copyfile(files.state / name, copy)
    for name, copy in copies.items():
        shutil.copyfile(copy, files.state / name)
    assert files.run("status", "--json").code == 0
    files.good(ANA)
    with closing(sqlite3.connect(files.ledger)) as raw:
        assert raw.execute("SELECT text FROM memory WHERE key = 'other'").fetchone() == ("words",)
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("delete",)


KILLED_WRITER = """
import os, sqlite3, sys
raw = sqlite3.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA cache_size=2")
raw.execute("BEGIN IMMEDIATE")
for number in range(2000):
    raw.execute("INSERT INTO memory VALUES (?, ?)", (f"half {number}", "x" * 500))
os._exit(9)
"""


def test_what_a_killed_writer_left_is_taken_back(files: Harmed) -> None:
    files.good(ANA, at=DUE)
    before = files.ledger.read_bytes()
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(files.ledger)], check=False)
    assert files.ledger.read_bytes() != before
    journal = files.state / f"{LEDGER}-journal"
    left = journal.read_bytes()
    assert files.status() == (0, [])
    assert journal.read_bytes() == left  # looking takes nothing back
    files.settled(ANA)
    assert not journal.exists()


def test_the_remedy_names_the_journal_of_a_damaged_ledger_too(files: Harmed) -> None:
    subprocess.run([sys.executable, "-c", KILLED_WRITER, str(files.ledger)], check=False)
    journal = files.state / f"{LEDGER}-journal"
    journal.write_bytes(b"\0" * 512)
    header(files.ledger)
    shutil.move(files.state / "backups", files.state / "aside")
    assert f"move {files.ledger} and {journal} away" in files.once().problem
    shutil.move(files.state / "aside", files.state / "backups")
    assert "`afterword restore latest`" in files.once().problem
    assert files.run("restore", "latest").code == 0
    assert not journal.exists()
    files.once(SOON)
    assert files.run("status", "--json").code == 0
