"""One bounded question to a server of the web: so many bytes, so many seconds, and never where it may not go."""

from __future__ import annotations

import os
import socket
import ssl
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse, IncompleteRead
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from connectors.base import ConnectorError, PermanentError, TransientError
from connectors.calendars.errors import Unreadable
from connectors.retry import AgainError
from connectors.tls import UNKNOWN, believing, unbelieved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import BufferedIOBase
    from pathlib import Path

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
BRIEF = frozenset({502, 503, 504})
"""Answers of a gateway that may be over in seconds."""
_PATIENCE = 10.0  # seconds that a server may be silent
_CHUNK = 65_536
_DAY = 86_400
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = (".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal")
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
ENVIRONMENT = (
    "put the certificate of its authority into a file, and name that file in REQUESTS_CA_BUNDLE where Afterword runs "
    "(docs/servers.md)"
)
"""How a certificate is named for whatever is asked on the web."""
_EXPIRED, _EARLY, _NAMES = 10, 9, frozenset({62, 64})
_Kind = TypeVar("_Kind", bound=BaseException)
"""What OpenSSL calls the faults of a certificate (X509_V_ERR_…, x509_vfy.h)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may cost at most: bytes after decompression, and seconds in all."""

    size: int
    seconds: float = 30.0
    patience: float = _PATIENCE
    """Seconds that the server may be silent."""


def server(address: str) -> str:
    """The part of an address that may be told."""
    parts = urlsplit(address)
    host = f"{parts.scheme}://{parts.hostname or ''}"
    try:
        return f"{host}:{parts.port}" if parts.port else host
    except ValueError:  # no port has such a number
        return host


