"""A household whose state comes to harm: the real command, a small disk of its own, a service that retries soon."""

from __future__ import annotations

import io
import json
import os
import re
import select
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from daemon.cli import run_command
from tests import told, warm
from tests.cases.home import THANKS, Home
from tests.daemon.serving import LIMIT, Running
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ANA, BEN = "ana@one.example", "ben@two.example"
BEFORE, DUE, SOON, LATER = (f"2026-03-03T{time}:00+00:00" for time in ("09:00", "13:00", "13:30", "15:30"))
LEDGER = "ledger.sqlite3"
CHECKOUT = Path(__file__).parents[2]
PACE = """
import sys
from daemon import ticks
ticks.FIRST_RETRY = ticks.SOONEST = 0.2
from daemon.service import main
sys.exit(main(sys.argv[1:]))
"""
"""The service as `afterword run` starts it, with pauses that a test can wait for."""

ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
"""File modes bind a program that is started so, whoever runs the tests."""

AT_THE_DRAFT = '''
"""Does harm once, at the moment at which a draft moves into the mailbox: after its intent, before its result."""
import os, shutil, sqlite3, sys
from tests import told

what, target, once = os.environ["HARM"].split(":")
held = []

def fill():
    with open(os.path.join(target, "filler"), "ab", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))

def rob():
    os.unlink(os.path.join(target, "ballast"))
    fill()

def crowd():
    for number in range(1000):
        open(os.path.join(target, f"other{number}"), "x").close()

def lock():
    held.append(sqlite3.connect(os.path.join(target, "ledger.sqlite3"), isolation_level=None))
    held[0].execute("BEGIN IMMEDIATE")

def forbid():
    os.chmod(target, 0o555)

def remove():
    shutil.rmtree(target)

def die():
    os._exit(9)

def drown():
    try:
        fill()
    finally:
        held.append("dies at its next step, when the draft has moved")

def refuse():
    fill()

def watch(event, arguments):
    if what == "drown" and held:
        die()
    if event == "os.rename" and "/.Drafts/tmp/" in str(arguments[0]) and not os.path.exists(once):
        open(once, "x").close()
        try:
            globals()[what]()
        except OSError:
            if what == "refuse":
                raise  # the mailbox does not take the draft either

sys.addaudithook(watch)
'''


class Told(told.Told):
    """The same, and what is looked at most."""

    @property
    def problem(self) -> str:
        """Message and remedy of the first problem; stderr says both as well, in as many lines as that takes."""
        (first, *_) = self.json["problems"]
        assert first["message"] in self.err
        said = re.sub(r"`afterword(?: --(?:config|state) \S+)+", "`afterword", " ".join(self.err.split()))
        assert first["hint"] in said
        return f"{first['message']} -> {first['hint']}"


