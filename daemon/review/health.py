"""The page Health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from daemon.review.paper import page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def health(request: Request) -> Response:
    """The page."""
    return page(request, "health.html")


ROUTES = [Route("/health", health, methods=["GET"])]
