"""Commands that a remedy names, as they are to be typed: on the folders that this command was given."""

from __future__ import annotations

import re
from shlex import quote

import click

from daemon.cli.wording import wrapped

_COMMAND = re.compile(r"`afterword (?!--(?:config|state) )")


def folder_options(config: str | None, state: str | None) -> str:
    """What was said of the folders: ` --config DIR --state DIR`, or an empty text."""
    return "".join(f" --{name} {quote(given)}" for name, given in (("config", config), ("state", state)) if given)


def typed(text: str) -> str:
    """The text with the options of this command behind each `afterword`, or else another configuration is meant.

    For the terminal alone: a program that reads JSON knows what it called, and compares hints as they are.
    """
    context = click.get_current_context(silent=True)
    given = context.find_root().obj if context is not None else None
    return with_options(text, folder_options(*given) if given else "")


def with_options(text: str, options: str) -> str:
    """The text with these options behind each `afterword`."""
    return _COMMAND.sub(lambda _: f"`afterword{options} ", text)


def remedy(hint: str | None, indent: str) -> list[str]:
    """A hint as lines of the terminal; none where there is none."""
    return wrapped(typed(hint), indent) if hint else []
