"""Runs the user's own command with a line of text: the `notify` of the settings."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from config.problem import Problem
from daemon.program import run

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = "notify"
LIMIT = 10.0
"""Seconds that the command may take."""


def notify(command: Sequence[str], line: str, limit: float = LIMIT) -> Problem | None:
    """Run the command with the line as its last word; what went wrong, if anything did.

    No shell reads the line. The command leads a process group of its own, which is ended with it when it takes too
    long; what it prints is thrown away, and what it says on stderr is in the problem.
    """
    shown = shlex.join(command)
    try:
        ended = run([*command, line], limit)
    except FileNotFoundError:
        return _problem(f"there is no command {command[0]}", f"install it, or correct `notify:`; it was: {shown}")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return _problem(
            f"the command {command[0]} cannot be run: {(why or 'no reason was given').lower()}", _try(shown)
        )
    if ended.code is None:
        message = f"the command {command[0]} took longer than {limit:g} seconds, and was ended"
        return _problem(message, f"it must come to its end by itself; {_try(shown)}")
    if ended.code == 0:
        return None
    return _problem(f"the command {command[0]} ended {ended.how}", _try(shown))


def _try(shown: str) -> str:
    return f"try it by hand: {shown} test; or correct `notify:` in afterword.yaml"


def _problem(message: str, hint: str) -> Problem:
    return Problem(SOURCE, None, None, None, message, f"{hint}. What there is to say is said once it works.")
