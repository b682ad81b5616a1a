"""An IMAP server that says what a test wrote down for it, line by line."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def says(*answers: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that gives these answers, one to each line it is told, and then ends: its port, and what it was told."""
    told: list[bytes] = []

    def serve() -> None:
        connection, _ = listening.accept()
        listening.close()  # nobody answers a second time
        # A client that has heard enough ends the connection.
        with suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            connection.sendall(answers[0])
            tag = b""
            for answer in answers[1:]:
                told.append(lines.readline())
                if not told[-1]:
                    return
                tag = told[-1].split(b" ")[0] if b" " in told[-1] else tag  # else the command goes on
                connection.sendall(answer.replace(b"TAG", tag))

    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    thread = Thread(target=serve)
    thread.start()
    yield port, told
    thread.join()


GREETING = b"* OK ready\r\n"
CAPABLE = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"


class Silent:
    """A server that takes every connection, and says nothing.

    One that `lets_in` says hello and takes any password, and nothing after that.
    """

    def __init__(self, *, lets_in: bool) -> None:
        self._greeting = GREETING if lets_in else b""
        self._answers = {b"CAPABILITY": CAPABLE, b"LOGIN": b"TAG OK in\r\n"} if lets_in else {}
        self._taken = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._thread = Thread(target=self._serve)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                self._taken += 1
                with suppress(ConnectionError), connection, connection.makefile("rb") as lines:
                    connection.sendall(self._greeting)
                    for line in lines:  # until the client has had enough of it
                        tag, word = (*line.split(), b"", b"")[:2]
                        connection.sendall(self._answers.get(word, b"").replace(b"TAG", tag))

    def asked(self) -> int:
        """How many connections it took so far; for that one more is made, which it takes after all others."""
        with socket.create_connection(("127.0.0.1", self.port)) as last:
            last.shutdown(socket.SHUT_WR)
            while last.recv(1000):
                pass
        self._taken -= 1
        return self._taken

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)  # else `accept` waits on
        self._listening.close()
        self._thread.join()
