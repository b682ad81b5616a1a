"""Pages and parts of pages, out of templates in which every text is escaped."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daemon.cli.wording import sentence
from daemon.review.guard import TOKEN
from daemon.review.room import room_of
from daemon.review.told import parts

if TYPE_CHECKING:
    from starlette.requests import Request

    from daemon.review.told import Part

_PAGES = Path(__file__).parent / "pages"
_STATIC = Path(__file__).parent / "static"
NAVIGATION = (
    ("/", "Today"),
    ("/coming", "Coming"),
    ("/people", "People"),
    ("/rules", "Rules"),
    ("/health", "Health"),
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,  # whatever the file is called: an SVG too
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sentence"] = sentence
    return environment


def page(request: Request, name: str, *, status: int = 200, **what: Any) -> Response:
    """The template with this, as a whole page or (where it extends nothing) as a part of one."""
    return HTMLResponse(_filled(request, name, Markup(""), what), status_code=status)


def page_at_once(request: Request, name: str, styles: tuple[str, ...], **what: Any) -> Response:
    """A whole page in which these files of static/ stand themselves: it is painted without waiting for them.

    The guard lets them pass by their hash (Content Security Policy Level 3, "Usage of 'hash' source expressions").
    """
    text, request.state.styles = _within(styles)
    return HTMLResponse(_filled(request, name, text, what))


def _filled(request: Request, name: str, styles: Markup, what: dict[str, Any]) -> str:
    token = request.state.token
    field = Markup('<input type="hidden" name="{}" value="{}">').format(TOKEN, token)
    known = {"token": token, "token_field": field, "navigation": NAVIGATION, "here": request.url.path, "styles": styles}
    return _environment().get_template(name).render(what, **known, as_typed=partial(_as_typed, request))


def _as_typed(request: Request, text: str) -> tuple[Part, ...]:
    """A remedy with its commands apart, as they are to be typed for the folders of this page."""
    return parts(text, room_of(request).call().options)


@cache
def _within(names: tuple[str, ...]) -> tuple[Markup, str]:
    """Their text, and its hash."""
    text = "".join((_STATIC / name).read_text("utf-8") for name in names)
    digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"  # noqa: S704 - files of our own


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
