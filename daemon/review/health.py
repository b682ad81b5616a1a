"""The page Health: what runs, what is stale, what needs the user, and what happened of late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from daemon.cli.backup import almanac_for
from daemon.failure import Failure
from daemon.review.paper import fragment, page, wants_part
from daemon.review.room import room_of
from daemon.review.told import parts
from daemon.review.vitals import backups_told, vitals, without_ledger

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

NONE_YET = "There is no backup yet. The service makes one each day; `afterword backup` makes one now."
TO_RESTORE = "`afterword restore NAME` puts one back, and `afterword backup` makes another now."


def health(request: Request) -> Response:
    """The page; also where the ledger cannot be read."""
    room = room_of(request)
    call = room.call()
    try:
        with room.looking() as ledger:
            told = vitals(call, ledger)
    except Failure as failure:
        told = without_ledger(call, failure)
    return page(request, "health.html", told=told, folder=str(call.folder), state=str(call.state))


def backups(request: Request) -> Response:
    """The backups: looking through them takes a while, so the page asks for them when it stands."""
    call = room_of(request).call()
    there = backups_told(call, almanac_for(call))
    words = parts(TO_RESTORE if there else NONE_YET, call.options)
    if wants_part(request):
        return fragment(request, "_backups.html", backups=there, remedy=words)
    return page(request, "backups.html", backups=there, remedy=words)


ROUTES = [
    Route("/health", health, methods=["GET"]),
    Route("/health/backups", backups, methods=["GET"]),
]
