"""All pages together, behind their guard; and how what goes wrong is told."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from daemon.failure import ExitCode, Failure
from daemon.review import coming, entering, health, people, rules, today
from daemon.review.guard import Guard, form_of
from daemon.review.paper import page, wants_part

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from config.problem import Problem
    from daemon.review.room import Room

_STATIC = Path(__file__).parent / "static"
_STATUS = {
    ExitCode.USAGE: 400,
    ExitCode.CANNOT_NOW: 503,
    ExitCode.PERMISSION_NEEDED: 503,
    ExitCode.CONFIGURATION_WRONG: 503,
}
PAGES = (entering, today, coming, people, rules, health)


def application(room: Room) -> ASGIApp:
    """The review page as an ASGI application."""
    static = Mount("/static", StaticFiles(directory=_STATIC))
    routes = [static, *(route for one in PAGES for route in one.ROUTES)]
    handlers = {Failure: failed, HTTPException: not_there, Exception: broken}
    # Around all of it: what Starlette answers to a fault, it answers outside of its own middleware.
    return Guard(Starlette(routes=routes, exception_handlers=handlers), room, refusal(room))


def failed(request: Request, error: Exception) -> Response:
    """What a command would have ended with, as a page: what is wrong, and the remedy."""
    assert isinstance(error, Failure)
    status = _STATUS.get(error.exit_code, 500)
    return _trouble(request, status, error.message, error.hint, error.problems)


def not_there(request: Request, error: Exception) -> Response:
    """There is no such page."""
    assert isinstance(error, HTTPException)
    message = "There is nothing here." if error.status_code == 404 else str(error.detail)  # noqa: PLR2004 - HTTP's
    return _trouble(request, error.status_code, message)


def broken(request: Request, error: Exception) -> Response:
    """What should not have happened: whoever looks at the terminal, or the journal, sees where."""
    traceback.print_exception(error, file=sys.stderr)
    message = "This should not have happened; nothing was sent, and no draft is lost."
    hint = "The terminal in which `afterword review` runs tells where; `afterword doctor` makes a report of it."
    return _trouble(request, 500, message, hint)


def _trouble(
    request: Request, status: int, message: str, hint: str | None = None, problems: Sequence[Problem] = ()
) -> Response:
    if wants_part(request):
        return page(request, "_trouble.html", status=status, message=message, hint=hint, problems=problems)
    typed = form_of(request).get("text", "")  # this page stands now where the form stood
    return page(request, "trouble.html", status=status, message=message, hint=hint, problems=problems, typed=typed)


def refusal(room: Room) -> Callable[[int, str], ASGIApp]:
    """What those get who are not let in: words, and nothing of the user's."""

    def refused(status: int, why: str) -> ASGIApp:
        async def tell(scope: Scope, receive: Receive, send: Send) -> None:
            remedy = f"Type `afterword{room.call().options} review` and open the address that it prints.\n"
            answer = PlainTextResponse(f"{why}\n{remedy if status == 401 else ''}", status_code=status)  # noqa: PLR2004
            await answer(scope, receive, send)

        return tell

    return refused
