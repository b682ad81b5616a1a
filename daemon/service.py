"""The service: the small process that stays. It keeps the time, obeys signals, and runs each cycle in a child.

It imports neither click nor pydantic, SQLAlchemy, icalendar or structlog: what a cycle needs is loaded in the
child and gone with it.
"""

from __future__ import annotations

import math
import os
import select
import signal
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from daemon import log
from daemon.child import LONGEST, Child, end_all
from daemon.clock import Clock
from daemon.clock_set import ClockSet
from daemon.doors import Doors
from daemon.edits import Edits
from daemon.failure import ExitCode, Failure
from daemon.herald import Herald
from daemon.lookout import PROGRAM, Lookout
from daemon.nearby import Watchman
from daemon.outcome import Outcome
from daemon.standing import Standing
from daemon.state_folder import remedy, unusable
from daemon.supervisor import Supervisor
from daemon.tenure import Tenure
from daemon.ticks import ANEW, TICK, Ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.report import Report

LONG = 10.0
"""Seconds after which a cycle that still runs is told of."""

_TO_OBEY = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SIGNALS = (*_TO_OBEY, signal.SIGCHLD)
_SIGHUP, _CHANGED = "SIGHUP", "changed"


def cycle_command(config: str, state: str) -> list[str]:
    """How a cycle is started: this program, from where it is installed and not from the current folder.

    It is told who starts it, so that it ends where this process has ended before it could be tied to it.
    """
    program = [sys.executable, "-P", "-m", "daemon", "--config", config, "--state", state]
    return [*program, "once", "--json", "--service", "--parent", str(os.getpid())]


