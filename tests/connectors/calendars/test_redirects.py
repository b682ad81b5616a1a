from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from connectors.base import PermanentError, TransientError
from connectors.calendars import download
from connectors.calendars.ics import IcsAddress
from connectors.web import MAX_REDIRECTS, Bounds, Peers, named_local, plain
from tests.conformance.calendars import one
from tests.connectors.calendars.web import Web, reply, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from http.server import BaseHTTPRequestHandler

    from connectors.calendars.download import Answer


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(to("/robin.ics")) as running:
        yield running


def to(place: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer that sends everybody who is not there yet to a place."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("robin.ics"):
            reply(handler, 200, one())
        else:
            reply(handler, 302, Location=place)

    return answer


@pytest.fixture
def out_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of a public server, and a connection to 127.0.0.1 that says it is one to that server."""
    real = socket.getaddrinfo

    def lookup(host: str, port: int, *hints: int) -> object:
        return real("127.0.0.1" if host.endswith(".example.com") else host, port, *hints)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def fetch(address: str, *, local: bool = False) -> Answer:
    return download.download(address, {}, Bounds(1_000_000, 5.0), local=local)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(web: Web, status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/new.ics":
            reply(handler, 200, one())
        else:
            reply(handler, status, Location="/new.ics")

    web.answer = answer
    assert fetch(web.address).body == one()


def test_a_redirect_round_in_a_circle_ends(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 302, Location="/again")
    with pytest.raises(PermanentError, match="more than 5 times"):
        fetch(web.address)
    assert len(web.asked) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    "place",
    ["file:///etc/passwd", "ftp://calendar.example/x", "javascript:1", "", "//[", "data:,x"],
)
def test_a_redirect_to_what_is_no_web_address_is_not_followed(web: Web, place: str) -> None:
    web.answer = lambda handler: reply(handler, 302, Location=place)
    with pytest.raises(PermanentError, match="redirects"):
        fetch(f"http://127.0.0.1:{web.port}/")
    assert len(web.asked) == 1


def test_the_body_of_a_redirect_is_not_read(web: Web) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("robin.ics"):
            return reply(handler, 200, one())
        handler.send_response(302)
        handler.send_header("Location", "/robin.ics")
        handler.end_headers()
        while not web.ending.wait(0.001):
            handler.wfile.write(b"x" * 65_536)
        return None

    web.answer = endless
    assert fetch(f"http://127.0.0.1:{web.port}/").body == one()


def test_an_address_of_this_machine_that_the_user_wrote_is_asked(web: Web) -> None:
    assert fetch(web.address).body == one()
    assert fetch(f"http://localhost:{web.port}/robin.ics").body == one()


@pytest.mark.usefixtures("out_there")
def test_a_public_name_that_leads_to_this_machine_is_not_asked(web: Web) -> None:
    with pytest.raises(PermanentError, match="this machine") as raised:
        fetch(f"http://calendar.example.com:{web.port}/robin.ics")
    assert "local: true" in (raised.value.hint or "")
    assert web.asked == []


@pytest.mark.usefixtures("out_there")
def test_a_public_name_that_leads_to_this_machine_is_asked_where_the_user_allows_it(web: Web) -> None:
    assert fetch(f"http://calendar.example.com:{web.port}/robin.ics", local=True).body == one()


LOCAL = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "127.1"]


@pytest.mark.parametrize("host", LOCAL)
def test_a_redirect_from_outside_to_this_machine_is_not_followed(
    web: Web, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    seen: list[str] = []
    inside = serving(lambda handler: reply(handler, 200, one()))
    with inside as target:
        web.answer = to(f"http://{host}:{target.port}/x/robin.ics")

        def judged(text: str) -> object:
            """The first connection counts as one to the outside."""
            seen.append(text)
            return plain("93.184.216.34" if len(seen) == 1 else text)

        monkeypatch.setattr("connectors.web.plain", judged)
        monkeypatch.setattr("connectors.web.named_local", lambda _: False)
        with pytest.raises((PermanentError, TransientError)):
            fetch(f"http://127.0.0.1:{web.port}/start")
        assert target.asked == []
        assert len(web.asked) >= 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::",
        "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "240.0.0.1",
    ],
)  # fmt: skip
def test_addresses_of_this_network_are_known_in_each_of_their_forms(address: str) -> None:
    assert not plain(address).is_global


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_public_addresses_are_public(address: str) -> None:
    assert plain(address).is_global


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("http://127.0.0.1/x", True), ("http://192.168.1.5:8080/x", True), ("http://[fe80::1]/x", True),
        ("http://nas/x", True),
        ("http://localhost:1/x", True), ("http://nas.local/x", True), ("http://cloud.lan./x", True),
        ("https://calendar.example.com/x", False), ("https://93.184.216.34/x", False),
        ("https://local.example.com/x", False),
    ],
)  # fmt: skip
def test_what_the_user_wrote_tells_whether_it_is_meant_locally(address: str, local: bool) -> None:
    assert named_local(address) is local


def test_a_name_with_a_private_address_makes_the_source_local() -> None:
    """As in a network whose name server tells the inner address of the user's own cloud."""
    visit = Peers(local=False)
    visit.allow("192.168.1.5")
    visit.redirected = True
    visit.allow("192.168.1.6")


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "::ffff:127.0.0.1"])
def test_a_name_with_an_address_of_the_machine_itself_does_not(address: str) -> None:
    with pytest.raises(PermanentError, match="leads to this machine"):
        Peers(local=False).allow(address)


@pytest.mark.parametrize("address", ["192.168.1.5", "10.0.0.1", "127.0.0.1", "fc00::1"])
def test_after_a_public_server_no_private_one_is_asked(address: str) -> None:
    visit = Peers(local=False)
    visit.allow("93.184.216.34")
    visit.redirected = True
    with pytest.raises(PermanentError, match="is redirected to this machine"):
        visit.allow(address)


def test_a_password_stays_with_its_server(web: Web) -> None:
    with serving(to("")) as other:
        web.answer = to(other.address)
        fetch(f"http://robin:secret@127.0.0.1:{web.port}/start")
        assert web.asked[0].headers["Authorization"]
        assert other.asked[0].headers["Authorization"] is None
        web.answer = to("/x/robin.ics")
        fetch(f"http://robin:secret@127.0.0.1:{web.port}/start")
        assert web.asked[-1].headers["Authorization"]


def test_a_redirect_from_https_to_http_is_not_followed() -> None:
    with pytest.raises(PermanentError, match="https to http"):
        download._next("https://calendar.example/x", "http://calendar.example/x")


def test_a_relative_redirect_starts_where_it_was_said() -> None:
    assert urlsplit(download._next("https://calendar.example:444/a/b", "c.ics")).path == "/a/c.ics"


def test_settings_of_the_environment_lead_nowhere_else(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert IcsAddress("feed", web.address).list({}, "").tags
