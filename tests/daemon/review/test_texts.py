"""Calendars, mails, address books, rules and the user may say anything: on every page it is text, and is all there."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from daemon.review.keys import person_path
from tests.cases.home import Home, coffee
from tests.daemon.review.test_sayings import ASK, DECISION
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    from pathlib import Path

ANA, BEN = "ana@one.example", "ben@two.example"
NOW = "2026-03-03 13:30"
TRIED = {"people": f"Cleo <{BEN}>", "date": "2026-03-04", "time": "15:00"}


def mark(name: str) -> str:
    """What would be an element of this name, and would end an attribute before."""
    return f"\"'><b/id={name}>"


def _person(name: str, email: str) -> str:
    fields = {"organisation": mark("firm"), "tags": [mark("tag")], "notes": mark("book")}
    return f"  - {json.dumps({'name': f'{name} ' + mark('name'), 'emails': [email], **fields})}\n"


RULES = f"""\
rules:
  - id: soft
    about: {json.dumps(mark("about"))}
    when: {{title: [coffee]}}
    unless: {{title: [{json.dumps(mark("unless"))}]}}
    steps:
      - {{id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}}
"""
THANKS = f"---\nsubject: Your {mark('subject')}\n---\nDear {{{{ person.first_name }}}},\n\n{mark('body')}\n"
EXTRA = f"LOCATION:{mark('place')}\r\nDESCRIPTION:{mark('what')} #owe: {mark('owed')}\r\n"


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    """Somebody who was let in to a household in which every word is hostile."""
    home = Home.make(tmp_path / "home", rules=RULES, people=f"people:\n{_person('Ana', ANA)}{_person('Ben', BEN)}")
    for name, text in {"decision": DECISION, "ask": ASK, "thank-you": THANKS}.items():
        home.write(f"templates/{name}.md", text)
    coffee(home, ANA, start="2026-03-03 10:00", name="ana", title=f"Coffee {mark('title')}", extra=EXTRA)
    coffee(home, BEN, start="2026-03-05 10:00", name="ben", title=f"Coffee {mark('title')}", extra=EXTRA)
    home.cycles("2026-03-03 09:00")
    home.deliver(ANA, "2026-03-03 09:30", subject=f"Re {mark('wrote')}")
    home.cycles(NOW)
    visitor = Visitor(room(home.root, NOW))
    visitor.post(f"{person_path(ANA)}/note", {"text": mark("note")})
    visitor.post("/decide", {"text": f"leaving {mark('decided')}", "tag": "soft"}, part=False)
    return visitor


def said(page: str) -> set[str]:
    """Which marks stand on it as text. None may be there as an element."""
    assert not re.findall(r".{,60}<b/id=\w*", page)
    return set(re.findall(r"&lt;b/id=(\w+)&gt;", page))


ROW = {"name", "subject", "title"}
KNOWN = {"about", "book", "firm", "name", "note", "owed", "place", "subject", "tag", "title", "what", "wrote"}
FACE = {"book", "firm", "name", "note", "tag"}


def test_whatever_is_said_is_text_on_every_page(visitor: Visitor) -> None:
    draft = re.findall(r'id="d-(\w+)"', visitor.get("/").text)[0]
    place = f"/draft/{draft}"
    for path, marks in {
        "/": ROW,
        "/today/look": ROW,
        "/today/untold": {"decided", "name"},
        place: {*KNOWN, "body"},
        f"{place}/known": KNOWN - {"subject"},
        f"{place}/never": {"name"},
        f"{place}/row": ROW,
        "/coming": {"decided", "name", "place", "subject", "title"},
        "/people": FACE,
        person_path(ANA): {*FACE, "decided", "subject", "title", "wrote"},
        "/rules": {"about", "name", "unless"},
        "/health": {"name", "subject", "title"},
        "/decide": {"decided", "name", "tag"},
    }.items():
        assert said(visitor.get(path).text) >= marks, path
    assert said(visitor.get(place, part=True).text) >= ROW
    wrong = (
        f"rules: [{{about: {json.dumps(mark('before'))}, {json.dumps(mark('key'))}: {json.dumps(mark('value'))}}}]\n"
    )
    (visitor.room.call().folder / "rules" / "wrong.yaml").write_text(wrong)
    assert said(visitor.get("/rules").text) >= {"before", "key", "value"}


def test_whatever_is_typed_is_text_in_every_answer(visitor: Visitor) -> None:
    draft = re.findall(r'id="d-(\w+)"', visitor.get("/").text)[0]
    place = f"/draft/{draft}"
    mine = {"base": "another", "subject": mark("heading"), "text": mark("mine")}
    typed = {name: mark(name) for name in ("text", "tell", "tag", "except")}
    for path, form, marks in (
        ("/decide", typed, {*typed, "name"}),
        ("/decide", {"text": mark("text"), "look": "yes"}, {"text", "name", "tag"}),
        ("/ask", {"who": mark("who"), "look": "yes"}, {"who"}),
        ("/ask", {"who": BEN, "look": "yes"}, {"name", "title"}),
        (place, mine, {"heading", "mine", "subject", "body"}),
        (f"{place}/theirs", mine, {"heading", "mine", "subject", "body", "name"}),
        (f"{place}/skip", {}, {"subject", "name"}),
        (f"{place}/unskip", {}, {"subject", "name"}),
        (f"{place}/never", {}, {"name"}),
        (f"{place}/again", {}, {"name", "subject"}),
    ):
        assert said(visitor.post(path, form).text) >= marks, path
    title = {**TRIED, "title": f"Coffee {mark('tried')}"}
    assert said(visitor.get(f"/rules/try?{urlencode(title)}").text) >= {"tried", "name"}
