"""The service: the small process that stays. It keeps the time, obeys signals, and runs each cycle in a child.

It imports neither click nor pydantic, SQLAlchemy, icalendar or structlog: what a cycle needs is loaded in the
child and gone with it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from daemon import log, report
from daemon.child import GRACE, LONGEST, Child
from daemon.clock import Clock
from daemon.edits import Edits
from daemon.failure import ExitCode, Failure
from daemon.lookout import PROGRAM, Lookout
from daemon.nearby import Nearby
from daemon.standing import Standing, at_socket
from daemon.state_folder import unusable
from daemon.supervisor import Supervisor
from daemon.tenure import Tenure
from daemon.ticks import TICK, Ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.child import Ended
    from daemon.metrics import Metrics
    from daemon.report import Report

READY_AFTER = 5.0
"""Ready is told when the first cycle has ended, so that a wrong configuration is a failed start; or after this."""

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
_NAMES = {
    ExitCode.DONE: ("info", "cycle.done"),
    ExitCode.PART_FAILED: ("warning", "cycle.done"),
    ExitCode.CANNOT_NOW: ("warning", "cycle.put_off"),
    ExitCode.PERMISSION_NEEDED: ("error", "cycle.permission_needed"),
    ExitCode.CONFIGURATION_WRONG: ("error", "configuration.wrong"),
}
_SIGHUP, _CHANGED = "SIGHUP", "changed"
_SETTLED = (ExitCode.DONE, ExitCode.PART_FAILED)


def cycle_command(config: str, state: str) -> list[str]:
    """How a cycle is started: this program, from where it is installed and not from the current folder."""
    return [sys.executable, "-P", "-m", "daemon", "--config", config, "--state", state, "once", "--json", "--service"]


class Service:
    """The loop. `command` is what a cycle runs; it prints a document as `daemon.report` reads it.

    `listen` is what listens at the mailbox between cycles, where the cycle says that it can; see `daemon.listener`.
    """

    def __init__(
        self,
        config: str,
        state: str,
        command: Sequence[str] | None = None,
        *,
        listen: Sequence[str] | None = None,
        clock: Clock | None = None,
        longest: float = LONGEST,
        version: str | None = None,
        metrics: str | None = None,
    ) -> None:
        self._config = config
        self._state = state
        self._command = list(command or cycle_command(config, state))
        self._clock = clock or Clock()
        self._longest = longest
        self._ticks = Ticks()
        self._supervisor = Supervisor()
        self._standing = Standing(os.getpid(), self._clock.now(), version)
        self._tenure: Tenure
        self._poll = select.poll()
        self._answering = [at_socket(state, self._poll, self._standing)]
        self._metrics = self._metered(metrics) if metrics else None
        self._lookout = Lookout(list(listen or (*PROGRAM, config, state)), self._poll)
        self._nearby = Nearby(self._poll)
        self._edits = Edits(config, self._poll)
        self._child: Child | None = None
        self._timed_out = False
        self._asked = "start"
        self._reading = ""
        self._settled = False
        self._ready = False
        self._alive_at = self._looked_at = self._started_at = self._clock.monotonic()
        self._stop: signal.Signals | None = None
        self._exit_code = ExitCode.DONE

    def run(self) -> ExitCode:
        """Serve until told to end; 0, or 78 when there never was a configuration to work with.

        Raises:
            Failure: another service has this state (75), or the state folder cannot be used.
        """
        try:
            self._tenure = Tenure(self._state, self._clock.now())
        except OSError as error:
            raise unusable(self._state, error) from None
        try:
            wakeup = self._listen()
            log.write("info", "service.started", pid=os.getpid(), config=self._config, state=self._state)
            self._be_asked()
            try:
                while self._stop is None:
                    self._turn(wakeup)
            finally:
                self._end()
            log.write("info", "service.ended", exit_code=int(self._exit_code))
        finally:
            self._tenure.end()
        return self._exit_code

    def _listen(self) -> int:
        """Signals become bytes in a pipe: the loop sleeps in one place, and no signal is missed between two calls."""
        wakeup, write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, lambda _number, _frame: None)
        self._poll.register(wakeup, select.POLLIN)
        return wakeup

    def _metered(self, where: str) -> Metrics:
        from daemon.metrics import Metered  # noqa: PLC0415 - only who wants them pays for them

        metered = Metered(where, self._poll, self._standing)
        self._answering.append(metered.answering)
        return metered.metrics

    def _be_asked(self) -> None:
        """Have the sockets at which the service answers."""
        for one in self._answering:
            one.keep()

    def _turn(self, wakeup: int) -> None:
        """One turn of the loop: look at the time, begin a cycle if one is due, sleep until something happens."""
        self._look()
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._child is None and not self._edits.held(monotonic) and (reason := self._ticks.due(wall, monotonic)):
            self._begin(reason)
        events = self._poll.poll(self._sleep() * 1000)
        self._standing.woke()
        if self._child is not None and any(number == self._child.fileno() for number, _ in events):
            self._read(self._child)
        try:
            numbers = os.read(wakeup, 512)
        except BlockingIOError:
            numbers = b""
        for number in numbers:
            self._obey(signal.Signals(number))
        if self._child is not None:
            self._tend(self._child)
        self._edits.tend(self._clock.monotonic())
        for one in self._answering:
            one.tend(self._clock.monotonic())
        if self._nearby.tend():
            self._ticks.news_came("files", self._clock.monotonic())
        if self._lookout.tend(self._clock.monotonic()):
            self._ticks.news_came("mail", self._clock.monotonic())

    def _sleep(self) -> float:
        """Seconds until the loop has to look again, when nothing happens before."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._child is None:
            wait = max(self._ticks.wait(wall, monotonic), self._edits.held(monotonic))
        else:
            wait = min(TICK, self._child.began + self._longest - monotonic)
            if not self._ready:
                wait = min(wait, self._started_at + READY_AFTER - monotonic)
        if self._supervisor.every is not None:
            wait = min(wait, self._alive_at + self._supervisor.every - monotonic)
        wait = min(wait, *(one.wait(monotonic) for one in self._answering))
        return max(0.0, min(wait, self._edits.wait(monotonic)))

    def _look(self) -> None:
        """What time alone brings: a clock that was moved, files that changed, signs of life."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if (jump := self._ticks.moved(wall, monotonic)) is not None:
            log.write("info", "clock.moved", seconds=round(jump, 1))
            self._lookout.stop()  # its connections may have ended in a sleep, and nobody has told
        if monotonic - self._looked_at >= TICK or self._edits.wait(monotonic) <= 0:
            self._looked_at = monotonic
            if self._edits.changed():
                self._ask_configuration(_CHANGED)
        every = self._supervisor.every
        if every is not None and monotonic - self._alive_at >= every:
            self._alive_at = monotonic
            self._supervisor.tell(WATCHDOG="1")
        if not self._ready and monotonic - self._started_at >= READY_AFTER:
            self._tell_ready()

    def _ask_configuration(self, why: str) -> None:
        log.write("info", "configuration.asked", why=why)
        self._asked = _SIGHUP if self._asked == _SIGHUP else why
        self._ticks.ask("configuration")
        self._lookout.stop()  # it listens where the old one says

    def _obey(self, number: signal.Signals) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stop = number
            log.write("info", "service.stopping", signal=number.name)
        elif number == signal.SIGHUP:
            self._ask_configuration(_SIGHUP)

    def _begin(self, reason: str) -> None:
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._edits.changed():
            self._asked = self._asked or _CHANGED
            self._lookout.stop()  # this cycle reads the new configuration, and says whether to listen
        # A cycle that was under way when somebody asked may have read the files before they changed.
        self._reading, self._asked = self._asked or self._reading, ""
        self._ticks.began(wall, monotonic)
        if not self._holds(wall):
            return
        at = ["--at", wall.isoformat()] if self._clock.shifted else []
        reread = ["--reread"] if self._reading else []
        try:
            self._child = Child([*self._command, *at, *reread], monotonic)
        except OSError as error:
            log.write("error", "cycle.not_started", why=error.strerror)
            self._ticks.failed()
            return
        self._timed_out = False
        self._poll.register(self._child.fileno(), select.POLLIN)
        self._standing.began(wall, reason)
        log.write("info", "cycle.started", reason=reason, pid=self._child.pid)

    def _holds(self, wall: datetime) -> bool:
        """Whether the state folder is still this service's; where it was deleted, it is made anew."""
        try:
            if self._tenure.renew(wall):
                log.write(
                    "warning", "state.replaced", state=self._state, hint="it was deleted or moved; a new one is used"
                )
            self._be_asked()
        except Failure as failure:
            log.write("error", "state.taken", why=failure.message, hint=failure.hint)
            self._stop, self._exit_code = signal.SIGTERM, failure.exit_code
        except OSError as error:
            found = unusable(self._state, error)
            log.write("error", "cycle.not_started", why=found.message, hint=found.hint)
            self._ticks.failed()
        else:
            return True
        return False

    def _read(self, child: Child) -> None:
        number = child.fileno()
        child.read()
        if number >= 0 and child.fileno() < 0:
            self._poll.unregister(number)

    def _tend(self, child: Child) -> None:
        """See whether the cycle has ended; end it when it is stuck."""
        number = child.fileno()
        ended = child.ended()
        if ended is None and self._clock.monotonic() - child.began >= self._longest:
            self._timed_out = True
            ended = child.kill()
        if ended is None:
            return
        if number >= 0:
            self._poll.unregister(number)
        self._child = None
        self._settle(ended, self._clock.monotonic() - child.began)

    def _settle(self, ended: Ended, seconds: float) -> None:
        """Take in what the cycle told, and say it."""
        told = report.read(ended.printed)
        if told is not None and ended.code in _SETTLED:
            self._nearby.keep(told.places)  # before it is said that the cycle is over: from then on changes count
        level, event = self._outcome(ended, told)
        problems = [] if ended.code in _SETTLED else report.problems(ended.printed)
        first = problems[0] if problems else {}
        log.write(
            level,
            event,
            seconds=round(seconds, 2),
            exit_code=ended.code,
            signal=signal.Signals(ended.signal).name if ended.signal else None,
            placed=told.placed if told else None,
            withdrawn=told.withdrawn if told else None,
            problems=told.problems if told else len(problems) or None,
            why=first.get("message"),
            hint=first.get("hint"),
        )
        if told is not None and ended.code in _SETTLED:
            self._ticks.ended(told.poll, told.next_due)
        elif ended.code in _SETTLED:
            self._ticks.ended(self._ticks.poll, None)
        else:
            self._ticks.failed()
        if told is not None:
            self._tell_configuration(told)
        if told is not None and ended.code in _SETTLED:
            self._listen_on(listens=told.listens)
        self._standing.ended(self._clock.now(), event, ended.code, self._ticks, problems)
        if self._metrics is not None:
            self._metrics.ended(event, seconds, self._clock.now(), told)
        if event == "configuration.wrong" and not self._settled:
            self._stop, self._exit_code = signal.SIGTERM, ExitCode.CONFIGURATION_WRONG
            return
        self._settled = self._settled or told is not None or ended.code in _SETTLED
        self._tell_ready()
        wait = self._ticks.wait_for_cycle(self._clock.now())
        why = f" ({' '.join(str(first['message']).split())})" if first.get("message") else ""
        words = f"{event}{why}; next cycle in {wait:.0f} s at the latest"
        self._supervisor.tell(STATUS=words)
        self._standing.said(words)

    def _listen_on(self, *, listens: bool) -> None:
        """After a cycle that reached the mailbox: listen there until the next, where that is of use."""
        if listens:
            self._lookout.keep(self._clock.monotonic())
        else:
            self._lookout.stop()

    def _outcome(self, ended: Ended, told: Report | None) -> tuple[str, str]:
        if self._timed_out:
            return "error", "cycle.timed_out"
        if ended.signal is not None:
            return "error", "cycle.killed"
        if ended.code == ExitCode.CONFIGURATION_WRONG and told is not None:
            # It could be read, and names something that is not there: a disk that comes back, a folder to be made.
            return "error", "cycle.failed"
        try:
            return _NAMES[ExitCode(ended.code or 0)]
        except (ValueError, KeyError):
            return "error", "cycle.failed"

    def _tell_configuration(self, told: Report) -> None:
        """How reading the configuration again went, when it was asked for. What is in it the cycle itself has said."""
        self._edits.also(told.files)
        if not self._reading:
            return
        if told.last_good:
            log.write("error", "configuration.last_good", hint="run `afterword check`; the last good one is in force")
        elif self._reading == _SIGHUP:
            log.write("info", "configuration.read")
        self._standing.configured(self._clock.now(), refused=told.last_good)
        self._reading = ""

    def _tell_ready(self) -> None:
        if not self._ready:
            self._ready = True
            self._supervisor.tell(READY="1", STATUS="running")
            log.write("info", "service.ready")

    def _end(self) -> None:
        """End the child, politely and then not: all within a second."""
        self._supervisor.tell(STOPPING="1")
        self._lookout.stop()
        self._edits.close()
        self._nearby.close()
        child, self._child = self._child, None
        if child is not None:
            child.signal(signal.SIGTERM)
            if not self._gone(child):
                child.kill()
        for one in self._answering:
            one.end()

    def _gone(self, child: Child) -> bool:
        """Wait as long as grace allows for the child to end."""
        number = child.fileno()
        until = self._clock.monotonic() + GRACE
        while (left := until - self._clock.monotonic()) > 0:
            if child.ended() is not None:
                return True
            # Its end closes the pipe, and that wakes the poll.
            ending = select.poll()
            if child.fileno() >= 0:
                ending.register(number, select.POLLIN)
            ending.poll(min(left, 0.05) * 1000)
            child.read()
        return child.ended() is not None


def main(arguments: Sequence[str]) -> int:
    """`python -m daemon.service [--version V] [--metrics WHERE] CONFIG STATE [AT]`, as `afterword run` starts it.

    The exit code is returned.
    """
    options = dict[str, str]()
    while arguments[0].startswith("--"):
        name, value, *arguments = arguments
        options[name] = value
    config, state, *at = arguments
    clock = Clock(datetime.fromisoformat(at[0])) if at else Clock()
    try:
        version, metrics = options.get("--version"), options.get("--metrics")
        return int(Service(config, state, clock=clock, version=version, metrics=metrics).run())
    except Failure as failure:
        sys.stderr.write(f"afterword: {failure.message}\n  {failure.hint}\n")
        return int(failure.exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
