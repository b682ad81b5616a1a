"""`afterword test`: runs the tests that the user wrote for the rules."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli import usage
from daemon.cli.call import command
from daemon.cli.complete import tests
from daemon.cli.output import ExitCode, Failure, print_json, problem_json, say
from daemon.cli.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from config.load import Configuration
    from config.problem import Problem
    from config.read_tests import ReadTests
    from config.sources import Sources
    from daemon.cli.call import Call
    from daemon.rule_tests.judge import Failure as Failed
    from daemon.rule_tests.judge import Result

_ROOM = 72
"""Columns for the names of files and the dots."""


@command("test")
@click.argument("files", nargs=-1, metavar="[FILE]...", shell_complete=tests)
@click.option("-k", "words", metavar="WORD", help="Only the tests that have this in their name.")
@click.option("-v", "--verbose", is_flag=True, help="Name each test, in place of a dot.")
def test(call: Call, *, files: tuple[str, ...], words: str | None, verbose: bool) -> ExitCode:
    """Run the tests of your rules: those in rules/tests/, or in the FILEs. Changes nothing."""
    from daemon.configuration import load_configuration  # noqa: PLC0415 - pydantic is not needed for --help

    configuration = load_configuration(call.folder)
    chosen = _chosen(_read(call.folder, files, configuration), words)
    told = _Teller(call, verbose=verbose)
    results = list(told.run(chosen, configuration))
    if call.json:
        print_json(_document(results))
    else:
        told.finish(results)
    return ExitCode.DONE if all(result.passed for result in results) else ExitCode.PART_FAILED


def _read(folder: Path, files: Sequence[str], configuration: Configuration) -> tuple[ReadTests, ...]:
    """The tests of these files, or all.

    Raises:
        Failure: something is wrong with them, or there are none (78).
    """
    from config.problem import Problem  # noqa: PLC0415 - see `test`
    from config.read_tests import parse_tests  # noqa: PLC0415 - see `test`
    from config.sources import TESTS, read_tests  # noqa: PLC0415 - see `test`

    sources = [_named(folder, name) for name in files] if files else [read_tests(folder)]
    texts = {name: text for one in sources for name, text in one.files.items()}
    problems: list[Problem] = [problem for one in sources for problem in one.problems]
    if not texts and not problems:
        hint = "Write one (docs/rules.md shows how); the starter rules of `afterword init` bring some."
        problems = [Problem(None, TESTS, None, None, f"there are no tests in {TESTS}/", hint)]
    read, wrong = parse_tests(texts, configuration)
    problems += wrong
    if problems:
        raise Failure(
            ExitCode.CONFIGURATION_WRONG,
            f"the tests have {count(len(problems), 'problem')}; none was run",
            problems=problems,
            texts=texts,
        )
    return read


def _named(folder: Path, written: str) -> Sources:
    """One file: a path, or a name in rules/tests/ with or without its ending."""
    from config.expected import near  # noqa: PLC0415 - see `test`
    from config.sources import TESTS, read_file, read_tests  # noqa: PLC0415 - see `test`

    path, home = Path(written), folder / TESTS
    if not path.exists():
        names = (written, f"{written}.yaml", f"{TESTS}/{written}", f"{TESTS}/{written}.yaml")
        path = next((folder / name for name in names if (folder / name).is_file()), path)
    if not path.exists():
        known = [Path(name).stem for name in read_tests(folder).files]
        meant = near(Path(written).stem, known)
        there = f"did you mean {meant}?" if meant else f"in {TESTS}/ there are {', '.join(known) or 'none'}"
        usage(f"there is no file of tests '{written}'; {there}")
    inside = os.path.realpath(path.parent) == os.path.realpath(home)
    return read_file(path, f"{TESTS}/{path.name}" if inside else written)


def _chosen(read: Sequence[ReadTests], words: str | None) -> list[tuple[ReadTests, list[int]]]:
    """The files and the numbers of their tests; with a word only those that have it in their names."""
    wanted = (words or "").casefold()
    chosen = [
        (one, [number for number, test in enumerate(one.file.tests) if wanted in test.name.casefold()]) for one in read
    ]
    if not any(numbers for _, numbers in chosen):
        usage(f"no test has '{words}' in its name; `afterword test -v` shows the names")
    return [(one, numbers) for one, numbers in chosen if numbers]


class _Teller:
    """Runs the tests and tells of each as it goes: a dot, or its name."""

    def __init__(self, call: Call, *, verbose: bool) -> None:
        self.quiet = call.json
        self.verbose = verbose

    def run(self, chosen: Sequence[tuple[ReadTests, list[int]]], configuration: Configuration) -> Iterator[Result]:
        """The results, file by file."""
        from daemon.rule_tests.judge import judge  # noqa: PLC0415 - see `test`

        for read, numbers in chosen:
            results = [judge(read, number, configuration) for number in numbers]
            if not self.quiet:
                self._tell(read.document.file, results)
            yield from results

    def _tell(self, file: str, results: Sequence[Result]) -> None:
        if not self.verbose:
            dots = "".join("." if result.passed else "F" for result in results)
            room = max(_ROOM - len(file) - 2, 10)
            rows = [dots[start : start + room] for start in range(0, len(dots), room)]
            for number, row in enumerate(rows):
                say(f"{file if not number else ' ' * len(file)}  {row}")
            return
        say(file, bold=True)
        for result in results:
            mark, colour = ("ok    ", "green") if result.passed else ("FAILED", "red")
            say(f"  {mark}  {result.name}", fg=colour)

    def finish(self, results: Sequence[Result]) -> None:
        """The failures, and how many there were."""
        from daemon.rule_tests.words import lines  # noqa: PLC0415 - see `test`

        failed = [result for result in results if not result.passed]
        if failed:
            say()
            say("- expected, + what the rules make of it, # why", dim=True)
        for result in failed:
            say()
            for text, style in lines(result):
                say(text, **style)
        say()
        passed = len(results) - len(failed)
        words = f"{passed} passed, {len(failed)} failed." if failed else "all passed."
        say(f"{count(len(results), 'test')}: {words}", fg="red" if failed else "green")


def _document(results: Sequence[Result]) -> dict[str, Any]:
    """The JSON document: each test, and with failures a problem for each of them."""
    failed = [result for result in results if not result.passed]
    document: dict[str, Any] = {
        "passed": len(results) - len(failed),
        "failed": len(failed),
        "tests": [
            {
                "name": result.name,
                "file": result.file,
                "line": result.line,
                "column": result.column,
                "passed": result.passed,
                "failures": [_failure(one) for one in result.failures],
            }
            for result in results
        ],
    }
    problems = [problem_json(_problem(result, one)) for result in failed for one in result.failures]
    return {**document, "problems": problems} if problems else document


def _failure(one: Failed) -> dict[str, Any]:
    return {
        "line": one.line,
        "column": one.column,
        "message": one.message,
        "expected": one.expected,
        "got": one.got,
        "differing": list(one.differing),
        "reasons": list(one.reasons),
    }


def _problem(result: Result, one: Failed) -> Problem:
    from config.problem import Problem  # noqa: PLC0415 - see `test`

    message = f"{result.name}: {one.message}"
    return Problem(None, result.file, one.line, one.column, message, "; ".join(one.reasons) or None)
