"""Who is let in to the review page, and what others get: each of these fails when its guard is taken out."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from daemon.failure import Failure
from daemon.review.application import application
from tests.build import at
from tests.daemon.review.conftest import NOW
from tests.daemon.review.visitor import HOST, ORIGIN, Visitor, room

if TYPE_CHECKING:
    from starlette.types import Message

    from tests.cases.home import Home

COOKIE = "afterword-8377"


@pytest.fixture
def stranger(bare: Home) -> Visitor:
    """Somebody who was not let in."""
    return Visitor(room(bare.root, NOW), enter=False)


@pytest.fixture
def visitor(bare: Home) -> Visitor:
    """Somebody who was let in."""
    return Visitor(room(bare.root, NOW))


@pytest.mark.parametrize("path", ["/", "/coming", "/people", "/rules", "/health", "/nothing", "//", "/enter"])
def test_who_was_not_let_in_sees_nothing_but_how_to_be(stranger: Visitor, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status_code == 401
    assert "review` and open the address that it prints" in answer.text
    assert "ana" not in answer.text.casefold()


def test_an_address_lets_in_once(stranger: Visitor) -> None:
    ticket = stranger.room.door.ticket(stranger.room.now())
    assert "set-cookie" not in stranger.client.head(f"/enter/{ticket}").headers
    came = stranger.get(f"/enter/{ticket}")
    assert came.status_code == 200
    assert re.fullmatch(
        rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=43200; Path=/; SameSite=strict", came.headers["set-cookie"]
    )
    assert stranger.get("/").status_code == 200
    other = Visitor(stranger.room, enter=False)
    again = other.get(f"/enter/{ticket}")
    assert (again.status_code, "set-cookie" in again.headers) == (403, False)
    assert other.get("/").status_code == 401


def test_an_address_is_good_for_ten_minutes_and_a_session_for_twelve_hours(bare: Home) -> None:
    first = room(bare.root, NOW)
    old, fresh = first.door.ticket(at(NOW) - timedelta(minutes=10)), first.door.ticket(at(NOW) - timedelta(minutes=9))
    assert first.door.enter(old, at(NOW)) is None
    session = first.door.enter(fresh, at(NOW))
    assert session is not None
    assert first.door.knows(session, at(NOW) + timedelta(hours=11, minutes=59))
    assert not first.door.knows(session, at(NOW) + timedelta(hours=12))


def test_a_session_that_was_closed_is_over_everywhere(visitor: Visitor) -> None:
    kept = dict(visitor.client.cookies)
    left = visitor.post("/leave")
    assert (left.status_code, f'{COOKIE}="";' in left.headers["set-cookie"]) == (303, True)
    visitor.client.cookies.update(kept)
    assert visitor.get("/").status_code == 401


def test_a_session_is_over_though_its_file_cannot_be_taken_away_and_the_user_is_told(bare: Home) -> None:
    door = room(bare.root, NOW).door
    session = door.enter(door.ticket(at(NOW)), at(NOW))
    assert session is not None
    (file,) = (bare.state / "review" / "sessions").iterdir()
    content = file.read_bytes()
    file.unlink()
    file.mkdir()  # unlink(2) fails, for root as well
    with pytest.raises(Failure, match="cannot be used"):
        door.leave(session)
    file.rmdir()
    file.write_bytes(content)
    assert not door.knows(session, at(NOW))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", "localhost.evil.example:8377", ""])
@pytest.mark.parametrize("path", ["/", "/static/style.css", "/here/x"])
def test_another_host_is_refused_though_it_leads_here(visitor: Visitor, host: str, path: str) -> None:
    assert visitor.get(path, {"Host": host}).status_code == 421
    assert visitor.get(path, {"Host": "localhost:8377"}).status_code in {200, 401}


@pytest.mark.parametrize("hosts", [(), (HOST, HOST), (HOST, "evil.example")])
def test_who_names_no_host_or_several_is_refused(visitor: Visitor, hosts: tuple[str, ...]) -> None:
    """As HTTP/1.0 may, and no client of HTTP/1.1: so it is asked without one."""
    answers: list[Message] = []

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answers.append(message)

    cookie = f"{COOKIE}={visitor.client.cookies[COOKIE]}"
    headers = [(b"cookie", cookie.encode()), *((b"host", one.encode()) for one in hosts)]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": headers}

    async def ask() -> None:
        await application(visitor.room)(scope, nothing, send)

    asyncio.run(ask())
    assert answers[0]["status"] == 421


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:8377", f"{ORIGIN}.evil.example"]
)
def test_a_change_that_another_page_asks_for_is_refused(visitor: Visitor, origin: str) -> None:
    assert visitor.post("/leave", headers={"Origin": origin}).status_code == 403
    assert visitor.get("/").status_code == 200


def test_a_change_that_does_not_say_which_page_asks_is_refused(visitor: Visitor) -> None:
    answer = visitor.client.post("/leave", headers={"X-Afterword-Token": visitor.token})
    assert answer.status_code == 403
    assert visitor.get("/").status_code == 200


def test_a_change_without_the_token_of_the_session_is_refused(visitor: Visitor, bare: Home) -> None:
    other = Visitor(room(bare.root, NOW))
    for token in ("", "x", other.token, visitor.token[:-1]):
        assert visitor.post("/leave", {"token": token}, {"X-Afterword-Token": token}).status_code == 403
    assert visitor.get("/").status_code == 200
    assert visitor.post("/leave", {"token": visitor.token}, {"X-Afterword-Token": ""}).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(visitor: Visitor, method: str) -> None:
    assert visitor.client.request(method, "/leave", headers={"Origin": ORIGIN}).status_code == 405


@pytest.mark.parametrize("path", ["/", "/static/style.css", "/nothing", "/here/x"])
def test_every_answer_keeps_out_what_comes_from_elsewhere_and_stays_in_no_cache(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    refused = visitor.get(path, {"Host": "evil.example"}).headers
    assert refused["cache-control"] == "no-store"


def test_a_fault_of_ours_is_told_behind_the_same_guard(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(visitor.room, "looking", broken)
    client = TestClient(visitor.client.app, ORIGIN, raise_server_exceptions=False, cookies=visitor.client.cookies)
    answer = client.get("/")
    assert (answer.status_code, "This should not have happened" in answer.text) == (500, True)
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path", ["/static/../guard.py", "/static/%2e%2e/guard.py", "/static/..%2fguard.py", "/static//etc/passwd"]
)
def test_a_path_outside_leads_nowhere(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert answer.status_code == 404
    assert "root:" not in answer.text


def test_a_form_that_is_too_long_or_is_no_form_is_refused(visitor: Visitor) -> None:
    headers = {"Origin": ORIGIN, "X-Afterword-Token": visitor.token}
    long = visitor.client.post("/leave", data={"text": "x" * (5 << 20)}, headers=headers)
    assert long.status_code == 413
    other = visitor.client.post("/leave", content=b"{}", headers={**headers, "Content-Type": "application/json"})
    assert other.status_code == 415
    assert visitor.get("/").status_code == 200


def test_no_page_has_a_script_within_and_no_style_but_what_its_policy_names(visitor: Visitor) -> None:
    for path in ("/", "/coming", "/people", "/rules", "/health"):
        answer = visitor.get(path)
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", answer.text), path
        policy = answer.headers["content-security-policy"]
        within = re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL)
        assert len(within) == answer.text.count("<style") == policy.count("sha256-") == (path == "/"), path
        for style in within:
            digest = b64encode(sha256(style.encode()).digest()).decode()
            assert f"style-src 'self' 'sha256-{digest}';" in policy


def test_what_lies_in_the_state_folder_is_the_owners_alone_and_no_word_that_lets_in(visitor: Visitor) -> None:
    session = visitor.client.cookies[COOKIE]
    files = [file for file in (visitor.room.call().state / "review").rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert file.stat().st_mode & 0o077 == 0
        assert session not in file.name
        assert session.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "odd", ["user[id]=1", 'seen={"a": [1, 2]}', "=", '"', "a b=c", f"{COOKIE}=of-somebody-else", ""]
)
def test_a_cookie_of_another_program_of_this_machine_does_not_shut_the_user_out(visitor: Visitor, odd: str) -> None:
    ours = f"{COOKIE}={visitor.client.cookies[COOKIE]}"
    visitor.client.cookies.clear()
    assert visitor.get("/health", {"Cookie": f"{odd}; {ours}"}).status_code == 200
    assert visitor.get("/health", {"Cookie": f"{ours}; {odd}"}).status_code == 200
    assert visitor.get("/health", {"Cookie": odd}).status_code == 401
