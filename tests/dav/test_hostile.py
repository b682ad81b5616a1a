"""Whatever a server says: it costs little, the password stays with the account's own server, and no event is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, PermanentError, TransientError
from connectors.calendars.caldav import CaldavCalendar
from connectors.calendars.errors import Unreadable
from connectors.dav import multistatus as reader
from connectors.dav.place import ForeignError
from tests.conformance.calendars import one
from tests.dav.standin import HOME, WORK, Answer, Asked, Dav, dav, found, multistatus, status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from connectors.base import Listing

BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>&b;</D:href></D:response></D:multistatus>"""
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/hostname"><D:multistatus xmlns:D="DAV:"/>'
DEEP = f'<D:multistatus xmlns:D="DAV:">{"<D:response>" * 10_000}'
PAGE = "<!DOCTYPE html><html><body><form>Sign in</form></body></html>"


@pytest.fixture
def server() -> Iterator[Dav]:
    with dav() as running:
        running.put("a.ics", one(uid="a"))
        yield running


@pytest.fixture
def other() -> Iterator[Dav]:
    """Another server on the same machine."""
    with dav() as running:
        yield running


def calendar(server: Dav, path: str = HOME) -> CaldavCalendar:
    return CaldavCalendar("cloud", server.account(path, user="alice", password=lambda: "secret"))


def look(server: Dav, before: Listing | None = None) -> Listing:
    return calendar(server).list(before.tags, before.note) if before else calendar(server).list({}, "")


def secured(answer: Callable[[Asked], Answer | None]) -> Callable[[Asked], Answer | None]:
    """Ask for a password first."""

    def asks(asked: Asked) -> Answer | None:
        if "Authorization" not in asked.headers:
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
        return answer(asked)

    return asks


def at(path: str, answer: Answer, method: str = "") -> Callable[[Asked], Answer | None]:
    """Answer so where this path is asked."""
    return lambda asked: answer if asked.path == path and asked.method.startswith(method) else None


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, DEEP, PAGE, "", "<D:multistatus", '<D:multistatus xmlns:D="DAV:"/>'])
@pytest.mark.parametrize("path", [HOME, WORK])
def test_what_is_no_multistatus_is_an_error_and_no_empty_calendar(server: Dav, body: str, path: str) -> None:
    before = look(server)
    server.put("b.ics", one(uid="b"))
    server.instead = at(path, Answer(207, body.encode()))
    with pytest.raises((Unreadable, TransientError)) as raised:
        look(server, before)
    assert "127.0.0.1" in str(raised.value)


def test_an_answer_without_end_is_not_read_to_the_end(server: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.dav.client.LARGEST", 100_000)
    server.instead = at(HOME, Answer(207, b" " * 1_000_000))
    with pytest.raises(Unreadable, match="larger than"):
        look(server)


def test_more_resources_than_any_calendar_has_are_refused(server: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST", 10)
    for number in range(10):
        server.put(f"{number}.ics", one(uid=str(number)))
    with pytest.raises(Unreadable, match="more than 10"):
        look(server)
    hrefs = "<D:href>/a</D:href>" * 11
    server.instead = at(HOME, multistatus(f"<D:response>{hrefs}<D:status>HTTP/1.1 404 So</D:status></D:response>"))
    with pytest.raises(Unreadable, match="more than 10"):
        look(server)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "GET"])
def test_a_redirect_to_another_server_gets_no_question_and_no_password(
    server: Dav, other: Dav, code: int, method: str
) -> None:
    before = look(server)
    away = Answer(code, headers={"Location": f"{other.address}{HOME}"})
    server.instead = secured(lambda asked: away if asked.method == method else None)
    server.lacks = {"multiget"} if method == "GET" else set()
    cloud = calendar(server)
    if method == "PROPFIND":
        with pytest.raises(ForeignError) as raised:
            cloud.list(before.tags, before.note)
        assert other.address in str(raised.value)
        assert "write that address" in str(raised.value.hint)
    else:
        assert [type(data) for _, data in cloud.read(before.tags)] == [ForeignError]
    assert other.asked == []


def test_a_redirect_on_the_server_is_followed_with_all_that_was_asked(server: Dav) -> None:
    server.instead = at("/old/", Answer(301, headers={"Location": HOME}))
    assert calendar(server, "/old/").list({}, "").tags.keys() == {f"{WORK}a.ics"}


def test_redirects_in_a_circle_end(server: Dav) -> None:
    server.instead = at(HOME, Answer(302, headers={"Location": HOME}))
    with pytest.raises(PermanentError, match="more than 5 times"):
        look(server)
    assert len(server.asked) == 6


