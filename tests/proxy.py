"""A plain TCP proxy in front of any server on this machine: it keeps what is said, and can spoil an answer.

What is said is kept in turns: all that a client says until it is answered, and the answer to it. A client that waits
for each answer (HTTP, IMAP) has a turn for each of its requests, so a test plays a conversation once, counts its turns
and the bytes of their answers, and then spoils each of them in another run.
"""

from __future__ import annotations

import select
import socket
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK = 65_536
_DRIP = 0.005
"""Seconds from one byte to the next."""


class How(Enum):
    """What happens to an answer."""

    CUT = auto()
    """The connection is closed."""
    STALL = auto()
    """Nothing more comes, and the connection stays open for as long as the client likes."""
    DRIP = auto()
    """The rest comes a byte at a time."""


@dataclass(frozen=True)
class Fault:
    """`after` is how many bytes of the answer come through before; with None not even the question gets there."""

    how: How
    after: int | None = None


@dataclass
class Turn:
    """What a client said, and what it was answered. `number` counts over all connections, from 0.

    Where the server speaks first (IMAP), the first turn of a connection has no question.
    """

    number: int
    connection: int
    asked: bytearray = field(default_factory=bytearray)
    answered: bytearray = field(default_factory=bytearray)


def nothing(turn: Turn) -> Fault | None:
    """The order that lets everything pass."""


@dataclass
class Proxy:
    """`port` stands for the server. `order` decides for a turn, as soon as something is asked; it may be replaced."""

    port: int
    order: Callable[[Turn], Fault | None] = nothing
    turns: list[Turn] = field(default_factory=list)
    connections: int = 0
    _lock: Lock = field(default_factory=Lock)
    _open: set[socket.socket] = field(default_factory=set)
    _ending: Event = field(default_factory=Event)

    def spoil(self, number: int, fault: Fault) -> None:
        """Only the turn of this number, counted from now on as the first is 0, goes wrong."""
        with self._lock:
            self.turns.clear()
        self.order = lambda turn: fault if turn.number == number else None

    def _turn(self, connection: int) -> Turn:
        with self._lock:
            self.turns.append(Turn(len(self.turns), connection))
            return self.turns[-1]

    def _serve(self, client: socket.socket, to: int) -> None:
        with self._lock:
            self.connections += 1
            connection = self.connections
        with client, suppress(OSError), socket.create_connection(("127.0.0.1", to)) as server:
            for one in (client, server):  # else what comes in two pieces waits for a word on the first
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open |= {client, server}
            try:
                self._pass(client, server, connection)
            finally:
                self._open -= {client, server}

    def _pass(self, client: socket.socket, server: socket.socket, connection: int) -> None:
        turn: Turn | None = None
        fault: Fault | None = None
        while True:
            for ready in select.select([client, server], [], [])[0]:
                data = ready.recv(_CHUNK)
                if not data:
                    return
                if turn is None or (ready is client and turn.answered):
                    turn, fault = self._turn(connection), None
                    if ready is server:
                        fault = self.order(turn)
                if ready is server:
                    if fault is not None and fault.after is not None:
                        if self._spoiled(client, data, turn, fault):
                            return
                        continue
                    turn.answered += data
                    client.sendall(data)
                    continue
                turn.asked += data
                fault = fault or self.order(turn)
                if fault is not None and fault.after is None:
                    self._end(client, b"", fault)
                    return
                server.sendall(data)

    def _spoiled(self, client: socket.socket, data: bytes, turn: Turn, fault: Fault) -> bool:
        """Pass on what may pass; whether the rest went wrong with it."""
        assert fault.after is not None
        left = fault.after - len(turn.answered)
        turn.answered += data
        if left > 0:
            client.sendall(data[:left])
        if left >= len(data):
            return False
        self._end(client, data[max(left, 0) :], fault)
        return fault.how is not How.DRIP

    def _end(self, client: socket.socket, rest: bytes, fault: Fault) -> None:
        if fault.how is How.STALL:
            while client.recv(_CHUNK):
                pass
        elif fault.how is How.DRIP:
            for number in range(len(rest)):
                if self._ending.wait(_DRIP):
                    return
                client.sendall(rest[number : number + 1])

    def _stop(self) -> None:
        self._ending.set()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(to: int) -> Iterator[Proxy]:
    """Stand in front of the server on this port of 127.0.0.1 for as long as the block lasts."""
    listening = socket.create_server(("127.0.0.1", 0))
    state = Proxy(listening.getsockname()[1])
    threads: list[Thread] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            if state._ending.is_set():
                client.close()
                return
            thread = Thread(target=state._serve, args=(client, to))
            threads.append(thread)
            thread.start()

    accepting = Thread(target=accept)
    accepting.start()
    try:
        yield state
    finally:
        state._ending.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", state.port)):
            pass  # wakes whoever accepts
        accepting.join()
        listening.close()
        state._stop()
        for thread in threads:
            thread.join()
