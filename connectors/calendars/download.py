"""A calendar that is published on the web, as one bounded download with its redirects."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests

from connectors import web
from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.retry import AgainError
from connectors.web import Bounds, server

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Answer", "Bounds", "download"]

_NOT_MODIFIED = 304
_SIZE_HINT = "Subscribe to a calendar with fewer years in it."


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server sent; `body` is None where nothing was modified."""

    body: bytes | None
    etag: str
    modified: str


def download(address: str, headers: Mapping[str, str], bounds: Bounds, *, local: bool) -> Answer:
    """Fetch an http(s) address. `local` allows addresses of this machine and this network, for redirects too.

    Environment settings for proxies and .netrc are not used, cookies are not kept, and a password in the address
    goes to no other server.

    Raises:
        ConnectorError: in its kinds, each with the remedy. No message tells more of the address than its server,
            because the path of a calendar address is often its key.
    """
    try:
        peers = web.Peers(local=local or web.named_local(address))
    except ValueError:
        raise PermanentError("the address of the calendar cannot be read", "Copy the address again.") from None
    asked = {"Accept": "text/calendar, */*;q=0.5", **headers}
    for _ in range(web.MAX_REDIRECTS + 1):
        with closing(web.Line(peers.allow)) as line, line.ask("GET", address, asked, bounds) as response:
            if response.status_code not in web.REDIRECTS:
                return _answer(response, bounds, address)
            address = _next(address, response.headers.get("Location", ""))
        peers.redirected = True
    raise PermanentError(
        f"{server(address)} redirects more than {web.MAX_REDIRECTS} times",
        "Open the address in a browser and use the one where it ends.",
    )


def _next(address: str, location: str) -> str:
    """Where a redirect leads. What is secret about the old address is for its own server only."""
    hint = "Open the address in a browser and use the one where it ends."
    if not location:
        raise PermanentError(f"{server(address)} redirects without saying where", hint)
    try:
        old, new = urlsplit(address), urlsplit(urljoin(address, location))
        same = (old.scheme, old.hostname, old.port) == (new.scheme, new.hostname, new.port)
    except ValueError:
        raise PermanentError(f"{server(address)} redirects to an address that cannot be read", hint) from None
    if new.scheme not in {"http", "https"} or not new.hostname:
        raise PermanentError(f"{server(address)} redirects to something that is not a web address", hint)
    if old.scheme == "https" and new.scheme == "http":
        raise PermanentError(f"{server(address)} redirects from https to http, where anybody could read along", hint)
    netloc = new.netloc.rpartition("@")[2]
    if same and "@" in old.netloc:
        netloc = f"{old.netloc.rpartition('@')[0]}@{netloc}"
    return urlunsplit((new.scheme, netloc, new.path, new.query, ""))


def _answer(response: requests.Response, bounds: Bounds, address: str) -> Answer:
    if response.status_code == _NOT_MODIFIED:
        return Answer(None, "", "")
    if response.status_code != requests.codes.ok:
        raise _refused(response.status_code, address, web.after(response.headers.get("Retry-After", "")))
    body = b"".join(web.inflated(response, bounds, "the calendar", _SIZE_HINT))
    return Answer(body, response.headers.get("ETag", ""), response.headers.get("Last-Modified", ""))


def _refused(status: int, address: str, after: float | None) -> ConnectorError:
    where = server(address)
    if status in {401, 403}:
        return PermissionNeededError(
            f"{where} does not let us read the calendar ({status})",
            "Copy the secret iCal address again from the calendar's settings: it may have been reset.",
        )
    if status in {404, 410}:
        return PermanentError(
            f"{where} has no calendar at this address ({status})",
            "Copy the address again from the calendar's settings.",
        )
    if status in web.BRIEF:
        return AgainError(f"{where} cannot answer just now ({status})", after=after)
    if status in {408, 429} or status >= requests.codes.server_error:
        return TransientError(f"{where} cannot answer now ({status})", "Nothing to do: it is asked again.", after=after)
    return PermanentError(f"{where} gave no calendar but the answer {status}", "Open the address in a browser.")
