"""`afterword run`: the service, in the foreground."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.owned import refuse_another
from daemon.paths import make_state_folder

if TYPE_CHECKING:
    from daemon.cli.call import Call


@command("run", json=False)
@click.option(
    "--metrics", metavar="WHERE", help="Tell OpenMetrics at 127.0.0.1:PORT, [::1]:PORT or a Unix socket's path."
)
def run(call: Call, *, metrics: str | None) -> None:
    """Run the service, in the foreground, until it is told to end (Ctrl-C, SIGTERM).

    SIGHUP makes it read the configuration again. With --at its clock starts at that moment.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the process goes on so, until it can obey: nothing is read yet
    from importlib.metadata import version  # noqa: PLC0415 - not needed for --help

    metered = [] if metrics is None else ["--metrics", _place(metrics)]
    refuse_another(call)
    make_state_folder(call.state)
    at = [] if call.at is None else [call.at.isoformat()]
    # The process that stays has to be small: click and what it needs end here, the process goes on.
    program = [sys.executable, "-P", "-m", "daemon.service", "--version", version("afterword"), *metered]
    command_line = [*program, str(call.folder), str(call.state), *at]
    os.execv(sys.executable, command_line)  # noqa: S606 - our own program, no shell


def _place(where: str) -> str:
    """Where that is, from whatever folder it is looked at; refused now where nobody may be told there."""
    from daemon.metrics_place import Place  # noqa: PLC0415 - only for who wants them

    place = Place(where)
    return place.path or place.where
