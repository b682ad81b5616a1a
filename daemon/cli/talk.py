"""A conversation by single keys at a terminal: lines that fit it, questions with a key for each answer, lines typed."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from daemon.cli.keyboard import END, RESIZED
from daemon.cli.output import colours, plain, say_in_parts
from daemon.cli.table import flowed
from daemon.cli.wording import width

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

    from daemon.cli.desk import Line
    from daemon.cli.keyboard import Keyboard

_MARK = " > "
_LEAST, _MOST = 20, 100
"""Columns: in fewer nothing can be read, and lines that are longer tire."""


class Talk:
    """Says things at this terminal, and asks for keys."""

    def __init__(self, keyboard: Keyboard) -> None:
        self.keyboard = keyboard

    @property
    def broad(self) -> int:
        """How broad a line may be just now: the user may have changed the window."""
        return max(_LEAST, min(_MOST, shutil.get_terminal_size().columns))

    def say(self, text: str = "", **style: Any) -> None:
        """A sentence, over as many lines as it needs."""
        self.lines(flowed([(text, style)], self.broad) if text else [[]])

    def lines(self, lines: Iterable[list[Line]]) -> None:
        """Lines that are laid out already."""
        for line in lines:
            say_in_parts(*line)

    def whole(self, text: str) -> None:
        """An address or a path, in one piece however long it is: to be followed, or copied."""
        self.lines([[(text, {"bold": True})]])

    def choose(self, answers: Mapping[str, str], question: str = "", more: Collection[str] = ()) -> str:
        """The key of one of these answers (key to words), or one of `more`; `END` where there are no more keys.

        Of a key that is none of them it is told so. What was pressed before a `question` stood there answers nothing.
        `RESIZED` is handed back where it is one of `more`.
        """
        if question:
            self.keyboard.drop()
            self.say(question, bold=True)
        self._offer(answers)
        while (key := self.keyboard.key()) not in answers and key not in more:
            if key == END:
                break
            if key:
                click.echo()
                if key != RESIZED:
                    self.say(f"'{key}' means nothing here." if key.isprintable() else "That key means nothing here.")
                self._offer(answers)
        click.echo(key if len(key) == 1 and key.isprintable() else "")
        return key

    def _offer(self, answers: Mapping[str, str]) -> None:
        """The answers, none of them broken over two lines, and the mark after which a key is waited for."""
        lines: list[list[Line]] = [[]]
        used = 0
        for key, words in answers.items():
            if used and used + width(f"{key} {words}") > self.broad - len(_MARK):
                lines.append([])
                used = 0
            lines[-1] += [("  " if used else "", {}), (key, {"bold": True}), (f" {words}", {})]
            used += width(f"{key} {words}") + 2
        self.lines(lines[:-1])
        styled = colours(sys.stdout)
        text = "".join(
            click.style(plain(text), **style) if styled and style else plain(text) for text, style in lines[-1]
        )
        click.echo(f"{text}{_MARK}", nl=False, color=True)

    def line(self, prompt: str) -> str:
        """What the user types on a line, from now on; empty where they type nothing, or break off (Ctrl-C, Ctrl-D)."""
        with self.keyboard.lent():
            self.keyboard.drop()
            try:
                return input(plain(prompt)).strip()
            except (EOFError, KeyboardInterrupt):
                sys.stdout.write("\n")
                return ""
