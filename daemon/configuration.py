"""The configuration for a cycle: what the folder says, and, in the service, the last good one when that is wrong."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from config.load import Sources, load, parse
from config.sources import INIT
from daemon import log
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from config.load import Configuration
    from config.problem import Problem

LAST_GOOD = "last-good.json"
MOST_TOLD = 20
"""Problems of one reading that the log tells."""


def _nothing() -> None:
    """What there is to do where the configuration is the one that was in force before."""


def wrong(problems: tuple[Problem, ...], texts: Mapping[str, str]) -> Failure:
    """The failure that a wrong configuration means for a command."""
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    none = not texts and all(one.hint and one.hint.startswith(INIT) for one in problems)
    return Failure(
        ExitCode.CONFIGURATION_WRONG,
        f"the configuration has {count}",
        None if none else "Mend it and try again; `afterword check` tells whether all is well.",
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


@dataclass(frozen=True, slots=True)
class InForce:
    """What a cycle works with: the folder's, or the last good one while the folder has `problems`.

    `former` was in force until now, where this is another one; it stays the last good one until `take` is called.
    """

    configuration: Configuration
    problems: tuple[Problem, ...] = ()
    former: Configuration | None = None
    take: Callable[[], None] = _nothing


def load_for_cycle(folder: Path, state: Path, *, service: bool, reread: bool = False) -> InForce:
    """The configuration that a cycle works with.

    In the service a good configuration is kept in the state folder, and serves while the folder has problems.
    A lone `once` keeps nothing and takes nothing from there. With `reread` the log tells what was found; else only that
    another configuration is in force than before.

    Raises:
        Failure: there are problems (exit code 78), and, in the service, no last good configuration of this folder.
    """
    loaded = load(folder)
    if not service:
        if loaded.configuration is None:
            raise wrong(loaded.problems, loaded.sources.files)
        return InForce(loaded.configuration)
    kept = _kept(folder, state)
    if loaded.configuration is None:
        if reread:
            _refuse(loaded.problems)
        last = None if kept is None else parse(kept, folder, in_force=True).configuration
        if last is None:
            raise wrong(loaded.problems, loaded.sources.files)
        return InForce(last, loaded.problems)
    edited = _edited(kept, loaded.sources)
    former = parse(kept, folder, in_force=True).configuration if kept is not None and edited else None
    if reread or former is not None:
        _tell(loaded.configuration, edited if former is not None else [])
    take = partial(_keep, loaded.sources, folder, state)
    if former is None:
        take()
        return InForce(loaded.configuration)
    return InForce(loaded.configuration, former=former, take=take)


def _edited(before: Sources | None, now: Sources) -> list[str]:
    """The files whose text is another one, or that have come or gone."""
    if before is None:
        return []
    names = sorted(before.files.keys() | now.files.keys())
    return [name for name in names if before.files.get(name) != now.files.get(name)]


def _tell(configuration: Configuration, edited: list[str]) -> None:
    log.write(
        "info",
        "configuration.taken",
        edited=edited or None,
        rules=len(configuration.rules),
        steps=sum(len(rule.steps) for rule in configuration.rules),
        calendars=len(configuration.calendars),
    )


def _refuse(problems: tuple[Problem, ...]) -> None:
    for problem in problems[:MOST_TOLD]:
        told = {name: value for name, value in problem.as_json().items() if value is not None}
        log.write("error", "configuration.refused", **told)
    if (more := len(problems) - MOST_TOLD) > 0:
        log.write("error", "configuration.refused", message=f"{more} more problems", hint="`afterword check` tells all")


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
    kept = _kept(folder, state)
    return None if kept is None else parse(kept, folder, in_force=True).configuration


def _kept(folder: Path, state: Path) -> Sources | None:
    try:
        kept = json.loads((state / LAST_GOOD).read_text("utf-8"))
        return Sources.from_json(kept["sources"]) if kept["folder"] == str(folder) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Standing:
    """The configuration as somebody who only looks finds it: the folder's, or the last good one, or none.

    `problems` are those of the folder, and `texts` its files by name, so that a line can be shown.
    """

    configuration: Configuration | None
    problems: tuple[Problem, ...]
    texts: Mapping[str, str]

    @property
    def is_last_good(self) -> bool:
        """The folder has problems, and what was last good serves meanwhile."""
        return bool(self.problems) and self.configuration is not None

    @property
    def needed(self) -> Configuration:
        """The one in force.

        Raises:
            Failure: there is none (78).
        """
        if self.configuration is None:
            raise wrong(self.problems, self.texts)
        return self.configuration


def in_force(folder: Path, state: Path) -> Standing:
    """What the service would work with. Nothing is kept or told."""
    loaded = load(folder)
    texts = loaded.sources.files
    if loaded.configuration is not None:
        return Standing(loaded.configuration, (), texts)
    return Standing(last_good(folder, state), loaded.problems, texts)
