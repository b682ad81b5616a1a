"""People: everybody, those not contacted for longest first, and one person with everything that was between us."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from daemon.ledger import Ledger
from daemon.not_again import marked
from daemon.review.faces import since
from daemon.review.keys import person_path
from tests.build import at
from tests.daemon.review.acquainted import DANA, HOSTILE, LEE, NOW, ZOE, acquainted
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cases.home import Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """For those who only look."""
    return acquainted(tmp_path_factory.mktemp("people") / "home")


@pytest.fixture(scope="module")
def visitor(home: Home) -> Visitor:
    return Visitor(room(home.root, NOW))


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """For those who change something."""
    return home.copy(tmp_path / "own")


@pytest.fixture
def guest(own: Home) -> Visitor:
    return Visitor(room(own.root, NOW))


def names(text: str) -> list[str]:
    return re.findall(r'<h2><a href="/people/[a-z0-9]{16}" data-focus>(.*?)</a></h2>', text)


def test_everybody_is_there_and_those_without_contact_last(visitor: Visitor) -> None:
    text = visitor.get("/people").text
    assert names(text) == ["Dana Okafor", "Lee", "Zoe Quiet"]
    assert "Today</span>" in text
    assert "thank-you lies in Drafts" in text
    assert "send the paper" in text
    assert "In a year: 2 meetings, 1 mail from them, 1 mail from you" in text


@pytest.mark.parametrize(
    ("order", "first"),
    [("name", "Dana Okafor"), ("recent", "Dana Okafor"), ("next", "Dana Okafor"), ("x", "Dana Okafor")],
)
def test_other_orders_are_a_link_away(visitor: Visitor, order: str, first: str) -> None:
    text = visitor.get(f"/people?order={order}").text
    assert names(text)[0] == first
    assert text.count('aria-current="true"') == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("oka", ["Dana Okafor"]),
        ("LISBON", ["Dana Okafor"]),
        ("ito.example", ["Lee"]),
        ("acme dana", ["Dana Okafor"]),
        ("xyz", []),
    ],
)
def test_somebody_is_found_by_name_tag_firm_or_address(visitor: Visitor, words: str, found: list[str]) -> None:
    part = visitor.get(f"/people?q={quote(words)}", part=True).text
    assert names(part) == found
    assert "<html" not in part
    assert 'id="found" class="unseen" role="status"' in part


def test_where_nobody_is_known_that_is_said(bare: Home) -> None:
    assert "Nobody is known yet" in Visitor(room(bare.root, NOW)).get("/people").text


def test_what_is_searched_for_is_text(visitor: Visitor) -> None:
    text = visitor.get(f"/people?q={quote(HOSTILE)}").text
    assert "<script>alert" not in text
    assert "<img src" not in text


def test_a_person_has_everything_that_was_between_us_and_is_to_come(home: Home, visitor: Visitor) -> None:
    text = visitor.get(person_path(DANA)).text
    past = text.partition("What was between you")[2]
    assert [
        past.index(words)
        for words in ("thank-you, placed:", "Coffee with Dana", "You wrote:", "They wrote:", "The fair")
    ] == sorted(
        past.index(words)
        for words in ("thank-you, placed:", "Coffee with Dana", "You wrote:", "They wrote:", "The fair")
    )
    (record,) = [one for one in home.records() if one.placed]
    assert f'href="/draft/{record.id}"' in past
    assert "2 hours after" in past
    assert "held until 8 March: one open draft to Dana" in text
    assert "Hiring in spring" in text
    word = person_path(DANA).rpartition("/")[2]
    assert f'href="/ask?who={word}"' in text
    assert f'value="{DANA}"' in visitor.get(f"/ask?who={word}").text
    assert "<script>alert" not in text
    assert "That book &lt;script&gt;" in text


def test_an_address_leads_to_the_person_and_a_hostile_one_nowhere_else(visitor: Visitor) -> None:
    assert visitor.get("/people/dana%40home.example").headers["location"] == person_path(DANA)
    assert visitor.get(f"/people/{quote(ZOE, safe='')}").headers["location"] == person_path(ZOE)
    assert visitor.get("/people/").headers["location"] == "/people"
    text = visitor.get("/people").text
    assert ZOE.partition("@")[0] not in text
    for path in ("/people/..%2f..%2fetc%2fpasswd", "/people/nobody@x.example", "/people/" + "a" * 16):
        assert visitor.get(path).status_code == 404


def test_a_note_is_kept_as_the_command_keeps_it(own: Home, guest: Visitor) -> None:
    told = guest.post(f"{person_path(DANA)}/note", {"text": "Likes <b>gardens</b>"})
    assert "Likes &lt;b&gt;gardens&lt;/b&gt;" in told.text
    with Ledger.open(own.state, write=False) as ledger:
        assert [(email, text) for email, _, text in ledger.person_notes()] == [(DANA, "Likes <b>gardens</b>")]
    assert guest.post(f"{person_path(DANA)}/note", {"text": "x"}, part=False).headers["location"] == person_path(DANA)
    assert guest.post(f"{person_path(DANA)}/note", {"text": " "}).status_code == 400
    assert guest.post(f"{person_path(DANA)}/note", {"text": "x" * 10_001}).status_code == 400


def test_a_note_without_the_token_is_not_kept(own: Home, guest: Visitor) -> None:
    told = guest.post(f"{person_path(DANA)}/note", {"text": "x"}, headers={"X-Afterword-Token": ""})
    assert told.status_code == 403
    with Ledger.open(own.state, write=False) as ledger:
        assert ledger.person_notes() == ()


def test_a_promise_is_ticked_off_and_owed_after_all(guest: Visitor) -> None:
    path = person_path(DANA)
    promise = re.search(r'name="promise" value="([^"]+)"', guest.get(path).text)
    assert promise
    assert "Owed after all" in guest.post(f"{path}/done", {"promise": promise[1]}).text
    assert "You owe:" not in guest.get("/people").text
    assert "Done: send the paper" in guest.post(f"{path}/done", {"promise": promise[1], "undo": "yes"}).text
    assert guest.post(f"{path}/done", {"promise": "another"}).status_code == 404
    assert guest.post(f"{person_path(LEE)}/done", {"promise": promise[1]}).status_code == 404


def test_not_again_can_be_said_and_taken_back(own: Home, guest: Visitor) -> None:
    path = person_path(DANA)
    said = guest.post(f"{path}/left").text
    assert ("Take that back" in said, "Nothing more, by your word of Tue 3 March." in said) == (True, True)
    assert "nothing more, by your word of Tue 3 March" in guest.get("/people").text
    assert "Not this person again" in guest.post(f"{path}/left", {"undo": "yes"}).text
    with Ledger.open(own.state, write=False) as ledger:
        assert marked(ledger) == {}


@pytest.mark.parametrize(
    ("day", "words"),
    [("03-03", "today"), ("03-02", "yesterday"), ("02-20", "11 days ago"), ("02-01", "4 weeks ago")],
)
def test_how_long_ago_is_said_in_a_word_or_two(day: str, words: str) -> None:
    assert since(at(f"2026-{day} 12:00").date(), at("2026-03-03 12:00").date()) == words
