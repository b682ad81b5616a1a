"""What every command is given, and how it ends: `@command` makes a click command of a function."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from daemon import clock, paths
from daemon.cli import output
from daemon.cli.typed import folder_options
from daemon.commands import HELPS
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_FIRST_YEAR, _LAST_YEAR = 1970, 2999
"""What is planned reaches years around `--at`, and the calendar of Python ends in both directions."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: the folders, `--at` (aware, in UTC) and whether JSON is wanted."""

    config: str | None
    state_option: str | None
    at: datetime | None
    json: bool

    @property
    def folder(self) -> Path:
        """The folder of the configuration, absolute; it may not exist."""
        return paths.config_folder(self.config)

    @property
    def state(self) -> Path:
        """The folder of the state, absolute; it may not exist."""
        return paths.state_folder(self.state_option)

    @property
    def options(self) -> str:
        """What was said of the folders, for a command that is to be typed next: ` --config DIR`, or an empty text."""
        return folder_options(self.config, self.state_option)

    def now(self) -> datetime:
        """`--at`, else this moment; aware, in UTC."""
        return clock.now() if self.at is None else self.at


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """A time in ISO 8601 with an offset, in UTC; without an offset it names no moment and is refused."""
    if value is None:
        return None
    remedy = "write it as in 2026-03-03T15:00:00+00:00"
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
            if _FIRST_YEAR <= moment.year <= _LAST_YEAR:
                return moment
            remedy = f"choose a year from {_FIRST_YEAR} to {_LAST_YEAR}"
            raise click.BadParameter(f"'{value}' is too far away; {remedy}", context, option)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"'{value}' is no time in ISO 8601; {remedy}", context, option) from None
    raise click.BadParameter(f"'{value}' has no offset; {remedy}", context, option)


def moment(value: str, option: str) -> datetime:
    """The time that the user gave as the argument `option` (`UNTIL`), in UTC.

    Raises:
        click.UsageError: it is no time, or has no offset.
    """
    found = _moment(click.get_current_context(), click.Argument([option.lower()], metavar=option), value)
    assert found is not None
    return found


AT = click.option("--at", callback=_moment, metavar="TIME", help="Act as if it were then (ISO 8601 with offset).")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")


def command(name: str, *, json: bool = True) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make the command `name` of a function that takes a `Call`, then its click options by name.

    The function returns an exit code (or None for 0), or raises `Failure`. It has `--at`, and `--json` unless `json`
    is false. Its docstring, or the line of the table, is its help.
    """

    def make(function: Callable[..., int | None]) -> click.Command:
        @functools.wraps(function)
        def callback(*, at: datetime | None, as_json: bool = False, **options: Any) -> int:
            config, state = click.get_current_context().find_root().obj
            call = Call(config, state, at, as_json)
            try:
                return _ended(function, call, options)
            except BrokenPipeError:
                return int(output.broken_pipe())
            except output.UnwritableError as error:
                return int(output.unwritable(error))

        options = AT(JSON(callback)) if json else AT(callback)
        return click.command(name, short_help=HELPS[name], help=function.__doc__ or HELPS[name])(options)

    return make


def _ended(function: Callable[..., int | None], call: Call, options: dict[str, Any]) -> int:
    """The exit code of the command; a failure is told."""
    try:
        return int(function(call, **options) or ExitCode.DONE)
    except Failure as failure:
        return int(output.fail(failure, as_json=call.json))
