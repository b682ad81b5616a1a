"""The one way to Google: so many bytes, so many seconds, no redirect, no repetition, and only what the gate lets pass.

It stands where google-api-python-client expects an `httplib2.Http`. httplib2 itself sends a request again when the
connection breaks, a POST as well: a draft would be made twice.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import httplib2
import requests
from google.auth import exceptions, transport
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from connectors.base import ConnectorError, PermanentError, TransientError
from connectors.google.gate import RefusedError
from connectors.retry import AgainError
from connectors.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.auth.credentials import Credentials

    from connectors.google.gate import Gate

LARGEST = 64 * 2**20
"""Bytes of an answer, after decompression."""
WAITS = Waits(connect=20, silence=20, answer=60)
"""Those of a cycle."""
_CHUNK = 65_536
_LONGEST_LIFE = 366 * 24 * 3600
"""Seconds that an access token may last; Google's last an hour."""
_OK = 200
_UNAUTHORISED = 401
_BRIEF = frozenset({408, 429, 500, 502, 503, 504})
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_HINT = "Nothing to do: it is asked again."


class Transport:
    """Asks Google with the credentials of one account. Not for two threads at once."""

    timer = Timer
    """What cuts a connection when the time is over."""

    def __init__(
        self,
        credentials: Credentials,
        gate: Gate,
        *,
        largest: int = LARGEST,
        waits: Waits = WAITS,
    ) -> None:
        self.credentials = credentials
        self._gate = gate
        self._largest = largest
        self._waits = waits
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc: its password would stand in place of the token
        self._adapter = _Adapter()
        self._session.mount("http://", self._adapter)
        self._session.mount("https://", self._adapter)

    def request(
        self,
        uri: str,
        method: str = "GET",
        body: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        **_: Any,
    ) -> tuple[httplib2.Response, bytes]:
        """Ask once, with a token that is fresh; one that is refused is renewed once, since nothing was done then.

        Raises:
            RefusedError: it is not on the list; nothing left this machine.
            ConnectorError: no answer came.
            google.auth.exceptions.GoogleAuthError: no token could be had.
        """
        given = dict(headers or {})
        self._gate.check(method, uri, given)
        for last in (False, True):
            told = dict(given)
            self.credentials.before_request(self._renew, method, uri, told)
            status, fields, content = self._send(method, uri, body, told)
            if status != _UNAUTHORISED or last:
                break
            self.credentials.refresh(self._renew)
        return httplib2.Response({**fields, "status": str(status)}), content

    def token(self, *, anew: bool = False) -> str:
        """An access token that is fresh, for what is asked of Google in another way than this: over IMAP.

        `anew`: another than the one of before, which was refused.

        Raises:
            ConnectorError: no answer came.
            google.auth.exceptions.GoogleAuthError: no token could be had.
        """
        if anew or not self.credentials.valid:
            self.credentials.refresh(self._renew)
        return str(self.credentials.token)

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _renew(self, url: str, method: str = "GET", body: Any = None, headers: Any = None, **_: Any) -> _Answer:
        """How google-auth asks for a token, where the client or the key says.

        It sees good answers only. Of others it would ask again by a policy of its own, sleep, and take what is no
        token for one.
        """
        if method != "POST" or not self._gate.renews(url):
            raise RefusedError(f"{method} {url} is not on the list")
        try:
            status, fields, content = self._send(method, url, body, dict(headers or {}))
            check_token(status, content)
        except TransientError as error:
            raise exceptions.TransportError(error) from error
        return _Answer(status, fields, content)

    def _send(self, method: str, uri: str, body: Any, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        with (
            self._bounded(),
            self._session.request(
                method,
                uri,
                data=body,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(self._waits.connect, self._waits.silence),
                **_surroundings(uri),
            ) as response,
        ):
            fields = {name.casefold(): value for name, value in response.headers.items()}
            fields.pop("content-encoding", None)
            return response.status_code, fields, self._read(response)

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """The connection is cut when the time is over, and what went wrong is told in the words of the house."""
        over: list[bool] = []

        def cut() -> None:
            over.append(True)
            self._adapter.cut()

        clock = self.timer(self._waits.answer, cut)
        clock.daemon = True
        clock.start()
        try:
            yield
        except (ConnectorError, requests.RequestException, HTTPError, OSError) as error:
            if isinstance(error, ConnectorError) and not over:
                raise
            raise self._told(error, over=bool(over)) from error
        finally:
            clock.cancel()
        if over:  # a body without a length looks whole when its connection is cut
            raise self._told(None, over=True)

    def _read(self, response: requests.Response) -> bytes:
        read = bytearray()
        for chunk in response.iter_content(_CHUNK):
            read += chunk
            if len(read) > self._largest:
                raise PermanentError(f"an answer of Google is larger than {self._largest // 2**20} MB",
                                     "Please report this: no answer should be so large.")  # fmt: skip
        length = response.headers.get("Content-Length", "")
        if length.isdigit() and response.raw.tell() < int(length):
            raise AgainError("Google's answer was cut off", _HINT)
        return bytes(read)

    def _told(self, error: Exception | None, *, over: bool) -> ConnectorError:
        if over:
            return TransientError(f"Google's answer took longer than {self._waits.answer:g} seconds", _HINT)
        if isinstance(error, requests.exceptions.SSLError):
            return PermanentError(
                "the certificate of Google's server is not accepted",
                "Somebody may be in between: a firewall that opens connections, or a clock that is wrong.",
            )
        if isinstance(error, requests.Timeout):
            return AgainError(f"Google did not answer for {self._waits.silence:g} seconds", _HINT)
        return AgainError("Google cannot be reached", "Check whether this machine is online.")


def _surroundings(uri: str) -> dict[str, Any]:
    """The proxy and the certificates that the environment names, as the consent uses them; none leads to ourselves."""
    bundle = next((os.environ[name] for name in _BUNDLES if os.environ.get(name)), True)
    proxies = {} if urlsplit(uri).hostname in _HERE else get_environ_proxies(uri)
    return {"proxies": proxies, "verify": bundle}


def check_token(status: int, content: bytes) -> None:
    """Whether the token endpoint has answered with a token (RFC 6749 section 5.1).

    Raises:
        RefreshError: it is an error of the token endpoint (section 5.2); with its document.
        TransientError: it is neither.
    """
    if status in _BRIEF:
        raise AgainError(f"Google gives no access token just now ({status})", _HINT)
    try:
        document = json.loads(content)
        lasts = float(document.get("expires_in", 1))
        if status == _OK and isinstance(document["access_token"], str) and 0 < lasts <= _LONGEST_LIFE:
            return
        code = document["error"]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        code = None
    if not isinstance(code, str):
        raise TransientError(f"Google's answer to the question for an access token cannot be read ({status})", _HINT)
    raise exceptions.RefreshError(code, document)


class _Adapter(HTTPAdapter):
    """Knows the sockets of its connections, so that they can be cut from outside."""

    def __init__(self) -> None:
        self._sockets: WeakKeyDictionary[HTTPConnection, socket.socket] = WeakKeyDictionary()
        super().__init__()

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        """With connections that tell of their sockets; those of TLS are others than what they were made from."""
        super().init_poolmanager(*args, **keywords)
        sockets = self._sockets

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                sockets[self] = self.sock

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets[self] = self.sock

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    def cut(self) -> None:
        """End all connections: whoever waits for an answer waits no more."""
        for one in list(self._sockets.values()):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Answer(transport.Response):
    """An answer as google-auth wants to see it."""

    def __init__(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self._status, self._headers, self._data = status, headers, data

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return self._status

    @property
    def headers(self) -> dict[str, str]:
        """The header fields."""
        return self._headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._data
