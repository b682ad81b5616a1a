"""The permission of the user: by their consent, or by the key of a service account; and why it is refused."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from connectors.base import ConnectorError, PermissionNeededError, TransientError
from connectors.google import download
from connectors.google.errors import COMMAND, CONSENT, Remedy
from connectors.google.gate import Gate
from connectors.google.scopes import Service, lacking, scopes
from connectors.google.token import FILE, Token, load, renew, save
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from pathlib import Path

    from google.auth.credentials import Credentials
    from google.auth.exceptions import GoogleAuthError

    from connectors.google.transport import Transport
    from connectors.waits import Waits

_TESTING = timedelta(days=7)
_UNUSED = timedelta(days=180)
_HOUR = timedelta(hours=1)
_LONGEST = 200
_SESSION = frozenset({"invalid_rapt", "rapt_required"})
_NEW_KEY = "Download the key of the service account as JSON again (docs/google.md)."
_DELEGATES = "An administrator gives its client id domain-wide delegation"
_ALLOWS = "Ask the administrator of its Google Workspace to allow the OAuth client"
BY_SOMEBODY = (COMMAND, _NEW_KEY, _DELEGATES, _ALLOWS)
"""What stands in the remedy where nothing of the account is to be had before the user, or an administrator, acts."""


class Permission(Protocol):
    """How one account lets itself be asked."""

    @property
    def account(self) -> str:
        """The address of the account, in the form of `rules.model.address()`; empty where it is not known.

        Raises:
            ConnectorError: the permission cannot be read.
        """
        ...

    @property
    def owner(self) -> str:
        """Whose the answers are: what is known of one owner is not taken for another's.

        The account; where that is not known, the consent, since each may be that of another account.

        Raises:
            ConnectorError: as for `account`.
        """
        ...

    @property
    def remedy(self) -> Remedy:
        """What mends it where Google does not accept it."""
        ...

    def learn(self, account: str) -> None:
        """Google has told the address of the account.

        Raises:
            ConnectorError: it is none of the user's.
        """
        ...

    def transport(self, service: Service, endpoint: str | None, waits: Waits | None = None) -> Transport:
        """The way to this service of Google with this permission. What another one lacks does not hinder it.

        Without `waits` it is waited for as in a cycle.

        Raises:
            ConnectorError: there is none that could be used.
        """
        ...

    def check(self, service: Service, endpoint: str | None) -> None:
        """Whether it serves for this service, as far as this machine can tell. Nothing is asked.

        Raises:
            ConnectorError: it does not.
        """
        ...

    def refusal(self, error: GoogleAuthError) -> ConnectorError:
        """What it means that Google gave no token."""
        ...


class Consent:
    """The permission that the user gave in a browser. What is renewed is kept, where the state may be written.

    `now` tells the time, aware. `mine` are my own addresses: another account than mine is not asked, for its mailbox is
    not where the drafts lie. Without any, whoever consented is.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime], mine: Collection[str] = (), *, write: bool = True
    ) -> None:
        self._folder = folder
        self._now = now
        self._mine = mine
        self._write = write
        self._token: Token | None = None

    @property
    def account(self) -> str:
        """See `Permission.account`."""
        token = self._loaded()
        return address(token.account) if token else ""

    @property
    def owner(self) -> str:
        """See `Permission.owner`."""
        token = self._loaded()
        return self.account or (token.granted.isoformat() if token else "")

    @property
    def remedy(self) -> Remedy:
        """It is given in a browser."""
        return CONSENT

    def learn(self, account: str) -> None:
        """See `Permission.learn`."""
        assert self._token is not None
        self._token = replace(self._token, account=account)
        self._keep()
        self._check(self._token)

    def transport(self, service: Service, endpoint: str | None, waits: Waits | None = None) -> Transport:
        """See `Permission.transport`."""
        token = self._serving(service, endpoint)
        from connectors.google.transport import WAITS, Transport  # noqa: PLC0415 - only where Google is asked

        return Transport(self._credentials(token), Gate(endpoint), waits=waits or WAITS)

    def check(self, service: Service, endpoint: str | None) -> None:
        """See `Permission.check`."""
        self._serving(service, endpoint)

    def _loaded(self) -> Token | None:
        self._token = self._token or load(self._folder)
        return self._token

    def _check(self, token: Token) -> None:
        if token.account and self._mine and address(token.account) not in self._mine:
            raise PermissionNeededError(
                f"the permission is that of {token.account}, which is none of your addresses",
                f"Run `{COMMAND}` again and choose yours; or, if this is yours too, write it under `me:`, `emails:`.",
            )

    def refusal(self, error: GoogleAuthError) -> ConnectorError:
        """See `Permission.refusal`."""
        if _says(error) != "invalid_grant":
            return _other(error, f"Download its file again (docs/google.md), then run `{COMMAND}`.")
        why = "" if self._token is None else f": {_why(self._token, self._now())}"
        if _says(error, "error_subtype") in _SESSION:
            why = ": your organisation asks for a new sign-in from time to time"
        return PermissionNeededError(f"Google no longer accepts the permission that you gave{why}",
                                     f"Run `{COMMAND}` to give it again; what is due is kept until then.")  # fmt: skip

    def _serving(self, service: Service, endpoint: str | None) -> Token:
        """The token, where it serves for this service."""
        token = self._loaded()
        if token is None:
            raise PermissionNeededError("Google was not yet asked for its permission", f"Run `{COMMAND}`.")
        missing = lacking(frozenset({service}), frozenset(token.scopes))
        if missing:
            raise PermissionNeededError(
                f"the permission that you gave Google does not cover this: {missing[0].why.partition(';')[0]}",
                f"Where you added that since, or left a box empty: run `{COMMAND}` again, and tick all boxes.",
            )
        self._check(token)
        if not Gate(endpoint).renews(token.token_uri):
            raise PermissionNeededError(
                f"the permission was not given by Google but by {token.token_uri}", f"Run `{COMMAND}` to give it again."
            )
        return token

    def _credentials(self, token: Token) -> Credentials:
        from google.oauth2.credentials import Credentials as OfUser  # noqa: PLC0415 - as above

        renewed = self._renewed

        class Kept(OfUser):
            def refresh(self, request: Any) -> None:
                super().refresh(request)  # type: ignore[no-untyped-call]  # google-auth has types in part
                renewed(self.token, self.expiry)

        return Kept(  # type: ignore[no-untyped-call]  # as above
            token=token.access_token or None,
            refresh_token=token.refresh_token,
            token_uri=token.token_uri,
            client_id=token.client_id,
            client_secret=token.client_secret,
            expiry=token.expires.replace(tzinfo=None) if token.expires else None,  # google-auth wants naive UTC
        )

    def _renewed(self, access_token: str | None, expiry: datetime | None) -> None:
        """An access token serves for an hour: the next cycles need not ask for one."""
        assert self._token is not None
        expires = expiry.replace(tzinfo=UTC) if expiry else None
        self._token = replace(self._token, access_token=access_token or "", expires=expires, used=self._now())
        self._keep()

    def _keep(self) -> None:
        assert self._token is not None
        if self._write:
            with suppress(OSError, ConnectorError):  # the next cycle asks again; what is wrong is told elsewhere
                renew(self._folder, self._token)


