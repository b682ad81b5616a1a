"""Imports all of Afterword, lives a day, and becomes the command as often as it is asked to.

See `tests.warm`, which starts it.
"""

from __future__ import annotations

import atexit
import ctypes
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

ROOMS = ("rules", "config", "connectors", "daemon")
LATE = (
    *("icalendar", "recurring_ical_events", "googleapiclient.discovery", "google_auth_oauthlib.flow", "rich.table"),
    *("babel.dates", "babel.lists", "pydantic.dataclasses", "sqlalchemy.dialects.sqlite"),
)
"""What the rooms import when they need it."""
LARGEST = 1 << 20


def import_everything() -> None:
    """What a command that starts would have to import, but the module that it starts with."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not module.name.endswith(".__main__") and ".migrations" not in module.name:
                importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)
    for model in importlib.import_module("config.schema").models():
        model.model_rebuild()  # what checks a file is made when the first one is read


def live() -> None:
    """Let days go by in a household: what is worked out of statements, templates and models is there in each fork."""
    compiling, house = (importlib.import_module(f"tests.{name}") for name in ("compiling", "house"))
    compiling.share()
    editor, first, load, sources = (
        importlib.import_module(f"config.{it}") for it in ("editor", "init", "load", "sources")
    )
    editor.schema_files()
    answers = first.Answers("Robin Vale", ("robin@example.org",), "Europe/Lisbon", "calendars/", "~/Mail")
    load.parse(sources.Sources(first.starter(answers)), Path("/nowhere"))
    with tempfile.TemporaryDirectory() as folder:
        home = house.Household.make(Path(folder) / "home")
        home.put("ana", house.event("ana", "2026-03-03 10:00", "ana@one.example"))
        for when in ("2026-03-03 09:00", "2026-03-03 15:00", "2026-03-03 15:10"):
            home.once(when)


def serve(door: socket.socket) -> dict[str, Any] | None:
    """Fork whenever somebody asks, and tell them the pid and the exit code.

    Returns in the fork that is to become the command; None at the end.
    """
    under_way: dict[int, tuple[int, int]] = {}  # the pid and who waits for it, by what is ready when it ends
    ready = select.poll()
    ready.register(door, select.POLLIN)
    while True:
        for number, _ in ready.poll():
            if number in under_way:
                ready.unregister(number)
                pid, answer = under_way.pop(number)
                _say(answer, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                os.close(number)
                os.close(answer)
                continue
            message, numbers, _, _ = socket.recv_fds(door, LARGEST, 4)
            if not message:
                return None
            *streams, answer = numbers
            pid = os.fork()
            if pid == 0:
                door.close()
                for other in (answer, *under_way, *(waiting for _, waiting in under_way.values())):
                    os.close(other)
                for place, stream in enumerate(streams):
                    os.dup2(stream, place)
                    os.close(stream)
                return dict(json.loads(message))
            for stream in streams:
                os.close(stream)
            _say(answer, pid)
            ended = os.pidfd_open(pid)
            under_way[ended] = pid, answer
            ready.register(ended, select.POLLIN)


def _say(answer: int, number: int) -> None:
    try:
        os.write(answer, b"%d\n" % number)
    except BrokenPipeError:  # who asked has gone
        return


def enter(process: int) -> None:
    """The user and mount namespaces of this process are this one's from now on (setns(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    spaces = [os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY) for kind in ("user", "mnt")]
    for space in spaces:
        if libc.setns(space, 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        os.close(space)


def become(request: dict[str, Any]) -> None:
    """Namespaces, environment, folder, mask and streams are those that were asked for."""
    if request["within"] is not None:
        enter(request["within"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    os.umask(request["umask"])
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        old = getattr(sys, name)
        # As the interpreter opens them: whoever reads errors has each line at once.
        new = os.fdopen(number, mode, 1 if name == "stderr" else -1, old.encoding, old.errors, closefd=False)
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    if request.get("terminal"):
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # Whoever runs the tests in the background of a script has them ignored (POSIX, sh, "Asynchronous lists").
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    sys.argv = ["daemon", *request["arguments"]]


def end(code: object) -> NoReturn:
    """As the interpreter ends, but nothing is torn down: that would first copy all memory that forks share."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            code = code or 120  # as the interpreter says it
    assert isinstance(code, int)
    os._exit(code)


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: a command does not see it
    import_everything()
    live()
    gc.collect()
    gc.freeze()
    wanted = serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        become(wanted)
        try:
            runpy.run_module("daemon", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            end(ended.code)
