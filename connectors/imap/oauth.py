"""Logging in to an IMAP server with an access token of OAuth 2.0 in place of a password.

XOAUTH2 is Google's (https://developers.google.com/workspace/gmail/imap/xoauth2-protocol) and Microsoft's; OAUTHBEARER
is that of RFC 7628. Both say the same: the user, and the token.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, PermanentError, PermissionNeededError
from connectors.imap import errors
from rules.cleaning import line

if TYPE_CHECKING:
    from collections.abc import Callable

XOAUTH2, OAUTHBEARER = MECHANISMS = ("XOAUTH2", "OAUTHBEARER")
"""The one that is known for longer goes first."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TOKEN = re.compile(r"[!-~]+")
_LONG = re.compile(r"[A-Za-z0-9._~+/=-]{12,}")
"""A word in what a server says that is long enough to be a part of the secret."""
_SHOWN = 200
_STATUS = 60

_MICROSOFT = (".office365.com", ".outlook.com")
_WANTED = "for https://outlook.office.com/IMAP.AccessAsUser.All, and IMAP has to be switched on for the mailbox"
"""What Microsoft wants, and does not say."""


@dataclass(frozen=True, slots=True)
class AccessTokens:
    """Where access tokens for a mailbox come from.

    `get` gives one, or raises a `ConnectorError`; told True, another one than before. `remedy` is what the user does
    where the server does not accept it, as a sentence. `renewable`: what is given may be older than this connection,
    so that it is worth to get another one.
    """

    get: Callable[[bool], str]
    remedy: str
    renewable: bool = False


class TokenRefusedError(PermissionNeededError):
    """The server does not accept the access token."""


def offers(offered: frozenset[bytes]) -> bool:
    """Whether a server with these capabilities takes an access token."""
    return any(f"AUTH={one}".encode() in offered for one in MECHANISMS)


def mechanism(offered: frozenset[bytes], place: str) -> str:
    """How a server with these capabilities takes an access token.

    Raises:
        PermanentError: it takes none.
    """
    for one in MECHANISMS:
        if f"AUTH={one}".encode() in offered:
            return one
    raise PermanentError(
        f"{place} does not offer OAuth, so the access token is not said to it",
        "Write `password:` in place of `oauth:`; where the connection begins in the clear, add `starttls: true`.",
    )


class Exchange:
    """What is said of user and token: one answer, then an empty one to the server's word that it is an error."""

    LONGEST = 20_000
    """Letters of what a server says that are looked at."""

    def __init__(self, mechanism: str, user: str, token: str, host: str, port: int) -> None:
        if _CONTROL.search(user):
            raise PermanentError("the user has a control character in it", "Correct `user:` in afterword.yaml.")
        if not _TOKEN.fullmatch(token):
            raise PermissionNeededError(
                "the access token is none: it is empty, or has something else in it than letters, digits and signs",
                "Look where `oauth:` takes it from.",
            )
        self._host = host
        self._user = user
        self._token = token
        self._mechanism = mechanism
        said = f"user={user}\1auth=Bearer {token}\1\1"
        if mechanism == OAUTHBEARER:
            name = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4, saslname
            said = f"n,a={name},\1host={host}\1port={port}\1auth=Bearer {token}\1\1"
        self._first: bytes | None = base64.b64encode(said.encode())
        self._words = (token, self._first.decode())
        self._error = b""

    def answer(self, challenge: bytes) -> bytes:
        """What is said next, in base64 as the challenge is. One that comes after all was said is the server's error."""
        if self._first is not None:
            said, self._first = self._first, None
            return said
        if self._error:
            return b"*"  # RFC 3501 section 6.2.2: no more of this
        self._error = challenge or b"="
        return base64.b64encode(b"\1") if self._mechanism == OAUTHBEARER else b""

    def hidden(self, said: str) -> str:
        """What the server said, on one line, without what it may repeat of the token."""
        for word in self._words:
            said = said.replace(word, "…")
        return line(
            _LONG.sub(lambda found: "…" if any(found[0] in word for word in self._words) else found[0], said), _SHOWN
        )

    def refused(self, said: str, remedy: str) -> ConnectorError:
        """The error that a refused login stands for; `said` is what the server says of it, `hidden`."""
        host = self._host
        if busy := errors.closed(host, said):
            return busy
        reasons = ", ".join(filter(None, [self._status(), said])) or "it does not say why"
        wanted = f" {_WANTED}" if host.endswith(_MICROSOFT) else ""
        hint = f"{remedy} The token has to be one of {self._user}{wanted}."
        message = f"{host} does not let {self._user} in with this access token: {reasons}"
        return TokenRefusedError(message, hint)

    def _status(self) -> str:
        """What the error is called in the server's challenge, a document in JSON (RFC 7628 section 3.2.2)."""
        try:
            status = json.loads(base64.b64decode(self._error))["status"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return ""
        return self.hidden(str(status))[:_STATUS]
