"""The command at a terminal of its own: what it shows is read, keys are pressed, the window changes its size."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import termios
import time
from typing import TYPE_CHECKING, Self

from tests import warm

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 60.0
PROMPT = " > "
_STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal:
    """`afterword` with these arguments; for `with`, at whose end it has ended."""

    def __init__(self, *arguments: str, columns: int = 100, **environment: str) -> None:
        self._mine, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (40, columns))
        self.theirs = theirs
        """Kept open, so that its modes can be asked when the command has ended."""
        kept = {name: value for name, value in os.environ.items() if name not in _APART}
        told = {**kept, "TERM": "xterm", "TZ": "Europe/Lisbon", **environment}
        self.before = termios.tcgetattr(theirs)
        self.running = warm.start(arguments, told, theirs)
        self._ended = self._gone = False
        self._shown = ""
        self.raw = ""
        """All that it ever showed, escape sequences and all."""

    def expect(self, text: str = PROMPT, *, again: str = "") -> str:
        """What is shown up to this text, without styles; what comes after it is for the next time.

        While it does not come, the keys `again` are pressed each second.
        """
        until = time.monotonic() + LIMIT
        while text not in self._shown:
            left = until - time.monotonic()
            assert left > 0, f"never came: {text!r} in {self._shown!r}"
            if not select.select([self._mine], [], [], 1 if again else left)[0]:
                os.write(self._mine, again.encode())
                continue
            piece = os.read(self._mine, 4096).decode("utf-8", "replace")
            self.raw += piece
            self._shown = _STYLE.sub("", self._shown + piece).replace("\r\n", "\n")
        shown, _, self._shown = self._shown.partition(text)
        return shown + text

    def press(self, keys: str, until: str = PROMPT) -> str:
        """Press these keys; what is shown then, up to `until`."""
        os.write(self._mine, keys.encode())
        return self.expect(until)

    def interrupt(self) -> str:
        """Press Ctrl-C at a question; what is shown then.

        `input` of Python notices one that comes between its prompt and its read with the next key alone: as somebody
        at a keyboard would, one presses it again.
        """
        os.write(self._mine, b"\x03")
        return self.expect(again="\x03")

    def resize(self, columns: int) -> None:
        termios.tcsetwinsize(self._mine, (40, columns))

    def hang_up(self) -> None:
        """The window is closed."""
        os.close(self._mine)
        self._gone = True

    def end(self, keys: str = "") -> int:
        """Press these keys, upon which it ends; its exit code."""
        if keys:
            os.write(self._mine, keys.encode())
        code = self.running.wait(LIMIT)
        self._ended = True
        while not self._gone and select.select([self._mine], [], [], 0)[0]:
            piece = os.read(self._mine, 4096).decode("utf-8", "replace")
            self.raw += piece
            self._shown += _STYLE.sub("", piece).replace("\r\n", "\n")
        return code

    @property
    def rest(self) -> str:
        """What was shown and not expected yet."""
        return self._shown

    def is_as_before(self) -> bool:
        """Whether the terminal takes lines, as it did, and echoes them."""
        return termios.tcgetattr(self.theirs) == self.before

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self.running:
            if not self._ended:
                os.kill(self.running.pid, signal.SIGKILL)
                self.running.wait(LIMIT)
            os.close(self.theirs)
            if not self._gone:
                os.close(self._mine)


_APART = ("COLUMNS", "LINES", "NO_COLOR", "VISUAL", "EDITOR", "XDG_RUNTIME_DIR")


def script(path: Path, text: str) -> Path:
    """A program of the shell."""
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path
