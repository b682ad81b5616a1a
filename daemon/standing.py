"""How the service stands, in a small file of the state folder: what `afterword status` tells of it."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from daemon.ticks import Ticks

FILE = "service.json"


class Standing:
    """The file, written whole each time. It is a courtesy: where it cannot be written the service goes on."""

    def __init__(self, state: str, pid: int, since: datetime) -> None:
        self._file = os.path.join(state, FILE)  # noqa: PTH118 - pathlib costs the service 2 MB
        self._told: dict[str, Any] = {"pid": pid, "since": since.isoformat(timespec="seconds"), "cycle": None}
        self._told["configuration"] = None

    def began(self, at: datetime, reason: str) -> None:
        """A cycle has begun."""
        self._told["cycle"] = {"began": at.isoformat(timespec="seconds"), "reason": reason, "ended": None}
        self._write()

    def configured(self, at: datetime, *, refused: bool) -> None:
        """The configuration was read again: taken, or refused, and the last good one goes on. Written with `ended`."""
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
        self._told["problems"] = [dict(problem) for problem in problems]
        self._told["cycle"] = {**(self._told["cycle"] or {}), **ended}
        self._told["failures"] = ticks.failures
        self._told["next"] = (at + timedelta(seconds=ticks.wait_for_cycle(at))).isoformat(timespec="seconds")
        self._write()

    def stopped(self) -> None:
        """The service ends: what the file told is over."""
        try:
            os.unlink(self._file)  # noqa: PTH108 - see above
        except OSError:
            return

    def _write(self) -> None:
        half = f"{self._file}.new"
        try:
            with open(half, "w", encoding="utf-8") as stream:  # noqa: PTH123 - see above
                json.dump(self._told, stream)
            os.replace(half, self._file)  # noqa: PTH105 - see above
        except OSError:
            return


def standing(state: str | os.PathLike[str]) -> dict[str, Any] | None:
    """What the service last wrote, or None.

    `pid since cycle{began reason ended outcome exit_code} configuration{taken refused} problems failures next`

    Whether it still lives is told by its lock (`daemon.locks.holder`), not by this file.
    """
    try:
        with open(os.path.join(state, FILE), encoding="utf-8") as stream:  # noqa: PTH118, PTH123 - see above
            told = json.load(stream)
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None
