"""From the name of a server, or any address on it, to the calendars of its user; and what a place is called."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import normalize

import pytest

from connectors.base import ConnectorError, PermanentError
from connectors.calendars.caldav import CaldavCalendar
from connectors.contacts.carddav import CarddavBook
from connectors.dav.client import Account
from connectors.dav.place import ForeignError, Origin, is_in, spelled
from daemon.keepsake import Keepsake
from tests.conformance.calendars import one
from tests.dav.standin import HOME, WORK, Answer, Dav, dav, found, multistatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.dav.servers import Server

ICLOUD = Origin.of("https://caldav.icloud.com/")


@pytest.fixture
def alone() -> Iterator[Dav]:
    with dav() as running:
        running.put("a.ics", one(uid="a"))
        yield running


def names(server: Dav, path: str) -> set[str]:
    return set(CaldavCalendar("cloud", server.account(path)).list({}, "").tags)


@pytest.mark.parametrize("path", ["", "/"])
def test_the_name_of_a_real_server_is_enough(server: Server, path: str) -> None:
    server.put("a.ics", one())
    it = CaldavCalendar("cloud", server.account(path))
    assert f"{server.calendar}a.ics" in it.list({}, "").tags


def test_the_name_of_a_real_server_is_enough_for_its_address_books(server: Server, tmp_path: Path) -> None:
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:d\r\nFN:Dana\r\nN:;Dana;;;\r\nEMAIL:dana@acme.example\r\nEND:VCARD\r\n"
    server.put_card("d.vcf", card)
    book = CarddavBook(server.account(), Keepsake(tmp_path / "book.json", write=True))
    if server.name == "xandikos":  # its books are in a home of their own, and the fresh one beside the calendars
        book = CarddavBook(server.account(server.book), Keepsake(tmp_path / "book.json", write=True))
    assert "dana@acme.example" in {email for person in book.people()[0] for email in person.emails}


@pytest.mark.parametrize("path", [HOME, HOME[:-1], WORK, WORK[:-1], "/dav/me/"])
def test_any_address_of_the_user_will_do(alone: Dav, path: str) -> None:
    if not path.endswith("/"):
        alone.instead = lambda asked: Answer(301, headers={"Location": f"{path}/"}) if asked.path == path else None
    assert names(alone, path) == {f"{WORK}a.ics"}


def test_the_place_that_every_server_has_leads_there_by_a_redirect(alone: Dav) -> None:
    alone.instead = lambda asked: (
        Answer(301, headers={"Location": HOME}) if asked.path == "/.well-known/caldav" else None
    )
    assert names(alone, "") == {f"{WORK}a.ics"}
    assert alone.questions()[:2] == ["PROPFIND /.well-known/caldav", f"PROPFIND {HOME}"]


@pytest.mark.parametrize("answer", [Answer(404), Answer(405), Answer(200, b"<html/>"), Answer(207, b"<html/>")])
def test_without_it_the_server_itself_is_asked(alone: Dav, answer: Answer) -> None:
    me = "<D:current-user-principal><D:href>/dav/me/</D:href></D:current-user-principal>"
    there = {"/.well-known/caldav": answer, "/": multistatus(found("/", me))}
    alone.instead = lambda asked: there.get(asked.path)
    assert names(alone, "") == {f"{WORK}a.ics"}


def test_a_name_that_leads_to_another_server_says_which_and_gives_no_password(alone: Dav) -> None:
    with dav() as other:
        away = Answer(302, headers={"Location": f"{other.address}/dav/"})
        alone.instead = lambda asked: away if asked.path == "/.well-known/caldav" else None
        with pytest.raises(ForeignError, match=f"{other.address}/dav/"):
            names(alone, "")
        assert other.asked == []


@pytest.mark.parametrize("status", [404, 405, 501, 200])
def test_what_is_no_dav_server_is_told_with_the_address_that_was_asked(alone: Dav, status: int) -> None:
    alone.instead = lambda _: Answer(status, b"<html/>")
    with pytest.raises(PermanentError) as raised:
        names(alone, "/web/page")
    assert "/web/page" in str(raised.value.hint)


def test_a_user_without_calendars_is_told(alone: Dav) -> None:
    alone.instead = lambda asked: multistatus(found(asked.path, "")) if asked.path == HOME else None
    with pytest.raises(PermanentError, match="tells of no calendars"):
        names(alone, HOME)


def test_a_redirect_may_have_its_letters_as_they_are(alone: Dav) -> None:
    there = {
        "/old/": Answer(301, headers={"Location": "/dav/zoë/".encode().decode("latin-1")}),
        "/dav/zo%C3%AB/": Answer(301, headers={"Location": HOME}),
    }
    alone.instead = lambda asked: there.get(asked.path)
    assert names(alone, "/old/") == {f"{WORK}a.ics"}


def test_a_name_is_the_same_in_composed_and_in_decomposed_letters(alone: Dav) -> None:
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    name = f"<D:displayname>{normalize('NFD', 'Persönlich')}</D:displayname>"
    alone.instead = lambda asked: multistatus(found(HOME, ""), found(WORK, kind + name)) if asked.path == HOME else None
    for said in ("Persönlich", normalize("NFD", "Persönlich")):
        assert CaldavCalendar("cloud", alone.account(), [said]).list({}, "").tags.keys() == {f"{WORK}a.ics"}


def test_a_home_that_moves_is_found_again(alone: Dav) -> None:
    before = CaldavCalendar("cloud", alone.account("")).list
    me = "<D:current-user-principal><D:href>/dav/me/</D:href></D:current-user-principal>"
    alone.instead = lambda asked: multistatus(found("/", me)) if asked.path == "/" else None
    listing = before({}, "")
    moved = [0]

    def once(asked: object) -> Answer | None:
        if getattr(asked, "path", "") == HOME and not moved[0]:
            moved[0] = 1
            return Answer(404)
        return multistatus(found("/", me)) if getattr(asked, "path", "") == "/" else None

    alone.instead = once
    assert CaldavCalendar("cloud", alone.account("")).list(listing.tags, listing.note).tags == listing.tags


@pytest.mark.parametrize("address", ["", "  ", "https://", "ftp://cloud.example", "https://[", "a b", "https://a\nb/"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(ConnectorError, match="no address"):
        CaldavCalendar("cloud", Account(address)).list({}, "")


def test_a_mere_name_is_asked_by_https() -> None:
    assert Account("cloud.example").url == "https://cloud.example/"
    assert Account("cloud.example:8443/dav").url == "https://cloud.example:8443/dav"


@pytest.mark.parametrize(
    ("one_way", "another"),
    [("/%7Ealice/a%40b.ics", "/~alice/a@b.ics"), ("/caf%c3%a9", "/café"), ("/a%20b", "/a b"), ("/a%2fb", "/a%2Fb")],
)
def test_a_place_has_one_spelling(one_way: str, another: str) -> None:
    assert spelled(one_way) == spelled(another)
    assert spelled(spelled(one_way)) == spelled(one_way)


def test_a_slash_in_a_name_is_no_slash() -> None:
    assert spelled("/a%2Fb") != spelled("/a/b")
    assert is_in("/a/b.ics", "/a")
    assert not is_in("/a/b/c.ics", "/a/")
    assert not is_in("/ab/c.ics", "/a")


@pytest.mark.parametrize(
    ("href", "there"),
    [
        ("https://p34-caldav.icloud.com:443/12/calendars/", "https://p34-caldav.icloud.com/12/calendars/"),
        ("/12/principal/", "https://caldav.icloud.com/12/principal/"),
        ("http://p34-caldav.icloud.com/12/", None),
        ("https://p34-caldav.icloud.com:8443/12/", None),
        ("https://icloud.com.evil.example/12/", None),
        ("https://evilicloud.com/12/", None),
    ],
)
def test_icloud_spreads_its_accounts_over_hosts_of_its_own(href: str, there: str | None) -> None:
    if there is None:
        with pytest.raises(ForeignError):
            ICLOUD.resolve("https://caldav.icloud.com/", href)
        return
    found = ICLOUD.resolve("https://caldav.icloud.com/", href)
    assert found == there
    assert ICLOUD.owns(found)
    assert ICLOUD.address(ICLOUD.name(found)) == found


@pytest.mark.parametrize(
    "name", ["", "a.ics", "//evil.example/a", "https://evil.example/a", "/a/../b", "/%", "\x00", "/a b"]
)
def test_what_is_the_name_of_no_place_has_no_address(name: str) -> None:
    found = Origin.of("https://cloud.example").address(name)
    assert found is None or found.startswith("https://cloud.example/")
    assert name.startswith("/") or found is None
