"""The man pages: one for each command, and readable by what reads man pages."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from daemon.commands import HELPS
from daemon.failure import ExitCode
from packages import manual, roff
from tests.needed import need
from tests.test_project import PROJECT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = dict(manual.pages("1.2.3", "2026-03-03"))


def test_each_command_has_a_page_that_the_first_one_refers_to() -> None:
    assert set(PAGES) == {"afterword.1", *(f"afterword-{name}.1" for name in HELPS)}
    for name in HELPS:
        assert rf"\fBafterword\-{name}\fR(1)" in PAGES["afterword.1"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_says_all_that_a_page_has_to_say(name: str) -> None:
    headings = re.findall(r"^\.SH (.+)$", PAGES[name], re.MULTILINE)
    wanted = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"]
    assert [heading for heading in headings if heading in wanted] == wanted
    assert '"2026-03-03" "afterword 1.2.3"' in PAGES[name].splitlines()[0]


def test_an_option_stands_there_with_its_value_and_its_words() -> None:
    assert "\\fB\\-\\-ics\\fR \\fIFILE\\fR\nWrite it into this file, too, as a calendar." in PAGES["afterword-plan.1"]
    assert r"\fB\-\-config\fR \fIDIR\fR" in PAGES["afterword.1"]
    assert r"\fB\-\-system\fR \fINAME\fR" in PAGES["afterword-service.1"]


def test_the_folders_of_an_account_have_its_name() -> None:
    for folder in ("/etc/afterword/NAME/", "/var/lib/afterword/NAME/"):
        assert folder in PAGES["afterword.1"]


def test_they_can_be_made_where_there_is_only_what_builds_the_wheel() -> None:
    made = "from packages import manual; import sys; list(manual.pages('1', '2026-03-03')); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", made], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    libraries = {re.split(r"[>;.]", name)[0].replace("-", "_") for name in PROJECT["dependencies"]} - {"click"}
    assert not libraries & {name.split(".")[0] for name in told.split()}


def test_the_exit_codes_are_those_that_commands_end_with() -> None:
    of_shells = {ExitCode.INTERNAL, ExitCode.INTERRUPTED, ExitCode.BROKEN_PIPE}
    assert [code for code, _ in manual.EXIT_STATUS] == sorted(set(ExitCode) - of_shells)


def test_text_cannot_become_a_request_or_an_escape() -> None:
    assert roff.filled(".SH of it's a\\b") == [r"\&.SH of it\(aqs a\(rsb"]
    assert roff.inline("`once --dry-run` and well-known") == r"\fBonce \-\-dry\-run\fR and well-known"
    assert roff.inline("a lone ` stays") == r"a lone \(ga stays"


@pytest.mark.parametrize(
    "reader", [("mandoc", "-T", "lint", "-W", "warning"), ("groff", "-ww", "-z", "-man", "-K", "utf8", "-T", "utf8")]
)
def test_readers_of_man_pages_find_nothing_wrong(tmp_path: Path, reader: tuple[str, ...]) -> None:
    need(**{reader[0]: reader[0]})
    manual.write(tmp_path)
    files = sorted(map(str, tmp_path.iterdir()))
    read = subprocess.run(
        [*reader, *files], capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
    )
    assert (read.stdout + read.stderr, read.returncode) == ("", 0)
