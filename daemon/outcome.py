"""How a cycle came out: the level and the event of the log, in which words it is told, and what hindered it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from daemon import log, report
from daemon.failure import ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daemon.child import Ended
    from daemon.report import Report

SETTLED = (ExitCode.DONE, ExitCode.PART_FAILED)
_NAMES = {
    ExitCode.DONE: ("info", "cycle.done"),
    ExitCode.PART_FAILED: ("warning", "cycle.done"),
    ExitCode.CANNOT_NOW: ("warning", "cycle.put_off"),
    ExitCode.PERMISSION_NEEDED: ("error", "cycle.permission_needed"),
    ExitCode.CONFIGURATION_WRONG: ("error", "configuration.wrong"),
}

_WORDS = {
    "cycle.put_off": "the last cycle could not do its work; `afterword status` tells why",
    "cycle.permission_needed": "needs you: a password or a permission; `afterword status` tells which",
    "configuration.wrong": "needs you: the configuration; `afterword check` tells what to mend",
    "cycle.killed": "the last cycle was killed in the middle of its work; the log tells more",
    "cycle.timed_out": "the last cycle took too long and was ended; the log tells more",
    "cycle.failed": "the last cycle failed; the log tells why",
}
"""What everybody on the machine may read; what a message says beyond that, names and folders too, is the user's."""


class Outcome:
    """What a child that ended says of its cycle. `told` is None where it printed no report.

    `settled`: the cycle did its work, or the most of it. `partly`: all but what is the mailbox's, which was not to be
    reached. `problems` are what kept it from its work, as its document has them.
    """

    __slots__ = ("code", "event", "level", "partly", "problems", "settled", "signal", "told")

    def __init__(self, ended: Ended, *, timed_out: bool) -> None:
        self.code = ended.code
        self.signal = _name(ended.signal) if ended.signal else None
        self.told: Report | None = report.read(ended.printed)
        self.settled = ended.code in SETTLED
        self.partly = ended.code == ExitCode.CANNOT_NOW and self.told is not None
        self.problems = [] if self.settled else report.problems(ended.printed)
        self.level, self.event = self._named(timed_out=timed_out)

    def _named(self, *, timed_out: bool) -> tuple[str, str]:
        if timed_out:
            return "error", "cycle.timed_out"
        if self.signal is not None:
            return "error", "cycle.killed"
        if self.code == ExitCode.CONFIGURATION_WRONG and self.told is not None:
            # It could be read, and names something that is not there: a disk that comes back, a folder to be made.
            return "error", "cycle.failed"
        try:
            return _NAMES[ExitCode(self.code or 0)]
        except (ValueError, KeyError):
            return "error", "cycle.failed"

    def write(self, seconds: float) -> None:
        """Say it to the log."""
        told, first = self.told, self._first
        log.write(
            self.level,
            self.event,
            seconds=round(seconds, 2),
            exit_code=self.code,
            signal=self.signal,
            placed=told.placed if told else None,
            withdrawn=told.withdrawn if told else None,
            problems=told.problems if told else len(self.problems) or None,
            why=first.get("message"),
            hint=first.get("hint"),
        )

    def words(self, wait: float) -> str:
        """How things stand, for systemd: others on the machine may read it, so no message stands in it."""
        if self.told is not None and self.told.status:
            return self.told.status + ("" if self.settled else f"; next try in {wait:.0f} s at the latest")
        if self.settled:
            return f"the last cycle went well; the next one in {wait:.0f} s at the latest"
        return f"{_WORDS[self.event]}; next try in {wait:.0f} s at the latest"

    @property
    def _first(self) -> Mapping[str, object]:
        return self.problems[0] if self.problems else {}


def _name(number: int) -> str:
    """SIGSEGV; one of the real-time signals has but a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
