"""An IMAP server that says what a test wrote down for it, line by line."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING

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
