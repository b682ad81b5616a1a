"""Problems and remedies as a page shows them: commands and words of the files apart, the place with its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.cli.excerpt import rows
from daemon.cli.output import plain, together
from daemon.cli.typed import with_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from config.problem import Problem
    from daemon.cli.excerpt import Row

_CODE = re.compile(r"`([^`\n]*)`|([^`]+|`)")


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a sentence: plain words, `code`, or a `command` to be typed as it stands."""

    text: str
    code: bool = False
    command: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem: where it is, what it says, what to do, and the lines of its file around the place."""

    place: str
    message: tuple[Part, ...]
    hint: tuple[Part, ...]
    excerpt: tuple[Row, ...] = ()


def parts(text: str, options: str) -> tuple[Part, ...]:
    """The sentence with what stands between backticks apart; `options` are the folders, for commands of ours."""
    found = (match.groups() for match in _CODE.finditer(plain(with_options(text, options))))
    return tuple(
        Part(bare) if code is None else Part(code, code=True, command=code.startswith("afterword "))
        for code, bare in found
    )


def troubles(problems: Iterable[Problem], options: str, texts: Mapping[str, str] | None = None) -> tuple[Trouble, ...]:
    """Each problem once, in their order. Lines are shown of `texts` alone: no file is opened for the name of one."""
    return tuple(
        Trouble(plain(places), parts(one.message, options), parts(one.hint or "", options), rows(one, texts or {}))
        for places, one in together(problems)
    )
