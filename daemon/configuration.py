"""The configuration for a cycle: what the folder says, and, in the service, the last good one when that is wrong."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from config.load import Sources, load, parse
from daemon import log
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config.load import Configuration
    from config.problem import Problem

LAST_GOOD = "last-good.json"


def wrong(problems: tuple[Problem, ...], texts: Mapping[str, str]) -> Failure:
    """The failure that a wrong configuration means for a command."""
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    return Failure(
        ExitCode.CONFIGURATION_WRONG,
        f"the configuration has {count}",
        "Mend it and try again; `afterword check` tells whether all is well.",
        problems,
        texts=texts,
    )


def load_configuration(folder: Path) -> Configuration:
    """What the folder says, for a command that needs it whole.

    Raises:
        Failure: there are problems (exit code 78).
    """
    loaded = load(folder)
    if loaded.configuration is None:
        raise wrong(loaded.problems, loaded.sources.files)
    return loaded.configuration


def load_for_cycle(folder: Path, state: Path, *, service: bool) -> tuple[Configuration, tuple[Problem, ...]]:
    """The configuration that a cycle works with, and the problems of the folder when that is the last good one.

    In the service a good configuration is kept in the state folder, and serves while the folder has problems.
    A lone `once` keeps nothing and takes nothing from there.

    Raises:
        Failure: there are problems (exit code 78), and, in the service, no last good configuration of this folder.
    """
    loaded = load(folder)
    if loaded.configuration is not None:
        if service:
            _keep(loaded.sources, folder, state)
        return loaded.configuration, ()
    last = last_good(folder, state) if service else None
    if last is None:
        raise wrong(loaded.problems, loaded.sources.files)
    for problem in loaded.problems:
        told = {name: value for name, value in problem.as_json().items() if value is not None}
        log.write("error", "configuration.problem", **told)
    return last, loaded.problems


def _keep(sources: Sources, folder: Path, state: Path) -> None:
    """Keep these sources as the last good ones, whole or not at all; the log tells when that cannot be done."""
    text = json.dumps({"folder": str(folder), "sources": sources.to_json()})
    file = state / LAST_GOOD
    half = file.with_suffix(".new")
    try:
        if file.is_file() and file.read_text("utf-8") == text:
            return
        number = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        half.replace(file)
    except (OSError, UnicodeDecodeError) as error:
        log.write("warning", "configuration.not_kept", file=file, why=str(error))


def last_good(folder: Path, state: Path) -> Configuration | None:
    """The last good configuration of this folder; None where none was kept, or a newer program finds it wrong."""
    try:
        kept = json.loads((state / LAST_GOOD).read_text("utf-8"))
        if kept["folder"] != str(folder):
            return None
        return parse(Sources.from_json(kept["sources"]), folder).configuration
    except (OSError, ValueError, KeyError, TypeError):
        return None
