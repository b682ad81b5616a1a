"""Who may ask what: the first thing that each request meets, before any page knows of it.

A page on 127.0.0.1 can be asked by every program of the machine, and by every web page in the user's browser: through
a name that leads here (DNS rebinding: so the Host is one of a few exact ones), by a form elsewhere (so Origin, the
SameSite cookie and a token), or in a frame. What is let through bears headers that let nothing in from elsewhere.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders

from daemon.review.tickets import token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from daemon.review.room import Room

TOKEN = "token"  # noqa: S105 - the name of a field
TOKEN_HEADER = "x-afterword-token"  # noqa: S105 - the name of a header
_MOST_BYTES = 4 << 20
_MOST_FIELDS = 200
_OPEN = ("/static/", "/enter/", "/here/")
"""What those may ask for who have not come in: nothing of the user's is there."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: what this page itself ships, and nothing that stands in it but styles of a known hash."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Of each answer, the refusals too. `same-origin` keeps the Referer here, and lets a form still tell its Origin."""


@dataclass(frozen=True, slots=True)
class Places:
    """By which addresses the page may be asked for: `http://127.0.0.1:8377`, and no other spelling.

    `cookie` is the name of the session's cookie. Cookies are not told apart by port (RFC 6265 section 8.5), so the
    name has the port in it: two pages of two states do not log each other out.
    """

    origins: frozenset[str]
    cookie: str = "afterword"

    @property
    def hosts(self) -> frozenset[str]:
        """What may stand in Host."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)

    @property
    def secure(self) -> bool:
        """Whether every way here is an encrypted one, so that the cookie may be kept to those."""
        return all(origin.startswith("https://") for origin in self.origins)


class Refused(Exception):  # noqa: N818 - it is no error of the program
    """The request is not answered: with which status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


class Guard:
    """ASGI middleware around all pages."""

    def __init__(self, app: ASGIApp, room: Room, refusal: Callable[[int, str], ASGIApp]) -> None:
        """`refusal` makes the page that says why somebody is not let in."""
        self._app = app
        self._room = room
        self._refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or say why not."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # a WebSocket: there is none here, and it would bear no token
            await send({"type": "websocket.close", "code": 1008})
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if styles := scope.get("state", {}).get("styles"):
                    headers["Content-Security-Policy"] = POLICY.replace(
                        "style-src 'self'", f"style-src 'self' '{styles}'"
                    )
            await send(message)

        self._room.asked()
        try:
            await self._look(scope, receive)
        except Refused as refused:
            await self._refusal(refused.status, refused.why)(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)

    async def _look(self, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        places = self._room.places
        state = scope.setdefault("state", {})
        state.update(room=self._room, token="", form={})
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0] not in places.hosts:  # HTTP/1.0 may leave it out; no browser does
            raise Refused(421, "This is not an address of this page.")
        now = self._room.now()
        session = next((one for one in sessions_of(headers, places.cookie) if self._room.door.knows(one, now)), "")
        known = bool(session)
        if known:
            state["token"] = token_of(session)
        if scope["method"] == "POST":
            self._same_page(headers)
        elif scope["method"] not in {"GET", "HEAD"}:
            raise Refused(405, "The page is asked by GET and POST alone.")
        elif scope["path"].startswith(_OPEN):
            return
        if not known:
            raise Refused(401, "Nobody has let you in yet, or it was too long ago.")
        if scope["method"] == "POST":
            state["form"] = await _form(headers, receive)
            _bears(headers.get(TOKEN_HEADER) or state["form"].get(TOKEN, ""), state["token"])

    def _same_page(self, headers: Headers) -> None:
        """A browser says with each POST by which page it is sent (Fetch standard, Origin)."""
        origins = headers.getlist("origin")
        if not origins:
            raise Refused(403, "A change has to say which page asks for it.")
        if len(origins) > 1 or origins[0] not in self._room.places.origins:
            raise Refused(403, "A change was asked for by another page.")


def _bears(given: str, token: str) -> None:
    if not token or not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        raise Refused(403, "The change did not bear the token of this page: load the page again.")


def sessions_of(headers: Headers, cookie: str) -> list[str]:
    """The sessions that the request bears; most often one, and none where nobody was let in.

    Read by name, as browsers write it (RFC 6265 section 5.4): all that is served at this host, on whichever port,
    shares its cookies, and one that is oddly written must not hide ours (http.cookies gives up at the first).
    """
    pairs = (pair.partition("=") for line in headers.getlist("cookie") for pair in line.split(";"))
    return [value.strip() for name, _, value in pairs if name.strip() == cookie and value.strip()]


def form_of(request: Request) -> Mapping[str, str]:
    """What was filled in; of a field that comes twice the last. The guard has checked the token."""
    form: Mapping[str, str] = request.state.form
    return form


async def _form(headers: Headers, receive: Receive) -> dict[str, str]:
    """The fields, urlencoded (no file is ever sent here).

    Raises:
        Refused: it is too much, or of another kind.
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request was cut off.")
        body += message.get("body", b"")
        if len(body) > _MOST_BYTES:
            raise Refused(413, "That is more text than a note can have.")
        if not message.get("more_body", False):
            break
    if body and kind != "application/x-www-form-urlencoded":
        raise Refused(415, "A change comes as a form.")
    try:
        # A browser sends line ends as CR LF (HTML, form submission); a note has LF.
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError:
        raise Refused(400, "The form cannot be read.") from None
    return {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in pairs}
