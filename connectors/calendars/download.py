"""One bounded download: so many bytes, so many seconds, so many redirects, and never where it may not go."""

from __future__ import annotations

import socket
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.calendars.errors import Unreadable
from connectors.retry import AgainError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_REDIRECTS = 5
_PATIENCE = 10.0  # seconds that a server may be silent
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED = 304
_BRIEF = frozenset({502, 503, 504})
_NAT64 = IPv6Network("64:ff9b::/96")
_LOCAL_NAMES = (".localhost", ".local", ".lan", ".home", ".home.arpa", ".internal")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a download may cost at most: bytes after decompression, and seconds in all."""

    size: int
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent; `body` is None where nothing was modified."""

    body: bytes | None
    etag: str
    modified: str


def download(address: str, headers: Mapping[str, str], bounds: Bounds, *, local: bool) -> Answer:
    """Fetch an http(s) address. `local` allows addresses of this machine and this network, for redirects too.

    Environment settings for proxies and .netrc are not used, cookies are not kept, and a password in the address
    goes to no other server.

    Raises:
        ConnectorError: in its kinds, each with the remedy. No message tells more of the address than its server,
            because the path of a calendar address is often its key.
    """
    try:
        visit = _Visit(local=local or _named_local(address))
    except ValueError:
        raise PermanentError("the address of the calendar cannot be read", "Copy the address again.") from None
    for _ in range(MAX_REDIRECTS + 1):
        with visit.response(address, headers, bounds) as response:
            if response.status_code not in _REDIRECTS:
                return _answer(response, bounds, address)
            address = _next(address, response.headers.get("Location", ""))
        visit.redirected = True
    raise PermanentError(
        f"{server(address)} redirects more than {MAX_REDIRECTS} times",
        "Open the address in a browser and use the one where it ends.",
    )


def server(address: str) -> str:
    """The part of an address that may be told."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}"


class _Visit:
    """Whether the next connection may be made, over all redirects of one download."""

    def __init__(self, *, local: bool) -> None:
        self.local = local
        self.redirected = False

    def allow(self, peer: str) -> None:
        """Judge by the IP address that is really connected to: a name may stand for another one every second.

        The user's own address may be of this network (a name with two meanings, inside and outside), which makes
        the source a local one. It may be this machine only where the user says so.
        """
        ip = _plain(peer)
        if ip.is_global or self.local:
            return
        if not self.redirected and not ip.is_loopback and not ip.is_link_local and not ip.is_unspecified:
            self.local = True
            return
        what = "is redirected to" if self.redirected else "leads to"
        raise PermanentError(
            f"the address {what} this machine or its network ({ip})",
            "If that is meant, add `local: true` to this calendar in afterword.yaml.",
        )

    @contextmanager
    def response(self, address: str, headers: Mapping[str, str], bounds: Bounds) -> Iterator[requests.Response]:
        """An answer whose body is still to be read. The connection is cut when the time is over."""
        sockets: list[socket.socket] = []
        over: list[bool] = []

        def cut() -> None:
            over.append(True)
            for sock in sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

        clock = Timer(bounds.seconds, cut)
        clock.daemon = True
        session = _Session()
        session.trust_env = False
        session.mount("http://", _Adapter(self.allow, sockets))
        session.mount("https://", _Adapter(self.allow, sockets))
        clock.start()
        try:
            with (
                session,
                session.get(
                    address,
                    headers={"Accept": "text/calendar, */*;q=0.5", "Accept-Encoding": "gzip", **headers},
                    stream=True,
                    allow_redirects=False,
                    timeout=_PATIENCE,
                ) as response,
            ):
                yield response
        except (AgainError, requests.RequestException, HTTPError, OSError, UnicodeError) as error:
            raise _told(error, address, bounds, over=bool(over)) from error
        finally:
            clock.cancel()
        if over:  # a body without a length looks whole when its connection is cut
            raise _late(address, bounds.seconds)


class _Session(requests.Session):
    """Leaves redirects alone: requests prepares the next one, and reads all of the body, even where it is not to go."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """There is none for requests to know of."""


class _Adapter(HTTPAdapter):
    """Shows `allow` where every new socket leads before a byte is sent, and keeps in `used` those that are used."""

    def __init__(self, allow: Callable[[str], None], used: list[socket.socket]) -> None:
        self.allow = allow
        self.used = used
        super().__init__()

    def init_poolmanager(self, *args: Any, **keywords: Any) -> None:
        """With connections that do so; the socket of TLS is another than the one that it was made from."""
        super().init_poolmanager(*args, **keywords)
        allow, used = self.allow, self.used

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _watched(super()._new_conn(), allow, used)

        class Secure(HTTPSConnection):
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


def _watched(sock: socket.socket, allow: Callable[[str], None], used: list[socket.socket]) -> socket.socket:
    try:
        allow(sock.getpeername()[0])
    except ConnectorError:
        sock.close()
        raise
    used.append(sock)
    return sock


def _plain(text: str) -> IPv4Address | IPv6Address:
    """The address behind the ways of writing an IPv4 address as one of IPv6."""
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in _NAT64:
            return IPv4Address(int(found) & 0xFFFFFFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def _named_local(address: str) -> bool:
    """Whether the user wrote what can only be meant locally: an IP of this network, `localhost`, `nas.lan`."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        return not _plain(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)


