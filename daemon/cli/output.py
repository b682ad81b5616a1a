"""How a command speaks: JSON or text on stdout, errors and problems on stderr, nothing that a terminal obeys."""

from __future__ import annotations

import json
import os
import sys
import traceback
import unicodedata
from typing import TYPE_CHECKING, Any, NoReturn

import click

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType

    from config.problem import Problem

__all__ = [
    "ExitCode",
    "Failure",
    "UnwritableError",
    "broken_pipe",
    "fail",
    "plain",
    "prepare",
    "print_json",
    "problem_json",
    "say",
    "say_in_parts",
    "show_problems",
    "together",
    "unwritable",
]

_PLACE: Mapping[str, Any] = {"fg": "cyan"}
_MESSAGE: Mapping[str, Any] = {"bold": True}
_MARK: Mapping[str, Any] = {"fg": "red", "bold": True}
_REMEDY: Mapping[str, Any] = {"fg": "green"}


class UnwritableError(Exception):
    """Standard output or error does not take what is written to it; the text is the reason."""


def prepare() -> None:
    """Set the streams and the last handler of exceptions up; once, before any command."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    sys.excepthook = _surprise


def colours(stream: Any) -> bool:
    """Whether colours may be written: a terminal, and no NO_COLOR (https://no-color.org)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and stream.isatty()


def plain(text: str) -> str:
    """The text without what a terminal would obey: control and bidi characters become visible marks; newlines stay."""
    return "".join(character if _harmless(character) else "\N{REPLACEMENT CHARACTER}" for character in text)


def _harmless(character: str) -> bool:
    if character in "\n\t\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}":
        return True
    return unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def say(text: str = "", *, error: bool = False, **style: Any) -> None:
    """Print a line for a person; `style` as in `click.style` (`bold=True`, `fg="red"`), used on a terminal only."""
    say_in_parts((text, style), error=error)


def say_in_parts(*parts: tuple[str, Mapping[str, Any]], error: bool = False) -> None:
    """Print a line of several parts, each with its own style as for `say`."""
    stream = sys.stderr if error else sys.stdout
    coloured = colours(stream)
    shown = (click.style(plain(text), **style) if style and coloured else plain(text) for text, style in parts)
    _echo("".join(shown), stream)


def print_json(document: Mapping[str, Any]) -> None:
    """Print the one JSON document: UTF-8, keys in the order given; half a surrogate pair stays an escape."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    _echo(text.encode("utf-8", "backslashreplace"), sys.stdout)


def _echo(text: str | bytes, stream: Any) -> None:
    try:
        click.echo(text, file=stream, color=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableError(error.strerror or str(error)) from None


def problem_json(problem: Problem) -> dict[str, str | int | None]:
    """A problem as every command prints it."""
    return problem.as_json()


def fail(failure: Failure, *, as_json: bool) -> ExitCode:
    """Tell the user why the command ends; its exit code. Usage errors print nothing on stdout."""
    from daemon.cli.typed import remedy  # noqa: PLC0415 - see `show_problems`

    say(f"afterword: {failure.message}", error=True, fg="red")
    show_problems(failure.problems, failure.texts)
    for line in remedy(failure.hint, "  "):
        say(line, error=True)
    if as_json and failure.exit_code != ExitCode.USAGE:
        problems = [problem_json(problem) for problem in failure.problems]
        print_json({"problems": problems or [_as_problem(failure)]})
    return failure.exit_code


def _as_problem(failure: Failure) -> dict[str, str | int | None]:
    nowhere = dict.fromkeys(("source", "file", "line", "column"))
    return {**nowhere, "message": failure.message, "hint": failure.hint}


def show_problems(problems: Iterable[Problem], texts: Mapping[str, str] | None = None) -> None:
    """Print problems on stderr: `file:line:column  message`, the line with a mark under the place, and the remedy.

    What several sources have in common is told once.
    """
    from daemon.cli.excerpt import marked  # noqa: PLC0415 - few commands end with a problem
    from daemon.cli.typed import remedy  # noqa: PLC0415 - as above

    for places, problem in together(problems):
        place = f"{places}  " if places else ""
        say_in_parts((place, _PLACE), (problem.message, _MESSAGE), error=True)
        for line, style in zip(marked(problem, texts or {}), ({}, _MARK), strict=False):
            say(f"    {line}", error=True, **style)
        for line in remedy(problem.hint, "  "):
            say(line, error=True, **_REMEDY)


def together(problems: Iterable[Problem]) -> list[tuple[str, Problem]]:
    """Each problem once, with its places: those that several sources have in common are one."""
    found: dict[tuple[str, str | None, str], dict[str, Problem]] = {}
    for problem in problems:
        line = problem.place if problem.line is not None else ""
        found.setdefault((problem.message, problem.hint, line), {}).setdefault(problem.place, problem)
    return [(", ".join(filter(None, several)), next(iter(several.values()))) for several in found.values()]


def broken_pipe() -> ExitCode:
    """Nobody reads on (`afterword plan | head`): end quietly."""
    _drop_unwritten()
    return ExitCode.BROKEN_PIPE


def unwritable(error: UnwritableError) -> ExitCode:
    """What there was to tell found no room (`afterword plan > /full/disk`): say so, where that can be said."""
    _drop_unwritten()
    say(f"afterword: what this command tells could not be written: {str(error).lower()}", error=True, fg="red")
    return ExitCode.CANNOT_NOW


def _drop_unwritten() -> None:
    """Turn a stream that takes nothing to nowhere, or Python tries once more when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _surprise(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> NoReturn:
    """The last handler: something that should not have happened."""
    what = str(error).partition("\n")[0]
    say(f"afterword: this should not have happened: {kind.__name__}: {what}", error=True)
    if os.environ.get("AFTERWORD_DEBUG") == "1":
        traceback.print_exception(kind, error, trace)
    else:
        say("  Please report it; with AFTERWORD_DEBUG=1 the command tells where it happened.", error=True)
    raise SystemExit(ExitCode.INTERNAL)
