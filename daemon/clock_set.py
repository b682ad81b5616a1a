"""The kernel's timerfd: it wakes a poll when the wall clock was set or the machine has slept. See timerfd_create(2).

A timer that never comes to its end, and is cancelled by every leap of the clock (TFD_TIMER_CANCEL_ON_SET). Two calls of
the C library; Python has them from 3.13 on.
"""

from __future__ import annotations

import os
import time

_CLOEXEC, _NONBLOCK = os.O_CLOEXEC, os.O_NONBLOCK
_ABSTIME, _CANCEL_ON_SET = 0x1, 0x2
_FAR = 1 << 33
"""Seconds since 1970: a moment that no clock shows. A `long` of 32 bits takes the last one that it can hold."""


class ClockSet:
    """One such timer, to be registered with a poll."""

    def __init__(self) -> None:
        """Ask the kernel for one.

        Raises:
            OSError: this system has none, or no more files may be open.
        """
        try:
            import ctypes  # noqa: PLC0415 - may be refused where no memory may become executable
        except (ImportError, MemoryError) as error:
            raise OSError(f"the C library cannot be called: {error}") from error
        library = ctypes.CDLL(None, use_errno=True)
        if not hasattr(library, "timerfd_create"):
            raise OSError("this system has no timerfd")
        self._number: int = library.timerfd_create(time.CLOCK_REALTIME, _CLOEXEC | _NONBLOCK)
        if self._number < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        # struct itimerspec: an interval and a first moment, each in seconds and nanoseconds.
        moments = (ctypes.c_long * 4)(0, 0, min(_FAR, (1 << (8 * ctypes.sizeof(ctypes.c_long) - 1)) - 1), 0)
        if library.timerfd_settime(self._number, _ABSTIME | _CANCEL_ON_SET, moments, None) < 0:
            number = ctypes.get_errno()
            self.close()
            raise OSError(number, os.strerror(number))

    def fileno(self) -> int:
        """What to poll for reading."""
        return self._number

    def take(self) -> bool:
        """Whether the clock has leapt since this was asked last, without waiting. The timer stays."""
        try:
            os.read(self._number, 8)
        except BlockingIOError:
            return False
        except OSError:  # ECANCELED: that is the news
            return True
        return True

    def close(self) -> None:
        """Give it back."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1
