"""The disk of the state, or of the mailbox, is full or read-only while the real command, or service, is at work."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.faulty import (
    ANA,
    BEFORE,
    BEN,
    DUE,
    LATER,
    SOON,
    Disk,
    Harmed,
    put_off,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk for the state."""
    disk = Disk(tmp_path / "home" / "state")
    yield disk
    disk.end()


@pytest.fixture
def on_disk(disk: Disk, tmp_path: Path) -> Harmed:
    """A first cycle was well, with the state on the small disk; then Ana was met."""
    return Harmed.begun(tmp_path / "home", within=disk.within)


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
