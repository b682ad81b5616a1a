"""The user's consent, asked for in a browser: the flow of an installed application, with PKCE, over a loopback port.

https://developers.google.com/identity/protocols/oauth2/native-app
"""

from __future__ import annotations

import os
import webbrowser
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.base import ConnectorError, PermanentError, PermissionNeededError, TransientError
from connectors.google.loopback import HOST, waiting
from connectors.google.scopes import lacking, scopes
from connectors.google.token import Token

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from requests import Response

    from connectors.google.scopes import Service

PATIENCE = 600
"""Seconds that the user has to consent."""
LONGEST = 60.0
"""Seconds that the token endpoint may be silent."""
_THANKS = "Thank you. The terminal tells whether it worked; you may close this page."
_MAKE = 'Make one of the kind "Desktop app" and download its file; docs/google.md walks through it.'


class Asking:
    """One question to the user: `answer` asks it, and waits for the browser to come back."""

    def __init__(self, client: Mapping[str, str], services: frozenset[Service], account: str, port: int) -> None:
        from google_auth_oauthlib.flow import InstalledAppFlow  # noqa: PLC0415 - only where consent is asked for

        self._client = client
        self._services = services
        self._account = account
        self.port = port
        wanted = [scope.address for scope in scopes(services)]

        class Flow(InstalledAppFlow):  # type: ignore[misc]  # its base has no types
            def fetch_token(self, **given: Any) -> Any:
                """With the client in the body, as Google's page shows it; and not for ever."""
                return super().fetch_token(include_client_id=True, timeout=LONGEST, **given)

        self._flow = Flow.from_client_config(
            {"installed": {**client, "redirect_uris": []}}, wanted, autogenerate_code_verifier=True
        )
        self._flow.oauth2session.register_compliance_hook("access_token_response", _checked)

    def answer(self, now: datetime, *, browser: bool, prompt: str, patience: float = PATIENCE) -> Token:
        """Open the browser, or let `prompt` (which has a place `{url}`) be printed, and wait for the consent.

        Raises:
            ConnectorError: the user did not consent, or it did not work.
        """
        with _settled(self._client["token_uri"]):
            try:
                came = self._came(browser=browser, prompt=prompt, patience=patience)
            except OSError as error:
                hint = "Wait a minute, or name another one with --port."
                message = f"port {self.port} of this machine cannot be used: {error.strerror}"
                raise TransientError(message, hint) from error
            return self._exchanged(came, now)

    def _exchanged(self, came: str, now: datetime) -> Token:
        """What the browser has brought, exchanged for the permission."""
        from google.auth.exceptions import RefreshError  # noqa: PLC0415 - only where consent is asked for
        from oauthlib.oauth2 import OAuth2Error  # noqa: PLC0415 - as above

        try:
            # oauthlib wants an address with TLS; over the loopback there is none to be had (RFC 8252 section 8.3)
            self._flow.fetch_token(authorization_response=f"https://{HOST}:{self.port}{came}")
            return self._token(self._flow.oauth2session.token, now)
        except RefreshError as error:
            code, document = error.args
            raise _refused(code, str(document.get("error_description", ""))) from error
        except OAuth2Error as error:
            raise _refused(error.error, error.description) from error
        except OSError as error:  # all that requests tells is one; what it does not find on this machine, too
            hint = "Check whether this machine is online."
            raise TransientError(f"Google could not be asked: {error}", hint) from error
        except (TransientError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            why = error.message if isinstance(error, TransientError) else "its answer cannot be read"
            raise TransientError(
                f"{self._client['token_uri']} gave no permission: {why}",
                "Try again in a few minutes. If it stays so, look whether somebody is in between: a network that wants "
                "a login first, or a client file that is not Google's.",
            ) from error

    def _came(self, *, browser: bool, prompt: str, patience: float) -> str:
        """The path and the query with which the browser comes back."""
        self._flow.redirect_uri = f"http://{HOST}:{self.port}/"
        address, state = self._flow.authorization_url(
            access_type="offline",
            prompt="consent",  # else a second consent gives no refresh token
            login_hint=self._account,
        )
        with waiting(self.port, state, _THANKS) as place:
            if browser:
                webbrowser.open(address, new=1)
            print(prompt.format(url=address), flush=True)  # noqa: T201 - where it goes is the caller's to say
            came = place.answer(patience)
        if came is None:
            raise TransientError("nobody consented within ten minutes", "Try again.")
        return came

    def _token(self, told: Mapping[str, Any], now: datetime) -> Token:
        """What the token endpoint has given; without `scope` it is what was asked for (RFC 6749 section 5.1)."""
        granted = frozenset(map(str, told.get("scope") or [scope.address for scope in scopes(self._services)]))
        missing = lacking(self._services, granted)
        if missing:
            raise PermissionNeededError(
                f"the box for '{missing[0].name}' was not ticked; it is needed {missing[0].why.partition(';')[0]}",
                "Try again, and tick all boxes.",
            )
        refresh_token = told.get("refresh_token")
        if not refresh_token or not isinstance(refresh_token, str):
            raise PermanentError(
                "Google gave a permission for an hour only", "Take Afterword out in your Google account, and try again."
            )
        return Token(
            refresh_token=refresh_token,
            client_id=self._client["client_id"],
            client_secret=self._client["client_secret"],
            token_uri=self._client["token_uri"],
            scopes=tuple(sorted(granted)),
            granted=now,
            used=now,
        )


def _checked(answer: Response) -> Response:
    """What oauthlib does not look at: the status, and whether it is a document at all."""
    from connectors.google.transport import check_token  # noqa: PLC0415 - only where consent is asked for

    check_token(answer.status_code, answer.content)
    return answer


def _refused(error: str, description: str) -> ConnectorError:
    if error == "access_denied":
        return PermissionNeededError("the permission was not given", "Try again when you like; nothing was changed.")
    if error in {"invalid_client", "unauthorized_client", "deleted_client"}:
        return PermanentError(f"Google does not know this OAuth client ({error})", _MAKE)
    return PermanentError(f"Google did not give the permission: {description or error}", "Try again.")


@contextmanager
def _settled(token_uri: str) -> Iterator[None]:
    """What oauthlib is to bear: fewer scopes than were asked for, which are told; and an emulator without TLS."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"}
    if urlsplit(token_uri).hostname == HOST:
        wanted["OAUTHLIB_INSECURE_TRANSPORT"] = "1"
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
