"""A small CalDAV server of our own, strict in what RFC 4918, 4791 and 6578 say, until a test makes it lie.

Radicale and Xandikos show that the real thing works; this one does what they do not: it pages, forgets tokens,
tells untruths, redirects, and wants a password in another way.
"""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from connectors.dav.client import Account

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from email.message import Message

HOME = "/dav/home/"
WORK = "/dav/home/work/"
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"'


@dataclass
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: Message
    body: str


@dataclass
class Answer:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def multistatus(*parts: str) -> Answer:
    """A whole multistatus of these parts."""
    body = f'<?xml version="1.0" encoding="utf-8"?><D:multistatus {_SPACES}>{"".join(parts)}</D:multistatus>'
    return Answer(207, body.encode(), {"Content-Type": "application/xml"})


def found(path: str, props: str) -> str:
    """A resource with these properties."""
    return (
        f"<D:response><D:href>{escape(path)}</D:href><D:propstat><D:prop>{props}</D:prop>"
        "<D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )


def status(path: str, code: int) -> str:
    """A resource with a status and nothing else."""
    return f"<D:response><D:href>{escape(path)}</D:href><D:status>HTTP/1.1 {code} So</D:status></D:response>"


@dataclass
class Dav:
    """A calendar `work` in a home. Every change gets a serial number, and the token is the last of them.

    `page` is how many changes are told at once; `refuse` the status for any token; `hide` are names that are not told
    by sync-collection; `still` freezes a property (`token`, `ctag`); `lacks` turns off `sync`, `ctag` or `multiget`.
    `instead` is asked before anything else, `etag` for the ETag of an event.
    """

    events: dict[str, bytes] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    page: int = 1000
    refuse: int = 0
    hide: set[str] = field(default_factory=set)
    still: dict[str, str] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=set)
    instead: Callable[[Asked], Answer | None] = lambda _: None
    etag: Callable[[bytes], str] = lambda data: f'"{sha256(data).hexdigest()[:12]}"'
    asked: list[Asked] = field(default_factory=list)
    address: str = ""

    def put(self, name: str, data: bytes) -> None:
        self.events[name] = data
        self.log.append(name)

    def remove(self, name: str) -> None:
        del self.events[name]
        self.log.append(name)

    def account(self, path: str = HOME, **more: object) -> Account:
        """As the settings name it."""
        return Account(f"{self.address}{path}", pause=lambda _: None, **{"seconds": 5.0, **more})  # type: ignore[arg-type]

    def questions(self) -> list[str]:
        """What was asked since the last time, in short."""
        told = [f"{one.method} {one.path}" for one in self.asked]
        self.asked.clear()
        return told

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self.instead(asked) or self._answer(asked)

    def _answer(self, asked: Asked) -> Answer:
        name = asked.path.removeprefix(WORK)
        if asked.method == "GET" and name in self.events:
            return Answer(200, self.events[name], {"Content-Type": "text/calendar"})
        if asked.method == "PROPFIND" and asked.path == HOME:
            me = "<D:current-user-principal><D:href>/dav/me/</D:href></D:current-user-principal>"
            parts = [found(HOME, f"<D:resourcetype><D:collection/></D:resourcetype>{me}")]
            return multistatus(*parts, *([self._work()] if asked.headers["Depth"] == "1" else []))
        if asked.method == "PROPFIND" and asked.path == "/dav/me/":
            return multistatus(found("/dav/me/", f"<C:calendar-home-set><D:href>{HOME}</D:href></C:calendar-home-set>"))
        if asked.method == "PROPFIND" and asked.path == WORK:
            deep = asked.headers["Depth"] == "1"
            return multistatus(self._work(), *(map(self._member, self.events) if deep else ()))
        if asked.method == "REPORT" and asked.path == WORK:
            return self._report(asked)
        return Answer(404)

    def _report(self, asked: Asked) -> Answer:
        if "sync-collection" in asked.body and "sync" not in self.lacks:
            return self._sync(asked)
        if "calendar-multiget" in asked.body and "multiget" not in self.lacks:
            names = [path.rpartition("/")[2] for path in re.findall(r"<D:href>([^<]*)</D:href>", asked.body)]
            return multistatus(*(self._member(name, data=True) for name in names))
        return Answer(501)

    def _sync(self, asked: Asked) -> Answer:
        said = re.search(r"sync-token>([^<]*)<", asked.body)
        assert said is not None
        assert asked.headers["Depth"] == "0"
        if said[1] and self.refuse:
            return Answer(self.refuse, b'<D:error xmlns:D="DAV:"><D:valid-sync-token/></D:error>')
        since = int(said[1].removeprefix("t:") or 0)
        until = min(since + self.page, len(self.log))
        names = dict.fromkeys(name for name in self.log[since:until] if name not in self.hide)
        parts = [self._member(name) for name in names if said[1] or name in self.events]
        if until < len(self.log):
            parts.append(status(WORK, 507))
        return multistatus(*parts, f"<D:sync-token>t:{until}</D:sync-token>")

    def _work(self) -> str:
        token, ctag = self.still.get("token", f"t:{len(self.log)}"), self.still.get("ctag", f"c{len(self.log)}")
        props = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype><D:displayname>Work</D:displayname>"
        props += "" if "sync" in self.lacks else f"<D:sync-token>{token}</D:sync-token>"
        props += "" if "ctag" in self.lacks else f"<S:getctag>{ctag}</S:getctag>"
        return found(WORK, props)

    def _member(self, name: str, *, data: bool = False) -> str:
        if name not in self.events:
            return status(WORK + name, 404)
        text = escape(self.events[name].decode("utf-8", "replace"))
        etag = f"<D:getetag>{self.etag(self.events[name])}</D:getetag>"
        return found(WORK + name, etag + (f"<C:calendar-data>{text}</C:calendar-data>" if data else ""))


@contextmanager
def dav(certificate: ssl.SSLContext | None = None) -> Iterator[Dav]:
    """The server for as long as the block lasts; with a certificate it speaks TLS."""
    state = Dav()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
            answer = state.answer(Asked(self.command, self.path, self.headers, body))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PROPFIND = do_REPORT = handle_any  # noqa: N815 - http.server's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Whoever asked has gone away."""

    server = Quiet(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        server.socket, scheme = certificate.wrap_socket(server.socket, server_side=True), "https"
    state.address = f"{scheme}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
