"""Imports all of Afterword, and becomes the command as often as it is asked to: see `tests.warm`, which starts it."""

from __future__ import annotations

import ctypes
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import sys
import termios
import time
from typing import Any

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


def serve(door: socket.socket) -> dict[str, Any] | None:
    """Fork whenever somebody asks. Returns in the fork that is to become the command; None at the end."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who wait
    while True:
        message, numbers, _, _ = socket.recv_fds(door, LARGEST, 4)
        if not message:
            return None
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            door.close()
            *streams, answer = numbers
            if _is_the_command(answer):
                for number, stream in enumerate(streams):
                    os.dup2(stream, number)
                    os.close(stream)
                return dict(json.loads(message))
        for number in numbers:
            os.close(number)


def _is_the_command(answer: int) -> bool:
    """Fork again: the one becomes the command, the other waits for it and tells its pid and its exit code."""
    pid = os.fork()
    if pid == 0:
        os.close(answer)
        return True
    os.write(answer, b"%d\n" % pid)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(answer, b"%d\n" % code)
    os._exit(0)


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


if __name__ == "__main__":
    sys.path.pop(0)  # this folder: a command does not see it
    import_everything()
    gc.collect()
    gc.freeze()
    wanted = serve(socket.socket(fileno=int(sys.argv[1])))
    if wanted is not None:
        become(wanted)
        runpy.run_module("daemon", run_name="__main__", alter_sys=True)
