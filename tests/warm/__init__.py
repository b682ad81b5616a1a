"""The real command, forked from a process that has imported everything: a tenth of the time that starting it takes.

It is a process of its own, with its own environment, folder, streams and exit code. What is not there: the start of
the interpreter, and that it takes itself down in the end. Tests of that start it themselves; and whoever sets a
variable that the interpreter reads at its start gets a start.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVER = Path(__file__).with_name("server.py")
AT_ITS_START = ("PYTHON", "LANG", "LC_", "LD_")
"""Beginnings of the names of variables that the interpreter reads when it starts."""


def run(
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    *,
    stdin: str = "",
    timeout: float = 60,
    prefix: tuple[str, ...] = (),
    within: int | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `afterword` with these arguments, in this environment and in the present folder.

    `prefix` is the command that takes privileges away. With one that sets limits, the command is started: they hold
    from the beginning. It runs `within` the user and mount namespaces of the process of this number.

    Raises:
        subprocess.TimeoutExpired: it did not end within so many seconds; it is killed.
    """
    if _read_at_start(environment) != _read_at_start(os.environ) or "prlimit" in prefix:
        return subprocess.run(
            [*entering(within), *prefix, sys.executable, "-m", "daemon", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env=environment,
        )
    return _server(prefix).run(arguments, environment, stdin, timeout, within)


def start(
    arguments: tuple[str, ...], environment: Mapping[str, str], terminal: int, *, keys_mean_signals: bool = True
) -> Running:
    """`afterword` at this terminal, which is its own from then on: keys that mean signals go to it.

    Without that it reads and writes there, and whoever reads what it showed loses nothing at its end.
    """
    request = {
        "arguments": arguments,
        "environment": dict(environment),
        "folder": str(Path.cwd()),
        "umask": _umask(),
        "within": None,
        "terminal": keys_mean_signals,
    }
    return _server(()).start(request, [terminal] * 3)


def entering(within: int | None) -> tuple[str, ...]:
    """The command that leads into the user and mount namespaces of this process."""
    if within is None:
        return ()
    return ("nsenter", "--user", "--mount", "--preserve-credentials", "--target", str(within))


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_ITS_START)}


@cache
def _server(prefix: tuple[str, ...]) -> _Server:
    return _Server(prefix)


class _Server:
    """The process that forks; it ends when this end of the socket is closed, and that is when we end."""

    def __init__(self, prefix: tuple[str, ...]) -> None:
        self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            command = [*prefix, sys.executable, str(SERVER), str(number)]
            self.process = subprocess.Popen(command, pass_fds=[number], stdin=subprocess.DEVNULL)
        atexit.register(self._end)

    def _end(self) -> None:
        self.door.close()
        self.process.wait(timeout=10)

    def run(
        self,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        stdin: str,
        timeout: float,
        within: int | None,
    ) -> subprocess.CompletedProcess[str]:
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin.encode())
            given.seek(0)
            streams = [given.fileno(), out.fileno(), err.fileno()]
            request = {
                "arguments": arguments,
                "environment": dict(environment),
                "folder": str(Path.cwd()),
                "umask": _umask(),
                "within": within,
            }
            code = self._ended(request, streams, timeout)
            told = []
            for stream in (out, err):
                stream.seek(0)
                told.append(stream.read().decode().replace("\r\n", "\n"))
        return subprocess.CompletedProcess(arguments, code, *told)

    def start(self, request: dict[str, object], streams: list[int]) -> Running:
        reading, writing = os.pipe()
        try:
            socket.send_fds(self.door, [json.dumps(request).encode()], [*streams, writing])
        finally:
            os.close(writing)
        return Running(os.fdopen(reading, encoding="ascii"))

    def _ended(self, request: dict[str, object], streams: list[int], timeout: float) -> int:
        with self.start(request, streams) as running:
            return running.wait(timeout)


class Running:
    """A command under way; `pid` is its process."""

    def __init__(self, answer: TextIO) -> None:
        self._answer = answer
        self.pid = int(answer.readline())

    def wait(self, timeout: float) -> int:
        """The exit code.

        Raises:
            subprocess.TimeoutExpired: it did not end within so many seconds; it is killed.
        """
        if not select.select([self._answer], [], [], timeout)[0]:
            os.kill(self.pid, 9)
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return int(self._answer.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()


def _umask() -> int:
    now = os.umask(0)
    os.umask(now)
    return now
