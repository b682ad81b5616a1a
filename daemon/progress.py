"""Progress of long work: nothing for two seconds, then one line on the terminal that is written over."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self, TextIO

from daemon import clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

QUIET = 2.0
"""Work that takes less than this, in seconds, shows nothing."""
AGAIN = 0.1
_WIDTH = 78


class Progress:
    """Call it as work goes on; leave it (a context manager) and the line is gone. Silent where there is no terminal."""

    def __init__(self, stream: TextIO | None = None, monotonic: Callable[[], float] = clock.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._monotonic = monotonic
        self._next = monotonic() + QUIET if self._stream.isatty() else float("inf")
        self._shown = False

    def __call__(self, what: str, done: int = 0, total: int = 0) -> None:
        """`what` is being done ("reading the calendar feed"), `done` of `total`; a total of 0 is one not known."""
        now = self._monotonic()
        if now < self._next:
            return
        self._next = now + AGAIN
        count = f"  {done} of {total}" if total else f"  {done}" if done else ""
        safe = "".join(character if character.isprintable() else " " for character in what)
        self._stream.write(f"\r\x1b[2K{safe[: _WIDTH - len(count)]}{count}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take the line away, before something else is printed."""
        if self._shown:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
            self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
