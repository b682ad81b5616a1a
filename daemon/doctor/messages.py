"""Messages without what was put into them: found again in our own source, `…` wherever a value stood.

A message that a problem has is text with names in it. The text itself goes nowhere: it is only compared with the
strings of the program's source, and what the report has is the string that fits best.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from daemon.doctor.leaf import OTHER, Ours, Word
from daemon.mishaps import ROOMS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HOLE = "…"
_LONGEST = 2000
_LEAST_WORDS = 2
_WORDS = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_NOT_MESSAGES = ("daemon/demo/", "daemon/doctor/")


@dataclass(frozen=True, slots=True)
class Template:
    """A string of the source: its constant parts in their order, and where it stands."""

    parts: tuple[str, ...]
    place: str
    line: int

    @property
    def weight(self) -> int:
        """How much of it is constant."""
        return sum(map(len, self.parts))

    def fits(self, message: str) -> bool:
        """Whether the message can be this string, with something in its holes. Nothing is tried twice."""
        first, last = self.parts[0], self.parts[-1]
        if len(self.parts) == 1:
            return message == first
        if len(message) < self.weight or not (message.startswith(first) and message.endswith(last)):
            return False
        at, end = len(first), len(message) - len(last)
        for part in self.parts[1:-1]:
            found = message.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return at <= end

    @property
    def shown(self) -> Ours:
        """As the report has it."""
        return Ours(" ".join(_HOLE.join(self.parts).split()))


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Every string of the source that may be a message; none where only compiled files are installed."""
    found = [one for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")) for one in _of_file(path)]
    return tuple(sorted(found, key=lambda one: -one.weight))


@lru_cache(maxsize=1)
def classes() -> frozenset[tuple[str, str]]:
    """Module and name of every class at the top of our own source, read and not imported."""
    return frozenset(
        (".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), node.name)
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in getattr(_tree(path), "body", ())
        if isinstance(node, ast.ClassDef)
    )


@cache
def _tree(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _of_file(path: Path) -> Iterator[Template]:
    place = path.relative_to(ROOT).as_posix()
    if place.startswith(_NOT_MESSAGES) or (tree := _tree(path)) is None:
        return
    for node in ast.walk(tree):
        parts = _parts(node)
        if parts is not None and sum(len(_WORDS.findall(part)) for part in parts) >= _LEAST_WORDS:
            yield Template(parts, place, getattr(node, "lineno", 0))


def _parts(node: ast.AST) -> tuple[str, ...] | None:
    """The constant parts between the holes; a hole at an end has an empty part beside it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= _LONGEST:
        return (node.value,)
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [""]
    for value in node.values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            parts[-1] += value.value
        else:
            parts.append("")
    return tuple(parts)


def ours(message: str) -> tuple[Ours | Word, Word | Ours]:
    """What of a message is our own, and the file and line that it comes from; `other` where nothing fits."""
    if len(message) <= _LONGEST:
        for one in templates():
            if one.fits(message):
                return one.shown, Ours(f"{one.place}:{one.line}")
    return OTHER, OTHER
