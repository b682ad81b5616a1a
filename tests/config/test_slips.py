"""A slip of the finger somewhere in a right configuration: it is told in plain words, where it can be found."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import parse
from config.sources import Sources
from tests.config.broken.case import RIGHT
from tests.thorough import examples

JARGON = re.compile(
    r"\b(token|scalar|block|mappings?|flow|jinja2?|pydantic|statement|(un)?expected|pars(er|ing)|alias|literal|None)\b",
    re.IGNORECASE,
)
FILES = {path.relative_to(RIGHT).as_posix(): path.read_text(encoding="utf-8")
         for path in sorted(RIGHT.rglob("*")) if path.suffix in {".yaml", ".md"}}  # fmt: skip
SLIPS = (None, *":\"'{}[]- #\t,|*&!%@")
"""A letter that is lost, or one that comes in."""


@settings(deadline=None, derandomize=True, max_examples=examples(120))
@given(st.sampled_from(sorted(FILES)), st.sampled_from(SLIPS), st.integers(0, 2000))
def test_a_slip_of_one_letter_is_told_in_plain_words_at_a_place_that_there_is(
    name: str, slip: str | None, place: int
) -> None:
    text, at = FILES[name], place % len(FILES[name])
    slipped = text[:at] + (slip or "") + text[at + (slip is None) :]

    for problem in parse(Sources(FILES | {name: slipped}), RIGHT).problems:
        lines = slipped.split("\n") if problem.file == name else FILES.get(problem.file or "", "").split("\n")
        assert not JARGON.search(re.sub(r"`[^`]*`", "", f"{problem.message}; {problem.hint or ''}"))
        assert problem.line is not None
        assert problem.line <= len(lines)
        assert 1 <= (problem.column or 1) <= len(lines[problem.line - 1]) + 1
        assert problem.hint or "must be" in problem.message or "did you mean" in problem.message
