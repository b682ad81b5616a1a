"""How much time an event may take: a hard limit around each, and one budget for all of a source."""

from __future__ import annotations

import signal
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

SECONDS = 2.0
"""No event gets more."""
SOURCE_SECONDS = 10.0
"""What the slow events of one source get together."""
SPENT_SECONDS = 0.1
"""What an event gets when the source has used up its budget."""
ORDINARY_SECONDS = 0.05
"""An event that takes less draws on no budget."""


class TimeIsUpError(BaseException):
    """Raised inside the limit; no `except Exception` of a library swallows it."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Stop pure Python code after so many seconds of computing, by raising `TimeIsUpError` inside.

    The time is that of the process (ITIMER_VIRTUAL), so that a busy machine or a laptop that slept makes no
    event costly. Signals reach the main thread only: in another thread there is no limit, and what
    `recurrence` refuses beforehand is all the protection.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def ring(_signal: int, _frame: FrameType | None) -> None:
        if armed:
            raise TimeIsUpError

    def unheard(lost: sys.UnraisableHookArgs) -> None:
        if lost.exc_type is not TimeIsUpError:
            told(lost)

    before = signal.signal(signal.SIGVTALRM, ring)
    # It rings again until it is heard: an exception inside a destructor is lost, and nothing to tell of.
    told, sys.unraisablehook = sys.unraisablehook, unheard
    left, again = signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.05)
    began = time.process_time()
    try:
        try:
            yield
        finally:
            armed = False
    finally:
        armed = False  # again: it may ring between the end of the work and the line above
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        sys.unraisablehook = told
        if left:
            signal.setitimer(signal.ITIMER_VIRTUAL, max(left - (time.process_time() - began), 0.001), again)


class Budget:
    """The time that all slow events of a source share, so that no file full of bombs can starve the rest."""

    def __init__(self, seconds: float = SOURCE_SECONDS) -> None:
        self.left = seconds

    @contextmanager
    def limit(self) -> Iterator[float]:
        """Give one event its time, in seconds; what is more than ordinary is taken from the budget.

        Raises:
            TimeIsUpError: inside, when the time is up.
        """
        allowed = max(min(SECONDS, self.left), SPENT_SECONDS)
        began = time.thread_time()
        try:
            with limit(allowed):
                yield allowed
        finally:
            spent = time.thread_time() - began
            if spent > ORDINARY_SECONDS:
                self.left = max(self.left - spent, 0.0)