@pytest.mark.parametrize("place", ["", "file:///etc/passwd", "//[", "javascript:1", "\r\n evil"])
def test_a_redirect_to_no_address_is_not_followed(server: Dav, place: str) -> None:
    server.instead = at(HOME, Answer(302, headers={"Location": place.strip()}))
    with pytest.raises(PermanentError):
        look(server)
    assert len({one.path for one in server.asked}) <= 2


FOREIGN = ["https://evil.example/x", "//evil.example/x", "https://u:p@127.0.0.1/x", "/a/%2e%2e/b/", "x" * 5000]


@pytest.mark.parametrize("href", FOREIGN)
@pytest.mark.parametrize("tag", ["D:current-user-principal", "C:calendar-home-set"])
def test_a_home_on_another_server_is_not_gone_to(server: Dav, href: str, tag: str) -> None:
    server.instead = at(HOME, multistatus(found(HOME, f"<{tag}><D:href>{href}</D:href></{tag}>")))
    with pytest.raises(ForeignError):
        look(server)


@pytest.mark.parametrize("href", [*FOREIGN, "/dav/other/b.ics", "/b.ics", "/dav/home/workshop/b.ics"])
def test_an_event_outside_of_the_calendar_makes_an_error_and_no_empty_calendar(server: Dav, href: str) -> None:
    server.instead = at(WORK, multistatus(found(WORK, ""), found(href, '<D:getetag>"1"</D:getetag>')), "PROPFIND")
    with pytest.raises(ForeignError):
        look(server)


def test_names_of_the_inner_server_behind_a_proxy_are_understood(server: Dav) -> None:
    outside = f"http://127.0.0.1:1{WORK}a.ics"
    server.instead = at(WORK, multistatus(found(WORK, ""), found(outside, '<D:getetag>"1"</D:getetag>')), "PROPFIND")
    assert look(server).tags.keys() == {f"{WORK}a.ics"}


def test_what_was_not_asked_for_is_not_taken(server: Dav) -> None:
    cloud = calendar(server)
    (name,) = cloud.list({}, "").tags
    evil = "<C:calendar-data>BEGIN:VCALENDAR evil</C:calendar-data>"
    server.instead = at(WORK, multistatus(found(f"{WORK}b.ics", evil), found("//evil.example/a.ics", evil)), "REPORT")
    assert list(cloud.read([name])) == [(name, one(uid="a"))]


def test_one_event_that_xml_cannot_hold_hinders_no_other(server: Dav) -> None:
    server.put("b.ics", one("Coffee\x01with Dana", uid="b"))
    cloud = calendar(server)
    assert sorted(data for _, data in cloud.read(cloud.list({}, "").tags) if isinstance(data, bytes)) == sorted(
        server.events.values()
    )


def test_a_server_without_multiget_gives_its_events_one_by_one(server: Dav) -> None:
    server.lacks = {"multiget"}
    server.put("b.ics", one(uid="b"))
    cloud = calendar(server)
    names = list(cloud.list({}, "").tags)
    server.questions()
    assert dict(cloud.read(names)) == {WORK + name: data for name, data in server.events.items()}
    assert server.questions() == [f"REPORT {WORK}", *(f"GET {name}" for name in names)]


def test_a_page_that_asks_to_sign_in_is_not_what_an_event_says(server: Dav) -> None:
    cloud = calendar(server)
    names = list(cloud.list({}, "").tags)
    page = Answer(200, PAGE.encode(), {"Content-Type": "text/html; charset=utf-8"})
    server.instead = lambda asked: page if asked.method in {"REPORT", "GET"} else None
    ((_, data),) = cloud.read(names)
    assert isinstance(data, TransientError)
    assert "sign in" in str(data.hint)


def test_a_thousand_events_that_may_not_be_seen_are_passed_over_in_one_go(
    server: Dav, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1000):
        server.put(f"{number}.ics", one(uid=str(number)))
    server.lacks = {"sync", "ctag"}
    before = look(server)
    server.instead = at(WORK, multistatus(found(WORK, ""), *(status(name, 403) for name in before.tags)), "PROPFIND")
    compared = 0

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    tags: dict[str, str] = {Name(name): tag for name, tag in before.tags.items()}
    assert calendar(server).list(tags, before.note).tags == before.tags
    assert compared < 20 * len(tags)


def test_what_a_server_calls_its_calendars_stays_on_one_line(server: Dav) -> None:
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    name = f"<D:displayname>evil\n\nname {'x' * 5000}</D:displayname>"
    server.instead = at(HOME, multistatus(found(HOME, ""), found(WORK, kind + name)))
    with pytest.raises(ConnectorError) as raised:
        CaldavCalendar("cloud", server.account(), ["Work", "Private"]).list({}, "")
    assert "\n" not in str(raised.value.hint)
    assert len(str(raised.value.hint)) < 300
