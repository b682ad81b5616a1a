"""The command `afterword`: its options, and commands that are imported only when they are called."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from daemon.commands import HELPS, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from click.shell_completion import CompletionItem

FOLDER = click.Path(file_okay=False, readable=False)  # what is the matter with it is told where it is used


_OF_COMMANDS = frozenset({"--at", "--json"})
"""Options that every command takes, or most, and `afterword` itself does not."""


class Commands(click.Group):
    """The group; each command is `daemon.cli.<name>.<name>`, and its line of help is in `daemon.commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, by purpose."""
        return list(HELPS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import the command; None where there is none of this name."""
        if cmd_name not in HELPS:
            return None
        command = getattr(import_module(f"daemon.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"daemon.cli.{cmd_name} has no click command named {cmd_name}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click's, with the nearest name for one that does not exist."""
        if args and args[0] not in HELPS and not args[0].startswith("-"):
            near = get_close_matches(args[0], HELPS, n=1)
            remedy = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"there is no command '{args[0]}'.{remedy}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Like click's, without importing each command for its one line."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - only when a shell asks

        names = [CompletionItem(name, help=text) for name, text in HELPS.items() if name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The one page, the same that is shown without click."""
        formatter.write(page())


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001 - click's signature
    if asked and not context.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415 - only for --version

        click.echo(f"afterword {version('afterword')}")
        context.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", "config", type=FOLDER, metavar="DIR")
@click.option("--state", "state", type=FOLDER, metavar="DIR")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version)
@click.pass_context
def afterword(context: click.Context, config: str | None, state: str | None) -> None:
    """The whole command. What it was given goes to the commands as `daemon.cli.call.Call`."""
    context.obj = (config, state)


def _is_before(error: click.UsageError) -> bool:
    """Whether it stands before the command."""
    return error.ctx is not None and error.ctx.parent is None


def run_command(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; the exit code."""
    from daemon.cli import output  # noqa: PLC0415 - it imports this package

    output.prepare()
    try:
        code = afterword.main(list(arguments), prog_name="afterword", standalone_mode=False)
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption) and error.option_name in _OF_COMMANDS and _is_before(error):
            words = f"{error.option_name} stands after the command, as in: afterword plan {error.option_name}"
            error = click.UsageError(words, error.ctx)
        error.show()
        return error.exit_code
    except click.Abort:
        return int(output.ExitCode.INTERRUPTED)
    return code if isinstance(code, int) else 0


def usage(message: str) -> NoReturn:
    """End with exit code 2, and say how the command is called.

    Raises:
        click.UsageError: always.
    """
    raise click.UsageError(message)
