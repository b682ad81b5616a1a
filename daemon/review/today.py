"""The page Today: the drafts that wait, the nearest deadline first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from daemon import household
from daemon.failure import Failure
from daemon.kept_words import all_kept_words
from daemon.review import draft, requests, telling, wishes
from daemon.review.card import clean_name
from daemon.review.paper import fragment, page_at_once
from daemon.review.room import room_of
from daemon.review.waiting import first_of, waiting
from rules.moments import moment

if TYPE_CHECKING:
    from starlette.requests import Request

    from daemon.review.room import Room
    from daemon.review.waiting import Waiting
    from daemon.sight import Sight

FIRST = 16
"""Drafts that the page has when it comes: more than any screen shows, and few enough to be painted at once."""
_STYLES = ("style.css", "today.css")
"""They stand in the page: without them nothing is painted, and it is to be there at once."""
_SOON = timedelta(days=56)
_FEW = 3


def today(request: Request) -> Response:
    """The page, by what the ledger knows: it is there at once, and looks at the mailbox when it is.

    Of many drafts the first: the rest comes with that look. Who has no script asks for all (`look`).
    """
    room = room_of(request)
    if "look" in request.query_params:
        waits, coming, sight = _looked(room)
        problems, wrong = sight.problems, sight.wrong
        return page_at_once(
            request, "today.html", _STYLES, waiting=waits, coming=coming, problems=problems, wrong=wrong
        )
    with room.looking() as ledger:
        almanac = household.recall(ledger).almanac
        first = first_of(ledger, FIRST + 1)
        unsaved, partial = all_kept_words(ledger), len(first) > FIRST
        waits = waiting(first[:FIRST], almanac, room.now(), unsaved, partial=partial)
    return page_at_once(request, "today.html", _STYLES, waiting=waits, coming="", problems=(), wrong=())


def look(request: Request) -> Response:
    """The list as the mailbox shows it now; nothing where that is what the page has already (`seen`)."""
    waits, coming, sight = _looked(room_of(request))
    seen = request.query_params.get("seen", "")
    if waits.seen == seen and not (sight.problems or sight.wrong or waits.is_empty):
        return Response(status_code=204)
    problems, wrong = sight.problems, sight.wrong
    return fragment(request, "_looked.html", waiting=waits, coming=coming, problems=problems, wrong=wrong)


def _looked(room: Room) -> tuple[Waiting, str, Sight]:
    """The list as the mailbox shows it; where it is empty, what comes next; and the look itself."""
    with room.looking() as ledger:
        sight = room.at_drafts(ledger)
        waits = waiting(sight.records, sight.almanac, sight.now, all_kept_words(ledger))
    return waits, _coming(room) if waits.is_empty else "", sight


def _coming(room: Room) -> str:
    """What is drafted next, in words; "" where nothing is, or nobody can tell."""
    try:
        sight = room.ahead(room.now() + _SOON)
    except Failure:
        return ""
    following = next((one for one in sight.planned if not one.to_me), None)
    if following is None:
        return ""
    who = ", ".join(clean_name(to) for to in following.recipients[:_FEW])
    return f"the {following.step} to {who}, {moment(following.due, sight.almanac, sight.now)}"


ROUTES = [
    Route("/", today, methods=["GET"]),
    Route("/today/look", look, methods=["GET"]),
    *draft.ROUTES,
    *wishes.ROUTES,
    *telling.ROUTES,
    *requests.ROUTES,
]