def named_local(address: str) -> bool:
    """Whether the user wrote what can only be meant locally: an IP of this network, `localhost`, `nas.lan`."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return not plain(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)


def plain(text: str) -> IPv4Address | IPv6Address:
    """The address behind the ways of writing an IPv4 address as one of IPv6."""
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in _NAT64:
            return IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


class Peers:
    """Whether the next connection may be made, over all redirects of one visit."""

    def __init__(self, *, local: bool) -> None:
        self.local = local
        self.redirected = False

    def allow(self, peer: str) -> None:
        """Judge by the IP address that is really connected to: a name may stand for another one every second.

        The user's own address may be of this network (a name with two meanings, inside and outside), which makes
        the source a local one. It may be this machine only where the user says so.
        """
        ip = plain(peer)
        if ip.is_global or self.local:
            return
        if not self.redirected and not ip.is_loopback and not ip.is_link_local and not ip.is_unspecified:
            self.local = True
            return
        what = "is redirected to" if self.redirected else "leads to"
        raise PermanentError(
            f"the address {what} this machine or its network ({ip})",
            "If that is meant, add `local: true` beside the address in afterword.yaml.",
        )


class Line:
    """Connections to servers, kept open between questions. Not for two threads at once.

    Environment settings for proxies and .netrc are not used, cookies are not kept, and no redirect is followed.
    `allow` sees where every new connection leads before a byte is sent, and raises where it may not lead.
    `certificate` is a file of certificates to believe beside the usual ones; `own` tells the user how to name one.

    Raises:
        PermanentError: there is no such file, or no certificate in it.
    """

    def __init__(self, allow: Callable[[str], None], certificate: Path | None = None, own: str = ENVIRONMENT) -> None:
        self._certificate = certificate
        self._own = own
        self._sockets: list[socket.socket] = []
        self._session = _Session()
        self._session.trust_env = False
        context = None if certificate is None else believing(certificate)
        self._session.mount("http://", _Adapter(allow, self._sockets))
        self._session.mount("https://", _Adapter(allow, self._sockets, context))

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    @contextmanager
    def ask(
        self, method: str, address: str, headers: Mapping[str, str], bounds: Bounds, body: bytes | None = None
    ) -> Iterator[requests.Response]:
        """An answer whose body is still to be read. The connection is cut when the time is over.

        Raises:
            ConnectorError: there is none. No message tells more of the address than its server.
        """
        over: list[bool] = []

        def cut() -> None:
            over.append(True)
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        clock = Timer(bounds.seconds, cut)
        clock.daemon = True
        clock.start()
        try:
            with self._session.request(
                method,
                address,
                data=body,
                headers={"Accept-Encoding": "gzip", **headers},
                stream=True,
                allow_redirects=False,
                timeout=bounds.patience,
                verify=_trusted(),
            ) as response:
                self._session.cookies.clear()
                yield response
        except requests.exceptions.SSLError as error:
            raise self._uncertified(error, server(address)) from error
        except (AgainError, requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise _told(error, address, bounds, over=bool(over)) from error
        finally:
            clock.cancel()
        if over:  # a body without a length looks whole when its connection is cut
            raise _late(address, bounds.seconds)

    def _uncertified(self, error: BaseException, where: str) -> PermanentError:
        """What is wrong with a certificate, and who can mend it."""
        found = _inside(error, ssl.SSLCertVerificationError)
        code = found.verify_code if found is not None else 0
        if found is not None and code in UNKNOWN and self._certificate is not None:
            return unbelieved(where, self._certificate, found.verify_message)
        if code == _EXPIRED:
            why, hint = "it has expired", "Whoever runs the server has to renew it. Is the clock of this machine right?"
        elif code == _EARLY:
            why, hint = "it is not valid yet", "Is the clock of this machine right?"
        elif code in _NAMES:
            why, hint = "it is for another name", "Write the address with the name that stands in the certificate."
        elif code in UNKNOWN:
            why = "it is signed by nobody that this machine trusts"
            hint = f"If the server is your own, {self._own}. Else somebody may be in between."
        else:
            hint = (
                "Does it speak https at this address? One in your own network that does not is written with `http://`."
            )
            return PermanentError(f"no safe connection to {where} comes about", hint)
        return PermanentError(f"the certificate of {where} is not accepted: {why}", hint)


def after(text: str) -> float | None:
    """What a Retry-After says, in seconds up to a day (RFC 9110 section 10.2.3); a date is taken as not said."""
    return float(text) if len(text) < 6 and text.isdecimal() and text.isascii() and int(text) <= _DAY else None  # noqa: PLR2004 - no more digits


def inflated(response: requests.Response, bounds: Bounds, what: str, hint: str | None = None) -> Iterator[bytes]:
    """The body, decompressed step by step, so that a small answer cannot become a huge one unseen.

    `what` it is called in messages, `hint` is the remedy where it is too large.

    Raises:
        Unreadable: it is too large, or cannot be unpacked.
        TransientError: it is cut off.
    """
    coding = response.headers.get("Content-Encoding", "identity").strip().casefold()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreadable(f"{what} is packed in a way that was not asked for: {coding[:40]}")
    packed = zlib.decompressobj(wbits=31) if coding.endswith("gzip") else None
    size = 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        rest: bytes = chunk
        while rest:
            try:
                unpacked = packed.decompress(rest, _CHUNK) if packed else rest
            except zlib.error:
                raise Unreadable(f"{what} is packed in a way that cannot be unpacked") from None
            rest = packed.unconsumed_tail if packed else b""
            size += len(unpacked)
            if size > bounds.size:
                raise Unreadable(f"{what} is larger than {bounds.size // 2**20} MB", hint)
            yield unpacked
    if packed and not packed.eof:
        raise AgainError("the answer is cut off in the middle")


class _Session(requests.Session):
    """Leaves redirects alone: requests prepares the next one, and reads all of the body, even where it is not to go."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none for requests to know of."""


