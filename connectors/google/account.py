"""One Google account, as the calendar, the mailbox and the address book ask it: built late, repeated with patience."""

from __future__ import annotations

from contextlib import closing, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from connectors.base import ConnectorError, TransientError
from connectors.google.answers import understood
from connectors.google.errors import MissingError, told
from connectors.google.gate import RefusedError
from connectors.google.scopes import Service
from connectors.retry import Patience, again
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from googleapiclient.discovery import Resource
    from googleapiclient.http import HttpRequest

    from connectors.google.permission import Permission
    from connectors.waits import Waits

Document = dict[str, Any]
"""An answer of Google: what its reference calls a resource."""


_LONGEST = 300


class Account:
    """Asks Google with the permission of the user.

    `endpoint` stands in place of Google's hosts (an emulator on this machine). `pause` waits so many seconds; without
    it tenacity's own does. One budget of patience serves the whole of a cycle. `waits` is how long Google is waited
    for; without it as long as a cycle waits.
    """

    def __init__(
        self,
        permission: Permission,
        endpoint: str | None = None,
        pause: Callable[[float], None] | None = None,
        waits: Waits | None = None,
    ) -> None:
        self._permission = permission
        self._endpoint = endpoint
        self._pause = pause
        self._waits = waits
        self._patience = Patience(waits.retries) if waits else Patience()

    @cached_property
    def calendar(self) -> Resource:
        """The Calendar API, v3 (https://developers.google.com/workspace/calendar/api/v3/reference)."""
        return self._service(Service.CALENDAR, "calendar", "v3", "calendar/v3/")

    @cached_property
    def gmail(self) -> Resource:
        """The Gmail API, v1 (https://developers.google.com/workspace/gmail/api/reference/rest)."""
        return self._service(Service.MAIL, "gmail", "v1")

    @cached_property
    def people(self) -> Resource:
        """The People API, v1 (https://developers.google.com/people/api/rest)."""
        return self._service(Service.CONTACTS, "people", "v1")

    @property
    def owner(self) -> str:
        """Whose the answers are; see `Permission.owner`."""
        return self._permission.owner

    @property
    def remedy(self) -> str:
        """What mends it where the permission is not accepted, as a sentence."""
        return self._permission.remedy.again

    def address(self) -> str:
        """The address of the account, asked of Gmail where the permission does not tell it.

        Empty where Google does not either (an emulator).

        Raises:
            ConnectorError: it cannot be known just now, or is none of the user's.
        """
        if not self._permission.account:
            what = "your mailbox"
            try:
                told = self.ask(self.gmail.users().getProfile(userId="me", fields="emailAddress"), what)
            except MissingError:
                return ""
            with understood(what):
                self._permission.learn(address(told["emailAddress"]))
        return self._permission.account

    def ask(self, request: HttpRequest, what: str) -> Document:
        """Ask for something; what may pass by itself is asked again, as long as the budget lasts.

        `what` names it in the errors: "the calendar primary".

        Raises:
            ConnectorError: there is no answer; `connectors.google.errors` has the kinds.
        """
        return again(lambda: self.once(request, what), self._pause, self._patience)

    def token(self, service: Service, *, anew: bool = False) -> str:
        """An access token for this service, for what is asked in another way than here; asked for once.

        `anew`: another than the one that was given before.

        Raises:
            ConnectorError: there is none.
        """
        with (
            self._told("an access token"),
            closing(self._permission.transport(service, self._endpoint, self._waits)) as transport,
        ):
            return transport.token(anew=anew)

    def once(self, request: HttpRequest, what: str) -> Document:
        """Ask once and no more: for what creates or deletes.

        Raises:
            ConnectorError: there is no answer. Whether it was done, nobody knows then.
        """
        from googleapiclient.errors import HttpError  # noqa: PLC0415 - only where Google is asked

        with self._told(what):
            try:
                answer = request.execute(num_retries=0)
            except HttpError as error:
                raise told(int(error.resp.status), error.content, what, _seconds(error.resp.get("retry-after")),
                           remedy=self._permission.remedy) from error  # fmt: skip
        if request.method == "DELETE":
            return {}  # it is done, and there is nothing to say
        if not isinstance(answer, dict):
            raise _unreadable(what)
        return answer

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """What goes wrong inside is told in the words of the house."""
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 - only where Google is asked

        try:
            yield
        except GoogleAuthError as error:
            raise self._permission.refusal(error) from error
        except RefusedError as error:
            raise RefusedError(f"Google was not asked about {what}: {error.message[:_LONGEST]}",
                               "Look whether the settings name it in another way than Google does; if not, please "
                               "report this.") from error  # fmt: skip
        except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
            # googleapiclient and google-auth trust documents to be in form.
            raise _unreadable(what) from error

    def _service(self, service: Service, name: str, version: str, path: str = "") -> Resource:
        from googleapiclient.discovery import build  # noqa: PLC0415 - only where Google is asked

        options = None if self._endpoint is None else {"api_endpoint": f"{self._endpoint.rstrip('/')}/{path}"}
        transport = self._permission.transport(service, self._endpoint, self._waits)
        return build(
            name, version, http=transport, static_discovery=True, cache_discovery=False, client_options=options
        )


def _unreadable(what: str) -> TransientError:
    return TransientError(f"Google's answer about {what} cannot be read", "Nothing to do: it is asked again.")


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds (RFC 9110 section 10.2.3); a date is not what Google sends."""
    return float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None


__all__ = ["Account", "ConnectorError", "Document"]
