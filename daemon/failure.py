"""How a command ends: the exit codes, and the one exception that carries what the user has to know."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.problem import Problem


class ExitCode(IntEnum):
    """What the exit code of every command says (75, 77 and 78 as in sysexits.h)."""

    DONE = 0
    PART_FAILED = 1
    USAGE = 2
    INTERNAL = 70
    CANNOT_NOW = 75
    PERMISSION_NEEDED = 77
    CONFIGURATION_WRONG = 78
    INTERRUPTED = 130
    BROKEN_PIPE = 141


class Failure(Exception):  # noqa: N818 - it is no error of the program but an end that was foreseen
    """The command cannot go on. Shown without a traceback; `hint` is the remedy, as a sentence.

    `problems` are printed one by one, and stand in the JSON document of the command. `texts` are the
    files that they are in, by the names that the problems give them, so that the line can be shown.
    """

    def __init__(
        self,
        exit_code: ExitCode,
        message: str,
        hint: str | None = None,
        problems: Iterable[Problem] = (),
        *,
        texts: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.message = message
        self.hint = hint
        self.problems = tuple(problems)
        self.texts = texts or {}