class _Adapter(HTTPAdapter):
    """Shows `allow` where every new socket leads before a byte is sent, and keeps in `used` those that are used."""

    def __init__(
        self, allow: Callable[[str], None], used: list[socket.socket], context: ssl.SSLContext | None = None
    ) -> None:
        self.allow = allow
        self.used = used
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        """With connections that do so; the socket of TLS is another than the one that it was made from."""
        if self._context is not None:
            keywords["ssl_context"] = self._context
        super().init_poolmanager(*args, **keywords)
        allow, used = self.allow, self.used

        class Plain(HTTPConnection):
            response_class = _Response

            def _new_conn(self) -> socket.socket:
                return _watched(super()._new_conn(), allow, used)

        class Secure(HTTPSConnection):
            response_class = _Response

            def _new_conn(self) -> socket.socket:
                return _watched(super()._new_conn(), allow, used)

            def connect(self) -> None:
                super().connect()
                used.append(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


class _Response(HTTPResponse):
    """http.client takes a connection that is cut in the middle of a head for the end of it. Here that is an error.

    The answer would look whole, with nothing in it: `Content-Length` may be what is missing.
    """

    fp: Any

    def begin(self) -> None:
        """Read the head.

        Raises:
            IncompleteRead: it is cut off.
        """
        file = self.fp
        head = self.fp = _Head(file)
        try:
            super().begin()
        finally:
            if self.fp is head:
                self.fp = file


class _Head:
    """The lines of a head, up to the one that is empty; nothing at all is what http.client tells by itself."""

    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._begun = False
        self.close = file.close
        self.flush = file.flush

    def readline(self, size: int = -1) -> bytes:
        line = self._file.readline(size)
        if self._begun and not line.endswith(b"\n") and len(line) < size:
            raise IncompleteRead(line)
        self._begun = True
        return line


def _watched(sock: socket.socket, allow: Callable[[str], None], used: list[socket.socket]) -> socket.socket:
    try:
        allow(sock.getpeername()[0])
    except ConnectorError:
        sock.close()
        raise
    used[:] = [one for one in used if one.fileno() >= 0]
    used.append(sock)
    return sock


def _trusted() -> str | bool:
    """The certificates that the environment names, as with other programs; else those that requests brings.

    Raises:
        PermanentError: it names none.
    """
    name, bundle = next(((name, os.environ[name]) for name in _BUNDLES if os.environ.get(name)), ("", ""))
    if not bundle:
        return True
    if not os.path.exists(bundle):  # noqa: PTH110 - a name out of the environment, which may be anything
        raise PermanentError(
            f"there are no certificates in {bundle}, which {name} names",
            f"Put them there, or take {name} out of the environment in which Afterword runs.",
        )
    return bundle


def _told(error: Exception, address: str, bounds: Bounds, *, over: bool) -> ConnectorError:
    where = server(address)
    if over or isinstance(error, requests.Timeout):
        return _late(address, bounds.seconds if over else bounds.patience)
    if isinstance(error, AgainError):
        return error
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError)):
        return PermanentError(f"{where} is no address that can be asked", "Copy the address again.")
    return _unreached(error, where)


def _unreached(error: Exception, where: str) -> AgainError:
    """What may be wrong where no connection comes about, or none that lasts."""
    if _inside(error, ConnectionRefusedError):
        hint = "Correct the address, if the server runs; else it is asked again."
        return AgainError(f"{where} cannot be reached: nobody answers there", hint)
    if where.startswith("http://") and _inside(error, ConnectionError):
        hint = "If it speaks https at this address, write `https://`; else it is asked again."
        return AgainError(f"{where} breaks the connection off", hint)
    return AgainError(f"{where} cannot be reached", "Check the address, and whether this machine is online.")


def _inside(error: BaseException | None, kind: type[_Kind]) -> _Kind | None:
    """The error of this kind inside those of the libraries above it."""
    for _ in range(10):
        if error is None or isinstance(error, kind):
            return error
        inside = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((one for one in inside if isinstance(one, BaseException)), None)
    return None


def _late(address: str, seconds: float) -> TransientError:
    return TransientError(
        f"{server(address)} took longer than {seconds:g} seconds", "Nothing to do: it is asked again."
    )
