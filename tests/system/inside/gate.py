"""Stands before the mail server in the machine, and stops for ever where it is told to, around a draft being laid down.

/run/gate says where: `before` the draft gets to the server, or `after` it has, before the answer gets back. Once it
stands there, /run/gate.held is there.
"""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Thread

HERE, SERVER = ("127.0.0.1", 143), ("127.0.0.1", 1143)
ORDER, HELD = Path("/run/gate"), Path("/run/gate.held")


def ordered(where: str) -> bool:
    """Whether it is to stop there."""
    return ORDER.exists() and ORDER.read_text().strip() == where


def received(end: socket.socket) -> bytes:
    """What comes next; nothing where the other side has hung up."""
    try:
        return end.recv(65_536)
    except OSError:
        return b""


class Conversation:
    """One connection."""

    def __init__(self, client: socket.socket) -> None:
        self.client, self.server = client, socket.create_connection(SERVER)
        self.laying = False
        Thread(target=self.asks, daemon=True).start()
        Thread(target=self.answers, daemon=True).start()

    def asks(self) -> None:
        """What the client says to the server."""
        while said := received(self.client):
            if b" APPEND " in said.upper():
                self.laying = True
                if ordered("before"):
                    HELD.touch()
                    return
            self.server.sendall(said)
        self.server.close()

    def answers(self) -> None:
        """What the server answers."""
        while told := received(self.server):
            if self.laying and b" OK " in told and ordered("after"):
                HELD.touch()
                return
            self.client.sendall(told)
        self.client.close()


with socket.create_server(HERE) as listening:
    while True:
        Conversation(listening.accept()[0])