class Service:
    """The loop. `command` is what a cycle runs; it prints a document as `daemon.report` reads it.

    `listen` is what listens at the mailbox between cycles, where the cycle says that it can; see `daemon.listener`.
    With a `seed` the pauses between cycles differ by some percent. All that may wake it is registered with `poll`.
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
        seed: int | None = None,
        version: str | None = None,
        metrics: str | None = None,
        poll: select.poll | None = None,
    ) -> None:
        self._config = config
        self._state = state
        self._command = list(command or cycle_command(config, state))
        self._clock = clock or Clock()
        self._longest = longest
        self._ticks = Ticks(seed)
        self._standing = Standing(os.getpid(), self._clock.now(), version)
        self._herald = Herald(Supervisor(), self._clock.monotonic(), self._standing.said)
        self._tenure: Tenure
        self._poll = poll or select.poll()
        self._doors = Doors(state, self._poll, self._standing, metrics)
        self._lookout = Lookout(list(listen or (*PROGRAM, config, state)), self._poll)
        self._watchman = Watchman(self._poll)
        self._edits = Edits(config, self._poll)
        self._clock_set: ClockSet | None = None
        self._child: Child | None = None
        self._timed_out = self._outlived = False
        self._asked = "start"
        self._reading = ""
        self._settled = False
        self._looked_at = self._clock.monotonic()
        self._stop: signal.Signals | None = None
        self._exit_code = ExitCode.DONE

    def run(self) -> ExitCode:
        """Serve until told to end; 0, or 78 when there never was a configuration to work with.

        Raises:
            Failure: another service has this state (75), the state folder cannot be used, or no more files may be open.
        """
        try:
            self._tenure = Tenure(self._state, self._clock.now())
        except OSError as error:
            raise unusable(self._state, error) from None
        try:
            try:
                wakeup = self._listen()
            except OSError as error:
                what = f"the service cannot start: {(error.strerror or str(error)).lower()}"
                raise Failure(ExitCode.CANNOT_NOW, what, remedy(error, self._state)) from None
            log.write("info", "service.started", pid=os.getpid(), config=self._config, state=self._state)
            self._doors.keep()
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
        try:
            self._clock_set = ClockSet()
            self._poll.register(self._clock_set.fileno(), select.POLLIN)
        except OSError as error:  # the next tick sees what it would have told
            log.write("info", "clock.unwatched", why=error.strerror or str(error))
        return wakeup

    def _turn(self, wakeup: int) -> None:
        """One turn of the loop: look at the time, begin a cycle if one is due, sleep until something happens."""
        self._look()
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._child is None and not self._edits.held(monotonic) and (reason := self._ticks.due(wall, monotonic)):
            self._begin(reason)
        events = self._poll.poll(self._sleep() * 1000)
        if self._clock_set is not None:
            self._clock_set.take()  # what it was set by `_look` finds out: a clock may be set by very little
        self._standing.woke()
        if self._child is not None and any(number == self._child.fileno() for number, _ in events):
            self._read(self._child)
        try:
            numbers = os.read(wakeup, 512)
        except BlockingIOError:
            numbers = b""
        for number in dict.fromkeys(numbers):
            self._obey(signal.Signals(number))
        if self._child is not None:
            self._tend(self._child)
        self._edits.tend(self._clock.monotonic())
        self._doors.tend(self._clock.monotonic())
        if self._watchman.tend():
            self._ticks.news_came("files", self._clock.monotonic())
        if self._lookout.tend(self._clock.monotonic()):
            self._ticks.news_came("mail", self._clock.monotonic())

    def _sleep(self) -> float:
        """Seconds until the loop has to look again, when nothing happens before."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        if self._child is None:
            wait = max(self._ticks.wait(wall, monotonic), self._edits.held(monotonic))
        else:
            wait = self._until_tended(self._child, monotonic)
        return max(
            0.0, min(wait, self._herald.wait(monotonic), self._edits.wait(monotonic), self._doors.wait(monotonic))
        )

    def _until_tended(self, child: Child, monotonic: float) -> float:
        """Seconds until the cycle has to be looked at again. That it ended is told by a signal."""
        age = monotonic - child.began
        marks = (math.inf if self._timed_out else self._longest, LONG)
        return min(TICK, child.wait(monotonic), *(mark - age for mark in marks if mark > age))

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
        # Where a cycle cannot be ended a new service may be of help, and nothing else is.
        self._herald.tend(monotonic, alive=not self._outlived)

    def _ask_configuration(self, why: str) -> None:
        if self._asked not in {why, _SIGHUP}:  # said once, however often it is asked until a cycle begins
            log.write("info", "configuration.asked", why=why)
        self._asked = _SIGHUP if self._asked == _SIGHUP else why
        self._ticks.ask("configuration")
        self._lookout.stop()  # it listens where the old one says

    def _obey(self, number: signal.Signals) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stop = number
            log.write("info", "service.stopping", signal=number.name)
        elif number == signal.SIGHUP:
            self._herald.reloading(self._clock.monotonic())
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
            self._not_begun()
            return
        at = ["--at", wall.isoformat()] if self._clock.shifted else []
        reread = ["--reread"] if self._reading else []
        anew = ["--anew"] if reason in ANEW else []
        try:
            self._child = Child([*self._command, *at, *reread, *anew], monotonic)
        except OSError as error:
            log.write("error", "cycle.not_started", why=error.strerror)
            self._not_begun()
            return
        self._timed_out = self._outlived = False
        self._poll.register(self._child.fileno(), select.POLLIN)
        self._standing.began(wall, reason)
        log.write("info", "cycle.started", reason=reason, pid=self._child.pid)

    def _not_begun(self) -> None:
        """No cycle could be started: another try after a pause."""
        self._ticks.failed()
        words = f"no cycle can be started; next try in {self._ticks.wait_for_cycle(self._clock.now()):.0f} s"
        self._herald.reloaded(words)
        self._herald.say(words)

    def _holds(self, wall: datetime) -> bool:
        """Whether the state folder is still this service's; where it was deleted, it is made anew."""
        try:
            if self._tenure.renew(wall):
                log.write(
                    "warning", "state.replaced", state=self._state, hint="it was deleted or moved; a new one is used"
                )
            self._doors.keep()
        except Failure as failure:
            log.write("error", "state.taken", why=failure.message, hint=failure.hint)
            self._stop, self._exit_code = signal.SIGTERM, failure.exit_code
        except OSError as error:
            found = unusable(self._state, error)
            log.write("error", "cycle.not_started", why=found.message, hint=found.hint)
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
        monotonic = self._clock.monotonic()
        if not self._timed_out and monotonic - child.began >= self._longest:
            self._timed_out = True
            child.end(monotonic)
        number = child.fileno()
        ended = child.tend(monotonic)
        if ended is None:
            self._tell_long(child, monotonic)
            return
        if number >= 0:
            self._poll.unregister(number)
        self._child = None
        self._outlived = False
        self._settle(Outcome(ended, timed_out=self._timed_out), monotonic - child.began)

    def _tell_long(self, child: Child, monotonic: float) -> None:
        """Say that a cycle takes its time, or cannot be ended. No other is started while it is there."""
        if child.outlives(monotonic):
            if not self._outlived:
                log.write("error", "cycle.unkillable", pid=child.pid, seconds=round(monotonic - child.began, 1))
            self._outlived = True
            words = f"a cycle that is stuck cannot be ended (process {child.pid}); nothing is done meanwhile"
            self._herald.reloaded(words)
            self._herald.say(words)
        elif monotonic - child.began >= LONG:
            began = self._clock.now().astimezone() - timedelta(seconds=monotonic - child.began)
            self._herald.say(f"a cycle runs since {began:%H:%M}")

    def _settle(self, outcome: Outcome, seconds: float) -> None:
        """Take in what the cycle told, and say it."""
        told = outcome.told
        if told is not None and outcome.settled:
            self._watchman.keep(told.places)  # before it is said that the cycle is over: from then on changes count
        outcome.write(seconds)
        if outcome.settled:
            self._ticks.ended(told.poll if told else self._ticks.poll, told.next_due if told else None)
        elif outcome.partly and told is not None:
            self._ticks.failed_in_part(told.poll, told.next_due)
        else:
            self._ticks.failed()
        if told is not None:
            self._tell_configuration(told)
        if told is not None and outcome.settled:
            self._listen_on(listens=told.listens)
        self._standing.ended(self._clock.now(), outcome.event, outcome.code, self._ticks, outcome.problems)
        self._doors.count(outcome.event, seconds, self._clock.now(), told)
        if outcome.event == "configuration.wrong" and not self._settled:
            self._stop, self._exit_code = signal.SIGTERM, ExitCode.CONFIGURATION_WRONG
            return
        self._settled = self._settled or told is not None or outcome.settled
        words = outcome.words(self._ticks.wait_for_cycle(self._clock.now()))
        if self._asked == _SIGHUP:
            self._herald.say(words)  # another cycle is to read the configuration
        else:
            self._herald.reloaded(words)
        self._herald.ready(words)

    def _listen_on(self, *, listens: bool) -> None:
        """After a cycle that reached the mailbox: listen there until the next, where that is of use."""
        if listens:
            self._lookout.keep(self._clock.monotonic())
        else:
            self._lookout.stop()

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

    def _end(self) -> None:
        """End the children, politely and then not: all within a second."""
        for number in _TO_OBEY:  # Python gives back what the system does with them, and that is to kill
            signal.signal(number, signal.SIG_IGN)
        self._herald.stopping()
        children = self._lookout.close()
        self._edits.close()
        self._watchman.close()
        if self._clock_set is not None:
            self._clock_set.close()
        child, self._child = self._child, None
        for left in end_all(children if child is None else [child, *children]):
            log.write("error", "cycle.unkillable", pid=left.pid)
        self._doors.end()


def main(arguments: Sequence[str]) -> int:
    """`python -m daemon.service [--version V] [--metrics WHERE] CONFIG STATE [AT]`; the exit code."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until it is listened for: the configuration is yet to be read
    options = dict[str, str]()
    while arguments[0].startswith("--"):
        name, value, *arguments = arguments
        options[name] = value
    config, state, *at = arguments
    clock = Clock(datetime.fromisoformat(at[0])) if at else Clock()
    try:
        version, metrics = options.get("--version"), options.get("--metrics")
        seed = int.from_bytes(os.urandom(8))
        return int(Service(config, state, clock=clock, seed=seed, version=version, metrics=metrics).run())
    except Failure as failure:
        sys.stderr.write(f"afterword: {failure.message}\n  {failure.hint}\n")
        return int(failure.exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
