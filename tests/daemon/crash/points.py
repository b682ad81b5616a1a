"""The points at which a cycle touches the outside: files, sockets, SQL, and the system calls of SQLite itself."""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import event as hooks
from sqlalchemy.engine import Engine

from tests.daemon.crash import sqlite_calls

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LEDGER = "ledger"
WEB = "web"
_EFFECTS = frozenset(
    f"os.{name}" for name in ("chmod", "link", "mkdir", "remove", "rename", "rmdir", "symlink", "truncate", "utime")
)
_LOOKS = frozenset({"os.listdir", "os.scandir", "fcntl.flock"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
"""Events of https://docs.python.org/3/library/audit_events.html."""


class Point(NamedTuple):
    """One I/O: of which source, what is about to happen, and whether it changes the disk."""

    source: str
    what: str
    effect: bool


class Points:
    """Tells each I/O of a process before it happens. Installed once, in a child that ends soon: nothing is put back.

    `sources` are the folders and files by which an I/O is told to be of one source; the longest path speaks. What is
    of none ("") belongs to a server that answers in this process.
    """

    def __init__(self, root: Path, sources: Mapping[str, str]) -> None:
        self._root = f"{root}/"
        named = {f"{root}/{path}": source for path, source in sources.items()}
        self._sources = sorted(named.items(), key=lambda item: -len(item[0]))
        self._at_work = (0, 0)
        self._inside = False
        self._reached: Callable[[Point], None] | None = None
        self.sees_sqlite = False

    def watch(self, reached: Callable[[Point], None] | None) -> None:
        """From now on this is called before each I/O of this process and thread; None: nobody watches."""
        self._at_work = (os.getpid(), threading.get_ident())
        self._reached = reached

    def install(self) -> None:
        for name in ("fsync", "write", "pwrite"):
            setattr(os, name, self._before_file(name, getattr(os, name)))
        for name in ("sendall", "recv", "recv_into"):
            setattr(socket.socket, name, self._before_socket(name, getattr(socket.socket, name)))
        for moment in ("commit", "rollback", "before_cursor_execute", "after_cursor_execute"):
            hooks.listen(Engine, moment, self._sql(moment))
        self.sees_sqlite = sqlite_calls.before_each(self._system_call)
        sys.addaudithook(self._audit)

    def _reach(self, source: str, what: str, *, effect: bool) -> None:
        """Nothing that another process or thread does counts, nor what is done in order to look."""
        if self._reached is None or self._inside or self._at_work != (os.getpid(), threading.get_ident()):
            return
        self._inside = True
        try:
            self._reached(Point(source, what, effect))
        finally:
            self._inside = False

    def _source(self, path: str) -> str | None:
        if not path.startswith(self._root):
            return None
        return next((source for begin, source in self._sources if path.startswith(begin)), "household")

    def _before_file(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(descriptor: int, *arguments: Any) -> Any:
            source = self._source(_path_of(descriptor)) if self._reached and not self._inside else None
            if source:
                self._reach(source, f"os.{name}", effect=True)
            return call(descriptor, *arguments)

        return wrapped

    def _before_socket(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **named: Any) -> Any:
            self._reach(WEB, f"socket.{name}", effect=False)
            return call(*arguments, **named)

        return wrapped

    def _sql(self, moment: str) -> Callable[..., None]:
        def reach(*_: object, **__: object) -> None:
            self._reach(LEDGER, moment, effect=not self.sees_sqlite)

        return reach

    def _system_call(self, name: str, path: str | None, effect: bool) -> None:
        if path is None or self._source(path):
            self._reach(LEDGER, f"sqlite {name}", effect=effect)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if self._reached is None or self._inside:
            return
        if name == "socket.connect":
            self._reach(WEB, name, effect=False)
        elif name == "tests.google":
            source, what, effect = arguments
            self._reach(source, what, effect=effect)
        elif name == "open" or name in _EFFECTS or name in _LOOKS:
            source = self._source(_path_of(arguments[0]))
            if source:
                self._reach(source, name, effect=name in _EFFECTS or (name == "open" and _writes(*arguments[1:])))


def _path_of(named: object) -> str:
    """The path of whatever an event names its file by; nothing where it has none."""
    if isinstance(named, int):
        try:
            return os.readlink(f"/proc/self/fd/{named}")  # noqa: PTH115 - called thousands of times
        except OSError:
            return ""
    return os.path.abspath(os.fsdecode(named)) if isinstance(named, (str, bytes, os.PathLike)) else ""  # noqa: PTH100 - see above


def _writes(mode: object, flags: object) -> bool:
    by_mode = isinstance(mode, str) and set(mode) & set("wax+")
    return bool(by_mode or (isinstance(flags, int) and flags & _WRITING))
