"""Reads single values out of a document that may not be right yet, so that all its problems are found at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.expected import code
from rules.timing import Duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.files import Document, Path, Plain
    from config.problem import Problem


def duration(value: Plain) -> Duration | None:
    """The duration in the file, or None where there is none that can be read."""
    try:
        return Duration.parse(value) if isinstance(value, str) else None
    except ValueError:
        return None


def zero(document: Document, path: Path) -> Iterator[Problem]:
    """A duration that must not be nothing."""
    value = document.value(path)
    if (found := duration(value)) and found.is_zero:
        yield document.problem(path, f"{code(path[-1])} of {code(value)} is no time at all", "write a longer one")


def texts(document: Document, path: Path) -> Iterator[tuple[Path, str]]:
    """The texts of a key that takes one or several, each with its place."""
    value = document.value(path)
    if isinstance(value, str):
        yield path, value
    for number, one in enumerate(value if isinstance(value, list) else ()):
        if isinstance(one, str):
            yield (*path, number), one


def ids(document: Document, path: Path) -> Iterator[tuple[Path, str]]:
    """The ids of the entries of a list, each with its place."""
    value = document.value(path)
    for number, entry in enumerate(value if isinstance(value, list) else ()):
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str):
            yield (*path, number, "id"), name
