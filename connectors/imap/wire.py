"""The bytes of a connection: read into a buffer of our own, and not without end before the server has said hello."""

from __future__ import annotations

import math
import ssl
import time
from typing import TYPE_CHECKING, Any

from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

if TYPE_CHECKING:
    import socket

_BEGINNING = 3
"""So many times the wait for a connection the beginning may take in all: a server may say a byte now and then."""
_LONGEST_LINE = 1_000_000
_PIECE = 1 << 16


class Wire:
    """What imaplib reads with. It can tell what has come already, which a poll of the socket does not see."""

    _timeout: float
    """Seconds that are waited for a connection: IMAPClient keeps them before it connects."""

    @property
    def sock(self) -> socket.socket:
        """The socket. With another one (STARTTLS) what the one before said is dropped: anybody may have said it."""
        return self._sock

    @sock.setter
    def sock(self, sock: socket.socket) -> None:
        self._sock = sock
        self._held = bytearray()

    def open(self, *place: Any, **more: Any) -> None:
        """Connect; from now on it is not waited for ever."""
        self._until = time.monotonic() + _BEGINNING * self._timeout
        super().open(*place, **more)  # type: ignore[misc] # imaplib's, which it is mixed into

    def begun(self) -> None:
        """The beginning is over: whoever asks minds the time."""
        self._until = math.inf

    def read(self, size: int) -> bytes:
        """So many bytes; fewer where the connection has ended."""
        while len(self._held) < size and self._more():
            pass
        return self._take(size)

    def readline(self) -> bytes:
        """A line with its end; without where the connection has ended."""
        seen = 0
        while (end := self._held.find(b"\n", seen)) < 0:
            seen = len(self._held)
            if seen > _LONGEST_LINE:
                raise ValueError("a line without end")
            if not self._more():
                return self._take(seen)
        return self._take(end + 1)

    def waiting(self) -> bool:
        """Whether something has come that was not read yet."""
        if not self._held:
            patience = self.sock.gettimeout()
            self.sock.setblocking(False)  # noqa: FBT003 - the socket's own signature
            try:
                self._more()
            except (BlockingIOError, ssl.SSLWantReadError):
                return False
            finally:
                self.sock.settimeout(patience)
        return bool(self._held)

    def _more(self) -> bool:
        if time.monotonic() > self._until:
            raise TimeoutError
        piece = self.sock.recv(_PIECE)
        self._held += piece
        return bool(piece)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


class Plain(Wire, IMAP4WithTimeout):  # type: ignore[misc] # it ships no types
    """In the clear, or to be encrypted later."""


class Tls(Wire, IMAP4_TLS):  # type: ignore[misc] # it ships no types
    """Encrypted from the beginning."""
