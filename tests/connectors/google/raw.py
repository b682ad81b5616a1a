"""A server on 127.0.0.1 that does not speak HTTP by itself: a test writes each byte, or ends the connection."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LINGER = struct.pack("ii", 1, 0)


@dataclass
class Raw:
    """`answer` gets each connection after the head and the body of a request were read."""

    answer: Callable[[Raw, socket.socket], None]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def drip(self, connection: socket.socket, data: bytes, pause: float) -> None:
        """One byte after the other, as long as the test lasts and somebody listens."""
        for byte in data:
            if self.ending.wait(pause):
                return
            connection.sendall(bytes([byte]))


def reset(connection: socket.socket) -> None:
    """End a connection with an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER)


@contextmanager
def listening(answer: Callable[[Raw, socket.socket], None]) -> Iterator[Raw]:
    """A server for as long as the block lasts."""
    raw = Raw(answer)
    with socket.create_server(("127.0.0.1", 0)) as server:
        raw.url = f"http://127.0.0.1:{server.getsockname()[1]}"
        thread = threading.Thread(target=_serve, args=(server, raw))
        thread.start()
        try:
            yield raw
        finally:
            raw.ending.set()
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server: socket.socket, raw: Raw) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            raw.requests.append(_request(connection))
            raw.answer(raw, connection)


def _request(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65_536)
        if not more:
            return read
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body
