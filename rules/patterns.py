"""Durations and windows as regular expressions, for a schema by which an editor checks while somebody types.

Each takes all that `Duration.parse` and `Window.parse` take, in any case, and refuses what is misspelt. What needs
arithmetic (25:00, the end before the start, 200 years) only these see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.timing import UNITS
from rules.windows import NAMED_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable


def _any_case(word: str) -> str:
    """JavaScript has no flag inside an expression: `h` is `[hH]`."""
    return "".join(f"[{letter}{letter.upper()}]" if letter.isalpha() else r"\s+" for letter in word)


def _any_of(words: Iterable[str]) -> str:
    """The longest first: what comes after a word would else be taken for the rest of it."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


_UNIT = _any_of(_any_case(name) + ("[sS]?" if len(name) > 1 else "") for name in UNITS)
_PART = rf"[0-9]+\s*{_UNIT}(?![a-zA-Z])"
_AND = _any_case("and")
_DAY = _any_of(map(_any_case, NAMED_DAYS))
_DASH = "\\s*[-\N{EN DASH}]\\s*"
_CLOCK = "[0-9]{1,2}:[0-9]{2}"
_HOURS = f"{_CLOCK}{_DASH}{_CLOCK}"
_WORKING = rf"{_any_case('working')}(?:_|\s+|{_DASH}){_any_case('hours')}"

DURATION = rf"^\s*{_PART}(?:(?:\s+|,\s*|\s*{_AND}\s+)?{_PART})*\s*$"
WINDOW = (
    rf"^[\s,]*(?:{_any_case('any')}|{_WORKING}|"
    rf"{_DAY}(?:(?:[\s,]+(?:{_AND}\s+)?|{_DASH}){_DAY})*[\s,:]*{_HOURS})\s*$"
)
