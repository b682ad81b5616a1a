"""Runs the user's own command with a line of text: the `notify` of the settings."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from config.problem import Problem
from rules.cleaning import line as cleaned

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

SOURCE = "notify"
LIMIT = 10.0
"""Seconds that the command may take."""

_SAID = 2000


def notify(command: Sequence[str], line: str, limit: float = LIMIT) -> Problem | None:
    """Run the command with the line as its last word; what went wrong, if anything did.

    No shell reads the line. The command leads a process group of its own, which is ended with it when it takes too
    long; what it prints is thrown away, and what it says on stderr is in the problem.
    """
    shown = shlex.join(command)
    try:
        code, words = _run([*command, line], limit)
    except FileNotFoundError:
        return _problem(f"there is no command {command[0]}", f"install it, or correct `notify:`; it was: {shown}")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return _problem(
            f"the command {command[0]} cannot be run: {(why or 'no reason was given').lower()}", _try(shown)
        )
    if code is None:
        message = f"the command {command[0]} took longer than {limit:g} seconds, and was ended"
        return _problem(message, f"it must come to its end by itself; {_try(shown)}")
    if code == 0:
        return None
    ended = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return _problem(f"the command {command[0]} ended {ended}" + (f": {words}" if words else ""), _try(shown))


def _try(shown: str) -> str:
    return f"try it by hand: {shown} test; or correct `notify:` in afterword.yaml"


def _problem(message: str, hint: str) -> Problem:
    return Problem(SOURCE, None, None, None, message, f"{hint}. What there is to say is said once it works.")


def _run(words: list[str], limit: float) -> tuple[int | None, str]:
    """The exit code (negative: the signal that ended it; None: it took too long), and what it said on stderr.

    That goes into a file: a child that it leaves behind may hold a pipe open for ever.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    with _stderr() as said:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, process_group=0
        )
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            return None, ""
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        said.seek(0)
        return code, cleaned(said.read(_SAID).decode("utf-8", "replace"))


def _stderr() -> IO[bytes]:
    """Where the command complains: nowhere, when there is no room for it."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")  # noqa: PTH123 - the same kind of file
