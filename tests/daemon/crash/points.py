"""The points at which a cycle touches the outside: files, sockets, SQL, and the system calls of SQLite itself."""

from __future__ import annotations

import os
import re
import select
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakSet

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


class Peer(NamedTuple):
    """Who answers at a port, and whether what it keeps lies on the disk."""

    source: str
    keeps: bool


class Points:
    """Tells each I/O of a process before it happens. Installed once, in a child that ends soon: nothing is put back.

    `sources` are the folders and files by which an I/O is told to be of one source; the longest path speaks. What is
    of none ("") belongs to a server that answers in this process. `peers` tell by the port who is asked.
    """

    def __init__(self, root: Path, sources: Mapping[str, str], peers: Mapping[int, Peer]) -> None:
        self._root = f"{root}/"
        named = {f"{root}/{path}": source for path, source in sources.items()}
        self._sources = sorted(named.items(), key=lambda item: -len(item[0]))
        self._peers = peers
        self._answering: WeakSet[socket.socket] = WeakSet()
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
        if not self._watches() or self._reached is None:
            return
        self._inside = True
        try:
            self._reached(Point(source, what, effect))
        finally:
            self._inside = False

    def _watches(self) -> bool:
        """Nothing that another process or thread does counts, nor what is done in order to look."""
        return self._reached is not None and not self._inside and self._at_work == (os.getpid(), threading.get_ident())

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
        def wrapped(sock: socket.socket, *arguments: Any, **named: Any) -> Any:
            if self._watches():
                self._before_talk(sock, name, *arguments)
            return call(sock, *arguments, **named)

        return wrapped

    def _before_talk(self, sock: socket.socket, name: str, *arguments: Any) -> None:
        """What a server keeps has changed when its answer has come: who dies before reading it leaves that disk.

        In how many pieces it comes is an accident: that is one point, whatever of it is read afterwards.
        """
        peer = self._peer(sock)
        if peer is _WEB:
            self._reach(peer.source, f"socket.{name}", effect=False)
        elif name == "sendall":
            self._answering.discard(sock)
            self._reach(peer.source, f"{_said(arguments[0])} leaves", effect=False)
        elif sock not in self._answering:
            self._answering.add(sock)
            _await(sock)
            self._reach(peer.source, "an answer has come", effect=peer.keeps)

    def _peer(self, sock: socket.socket) -> Peer:
        try:
            port = sock.getpeername()[1]
        except (OSError, IndexError):
            port = 0
        return self._peers.get(port, _WEB)

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
            _, address = arguments
            port = address[1] if isinstance(address, tuple) else 0
            self._reach(self._peers.get(port, _WEB).source, name, effect=False)
        elif name == "tests.google":
            source, what, effect = arguments
            self._reach(source, what, effect=effect)
        elif name == "open" or name in _EFFECTS or name in _LOOKS:
            source = self._source(_path_of(arguments[0]))
            if source:
                self._reach(source, name, effect=name in _EFFECTS or (name == "open" and _writes(*arguments[1:])))


_WEB = Peer(WEB, keeps=False)
_SECONDS = 30.0
_TAG = re.compile(r"[A-Z]{4}[0-9]+ ")


def _await(sock: socket.socket) -> None:
    """Wait for an answer, or for the end of the connection."""
    come, _, _ = select.select([sock], [], [], _SECONDS)
    assert come, "the server does not answer"


def _said(data: bytes) -> str:
    """A command as a story tells it: without its tag, and not all of it."""
    return _TAG.sub("", bytes(data[:60]).decode("ascii", "replace")).partition("\r")[0]


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
