"""A backup of the ledger each day: seven are kept, whatever the clock does, and a bad day takes none of them."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from daemon import backups, settling
from daemon.ledger import Ledger, LedgerCorrupt, store
from rules.almanac import Almanac
from tests.cases.home import Home, coffee
from tests.cases.test_state import in_a_child
from tests.daemon.ledger.build import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LISBON = Almanac("Europe/Lisbon")
NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WEEK = [f"ledger-2026-03-{day:02}.sqlite3" for day in range(3, 10)]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A ledger that has seen a cycle."""
    folder = tmp_path / "state"
    with Ledger.open(folder) as ledger:
        ledger.save([(record(), "")], NOON)
        ledger.end_cycle(ledger.begin_cycle(NOON), NOON, ())
    return folder


def daily(state: Path, *moments: datetime) -> list[str]:
    """What each moment had to tell, once a cycle began then."""
    with Ledger.open(state) as ledger:
        told = (backups.daily(ledger, LISBON, moment) for moment in moments)
        return [problem.message for problem in told if problem is not None]


def names(state: Path) -> list[str]:
    return sorted(path.name for path in (state / "backups").iterdir())


def days(*numbers: int) -> Iterable[datetime]:
    return (NOON + number * DAY for number in numbers)


def test_one_each_day_and_the_last_seven_are_kept(state: Path) -> None:
    assert daily(state, *days(*range(7)), NOON + 6 * DAY + timedelta(hours=3)) == []
    assert names(state) == WEEK
    daily(state, *days(7))
    assert names(state) == [*WEEK[1:], "ledger-2026-03-10.sqlite3"]
    assert stat.S_IMODE((state / "backups").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (state / "backups").iterdir()} == {0o600}


def test_the_day_is_that_of_the_user(state: Path) -> None:
    daily(state, datetime(2026, 7, 3, 23, 30, tzinfo=UTC))  # half past midnight in Lisbon
    assert names(state) == ["ledger-2026-07-04.sqlite3"]


def test_who_slept_three_weeks_has_the_seven_days_before_that_and_today(state: Path) -> None:
    daily(state, *days(*range(7)), *days(28))
    assert names(state) == [*WEEK[1:], "ledger-2026-03-31.sqlite3"]


def test_a_clock_that_was_ahead_takes_no_backup_away(state: Path) -> None:
    daily(state, *days(*range(7)), *days(4000))
    daily(state, *days(7), *days(8))
    assert names(state)[:7] == [*WEEK[2:], "ledger-2026-03-10.sqlite3", "ledger-2026-03-11.sqlite3"]
    assert len(names(state)) == 8
    daily(state, *days(*range(5000, 5020)))
    assert len(names(state)) <= 14


def test_a_clock_that_is_set_back_takes_no_backup_away(state: Path) -> None:
    daily(state, *days(*range(7)))
    before = {path.name: path.read_bytes() for path in (state / "backups").iterdir()}
    daily(state, *days(3, -400))
    after = {path.name: path.read_bytes() for path in (state / "backups").iterdir()}
    assert after.items() >= before.items()


