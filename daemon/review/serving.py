"""uvicorn around the page: it ends on Ctrl-C, on SIGTERM, and, where systemd starts it again, when nobody looks."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from uvicorn import Config, Server

from daemon.review.application import application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.review.listening import Ear
    from daemon.review.room import Room

IDLE = 15 * 60
"""Seconds without a question after which a page ends that systemd starts again."""
_LOOK = 30
_LAST_WORDS = 3
"""Seconds that answers under way have at the end."""


class _Server(Server):
    """Signals are the loop's: uvicorn would raise them anew at its end, and a stop would look like a fault."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def serve(room: Room, ear: Ear) -> None:
    """Serve the page until it is to end."""
    asyncio.run(_serve(room, ear))


async def _serve(room: Room, ear: Ear) -> None:
    config = Config(
        application(room),
        access_log=False,
        log_level="error",
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # nobody between may say that somebody else asks
        ws="none",
        timeout_graceful_shutdown=_LAST_WORDS,
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
