"""A cycle of the service ends with the service: nobody else would end it where it is stuck, and it holds the lock.

systemd ends what is left of a unit by itself; this is for a service that runs without it. See PR_SET_PDEATHSIG(2const).
"""

from __future__ import annotations

import signal

_PR_SET_PDEATHSIG = 1


def tie() -> None:
    """From now on this process is killed when the one that started it ends. The next cycle settles what was open.

    Where that cannot be asked for, on another system, it stays as it was.
    """
    try:
        import ctypes  # noqa: PLC0415 - may be refused where no memory may become executable

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, MemoryError, OSError, AttributeError):
        return
