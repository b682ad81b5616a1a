"""The way to Google on a bad day."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from google.auth.exceptions import RefreshError, TransportError
from google.oauth2.credentials import Credentials

from connectors.base import ConnectorError, PermanentError, TransientError
from connectors.google.gate import Gate, RefusedError
from connectors.google.scopes import scopes
from connectors.google.transport import Transport
from connectors.retry import AgainError
from connectors.waits import Waits
from tests.connectors.google.raw import Raw, listening, reset
from tests.google.oauth import CLIENT_ID, CLIENT_SECRET
from tests.google.permitted import EVERYTHING
from tests.google.standin import Google

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DRAFTS = "/gmail/v1/users/me/drafts"
EVENTS = "/calendar/v3/calendars/primary/events"
PLENTY = 60.0


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


def to(url: str, token: str | None = "ya29.still-good", refresh: str = "1//none", **limits: Any) -> Transport:
    """Credentials with an access token for as long as it lasts."""
    credentials = Credentials(
        token=token,
        refresh_token=refresh,
        token_uri=f"{url}/token",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
    )
    return Transport(credentials, Gate(url), **limits)


def permitted(google: Google, **limits: Any) -> Transport:
    return to(google.url, None, google.token(scope.address for scope in scopes(EVERYTHING)), **limits)


def says(body: bytes, *heads: str, length: int | None = None, status: str = "200 OK") -> bytes:
    told = [f"HTTP/1.1 {status}", *heads]
    if length is not None:
        told.append(f"Content-Length: {length}")
    return "\r\n".join([*told, "", ""]).encode() + body


def answering(data: bytes) -> Callable[[Raw, socket.socket], None]:
    return lambda _, connection: connection.sendall(data)


def failed(raw: Raw, method: str = "GET", path: str = DRAFTS, **limits: Any) -> ConnectorError:
    transport = to(raw.url, **limits)
    with pytest.raises(ConnectorError) as caught:
        transport.request(f"{raw.url}{path}", method, body=b"{}" if method == "POST" else None)
    transport.close()
    return caught.value


def test_an_answer_comes_with_its_status_and_its_fields(google: Google) -> None:
    status, content = permitted(google).request(f"{google.url}{EVENTS}")
    assert (status.status, json.loads(content)["items"]) == (200, [])
    assert status["content-type"].startswith("application/json")


def test_a_packed_answer_is_unpacked(google: Google) -> None:
    agent = {"user-agent": "Afterword (gzip)", "accept-encoding": "gzip, deflate"}
    _, content = permitted(google).request(f"{google.url}{EVENTS}", headers=agent)
    assert json.loads(content)["items"] == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_reset_connection_is_told_and_nothing_is_sent_twice(method: str) -> None:
    with listening(lambda _, connection: reset(connection)) as raw:
        assert isinstance(failed(raw, method), AgainError)
    assert len(raw.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_ends_without_an_answer_is_told_and_nothing_is_sent_twice(method: str) -> None:
    with listening(lambda *_: None) as raw:
        assert isinstance(failed(raw, method), AgainError)
    assert len(raw.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_sent_twice_on_a_connection_that_was_kept_open(google: Google, method: str) -> None:
    """The first answer shows a connection that works; the second one is cut in the middle of it."""
    transport = permitted(google)
    transport.request(f"{google.url}{EVENTS}")
    google.cut(DRAFTS)
    with pytest.raises(AgainError):
        transport.request(f"{google.url}{DRAFTS}", method, body=b"{}" if method == "POST" else None)
    assert len(google.asked(f"{method} {DRAFTS}")) == 1


@pytest.mark.parametrize(
    "data",
    [
        says(b'{"items": [', length=40),
        says(b"28\r\n" + b'{"items": [', "Transfer-Encoding: chunked"),
        says(b"b\r\n" + b'{"items": [' + b"\r\n", "Transfer-Encoding: chunked"),
        says(gzip.compress(b'{"items": []}' * 9, mtime=0)[:30], "Content-Encoding: gzip", length=60),
        says(b"", length=40),
        b"HTTP/1.1 2",
    ],
)
def test_half_an_answer_is_none(data: bytes) -> None:
    with listening(answering(data)) as raw:
        assert isinstance(failed(raw), AgainError)
    assert len(raw.requests) == 1


@pytest.mark.parametrize(
    "data",
    [
        says(b" " * 3000, length=3000),
        says(b" " * 3000),
        says(b"bb8\r\n" + b" " * 3000 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
        says(gzip.compress(b" " * 3_000_000, mtime=0), "Content-Encoding: gzip"),
    ],
)
def test_an_answer_that_is_too_large_is_not_read_to_its_end(data: bytes) -> None:
    with listening(answering(data)) as raw:
        error = failed(raw, largest=2000)
    assert type(error) is PermanentError
    assert "larger than" in error.message


def test_an_answer_as_large_as_is_allowed_is_read() -> None:
    with listening(answering(says(b" " * 2000, length=2000))) as raw:
        _, content = to(raw.url, largest=2000).request(f"{raw.url}{DRAFTS}")
    assert len(content) == 2000


SLOW = says(b" " * 10_000, length=10_000)


@pytest.mark.parametrize(
    "data",
    [
        SLOW,
        says(b" " * 10_000),  # without a length the end of the connection looks like the end of the answer
        says(b" " * 10_000, "Connection: close"),
        says(b"", *(f"X-{number}: y" for number in range(90))),
        says(b"1" + b"0" * 5000, "Transfer-Encoding: chunked"),
    ],
)
def test_an_answer_that_drips_is_cut_off(data: bytes) -> None:
    began = time.monotonic()
    with listening(lambda raw, connection: raw.drip(connection, data, 0.01)) as raw:
        error = failed(raw, waits=Waits(PLENTY, PLENTY, answer=0.3))
    assert type(error) is TransientError
    assert "took longer than 0.3 seconds" in error.message
    assert time.monotonic() - began < PLENTY / 4
    assert len(raw.requests) == 1


def test_a_server_that_says_nothing_is_left() -> None:
    def wait(raw: Raw, _: socket.socket) -> None:
        raw.ending.wait(PLENTY)

    with listening(wait) as raw:
        error = failed(raw, "POST", waits=Waits(PLENTY, silence=0.2, answer=PLENTY))
    assert isinstance(error, AgainError)
    assert "did not answer for 0.2 seconds" in error.message
    assert len(raw.requests) == 1


def test_after_a_cut_the_next_question_is_answered(google: Google) -> None:
    transport = permitted(google)
    google.half(EVENTS)
    with pytest.raises(AgainError):
        transport.request(f"{google.url}{EVENTS}")
    assert transport.request(f"{google.url}{EVENTS}")[0].status == 200


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed(status: str, method: str) -> None:
    with listening(answering(says(b"", length=0))) as elsewhere:
        data = says(b"", f"Location: {elsewhere.url}/gmail/v1/users/me/drafts", length=0, status=status)
        with listening(answering(data)) as raw:
            answer, _ = to(raw.url).request(f"{raw.url}{DRAFTS}", method, body=b"{}")
    assert answer.status == int(status[:3])
    assert (len(raw.requests), elsewhere.requests) == (1, [])


def test_nobody_there_is_told() -> None:
    with listening(lambda *_: None) as raw:
        pass
    assert isinstance(failed(raw), AgainError)


# --- tokens ---


def test_one_token_serves_many_questions(google: Google) -> None:
    transport = permitted(google)
    for _ in range(3):
        transport.request(f"{google.url}{EVENTS}")
    assert [one.path for one in google.requests] == ["/token", EVENTS, EVENTS, EVENTS]


def test_a_token_that_is_refused_is_renewed_once(google: Google) -> None:
    transport = permitted(google)
    transport.request(f"{google.url}{EVENTS}")
    google.forget_access_tokens()
    assert transport.request(f"{google.url}{EVENTS}")[0].status == 200
    assert [one.path for one in google.requests[2:]] == [EVENTS, "/token", EVENTS]


def test_a_new_token_that_is_refused_too_is_the_answer(google: Google) -> None:
    google.fail(EVENTS, 401, "authError", times=9)
    answer, _ = permitted(google).request(f"{google.url}{EVENTS}")
    assert answer.status == 401
    assert len(google.asked("GET", EVENTS)) == 2


def test_a_draft_whose_token_was_refused_is_created_once(google: Google) -> None:
    transport = permitted(google)
    transport.request(f"{google.url}{EVENTS}")
    google.forget_access_tokens()
    transport.request(f"{google.url}{DRAFTS}", "POST", body=b'{"message": {"raw": "VG86IGENCg0KYg0K"}}')
    assert len(google.mail.drafts) == 1


def test_a_token_endpoint_that_is_busy_is_asked_once_by_this_and_may_be_asked_again(google: Google) -> None:
    """google-auth would try three times, and sleep."""
    for status in (429, 500, 503):
        google.fail("/token", status, "internal_failure")
        with pytest.raises(TransportError) as caught:
            permitted(google).request(f"{google.url}{EVENTS}")
        assert isinstance(caught.value.args[0], AgainError)
    assert len(google.requests) == 3


@pytest.mark.parametrize(
    "data",
    [
        says(b"<html>log in first</html>", length=25),
        says(b"[]", length=2),
        says(b"{}", length=2),
        says(b'{"access_token": 5}', length=19),
        says(b'{"access_token": "ya29.a", "expires_in": "soon"}', length=48),
        says(b'{"access_token": "ya29.a", "expires_in": 1e30}', length=46),
        says(b'{"access_token": "ya29.a", "expires_in": [1]}', length=45),
        says(b"", length=0),
        says(b'"text"', length=6, status="400 Bad Request"),
        says(b'["text"]', length=8, status="400 Bad Request"),
        says(b"", "Location: http://127.0.0.1:1/", length=0, status="302 Found"),
    ],
)
def test_what_is_no_token_is_not_taken_for_one(data: bytes) -> None:
    with listening(answering(data)) as raw:
        transport = to(raw.url, None)
        with pytest.raises(TransportError) as caught:
            transport.request(f"{raw.url}{DRAFTS}")
    assert isinstance(caught.value.args[0], TransientError)
    assert len(raw.requests) == 1


def test_why_there_is_no_token_is_handed_on(google: Google) -> None:
    refresh = google.token(())
    google.withdraw(refresh)
    with pytest.raises(RefreshError) as caught:
        to(google.url, None, refresh).request(f"{google.url}{EVENTS}")
    assert caught.value.args[1]["error"] == "invalid_grant"


def test_a_token_is_asked_for_at_google_only(google: Google) -> None:
    transport = permitted(google)
    assert isinstance(transport.credentials, Credentials)
    transport.credentials._token_uri = "https://evil.example/token"
    with pytest.raises(RefusedError):
        transport.request(f"{google.url}{EVENTS}")
    assert google.requests == []


# --- around it ---


def test_no_netrc_and_no_proxy_of_the_environment_is_used(
    google: Google, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("default login robin password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    permitted(google).request(f"{google.url}{EVENTS}")
    assert google.asked(EVENTS)[0].headers["Authorization"].startswith("Bearer ya29.")


def test_a_proxy_of_the_environment_leads_to_google(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with listening(answering(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        transport = Transport(to(proxy.url).credentials, Gate())
        with pytest.raises(AgainError, match="cannot be reached"):
            transport.request(f"https://www.googleapis.com{EVENTS}")
    assert [one.startswith(b"CONNECT www.googleapis.com:443 ") for one in proxy.requests] == [True]


@pytest.fixture
def certified(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that nobody but this test knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        builder.add_extension(own, critical=False)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9999))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "server.pem"
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_that_is_not_googles_is_not_accepted(certified: ssl.SSLContext) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}"

        def greet() -> None:
            connection, _ = server.accept()
            with connection, pytest.raises(ssl.SSLError):
                certified.wrap_socket(connection, server_side=True)

        thread = threading.Thread(target=greet)
        thread.start()
        with pytest.raises(PermanentError, match="certificate"):
            to(url).request(f"{url}{DRAFTS}")
        thread.join()


def test_the_certificates_that_the_environment_names_are_accepted(
    certified: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://127.0.0.1:{server.getsockname()[1]}"

        def greet() -> None:
            connection, _ = server.accept()
            with certified.wrap_socket(connection, server_side=True) as secured:
                secured.recv(65_536)
                secured.sendall(says(b"{}", length=2))

        thread = threading.Thread(target=greet)
        thread.start()
        assert to(url).request(f"{url}{DRAFTS}")[1] == b"{}"
        thread.join()