def test_a_ledger_without_a_cycle_has_nothing_to_keep(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger:
        assert backups.daily(ledger, LISBON, NOON) is None
    assert not (tmp_path / "backups").exists()


def test_a_damaged_ledger_takes_the_place_of_no_backup(state: Path) -> None:
    daily(state, *days(*range(7)))
    file = state / store.NAME
    whole = file.read_bytes()
    damaged = bytearray(whole)
    with closing(sqlite3.connect(file)) as raw:
        (page,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    damaged[(page - 1) * size : page * size] = b"\xff" * size
    file.write_bytes(damaged)
    with pytest.raises(LedgerCorrupt, match="damaged"):
        daily(state, *days(7))
    assert names(state) == WEEK


def test_what_hinders_it_is_told_once_and_then_by_status_alone(state: Path) -> None:
    (state / "backups").write_text("in the way")
    assert daily(state, NOON, NOON) == ["the daily backup of the ledger could not be made: file exists"]
    with Ledger.open(state, write=False) as ledger:
        assert backups.standing(ledger) is not None
    (state / "backups").unlink()
    assert daily(state, NOON) == []
    with Ledger.open(state, write=False) as ledger:
        assert backups.standing(ledger) is None
    assert names(state) == WEEK[:1]


def test_no_copy_is_begun_that_would_fill_the_disk(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = os.statvfs_result((4096, 4096, 256, 90, 90, 100, 50, 50, 0, 255))  # the ledger has forty of its blocks
    monkeypatch.setattr(os, "statvfs", lambda _: small)
    assert daily(state, NOON) == ["the daily backup of the ledger could not be made: no space left on device"]
    assert names(state) == []


def test_what_a_dead_process_left_half_done_goes_with_the_next(state: Path) -> None:
    (state / "backups").mkdir(mode=0o700)
    (state / "backups" / ".ledger-2026-03-01.sqlite3.new").write_bytes(b"half")
    daily(state, NOON)
    assert names(state) == WEEK[:1]


def test_a_folder_with_the_name_of_an_old_backup_is_left_alone_and_hinders_nothing(state: Path) -> None:
    odd = "ledger-2020-01-01.sqlite3"
    (state / "backups" / odd).mkdir(parents=True)
    assert daily(state, *days(*range(8))) == []
    assert names(state) == [odd, *WEEK[1:], "ledger-2026-03-10.sqlite3"]
    with Ledger.open(state, write=False) as ledger:
        assert backups.standing(ledger) is None


def test_a_folder_with_the_name_of_the_backup_of_today_is_no_backup_and_told(state: Path) -> None:
    odd = state / "backups" / WEEK[0]
    odd.mkdir(parents=True)
    assert daily(state, NOON, NOON) == ["the daily backup of the ledger could not be made: a folder has its name"]
    with Ledger.open(state, write=False) as ledger:
        told = backups.standing(ledger)
        assert told is not None
        assert f"Move {odd} away" in (told.hint or "")
    odd.rmdir()
    assert daily(state, NOON) == []
    with Ledger.open(state, write=False) as ledger:
        assert backups.standing(ledger) is None
    assert odd.is_file()


def test_an_old_backup_that_cannot_be_removed_is_told_apart_and_hinders_no_other(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily(state, *days(*range(7)))
    unlink = type(state).unlink

    def kept(path: Path, *, missing_ok: bool = False) -> None:
        if path.name == WEEK[0]:
            raise PermissionError(1, os.strerror(1), str(path))  # as of one that is immutable
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(type(state), "unlink", kept)
    told = daily(state, *days(7, 8))
    assert told == ["the daily backup was made; an old one could not be removed: operation not permitted"]
    assert names(state) == [WEEK[0], *WEEK[2:], "ledger-2026-03-10.sqlite3", "ledger-2026-03-11.sqlite3"]
    monkeypatch.undo()
    assert daily(state, *days(9)) == []
    assert len(names(state)) == 7


@pytest.mark.parametrize("size", [0, 20_000, 100_000])
def test_a_disk_that_fills_up_meanwhile_stops_no_cycle_and_leaves_nothing_half(
    tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file of the backup grows beyond this; the ledger itself is there already."""
    home = Home.make(tmp_path / "home")
    coffee(home, "ana@one.example")
    home.once("2026-03-03 09:00")
    back_up = Ledger.back_up

    def on_a_full_disk(ledger: Ledger, target: Path) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
        try:
            back_up(ledger, target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        code, told, _ = home.command("once", when="2026-03-03 13:00")
        assert "the daily backup" in told["problems"][0]["message"]
        assert told["problems"][0]["hint"]
        return code

    monkeypatch.setattr(Ledger, "back_up", on_a_full_disk)
    assert in_a_child(work) == 1
    assert home.to() == ["ana@one.example"]
    assert names(home.state) == []
    monkeypatch.undo()
    assert home.command("once", when="2026-03-03 13:05")[0] == 0
    assert names(home.state) == WEEK[:1]


def test_a_quiet_cycle_makes_the_backup_of_its_day(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    coffee(home, "ana@one.example")
    for when in ("2026-03-03 21:00", "2026-03-03 23:50", "2026-03-03 23:55", "2026-03-04 00:05"):
        assert home.command("once", when=when)[0] == 0
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.recall("quiet") is not None
    assert names(home.state) == WEEK[:2]


def test_looking_makes_none(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once("2026-03-03 09:00")
    home.command("once", "--dry-run", when="2026-03-03 09:10")
    assert not (home.state / "backups").exists()


def test_a_copy_remembers_no_place_in_any_mailbox_or_calendar_and_bears_a_mark(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    coffee(home, "ana@one.example")
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:05")
    (home.root / "copy").mkdir()
    with Ledger.open(home.state) as ledger:
        assert ledger.recall("mailbox")
        assert settling.restored(ledger) is None
        ledger.back_up(home.root / "copy" / store.NAME)
    with Ledger.open(home.root / "copy", write=False) as copy, Ledger.open(home.state, write=False) as ledger:
        assert copy.recall("mailbox") is copy.recall("quiet") is None
        mark = settling.restored(copy)
        last = ledger.last_cycle()
        assert mark is not None
        assert last is not None
        assert mark.as_of == last[0]
        with copy.reading() as connection:
            assert {*connection.exec_driver_sql("SELECT tag FROM resources").scalars()} == {""}
        assert [one.id for one in copy.records()] == [one.id for one in ledger.records()]


def test_an_instant_that_is_none_is_damage_and_disables_neither_list_nor_doctor_nor_restore(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once("2026-03-03 09:00")
    for minute in (1, 2):
        assert home.command("backup", when=f"2026-03-03 09:0{minute}")[0] == 0
    sound, odd = sorted((home.state / "backups").iterdir())
    for file in (odd, home.state / store.NAME):
        with closing(sqlite3.connect(file)) as raw, raw:
            raw.execute("UPDATE cycles SET ended = ?", ("x" if file == odd else 9e30,))
    for words in ("once", "backup", "status"):
        code, told, _ = home.command(words, when="2026-03-03 13:00")
        assert code == 75
        assert "`afterword restore latest`" in told["problems"][0]["hint"]
    code, told, _ = home.command("backup", "--list", when="2026-03-03 13:00")
    assert code == 0
    assert {one["file"]: one["sound"] for one in told["backups"]} == {str(sound): True, str(odd): False}
    assert home.command("doctor", when="2026-03-03 13:00")[0] == 0
    code, told, _ = home.command("restore", "latest", when="2026-03-03 13:00")
    assert (code, told["restored"]["file"]) == (0, str(sound))


def test_a_backup_waits_for_no_writer_for_ever(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BUSY", 0.05)
    with Ledger.open(state, write=False) as ledger, closing(sqlite3.connect(state / store.NAME)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Exception, match="in use"):
            ledger.back_up(state / "copy")
    assert not (state / "copy").exists()
    assert os.listdir(state) == [store.NAME]  # noqa: PTH208 - names are all that is asked
