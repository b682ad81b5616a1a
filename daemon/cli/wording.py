"""Times and people in words, as the commands print them: `Tue 3 March 18:00`."""

from __future__ import annotations

import os
import re
import unicodedata
from typing import TYPE_CHECKING

from rules.greeting import called
from rules.moments import day, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from rules.almanac import Almanac
    from rules.model import Recipient

__all__ = [
    "columns",
    "count",
    "day",
    "hour",
    "left",
    "moment",
    "names",
    "sentence",
    "shorten",
    "shown",
    "span",
    "width",
    "wrapped",
]

_WORD = re.compile(r"(?:`[^`]*`|\S)+")
"""What stands on one line: a word, or what is typed as a whole."""
_PLAIN = re.compile(r"[a-z]+[,;]?(?:\s|$)")
"""A word of English at the beginning; a path, an address, an id or what is quoted looks otherwise."""
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_FEW_HOURS = 48


def hour(instant: datetime, almanac: Almanac) -> str:
    """`18:00`, in the user's zone."""
    return f"{almanac.local(instant):%H:%M}"


def span(seconds: float) -> str:
    """A length of time, rounded down: `5 minutes`, `26 hours`, `3 days`."""
    if seconds < _HOUR:
        return count(int(seconds // _MINUTE), "minute")
    if seconds < _FEW_HOURS * _HOUR:
        return count(int(seconds // _HOUR), "hour")
    return count(int(seconds // _DAY), "day")


def left(by: datetime, now: datetime) -> str:
    """`5 hours left`, or `2 days late`."""
    seconds = (by - now).total_seconds()
    return f"{span(seconds)} left" if seconds >= 0 else f"{span(-seconds)} late"


def count(number: int, what: str) -> str:
    """`1 gap`, `3 gaps`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def sentence(message: str) -> str:
    """A message that stands for itself: with a capital, where it does not begin with what has a spelling of its own."""
    first = message[:1].upper() if _PLAIN.match(message) else message[:1]
    stop = "" if message.endswith((".", "!", "?")) or not message else "."
    return f"{first}{message[1:]}{stop}"


def names(to: Iterable[Recipient]) -> str:
    """`Dana Okafor, Lee Ito`; the address where there is no name."""
    return ", ".join(map(called, to))


def columns(rows: Sequence[Sequence[str]], widest: int = 32) -> list[str]:
    """The rows as lines with aligned columns, two spaces between; a cell wider than `widest` is cut short.

    The last column is as wide as it likes.
    """
    cut = [[*(shorten(cell, widest) for cell in row[:-1]), row[-1]] for row in rows]
    widths = [max(map(width, cells)) for cells in zip(*(row[:-1] for row in cut), strict=True)]
    padded = ([cell + " " * (most - width(cell)) for cell, most in zip(row, widths, strict=False)] for row in cut)
    return ["  ".join([*cells, row[-1]]).rstrip() for cells, row in zip(padded, cut, strict=True)]


def width(text: str) -> int:
    """How many columns of a terminal the text takes: two for each wide letter (Unicode Standard Annex #11)."""
    marks = {"Mn", "Me", "Cf"}
    return sum(
        0 if unicodedata.category(one) in marks else 2 if unicodedata.east_asian_width(one) in {"W", "F"} else 1
        for one in text
    )


def shorten(text: str, most: int) -> str:
    """The text on one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def shown(path: Path) -> str:
    """The path as a person writes it: from `~` on where it is in the home folder."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path's own fails without a home
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) and str(path) != home else str(path)


def wrapped(text: str, indent: str, width: int = 100) -> list[str]:
    """A sentence over as many lines as it needs, each indented. A command or an address is never broken."""
    lines: list[str] = []
    for word in _WORD.findall(text):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(f"{indent}{word}")
    return lines
