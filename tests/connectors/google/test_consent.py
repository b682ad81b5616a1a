"""The consent at its loopback port: what else comes there neither ends it nor holds it up."""

from __future__ import annotations

import json
import socket
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from hashlib import sha256
from io import StringIO
from queue import Queue
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.base import PermissionNeededError, TransientError
from connectors.google.consent import Asking
from connectors.google.scopes import Service, scopes
from tests.connectors.google.raw import listening
from tests.connectors.google.test_transport import answering, says
from tests.google.permitted import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from connectors.google.permission import Token
    from tests.connectors.google.raw import Raw

SERVICES = frozenset({Service.CALENDAR})
SCOPE = scopes(SERVICES)[0].address
GIVEN = json.dumps({"access_token": "ya29.a", "refresh_token": "1//r", "expires_in": 3599, "token_type": "Bearer",
                    "scope": SCOPE}).encode()  # fmt: skip
LIMIT = 30.0


class Told(StringIO):
    """What is printed, for another thread to wait for."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Queue[str] = Queue()

    def write(self, text: str) -> int:
        if text.strip():
            self.lines.put(text.strip())
        return len(text)


def asking(token_uri: str) -> Asking:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    client = {"client_id": "c", "client_secret": "s", "auth_uri": f"{token_uri}/auth", "token_uri": token_uri}
    return Asking(client, SERVICES, "robin@example.org", port)


@contextmanager
def waiting() -> Iterator[tuple[str, Future[Token], Raw]]:
    """A consent that waits for the browser: its address, what comes of it, and the server of the tokens."""
    told = Told()
    with (
        listening(answering(says(GIVEN))) as google,
        ThreadPoolExecutor(1) as pool,
        redirect_stdout(told),
    ):
        coming = pool.submit(asking(f"{google.url}/token").answer, NOW, browser=False, prompt="{url}", patience=LIMIT)
        yield told.lines.get(timeout=LIMIT), coming, google


def asked(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def status(address: str, **query: str) -> int:
    return requests.get(address, params=query, timeout=LIMIT).status_code


def test_what_browsers_and_others_ask_besides_is_answered_with_nothing_and_the_consent_goes_on() -> None:
    with waiting() as (address, coming, google):
        back, state = asked(address)["redirect_uri"], asked(address)["state"]
        here = urlsplit(back)
        assert (here.hostname, here.path) == ("127.0.0.1", "/")
        with socket.create_connection(("127.0.0.1", here.port or 0)):  # a browser's preconnect says nothing
            assert status(f"{back}favicon.ico") == 404
            assert status(f"{back}favicon.ico", state=state) == 404
            assert status(back) == 404
            assert status(back, error="access_denied") == 404
            assert status(back, code="theirs", state="another") == 404
            assert google.requests == []
            page = requests.get(back, params={"code": "ours", "state": state, "scope": SCOPE}, timeout=LIMIT)
            assert page.text == "Thank you. The terminal tells whether it worked; you may close this page."
            assert page.headers["Content-Type"] == "text/plain; charset=utf-8"
            token = coming.result(LIMIT)
    assert (token.refresh_token, token.scopes) == ("1//r", (SCOPE,))
    assert len(google.requests) == 1


def test_the_code_can_be_used_by_none_but_us() -> None:
    """PKCE (RFC 7636): the address has a digest of what the question for the token then tells."""
    with waiting() as (address, coming, google):
        told = asked(address)
        assert status(told["redirect_uri"], code="ours", state=told["state"], scope=SCOPE) == 200
        coming.result(LIMIT)
    form = parse_qs(google.requests[0].partition(b"\r\n\r\n")[2].decode())
    digest = urlsafe_b64encode(sha256(form["code_verifier"][0].encode()).digest()).decode().rstrip("=")
    assert (told["code_challenge_method"], told["code_challenge"]) == ("S256", digest)
    assert form["code"] == ["ours"]


def test_a_user_who_declines_is_told_that_nothing_was_changed() -> None:
    with waiting() as (address, coming, google):
        told = asked(address)
        assert status(told["redirect_uri"], error="access_denied", state=told["state"]) == 200
        with pytest.raises(PermissionNeededError, match="was not given"):
            coming.result(LIMIT)
    assert google.requests == []


def test_a_connection_that_says_nothing_does_not_hold_it_up_beyond_its_time() -> None:
    one = asking("https://google.example/token")
    told = Told()
    with ThreadPoolExecutor(1) as pool, redirect_stdout(told):
        coming = pool.submit(one.answer, NOW, browser=False, prompt="{url}", patience=0.5)
        told.lines.get(timeout=LIMIT)
        with socket.create_connection(("127.0.0.1", one.port)), pytest.raises(TransientError, match="nobody consented"):
            coming.result(LIMIT)


def test_a_port_that_is_taken_is_told() -> None:
    one = asking("https://google.example/token")
    with socket.create_server(("127.0.0.1", one.port)), pytest.raises(TransientError, match=f"port {one.port} of this"):
        one.answer(NOW, browser=False, prompt="{url}")
