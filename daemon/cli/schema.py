"""`afterword schema`: the JSON Schema of all that a user writes, printed, or laid where the user's editor finds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.output import ExitCode, print_json, problem_json, say
from daemon.cli.wording import columns
from daemon.failure import Failure

if TYPE_CHECKING:
    from config.problem import Problem
    from daemon.cli.call import Call

_LEFT, _REMEDY = "was not written by Afterword, and is left alone", "move it away first"


@command("schema")
@click.option("--write", is_flag=True, help="Write a schema for each kind of file into the configuration instead.")
def schema(call: Call, *, write: bool) -> ExitCode:
    """Print the JSON Schema of the settings and the rule files; or, with --write, let an editor complete by it."""
    from config.editor import EXAMPLES, modeline  # noqa: PLC0415 - pydantic is not needed for --help
    from config.schema import schema as make  # noqa: PLC0415 - see above

    if not write:
        print_json(make())
        return ExitCode.DONE
    from daemon.schemas import lay_schemas  # noqa: PLC0415 - printing needs nothing of it

    if not call.folder.is_dir():
        hint = "Run `afterword init` to begin with one that works, or name another one with --config DIR."
        raise Failure(ExitCode.CONFIGURATION_WRONG, f"there is no configuration folder {call.folder}", hint)
    laid = lay_schemas(call.folder)
    if call.json:
        told = {"problems": [problem_json(_of_another(name)) for name in laid.others]} if laid.others else {}
        print_json({"written": laid.written, "left_alone": laid.others, **told})
        return ExitCode.PART_FAILED if laid.others else ExitCode.DONE
    if laid.written:
        say(f"In {call.folder}:")
    for name in laid.written:
        say(f"  wrote  {name}")
    for name in laid.others:
        say(f"{name} {_LEFT}; {_REMEDY}.", error=True, fg="red")
    if not laid.written and not laid.others:
        say(f"The schemas in {call.folder} are those of this version.")
    say("The first line of a file names its schema:")
    for line in columns(tuple((name, modeline(name)) for name in EXAMPLES)):
        say(f"  {line}")
    return ExitCode.PART_FAILED if laid.others else ExitCode.DONE


def _of_another(name: str) -> Problem:
    from config.problem import Problem  # noqa: PLC0415 - printing needs nothing of it

    return Problem(None, name, None, None, f"{name} {_LEFT}", _REMEDY)
