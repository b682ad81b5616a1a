"""The place of a problem in its file: the line with a mark under it, or the lines around with the place in parts.

Of texts that were read for the configuration, and of nothing else: a name in a problem opens no file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.problem import SECRETS
from daemon.cli.output import plain
from daemon.cli.wording import width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from config.problem import Problem

_WIDEST = 110
_TAB = "\N{RIGHTWARDS ARROW}"
"""How a tab is shown: one column wide, and not to be taken for spaces."""
_NEAR = 1
"""Lines above and below."""
_ENDS = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s,:\]\[{}|(]+(?:\([^)]*\)?)?|.")
"""What stands at a place: a text in quotes, a word, or a sign."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file; where the problem is in it, `wrong` is the place, between what is before it and after it."""

    number: int
    before: str
    wrong: str = ""
    after: str = ""
    here: bool = False
    """Whether the problem is in this line."""
    hidden: bool = False
    """Something secret may stand in it, and so it is not shown."""


def marked(problem: Problem, texts: Mapping[str, str]) -> list[str]:
    """The line that the problem is in and a mark below it; nothing where a secret may stand in it."""
    lines = _lines(problem, texts)
    if not problem.line or not lines:
        return []
    line = _shown(lines[problem.line - 1])
    if _is_secret(line):
        return []
    column = problem.column or 1
    line, column = _around(line, column)
    if not problem.column or column > len(line) + 1:
        return [line]
    return [line, " " * width(line[: column - 1]) + "^"]


def rows(problem: Problem, texts: Mapping[str, str]) -> tuple[Row, ...]:
    """The line that the problem is in, with the lines beside it; none where its file is none of these."""
    lines = _lines(problem, texts)
    if not problem.line or not lines:
        return ()
    first, last = max(1, problem.line - _NEAR), min(len(lines), problem.line + _NEAR)
    return tuple(_row(number, lines[number - 1], problem) for number in range(first, last + 1))


def _row(number: int, line: str, problem: Problem) -> Row:
    line, here = _shown(line), number == problem.line
    if _is_secret(line):
        return Row(number, "", here=here, hidden=True)
    if not here or not problem.column or problem.column > len(line) + 1:
        return Row(number, _around(line, 1)[0], here=here)
    line, column = _around(line, problem.column)
    found = _ENDS.match(line, column - 1)
    end = found.end() if found else column - 1
    return Row(number, line[: column - 1], line[column - 1 : end] or " ", line[end:], here=True)


def _lines(problem: Problem, texts: Mapping[str, str]) -> Sequence[str]:
    """Those of its file, where the problem is in one of them."""
    lines = texts.get(problem.file or "", "").splitlines()
    return lines if problem.line and 0 < problem.line <= len(lines) else ()


def _shown(line: str) -> str:
    return plain(line).replace("\t", _TAB)


def _is_secret(line: str) -> bool:
    return any(secret in line.casefold() for secret in SECRETS)


def _around(line: str, column: int) -> tuple[str, int]:
    """A long line as the part of it around a column, and the column in that part."""
    columns = width(line)
    if columns <= _WIDEST:
        return line, column
    most = len(line) * _WIDEST // columns
    start = max(0, min(column - most // 2, len(line) - most))
    part = line[start : start + most]
    if start:
        part = f"\N{HORIZONTAL ELLIPSIS}{part[1:]}"
    if start + most < len(line):
        part = f"{part[:-1]}\N{HORIZONTAL ELLIPSIS}"
    return part, column - start
