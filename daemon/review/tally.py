"""How many drafts wait: the words above the list of Today, which follow at once what the user says of one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from daemon import household
from daemon.review.room import room_of
from daemon.review.waiting import first_of, waiting

if TYPE_CHECKING:
    from starlette.requests import Request

_ALL = 10_000


def tally(request: Request) -> str:
    """What stands above the list now, by what the ledger knows; empty where the request does not come from the list."""
    if urlsplit(request.headers.get("hx-current-url", "")).path != "/":
        return ""
    room = room_of(request)
    with room.looking() as ledger:
        return waiting(first_of(ledger, _ALL), household.recall(ledger).almanac, room.now()).words
