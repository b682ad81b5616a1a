"""The table of cases in README.md names tests that are there, and leaves none out."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
ROWS = [line for line in (HERE / "README.md").read_text("utf-8").splitlines() if line.startswith("| ")][1:]


def names_in(name: str) -> list[str]:
    return re.findall(r"^def (test_\w+)", (HERE / name).read_text("utf-8"), re.MULTILINE)


def test_every_part_of_a_name_in_the_table_is_part_of_a_test() -> None:
    named = 0
    for row in ROWS:
        for file, words in re.findall(r"`(test_\w+\.py)` ((?:`\w+`(?:, )?)+)", row):
            for word in re.findall(r"`(\w+)`", words):
                assert any(word in test for test in names_in(file)), f"{word} is in no test of {file}"
                named += 1
    assert named > 80


def test_every_file_that_is_named_is_there() -> None:
    root = HERE.parents[1]
    for path in re.findall(r"`(tests/[\w/]+\.py)`", "\n".join(ROWS)):
        assert (root / path).is_file(), path


def test_every_case_says_where_it_is_tried_or_why_not() -> None:
    for row in ROWS:
        case, told = (cell.strip() for cell in row.strip("|").split("|"))
        assert case
        assert told
        assert case == "case" or "`" in told or re.search(r"with (IMAP|Gmail|Google|CalDAV)", told), row


def test_every_test_has_the_sentence_of_its_case() -> None:
    for file in HERE.glob("test_*.py"):
        if file != Path(__file__):
            text = file.read_text("utf-8")
            bodies = re.split(r"^def test_", text, flags=re.MULTILINE)[1:]
            assert all(re.search(r'-> None:[^\n]*\n    """\S', body) for body in bodies), file.name
