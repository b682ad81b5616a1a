"""A calendar on the web: a server on 127.0.0.1 in a process of its own, which ends with the one that asked for it."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from tests.connectors.calendars.web import reply, serving
from tests.daemon.crash.apart import fork

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path


def published(file: Path) -> str:
    """The address of the calendar in this file, as it is when it is asked for."""
    reader, writer = os.pipe()
    ours_ends, ours = os.pipe()
    if fork() == 0:
        try:
            os.close(ours)
            with serving(_of(file)) as web:
                os.write(writer, web.address.encode())
                os.close(writer)
                os.read(ours_ends, 1)  # nothing comes: it returns when the last of the others has ended
        finally:
            os._exit(0)
    os.close(writer)
    os.close(ours_ends)
    with os.fdopen(reader) as pipe:
        return pipe.read()


def _of(file: Path) -> Callable[[BaseHTTPRequestHandler], None]:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        body = file.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if handler.headers.get("If-None-Match") == etag:
            reply(handler, 304, ETag=etag)
        else:
            reply(handler, 200, body, ETag=etag)

    return answer
