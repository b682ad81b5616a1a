"""A cycle of the service ends with the service: nobody else would end it where it is stuck, and it holds the lock.

systemd ends what is left of a unit by itself; this is for a service that runs without it. See PR_SET_PDEATHSIG(2const).
"""

from __future__ import annotations

import os
import signal

from daemon.failure import ExitCode

_PR_SET_PDEATHSIG = 1


def tie(parent: int | None = None) -> None:
    """From now on this process is killed when the one that started it ends. The next cycle settles what was open.

    `parent` is the process that started it: where that has ended before this was asked, nothing would be killed any
    more, and so it ends here by itself. Where the kernel cannot be asked, on another system, the rest stays as it was.

    Raises:
        SystemExit: the parent is another one by now.
    """
    try:
        import ctypes  # noqa: PLC0415 - may be refused where no memory may become executable

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    except (ImportError, MemoryError, OSError, AttributeError):
        pass
    if parent is not None and os.getppid() != parent:
        raise SystemExit(ExitCode.CANNOT_NOW)
