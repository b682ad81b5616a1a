"""What every command does alike: help, folders, times, exit codes, JSON and errors."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from daemon import paths
from daemon.commands import HELPS
from tests.daemon.command import SETTINGS, afterword, configure

HEAVY = ("sqlalchemy", "pydantic", "icalendar", "jinja2", "structlog", "rich", "click", "requests", "google")


def modules(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    code = (
        "import sys; sys.argv[1:] = {!r}\nfrom daemon.__main__ import main\n"
        "main()\nsys.stderr.write(' '.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code.format(list(arguments))], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_shows_every_command_in_a_line_and_imports_nothing_heavy() -> None:
    imported = modules("--help")
    assert not imported.intersection(HEAVY)
    assert not [name for name in imported if name.startswith("daemon.cli")]


def test_help_is_there_within_four_times_of_python_itself() -> None:
    def seconds(*arguments: str) -> float:
        before = time.perf_counter()
        subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - before

    # By turns, so that what else the machine does slows both.
    turns = [(seconds("-m", "daemon", "--help"), seconds("-c", "pass")) for _ in range(12)]
    assert min(helped for helped, _ in turns) < 4 * min(bare for _, bare in turns)


def test_help_names_every_command(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--help")
    assert told.code == 0
    for name, text in HELPS.items():
        assert any(line.split()[:1] == [name] and text in line for line in told.out.splitlines())
    assert max(map(len, told.out.splitlines())) <= 100


def test_help_is_the_same_page_by_whatever_way_it_is_asked_for(tmp_path: Path) -> None:
    page = afterword(tmp_path, "--help").out
    assert afterword(tmp_path, "-h").out == page
    assert afterword(tmp_path, "--config", str(tmp_path), "--help").out.rstrip() == page.rstrip()


def test_without_a_command_the_page_goes_to_stderr_and_the_code_is_2(tmp_path: Path) -> None:
    told = afterword(tmp_path)
    assert (told.code, told.out) == (2, "")
    assert "COMMAND" in told.err


def test_an_unknown_command_names_the_nearest(tmp_path: Path) -> None:
    told = afterword(tmp_path, "chekc")
    assert (told.code, told.out) == (2, "")
    assert "'check'" in told.err


@pytest.mark.parametrize("at", ["2026-03-03T15:00:00", "2026-03-03", "yesterday", "0001-01-01T00:00:00+14:00", ""])
@pytest.mark.parametrize("command", ["check", "schema", "init", "run"])
def test_a_time_without_offset_or_sense_is_a_usage_error(tmp_path: Path, command: str, at: str) -> None:
    told = afterword(tmp_path, command, "--at", at)
    assert (told.code, told.out) == (2, "")
    assert "2026-03-03T15:00:00+00:00" in told.err


@pytest.mark.parametrize("at", ["2026-03-03T15:00:00+01:00", "2026-03-03T15:00Z", "20260303T150000Z"])
def test_a_time_with_offset_is_taken_in_any_form_of_iso_8601(tmp_path: Path, at: str) -> None:
    assert afterword(tmp_path, "schema", "--at", at).code == 0


@pytest.mark.parametrize("command", ["run", "init"])
def test_commands_without_a_document_refuse_json(tmp_path: Path, command: str) -> None:
    assert afterword(tmp_path, command, "--json").code == 2


def test_schema_is_one_json_document(tmp_path: Path) -> None:
    told = afterword(tmp_path, "schema", "--json")
    assert told.json["$schema"].startswith("https://json-schema.org/")
    assert told.err == ""


def test_version_is_told(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--version")
    assert told.code == 0
    assert told.out.startswith("afterword 0.")


def test_the_configuration_folder_is_the_option_then_the_variable_then_the_platforms(tmp_path: Path) -> None:
    named, xdg = str(tmp_path / "named"), str(tmp_path / "xdg")
    assert paths.config_folder(named, {"AFTERWORD_CONFIG": "/other"}) == Path(named)
    assert paths.config_folder(None, {"AFTERWORD_CONFIG": named}) == Path(named)
    configure(Path(xdg) / "afterword")
    assert afterword(tmp_path, "check", XDG_CONFIG_HOME=xdg).code == 0
    configure(tmp_path / ".config" / "afterword")
    assert afterword(tmp_path, "check").code == 0


def test_the_state_folder_is_the_option_then_the_variable_then_systemds_first() -> None:
    both = {"AFTERWORD_STATE": "/variable", "STATE_DIRECTORY": "/var/lib/afterword:/var/lib/other"}
    assert paths.state_folder("/option", both) == Path("/option")
    assert paths.state_folder(None, both) == Path("/variable")
    assert paths.state_folder(None, {**both, "AFTERWORD_STATE": ""}) == Path("/var/lib/afterword")
    assert paths.state_folder("relative", {}) == Path.cwd() / "relative"


def test_check_says_that_all_is_well_in_one_line(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--config", str(configure(tmp_path)), "check")
    assert (told.code, told.err) == (0, "")
    assert "1 rule, 1 template, 1 calendar" in told.out


def test_check_prints_an_empty_list_when_all_is_well(tmp_path: Path) -> None:
    assert afterword(tmp_path, "--config", str(configure(tmp_path)), "check", "--json").json == {"problems": []}


def test_check_shows_each_problem_with_its_line_and_a_mark_under_the_place(tmp_path: Path) -> None:
    configure(
        tmp_path, rules="rules:\n  - id: soft\n    wehn: {}\n    steps: []\n", settings=SETTINGS + "poll: often\n"
    )
    told = afterword(tmp_path, "--config", str(tmp_path), "check")
    assert (told.code, told.out) == (78, "")
    lines = told.err.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("rules/a.yaml:3:5  "))
    assert "`when`" in lines[place]
    assert lines[place + 1 : place + 3] == ["        wehn: {}", "        ^"]
    assert any(line.startswith("afterword.yaml:6:") for line in lines)


def test_check_prints_the_same_problems_as_json(tmp_path: Path) -> None:
    configure(tmp_path, settings=SETTINGS + "pol: 3\n")
    told = afterword(tmp_path, "--config", str(tmp_path), "check", "--json")
    assert told.code == 78
    (problem,) = told.json["problems"]
    assert set(problem) == {"source", "file", "line", "column", "message", "hint"}
    assert (problem["file"], problem["line"], problem["column"]) == ("afterword.yaml", 6, 1)


def test_check_never_shows_a_line_with_a_password(tmp_path: Path) -> None:
    settings = SETTINGS.replace("{maildir: Mail}", "{imap: mail.example, user: robin, password: hunter2}")
    told = afterword(tmp_path, "--config", str(configure(tmp_path, settings)), "check")
    assert told.code == 78
    assert "password" in told.err
    assert "hunter2" not in told.err


def test_check_never_shows_a_line_with_an_access_token(tmp_path: Path) -> None:
    settings = SETTINGS.replace("{maildir: Mail}", "{imap: mail.example, user: robin, oauth: ya29.hunter2}")
    told = afterword(tmp_path, "--config", str(configure(tmp_path, settings)), "check")
    assert (told.code, "hunter2" in told.err) == (78, False)
    assert "an access token does not stand in the file" in told.err


def test_check_without_any_configuration_names_the_command_that_makes_one(tmp_path: Path) -> None:
    told = afterword(tmp_path, "check")
    assert told.code == 78
    assert "afterword init" in told.err


def test_a_remedy_is_typed_as_told_and_acts_on_the_same_folders(tmp_path: Path) -> None:
    there = tmp_path / "of mine"
    told = afterword(tmp_path, "--config", str(there), "--state", "s", "check")
    assert f"`afterword --config '{there}' --state s init`" in told.err
    assert "`afterword init`" in afterword(tmp_path, "check").err
    (problem,) = afterword(tmp_path, "--config", str(there), "check", "--json").json["problems"]
    assert "`afterword init`" in problem["hint"]
    configure(there, settings=SETTINGS.replace("me:", "mee:"))
    told = afterword(tmp_path, "--config", str(there), "drafts")
    assert f"`afterword --config '{there}' check` tells which" in told.err


def test_check_tells_of_a_source_that_this_version_cannot_read(tmp_path: Path) -> None:
    settings = SETTINGS.replace("{maildir: Mail}", "{jmap: mail.example}")
    told = afterword(tmp_path, "--config", str(configure(tmp_path, settings)), "check", "--json")
    assert told.code == 78
    assert [(problem["file"], problem["line"]) for problem in told.json["problems"]] == [("afterword.yaml", 5)]


def test_check_connect_tries_every_source_and_names_what_is_not_there(tmp_path: Path) -> None:
    settings = SETTINGS + "contacts:\n  - {vcards: nowhere/}\n"
    folder = configure(tmp_path, settings.replace("calendars/", "gone/").replace("maildir: Mail", "maildir: None"))
    assert afterword(tmp_path, "--config", str(folder), "check").code == 0
    told = afterword(tmp_path, "--config", str(folder), "check", "--connect", "--json")
    assert told.code == 78
    sources = [problem["source"] for problem in told.json["problems"]]
    assert sources == ["feed", str(folder / "nowhere"), "mailbox"]
    assert all(problem["hint"] for problem in told.json["problems"])
    assert "still missing" not in told.err


@pytest.mark.parametrize("name", [f"{'c' * 300}/", f"{'c' * 300}.ics", "loop/"])
def test_a_calendar_at_a_place_that_cannot_be_is_no_surprise(tmp_path: Path, name: str) -> None:
    folder = configure(tmp_path, SETTINGS.replace("calendars/", name))
    (folder / "loop").symlink_to("loop")
    told = afterword(tmp_path, "--config", str(folder), "check")
    assert (told.code, told.err) == (0, "")
    assert f"  feed: {folder / name} cannot be read: " in told.out
    assert afterword(tmp_path, "--config", str(folder), "once").code == 1


def test_check_connect_names_what_it_found(tmp_path: Path) -> None:
    told = afterword(tmp_path, "--config", str(configure(tmp_path)), "check", "--connect")
    assert told.code == 0
    assert "feed: 0 event files" in told.out
    assert "Drafts is .Drafts" in told.out


def test_looking_makes_no_state(tmp_path: Path) -> None:
    state = tmp_path / "state"
    afterword(tmp_path, "--config", str(configure(tmp_path)), "--state", str(state), "check", "--connect")
    assert not state.exists()


def test_a_broken_pipe_ends_quietly(tmp_path: Path) -> None:
    for arguments in (["schema"], ["--help"]):
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(
            [sys.executable, "-m", "daemon", *arguments], stdout=write, stderr=subprocess.PIPE, text=True, check=False
        )
        os.close(write)
        assert done.stderr == ""


def test_a_surprise_is_one_line_that_asks_for_a_report_and_a_traceback_only_on_request() -> None:
    code = "from daemon.cli import output; output.prepare(); raise RuntimeError('the moon')"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert "the moon" in done.stderr
    assert "report" in done.stderr
    assert "Traceback" not in done.stderr
    debug = {**os.environ, "AFTERWORD_DEBUG": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=debug)
    assert done.returncode == 70
    assert "Traceback" in done.stderr


def test_run_refuses_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = afterword(tmp_path, "--state", str(tmp_path / "file" / "state"), "run")
    assert told.code == 75
    assert "--state" in told.err


@pytest.mark.parametrize("arguments", [("--help",), ("schema",), ("drafts", "--json"), ("check",)])
def test_a_full_disk_behind_the_output_is_said_in_a_sentence(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    configure(tmp_path / "config")
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        done = subprocess.run(
            [sys.executable, "-m", "daemon", *arguments],
            env={**os.environ, "AFTERWORD_CONFIG": str(tmp_path / "config"), "AFTERWORD_STATE": str(tmp_path)},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 75
    assert b"should not have happened" not in done.stderr
    assert b"Exception ignored" not in done.stderr


@pytest.mark.parametrize("option", ["--at", "--json"])
def test_an_option_of_the_commands_before_the_command_says_where_it_stands(tmp_path: Path, option: str) -> None:
    told = afterword(tmp_path, option, "2026-03-04T09:00:00+00:00", "plan")
    assert (told.code, f"{option} stands after the command, as in: afterword plan {option}" in told.err) == (2, True)


@pytest.mark.parametrize("command", ["once", "people", "check"])
def test_streams_that_the_caller_closed_harm_nothing(tmp_path: Path, command: str) -> None:
    configure(tmp_path / "config")
    shell = '"$0" -m daemon --config config --state state "$1" <&- >&- 2>&-'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable, command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == 0


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_time_at_the_end_of_all_calendars_is_refused(tmp_path: Path, moment: str) -> None:
    told = afterword(tmp_path, "once", "--at", moment, "--json")
    assert (told.code, told.out) == (2, "")
    assert "1970" in told.err


def test_a_folder_beside_one_that_was_deleted_is_no_surprise(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    shell = 'cd gone && rmdir ../gone && exec "$0" -m daemon --config config drafts'
    done = subprocess.run(
        ["/bin/sh", "-c", shell, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 75
    assert "was deleted" in done.stderr
