"""The place on this machine to which the browser comes back from a consent (RFC 8252 section 7.3).

Browsers come with more than that: with connections that say nothing, and with a question for an icon. And anybody on
this machine can come. What does not know the `state` of our question is told that there is nothing here.
"""

from __future__ import annotations

import socketserver
import threading
from contextlib import contextmanager
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
_SILENCE = 10.0
"""Seconds that one connection may say nothing; others are heard meanwhile."""


class Waiting(socketserver.ThreadingTCPServer):
    """Waits for the browser to come back with this `state`, and shows it `thanks`."""

    allow_reuse_address = True  # for a second try at the same port; two that listen, Linux does not let
    daemon_threads = True

    def __init__(self, port: int, state: str, thanks: str) -> None:
        self.state = state
        self.thanks = thanks.encode()
        self.came: Queue[str] = Queue()
        super().__init__((HOST, port), _Caller)

    def answer(self, patience: float) -> str | None:
        """The path and the query with which the browser came; None where it did not within so many seconds."""
        try:
            return self.came.get(timeout=patience)
        except Empty:
            return None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """One that goes away in the middle is not ours to tell of."""


class _Caller(BaseHTTPRequestHandler):
    server: Waiting
    timeout = _SILENCE

    def do_GET(self) -> None:
        """Hear the answer to our question, and nothing else."""
        parts = urlsplit(self.path)
        state = "".join(parse_qs(parts.query).get("state", ()))
        if parts.path != "/" or not compare_digest(state.encode(), self.server.state.encode()):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(self.server.thanks)))
        self.end_headers()
        self.wfile.write(self.server.thanks)
        self.server.came.put(self.path)

    def log_message(self, *_: Any) -> None:
        """The code of the consent is in the address: it is not for a log."""


@contextmanager
def waiting(port: int, state: str, thanks: str) -> Iterator[Waiting]:
    """Listen at this port for as long as the block lasts.

    Raises:
        OSError: the port cannot be had.
    """
    with Waiting(port, state, thanks) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
