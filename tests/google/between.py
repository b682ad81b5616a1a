"""A server between a client and the emulator that can end the client when its work is done and not yet answered."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 20.0
_HOP = frozenset({"connection", "content-length", "transfer-encoding", "host", "content-encoding", "keep-alive"})


@dataclass
class Between:
    """`url` stands for the emulator. `pid`, where there is one, is killed when a draft was made, before it is told."""

    url: str
    pid: int | None = None
    asked: list[str] = field(default_factory=list)


@contextmanager
def between(emulator: str) -> Iterator[Between]:
    """Stand in front of the emulator at this address."""
    state = Between("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name: value for name, value in self.headers.items() if name.casefold() not in _HOP}
            state.asked.append(f"{self.command} {self.path.partition('?')[0]}")
            answer = requests.request(
                self.command,
                f"{emulator}{self.path}",
                data=body,
                headers=headers,
                timeout=SECONDS,
                allow_redirects=False,
            )
            if self.command == "POST" and self.path.partition("?")[0].endswith("/drafts") and state.pid is not None:
                os.kill(state.pid, signal.SIGKILL)
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                if name.casefold() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_DELETE = handle_any  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