@dataclass
class Harmed:
    """A household with a meeting that is over, of which a note is due at 13:00.

    `prefix` starts its programs, `within` the namespaces of that process. With `here` the commands run in this
    process, which is quicker by far; for harm that is done to files and to no process.
    """

    home: Home
    prefix: tuple[str, ...] = ()
    within: int | None = None
    environment: dict[str, str] = field(default_factory=dict)
    here: bool = False

    @classmethod
    def make(cls, root: Path, prefix: tuple[str, ...] = (), within: int | None = None) -> Self:
        home = Home.make(root, rules=THANKS)
        assert isinstance(home, Home)
        return cls(home, prefix, within)

    @classmethod
    def begun(cls, root: Path, prefix: tuple[str, ...] = (), within: int | None = None, *, here: bool = False) -> Self:
        """A first cycle was well; then Ana was met. `here`: commands run in this process."""
        harmed = cls.make(root, prefix, within)
        harmed.here = here
        assert harmed.once(BEFORE).code == 0
        harmed.met(ANA)
        return harmed

    @property
    def state(self) -> Path:
        return self.home.state

    @property
    def ledger(self) -> Path:
        return self.home.state / LEDGER

    def met(self, *people: str) -> None:
        """Met each of them alone, from ten to eleven."""
        for person in people:
            self.home.put(person.partition("@")[0], event(person, "2026-03-03 10:00", person))

    def to(self) -> list[str]:
        return self.home.to()

    def start(self) -> tuple[str, ...]:
        """What its programs are started with."""
        return (*warm.entering(self.within), *self.prefix)

    def command(self, *arguments: str) -> list[str]:
        return [*self.start(), sys.executable, "-m", "daemon", *self._places(), *arguments]

    def _places(self) -> list[str]:
        return ["--config", str(self.home.root / "config"), "--state", str(self.state)]

    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERWORD_")}
        # What does its harm once needs no interpreter of its own after that.
        harm = {} if self.harmed() else self.environment
        return {**kept, "HOME": str(self.home.root), "TZ": "Europe/Lisbon", **harm}

    def run(self, *arguments: str, at: str = DUE) -> Told:
        """The command as the user runs it; never a traceback."""
        if self.here:
            return self._run_here(*arguments, "--at", at)
        words = (*self._places(), *arguments, "--at", at)
        done = warm.run(words, self.environ(), prefix=self.prefix, within=self.within)
        assert "Traceback" not in done.stderr
        assert "this should not have happened" not in done.stderr
        return Told(done.returncode, done.stdout, done.stderr)

    def _run_here(self, *arguments: str) -> Told:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command([*self._places(), *arguments])
            out.flush()
        return Told(code, out.buffer.getvalue().decode(), err.getvalue())

    def once(self, at: str = DUE) -> Told:
        return self.run("once", "--json", at=at)

    def good(self, *people: str, at: str = SOON) -> None:
        """The fault is gone: a cycle is well, these have one draft each, ledger and mailbox agree, and it stays so."""
        told = self.once(at)
        assert (told.code, told.err) == (0, "")
        self.settled(*people, at=at)

    def settled(self, *people: str, at: str = SOON) -> None:
        """As `good`, where something has run since the fault. Looked at from here where that can be: it is quicker."""
        if not self.here and self.within is None:
            replace(self, here=True).settled(*people, at=at)
            return
        again = self.once(at)
        assert (again.code, again.json["placed"], again.json["changed"]) == (0, [], [])
        assert self.to() == sorted(people)
        known = self.run("drafts", "--all", "--json", at=at).json["follow_ups"]
        assert sorted((one["to"][0]["email"], one["state"]) for one in known) == [(one, "placed") for one in people]
        status = self.run("status", "--json", at=at)
        assert (status.code, status.json["problems"], status.json["waiting"]) == (0, [], len(people))

    def stays_with_the_new(self, at: str = SOON) -> None:
        """`status` says that the ledger was begun beside a backup; the user does what it names for staying with it."""
        (begun,) = (one for one in self.status(at)[1] if "a new one was begun" in one)
        (kept,) = (self.state / "backups").glob("ledger-*T*Z.sqlite3")
        assert f"To stay with the new one, remove {kept}:" in " ".join(begun.split())
        kept.unlink()

    def status(self, at: str = DUE) -> tuple[int, list[str]]:
        """Its exit code, and each problem with its remedy."""
        told = self.run("status", "--json", at=at)
        return told.code, [f"{one['message']} -> {one['hint']}" for one in told.json["problems"]]

    def said(self, at: str = DUE) -> str:
        """All that `status` says to a person, in one line."""
        told = self.run("status", at=at)
        return " ".join((told.out + told.err).split())

    def harm_at_the_draft(self, what: str, target: Path) -> None:
        """Programs started from now on do this harm once, in the moment at which a draft is laid down."""
        tools = self.home.root / "tools"
        tools.mkdir()
        (tools / "sitecustomize.py").write_text(AT_THE_DRAFT)
        path = os.pathsep.join(filter(None, (str(tools), os.environ.get("PYTHONPATH"))))
        self.environment = {"PYTHONPATH": path, "HARM": f"{what}:{target}:{tools / 'done'}"}

    def harmed(self) -> bool:
        return (self.home.root / "tools" / "done").exists()

    @contextmanager
    def service(self, at: str = DUE) -> Iterator[Running]:
        """The service; its log is JSON, line by line."""
        places = [str(self.home.root / "config"), str(self.state), at]
        command = [*self.start(), sys.executable, "-c", PACE, *places]
        running = Running.__new__(Running)
        running._start(command, self.environ())
        with running:
            yield running


def put_off(service: Running) -> str:
    """The next cycle came to nothing: why, and the remedy, as the log has it."""
    while True:
        line = service.line()
        assert line is not None, service.heard
        record = json.loads(line)
        assert record["event"] != "cycle.done", record
        if record["event"] in {"cycle.put_off", "cycle.permission_needed", "cycle.not_started"}:
            return f"{record['why']} -> {record['hint']}"


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, "it did not come"
        select.select([], [], [], 0.02)


class Disk:
    """A small disk (tmpfs) at a folder, in a mount namespace of its own: programs started with `prefix` see it."""

    def __init__(self, where: Path, options: str = "size=1m") -> None:
        if lacking := [program for program in ("unshare", "nsenter", "mount") if not shutil.which(program)]:
            self._skip(f"needs {' and '.join(lacking)}: apt-get install util-linux mount")
        where.mkdir(parents=True, exist_ok=True)
        self.where = where
        script = f'mount -t tmpfs -o {options},mode=700 tmpfs "$0" && echo ready && read -r end'
        command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script, str(where)]
        self._holder = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"ready\n":
            self.end()
            self._skip("this machine allows no user namespaces: sysctl kernel.unprivileged_userns_clone=1")
        self.within = self._holder.pid
        self.prefix = warm.entering(self.within)
        self.inside = Path(f"/proc/{self.within}/root{where}")

    @staticmethod
    def _skip(why: str) -> None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)

    def fill(self) -> None:
        """Use up every byte."""
        with (self.inside / "filler").open("ab", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        (self.inside / "filler").unlink()

    def forbid(self) -> None:
        """Read-only from now on, also for those who have files of it open."""
        for how in (["--bind", str(self.where), str(self.where)], ["-o", "remount,bind,ro", str(self.where)]):
            subprocess.run([*self.prefix, "mount", *how], check=True)

    def allow(self) -> None:
        subprocess.run([*self.prefix, "umount", "--lazy", str(self.where)], check=True)

    def end(self) -> None:
        self._holder.communicate()


class Locked:
    """Another program that keeps the ledger locked until it is told to let go."""

    def __init__(self, file: Path, how: str) -> None:
        hold = (
            "import sqlite3, sys; raw = sqlite3.connect(sys.argv[1], isolation_level=None);"
            f"raw.execute('BEGIN {how}'); print('held', flush=True); sys.stdin.read()"
        )
        command = [sys.executable, "-c", hold, str(file)]
        self._program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._program.stdout is not None
        assert self._program.stdout.readline() == b"held\n"
        self.pid = self._program.pid

    def release(self) -> None:
        self._program.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._program.poll() is None:
            self._program.kill()
            self._program.communicate()