class ServiceAccount:
    """The key of a service account to which an administrator has delegated the domain.

    `subject` is the user in whose name it asks (https://developers.google.com/identity/protocols/oauth2/service-account),
    `services` are those that the configuration uses: an administrator is to let it reach all of them.
    """

    def __init__(self, key: Path, subject: str, services: frozenset[Service]) -> None:
        self._key = key
        self._subject = subject
        self._services = services

    @property
    def account(self) -> str:
        """The user in whose name it asks."""
        return address(self._subject)

    @property
    def owner(self) -> str:
        """As the account, which is always known."""
        return self.account

    @property
    def remedy(self) -> Remedy:
        """An administrator gives it."""
        wanted = ",".join(scope.address for scope in scopes(self._services))
        again = f"{_DELEGATES}, in the Admin console, under Security, API controls, for: {wanted}"
        return Remedy(again, "name the account that has your mail as its `user:`, under `google:`.")

    def learn(self, account: str) -> None:
        """Learn nothing: it is known."""

    def transport(self, service: Service, endpoint: str | None, waits: Waits | None = None) -> Transport:
        """See `Permission.transport`."""
        from google.oauth2 import service_account  # noqa: PLC0415 - only where Google is asked

        from connectors.google.transport import WAITS, Transport  # noqa: PLC0415 - as above

        gate = Gate(endpoint)
        read = download.key(self._key)
        try:
            asked = [scope.address for scope in scopes(frozenset({service}))]
            credentials = service_account.Credentials.from_service_account_info(
                read, scopes=asked, subject=self._subject
            )
            usable = gate.renews(read["token_uri"])
        except (ValueError, TypeError, AttributeError, KeyError) as error:  # the key itself is no key
            raise self._unusable("cannot be used") from error
        if not usable:
            raise self._unusable("is not one of Google's")
        return Transport(credentials, gate, waits=waits or WAITS)

    def check(self, service: Service, endpoint: str | None) -> None:  # noqa: ARG002 - the protocol
        """See `Permission.check`. What the administrator lets it do, this machine cannot tell."""
        download.key(self._key)

    def refusal(self, error: GoogleAuthError) -> ConnectorError:
        """See `Permission.refusal`."""
        if _says(error) in {"invalid_grant", "unauthorized_client", "access_denied"}:
            said = _says(error, "error_description")
            if "JWT" in said:  # the key is gone, or the time is wrong
                return PermissionNeededError(
                    f"Google does not accept the key of the service account: {said[:_LONGEST]}",
                    f"{_NEW_KEY} If that does not help, look whether the clock of this machine is right.",
                )
            return PermissionNeededError(
                f"Google does not let the service account ask in the name of {self._subject}", self.remedy.again
            )
        return _other(error, _NEW_KEY)

    def _unusable(self, how: str) -> PermissionNeededError:
        hint = "Download the key as JSON again (docs/google.md), and name its file under `google:`."
        return PermissionNeededError(f"the key of the service account in {self._key} {how}", hint, file=str(self._key))


