"""What was said in the clear counts for nothing once the connection is encrypted: anybody may have said it."""

from __future__ import annotations

import socket
import ssl
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from connectors.base import TransientError
from connectors.imap.client import Security, Server
from connectors.imap.session import Session
from tests.certificate import certified
from tests.imap.programs import PASSWORD
from tests.imap.scripted import CAPABLE, GREETING

if TYPE_CHECKING:
    from pathlib import Path


CLEAR = CAPABLE.replace(b"rev1", b"rev1 STARTTLS")


def test_what_comes_with_the_answer_to_starttls_is_dropped(tmp_path: Path) -> None:
    certified(file := tmp_path / "certificate.pem")
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        connection.sendall(GREETING)
        for answer in (CLEAR, b"TAG OK begin\r\n* BYE said by somebody\r\n"):
            answered(connection, answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        with context.wrap_socket(connection, server_side=True) as encrypted:
            for answer in (CAPABLE, CAPABLE, b"TAG NO [LIMIT] too many of you\r\n"):
                answered(encrypted, answer)

    thread = Thread(target=serve)
    thread.start()
    server = Server("127.0.0.1", "robin", lambda: PASSWORD, Security.STARTTLS, listening.getsockname()[1], file)
    with pytest.raises(TransientError, match="too many of you"):
        Session(server)
    thread.join()
    listening.close()


def answered(connection: socket.socket, answer: bytes) -> None:
    """Answer a line."""
    tag = connection.recv(1000).split(b" ")[0]
    connection.sendall(answer.replace(b"TAG", tag))
