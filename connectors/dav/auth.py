"""How a user and a password are shown to a server: Basic (RFC 7617) and Digest (RFC 7616).

requests has Digest, too, as a hook that reads all of the body of a refusal, however long.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BASIC, DIGEST = "basic", "digest"
_SCHEME = re.compile(r"(?:^|,)\s*(basic|digest)(?:\s+|$)", re.IGNORECASE)
_FIELD = re.compile(r'([\w-]+)\s*=\s*(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s,"]+))')
_LONGEST = 4096
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_SESSION = "-SESS"


class Auth:
    """One user of one server. The password is asked for when it is first wanted, and kept for as long as this lives.

    `scheme` is how it is shown, empty until the server has said. With Basic, and a scheme that is known from before,
    the first request carries it; with Digest the server has to be asked for its challenge each time.
    """

    def __init__(self, user: str, password: Callable[[], str], scheme: str = "") -> None:
        self.scheme = scheme if scheme == BASIC else ""
        self._user = user
        self._password = password
        self._known: str | None = None
        self._challenge: Mapping[str, str] = {}
        self._count = 0

    def header(self, method: str, address: str) -> str | None:
        """What stands in `Authorization`; None where nothing is to be shown."""
        if self.scheme == BASIC:
            return f"Basic {b64encode(f'{self._user}:{self._secret()}'.encode()).decode()}"
        if self.scheme == DIGEST:
            self._count += 1
            return self._digest(method, address)
        return None

    def challenged(self, headers: Iterable[str], *, safe: bool) -> bool:
        """Take up a challenge (`WWW-Authenticate`); whether there is another way to ask now than before.

        `safe`: nobody can read along, so that Basic is as good, and cheaper.
        """
        asked = _challenges(headers)
        for scheme in (BASIC, DIGEST) if safe else (DIGEST, BASIC):
            if scheme not in asked or (scheme == BASIC and ":" in self._user):
                continue  # Basic cannot tell such a user from the beginning of the password (RFC 7617 section 2)
            stale = scheme == DIGEST and asked[scheme].get("stale", "").casefold() == "true"
            if scheme != self.scheme or stale:
                self.scheme, self._challenge, self._count = scheme, asked[scheme], 0
                return True
        return False

    def _digest(self, method: str, address: str) -> str:
        """RFC 7616 section 3.4; without `qop` as RFC 2069 had it."""
        said = self._challenge
        name = said.get("algorithm", "MD5").upper()
        parts = urlsplit(address)
        uri = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        count, own = f"{self._count:08x}", secrets.token_hex(8)

        def hashed(*texts: str) -> str:
            kind = _HASHES[name.removesuffix(_SESSION)]
            return hashlib.new(kind, ":".join(texts).encode("latin-1"), usedforsecurity=False).hexdigest()

        user = _octets(self._user)
        secret = hashed(user, said["realm"], _octets(self._secret()))
        if name.endswith(_SESSION):
            secret = hashed(secret, said["nonce"], own)
        target = hashed(method, uri)
        fields = {"username": user, "realm": said["realm"], "nonce": said["nonce"], "uri": uri}
        if "qop" in said:
            fields["response"] = hashed(secret, said["nonce"], count, own, "auth", target)
            more = f', qop=auth, nc={count}, cnonce="{own}"'
        else:
            fields["response"], more = hashed(secret, said["nonce"], target), ""
        if "opaque" in said:
            fields["opaque"] = said["opaque"]
        told = ", ".join(f'{key}="{_quoted(value)}"' for key, value in fields.items())
        return f"Digest {told}, algorithm={name}{more}"

    def _secret(self) -> str:
        if self._known is None:
            self._known = self._password()
        return self._known


def _challenges(headers: Iterable[str]) -> dict[str, dict[str, str]]:
    """The challenges that can be met, by scheme; of several of one scheme the first."""
    found: dict[str, dict[str, str]] = {}
    for header in headers:
        text = header[:_LONGEST]
        starts = list(_SCHEME.finditer(text))
        for number, start in enumerate(starts):
            end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
            fields = {
                one[1].casefold(): re.sub(r"\\(.)", r"\1", one[2] or one[3] or "")
                for one in _FIELD.finditer(text, start.end(), end)
            }
            scheme = start[1].casefold()
            if scheme == BASIC or _can(fields):
                found.setdefault(scheme, fields)
    return found


def _can(said: Mapping[str, str]) -> bool:
    """Whether this kind of Digest is known here."""
    known = said.get("algorithm", "MD5").upper().removesuffix(_SESSION) in _HASHES
    ways = {one.strip().casefold() for one in said.get("qop", "auth").split(",")}
    return known and "auth" in ways and {"realm", "nonce"} <= said.keys()


def _octets(text: str) -> str:
    """UTF-8, with a character for each byte, as http.client gives and takes what stands in a header."""
    return text.encode().decode("latin-1")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
