"""Pages and parts of pages, out of templates in which every text is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daemon.review.guard import TOKEN

if TYPE_CHECKING:
    from starlette.requests import Request

_PAGES = Path(__file__).parent / "pages"
NAVIGATION = (
    ("/", "Today"),
    ("/coming", "Coming"),
    ("/people", "People"),
    ("/rules", "Rules"),
    ("/health", "Health"),
)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,  # whatever the file is called: an SVG too
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(request: Request, name: str, *, status: int = 200, **what: Any) -> Response:
    """The template with this, as a whole page or (where it extends nothing) as a part of one."""
    token = request.state.token
    field = Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN, token)
    text = (
        _environment()
        .get_template(name)
        .render(
            what,
            token=token,
            token_field=field,
            navigation=NAVIGATION,
            here=request.url.path,
        )
    )
    return HTMLResponse(text, status_code=status)


def fragment(request: Request, name: str, *, status: int = 200, said: str = "", **what: Any) -> Response:
    """A part of a page for htmx. `said` is read out by a screen reader, and stands in the line of messages."""
    answer = page(request, name, status=status, **what)
    if said:
        words = _environment().get_template("_said.html").render(said=said)
        answer = HTMLResponse(bytes(answer.body).decode() + words, status_code=status)
    return answer


def wants_part(request: Request) -> bool:
    """Whether htmx asks, and takes a part of a page; otherwise a browser, which takes a whole one."""
    return request.headers.get("hx-request") == "true"


def back(where: str) -> Response:
    """After a change that a form without script asked for: look at the page again (RFC 9110 section 15.4.4)."""
    return RedirectResponse(where, status_code=303)
