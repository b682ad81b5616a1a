"""`afterword check`: tests of the rules beside the rules, and how problems look on a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.daemon.command import afterword, configure

if TYPE_CHECKING:
    from pathlib import Path

WRONG_RULE = (
    "rules:\n  - id: soft\n    unless: {recurring: false}\n    steps: [{id: t, template: thanks, after: 2 hours}]\n"
)
TEST = """\
tests:
  - name: a coffee gets a thank-you
    meeting: {title: Coffee with Dana, with: dana@acme.example, ends: 2026-03-03 11:00}
    expect: [{rule: %s}]
"""


def with_test(tmp_path: Path, text: str) -> None:
    configure(tmp_path)
    (tmp_path / "rules" / "tests").mkdir()
    (tmp_path / "rules" / "tests" / "soft.yaml").write_text(text, encoding="utf-8")


def test_a_mistake_in_a_test_of_the_rules_is_told_by_check_and_stops_nothing_else(tmp_path: Path) -> None:
    with_test(tmp_path, TEST % "nobodys-rule")
    told = afterword(tmp_path, "--config", str(tmp_path), "check")

    assert (told.code, told.out) == (78, "")
    assert told.err.startswith("rules/tests/soft.yaml:4:21  there is no rule `nobodys-rule`\n")
    assert "        expect: [{rule: nobodys-rule}]\n                        ^\n" in told.err
    assert told.err.endswith("Only tests of the rules are wrong: the configuration itself is used as it is.\n")
    assert afterword(tmp_path, "--config", str(tmp_path), "once").code == 0


def test_a_test_that_is_right_is_no_problem(tmp_path: Path) -> None:
    with_test(tmp_path, TEST % "soft")

    assert afterword(tmp_path, "--config", str(tmp_path), "check").code == 0


def test_the_keys_of_a_test_are_checked_although_the_rules_are_wrong_too(tmp_path: Path) -> None:
    with_test(tmp_path, TEST.replace("expect", "expects") % "soft")
    (tmp_path / "rules" / "a.yaml").write_text(WRONG_RULE, encoding="utf-8")
    told = afterword(tmp_path, "--config", str(tmp_path), "check", "--json")

    files = [problem["file"] for problem in told.json["problems"]]
    assert "rules/a.yaml" in files
    assert files[-1] == "rules/tests/soft.yaml"
    assert told.err.endswith("in " + str(tmp_path) + ".\n")


def on_a_terminal(folder: Path, **environment: str) -> str:
    """What a terminal shows of `check`."""
    mine, theirs = pty.openpty()
    command = [sys.executable, "-m", "daemon", "--config", str(folder), "check"]
    clean = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "TERM"}}
    shown = b""
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env={**clean, "TERM": "xterm", **environment}
    ) as process:
        os.close(theirs)
        while True:
            try:
                shown += os.read(mine, 4096)
            except OSError:  # Linux ends a terminal that nobody has open with EIO
                break
        assert process.wait(60) == 78
    os.close(mine)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    configure(tmp_path)
    (tmp_path / "rules" / "a.yaml").write_text(WRONG_RULE.replace("thanks", "thank-you"), encoding="utf-8")
    return tmp_path


def test_on_a_terminal_place_message_mark_and_remedy_have_colours(broken: Path) -> None:
    place, line, mark, remedy, *_ = on_a_terminal(broken).splitlines()

    assert place.startswith("\x1b[36mrules/a.yaml:3:25  \x1b[0m\x1b[1m")
    assert line == "        unless: {recurring: false}"
    assert re.fullmatch(r"\x1b\[31m\x1b\[1m +\^\x1b\[0m", mark)
    assert remedy.startswith("\x1b[32m")


def test_without_colours_the_same_is_said(broken: Path) -> None:
    coloured, bare = on_a_terminal(broken), on_a_terminal(broken, NO_COLOR="1")

    assert "\x1b" not in bare
    assert re.sub(r"\x1b\[\d+m", "", coloured) == bare
    assert afterword(broken, "--config", str(broken), "check").err == bare
