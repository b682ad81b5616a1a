"""One key at a time from the terminal: arrows too, the window's change of size, and the end of the input.

While nobody asks for a key, and in whatever way this ends, the terminal is as it was.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import termios
import tty
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType
    from typing import Any

END = "end"
"""There will be no more keys: Ctrl-D, or the terminal is gone."""
RESIZED = "resized"
"""The window has another size, or the program was stopped (Ctrl-Z) and goes on."""
_ARROWS = {b"\x1b[A": "p", b"\x1b[D": "p", b"\x1b[B": "n", b"\x1b[C": "n", b"\x1b[5~": "p", b"\x1b[6~": "n"}
"""Up, left and Page Up are `previous`, down, right and Page Down `next` (ECMA-48; xterm's own begin with ESC O)."""
_CTRL_D = b"\x04"
_PAUSE = 0.05
"""Seconds within which the rest of what one key sends is there."""
_LONGEST = 32
_MANY = 512
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Keyboard:
    """The keys of the terminal at standard input; for `with`, in the main thread."""

    def __init__(self) -> None:
        self._input = sys.stdin.fileno()
        self._modes: list[Any] = []
        self._formerly: dict[int, Any] = {}
        self._woken = -1

    def __enter__(self) -> Self:
        self._modes = termios.tcgetattr(self._input)
        self._woken, waking = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(waking, False)
        self._waking = waking
        for number in (signal.SIGWINCH, signal.SIGCONT):
            self._formerly[number] = signal.signal(number, _noted)
        for number in _ENDING:
            self._formerly[number] = signal.signal(number, _ended)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        self._by_key()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._as_it_was()
        signal.set_wakeup_fd(-1)
        for number, handler in self._formerly.items():
            signal.signal(number, handler)
        os.close(self._woken)
        os.close(self._waking)

    def key(self) -> str:
        """The next key as a character, an arrow as `n` or `p`; `RESIZED`, or `END`. What means nothing is ""."""
        ready, _, _ = select.select([self._input, self._woken], [], [])
        if self._woken in ready:
            signals = os.read(self._woken, _MANY)
            if signal.SIGCONT in signals:
                self._by_key()
            return RESIZED if {signal.SIGCONT, signal.SIGWINCH} & set(signals) else ""
        typed = self._read()
        if typed in {b"", _CTRL_D}:
            return END
        if typed.startswith(b"\x1b"):
            return _ARROWS.get(typed.replace(b"\x1bO", b"\x1b["), "")
        return typed.decode("utf-8", "replace")

    def _read(self) -> bytes:
        """What one key sends: an escape sequence, or the octets of one character, whole."""
        typed = self._octet()
        if typed == b"\x1b":
            while len(typed) < _LONGEST and self._more():
                typed += (octet := self._octet())
                if not octet or (len(typed) > 2 and octet.isalpha()) or octet == b"~":  # noqa: PLR2004 - ESC [ or ESC O
                    break
        elif typed >= b"\xc0":
            for _ in range({0xC: 1, 0xD: 1, 0xE: 2, 0xF: 3}[typed[0] >> 4]):
                typed += self._octet() if self._more() else b""
        return typed

    def _octet(self) -> bytes:
        try:
            return os.read(self._input, 1)
        except OSError as error:
            if error.errno != errno.EIO:  # the terminal is gone
                raise
            return b""

    def _more(self) -> bool:
        return bool(select.select([self._input], [], [], _PAUSE)[0])

    @contextmanager
    def lent(self) -> Iterator[None]:
        """The terminal as it was, for a line that is typed, or for another program; what is left over is forgotten."""
        self._as_it_was()
        try:
            yield
        finally:
            with suppress(BlockingIOError):
                os.read(self._woken, _MANY)  # of a size that changed meanwhile nothing has to be drawn anew
            self._by_key(termios.TCSAFLUSH)

    def drop(self) -> None:
        """Forget what was typed so far: it was no answer to a question that did not stand there yet."""
        with suppress(termios.error):
            termios.tcflush(self._input, termios.TCIFLUSH)

    def _by_key(self, when: int = termios.TCSADRAIN) -> None:
        with suppress(termios.error):  # gone: the next read says so
            tty.setcbreak(self._input, when)

    def _as_it_was(self) -> None:
        with suppress(termios.error):
            termios.tcsetattr(self._input, termios.TCSADRAIN, self._modes)


def _noted(_number: int, _frame: FrameType | None) -> None:
    """It wakes `select`; that is all."""


def _ended(number: int, _frame: FrameType | None) -> None:
    """End as the signal says, and put the terminal right on the way; where it is gone, nothing is said to it."""
    if number == signal.SIGHUP:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)
    raise SystemExit(128 + number)
