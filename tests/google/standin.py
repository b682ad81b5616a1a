"""A stand-in for Google on this machine, as strict as Google's documentation.

It holds each request to Google's own description of the method (its discovery document): unknown parameters are
refused, and so is a token whose scopes do not reach. What Google can do and no connector asks for is refused as "not
in this stand-in".
"""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Self

from tests.google import calendar_api, gmail_api, people
from tests.google.answers import Answer, Refusal, absent, missing_here
from tests.google.calendars import Store
from tests.google.faults import Cut, Faults, refused
from tests.google.fields import partial
from tests.google.mail import Mail
from tests.google.methods import find
from tests.google.oauth import OAuth
from tests.google.serving import Asked, Server, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from tests.google.answers import Document
    from tests.google.methods import Method

_METADATA = "https://www.googleapis.com/auth/gmail.metadata"
_WHOLE = (None, ["full"], ["raw"])


class Service:
    """Google for one account, as it answers whoever asks in this process (`work`; see `tests.google.inside`).

    `url` is the endpoint for `connectors.google.account`.
    """

    def __init__(self, address: str = "robin@example.org", url: str = "http://127.0.0.1:1") -> None:
        self.address = address
        self.url = url
        self.token_uri = f"{url}/token"
        self.requests: list[Asked] = []
        """All that came, in order; those to `/token` too."""
        self.oauth = OAuth()
        self._faults = Faults()
        self._lock = threading.RLock()
        self._calendars: dict[str, Store] = {}
        self.mail = Mail(self._lock)
        self.people = people.People(self._lock)
        self.calendar("primary")

    # --- what a test does ---

    def asked(self, *words: str) -> list[Asked]:
        """The requests whose "METHOD path" has all of these in it, without those for a token."""
        told = [(one, f"{one.method} {one.path}") for one in list(self.requests) if one.path != "/token"]
        return [one for one, line in told if all(word in line for word in words)]

    def token(self, scopes: Iterable[str]) -> str:
        """A refresh token for these scopes; its client is `oauth.CLIENT_ID` with `oauth.CLIENT_SECRET`."""
        return self.oauth.token(scopes)

    def withdraw(self, refresh_token: str) -> None:
        """The user takes the permission back."""
        self.oauth.withdraw(refresh_token)

    def forget_access_tokens(self) -> None:
        """401 for those that were given before."""
        self.oauth.forget_access_tokens()

    def service_key(self, scopes: Iterable[str]) -> dict[str, str]:
        """The key of a service account that may ask in the name of this account."""
        return self.oauth.service_key(self.address, scopes, self.token_uri)

    def calendar(self, calendar_id: str) -> Store:
        """A calendar of this account; a new one where there was none. `primary` is the one named by the address."""
        name = self.address if calendar_id == "primary" else calendar_id
        with self._lock:
            return self._calendars.setdefault(name, Store(name, self._lock))

    def fail(
        self,
        path: str,
        status: int,
        reason: str = "rateLimitExceeded",
        after: int | None = None,
        times: int = 1,
        *,
        skip: int = 0,
    ) -> None:
        """The next `times` requests whose path (or "POST path") has this expression in it are answered with an error.

        `after` is its Retry-After, in seconds. The first `skip` of them are answered as ever.
        """
        headers = {} if after is None else {"Retry-After": str(after)}
        self._faults.order(path, Refusal(status, reason, headers=headers), times, skip)

    def meanwhile(self, path: str, act: Callable[[], object], skip: int = 0) -> None:
        """Somebody does this just before one such request is answered, after `skip` others."""
        self._faults.order(path, act, 1, skip)

    def cut(self, path: str, times: int = 1, *, done: bool = False) -> None:
        """The connection ends without an answer: before it was done, or after."""
        self._faults.order(path, Cut.DONE if done else Cut.BEFORE, times)

    def half(self, path: str, times: int = 1) -> None:
        """Half of the answer comes, then the connection ends."""
        self._faults.order(path, Cut.HALF, times)

    def heal(self) -> None:
        """No fault any more."""
        self._faults.clear()

    # --- what it answers ---

    def work(self, asked: Asked) -> Work:
        """The answer to one request, and how its connection ends where it does."""
        with self._lock:
            self.requests.append(asked)
            fault = self._faults.take(asked.method, asked.path)
            if callable(fault):
                fault()
                fault = None
            if isinstance(fault, Refusal):
                return refused(fault, asked.path), None
            if fault is Cut.BEFORE:
                return None, fault
            return self._answer(asked), fault

    def _answer(self, asked: Asked) -> Answer:
        if (asked.method, asked.raw) == ("POST", "/token"):
            return self.oauth.answer(asked.body)
        try:
            method, names = find(asked.method, asked.raw)
            self._admit(method, asked)
            method.check(asked.query)
            document = self._do(method, names, asked)
            if document is not None and "fields" in asked.query:
                document = partial(document, asked.query["fields"][0])
        except Refusal as refusal:
            return refusal.answer(asked.path)
        return Answer(200, json.loads(json.dumps(document))) if document is not None else Answer(204)

    def _admit(self, method: Method, asked: Asked) -> None:
        granted = self.oauth.scopes(asked.headers.get("Authorization"))
        if not granted & method.scopes:
            told = "Request had insufficient authentication scopes."
            raise Refusal(403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT", told)
        whole = "format" in method.parameters and asked.query.get("format") in _WHOLE
        if granted & method.scopes == {_METADATA} and ("q" in asked.query or whole):
            raise Refusal(403, "forbidden", "Metadata scope doesn't allow format FULL or RAW, nor 'q' parameter")

    def _do(self, method: Method, names: dict[str, str], asked: Asked) -> Document | None:
        match method.id.partition(".")[0]:
            case "calendar":
                return self._of_calendar(method.id, names, asked)
            case "gmail":
                return gmail_api.answer(self.mail, self.address, method.id, names, asked)
            case _:
                return self._of_people(method.id, names, asked)

    def _of_calendar(self, method: str, names: dict[str, str], asked: Asked) -> Document:
        name = self.address if names.get("calendarId") == "primary" else names.get("calendarId", "")
        if name not in self._calendars:
            raise absent()
        match method:
            case "calendar.events.list":
                return calendar_api.list_events(self._calendars[name], asked.query)
            case "calendar.events.get":
                return calendar_api.get_event(self._calendars[name], names["eventId"])
            case _:
                raise missing_here(method)

    def _of_people(self, method: str, names: dict[str, str], asked: Asked) -> Document:
        match method:
            case "people.people.connections.list" if names["peopleId"] == "me":
                return people.list_connections(self.people, asked.query)
            case "people.contactGroups.list":
                return people.list_groups(self.people, asked.query)
            case _:
                raise missing_here(method)


class Google(Service):
    """The same on 127.0.0.1, for as long as the block lasts."""

    def __init__(self, address: str = "robin@example.org") -> None:
        self._server = Server(self.work)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        super().__init__(address, f"http://127.0.0.1:{self._server.server_address[1]}")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()
