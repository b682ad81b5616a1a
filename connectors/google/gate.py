"""What may be asked of Google: a list of method and path. Nothing on it sends; what is not on it goes nowhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from connectors.base import PermanentError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAIL = "/gmail/v1/users/me"
_OURS = r"[A-Za-z0-9_-]+"
"""An id of Gmail: nothing in it that a server could read as more than an id."""
_ID = r"(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9_.~@!$&'()*+,;=:-]|%(?!2[EeFf]|5[Cc]|00)[0-9A-Fa-f]{2})+"
"""An id of a calendar or an event: mostly an address, percent-encoded; no slash in any disguise, and not `..`."""

ALLOWED: tuple[tuple[str, str], ...] = (
    ("GET", rf"/calendar/v3/calendars/{_ID}/events"),
    ("GET", rf"/calendar/v3/calendars/{_ID}/events/{_ID}"),
    ("GET", rf"{_MAIL}/profile"),
    ("GET", rf"{_MAIL}/history"),
    ("GET", rf"{_MAIL}/messages"),
    ("GET", rf"{_MAIL}/messages/{_OURS}"),
    ("GET", rf"{_MAIL}/drafts"),
    ("GET", rf"{_MAIL}/drafts/{_OURS}"),
    ("POST", rf"{_MAIL}/drafts"),
    ("PUT", rf"{_MAIL}/drafts/(?!send$){_OURS}"),
    ("DELETE", rf"{_MAIL}/drafts/{_OURS}"),
    ("GET", rf"{_MAIL}/settings/sendAs"),
    ("GET", "/v1/people/me/connections"),
    ("GET", "/v1/contactGroups"),
)
"""Method and path; a path stands for itself alone: `drafts/send` is one more part, and a POST has no such line."""

HOSTS = {
    "www.googleapis.com": "/calendar/v3/",
    "gmail.googleapis.com": "/gmail/v1/",
    "people.googleapis.com": "/v1/",
}
"""The hosts of Google that are asked, and where on them."""

TOKENS = frozenset(
    {
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v3/token",
        "https://www.googleapis.com/oauth2/v4/token",
    }
)
"""Where Google gives access tokens, as the files of its console have named it over the years."""

_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
"""Header fields by which a server may be told that a method is another."""
_UPLOADS = frozenset({"uploadType", "upload_protocol", "upload_id"})
"""Parameters by which a request becomes part of an upload."""


class RefusedError(PermanentError):
    """Something that is not on the list was about to be asked of Google: a fault of the program. It was not asked.

    It is an error of the one source that wanted it, so that the others go on.
    """


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets through what is on the list. `endpoint` stands in place of Google's hosts: an emulator on this machine."""

    endpoint: str | None = None

    def check(self, method: str, address: str, headers: Mapping[str, str]) -> None:
        """Let this request pass.

        Raises:
            RefusedError: it may not leave this machine.
        """
        parts = urlsplit(address)
        overridden = sorted(_OVERRIDES.intersection(name.casefold() for name in headers))
        listed = any(method == one and re.fullmatch(path, parts.path) for one, path in ALLOWED)
        at_google = self._at_google(parts.scheme, parts.netloc, parts.path)
        if not at_google or not listed or overridden or _disguised(address):
            told = f" with {overridden[0]}" if overridden else ""
            raise RefusedError(f"{method} {parts.scheme}://{parts.netloc}{parts.path}{told} is not on the list")

    def renews(self, address: str) -> bool:
        """Whether this is where access tokens are given: the only other thing that may be asked, with a POST."""
        if self.endpoint is None:
            return address in TOKENS
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return self._at_google(parts.scheme, parts.netloc, parts.path) and parts.path.endswith("/token")

    def _at_google(self, scheme: str, netloc: str, path: str) -> bool:
        if self.endpoint is not None:
            own = urlsplit(self.endpoint)
            return (scheme, netloc) == (own.scheme, own.netloc)
        return scheme == "https" and netloc in HOSTS and path.startswith(HOSTS[netloc])


def _disguised(address: str) -> bool:
    """Whether it may arrive as something else: `urlsplit` drops line breaks, and a parameter may name a method.

    https://cloud.google.com/apis/docs/system-parameters
    """
    told = {name for name, _ in parse_qsl(urlsplit(address).query, keep_blank_values=True)}
    return (
        not re.fullmatch(r"[!-~]+", address)
        or "#" in address
        or bool(told & _UPLOADS)
        or any(name.startswith("$") or name.casefold() in _OVERRIDES for name in told)
    )
