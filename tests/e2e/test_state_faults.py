"""The state comes to harm while the real command, or the real service, is at work: told, nothing by halves, gone on."""

from __future__ import annotations

import json
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
    BEFORE,
    BEN,
    DUE,
    LATER,
    LEDGER,
    ORDINARY,
    SOON,
    Disk,
    Harmed,
    Locked,
    put_off,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Harmed:
    """A first cycle was well; then Ana was met."""
    house = Harmed.make(tmp_path / "home", ORDINARY)
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    return house


@pytest.fixture
def files(tmp_path: Path) -> Harmed:
    """As `house`, for harm that is done to files."""
    house = Harmed.make(tmp_path / "home")
    house.here = True
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    return house


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk for the state."""
    disk = Disk(tmp_path / "home" / "state")
    yield disk
    disk.end()


@pytest.fixture
def on_disk(disk: Disk, tmp_path: Path) -> Harmed:
    """As `house`, with the state on the small disk."""
    house = Harmed.make(tmp_path / "home", within=disk.within)
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    return house


# --- The disk full ---------------------------------------------------------------------------------------------


def test_a_full_disk_is_told_with_its_remedy_and_the_draft_comes_when_there_is_room(
    on_disk: Harmed, disk: Disk
) -> None:
    disk.fill()
    told = on_disk.once()
    assert told.code == 75
    assert str(on_disk.state) in told.problem
    assert "Free some space" in told.problem
    assert on_disk.to() == []
    code, problems = on_disk.status()
    assert code == 0
    assert any("no space left" in one and "Free some space" in one for one in problems)
    said = on_disk.said()
    assert "What needs you the state folder" in said
    assert "Free some space" in said
    disk.free()
    on_disk.good(ANA)


def test_the_service_says_that_the_disk_is_full_and_goes_on_by_itself(on_disk: Harmed, disk: Disk) -> None:
    disk.fill()
    with on_disk.service() as service:
        assert "Free some space" in put_off(service)
        put_off(service)
        code, problems = on_disk.status()
        assert code == 0
        assert any("Free some space" in one for one in problems)
        assert "service runs" in on_disk.said()
        disk.free()
        assert service.until("cycle.done")["placed"] == 1
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
    on_disk.settled(ANA)


def test_the_first_start_on_a_full_disk_is_a_service_that_waits_for_room(disk: Disk, tmp_path: Path) -> None:
    house = Harmed.make(tmp_path / "home", within=disk.within)
    disk.fill()
    with house.service(BEFORE) as service:
        assert "Free some space" in put_off(service)
        disk.free()
        service.until("cycle.done")
    house.met(ANA)
    house.good(ANA)


@pytest.mark.parametrize("harm", ["fill", "drown"])
def test_what_is_deleted_before_there_is_room_again_stays_away(on_disk: Harmed, disk: Disk, harm: str) -> None:
    """It was placed when the disk was full, and written down all the same; where that cycle died, by the next one."""
    on_disk.harm_at_the_draft(harm, on_disk.state)
    told = on_disk.once()
    assert told.code == (9 if harm == "drown" else 0)
    on_disk.met(BEN)
    told = on_disk.once()  # there is no room for another intent
    assert told.code == 75
    assert "Free some space" in told.problem
    assert on_disk.to() == [ANA]
    on_disk.home.delete(on_disk.home.id())
    disk.free()
    on_disk.once(SOON)
    assert on_disk.to() == [BEN]
    on_disk.once(LATER)
    assert on_disk.to() == [BEN]


def test_no_room_for_one_more_file_in_the_moment_in_which_the_draft_was_placed(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "home" / "state", "size=4m,nr_inodes=16")
    house = Harmed.make(tmp_path / "home", within=disk.within)
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    house.harm_at_the_draft("crowd", house.state)
    assert house.once().code == 0
    house.met(BEN)
    assert "df -i" in house.once().problem
    assert house.to() == [ANA]
    for other in disk.inside.glob("other*"):
        other.unlink()
    house.good(ANA, BEN)
    disk.end()


def test_the_disk_is_full_to_the_last_in_the_moment_in_which_the_draft_was_placed(on_disk: Harmed, disk: Disk) -> None:
    on_disk.harm_at_the_draft("rob", on_disk.state)
    told = on_disk.once()
    assert told.code == 75
    assert "Free some space" in told.problem
    assert "nothing was changed" not in told.problem
    assert on_disk.to() == [ANA]
    assert on_disk.once().code == 75
    assert on_disk.to() == [ANA]
    disk.free()
    told = on_disk.once(SOON)
    assert (told.code, told.json["placed"]) == (0, [])
    assert [one["state"] for one in told.json["changed"]] == ["placed"]
    on_disk.settled(ANA)


def test_the_disk_is_full_and_the_mailbox_did_not_take_the_draft(on_disk: Harmed, disk: Disk) -> None:
    on_disk.harm_at_the_draft("refuse", on_disk.state)
    assert on_disk.once().code == 75
    assert on_disk.to() == []
    disk.free()
    on_disk.good(ANA)


def test_a_service_settles_by_itself_what_a_full_disk_cut_off(on_disk: Harmed, disk: Disk) -> None:
    on_disk.harm_at_the_draft("rob", on_disk.state)
    with on_disk.service() as service:
        put_off(service)
        assert on_disk.harmed()
        disk.free()
        assert service.until("cycle.done")["placed"] == 0
    on_disk.settled(ANA)


def test_no_room_for_one_more_file_is_a_full_disk(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "home" / "state", "size=4m,nr_inodes=8")
    house = Harmed.make(tmp_path / "home", within=disk.within)
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    others = [disk.inside / f"other{number}" for number in range(8)]
    for other in others:
        try:
            other.touch()
        except OSError:
            break
    told = house.once()
    assert told.code == 75
    assert "df -i" in told.problem
    assert any("df -i" in one for one in house.status()[1])
    for other in others:
        other.unlink(missing_ok=True)
    house.good(ANA)
    disk.end()


def test_a_full_disk_of_the_mailbox_is_told_and_the_draft_comes_when_there_is_room(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "home" / "Mail")
    house = Harmed.make(tmp_path / "home", within=disk.within)
    for part in ("cur", "new", "tmp"):
        (disk.inside / part).mkdir()
    assert house.once(BEFORE).code == 0
    house.met(ANA)
    disk.fill()
    with house.service() as service:
        assert "make some room" in put_off(service)
        code, problems = house.status()
        assert code == 0
        assert len([one for one in problems if "make some room" in one]) == 1
        assert not list(disk.inside.glob(".Drafts/*/*"))
        disk.free()
        assert service.until("cycle.done")["placed"] == 1
    assert [path.parent.name for path in disk.inside.glob(".Drafts/*/*")] == ["cur"]
    assert house.status(SOON) == (0, [])
    disk.end()


def test_a_log_on_a_full_disk_does_not_end_the_service(on_disk: Harmed, disk: Disk) -> None:
    places = [str(on_disk.home.root / "config"), str(on_disk.state), DUE]
    disk.fill()
    with (disk.inside / "log").open("wb", buffering=0) as log:
        command = [*on_disk.start(), sys.executable, "-m", "daemon.service", *places]
        service = subprocess.Popen(command, stderr=log, env=on_disk.environ())
    try:
        until(lambda: on_disk.run("status", "--json").json["service"] is not None)
        disk.free()
        service.send_signal(signal.SIGHUP)
        until(lambda: [one["state"] for one in on_disk.run("drafts", "--json").json["follow_ups"]] == ["placed"])
        service.terminate()  # which ends a cycle wherever it is
        assert service.wait(20) == 0
    finally:
        service.kill()
        service.wait(20)
    on_disk.settled(ANA)


# --- Read-only -------------------------------------------------------------------------------------------------


def test_a_state_folder_that_may_not_be_written_is_told_and_the_draft_comes_when_it_may(house: Harmed) -> None:
    house.state.chmod(0o555)
    told = house.once()
    assert told.code == 77
    assert f"chmod -R u+rwX {house.state}" in told.problem
    code, problems = house.status()
    assert code == 0
    assert any("permission denied" in one and "chmod" in one for one in problems)
    assert house.to() == []
    house.state.chmod(0o700)
    house.good(ANA)


def test_a_state_folder_that_may_not_be_looked_into_tells_nothing_of_the_service(house: Harmed) -> None:
    house.state.chmod(0o000)
    code, problems = house.status()
    assert code == 77
    assert any("chmod" in one for one in problems)
    assert "service cannot be seen from here ledger cannot be read" in house.said()
    house.state.chmod(0o700)


def test_a_ledger_that_may_not_be_written_is_told(house: Harmed) -> None:
    house.ledger.chmod(0o400)
    told = house.once()
    assert told.code == 77
    assert "writable" in told.problem
    assert any("chmod" in one for one in house.status()[1])
    house.ledger.chmod(0o600)
    house.good(ANA)


def test_a_disk_that_becomes_read_only_under_the_service_is_told_until_it_is_writable_again(
    on_disk: Harmed, disk: Disk
) -> None:
    with on_disk.service(BEFORE) as service:
        service.until("cycle.done")
        disk.forbid()
        service.send(signal.SIGHUP)
        assert "mounted read-only" in put_off(service)
        told = on_disk.once()
        assert told.code == 77
        assert "mounted read-only" in told.problem
        code, problems = on_disk.status()
        assert code == 0
        assert any("mounted read-only" in one for one in problems)
        disk.allow()
        service.until("cycle.done")
    on_disk.good(ANA)


def test_the_folder_is_forbidden_in_the_moment_in_which_the_draft_was_placed(house: Harmed) -> None:
    house.harm_at_the_draft("forbid", house.state)
    told = house.once()
    assert told.code == 77
    assert "chmod" in told.problem
    assert house.to() == [ANA]
    house.state.chmod(0o700)
    house.good(ANA)


# --- Locked ----------------------------------------------------------------------------------------------------


def test_a_locked_ledger_is_told_with_who_has_it_and_the_service_goes_on_when_it_is_free(house: Harmed) -> None:
    with Locked(house.ledger, "IMMEDIATE") as other, house.service() as service:
        assert f"process {other.pid} has it locked" in put_off(service)
        code, problems = house.status()
        assert code == 0
        assert any(f"process {other.pid} has it locked" in one for one in problems)
        assert house.to() == []
        other.release()
        assert service.until("cycle.done")["placed"] == 1
    house.settled(ANA)


def test_a_ledger_locked_against_reading_is_told_by_once_and_by_status(house: Harmed) -> None:
    with Locked(house.ledger, "EXCLUSIVE") as other:
        told = house.once()
        assert told.code == 75
        assert f"process {other.pid} has it locked" in told.problem
        status = house.run("status", "--json")
        assert status.code == 75
        assert f"process {other.pid} has it locked" in status.problem
        assert f"`ps -fp {other.pid}` tells what has it: " in status.json["problems"][0]["hint"]
        assert (status.json["service"], status.json["last_cycle"]) == (None, None)
        other.release()
    house.good(ANA)


def test_a_ledger_locked_for_a_moment_is_waited_for(house: Harmed) -> None:
    with Locked(house.ledger, "EXCLUSIVE") as other:
        command = [*house.command("once", "--json"), "--at", DUE]
        cycle = subprocess.Popen(command, stdout=subprocess.PIPE, env=house.environ())
        until(lambda: LEDGER in _open_files(cycle.pid))
        other.release()
        out, _ = cycle.communicate(timeout=60)
    assert (cycle.returncode, len(json.loads(out)["placed"])) == (0, 1)
    house.settled(ANA)


def _open_files(pid: int) -> set[str]:
    folder = f"/proc/{pid}/fd"
    names = set()
    for number in os.listdir(folder):  # noqa: PTH208 - links that come and go
        try:
            names.add(os.readlink(f"{folder}/{number}").rpartition("/")[2])  # noqa: PTH115 - see above
        except OSError:
            continue
    return names


def test_the_ledger_is_locked_in_the_moment_in_which_the_draft_was_placed(house: Harmed) -> None:
    house.harm_at_the_draft("lock", house.state)
    told = house.once()
    assert told.code == 75
    assert "locked" in told.problem
    assert house.to() == [ANA]
    house.good(ANA)


# --- Corrupt ---------------------------------------------------------------------------------------------------


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


# --- Gone ------------------------------------------------------------------------------------------------------


def test_a_state_folder_deleted_under_the_service_is_made_anew_and_held(house: Harmed) -> None:
    with house.service() as service:
        assert service.until("cycle.done")["placed"] == 1
        gone = house.state.rename(house.home.root / "gone")  # at once, while the service may be writing in it
        shutil.rmtree(gone, ignore_errors=True)
        house.met(ANA, BEN)
        service.send(signal.SIGHUP)
        assert service.until("state.replaced")["state"] == str(house.state)
        assert service.until("cycle.done")["placed"] == 1
        told = house.run("status", "--json").json
        assert told["service"]["pid"] == service.process.pid
        assert told["service"]["answers"]
        with house.service() as second:
            assert f"process {service.process.pid}" in (second.line() or "")
            assert second.ended()[0] == 75
    house.settled(ANA, BEN)


def test_a_state_folder_deleted_and_taken_by_another_service_ends_the_first(house: Harmed) -> None:
    with house.service() as first:
        first.until("cycle.done")
        house.state.rename(house.home.root / "elsewhere")
        house.state.mkdir()
        with house.service() as second:
            second.until("cycle.done")
            first.send(signal.SIGHUP)
            assert str(second.process.pid) in first.until("state.taken")["why"]
            assert first.ended()[0] == 75
            house.met(ANA, BEN)
            second.send(signal.SIGHUP)
            assert second.until("cycle.done")["placed"] == 1
    house.settled(ANA, BEN)


def test_the_state_folder_is_deleted_in_the_moment_in_which_the_draft_was_placed(house: Harmed) -> None:
    house.harm_at_the_draft("remove", house.state)
    told = house.once()
    assert told.code == 75
    assert "moved or deleted" in told.problem
    assert house.to() == [ANA]
    told = house.once(SOON)
    assert (told.code, told.json["placed"]) == (0, [])
    house.settled(ANA)


def test_a_file_in_the_place_of_the_state_folder_is_told(house: Harmed) -> None:
    house.state.rename(house.home.root / "elsewhere")
    house.state.write_text("no folder")
    inner = Harmed(house.home, house.prefix, environment={"AFTERWORD_STATE": str(house.state)})
    command = [*inner.start(), sys.executable, "-m", "daemon", "--config", str(house.home.root / "config"), "once"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=inner.environ())
    assert done.returncode == 75
    assert "Move away what lies in its place" in done.stderr
    house.state.unlink()
    (house.home.root / "elsewhere").rename(house.state)
    house.good(ANA)


# --- Too little of something else ------------------------------------------------------------------------------


def test_too_few_open_files_are_told(house: Harmed) -> None:
    few = Harmed(house.home, ("prlimit", "--nofile=5:5", *house.prefix))
    told = few.once()
    assert told.code == 75
    assert "ulimit -n" in told.problem
    assert house.to() == []
    house.good(ANA)


@pytest.mark.parametrize("size", [0, 4_096, 100_000])
def test_no_file_may_grow_beyond_a_size(house: Harmed, size: int) -> None:
    cramped = Harmed(house.home, ("prlimit", f"--fsize={size}:{size}", *house.prefix))
    told = cramped.once()
    assert told.code in {0, 75}
    if told.code:
        assert "space" in told.problem
    house.once(SOON)
    house.settled(ANA)


def test_killed_in_the_moment_in_which_the_draft_was_placed_the_service_settles_it(house: Harmed) -> None:
    house.harm_at_the_draft("die", house.state)
    with house.service() as service:
        assert service.until("cycle.failed")["exit_code"] == 9
        assert service.until("cycle.done")["exit_code"] == 0
    house.settled(ANA)
