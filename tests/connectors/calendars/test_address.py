from __future__ import annotations

import gzip
import zlib
from threading import Event
from typing import TYPE_CHECKING

import pytest

from connectors import retry
from connectors.base import PermanentError, PermissionNeededError, TransientError
from connectors.calendars import sheet
from connectors.calendars.ics import IcsAddress
from connectors.calendars.sheet import Unreadable
from connectors.web import server
from tests.certificate import certified
from tests.conformance.calendars import one
from tests.connectors.calendars.web import Web, reply, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path


@pytest.fixture
def web() -> Iterator[Web]:
    with serving(lambda handler: reply(handler, 200, one())) as running:
        yield running


def calendar(web: Web, address: str = "", *, local: bool = False, seconds: float = 5.0) -> IcsAddress:
    return IcsAddress("feed", address or web.address, local=local, seconds=seconds, pause=lambda _: None)


def test_the_calendar_is_asked_once_for_listing_and_reading(web: Web) -> None:
    feed = calendar(web)
    assert list(feed.read(feed.list({}, "").tags)) == [("calendar", one())]
    assert len(web.asked) == 1


def test_the_validators_of_the_last_answer_are_sent_with_the_next_question(web: Web) -> None:
    when = "Tue, 03 Mar 2026 15:00:00 GMT"
    web.answer = lambda handler: reply(handler, 200, one(), ETag='"1"', Last_Modified=when)
    first = calendar(web).list({}, "")
    web.answer = lambda handler: reply(handler, 304)
    second = calendar(web).list(first.tags, first.note)
    assert (second.tags, second.note) == (first.tags, first.note)
    assert web.asked[1].headers["If-None-Match"] == '"1"'
    assert web.asked[1].headers["If-Modified-Since"] == when


def test_what_is_not_known_is_asked_for_in_full(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 200, one(), ETag='"1"')
    first = calendar(web).list({}, "")
    calendar(web).list({}, first.note)
    assert web.asked[1].headers["If-None-Match"] is None


def test_a_server_that_says_unchanged_without_being_asked_is_doubted(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 304)
    with pytest.raises(TransientError):
        calendar(web).list({}, "")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "no content"),
        (b"<html><form>Sign in</form></html>", "no calendar"),
        (one()[:-10], "cut off"),
    ],
)
def test_what_is_no_whole_calendar_is_unreadable_at_once(web: Web, body: bytes, told: str) -> None:
    web.answer = lambda handler: reply(handler, 200, body, Content_Type="text/html", ETag='"1"')
    with pytest.raises(Unreadable, match=told):
        calendar(web).list({"calendar": "x"}, "")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, PermissionNeededError), (403, PermissionNeededError), (404, PermanentError), (410, PermanentError),
        (400, PermanentError), (204, PermanentError), (300, PermanentError), (408, TransientError),
        (429, TransientError), (500, TransientError), (503, TransientError),
    ],
)  # fmt: skip
def test_an_error_of_the_server_is_told_with_its_remedy(web: Web, status: int, kind: type[Exception]) -> None:
    web.answer = lambda handler: reply(handler, status)
    with pytest.raises(kind) as raised:
        calendar(web, f"http://127.0.0.1:{web.port}/private-4711/basic.ics?key=4711").list({}, "")
    told = f"{raised.value} {getattr(raised.value, 'hint', '')}"
    assert str(status) in told
    assert "4711" not in told.replace(str(web.port), "")


def test_a_gateway_that_restarts_is_asked_again(web: Web) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, 200 if len(web.asked) == retry.TRIES else 503, one())

    web.answer = answer
    assert calendar(web).list({}, "").tags
    assert len(web.asked) == retry.TRIES


def test_a_refusal_is_not_asked_again(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 403)
    with pytest.raises(PermissionNeededError):
        calendar(web).list({}, "")
    assert len(web.asked) == 1


def test_nobody_there_is_a_transient_error(web: Web) -> None:
    with serving(lambda handler: reply(handler, 200)) as gone:
        address = gone.address
    with pytest.raises(TransientError, match=rf"{server(address)} cannot be reached: nobody answers there"):
        calendar(web, address).list({}, "")


def test_https_where_none_is_spoken_is_told_with_the_remedy(web: Web) -> None:
    with pytest.raises(PermanentError, match="no safe connection to https://") as caught:
        calendar(web, web.address.replace("http://", "https://")).list({}, "")
    assert "written with `http://`" in (caught.value.hint or "")


