"""Where the page listens: a port of the machine itself, a Unix socket, or what systemd has opened for it."""

from __future__ import annotations

import errno
import os
import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure
from daemon.metrics_place import Place, Port
from daemon.review.guard import Places
from daemon.socket_file import SocketFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daemon.answering import Listening

PORT = 8377
DEFAULT = f"127.0.0.1:{PORT}"
_FIRST_DESCRIPTOR = 3
"""Of those that systemd hands over (sd_listen_fds(3))."""
_AUTHORITY = re.compile(
    r"(?P<host>[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
)
"""Host and port, of letters as they go over the net: a name with others is written as `xn--…`."""
_USUAL = {"http": 80, "https": 443}
_LAST_PORT = 65535
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Ear:
    """A socket that listens, and by which addresses it is reached. `handed`: systemd opened it, and starts us again."""

    channel: socket.socket
    places: Places
    where: str
    handed: bool = False
    made: Listening | None = None

    def close(self) -> None:
        """Listen no more; a socket's file of ours goes."""
        if self.made is not None:
            self.made.close()
        else:
            self.channel.close()


class TakenError(Exception):
    """Somebody listens there already: perhaps a page of the same state."""


def listen(where: str, origins: Iterable[str] = ()) -> Ear:
    """Listen there. `origins` are further addresses by which the user's browser reaches it.

    Raises:
        Failure: it is no such place, or one that other machines reach, or an origin is none (2); it cannot be had
            (75, 77).
        TakenError: somebody listens there.
    """
    further = _origins(origins)
    place = Place(where, "pages")
    try:
        made: Listening = SocketFile(place.path) if place.path else Port(place.address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise TakenError(where) from None
        code = ExitCode.PERMISSION_NEEDED if error.errno in {errno.EACCES, errno.EPERM} else ExitCode.CANNOT_NOW
        raise Failure(
            code,
            f"the page cannot listen at {where}: {(error.strerror or str(error)).lower()}",
            "Choose another place: `--listen 127.0.0.1:0` takes any port that is free.",
        ) from None
    if place.path:
        return Ear(made.channel, _places(PORT, further), place.path, made=made)
    host, port = made.channel.getsockname()[:2]
    own = f"http://{_bracketed(host)}:{port}"  # all of 127.0.0.0/8 is this machine: 127.0.0.2 is a name of its own
    return Ear(made.channel, _places(port, {own, *further}), f"{_bracketed(host)}:{port}", made=made)


def handed(environment: Mapping[str, str], origins: Iterable[str] = ()) -> Ear | None:
    """The socket that systemd has opened for this process (sd_listen_fds(3)); None where it has not.

    Raises:
        Failure: it has opened one that other machines reach, or more than one (78); an origin is none (2).
    """
    if environment.get("LISTEN_PID") != str(os.getpid()):
        return None
    if environment.get("LISTEN_FDS") != "1":
        raise _refused(f"{environment.get('LISTEN_FDS')} sockets are handed over")
    further = _origins(origins)
    channel = socket.socket(fileno=_FIRST_DESCRIPTOR)
    channel.set_inheritable(False)
    channel.setblocking(False)  # noqa: FBT003 - the socket's own signature
    if channel.family == socket.AF_UNIX:
        return Ear(channel, _places(PORT, further), str(channel.getsockname()), handed=True)
    if channel.family not in {socket.AF_INET, socket.AF_INET6}:
        raise _refused("a socket of another kind is handed over")
    host, port = channel.getsockname()[:2]
    if host not in _LOOPBACK:
        raise _refused(f"a socket at {host} is handed over, which other machines reach")
    return Ear(channel, _places(port, further), f"{_bracketed(host)}:{port}", handed=True)


def _refused(what: str) -> Failure:
    hint = f"Let the socket unit have one line, `ListenStream={DEFAULT}`."
    return Failure(ExitCode.CONFIGURATION_WRONG, what, hint)


def _places(port: int, further: Iterable[str]) -> Places:
    ours = (f"http://{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))
    return Places(frozenset((*ours, *further)), f"afterword-{port}")


def _origins(written: Iterable[str]) -> frozenset[str]:
    """Addresses as a browser writes them in Origin (RFC 6454 section 6.2).

    Raises:
        Failure: one is none, or no browser would ever write it so (2).
    """
    return frozenset(map(_origin, written))


def _origin(written: str) -> str:
    scheme, _, rest = written.strip().lower().removesuffix("/").partition("://")
    found = _AUTHORITY.fullmatch(rest)
    port = int(found["port"] or _USUAL.get(scheme, 0)) if found else 0
    host = _as_browsers_write(found["host"]) if found else ""
    if scheme not in _USUAL or not host or not 0 < port <= _LAST_PORT:
        raise Failure(
            ExitCode.USAGE,
            f"--origin: '{written}' is no address of a page",
            "Write scheme, host and port, and nothing else, as your browser shows them: "
            "`--origin http://localhost:9000`.",
        )
    return f"{scheme}://{host}" if port == _USUAL[scheme] else f"{scheme}://{host}:{port}"


def _as_browsers_write(host: str) -> str:
    """A name as it is, an address of IPv6 in its shortest form; empty where it is none."""
    if not host.startswith("["):
        return host
    try:
        return f"[{ip_address(host[1:-1])}]"
    except ValueError:
        return ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
