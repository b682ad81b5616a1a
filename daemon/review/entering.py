"""The door: a one-time address opens a session; and the proof that this page is of this state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from daemon.review.guard import sessions_of
from daemon.review.paper import back, page
from daemon.review.room import room_of
from daemon.review.tickets import SESSION_LASTS

if TYPE_CHECKING:
    from starlette.requests import Request


def enter(request: Request) -> Response:
    """Take the ticket, and give the cookie of a session for it.

    The answer is a page that leads on by itself, no redirect: a browser that was led here by another site would not
    send a strict cookie along with a redirect.
    """
    room = room_of(request)
    if request.method == "HEAD":  # who only looks what is there, as a program that shows links does, uses nothing up
        return PlainTextResponse("")
    session = room.door.enter(request.path_params["ticket"], room.now())
    if session is None:
        again = f"Type `afterword{room.call().options} review` once more: each address opens once, within ten minutes."
        return PlainTextResponse(f"This address has been used, or is too old.\n{again}\n", status_code=403)
    answer = page(request, "entered.html")
    answer.set_cookie(
        room.places.cookie,
        session,
        max_age=int(SESSION_LASTS.total_seconds()),
        path="/",
        secure=room.places.secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def leave(request: Request) -> Response:
    """End this session, and let the browser forget it.

    Raises:
        Failure: see `Door.leave`.
    """
    room = room_of(request)
    for session in sessions_of(request.headers, room.places.cookie):
        room.door.leave(session)
    answer = back("/")
    answer.delete_cookie(room.places.cookie, path="/", secure=room.places.secure, httponly=True, samesite="strict")
    return answer


def prove(request: Request) -> Response:
    """Answer as only one can who reads the same state folder."""
    return PlainTextResponse(room_of(request).door.proof(request.path_params["challenge"]))


ROUTES = [
    Route("/enter/{ticket}", enter, methods=["GET"]),
    Route("/here/{challenge}", prove, methods=["GET"]),
    Route("/leave", leave, methods=["POST"]),
]
