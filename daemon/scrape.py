"""One small answer over HTTP: to `GET /metrics`, and to nothing else (RFC 9112).

http.server is for threads that wait, and would cost the service megabytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "/metrics"
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
LONGEST = 8192
"""Bytes of a request's head; of what comes after it nothing is wanted."""
_PLAIN = "text/plain; charset=utf-8"
_PARTS = 3


def answer(heard: bytes, hosts: frozenset[str] | None, text: Callable[[], bytes]) -> bytes | None:
    """What to say to somebody who has said so much; None as long as that is no whole head of a request.

    `hosts` are the names by which we may be asked, where that is to be looked at; `text` makes the body.
    """
    head, end, _ = heard.partition(b"\r\n\r\n")
    if len(head) > LONGEST:
        return _response("400 Bad Request", _PLAIN, b"The request is too long.\n")
    if not end:
        return None
    first, *fields = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != _PARTS or not parts[2].startswith("HTTP/1.") or not all(map(_is_field, fields)):
        return _response("400 Bad Request", _PLAIN, b"That is no request of HTTP/1.1.\n")
    if hosts is not None and not _is_for(hosts, fields):
        return _response(
            "400 Bad Request", _PLAIN, b"Ask by the address itself, as in http://127.0.0.1:PORT/metrics.\n"
        )
    return _of(parts[0], _path(parts[1]), text)


def _of(method: str, path: str, text: Callable[[], bytes]) -> bytes:
    if path != PATH:
        return _response("404 Not Found", _PLAIN, b"There is /metrics, and nothing else.\n")
    if method not in {"GET", "HEAD"}:
        return _response(
            "405 Method Not Allowed", _PLAIN, b"There is nothing to do here but GET.\n", "Allow: GET, HEAD"
        )
    return _response("200 OK", CONTENT_TYPE, text(), bare=method == "HEAD")


def _is_for(hosts: frozenset[str], fields: list[str]) -> bool:
    named = [one.partition(":") for one in fields]
    asked = [value.strip().lower() for name, _, value in named if name.lower() == "host"]
    return len(asked) == 1 and asked[0] in hosts


def _is_field(line: str) -> bool:
    name, colon, _ = line.partition(":")
    return bool(colon and name) and not any(letter.isspace() for letter in name)


def _path(target: str) -> str:
    """Of a target in either form: `/metrics?x`, or with the authority before it (RFC 9112, section 3.2.2)."""
    if target.lower().startswith("http://"):
        target = "/" + target[7:].partition("/")[2]
    return target.partition("?")[0]


def _response(status: str, kind: str, body: bytes, *more: str, bare: bool = False) -> bytes:
    fields = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close", *more)
    head = "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode()
    return head if bare else head + body
