"""`afterword demo`: a sample spring of eight weeks, played by the real cycle, told as it happens."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import failure_of, finish
from daemon.cli.output import ExitCode, Failure, say

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.demo.play import Entry, Play

FOLDER = "demo-spring"


@command("demo")
@click.argument("folder", metavar="[DIR]", default=FOLDER, type=click.Path(file_okay=False))
def demo(call: Call, folder: str) -> ExitCode:
    """Play a sample spring of eight weeks, and leave a Maildir to look at.

    DIR (else ./demo-spring) is made, or made anew where an earlier demo left it; nothing else is overwritten.
    It is always the spring of 2026. No question is asked, and nothing leaves this machine.
    """
    from daemon.configuration import load_configuration  # noqa: PLC0415 - pydantic is not needed for --help
    from daemon.demo.ending import Ending  # noqa: PLC0415 - see above
    from daemon.demo.ground import Ground  # noqa: PLC0415 - see above
    from daemon.demo.play import Play  # noqa: PLC0415 - see above
    from daemon.ledger import Ledger, LedgerError  # noqa: PLC0415 - see above
    from daemon.sight import house_of  # noqa: PLC0415 - see above

    ground = Ground(Path(os.path.abspath(folder)))  # noqa: PTH100 - links stay as the user wrote them
    ground.prepare()
    house = house_of(load_configuration(ground.config), ground.state, write=True)
    play = None
    try:
        with Ledger.open(ground.state, durable=False) as ledger:
            play = Play(ground, house, ledger)
            entries = _performed(play, folder, quiet=call.json)
            ending = Ending(ground, play, entries, ledger.records(), folder.rstrip("/"), _program())
    except LedgerError as error:
        raise failure_of(error) from error
    except BrokenPipeError:
        raise
    except (LookupError, OSError) as error:
        hint = "Is the disk full, or did something else change the folder? Try another one: `afterword demo DIR`."
        raise Failure(
            ExitCode.CANNOT_NOW, f"the demo cannot go on: {error}", hint, play.problems if play else ()
        ) from error
    return finish(call, ending.document() if call.json else {}, ending.lines(), play.problems)


def _performed(play: Play, folder: str, *, quiet: bool) -> list[Entry]:
    """Play it to the end, and tell each entry as it comes."""
    from daemon.demo.telling import Telling, welcome  # noqa: PLC0415 - see `demo`

    telling = Telling(play.house.configuration.almanac)
    entries = []
    if not quiet:
        for text, style in welcome(play, folder):
            say(text, **style)
    for entry in play.timeline():
        entries.append(entry)
        if not quiet:
            for text, style in telling.lines(entry):
                say(text, **style)
    return entries


def _program() -> str:
    """The command as the user can type it again: `make demo` runs one that is not on the PATH."""
    typed = sys.argv[0]
    on_path = shutil.which("afterword") is not None
    return typed if not on_path and Path(typed).name == "afterword" else "afterword"
