"""Telling of a decision, and asking for a meeting, on the page: what the commands do, and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from daemon.review.keys import person_word
from tests.daemon.review.conftest import NOW
from tests.daemon.review.visitor import Visitor, room

if TYPE_CHECKING:
    from tests.cases.home import Home

LATER = "2026-03-03 14:10"
DECISION = "---\nsubject: News\n---\nDear {{ person.first_name }},\n\nI am {{ decision }}.\n\n{{ me.signature }}\n"
ASK = (
    "---\nsubject: A coffee?\n---\nDear {{ person.first_name }},\n\n"
    "{% for slot in slots %}{{ slot }}\n{% endfor %}\n{{ me.signature }}\n"
)


@pytest.fixture
def visitor(home: Home) -> Visitor:
    """Somebody who was let in to a household that can tell and ask."""
    home.write("templates/decision.md", DECISION)
    home.write("templates/ask.md", ASK)
    return Visitor(room(home.root, NOW))


def test_a_decision_is_told_to_those_who_are_ticked_and_the_list_of_the_untold_shrinks(
    visitor: Visitor, home: Home
) -> None:
    form = {"text": "taking the offer at Acme", "except": "three.example"}
    seen = visitor.post("/decide", {**form, "look": "yes"}, part=False).text
    assert re.findall(r'name="tell ([^"]*)"', seen) == ["ben@two.example", "ana@one.example"]
    assert "of three.example, which you excepted" in seen
    assert "You may tell 2 people, closest first" in seen
    unnamed = visitor.post("/decide", form, part=False).text
    for shown in (seen, unnamed):  # as the command, which only lists then
        assert "Nobody is named yet, so nothing is decided. Name a tag or a rule above" in shown
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.decisions() == ()
    done = visitor.follow("/decide", {**form, "tell ana@one.example": "on", "tag": "soft"})
    assert "Decided. The next cycle" in done
    assert "0 of 2 told" in done
    home.cycles(LATER)
    later = Visitor(room(home.root, LATER))
    block = later.get("/today/untold", part=True).text
    assert "Still to be told: taking the offer at Acme" in block
    assert "lies in Drafts" in block
    (note,) = [one for one in home.records() if one.step == "decision" and one.to[0].name == "Ana"]
    home.move(note.message_id, ".Sent")
    home.cycles("2026-03-03 14:20")
    block = Visitor(room(home.root, "2026-03-03 14:20")).get("/today/untold", part=True).text
    assert "1 of 2 told" in block
    assert "Ana" not in block


def test_whose_tick_is_taken_away_is_not_told_though_the_tag_means_them(visitor: Visitor, home: Home) -> None:
    form = {"text": "taking the offer at Acme", "tag": "soft"}
    seen = visitor.post("/decide", {**form, "look": "yes"}, part=False).text
    assert ("Who would hear of it" in seen, "Nobody is named yet" in seen) == (True, False)
    boxes = dict.fromkeys(re.findall(r'name="(tell [^"]*)" checked', seen), "on")
    assert len(boxes) == 3
    (ticked,) = re.findall(r'name="ticked" value="([^"]*)"', seen)
    del boxes["tell ben@two.example"]
    again = visitor.post("/decide", {**form, **boxes, "ticked": ticked, "look": "yes"}, part=False).text
    assert re.findall(r'name="(tell [^"]*)" checked', again) == [*boxes]
    (excepted,) = re.findall(r'name="except" value="([^"]*)"', again)
    assert excepted == "ben@two.example"
    visitor.post("/decide", {**form, **boxes, "ticked": ticked}, part=False)
    with Ledger.open(home.state, write=False) as ledger:
        (decision,) = ledger.decisions()
    assert sorted(one.email for one in decision.people) == ["ana@one.example", "cleo@three.example"]


def test_who_was_listed_without_a_tick_is_told_by_a_tag_that_is_named_then(visitor: Visitor, home: Home) -> None:
    seen = visitor.post("/decide", {"text": "staying", "look": "yes"}, part=False).text
    assert 'name="ticked" value=""' in seen
    visitor.post("/decide", {"text": "staying", "tag": "soft", "ticked": ""}, part=False)
    with Ledger.open(home.state, write=False) as ledger:
        (decision,) = ledger.decisions()
    assert len(decision.people) == 3


def test_a_decision_that_cannot_be_told_is_refused_with_the_remedy_and_what_was_typed_stays(visitor: Visitor) -> None:
    answer = visitor.post("/decide", {"text": "leaving <b>soon</b>", "tag": "sofd"}, part=False)
    assert answer.status_code == 400
    assert "Did you mean <code>soft</code>?" in answer.text
    assert "leaving &lt;b&gt;soon&lt;/b&gt;</textarea>" in answer.text


def test_a_decision_is_taken_back(visitor: Visitor, home: Home) -> None:
    visitor.post("/decide", {"text": "staying", "tell": "Ana"}, part=False)
    with Ledger.open(home.state, write=False) as ledger:
        (decision,) = ledger.decisions()
    done = visitor.follow(f"/decide/{decision.id}/undo", {})
    assert "Taken back." in done
    assert "You took it back." in done


def test_a_meeting_is_asked_for_with_the_times_that_are_free(visitor: Visitor, home: Home) -> None:
    assert 'value="ana@one.example"' in visitor.get(f"/ask?who={person_word('ana@one.example')}").text
    form = {"who": "Ana", "length": "30 minutes", "within": "2 weeks"}
    seen = visitor.post("/ask", {**form, "look": "yes"}, part=False).text
    assert len(re.findall(r"<li>[^<]*\d\d:\d\d", seen)) == 3
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.asks() == ()
    done = visitor.post("/ask", form, part=False).headers["location"]
    assert "ana" not in done  # nobody's mail address stands in the history of the browser
    asked = visitor.get(done).text
    assert "The next cycle drafts a request to <strong>Ana</strong>" in asked
    assert re.findall(r"<li>[^<]*\d\d:\d\d", asked) == re.findall(r"<li>[^<]*\d\d:\d\d", seen)
    again = visitor.post("/ask", form, part=False)
    assert (again.status_code, "asked already" in again.text) == (400, True)
    home.cycles(LATER)
    assert "The request to Ana is drafted already." in visitor.get(done).text
    undone = visitor.follow("/ask", {**form, "undo": "yes"})
    assert ("Taken back" in undone, 'value="ana@one.example"' in undone) == (True, True)
    assert "No request to Ana is open." in visitor.get(done).text
    assert visitor.post("/ask", {**form, "who": ""}, part=False).status_code == 400
    nobody = visitor.post("/ask", {**form, "who": "Zoltan"}, part=False)
    shown = (
        f'<code class="typed">afterword --config {home.root}/config --state {home.state} people</code> shows everybody'
    )
    assert (nobody.status_code, shown in nobody.text) == (400, True)
