"""HTTP/1.1 on 127.0.0.1 for the stand-in: it reads requests, and ends connections in the ways that a test orders."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.google.faults import Cut

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import Message

    from tests.google.answers import Answer


@dataclass(frozen=True)
class Asked:
    """A request that came. `path` is decoded and has no query; `raw` is the path as it came."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: bytes
    raw: str
    headers: Message


Work = tuple["Answer | None", Cut | None]
"""The answer, and how the connection ends where it does."""


class Server(ThreadingHTTPServer):
    """Calls `work` for each request. Closing it ends the connections that clients keep open."""

    daemon_threads = False

    def __init__(self, work: Callable[[Asked], Work]) -> None:
        self.work = work
        self._open: set[socket.socket] = set()
        self._mutex = threading.Lock()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._mutex:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._mutex:
            self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End all connections."""
        with self._mutex:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(parts.query, keep_blank_values=True)
        asked = Asked(self.command, unquote(parts.path), query, body, parts.path, self.headers)
        answer, cut = self.server.work(asked)
        if answer is None or cut in {Cut.BEFORE, Cut.DONE}:
            self.close_connection = True
            return
        self._write(answer, half=cut is Cut.HALF)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer  # noqa: N815 - as the base class has them

    def _write(self, answer: Answer, *, half: bool) -> None:
        """In one piece. Compressed where the client says so twice, as Google documents.

        https://developers.google.com/workspace/gmail/api/guides/performance#gzip
        """
        body = answer.body()
        self.send_response(answer.status)
        zipped = "gzip" in self.headers.get("Accept-Encoding", "") and "gzip" in self.headers.get("User-Agent", "")
        if zipped and body:
            body = gzip.compress(body, 1)
            self.send_header("Content-Encoding", "gzip")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(body[: len(body) // 2] if half else body)
        self.close_connection = self.close_connection or half

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""
