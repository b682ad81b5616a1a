"""A child process, as each cycle is one: started with limits, read, and ended when it takes too long."""

from __future__ import annotations

import math
import os
import resource
import select
import signal
from typing import TYPE_CHECKING

from daemon import clock, log
from daemon.supervisor import ENVIRONMENT

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 600.0
"""A cycle that takes longer than this, in seconds, is stuck and is ended."""
MEMORY = 1 << 30
"""Bytes of data that a cycle may have (RLIMIT_DATA: heap and private mappings)."""
FILES = 1024
"""Files that a cycle may have open."""
GRACE = 0.4
"""Seconds between the polite signal and the other one."""
PATIENCE = 5.0
"""Seconds after which a child that was told to end, and is there still, counts as one that cannot be ended."""

_LARGEST = 16 << 20
_PIECE = 1 << 16


class Ended:
    """How a child ended: by an exit code, or by a signal; and what it had printed."""

    __slots__ = ("code", "printed", "signal")

    def __init__(self, status: int, printed: bytes) -> None:
        code = os.waitstatus_to_exitcode(status)
        self.code: int | None = code if code >= 0 else None
        self.signal: int | None = -code if code < 0 else None
        self.printed = printed


class Child:
    """A running child. It leads a process group of its own, so that what it starts ends with it."""

    def __init__(self, command: Sequence[str], monotonic: float) -> None:
        """Start the command with its stdout in a pipe, its stderr where ours goes, and nothing on stdin.

        Raises:
            OSError: it cannot be started (no memory, too many processes).
        """
        self.began = monotonic
        self._ending: float | None = None
        self._printed = bytearray()
        self._read, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(write, True)
        try:
            self.pid = os.posix_spawn(
                command[0],
                list(command),
                {name: value for name, value in os.environ.items() if name not in ENVIRONMENT},
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_DUP2, write, 1),
                ],
                setpgroup=0,
                setsigmask=[],
                setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE],
            )
        except OSError:
            os.close(self._read)
            raise
        finally:
            os.close(write)
        self._limit()

    def fileno(self) -> int:
        """What to poll for reading; -1 when the child prints no more."""
        return self._read

    def read(self) -> None:
        """Take what it has printed, without waiting; what is more than any report is thrown away."""
        while self._read >= 0:
            try:
                piece = os.read(self._read, _PIECE)
            except BlockingIOError:
                return
            if not piece:
                self._close()
            elif len(self._printed) < _LARGEST:
                self._printed += piece

    def take(self) -> bytes:
        """What it has printed since this was asked last, without waiting."""
        self.read()
        printed = bytes(self._printed)
        self._printed.clear()
        return printed

    def ended(self) -> Ended | None:
        """How it ended, once it has; it is reaped by that."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return self._settle(status) if pid else None

    def end(self, monotonic: float) -> None:
        """Tell it to end, politely; `tend` insists. Harmless by design: the next cycle settles what was open."""
        if self._ending is None:
            self._ending = monotonic
            self.signal(signal.SIGTERM)

    def tend(self, monotonic: float) -> Ended | None:
        """How it ended, once it has. One that was told to end and has not is killed. It never waits."""
        if (ended := self.ended()) is not None:
            return ended
        if self._ending is not None and monotonic - self._ending >= GRACE:
            self.signal(signal.SIGKILL)
        return None

    def wait(self, monotonic: float) -> float:
        """Seconds until there is something to tend that no signal tells; infinite where there is nothing."""
        if self._ending is None:
            return math.inf
        left = (self._ending + pause - monotonic for pause in (GRACE, PATIENCE))
        return min((one for one in left if one > 0), default=math.inf)

    def outlives(self, monotonic: float) -> bool:
        """Whether it cannot be ended: the kernel has not let go of it, or it runs as somebody else."""
        return self._ending is not None and monotonic - self._ending >= PATIENCE

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to all that it has started, as far as that is allowed."""
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            return

    def _settle(self, status: int) -> Ended:
        self.read()
        self._close()
        return Ended(status, bytes(self._printed))

    def _close(self) -> None:
        if self._read >= 0:
            os.close(self._read)
            self._read = -1

    def _limit(self) -> None:
        """Set its limits from outside: nothing has to run between fork and exec.

        A unit may forbid this call (SystemCallFilter=~@resources); its own MemoryMax= holds then.
        """
        try:
            for kind, most in (
                (resource.RLIMIT_DATA, MEMORY),
                (resource.RLIMIT_NOFILE, FILES),
                (resource.RLIMIT_CORE, 0),
            ):
                _, hard = resource.prlimit(self.pid, kind)
                least = most if hard == resource.RLIM_INFINITY else min(most, hard)
                resource.prlimit(self.pid, kind, (least, least))
        except ProcessLookupError:
            return
        except OSError as error:
            log.write("warning", "cycle.unlimited", why=error.strerror)


def end_all(children: Sequence[Child]) -> list[Child]:
    """End them, politely and then not, all within a second; those that are still there are returned."""
    left = list(children)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in left:
            child.signal(number)
        until = clock.monotonic() + GRACE
        while (left := [child for child in left if child.ended() is None]) and clock.monotonic() < until:
            # The end of a child closes its pipe, and that wakes the poll.
            ending = select.poll()
            for child in left:
                child.read()
                if child.fileno() >= 0:
                    ending.register(child.fileno(), select.POLLIN)
            ending.poll(50)
    return left
