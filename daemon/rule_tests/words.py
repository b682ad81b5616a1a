"""How a failure is told on a terminal: as the lines of the test, `-` what was expected, `+` what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.cli.wording import shorten, width, wrapped
from daemon.rule_tests.judge import KEYS, NAMING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.desk import Line
    from daemon.rule_tests.judge import Failure, Result, Said

WIDTH = 80
_TOLD = (*NAMING, "due", "drafted", "subject")
"""What is told of a draft of which nothing was expected."""
_NOTE_LINES = 12


def lines(result: Result) -> Iterator[Line]:
    """All that went wrong in a test: its name, then each failure under its place."""
    yield result.name, {"bold": True}
    for failure in result.failures:
        yield from ((line, {"fg": "red"}) for line in _head(result.file, failure))
        yield from _lines(failure)
        for reason in failure.reasons:
            yield from _why(reason)


def _head(file: str, failure: Failure) -> list[str]:
    """The place and what is wrong there, on a line of its own where both together are too long."""
    place = f"  {file}:{failure.line}:{failure.column}"
    line = f"{place}  {failure.message}"
    return [line] if width(line) <= WIDTH else [place, *wrapped(failure.message, "    ", WIDTH)]


def _why(reason: str) -> Iterator[Line]:
    for number, line in enumerate(wrapped(reason, "        ", WIDTH)):
        yield f"      # {line.strip()}" if not number else line, {"dim": True}


def _lines(failure: Failure) -> Iterator[Line]:
    expected, got = failure.expected, failure.got
    if expected is not None and got is not None:
        yield from _difference(expected, got, failure.differing)
    elif expected is not None:
        yield from (_minus(key, value) for key, value in expected.items())
    elif got is not None:
        for key in _told(got):
            yield from _plus(key, got[key])
        yield from _why(got.get("why", ""))


def _told(got: Said) -> list[str]:
    at_once = got.get("drafted") == got.get("due")
    return [key for key in _TOLD if key in got and not (key == "drafted" and at_once)]


def _difference(expected: Said, got: Said, differing: tuple[str, ...]) -> Iterator[Line]:
    """All that was said, and of each key that is another both sides; why it is so stands at the end."""
    for key in KEYS:
        if key in differing:
            if key in expected:
                yield _minus(key, expected[key])
            yield from _plus(key, got.get(key, "(none)"))
        elif key in expected or (key in NAMING and key in got):
            yield f"      {key}: {_short(key, expected.get(key) or got[key])}", {}
    if "why" not in differing and "why" in got:
        yield from _why(got["why"])


def _minus(key: str, value: str) -> Line:
    return f"    - {key}: {_short(key, value)}", {"fg": "red"}


def _plus(key: str, value: str) -> Iterator[Line]:
    style: dict[str, Any] = {"fg": "green"}
    if "\n" not in value:
        yield f"    + {key}: {_short(key, value)}", style
        return
    yield f"    + {key}: |", style
    note = value.strip("\n").split("\n")
    for line in note[:_NOTE_LINES]:
        yield from ((part, style) for part in wrapped(line, "        ", WIDTH) or [""])
    if len(note) > _NOTE_LINES:
        yield "        …", style


def _short(key: str, value: str) -> str:
    return shorten(value, WIDTH - len(key) - 8)
