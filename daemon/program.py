"""Runs a command of the user's own: no shell, a group of its own, ended when it takes too long."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import current_thread, main_thread
from typing import IO, TYPE_CHECKING

from rules.cleaning import line as cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SAID = 2000
_MOST_PRINTED = 16 << 20
"""Bytes after which what prints is ended: it would fill the disk in the seconds that it has."""
_LOOK = 0.1
"""Seconds from one look at what it prints to the next."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: the exit code (negative: the signal; None: it took too long), and what it said on stderr.

    `out` is what it printed, as far as that was asked for.
    """

    code: int | None
    said: str = ""
    out: bytes = b""

    @property
    def how(self) -> str:
        """As a sentence goes on after "the command ended"."""
        assert self.code is not None
        ended = f"by signal {-self.code}" if self.code < 0 else f"with exit code {self.code}"
        return ended + (f": {self.said}" if self.said else "")


def run(words: Sequence[str], limit: float, *, most: int = 0) -> Ended:
    """Run it to its end, at most for `limit` seconds; of what it prints the first `most` bytes are kept.

    What it prints and says goes into files: a child that it leaves behind may hold a pipe open for ever.

    Raises:
        OSError, ValueError: it cannot be started.
    """
    with _file() as out, _file() as said:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
            words, stdin=subprocess.DEVNULL, stdout=out if most else subprocess.DEVNULL, stderr=said, process_group=0
        )
        try:
            with _ending_together():
                code = _ended(process, limit, (out, said))
        except _WithoutEndError:
            return Ended(-signal.SIGKILL, "it printed without end")
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if code is None:
            return Ended(None)
        out.seek(0)
        said.seek(0)
        return Ended(code, cleaned(said.read(_SAID).decode("utf-8", "replace")), out.read(most))


@contextmanager
def _ending_together() -> Iterator[None]:
    """Whoever ends us with SIGTERM ends the command, too: its group is its own. Only the main thread minds signals."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    if current_thread() is not main_thread() or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


class _WithoutEndError(Exception):
    """It prints more than anybody reads."""


def _ended(process: subprocess.Popen[bytes], limit: float, printed: Iterable[IO[bytes]]) -> int | None:
    """Its exit code; None where it takes too long."""
    until = time.monotonic() + limit
    while (left := until - time.monotonic()) > 0:
        if any(os.fstat(one.fileno()).st_size > _MOST_PRINTED for one in printed):
            raise _WithoutEndError
        with suppress(subprocess.TimeoutExpired):
            return process.wait(min(left, _LOOK))
    return None


def _file() -> IO[bytes]:
    """A file without a name; nowhere, when there is no room for one."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return open(os.devnull, "w+b")  # noqa: PTH123 - the same kind of file
