"""Guesses from the lines of a file what was meant where its YAML is broken, so that a remedy can show it right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from config.problem import SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINE_END = re.compile("\r\n|\r|\n")
_LONGEST = 80
"""Letters of a line that a remedy repeats; a longer one is told without."""

_DASH = re.compile(r"(\s*)-(?=[^\s-])(.+)")
_TIGHT = re.compile(r"(\s*(?:- +)*)([A-Za-z_]+):(?=[^\s/])(.+)")
_EQUALS = re.compile(r"(\s*(?:- +)*)([A-Za-z_]+)\s*=\s*(.*)")
_KEY = re.compile(r"\s*(?:- +)*([^\s'\"#\[{-][^:#]{0,80}?)\s{0,9}:(?=\s|$)")


def lines_of(text: str) -> list[str]:
    """The lines of a file, without their ends."""
    return LINE_END.split(text)


def indent_of(line: str) -> int:
    """The blanks that the line begins with."""
    return len(line) - len(line.lstrip())


def above(lines: Sequence[str], number: int) -> Iterator[tuple[int, str]]:
    """The lines above that say something, the nearest first, each with its number from 1."""
    for at in range(min(number - 1, len(lines)), 0, -1):
        line = lines[at - 1]
        if line.strip() and not line.lstrip().startswith("#"):
            yield at, line


def quoted(text: str) -> str:
    """The text as it stands in quotes in YAML, in which a backslash and a quote are nothing but themselves."""
    return f'"{text}"' if not re.search(r'["\\]', text) else "'" + text.replace("'", "''") + "'"


def code(text: str, line: str) -> str | None:
    """What is to be typed for a line, marked as such; None where it is too long, or a secret may be in it."""
    shown = " ".join(text.split())
    if any(secret in line.casefold() for secret in SECRETS) or not shown.isprintable() or len(shown) > _LONGEST:
        return None
    return f"`{shown}`" if "`" not in shown else None


def in_brackets(line: str, column: int) -> bool:
    """Whether a bracket or brace that was opened before this column is still open there."""
    before = re.sub(r"'[^']*'|\"[^\"]*\"", "", line[: column - 1])
    return sum(before.count(one) for one in "[{") > sum(before.count(one) for one in "]}")


def value_at(line: str, column: int) -> str:
    """The text that was meant as one value from this column on: to the next comma in brackets, else to the end."""
    rest = re.split(r"\s#", line[column - 1 :])[0]
    return (re.split(r"[,\]}]", rest)[0] if in_brackets(line, column) else rest).strip()


def in_single_quotes(line: str, column: int) -> str:
    """The remedy for the value in double quotes that begins in this column, and has backslashes in it."""
    begun = value_at(line, column)
    shown = code(f"'{begun[1:-1]}'", line) if re.fullmatch(r'"[^\'"]*"', begun) else None
    written = shown or "'…'"
    return f"in single quotes a backslash is only a backslash: write {written}"


def in_quotes(line: str, column: int) -> str:
    """The remedy for a value that has to stand in quotes."""
    shown = code(quoted(value), line) if (value := value_at(line, column)) else None
    return f"write {shown}" if shown else "put the text in quotes"


def key_in(line: str) -> tuple[str, int] | None:
    """The key of a line and the column of its colon."""
    found = _KEY.match(line)
    return (found[1], found.end()) if found else None


def last_key(text: str) -> str | None:
    """The word that the text ends with, where it is a key of some file."""
    found = re.search(r"\s(\w+)$", text)
    return found[1] if found and found[1] in _known() else None


def unspaced(line: str) -> tuple[int, str, str | None] | None:
    """Where a line lacks a blank, or the colon, that makes a key or an entry of it: column, message and remedy.

    None where nothing of the kind can be seen.
    """
    if found := _DASH.fullmatch(line):
        return len(found[1]) + 1, "a space is missing after the `-`", code(f"- {found[2]}", line)
    if found := _TIGHT.fullmatch(line):
        column = found.end(2) + 1
        return column, f"a space is missing after the `:` of `{found[2]}`", code(f"{found[2]}: {found[3]}", line)
    if found := _EQUALS.fullmatch(line):
        column = line.index("=") + 1
        return column, f"after the key `{found[2]}` a `:` is wanted, and not `=`", code(f"{found[2]}: {found[3]}", line)
    words = line.strip().removeprefix("- ").split()
    if words and words[0] in _known() and not key_in(line):
        column = line.index(words[0]) + len(words[0]) + 1
        return column, f"a `:` is missing after `{words[0]}`", code(f"{words[0]}: {' '.join(words[1:])}".rstrip(), line)
    return None


def _known() -> frozenset[str]:
    from config.schema import models  # noqa: PLC0415 - the models of all files: of a mistake alone, and not in each cycle

    return frozenset(field.alias or name for model in models() for name, field in model.model_fields.items())


def fitting(lines: Sequence[str], number: int) -> str:
    """How far a line is to be indented, told by the lines above that it could stand under."""
    this = indent_of(lines[number - 1])
    open_levels: list[tuple[int, int]] = []
    deepest: int | None = None
    for at, line in above(lines, number):
        level = indent_of(line)
        if deepest is None or level < deepest:
            deepest = level
            open_levels.append((level, at))
    if not open_levels:
        return "begin it at the very left"
    if this >= open_levels[0][0]:
        return f"begin it {_under(*open_levels[0])}"
    deeper = [one for one in open_levels if one[0] > this][-1:]
    flatter = [one for one in open_levels if one[0] < this][:1]
    return "begin it " + ", or ".join(_under(*one) for one in (*deeper, *flatter))


def _under(level: int, number: int) -> str:
    spaces = f"{level} space{'s' if level != 1 else ''}"
    return f"with {spaces}, as line {number} does" if level else f"at the very left, as line {number} does"
