"""Advisory locks in the state folder: one service at a time, and one cycle at a time.

flock(2) belongs to the open file, so the kernel lets go of it with the process, whatever ended that. The file stays
where it is and tells who holds it: removing it would let two hold two files of one name.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Self

from daemon.failure import ExitCode, Failure
from rules.moments import day

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

SERVICE = "service.lock"
"""Held by `run` as long as it lives."""
CYCLE = "cycle.lock"
"""Held for one cycle, and by whatever else writes to the ledger and the mailbox together."""

_TRIES = 1000
_PAUSE = 0.05
"""Seconds between two tries of somebody who waits."""


class Held(Failure):
    """Somebody else has the lock. `pid` and `since` (ISO 8601) are None where the holder did not come to say.

    `began` is since when, in words of the user's zone; without it, of this machine's.
    """

    def __init__(self, file: str, holder: Holder, began: str = "") -> None:
        who = f"process {holder.pid} ({holder.what})" if holder.pid else "another process"
        began = began or _in_words(holder.since)
        since = f", since {began}" if began else ""
        stop = (
            f"Wait until it has ended, or stop it with `kill {holder.pid}`" if holder.pid else "Wait until it has ended"
        )
        super().__init__(
            ExitCode.CANNOT_NOW,
            f"{who} is at work on this state{since} ({file})",
            f"{stop}; another state folder is named with --state DIR.",
        )
        self.file = file
        self.holder = holder
        self.pid = holder.pid
        self.what = holder.what
        self.since = holder.since


def _in_words(since: str | None) -> str:
    try:
        local = datetime.fromisoformat(since or "").astimezone()
    except (ValueError, OverflowError):  # written by another program
        return ""
    return f"{day(local.date(), local.date())} {local:%H:%M}"


class Holder:
    """Who has a lock, as its file tells."""

    __slots__ = ("pid", "since", "what")

    def __init__(self, pid: int | None = None, what: str = "", since: str | None = None) -> None:
        self.pid = pid
        self.what = what
        self.since = since


class Lock:
    """A lock that is held; a context manager that lets go of it."""

    __slots__ = ("_number",)

    def __init__(self, number: int) -> None:
        self._number = number

    def release(self) -> None:
        """Let go; the second time does nothing."""
        if self._number >= 0:
            os.close(self._number)
            self._number = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def take(state: str | os.PathLike[str], name: str, what: str, now: datetime) -> Lock:
    """Take the lock `name` in the state folder; `what` (as in `once`) and `now` tell others who has it, since when.

    Children do not inherit it. On a full disk it is held all the same, and tells nobody who has it.

    Raises:
        Held: somebody else has it.
        Failure: a link lies in its place; what it leads to is left as it is.
        OSError: the file cannot be made or opened.
    """
    file = os.path.join(state, name)  # noqa: PTH118 - pathlib costs the service 2 MB
    number = _opened(file)
    try:
        _lock(number, file)
        record = {"pid": os.getpid(), "what": what, "since": now.isoformat(timespec="seconds")}
        with suppress(OSError):
            os.ftruncate(number, 0)
            os.pwrite(number, json.dumps(record).encode(), 0)
    except BaseException:
        os.close(number)
        raise
    return Lock(number)


def wait(  # noqa: PLR0917 - as `take`, and how long
    state: str | os.PathLike[str], name: str, what: str, now: datetime, seconds: float, pause: Callable[[float], None]
) -> Lock:
    """Take the lock as soon as whoever has it lets go, within about so many seconds; `pause` waits between two tries.

    Raises:
        Held: somebody else has it all that time. And as for `take`.
    """
    for _ in range(int(seconds / _PAUSE)):
        try:
            return take(state, name, what, now)
        except Held:
            pause(_PAUSE)
    return take(state, name, what, now)


def _opened(file: str) -> int:
    """The open file. It is written to, so nobody may lead us to another one."""
    try:
        return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno != errno.ELOOP or not os.path.islink(file):  # noqa: PTH114 - see `take`
            raise
        from shlex import quote  # noqa: PLC0415 - for what should not happen

        raise Failure(
            ExitCode.CANNOT_NOW,
            f"{file} is a link, and Afterword makes none: nothing was written to where it leads",
            f"See who made it and where it leads (`ls -l {quote(file)}`), and remove it: `rm {quote(file)}`.",
        ) from None


def _lock(number: int, file: str) -> None:
    """Lock the open file.

    Raises:
        Held: a process that lives has it.
    """
    for _ in range(_TRIES):
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = _told(number)
            if told.pid and _lives(told.pid):
                raise Held(file, told) from None
            # Told by one that is dead: somebody is looking (`holder`), or has not written yet. Both are brief.
            os.sched_yield()
        else:
            return
    raise Held(file, Holder())


def holder(state: str | os.PathLike[str], name: str) -> Holder | None:
    """Who has the lock now, or None. Looking takes nothing from anybody."""
    try:
        number = os.open(os.path.join(state, name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # noqa: PTH118 - see `take`
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _told(number)
    else:
        return None
    finally:
        os.close(number)


def _told(number: int) -> Holder:
    try:
        record = json.loads(os.pread(number, 4096, 0))
        return Holder(int(record["pid"]), str(record["what"]), str(record["since"]))
    except (ValueError, KeyError, TypeError):
        return Holder()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