def _says(error: GoogleAuthError, what: str = "error") -> str:
    """What the token endpoint says (RFC 6749 section 5.2), as the transport hands it on."""
    answer = error.args[1] if len(error.args) > 1 else None
    return str(answer.get(what, "")) if isinstance(answer, dict) else ""


def _other(error: GoogleAuthError, remedy: str) -> ConnectorError:
    if error.args and isinstance(error.args[0], ConnectorError):
        return error.args[0]  # it could not be asked
    code = _says(error)
    if code in {"invalid_client", "unauthorized_client", "deleted_client", "disabled_client"}:
        return PermissionNeededError(
            f"Google does not know the OAuth client ({code}): it was deleted, or its secret was changed", remedy
        )
    if code in {"admin_policy_enforced", "access_denied", "org_internal"}:
        return PermissionNeededError(
            f"your organisation does not let Afterword see this account ({code})",
            f"{_ALLOWS} (docs/google.md).",
        )
    return TransientError("Google gives no access token just now", "Nothing to do: it is asked again.")


def _why(token: Token, now: datetime) -> str:
    """Which of the known causes of `invalid_grant` fits.

    https://developers.google.com/identity/protocols/oauth2#expiration
    """
    if now - token.used >= _UNUSED:
        return "it was not used for six months, and Google takes such a one back"
    if now - token.granted >= _TESTING and token.used - token.granted <= _TESTING + _HOUR:
        return ('it was seven days old, and as long as your OAuth client is in "testing", Google takes it back then; '
                "publish the client to end that (docs/google.md)")  # fmt: skip
    return "you took it back in your Google account, changed its password, or gave it so often that the oldest fell out"


__all__ = ["BY_SOMEBODY", "FILE", "Consent", "Permission", "ServiceAccount", "Token", "load", "save"]
