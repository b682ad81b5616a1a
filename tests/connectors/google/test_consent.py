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

from connectors.base import PermanentError, PermissionNeededError, TransientError
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
def waiting(given: bytes | None = None) -> Iterator[tuple[str, Future[Token], Raw]]:
    """A consent that waits for the browser: its address, what comes of it, and the server of the tokens.

    `given` is what that answers, all of it; without it, a permission.
    """
    told = Told()
    with (
        listening(answering(given or says(GIVEN))) as google,
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


def answered(given: bytes) -> Token:
    """The user consents, and this is what the token endpoint answers to the code."""
    with waiting(given) as (address, coming, _):
        told = asked(address)
        assert status(told["redirect_uri"], code="ours", state=told["state"], scope=SCOPE) == 200
        return coming.result(LIMIT)


def changed(**fields: object) -> bytes:
    return says(json.dumps({**json.loads(GIVEN), **fields}).encode())


@pytest.mark.parametrize(
    "given",
    [
        says(b"[]"),
        says(b"null"),
        says(b'"text"'),
        says(b"5"),
        says(b"{}"),
        says(b""),
        says(b"<html>log in first</html>"),
        says(b"access_token=ya29.a&refresh_token=1//r"),
        says(b"[" * 50_000),
        says(b'{"error": 5}', status="400 Bad Request"),
        says(b'{"error": ["invalid_grant"]}', status="400 Bad Request"),
        says(GIVEN, status="500 Internal Server Error"),
        says(b"<html>busy</html>", status="503 Service Unavailable"),
        changed(access_token=None),
        changed(access_token=5),
        changed(expires_in="soon"),
        changed(expires_in=[3599]),
        changed(expires_in=1e30),
        changed(expires_in=10**400),
        changed(expires_in=float("nan")),
        changed(expires_in=-1),
        changed(scope=5),
        changed(scope={"a": 1}),
    ],
)
def test_what_is_no_permission_is_told_with_its_place_and_what_to_do(given: bytes) -> None:
    with pytest.raises(TransientError, match=r"http://127\.0\.0\.1:\d+/token gave no permission: ") as caught:
        answered(given)
    assert "Try again in a few minutes" in (caught.value.hint or "")
    assert "ya29" not in f"{caught.value.message}{caught.value.hint}"


def test_a_token_endpoint_that_ends_the_connection_is_told() -> None:
    with pytest.raises(TransientError, match="could not be asked"):
        answered(b"HTTP/1.1 ")


def test_certificates_that_this_machine_does_not_have_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    told = Told()
    with ThreadPoolExecutor(1) as pool, redirect_stdout(told):
        one = asking("https://127.0.0.1:9/token")
        coming = pool.submit(one.answer, NOW, browser=False, prompt="{url}", patience=LIMIT)
        page = asked(told.lines.get(timeout=LIMIT))
        assert status(page["redirect_uri"], code="ours", state=page["state"], scope=SCOPE) == 200
        with pytest.raises(TransientError, match=r"could not be asked: .*/nowhere/ca\.pem"):
            coming.result(LIMIT)


@pytest.mark.parametrize(
    ("code", "words"),
    [("invalid_client", "does not know this OAuth client"), ("invalid_grant", "Google did not give the permission")],
)
def test_why_the_code_is_refused_is_told(code: str, words: str) -> None:
    with pytest.raises(PermanentError, match=words):
        answered(says(json.dumps({"error": code}).encode(), status="400 Bad Request"))


@pytest.mark.parametrize("refresh_token", [None, 5, ""])
def test_a_permission_that_cannot_be_renewed_is_none(refresh_token: object) -> None:
    with pytest.raises(PermanentError, match="for an hour only"):
        answered(changed(refresh_token=refresh_token))


@pytest.mark.parametrize("fields", [{"expires_in": "3599"}, {"expires_in": None}, {"scope": None}, {"scope": [SCOPE]}])
def test_what_is_merely_unusual_is_a_permission(fields: dict[str, object]) -> None:
    """A time as a text, none at all, and no scopes: those that were asked for (RFC 6749 section 5.1)."""
    told = {name: value for name, value in {**json.loads(GIVEN), **fields}.items() if value is not None}
    assert answered(says(json.dumps(told).encode())).scopes == (SCOPE,)
