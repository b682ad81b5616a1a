"""Configurations as people break them: what `afterword check` says of each, and that it is enough to mend it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.config.broken.case import Case, cases, check, home

CASES = cases()
LEAST = 60


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration in which all is right."""
    for name, value in home(tmp_path).items():
        monkeypatch.setenv(name, value)
    return Path(os.environ["AFTERWORD_CONFIG"])


def test_the_configuration_that_is_broken_was_right(folder: Path, tmp_path: Path) -> None:
    assert check(tmp_path).startswith("All is well: ")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_configuration_is_told_so_that_it_can_be_mended(
    case: Case, folder: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if case.is_closed:
        request.getfixturevalue("ordinary_user")
    for deed in case.breaking:
        deed.on(folder)

    said = check(tmp_path)

    # A wording changed on purpose: `python -m tests.config.broken`, and read the diff.
    assert said == case.said

    for deed in case.mending:
        deed.on(folder)

    assert check(tmp_path).endswith("exit 0\n")


def test_what_mends_is_what_the_remedies_propose() -> None:
    for case in CASES:
        mended = " ".join(line[2:] for deed in case.mending for line in deed.lines if line[0] == "+")
        for proposals in re.findall(r"did you mean (.+?)\?\n", case.said):
            assert any(one in mended for one in re.findall(r"[`'](.+?)[`']", proposals)), case.name


def test_there_are_many_of_them_and_nearly_all_end_with_the_code_for_a_wrong_configuration() -> None:
    wrong = [case for case in CASES if case.said.endswith("\nexit 78\n")]

    assert len(wrong) >= LEAST
    assert len({case.title for case in CASES}) == len(CASES)


def test_line_ends_of_windows_a_byte_order_mark_and_the_country_norway_are_no_fault(
    folder: Path, tmp_path: Path
) -> None:
    for path in (path for path in folder.rglob("*") if path.suffix in {".yaml", ".md"}):
        text = path.read_text(encoding="utf-8").replace("holidays: PT", "holidays: NO")
        path.write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))

    assert check(tmp_path).startswith("All is well: ")


@pytest.mark.parametrize("line", ["password:SECRET", "password = SECRET", "password: SECRET: x", "password: *SECRET",
                                  "password: “SECRET”", "password: 'SECRET'x", 'password: "SECRET\\q"',
                                  "plain: {password:SECRET}", "password SECRET", "password: @SECRET",
                                  "password: [SECRET, #SECRET]", "password: |SECRET"])  # fmt: skip
def test_what_may_be_a_password_is_never_repeated(folder: Path, tmp_path: Path, line: str) -> None:
    settings = folder / "afterword.yaml"
    mailbox = f"  imap: imap.example.org\n  user: robin\n  {line}\n"
    settings.write_text(settings.read_text(encoding="utf-8").replace("  maildir: ~/Mail\n", mailbox), encoding="utf-8")

    said = check(tmp_path)

    assert said.endswith("exit 78\n")
    assert "SECRET" not in said
