"""Which configuration a cycle works with: the folder's, or the last good one in the service."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from config.sources import read
from daemon.configuration import LAST_GOOD, MOST_TOLD, load_configuration, load_for_cycle
from daemon.failure import ExitCode, Failure
from tests.daemon.command import SETTINGS, configure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def break_it(folder: Path) -> None:
    (folder / "rules" / "a.yaml").write_text("rules: [")


def test_a_good_configuration_is_kept_for_the_service_readable_by_its_owner_alone(tmp_path: Path, state: Path) -> None:
    folder = configure(tmp_path / "c")
    found = load_for_cycle(folder, state, service=True)
    assert (found.configuration.me.name, found.problems) == ("Robin Vale", ())
    assert (state / LAST_GOOD).stat().st_mode & 0o777 == 0o600


def test_the_service_goes_on_with_the_last_good_one_and_tells_the_problems(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = configure(tmp_path / "c")
    good = load_for_cycle(folder, state, service=True)
    break_it(folder)
    kept = load_for_cycle(folder, state, service=True, reread=True)
    assert kept.configuration == good.configuration
    assert kept.problems[0].file == "rules/a.yaml"
    assert '"file": "rules/a.yaml", "line": 1' in capsys.readouterr().err


def test_rules_in_which_a_newer_program_finds_more_go_on_and_are_told(tmp_path: Path, state: Path) -> None:
    """An older one took a rule that can never match, and keeps to it until somebody edits."""
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=True)
    rules = folder / "rules" / "a.yaml"
    when = "when: {title: [coffee]}"
    rules.write_text(rules.read_text("utf-8").replace(when, f"{when}\n    unless: {{title: [coffee]}}"), "utf-8")
    kept = {"folder": str(folder), "sources": read(folder).to_json()}
    (state / LAST_GOOD).write_text(json.dumps(kept), "utf-8")

    found = load_for_cycle(folder, state, service=True)

    assert [rule.id for rule in found.configuration.rules] == ["soft"]
    assert ["never matches" in problem.message for problem in found.problems] == [True]


def test_a_configuration_that_was_mended_is_in_force_again(tmp_path: Path, state: Path) -> None:
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=True)
    break_it(folder)
    load_for_cycle(folder, state, service=True)
    configure(folder, SETTINGS.replace("Robin Vale", "Robin Hill"))
    found = load_for_cycle(folder, state, service=True)
    assert (found.configuration.me.name, found.problems) == ("Robin Hill", ())


def test_a_lone_cycle_keeps_nothing_and_takes_nothing_from_before(tmp_path: Path, state: Path) -> None:
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=False)
    assert list(state.iterdir()) == []
    load_for_cycle(folder, state, service=True)
    break_it(folder)
    with pytest.raises(Failure) as caught:
        load_for_cycle(folder, state, service=False)
    assert caught.value.exit_code is ExitCode.CONFIGURATION_WRONG
    assert caught.value.problems


def test_the_last_good_one_of_another_folder_is_not_taken(tmp_path: Path, state: Path) -> None:
    load_for_cycle(configure(tmp_path / "c"), state, service=True)
    other = configure(tmp_path / "d")
    break_it(other)
    with pytest.raises(Failure):
        load_for_cycle(other, state, service=True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"folder": 3}', '{"folder": "FOLDER", "sources": "{}"}', "\x00"])
def test_a_kept_configuration_that_is_damaged_is_as_none(tmp_path: Path, state: Path, content: str) -> None:
    folder = configure(tmp_path / "c")
    break_it(folder)
    (state / LAST_GOOD).write_text(content.replace("FOLDER", str(folder)), "utf-8")
    with pytest.raises(Failure):
        load_for_cycle(folder, state, service=True)


def test_a_state_folder_that_takes_nothing_is_told_and_no_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = load_for_cycle(configure(tmp_path / "c"), tmp_path / "gone", service=True)
    assert (found.configuration.me.name, found.problems) == ("Robin Vale", ())
    assert LAST_GOOD in capsys.readouterr().err


def test_a_good_configuration_that_is_kept_already_is_not_written_again(tmp_path: Path, state: Path) -> None:
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=True)
    before = (state / LAST_GOOD).stat()
    load_for_cycle(folder, state, service=True)
    assert (state / LAST_GOOD).stat().st_ino == before.st_ino


def events(text: str) -> list[str]:
    return [json.loads(line)["event"] for line in text.splitlines()]


def test_only_a_reading_that_was_asked_for_is_told(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=True, reread=True)
    load_for_cycle(folder, state, service=True)
    assert events(capsys.readouterr().err) == ["configuration.taken"]
    break_it(folder)
    load_for_cycle(folder, state, service=True, reread=True)
    load_for_cycle(folder, state, service=True)
    assert events(capsys.readouterr().err) == ["configuration.refused"]


def test_an_edit_is_told_by_whichever_cycle_meets_it(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = configure(tmp_path / "c")
    load_for_cycle(folder, state, service=True)
    (folder / "rules" / "b.yaml").write_text("rules: []\n")
    load_for_cycle(folder, state, service=True)
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["edited"], told["rules"]) == ("configuration.taken", ["rules/b.yaml"], 1)


def test_of_very_many_problems_the_log_tells_some_and_how_many_more_there_are(
    tmp_path: Path, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = configure(tmp_path / "c", rules="rules:\n" + "  - {idd: a}\n" * (MOST_TOLD + 5))
    with pytest.raises(Failure) as caught:
        load_for_cycle(folder, state, service=True, reread=True)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert len(told) == MOST_TOLD + 1
    assert told[-1]["message"] == f"{len(caught.value.problems) - MOST_TOLD} more problems"


@pytest.mark.parametrize("there", ["nothing", "an empty folder"])
def test_where_there_is_no_configuration_init_is_all_there_is_to_do(tmp_path: Path, there: str) -> None:
    folder = tmp_path / "c"
    if there == "an empty folder":
        folder.mkdir()
    with pytest.raises(Failure) as caught:
        load_configuration(folder)
    assert caught.value.hint is None
    assert all("`afterword init`" in str(problem.hint) for problem in caught.value.problems)
    (folder / "rules").mkdir(parents=True)
    (folder / "rules/a.yaml").write_text("rules: []\n")
    with pytest.raises(Failure, match="one problem") as caught:
        load_configuration(folder)
    assert "`afterword check`" in str(caught.value.hint)
