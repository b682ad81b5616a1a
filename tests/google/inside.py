"""The stand-in in the process of its client: everything but the socket is real, and thousands of cycles are cheap.

The place is an adapter of requests, as `connectors.google.transport` mounts one: requests are built, let through the
gate, repeated and understood as ever.
"""

from __future__ import annotations

from email.message import Message
from io import BytesIO
from threading import Timer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

from connectors.google.account import Account
from connectors.google.permission import Consent
from daemon.connect import Connect
from daemon.view import House
from tests.google.faults import Cut
from tests.google.serving import Asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration
    from connectors.google.scopes import Service
    from connectors.google.transport import Transport
    from connectors.waits import Waits
    from tests.google.answers import Answer
    from tests.google.serving import Work


class Inside(HTTPAdapter):
    """Hands each request to `work` in place of a connection."""

    def __init__(self, work: Callable[[Asked], Work]) -> None:
        self._work = work
        super().__init__()

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """See `HTTPAdapter.send`.

        Raises:
            requests.ConnectionError: the connection ended without an answer.
        """
        answer, cut = self._work(_asked(request))
        if answer is None or cut in {Cut.BEFORE, Cut.DONE}:
            raise requests.ConnectionError("the connection was cut", request=request)
        return self.build_response(request, _written(answer, half=cut is Cut.HALF))


def _asked(request: requests.PreparedRequest) -> Asked:
    parts = urlsplit(request.url or "")
    body = request.body or b""
    headers = Message()
    for name, value in request.headers.items():
        headers[name] = value if isinstance(value, str) else value.decode()
    query = parse_qs(parts.query, keep_blank_values=True)
    raw = body.encode() if isinstance(body, str) else bytes(body)
    return Asked(request.method or "", unquote(parts.path), query, raw, parts.path, headers)


def _written(answer: Answer, *, half: bool) -> HTTPResponse:
    body = answer.body()
    headers = {**answer.headers, "Content-Type": "application/json; charset=UTF-8"}
    if answer.status != 204:
        headers["Content-Length"] = str(len(body))
    told = BytesIO(body[: len(body) // 2] if half else body)
    return HTTPResponse(told, headers, answer.status, preload_content=False)


class _ConsentInside(Consent):
    """The user's consent; its way to Google leads to `inside`."""

    inside: Inside

    def transport(self, service: Service, endpoint: str | None, waits: Waits | None = None) -> Transport:
        """See `Permission.transport`."""
        transport = super().transport(service, endpoint, waits)
        transport._session.mount("http://", self.inside)
        transport.timer = _NoTimer
        return transport


class _NoTimer(Timer):
    """There is no connection to be cut, and a thread for each of thousands of requests takes a fifth of their time."""

    def start(self) -> None:
        """Nothing begins."""


class _Kept:
    """A resource of google-api-python-client whose parts are made once: to make them takes longer than to ask."""

    def __init__(self, resource: Any) -> None:
        self._resource = resource
        self._parts: dict[str, _Kept] = {}

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._resource, name)
        if not hasattr(found, "__is_resource__"):
            return found
        if name not in self._parts:
            self._parts[name] = _Kept(found())
        return lambda: self._parts[name]


class _Way:
    """Leads to the transport of the present account."""

    def __init__(self) -> None:
        self.request: Callable[..., Any] = lambda: None


class _BuiltOnce(Account):
    """Google's descriptions of its interfaces are read once for all accounts of a process, and not in each cycle."""

    built: ClassVar[dict[tuple[str, str | None], tuple[_Kept, _Way]]] = {}

    def _service(self, service: Service, name: str, version: str, path: str = "") -> Any:
        transport = self._permission.transport(service, self._endpoint)
        key = name, self._endpoint
        if key not in self.built:
            built, way = super()._service(service, name, version, path), _Way()
            built._http = way
            self.built[key] = _Kept(built), way
        kept, way = self.built[key]
        way.request = transport.request
        return kept


class ConnectInside(Connect):
    """The connectors of a configuration, as every cycle makes them anew. It waits nowhere; `now` is its clock."""

    def __init__(
        self, configuration: Configuration, state: Path, work: Callable[[Asked], Work], now: Callable[[], datetime]
    ) -> None:
        super().__init__(configuration, state, write=True, now=now)
        consent = _ConsentInside(state, now)
        consent.inside = Inside(work)
        self._account = _BuiltOnce(consent, configuration.google.endpoint, pause=lambda _: None)

    def house(self) -> House:
        """See `daemon.sight.house_of`."""
        return House(self._configuration, self.calendars(), self.address_books(), self.mailbox())
