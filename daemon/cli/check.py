"""`afterword check`: everything that is wrong with the configuration, and, if asked, with what it names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.output import ExitCode, print_json, problem_json, say, show_problems, together
from daemon.cli.typed import remedy
from daemon.cli.wording import count

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration, Loaded
    from config.problem import Problem
    from daemon.cli.call import Call


@command("check")
@click.option("--connect", is_flag=True, help="Try each calendar, address book and the mailbox too.")
def check(call: Call, *, connect: bool) -> ExitCode:
    """Tell everything that is wrong with the configuration: where, and what would be right."""
    return tell(judge(call.folder, call.state, connect=call.now() if connect else None), as_json=call.json)


@dataclass
class Judged:
    """What was found: `problems` are wrong; `notes` are missing, or empty, as may be in a right configuration.

    `remarks` are on what is right, and perhaps not what was meant.
    """

    folder: Path
    loaded: Loaded
    problems: list[Problem]
    notes: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    """A line on each source that answered."""
    tests: Mapping[str, str] = field(default_factory=dict)
    """The texts of the tests of the rules, in which some of the problems may be."""
    outdated: tuple[str, ...] = ()
    """The schemas for the user's editor that another version wrote."""


def judge(
    folder: Path, state: Path, *, connect: datetime | None = None, asking: Callable[[str], None] | None = None
) -> Judged:
    """Look at the folder, at what its settings name on this machine and, at `connect`, at what they name elsewhere.

    `asking` hears the name of each source before it is asked.
    """
    from config.load import load  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon.schemas import outdated  # noqa: PLC0415 - as above

    loaded = load(folder)
    files = _google_files(loaded, folder, state)
    judged = Judged(folder, loaded, [*loaded.problems, *files], outdated=outdated(folder))
    _look_at_tests(judged)
    if loaded.configuration is None:
        return judged
    from config.remarks import remarks  # noqa: PLC0415 - as above
    from daemon.missing import GOOGLE, missing  # noqa: PLC0415 - connectors are not needed for wrong files

    judged.remarks += remarks(loaded.configuration)
    if connect is not None:
        from daemon.trial import trial, unheard  # noqa: PLC0415 - as above

        tried = trial(loaded.configuration, state, connect, asking or unheard)
        known = {problem.message for problem in judged.problems}
        judged.problems += (problem for problem in tried.problems if problem.message not in known)
        judged.found += tried.found
    told = {problem.message for problem in judged.problems}
    for one in missing(loaded.configuration, state):
        # Without its file there can be no permission: the file comes first.
        if one.message not in told and not (files and one.source == GOOGLE):
            judged.notes.append(one)
    return judged


def tell(judged: Judged, *, as_json: bool = False) -> ExitCode:
    """Print what was found; 78 with any problem. As JSON the problems alone: what is missing may be so, and is said."""
    problems = judged.problems
    if as_json:
        print_json({"problems": [problem_json(problem) for problem in problems]})
    show_problems(problems, {**judged.loaded.sources.files, **judged.tests})
    configuration = judged.loaded.configuration
    if not problems and not as_json and configuration is not None:
        for line in judged.found:
            say(line)
        what = "The configuration is right" if judged.notes or judged.remarks else "All is well"
        say(f"{what}: {_summary(configuration)}.", fg="green")
    _note("What is still missing:", judged.notes, error=as_json or bool(problems))
    _note("Is this what you mean?", judged.remarks, error=as_json or bool(problems))
    if judged.outdated:
        text = "The schemas for your editor are those of another version; `afterword schema --write` writes them anew."
        say(text, error=as_json or bool(problems))
    if problems:
        told = len(together(problems))
        say(f"{'One problem' if told == 1 else f'{told} problems'} in {judged.folder}.", error=True, fg="red")
        if configuration is not None and all(_is_of_a_test(problem) for problem in problems):
            say("Only tests of the rules are wrong: the configuration itself is used as it is.", error=True)
        return ExitCode.CONFIGURATION_WRONG
    return ExitCode.DONE


def _look_at_tests(judged: Judged) -> None:
    """Add what is wrong with the tests in rules/tests/, which are no part of what the service runs on."""
    from config.read_tests import parse_tests  # noqa: PLC0415 - see `judge`
    from config.sources import RULES, read_tests  # noqa: PLC0415 - see `judge`

    if any(problem.file == RULES for problem in judged.problems):
        return  # the folder around them cannot be read
    sources = read_tests(judged.folder)
    _, wrong = parse_tests(sources.files, judged.loaded.configuration)
    judged.tests = sources.files
    judged.problems += (*sources.problems, *wrong)


def _is_of_a_test(problem: Problem) -> bool:
    from config.sources import TESTS  # noqa: PLC0415 - see `judge`

    return (problem.file or "").startswith(f"{TESTS}/")


def _google_files(loaded: Loaded, folder: Path, state: Path) -> list[Problem]:
    """What is wrong with the files of Google's that the settings name, also where these are wrong elsewhere."""
    from config.load import google_of  # noqa: PLC0415 - see `judge`
    from daemon.credentials import wrong  # noqa: PLC0415 - see `judge`

    google = google_of(loaded.sources, folder)
    return [] if google is None else wrong(google, folder, state)


def _note(heading: str, notes: list[Problem], *, error: bool) -> None:
    if notes:
        say(heading, error=error, fg="yellow")
    for places, problem in together(notes):
        say(f"  {places}: {problem.message}", error=error)
        for line in remedy(problem.hint, "      "):
            say(line, error=error)


def _summary(configuration: Configuration) -> str:
    counts = (
        (len(configuration.rules), "rule"),
        (len(configuration.templates.names()), "template"),
        (len(configuration.calendars), "calendar"),
        (len(configuration.contacts), "address book"),
    )
    return f"{', '.join(count(number, what) for number, what in counts)}, one mailbox"
