"""Listening at an IMAP server between two cycles (IDLE, RFC 2177): what was sent and what was answered, at once.

A connection listens in one folder. Two are enough: what comes in is in the inbox, what the user sends in Sent.
"""

from __future__ import annotations

import select
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from connectors.base import Folder, PermanentError
from connectors.imap.folders import layout_of
from connectors.imap.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.imap.client import Server
    from connectors.mailboxes.folders import Configured

RENEWED = 540.0
"""Seconds after which a connection asks anew: servers end a silent one after 30 minutes, routers forget it sooner."""


class CannotListenError(PermanentError):
    """The server has no IDLE."""


class Listener:
    """Connections to a server that listen in the inbox and in Sent, until one of them ends. Nothing is changed there.

    `every` is in seconds, `monotonic` tells the time that has passed.
    """

    def __init__(
        self,
        server: Server,
        configured: Configured,
        *,
        every: float = RENEWED,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect, and begin to listen.

        Raises:
            CannotListenError: the server does not tell of itself what comes.
            ConnectorError: it cannot be asked. So for `run`.
        """
        self._every = every
        self._monotonic = monotonic
        self._sessions: list[Session] = []
        self.folders: list[str] = []
        """In which folders it listens, as the server writes their names."""
        with ExitStack() as undo:
            undo.callback(self.close)
            self._sessions.append(first := Session(server))
            if not first.can("IDLE"):
                raise CannotListenError(f"{server.place} does not tell of itself what comes (no IDLE)")
            layout = layout_of(first.folders(), configured, server.place, archive=first.can("X-GM-EXT-1"))
            sent = [box.name for box in layout.boxes if box.folder is Folder.SENT]
            self.folders = [layout.inbox, *sent[:1]]
            for _ in self.folders[1:]:
                self._sessions.append(Session(server))
            for session, folder in zip(self._sessions, self.folders, strict=True):
                session.open(folder, "new mail")
                session.listen()
            undo.pop_all()

    def run(self, news: Callable[[], None], until: int) -> None:
        """Call `news` whenever a mail has come, and once now, for what came before; end when nobody reads `until`.

        `until` is the writing end of a pipe.
        """
        news()
        by_number = {session.fileno(): session for session in self._sessions}
        poll = select.poll()
        poll.register(until, 0)  # POLLERR comes unasked
        for number in by_number:
            poll.register(number, select.POLLIN)
        renewed = self._monotonic()
        while True:
            wait = max(0.0, renewed + self._every - self._monotonic())
            ready = [number for number, _ in poll.poll(wait * 1000)]
            if until in ready:
                return
            if self._monotonic() - renewed >= self._every:
                came = sum(session.renewed() for session in self._sessions) > 0
                renewed = self._monotonic()
            else:
                came = sum(by_number[number].heard() for number in ready) > 0
            if came:
                news()

    def close(self) -> None:
        """End the connections."""
        for session in self._sessions:
            session.close()
