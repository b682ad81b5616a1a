"""A table that fits the terminal, drawn by rich: wrapped cells, wide letters, and no word of the data taken for markup.

Where the output is no terminal there is none: scripts read the plain columns of `daemon.cli.wording`. What rich has
laid out is handed back in parts, and goes the way of all lines (`daemon.cli.output`): colours are for those who want
them, and nothing of the text is obeyed by the terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.cli.output import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.style import Style
    from rich.text import Text

    from daemon.cli.desk import Line

_MARKS = ("bold", "dim", "reverse")
_LEAST = 20
"""In fewer columns nothing can be laid out; the terminal wraps then."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its title; `whole`: it is not wrapped; `least`: how broad it stays where there is little room."""

    title: str
    whole: bool = False
    least: int = 0


def breadth() -> int | None:
    """How many columns the terminal has; None where standard output is none, or one that can do nothing (TERM=dumb)."""
    if not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return max(_LEAST, shutil.get_terminal_size().columns)


def drawn(heads: Sequence[Head], rows: Sequence[Sequence[Sequence[Line]]], broad: int) -> list[list[Line]]:
    """The table as lines of parts. A cell is some lines, each a text with its style, as for `output.say`.

    Rows of several lines have an empty line between them.
    """
    from rich import box  # noqa: PLC0415 - only a terminal needs it, and only for a table
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.table import Table  # noqa: PLC0415 - as above

    tall = any(len(cell) > 1 for row in rows for cell in row)
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1), leading=int(tall), header_style="bold"
    )
    for head in heads:
        table.add_column(_text([(head.title, {})]), no_wrap=head.whole, min_width=head.least or None, overflow="fold")
    for row in rows:
        table.add_row(*map(_text, row))
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").casefold()
    console = Console(width=broad, height=25, legacy_windows=False, force_jupyter=False, color_system=None)
    options = console.options
    options.encoding = encoding  # elsewhere than in UTF-8 the rule below the head is of ASCII
    lines = console.render_lines(table, options, pad=False)
    return [_bare([(segment.text, _click(segment.style)) for segment in line]) for line in lines]


def flowed(parts: Sequence[Line], broad: int, indent: str = "", first: str | None = None) -> list[list[Line]]:
    """A paragraph of parts over as many lines as it needs, each indented; `first` stands before the first of them."""
    from rich.console import Console  # noqa: PLC0415 - see `drawn`
    from rich.text import Text  # noqa: PLC0415 - see `drawn`

    room = max(_LEAST // 2, broad - len(indent))
    console = Console(width=room, height=25, legacy_windows=False, force_jupyter=False, color_system=None)
    whole = Text("", overflow="fold", end="")
    for text, style in parts:
        whole.append(plain(text).replace("\t", "    "), _style(style))
    lines = whole.wrap(console, room, overflow="fold")
    heads = [indent if first is None else first, *(indent for _ in lines[1:])]
    return [
        _bare([(head, {}), *((segment.text, _click(segment.style)) for segment in line.render(console))])
        for head, line in zip(heads, lines, strict=True)
    ]


def _text(cell: Sequence[Line]) -> Text:
    """The cell for rich: made of what stands there, without a look for markup."""
    from rich.text import Text  # noqa: PLC0415 - see `drawn`

    lines = [Text(" ".join(plain(text).split()), _style(style)) for text, style in cell]
    return Text("\n", overflow="fold").join(lines)


def _style(style: dict[str, Any]) -> Style:
    from rich.style import Style  # noqa: PLC0415 - see `drawn`

    marks = {name: style.get(name) for name in _MARKS}
    return Style(color=style.get("fg"), **marks)


def _click(style: Style | None) -> dict[str, Any]:
    """The style as `output.say` has it."""
    if style is None:
        return {}
    told = {"fg": style.color.name if style.color else None, **{name: getattr(style, name) for name in _MARKS}}
    return {name: value for name, value in told.items() if value}


def _bare(parts: list[Line]) -> list[Line]:
    """The line without spaces at its end."""
    while parts and not parts[-1][0].rstrip():
        parts.pop()
    return [*parts[:-1], (parts[-1][0].rstrip(), parts[-1][1])] if parts else []
