"""An account at the stand-in to which a user has consented."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.google.account import Account
from connectors.google.permission import Consent, Token, save
from connectors.google.scopes import Service, scopes
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from tests.google import standin

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
EVERYTHING = frozenset(Service)


def consented(
    google: standin.Service,
    folder: Path,
    services: frozenset[Service] = EVERYTHING,
    now: datetime = NOW,
    account: str | None = None,
) -> Token:
    """The user consents to what these services need; the token lies in the folder.

    `account` is what is known of whose it is: without one, the address that Gmail tells.
    """
    granted = tuple(scope.address for scope in scopes(services))
    if account is None:
        account = google.address if Service.MAIL in services else ""
    token = Token(google.token(granted), CLIENT_ID, CLIENT_SECRET, google.token_uri, granted, now, now, account=account)
    save(folder, token)
    return token


def permitted(
    google: standin.Google,
    folder: Path,
    pauses: list[float] | None = None,
    now: datetime = NOW,
    account: str | None = None,
) -> Account:
    """An account with the permission for everything, which waits in no test; `pauses` takes down how long it would.

    `account` as for `consented`.
    """
    consented(google, folder, now=now, account=account)
    waited = pauses if pauses is not None else []
    return Account(Consent(folder, lambda: now), google.url, pause=waited.append)
