"""Where Dovecot asks whose an access token is: a small server on this machine, in the form of Google's tokeninfo.

https://doc.dovecot.org/2.3/configuration_manual/authentication/oauth2/
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.google.answers import Answer, Refusal
from tests.google.serving import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.google.serving import Asked, Work
    from tests.google.standin import Service

MAIL = "https://mail.google.com/"
"""The scope that Google wants for IMAP."""


@contextmanager
def tokeninfo(owner: Callable[[str], str | None]) -> Iterator[str]:
    """The address to which a token is added; `owner` tells whose it is, None of one that is good for nothing."""

    def work(asked: Asked) -> Work:
        user = owner(asked.query["access_token"][0])
        if user is None:
            return Answer(400, {"error": "invalid_token", "error_description": "Invalid Value"}), None
        return Answer(200, {"email": user, "scope": MAIL, "expires_in": 3599}), None

    server = Server(work)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tokeninfo?access_token="
    finally:
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


class Known:
    """Whose a token is, as each test says it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """No token is good, and none was asked about."""
        self.good: dict[str, str] = {}
        self.asked: list[str] = []
        self._google: tuple[Service, str] | None = None

    def at_google(self, google: Service, user: str) -> None:
        """Tokens that this Google has given for IMAP are those of this user."""
        self._google = (google, user)

    def owner(self, token: str) -> str | None:
        """Whose this token is."""
        self.asked.append(token)
        if self._google is None:
            return self.good.get(token)
        google, user = self._google
        try:
            return user if MAIL in google.oauth.scopes(f"Bearer {token}") else None
        except Refusal:
            return None
