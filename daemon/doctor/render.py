"""A report as text to be pasted into an issue, or as JSON."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon.doctor.leaf import Ours, Version, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.doctor.leaf import Leaf, Section, Table

HEAD = "# Afterword: a report for a bug"
FOOT = (
    "Nothing in this report is personal: it was made of the program's own words and of numbers, and searched for "
    "yours. Say beside it what you did, what you expected, and what happened instead."
)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def markdown(report: Sequence[Section]) -> str:
    """The report as Markdown that reads well as it stands."""
    return "\n".join([HEAD, "", *(line for section in report for line in _section(section)), FOOT, ""])


def document(report: Sequence[Section]) -> dict[str, Any]:
    """The report as JSON has it; spans are seconds."""
    return {
        "report": [
            {
                "title": section.title,
                "facts": {name: _plain(leaf) for name, leaf in section.facts},
                "tables": {
                    name: [dict(zip(table.head, map(_plain, row), strict=True)) for row in table.rows]
                    for name, table in section.tables
                },
            }
            for section in report
        ]
    }


def _section(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    yield ""
    for name, leaf in section.facts:
        yield f"- {name}: {words(leaf)}"
    if section.facts:
        yield ""
    for name, table in section.tables:
        yield from _table(name, table)


def _table(name: str, table: Table) -> Iterator[str]:
    if not table.rows:
        yield f"{name}: none"
        yield ""
        return
    cells = [[words(leaf) for leaf in row] for row in table.rows]
    widths = [max(len(line[number]) for line in (table.head, *cells)) for number in range(len(table.head))]

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"

    yield f"{name}:"
    yield ""
    yield line(table.head)
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    yield from map(line, cells)
    yield ""


def words(leaf: Leaf) -> str:
    """A leaf as a person reads it."""
    _check(leaf)
    if leaf is None:
        return "unknown"
    if isinstance(leaf, bool):
        return "yes" if leaf else "no"
    if isinstance(leaf, timedelta):
        return _span(leaf.total_seconds())
    return str(leaf).replace("|", "/")


def _span(seconds: float) -> str:
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (_MINUTE, "minutes")):
        if abs(seconds) >= 2 * unit:
            return f"{int(seconds / unit)} {name}"
    return f"{int(seconds)} seconds"


def _plain(leaf: Leaf) -> bool | int | float | str | None:
    _check(leaf)
    return round(leaf.total_seconds()) if isinstance(leaf, timedelta) else leaf


def _check(leaf: object) -> None:
    """Whatever is no leaf has come in by a mistake of ours.

    Raises:
        TypeError: it is another kind of thing, as a text of the user's would be.
    """
    if leaf is not None and type(leaf) not in {bool, int, float, timedelta, Word, Ours, Version}:
        raise TypeError(f"{type(leaf).__name__} is nothing for a report")
