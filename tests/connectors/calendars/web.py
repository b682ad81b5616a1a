"""A web server on 127.0.0.1 in a thread, whose answers a test writes down, and which keeps what it was asked."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from email.message import Message


@dataclass
class Asked:
    """A request that came."""

    path: str
    headers: Message


@dataclass
class Web:
    """The server of a test. `answer` is called for each request, and writes the answer itself."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/robin.ics"


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """An ordinary answer; `_` in the name of a header stands for `-`."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if "Content_Length" not in headers:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(
    answer: Callable[[BaseHTTPRequestHandler], None], certificate: ssl.SSLContext | None = None
) -> Iterator[Web]:
    """A server for as long as the block lasts; with a certificate it speaks TLS."""
    web = Web(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(Asked(self.path, self.headers))
            try:
                web.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_address[1]
    if certificate is not None:
        server.socket, web.scheme = certificate.wrap_socket(server.socket, server_side=True), "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        web.ending.set()
        server.shutdown()
        thread.join()
        server.server_close()
