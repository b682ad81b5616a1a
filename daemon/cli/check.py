"""`afterword check`: everything that is wrong with the configuration, and, if asked, with what it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.output import ExitCode, print_json, problem_json, say, show_problems

if TYPE_CHECKING:
    from pathlib import Path

    from config.load import Configuration
    from daemon.cli.call import Call


@command("check")
@click.option("--connect", is_flag=True, help="Try each calendar, address book and the mailbox too.")
def check(call: Call, *, connect: bool) -> ExitCode:
    """Tell everything that is wrong with the configuration: where, and what would be right."""
    return tell(call.folder, call.state, connect=connect, as_json=call.json)


def tell(
    folder: Path, state: Path, *, connect: bool = False, as_json: bool = False, credentials: bool = True
) -> ExitCode:
    """Check the folder and print what was found; 78 with any problem. `credentials`: those for Google, too."""
    from config.load import load  # noqa: PLC0415 - pydantic is not needed for --help

    loaded = load(folder)
    problems = list(loaded.problems)
    found: list[str] = []
    if loaded.configuration is not None and credentials:
        from daemon.credentials import wrong  # noqa: PLC0415 - see above

        problems += wrong(loaded.configuration, state)
    if loaded.configuration is not None and connect:
        from daemon.trial import trial  # noqa: PLC0415 - connectors are not needed for a look at the files

        tried = trial(loaded.configuration, state)
        known = {problem.message for problem in problems}
        problems += (problem for problem in tried.problems if problem.message not in known)
        found += tried.found
    if as_json:
        print_json({"problems": [problem_json(problem) for problem in problems]})
    show_problems(problems, loaded.sources.files)
    if problems:
        count = "One problem" if len(problems) == 1 else f"{len(problems)} problems"
        say(f"{count} in {folder}.", error=True, fg="red")
        return ExitCode.CONFIGURATION_WRONG
    if loaded.configuration is not None and not as_json:
        for line in found:
            say(line)
        say(f"All is well: {_summary(loaded.configuration)}.", fg="green")
    return ExitCode.DONE


def _summary(configuration: Configuration) -> str:
    counts = (
        (len(configuration.rules), "rule"),
        (len(configuration.templates.names()), "template"),
        (len(configuration.calendars), "calendar"),
        (len(configuration.contacts), "address book"),
    )
    told = [f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts]
    return f"{', '.join(told)}, one mailbox"
