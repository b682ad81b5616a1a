"""Google's token endpoint: refresh tokens, and the keys of service accounts.

https://developers.google.com/identity/protocols/oauth2/native-app#offline
https://developers.google.com/identity/protocols/oauth2/service-account#httprest
"""

from __future__ import annotations

import base64
import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.google.answers import Answer, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CLIENT_ID = "afterword.apps.example"
CLIENT_SECRET = "GOCSPX-not-a-secret"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"
"""For whom an assertion is: "this value is always" that, wherever it is sent."""
_HOUR = 3600
_REVOKED = "Token has been expired or revoked."


@dataclass(frozen=True)
class _ServiceKey:
    public: rsa.RSAPublicKey
    subject: str
    scopes: frozenset[str]


class OAuth:
    """Who may ask for what."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refresh: dict[str, frozenset[str]] = {}
        self._withdrawn: set[str] = set()
        self._access: dict[str, frozenset[str]] = {}
        self._keys: dict[str, _ServiceKey] = {}
        self._codes: dict[str, frozenset[str]] = {}
        self._given = 0

    def token(self, scopes: Iterable[str]) -> str:
        """A refresh token, as a consent to these scopes gives it."""
        with self._lock:
            token = f"1//refresh-{len(self._refresh)}"
            self._refresh[token] = frozenset(scopes)
            return token

    def code(self, scopes: Iterable[str]) -> str:
        """What the browser brings back when the user has consented to these; it serves once."""
        with self._lock:
            code = f"4/code-{len(self._codes)}"
            self._codes[code] = frozenset(scopes)
            return code

    def withdraw(self, refresh_token: str) -> None:
        """The user takes it back: `invalid_grant` from now on, and what it gave is worth nothing more."""
        with self._lock:
            self._withdrawn.add(refresh_token)
            self._access.clear()

    def forget_access_tokens(self) -> None:
        """Those that were given before are refused."""
        with self._lock:
            self._access.clear()

    def service_key(self, subject: str, scopes: Iterable[str], token_uri: str) -> dict[str, str]:
        """A service account that may ask in the name of `subject`: its key, as Google's console gives it out."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        with self._lock:
            number = len(self._keys)
            email = f"afterword-{number}@project.iam.example"
            self._keys[email] = _ServiceKey(key.public_key(), subject, frozenset(scopes))
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return {
            "type": "service_account",
            "project_id": "project",
            "private_key_id": f"key-{number}",
            "private_key": key.private_bytes(*form).decode(),
            "client_email": email,
            "client_id": f"10{number}",
            "token_uri": token_uri,
        }

    def scopes(self, authorization: str | None) -> frozenset[str]:
        """What the bearer may ask for.

        Raises:
            Refusal: there is no such access token (any more).
        """
        kind, _, token = (authorization or "").partition(" ")
        with self._lock:
            if kind.casefold() != "bearer" or token not in self._access:
                raise Refusal(401, "authError", "Invalid Credentials")
            return self._access[token]

    def answer(self, body: bytes) -> Answer:
        """`POST /token`. Errors are those of RFC 6749 section 5.2 and of Google's page on service accounts."""
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        with self._lock:
            if form.get("grant_type") == "refresh_token":
                return self._refreshed(form)
            if form.get("grant_type") == "authorization_code":
                return self._exchanged(form)
            if form.get("grant_type") == _JWT_BEARER:
                return self._signed(form.get("assertion", ""))
        return _no(400, "unsupported_grant_type", "Invalid grant_type")

    def _refreshed(self, form: Mapping[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _no(401, "invalid_client", "The OAuth client was not found.")
        token = form.get("refresh_token", "")
        if token not in self._refresh or token in self._withdrawn:
            return _no(400, "invalid_grant", _REVOKED)
        wanted = frozenset(form["scope"].split()) if "scope" in form else self._refresh[token]
        if not wanted <= self._refresh[token]:
            return _no(400, "invalid_scope", "Some requested scopes were invalid.")
        return self._give(wanted)

    def _exchanged(self, form: Mapping[str, str]) -> Answer:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return _no(401, "invalid_client", "The OAuth client was not found.")
        scopes = self._codes.pop(form.get("code", ""), None)
        if scopes is None or "code_verifier" not in form:
            return _no(400, "invalid_grant", "Bad Request")
        refresh = f"1//refresh-{len(self._refresh)}"
        self._refresh[refresh] = scopes
        return self._give(scopes, refresh_token=refresh)

    def _signed(self, assertion: str) -> Answer:
        try:
            head, claims, signature = (_part(part) for part in assertion.split("."))
            key = self._keys[json.loads(claims)["iss"]]
            signed = assertion.rpartition(".")[0].encode()
            key.public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            told: dict[str, Any] = json.loads(claims)
            usable = json.loads(head)["alg"] == "RS256" and told["aud"] == AUDIENCE
            usable = usable and 0 < told["exp"] - told["iat"] <= _HOUR
        except (ValueError, KeyError, TypeError, InvalidSignature):
            return _no(400, "invalid_grant", "Invalid JWT Signature.")
        if not usable:
            return _no(400, "invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes).")
        wanted = frozenset(told.get("scope", "").split())
        if told.get("sub") != key.subject or not wanted or not wanted <= key.scopes:
            return _no(401, "unauthorized_client", "Client is unauthorized to retrieve access tokens using this method,"
                       " or client not authorized for any of the scopes requested.")  # fmt: skip
        return self._give(wanted)

    def _give(self, scopes: frozenset[str], **more: str) -> Answer:
        self._given += 1
        token = f"ya29.access-{self._given}"
        self._access[token] = scopes
        told = {"access_token": token, "expires_in": _HOUR - 1, "token_type": "Bearer"}
        return Answer(200, {**told, **more, "scope": " ".join(sorted(scopes))})


def _part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _no(status: int, error: str, description: str) -> Answer:
    return Answer(status, {"error": error, "error_description": description})
