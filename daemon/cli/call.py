"""What every command is given, and how it ends: `@command` makes a click command of a function."""

from __future__ import annotations

import functools
from contextlib import suppress
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

    from daemon.sight import Build


_FIRST_YEAR, _LAST_YEAR = 1970, 2999
"""What is planned reaches years around `--at`, and the calendar of Python ends in both directions."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a command: the folders, `--at` (aware, in UTC) and whether JSON is wanted.

    `build` makes the outside world, where that is not as usual: a page does not wait long for a mailbox.
    """

    config: str | None
    state_option: str | None
    at: datetime | None
    json: bool
    build: Build | None = None

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


class NoMomentError(ValueError):
    """What was written names no moment: the text says why, `remedy` what to write."""

    def __init__(self, words: str, remedy: str = "write it as in 2026-03-03T15:00:00+00:00") -> None:
        super().__init__(words)
        self.remedy = remedy


def moment(written: str) -> datetime:
    """The moment that is written in ISO 8601, in UTC; without an offset it names none.

    Raises:
        NoMomentError: it is no time, has no offset, or is too far away.
    """
    try:
        found = datetime.fromisoformat(written.strip())
        found = found if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoMomentError(f"'{written}' is no time in ISO 8601") from None
    if found.tzinfo is None:
        raise NoMomentError(f"'{written}' has no offset")
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise NoMomentError(f"'{written}' is too far away", f"choose a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return found


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """The value of `--at`."""
    try:
        return None if value is None else moment(value)
    except NoMomentError as error:
        raise click.BadParameter(f"{error}; {error.remedy}", context, option) from None


AT = click.option("--at", callback=_moment, metavar="TIME", help="Act as if it were then (ISO 8601 with offset).")
JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else.")


def command(
    name: str, *, json: bool = True, line: str | None = None
) -> Callable[[Callable[..., int | None]], click.Command]:
    """Make the command `name` of a function that takes a `Call`, then its click options by name.

    The function returns an exit code (or None for 0), or raises `Failure`. It has `--at`, and `--json` unless `json`
    is false. Its docstring, or the line of the table, is its help; `line` is that of a command within another.
    """
    short = line or HELPS[name]

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
        return click.command(name, short_help=short, help=function.__doc__ or short)(options)

    return make


def _ended(function: Callable[..., int | None], call: Call, options: dict[str, Any]) -> int:
    """The exit code of the command; a failure is told."""
    try:
        return int(function(call, **options) or ExitCode.DONE)
    except Failure as failure:
        return int(output.fail(failure, as_json=call.json))
    except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError, output.UnwritableError):
        raise
    except Exception as error:
        from daemon import mishaps  # noqa: PLC0415 - for what should not happen

        with suppress(Failure):  # a state folder that cannot be named
            mishaps.note(error, call.state, click.get_current_context().info_name or "", clock.now())
        raise
