"""`afterword doctor`: a report for a bug, with nothing personal in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.complete import files
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.cli.call import Call
    from daemon.doctor.leaf import Section


@command("doctor")
@click.argument("file", required=False, metavar="[FILE]", shell_complete=files)
@click.option("--force", is_flag=True, help="Write over FILE where it is there already.")
def doctor(call: Call, *, file: str | None, force: bool) -> ExitCode:
    """Gather a report for a bug, on standard output or as FILE. It changes nothing and asks no server.

    It is made of numbers and of the program's own words: versions, kinds, counts, states, messages without what was put
    into them. Before it is written it is searched for every name, address, title and path of yours; where one is found
    nothing is written. Read it all the same before you give it away.
    """
    from daemon.cli import usage  # noqa: PLC0415 - it imports this package
    from daemon.cli.output import print_json, say  # noqa: PLC0415 - see `_report`
    from daemon.doctor.render import document, markdown  # noqa: PLC0415 - see `_report`

    target = None if file in {None, "-"} else Path(os.path.abspath(os.path.expanduser(str(file))))  # noqa: PTH100, PTH111 - without following links
    if force and target is None:
        usage("--force writes over a FILE: name it")
    if target is not None:
        _refuse_own(target, call)
    report = _report(call)
    text = markdown(report)
    as_json = json.dumps(document(report), ensure_ascii=False, indent=2)
    _refuse_leaks(call, report, (text, as_json))
    if target is not None:
        _write(target, as_json if call.json else text, force=force)
        say(f"Written to {file}. Read it, and attach it to your report.", error=True)
    elif call.json:
        print_json(document(report))
    else:
        say(text.rstrip("\n"))
    return ExitCode.DONE


def _report(call: Call) -> tuple[Section, ...]:
    from daemon.doctor import machine, shape, state  # noqa: PLC0415 - much is imported

    now = call.now()
    written = shape.Written.of(call.folder)
    problems = shape.wrong("problems", written.problems, shape.kinds_of_sources(written))
    configuration = shape.shape(written)
    return (
        machine.versions(now),
        machine.service(call.state, now),
        machine.room(call.state),
        type(configuration)(configuration.title, configuration.facts, (*configuration.tables, problems)),
        state.ledger(call.state, written, now),
        state.copies(call.state, now),
        state.unexpected(call.state, now),
    )


def _refuse_leaks(call: Call, report: Sequence[Section], texts: Sequence[str]) -> None:
    """The second line.

    Raises:
        Failure: something personal stands in a text; what it is, is not repeated.
    """
    from daemon.doctor.personal import leaks  # noqa: PLC0415 - see `_report`
    from daemon.doctor.shape import Written  # noqa: PLC0415 - see `_report`

    written = Written.of(call.folder)
    found = {place: None for text in texts for place in leaks(text, report, written, call.folder, call.state)}
    if found:
        raise Failure(
            ExitCode.PART_FAILED,
            "the report would have had something personal in it, and was not written: "
            f"a word of {' and of '.join(found)}",
            "That is a fault of the program's: please report just the line above, and the version of Afterword.",
        )


def _refuse_own(target: Path, call: Call) -> None:
    """No report takes the place of the ledger, or of what the user has written.

    Raises:
        Failure: it would lie among these.
    """
    for folder in (call.state, call.folder):
        if target.resolve().is_relative_to(folder.resolve()):
            hint = "Name a file elsewhere, as in afterword-report.md."
            raise Failure(ExitCode.USAGE, f"{target} lies among the files of Afterword", hint)


def _write(target: Path, text: str, *, force: bool) -> None:
    """Write it where nothing is yet, or, by `force`, over a file.

    Raises:
        Failure: something is there, or it cannot be written.
    """
    if target.is_dir():
        raise Failure(ExitCode.USAGE, f"{target} is a folder", f"Name a file in it, as in {target / 'report.md'}.")
    try:
        with target.open("w" if force else "x", encoding="utf-8") as out:
            out.write(text if text.endswith("\n") else f"{text}\n")
    except FileExistsError:
        hint = "Name another file, or write over it with --force."
        raise Failure(ExitCode.USAGE, f"{target} is there already", hint) from None
    except OSError as error:
        what = (error.strerror or str(error)).lower()
        raise Failure(ExitCode.CANNOT_NOW, f"{target} could not be written: {what}", "Name another file.") from None
