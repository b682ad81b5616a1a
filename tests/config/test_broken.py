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
def test_a_broken_configuration_is_told_so_that_it_can_be_mended(case: Case, folder: Path, tmp_path: Path) -> None:
    if not case.possible:
        pytest.skip("to the superuser no file is closed")
    for deed in case.breaking:
        deed.on(folder)

    said = check(tmp_path)

    # A wording changed on purpose: `python -m tests.config.broken`, and read the diff.
    assert said == case.said

    for deed in case.mending:
        deed.on(folder)

    assert check(tmp_path).endswith("exit 0\n")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_mends_is_what_the_remedies_propose(case: Case) -> None:
    mended = " ".join(line[2:] for deed in case.mending for line in deed.lines if line[0] == "+")

    for proposals in re.findall(r"did you mean (.+?)\?\n", case.said):
        assert any(one in mended for one in re.findall(r"[`'](.+?)[`']", proposals)), proposals


def test_there_are_many_of_them_and_nearly_all_end_with_the_code_for_a_wrong_configuration() -> None:
    wrong = [case for case in CASES if case.said.endswith("\nexit 78\n")]

    assert len(wrong) >= LEAST
    assert len({case.title for case in CASES}) == len(CASES)
