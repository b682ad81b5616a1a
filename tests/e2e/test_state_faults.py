"""The state comes to harm while the real command, or the real service, is at work: told, nothing by halves, gone on."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.e2e.faulty import (
    ANA,
    BEN,
    DUE,
    LEDGER,
    SOON,
    Harmed,
    Locked,
    put_off,
    until,
)

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
