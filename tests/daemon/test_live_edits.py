"""The service that runs takes an edit at once, says what it changes, and refuses a broken one: the real process."""

from __future__ import annotations

import os
import select
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daemon.standing import standing
from daemon.ticks import TICK
from tests.daemon.serving import Running, document
from tests.house import RULES, Household, event

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = f"echo '{document(3600)}'"
TELL = """echo '{"event": "child", "option": "'$1'"}' >&2; """


def happened(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["at"])


def test_an_edit_is_seen_long_before_the_service_would_look_by_itself(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        began = happened(service.until("service.started"))
        service.until("service.ready")
        (service.config / "afterword.yaml").write_text("version: 1\n")
        asked = service.until("configuration.asked")
        assert asked["why"] == "changed"
        assert happened(asked) - began < timedelta(seconds=TICK - 1)
        assert service.until("cycle.started")["reason"] == "configuration"


def test_several_files_are_taken_in_one_cycle(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:
        service.until("service.ready")
        (service.config / "rules").mkdir()
        for number in range(20):
            (service.config / "rules" / f"{number}.yaml").write_text("rules: []\n")
        service.until("configuration.asked")
        service.until("cycle.done")
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
        assert sum("configuration.asked" in line for line in service.heard) == 1


def test_an_edit_in_the_middle_of_a_cycle_is_read_after_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running(tmp_path, f"{TELL} read go < {tmp_path / 'fifo'}; {GOOD}") as service:
        service.until("child")
        (service.config / "afterword.yaml").write_text("version: 1\n")
        service.until("configuration.asked")
        (tmp_path / "fifo").write_text("go\n")
        service.until("cycle.done")
        assert service.until("child")["option"] == "--reread"
        (tmp_path / "fifo").write_text("go\n")
        service.until("cycle.done")


def test_a_cycle_that_begins_for_another_reason_before_the_edit_is_noticed_tells_of_it(tmp_path: Path) -> None:
    cycle = f"""{TELL} echo '{document(3600, "2026-03-03T15:00:04+00:00")}'""".replace("$1", "$3")
    with Running(tmp_path, cycle, at="2026-03-03T15:00:00+00:00") as service:
        service.until("service.ready")
        with (service.config / "afterword.yaml").open("w") as stream:
            stream.write("version: 1\n")
            stream.flush()  # and who has it open is waited for
            assert service.until("child")["option"] == "--reread"
        assert not any("configuration.asked" in line for line in service.heard)
        assert any('"reason": "due"' in line for line in [*service.heard, str(service.line())])


def test_what_was_read_once_is_not_told_by_the_cycles_that_follow(tmp_path: Path) -> None:
    with Running(tmp_path, f"{TELL} echo '{document(1)}'") as service:
        assert service.until("child")["option"] == "--reread"
        assert service.until("child")["option"] == ""


def test_a_people_file_that_the_settings_name_elsewhere_is_watched(tmp_path: Path) -> None:
    people = tmp_path / "people.yaml"
    people.write_text("people: []\n")
    with Running(tmp_path, f"echo '{document(3600, files=[str(people)])}'") as service:
        service.until("service.ready")
        people.write_text("people: []  # more\n")
        assert service.until("configuration.asked")["why"] == "changed"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_a_service_that_watches_sleeps(tmp_path: Path) -> None:
    with Running(tmp_path, GOOD) as service:

        def woken() -> int:
            status = Path(f"/proc/{service.process.pid}/status").read_text().splitlines()
            return next(int(line.split()[1]) for line in status if line.startswith("voluntary"))

        service.until("service.ready")
        assert service.process.stderr is not None
        before = woken()
        assert not select.select([service.process.stderr], [], [], 1.5)[0]
        assert woken() - before <= 1  # the look of every tick may just have come


@pytest.fixture
def home(tmp_path: Path) -> Household:
    """A coffee with Dana tomorrow, and a chat with Ed the day after."""
    home = Household.make(tmp_path)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    home.put(
        "a",
        event("dana", f"{tomorrow:%Y-%m-%d} 15:00", "dana@acme.example"),
        event("ed", f"{tomorrow + timedelta(days=1):%Y-%m-%d} 15:00", "ed@initech.example", title="Chat"),
    )
    return home


@pytest.fixture
def service(home: Household) -> Iterator[Running]:
    """The service, with its real cycles, once the first one has ended."""
    command = ["--config", str(home.root / "config"), "--state", str(home.state), "run"]
    with Running.of([sys.executable, "-m", "daemon", *command]) as running:
        running.until("cycle.done")
        yield running


def test_an_edited_rule_is_taken_and_the_log_tells_which_notes_it_moves(home: Household, service: Running) -> None:
    home.write("rules/rules.yaml", RULES.replace("after: 2 hours", "after: 3 hours"))
    taken = service.until("configuration.taken")
    assert (taken["edited"], taken["rules"], taken["steps"]) == (["rules/rules.yaml"], 1, 2)
    moves = [service.until("plan.moves"), service.until("plan.moves")]
    assert [(one["rule"], one["step"]) for one in moves] == [("soft", "thank-you"), ("soft", "thank-you")]
    assert all(datetime.fromisoformat(one["due"]) > datetime.fromisoformat(one["was"]) for one in moves)
    total = service.until("plan.changed")
    assert [total[name] for name in ("gains", "loses", "moves", "same")] == [0, 0, 2, 0]
    service.until("cycle.done")
    told = standing(home.state)
    assert told is not None
    assert told["configuration"]["taken"]


def test_a_broken_edit_is_refused_once_with_its_place_and_taken_when_it_is_mended(
    home: Household, service: Running
) -> None:
    home.write("rules/rules.yaml", RULES.replace("title:", "tittle:"))
    refused = service.until("configuration.refused")
    assert (refused["file"], refused["line"], refused["column"]) == ("rules/rules.yaml", 3, 12)
    assert "tittle" in refused["message"]
    service.until("configuration.last_good")
    home.write("rules/rules.yaml", RULES)
    service.until("cycle.started")
    told = standing(home.state)
    assert told is not None
    assert (bool(told["configuration"]["taken"]), bool(told["configuration"]["refused"])) == (True, True)
    assert service.until("configuration.taken")["edited"] is None  # it is what was in force all the time
    assert sum("configuration.refused" in line for line in service.heard) == 1
    assert sum("configuration.last_good" in line for line in service.heard) == 1


def test_what_was_edited_while_no_service_ran_is_told_when_it_starts(home: Household) -> None:
    command = ["--config", str(home.root / "config"), "--state", str(home.state), "run"]
    with Running.of([sys.executable, "-m", "daemon", *command]) as first:
        assert first.until("configuration.taken")["edited"] is None
        first.until("cycle.done")
        first.send(signal.SIGTERM)
        assert first.ended()[0] == 0
    home.write("rules/rules.yaml", RULES.replace("coffee, chat", "coffee"))
    with Running.of([sys.executable, "-m", "daemon", *command]) as second:
        assert second.until("configuration.taken")["edited"] == ["rules/rules.yaml"]
        assert second.until("plan.loses")["step"] == "thank-you"