def _next(address: str, location: str) -> str:
    """Where a redirect leads. What is secret about the old address is for its own server only."""
    hint = "Open the address in a browser and use the one where it ends."
    if not location:
        raise PermanentError(f"{server(address)} redirects without saying where", hint)
    try:
        old, new = urlsplit(address), urlsplit(urljoin(address, location))
        same = (old.scheme, old.hostname, old.port) == (new.scheme, new.hostname, new.port)
    except ValueError:
        raise PermanentError(f"{server(address)} redirects to an address that cannot be read", hint) from None
    if new.scheme not in {"http", "https"} or not new.hostname:
        raise PermanentError(f"{server(address)} redirects to something that is not a web address", hint)
    if old.scheme == "https" and new.scheme == "http":
        raise PermanentError(f"{server(address)} redirects from https to http, where anybody could read along", hint)
    netloc = new.netloc.rpartition("@")[2]
    if same and "@" in old.netloc:
        netloc = f"{old.netloc.rpartition('@')[0]}@{netloc}"
    return urlunsplit((new.scheme, netloc, new.path, new.query, ""))


def _answer(response: requests.Response, bounds: Bounds, address: str) -> Answer:
    if response.status_code == _NOT_MODIFIED:
        return Answer(None, "", "")
    if response.status_code != requests.codes.ok:
        raise _refused(response.status_code, address)
    body = b"".join(_inflated(response, bounds))
    return Answer(body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))


def _inflated(response: requests.Response, bounds: Bounds) -> Iterator[bytes]:
    """The body, decompressed step by step, so that a small answer cannot become a huge one unseen."""
    coding = response.headers.get("Content-Encoding", "identity").strip().casefold()
    if coding not in {"", "identity", "gzip", "x-gzip"}:
        raise Unreadable(f"the calendar is packed in a way that was not asked for: {coding[:40]}")
    packed = zlib.decompressobj(wbits=31) if coding.endswith("gzip") else None
    size = 0
    for chunk in response.raw.stream(_CHUNK, decode_content=False):
        rest: bytes = chunk
        while rest:
            try:
                plain = packed.decompress(rest, _CHUNK) if packed else rest
            except zlib.error:
                raise Unreadable("the calendar is packed in a way that cannot be unpacked") from None
            rest = packed.unconsumed_tail if packed else b""
            size += len(plain)
            if size > bounds.size:
                raise Unreadable(
                    f"the calendar is larger than {bounds.size // 2**20} MB",
                    "Subscribe to a calendar with fewer years in it.",
                )
            yield plain
    if packed and not packed.eof:
        raise AgainError("the answer is cut off in the middle")


def _refused(status: int, address: str) -> ConnectorError:
    where = server(address)
    if status in {401, 403}:
        return PermissionNeededError(
            f"{where} does not let us read the calendar ({status})",
            "Copy the secret iCal address again from the calendar's settings: it may have been reset.",
        )
    if status in {404, 410}:
        return PermanentError(
            f"{where} has no calendar at this address ({status})",
            "Copy the address again from the calendar's settings.",
        )
    if status in _BRIEF:
        return AgainError(f"{where} cannot answer just now ({status})")
    if status in {408, 429} or status >= requests.codes.server_error:
        return TransientError(f"{where} cannot answer now ({status})", "Nothing to do: it is asked again.")
    return PermanentError(f"{where} gave no calendar but the answer {status}", "Open the address in a browser.")


def _told(error: Exception, address: str, bounds: Bounds, *, over: bool) -> ConnectorError:
    where = server(address)
    if over or isinstance(error, requests.Timeout):
        return _late(address, bounds.seconds if over else _PATIENCE)
    if isinstance(error, AgainError):
        return error
    if isinstance(error, requests.exceptions.SSLError):
        return PermanentError(
            f"the certificate of {where} is not accepted",
            "Open the address in a browser: the certificate may have expired, or the name in the address be wrong.",
        )
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError)):
        return PermanentError(f"{where} is no address that can be asked", "Copy the address again.")
    return AgainError(f"{where} cannot be reached", "Check the address, and whether this machine is online.")


def _late(address: str, seconds: float) -> TransientError:
    return TransientError(
        f"{server(address)} took longer than {seconds:g} seconds", "Nothing to do: it is asked again."
    )
