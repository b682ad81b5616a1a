"""The files of a unit that fit this machine and this configuration; what a kind of service cannot do is told before."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.problem import Problem
from config.settings import Maildir
from daemon.cli.check import judge
from daemon.failure import ExitCode, Failure
from daemon.paths import make_state_folder
from daemon.units import files, text
from daemon.units.opened import open_within
from daemon.units.programs import for_all, parts, program
from daemon.units.writable import password_files, why_not, writable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from config.load import Configuration
    from daemon.cli.service_which import Which
    from daemon.units.files import Files
    from daemon.units.manager import Manager

NO_NAMESPACES = "this system lets no service of a user see a disk of its own"
ASKED = "that was asked for"


@dataclass(frozen=True, slots=True)
class Fit:
    """What is to be installed."""

    files: Files
    loose: str = ""
    """Why strict.conf is not among the files; empty where it is, or is not needed."""
    made_ready: tuple[str, ...] = ()
    """What was changed for it outside the units, as sentences."""


def fit(target: Which, manager: Manager, version: int, *, strict: bool) -> Fit:
    """The files of this service; its folders are made ready.

    Raises:
        Failure: the configuration is wrong, or of a kind that this service cannot have (78); or the program is not
            where the service can run it (75).
    """
    configuration = _configuration(target)
    if target.system:
        _fits_the_machine(configuration)
        return Fit(_of_system(manager, version), made_ready=tuple(open_within(target.config, _keys(configuration))))
    wanted = text.Wanted(program(), target.config, target.state)
    writable_as_text((wanted.program[0], wanted.config, wanted.state))
    make_state_folder(target.state)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = writable(configuration, target.state, Path(runtime) if runtime else None)
    writable_as_text(places)
    loose = why_not(configuration, target.state, parts(wanted.program)) if strict else ASKED
    if not loose and not manager.takes(text.probe(wanted, places)):
        loose = NO_NAMESPACES
    path = files.unit(system=False)
    drop_in = None if loose else text.strict(wanted, places)
    return Fit({path: text.user_unit(wanted, version), files.drop_in(path): drop_in}, loose)


def _configuration(target: Which) -> Configuration:
    judged = judge(target.config, target.state)
    if judged.loaded.configuration is None or judged.problems:
        there = "" if target.config.is_dir() else f" `afterword --config {target.config} init` writes one."
        raise Failure(
            ExitCode.CONFIGURATION_WRONG,
            f"the configuration in {target.config} is not right yet, and nothing was installed",
            f"Mend it, and try again.{there}",
            judged.problems,
            texts=judged.loaded.sources.files,
        )
    return judged.loaded.configuration


def _of_system(manager: Manager, version: int) -> Files:
    """The machine's unit; none where a package has brought the same."""
    path, start = files.unit(system=True), program()
    packaged = manager.show("afterword@x.service", "FragmentPath")["FragmentPath"]
    if packaged and packaged != str(path) and f"ExecStart={start[0]} " in files.text_of(Path(packaged)):
        return {path: None}
    return {path: text.system_unit(start, version)}


def _keys(configuration: Configuration) -> list[Path]:
    """Files that only their owner may read, or they are not used."""
    key = configuration.google.service_account
    return [Path(key)] if key else []


def _fits_the_machine(configuration: Configuration) -> None:
    """A service without a home writes to none, and runs no program that lies in one.

    Raises:
        Failure: it would have to (78, 75).
    """
    if isinstance(configuration.mailbox, Maildir):
        message = "a service of the machine runs as a user of its own, and cannot write to a Maildir in a home"
        hint = "As the owner of the Maildir type `afterword service install`: your own manager runs it then."
        raise Failure(
            ExitCode.CONFIGURATION_WRONG, message, hint, [Problem(None, "afterword.yaml", None, None, message, hint)]
        )
    if held := password_files(configuration):
        message = f"a service of the machine cannot read the password file {held[0]}, which is its owner's alone"
        hint = (
            f"Write `password: {{credential: {held[0].name}}}` in place of it, and have the password in "
            f"{configuration.folder}/credentials/{held[0].name}: systemd hands it over."
        )
        raise Failure(
            ExitCode.CONFIGURATION_WRONG, message, hint, [Problem(None, "afterword.yaml", None, None, message, hint)]
        )
    start = program()
    if not for_all(start):
        raise Failure(
            ExitCode.CANNOT_NOW,
            f"the program lies in a home ({start[0]}), where a service of the machine cannot see it",
            "Install it for everybody: the Debian package does, and `pipx install --global`.",
        )


def writable_as_text(paths: Iterable[str | Path]) -> None:
    """A unit is lines: a path that breaks one has no place in it, or it would be a setting of its own."""
    for path in map(str, paths):
        if not path.isprintable():
            raise Failure(
                ExitCode.CANNOT_NOW,
                f"a unit cannot name {path!r}",
                "Give the folder a name without control characters.",
            )