def test_http_where_https_is_spoken_is_told_with_the_remedy(web: Web, tmp_path: Path) -> None:
    with serving(lambda handler: reply(handler, 200), certified(tmp_path / "certificate.pem")) as secure:
        address = secure.address.replace("https://", "http://")
        with pytest.raises(TransientError, match="breaks the connection off") as caught:
            calendar(web, address).list({}, "")
    assert "write `https://`" in (caught.value.hint or "")


def test_an_answer_that_breaks_off_is_a_transient_error(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 200, one(), Content_Length=str(len(one()) + 100), Connection="close")
    with pytest.raises(TransientError):
        calendar(web).list({}, "")
    assert len(web.asked) == retry.TRIES


def test_a_server_that_drips_is_given_up(web: Web) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not web.ending.wait(0.02):
            handler.wfile.write(b"B")
            handler.wfile.flush()

    web.answer = drip
    with pytest.raises(TransientError, match=r"longer than 0\.3 seconds"):
        calendar(web, seconds=0.3).list({}, "")
    assert len(web.asked) == 1


def test_a_server_that_drips_its_headers_is_given_up(web: Web) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not web.ending.wait(0.02):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    web.answer = drip
    with pytest.raises(TransientError, match="longer than"):
        calendar(web, seconds=0.3).list({}, "")


def test_a_server_that_drips_through_tls_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, 200, b"BEGIN:", Content_Length="5000")
        while not over.wait(0.02):
            handler.wfile.write(b"B")

    over = Event()
    context = certified(tmp_path / "known.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "known.pem"))
    with serving(drip, context) as web, pytest.raises(TransientError, match="longer than"):
        calendar(web, seconds=0.3).list({}, "")
    over.set()


def test_a_packed_calendar_is_unpacked(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 200, gzip.compress(one()), Content_Encoding="gzip")
    feed = calendar(web)
    assert list(feed.read(feed.list({}, "").tags)) == [("calendar", one())]


def test_a_gzip_bomb_is_not_unpacked(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_BYTES", 1_000_000)
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 100_000
    web.answer = lambda handler: reply(handler, 200, bomb, Content_Encoding="gzip")
    with pytest.raises(Unreadable, match="larger than"):
        calendar(web).list({}, "")


def test_a_calendar_without_end_is_not_read_to_the_end(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_BYTES", 1_000_000)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not web.ending.is_set():
            handler.wfile.write(b"x" * 65_536)

    web.answer = endless
    with pytest.raises(Unreadable, match="larger than"):
        calendar(web).list({}, "")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(one(), mtime=0)[:-20]),
        ("gzip", b"no gzip"),
        ("br", one()),
        ("deflate", zlib.compress(one())),
    ],
)
def test_what_cannot_be_unpacked_changes_nothing(web: Web, coding: str, body: bytes) -> None:
    web.answer = lambda handler: reply(handler, 200, body, Content_Encoding=coding)
    with pytest.raises((TransientError, Unreadable)):
        calendar(web).list({}, "")


def test_neither_cookies_nor_names_of_ours_are_sent(web: Web) -> None:
    web.answer = lambda handler: reply(handler, 200, one(), Set_Cookie="session=1")
    feed = calendar(web)
    feed.list({}, "")
    feed.list({}, "")
    assert web.asked[1].headers["Cookie"] is None
    assert "afterword" not in str(web.asked[1].headers).casefold()


def test_webcal_is_https() -> None:
    for address in ("webcal://calendar.example/robin.ics", "WEBCALS://calendar.example/robin.ics"):
        assert IcsAddress("feed", address).address == "https://calendar.example/robin.ics"
    assert IcsAddress("feed", "http://calendar.example/x").address == "http://calendar.example/x"


def test_an_address_that_is_none_is_told(web: Web) -> None:
    for address in ("http://", "http://[broken", "ftp://127.0.0.1/x", "http://" + "a" * 300 + "/"):
        with pytest.raises((PermanentError, TransientError)):
            calendar(web, address).list({}, "")


def test_the_errors_of_downloads_never_tell_the_path() -> None:
    assert server("https://robin:secret@calendar.example/private-key/basic.ics") == "https://calendar.example"
