"""uvicorn around the page: it ends on Ctrl-C, on SIGTERM, and, where systemd starts it again, when nobody looks."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from uvicorn import Config, Server

from daemon.review.application import application

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from daemon.review.listening import Ear
    from daemon.review.room import Room

IDLE = 15 * 60
"""Seconds without a question after which a page ends that systemd starts again."""
_LOOK = 30
_CLIENTS, _LAST_WORDS = 0.5, 3.0
"""Seconds that a client has at the end to say the rest or take it, and those that an answer has that is worked on."""


class _Server(Server):
    """uvicorn's, which ends soon and without a word, whatever its clients do."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the loop: uvicorn would raise them anew at its end, and a stop would look like a fault."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End; uvicorn by itself waits for what clients may never say or take, and tells of it in tracebacks.

        What is worked on in a thread is waited for: nobody can end it, and a save that comes to its end needs no cycle.
        """
        loop = asyncio.get_running_loop()
        last = [
            loop.call_later(_CLIENTS, self._hang_up, _is_up_to_the_client),
            loop.call_later(_LAST_WORDS, self._hang_up, bool),
        ]
        await super().shutdown(sockets)
        for one in last:
            one.cancel()

    def _hang_up(self, which: Callable[[Any], bool]) -> None:
        for one in list(self.server_state.connections):
            if which(one):
                one.transport.abort()


def _is_up_to_the_client(connection: Any) -> bool:
    """Whether what a connection waits for is its client: the rest of a question, or that an answer is taken."""
    cycle = connection.cycle
    return cycle is None or cycle.more_body or cycle.response_started or connection.flow.write_paused


def serve(room: Room, ear: Ear) -> None:
    """Serve the page until it is to end; the process is to end then, too."""
    asyncio.run(_serve(room, ear))
    gc.freeze()  # Python looks through all that is left before it ends, for a second and more on a busy machine


async def _serve(room: Room, ear: Ear) -> None:
    config = Config(
        application(room),
        access_log=False,
        log_level="error",
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # nobody between may say that somebody else asks
        ws="none",
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _end, server)
    if ear.handed:
        _until_idle(loop, room, server)
    await server.serve(sockets=[ear.channel])


def _end(server: Server) -> None:
    server.should_exit = True


def _until_idle(loop: asyncio.AbstractEventLoop, room: Room, server: Server) -> None:
    """End when nobody has looked for a while: the socket stays, and whoever comes starts it again."""
    if room.idle() >= IDLE:
        _end(server)
    else:
        loop.call_later(_LOOK, _until_idle, loop, room, server)
