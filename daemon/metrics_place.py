"""Where the metrics are told: a port that only this machine reaches, or a Unix socket that only the user does."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from daemon import log
from daemon.failure import ExitCode, Failure
from daemon.socket_file import SocketFile

if TYPE_CHECKING:
    from daemon.answering import Listening

_AT_ONCE = 8
_FORMS = "Write 127.0.0.1:PORT, [::1]:PORT, or the path of a Unix socket, with a / in it."
_LARGEST_PORT = 65535


class Port:
    """A port of the machine itself that listens."""

    def __init__(self, address: tuple[str, int]) -> None:
        """Listen there.

        Raises:
            OSError: another program does, or it is not allowed.
        """
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.channel = socket.socket(family, socket.SOCK_STREAM)
        try:
            self.channel.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.channel.bind(address)
            self.channel.listen(_AT_ONCE)
            self.channel.setblocking(False)  # noqa: FBT003 - the socket's own signature
        except OSError:
            self.channel.close()
            raise

    def at_hand(self) -> bool:
        """It has no file that could be taken away."""
        return True

    def close(self) -> None:
        """Listen no more."""
        self.channel.close()


class Place:
    """What `--metrics` names. `hosts` are the names by which it may be asked for; None: by any."""

    def __init__(self, where: str, what: str = "metrics") -> None:
        """Understand it; `what` is told there, in the plural.

        Raises:
            Failure: it is no such place, or one that other machines reach (exit code 2).
        """
        self.where = where
        self.path, self.address = "", ("", 0)
        if "/" in where:
            self.path = os.path.abspath(where)  # noqa: PTH100 - pathlib costs the service 2 MB
        else:
            self.address = _address(where, what)
        self.hosts: frozenset[str] | None = None

    def listen(self) -> Listening:
        """A socket there.

        Raises:
            OSError: it cannot be had.
        """
        if self.path:
            made: Listening = SocketFile(self.path)
            log.write("info", "metrics.served", where=self.path)
            return made
        port = Port(self.address)
        host, number = port.channel.getsockname()[:2]
        self.hosts = _hosts(host, number)
        log.write("info", "metrics.served", where=f"{_bracketed(host)}:{number}")
        return port

    def failed(self, error: OSError) -> None:
        """Say that it cannot be had. The service has other work, and tries again with each cycle."""
        hint = "name another place with --metrics, or end what is there; it is tried again with each cycle"
        log.write("warning", "metrics.unserved", where=self.where, why=error.strerror or str(error), hint=hint)


def _address(where: str, told: str) -> tuple[str, int]:
    host, colon, port = where.rpartition(":")
    if not colon or not (port.isascii() and port.isdecimal()) or int(port) > _LARGEST_PORT:
        raise Failure(ExitCode.USAGE, f"'{where}' is no place for {told}", _FORMS)
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not _is_loopback(bare, host):
        what = f"'{host}' is no address of this machine alone (127.0.0.1, [::1])"
        raise Failure(ExitCode.USAGE, f"{what}, and the {told} are for nobody else", _FORMS)
    return bare, int(port)


def _is_loopback(bare: str, host: str) -> bool:
    """By its number: a name may come to lead anywhere."""
    try:
        if bare != host:
            return socket.inet_pton(socket.AF_INET6, bare) == socket.inet_pton(socket.AF_INET6, "::1")
        return socket.inet_pton(socket.AF_INET, host)[0] == 127  # noqa: PLR2004 - 127.0.0.0/8, RFC 1122
    except OSError:
        return False


def _hosts(host: str, port: int) -> frozenset[str]:
    """A page of the web may have its own name lead here (DNS rebinding); it is asked for by that name then."""
    names = {"localhost", _bracketed(host)}
    return frozenset(names | {f"{name}:{port}" for name in names})


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
