"""The socket on which systemd would listen, and what came to it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Self

from tests.daemon.serving import LIMIT

if TYPE_CHECKING:
    from pathlib import Path


class Manager:
    """One datagram after the other, each as its assignments. Signs of life are counted apart."""

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "notify")
        self.heard: list[dict[str, str]] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address)
        self._socket.settimeout(LIMIT)

    @property
    def environment(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address}

    def next(self) -> dict[str, str]:
        """The next datagram; fails when none comes for too long."""
        told = dict(line.split("=", 1) for line in self._socket.recv(8192).decode().split("\n"))
        self.heard.append(told)
        return told

    def until(self, name: str, value: str = "1") -> dict[str, str]:
        """The next datagram with this assignment, or one that begins so."""
        while not (told := self.next()).get(name, "\0").startswith(value):
            pass
        return told

    def pending(self) -> list[dict[str, str]]:
        """What has come by now."""
        self._socket.settimeout(0)
        before = len(self.heard)
        try:
            while True:
                self.next()
        except BlockingIOError:
            return self.heard[before:]
        finally:
            self._socket.settimeout(LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
