"""What a shell offers for a word that is not finished: files, folders, and names that lie in ours.

Nothing is opened for it, and nothing large imported: a shell asks with each press of the key.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

from daemon import paths
from daemon.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import click

_BACKUPS = ("backups/ledger[-.]*.sqlite3", "ledger[-.]*.sqlite3")
"""Where `daemon.backups` looks for them, which imports much."""


def files(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Files, as the shell knows them."""
    del context, parameter
    return [CompletionItem(typed, type="file")]


def folders(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Folders, as the shell knows them."""
    del context, parameter
    return [CompletionItem(typed, type="dir")]


def backups(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The names of the backups in the state folder, and `latest`; else files."""
    names = ["latest"]
    with suppress(Failure, OSError):
        state = paths.state_folder(context.find_root().params.get("state"))
        names += _names(path for pattern in _BACKUPS for path in state.glob(pattern))
    return _beginning(names, typed) or files(context, parameter, typed)


def tests(context: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The files of tests in rules/tests/, by their names; else files."""
    names: list[str] = []
    with suppress(Failure, OSError):
        folder = paths.config_folder(context.find_root().params.get("config"))
        names = [name.removesuffix(".yaml") for name in _names((folder / "rules" / "tests").glob("*.yaml"))]
    return _beginning(names, typed) or files(context, parameter, typed)


def _names(several: Iterable[Path]) -> list[str]:
    return sorted(path.name for path in several if not path.name.startswith("."))


def _beginning(names: Iterable[str], typed: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names if name.startswith(typed)]
