"""How the service stands: kept in its memory, and told at a socket in the state folder, as to `afterword status`."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from daemon import clock, log
from daemon.answering import Answering
from daemon.socket_file import SocketFile, reach

if TYPE_CHECKING:
    import select
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daemon.ticks import Ticks

SOCKET = "service.sock"
"""Whoever connects is told one JSON document, and then the end. It is for the user alone (0600)."""
FORMER = ("service.json", "service.json.new")
"""Where earlier versions wrote it."""
LIMIT = 1.0
"""Seconds in which a service that is well has answered many times over."""
_MOST_PROBLEMS = 100
_LARGEST = 4 << 20


class Standing:
    """What the service knows of itself."""

    def __init__(self, pid: int, since: datetime, version: str | None = None) -> None:
        self._told: dict[str, Any] = {
            "version": version,
            "pid": pid,
            "since": since.isoformat(timespec="seconds"),
            "cycle": None,
            "configuration": None,
            "problems": [],
            "failures": 0,
            "next": None,
            "status": None,
            "cycles": 0,
            "wakeups": 0,
        }

    @property
    def told(self) -> Mapping[str, Any]:
        """All of it, by the names that `standing` lists."""
        return self._told

    def woke(self) -> None:
        """The loop has turned."""
        self._told["wakeups"] += 1

    def said(self, words: str) -> None:
        """What the supervisor was told of how it stands."""
        self._told["status"] = words

    def began(self, at: datetime, reason: str) -> None:
        """A cycle has begun."""
        self._told["cycle"] = {"began": at.isoformat(timespec="seconds"), "reason": reason, "ended": None}
        self._told["cycles"] += 1

    def configured(self, at: datetime, *, refused: bool) -> None:
        """The configuration was read again: taken, or refused, and the last good one goes on."""
        known = self._told["configuration"] or {"taken": None}
        when = at.isoformat(timespec="seconds")
        self._told["configuration"] = {**known, "refused": when} if refused else {"taken": when, "refused": None}

    def ended(
        self,
        at: datetime,
        outcome: str,
        exit_code: int | None,
        ticks: Ticks,
        problems: Sequence[Mapping[str, object]] = (),
    ) -> None:
        """A cycle has ended; `outcome` is the event of the log, as in `cycle.done`.

        `problems` are what kept it from its work, as its document has them: the ledger may not know of them.
        They are told until the next one has ended.
        """
        ended = {"ended": at.isoformat(timespec="seconds"), "outcome": outcome, "exit_code": exit_code}
        self._told["problems"] = [dict(problem) for problem in problems[:_MOST_PROBLEMS]]
        self._told["cycle"] = {**(self._told["cycle"] or {}), **ended}
        self._told["failures"] = ticks.failures
        self._told["next"] = (at + timedelta(seconds=ticks.wait_for_cycle(at))).isoformat(timespec="seconds")

    def document(self) -> bytes:
        """All of it, as `standing` reads it."""
        return json.dumps(self._told).encode() + b"\n"


def at_socket(state: str, poll: select.poll, standing: Standing) -> Answering:
    """The socket of the service in its state folder, to be kept by the one that has the lock of the folder."""

    def listen() -> SocketFile:
        for name in FORMER:
            with suppress(OSError):
                os.unlink(os.path.join(state, name))  # noqa: PTH108, PTH118 - pathlib costs the service 2 MB
        return SocketFile(os.path.join(state, SOCKET), ours=True)  # noqa: PTH118 - see above

    def failed(error: OSError) -> None:
        hint = "`afterword status` tells that the service runs, and what the ledger knows; the rest goes on"
        log.write("warning", "status.unheard", why=error.strerror or str(error), hint=hint)

    return Answering(poll, listen, lambda _heard: standing.document(), failed)


class Silent(Exception):  # noqa: N818 - it is no error of ours
    """The service has a socket and does not answer there: it is stopped, or stuck, or somebody else's."""


def standing(state: str | os.PathLike[str], limit: float = LIMIT) -> dict[str, Any] | None:
    """What the service of this state folder says of itself; None where nobody is there to be asked.

    `version pid since cycle{began reason ended outcome exit_code} configuration{taken refused} problems failures next
    status cycles wakeups`

    Whether it lives is told by its lock (`daemon.locks.holder`), not by this.

    Raises:
        Silent: it does not answer within so many seconds, or not so that it can be understood.
    """
    until = clock.monotonic() + limit
    said = bytearray()
    try:
        with reach(os.path.join(state, SOCKET), limit) as channel:  # noqa: PTH118 - see above
            while piece := channel.recv(1 << 16):
                said += piece
                left = until - clock.monotonic()
                if left <= 0 or len(said) > _LARGEST:
                    raise Silent
                channel.settimeout(left)
        told = json.loads(said)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return None
    except (OSError, ValueError, RecursionError):
        raise Silent from None
    if not isinstance(told, dict):
        raise Silent
    return told
