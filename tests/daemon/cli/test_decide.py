"""`decide`: whom there is to tell, a closing note for each, and who is not told yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.init import starter
from daemon.ledger import Ledger
from tests.daemon.cli.conftest import DANA, LEE, Home
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Iterable

ANA = "ana@acme.example"
PEOPLE = f"""\
people:
  - {{name: Dana Okafor, emails: [{DANA}], tags: [search], organisation: Acme Ltd}}
  - {{name: Lee Ito, emails: [{LEE}], tags: [Search]}}
  - {{name: Ana Reis, emails: [{ANA}], tags: [search, old]}}
  - {{name: Never Met, emails: [never@x.example], tags: [search]}}
  - {{name: Sam Silent, emails: [sam@x.example], tags: [search], do_not_contact: true}}
"""
OFFER = "taking the offer at Acme"
NOW, NEXT = "2026-03-16 12:00", "2026-03-16 12:05"


@pytest.fixture
def searching(home: Home) -> Home:
    """Dana and Lee were met, Ana too, and the thank-yous are long done with."""
    household = home.household
    household.write("people.yaml", PEOPLE)
    household.write("templates/decision.md", starter(None)["templates/decision.md"])
    household.put("ana", event("u3", "2026-02-03 15:00", ANA, title="Tea with Ana"))
    household.put("ana2", event("u4", "2026-02-10 15:00", ANA, title="Tea with Ana"))
    marked = event("u2", "2026-03-12 15:00", LEE, title="Coffee with Lee", extra="DESCRIPTION:#thanks: the book\r\n")
    household.put("lee", marked)
    home.once("2026-03-16 11:00")
    for draft in household.drafts():
        household.move(str(draft["Message-ID"]), ".Trash")
    home.once("2026-03-16 11:05")
    return home


def emails(several: Iterable[dict[str, Any]]) -> list[str]:
    return [str(one["email"]) for one in several]


def decide(home: Home, *arguments: str, when: str = NOW) -> dict[str, Any]:
    told = home.run(when, "decide", *arguments, "--json")
    assert told.code == 0, told.err
    document: dict[str, Any] = told.json
    return document


def to(home: Home) -> list[str]:
    return sorted(str(draft["To"]).rpartition("<")[2].rstrip(">") for draft in home.household.drafts())


def test_without_anybody_named_it_only_lists_who_there_is_to_tell_closest_first(searching: Home) -> None:
    before = searching.bytes()
    document = decide(searching, OFFER)

    assert emails(document["people"]) == [ANA, LEE, DANA]
    assert document["people"][1] | {"organisation": ""} == {
        "name": "Lee Ito",
        "email": LEE,
        "tags": ["Search"],
        "organisation": "",
        "last_contact": "2026-03-12T16:00:00+00:00",
        "days_of_contact": 1,
        "meetings": 1,
        "helped": ["the book"],
    }
    assert decide(searching, OFFER, "--except", "acme")["not_told"] == [
        {"name": "Ana Reis", "email": ANA, "why": "of acme, which you excepted"},
        {"name": "Dana Okafor", "email": DANA, "why": "of acme, which you excepted"},
    ]
    told = searching.run(NOW, "decide", OFFER).out
    assert told.startswith("You may tell 3 people, closest first\n")
    assert "Nothing is decided yet." in told
    assert f"decide '{OFFER}' --tag search` tells all who have it" in told
    assert searching.bytes() == before


def test_each_of_them_is_told_by_a_note_and_the_list_shrinks_as_they_are_sent(searching: Home) -> None:
    document = decide(searching, OFFER, "--tag", "search", "--except", "Acme Ltd")

    assert emails(document["untold"]) == [ANA, LEE]
    assert {one["state"] for one in document["untold"]} == {"planned"}
    assert document["untold"][0]["follow_up"]["rule"] is None
    assert (document["check_ins"], document["undone"], document["told"]) == ("go-on", None, [])
    assert [(one["email"], one["why"]) for one in document["not_told"]] == [
        (DANA, "of Acme Ltd, which you excepted"),
        ("never@x.example", "you have never met or written to each other"),
        ("sam@x.example", "is marked do_not_contact"),
    ]
    coming = searching.run(NOW, "plan", "--json").follow_ups
    assert [(one["step"], one["to"][0]["email"]) for one in coming] == [("decision", ANA), ("decision", LEE)]

    placed = searching.once(NEXT)["placed"]
    assert [(one["rule"], one["step"], one["meeting"], one["by"]) for one in placed] == 2 * [
        (None, "decision", None, None)
    ]
    assert to(searching) == [ANA, LEE]
    lee = next(draft for draft in searching.household.drafts() if LEE in str(draft["To"]))
    assert "I am taking the offer at Acme." in str(lee.get_payload())
    assert "I have not forgotten the book." in str(lee.get_payload())

    searching.household.move(str(lee["Message-ID"]), ".Sent")
    searching.once("2026-03-16 13:00")
    (course,) = decide(searching, when="2026-03-16 13:05")["decisions"]
    assert (emails(course["untold"]), emails(course["told"])) == ([ANA], [LEE])
    told = searching.run("2026-03-16 13:05", "decide").out
    assert "Still to be told, closest first: 1 of 2\n    Ana Reis" in told
    assert "  Told: Lee Ito\n" in told


def test_the_same_words_again_are_the_same_decision_and_may_reach_more(searching: Home) -> None:
    first = decide(searching, OFFER, "--tell", "Lee", "--check-ins", "stop")
    searching.once(NEXT)
    again = decide(searching, "Taking  the offer at ACME", "--tell", "lee@ito.example", "--tell", "Dana", when=NEXT)

    assert (again["id"], again["check_ins"]) == (first["id"], "stop")
    assert [(one["email"], one["state"]) for one in again["untold"]] == [(LEE, "placed"), (DANA, "planned")]
    searching.once("2026-03-16 12:10")
    assert to(searching) == [DANA, LEE]


def test_everybody_met_under_a_rule_is_told_by_its_id(searching: Home) -> None:
    assert emails(decide(searching, OFFER, "--tag", "soft")["untold"]) == [LEE, DANA]


def test_what_is_taken_back_takes_the_untouched_drafts_with_it(searching: Home) -> None:
    id_ = decide(searching, OFFER, "--tell", "Lee", "--tell", "Dana")["id"]
    searching.once(NEXT)
    dana = next(draft for draft in searching.household.drafts() if DANA in str(draft["To"]))
    searching.household.edit(str(dana["Message-ID"]), "Dear Dana", "My dear Dana")
    searching.once("2026-03-16 12:10")

    told = searching.run("2026-03-16 12:15", "decide", "--undo", id_[:5])
    assert told.code == 0
    assert told.out.splitlines() == [
        "Taken back: taking the offer at Acme",
        "  1 untouched draft goes with the next cycle.",
        "  1 draft that you edited stays where it lies.",
    ]
    searching.once("2026-03-16 12:20")
    assert to(searching) == [DANA]
    again = searching.run("2026-03-16 12:25", "decide", "--undo", id_)
    assert (again.code, again.out) == (2, "")
    assert "was taken back already" in again.err
    assert "You took it back" in searching.run("2026-03-16 12:25", "decide").out

    decide(searching, OFFER, "--tell", "Lee", when="2026-03-16 12:30")
    searching.once("2026-03-16 12:35")
    assert to(searching) == [DANA, LEE]


def test_somebody_who_is_excepted_later_is_left_out_of_it(searching: Home) -> None:
    decide(searching, OFFER, "--tag", "search")
    searching.once(NEXT)
    document = decide(searching, OFFER, "--tag", "search", "--except", DANA, when=NEXT)
    assert emails(document["untold"]) == [ANA, LEE]
    searching.once("2026-03-16 12:10")
    assert to(searching) == [ANA, LEE]


def test_skip_leaves_one_of_them_out_before_and_after_the_draft(searching: Home) -> None:
    document = decide(searching, OFFER, "--tell", "Lee", "--tell", "Dana")
    lee, dana = (str(one["follow_up"]["id"]) for one in document["untold"])
    assert searching.run(NOW, "skip", lee).code == 0
    searching.once(NEXT)
    assert to(searching) == [DANA]
    assert searching.run(NEXT, "skip", dana).code == 0
    searching.once("2026-03-16 12:10")
    assert to(searching) == []
    (course,) = decide(searching, when="2026-03-16 12:10")["decisions"]
    assert [(one["email"], one["state"]) for one in course["left_out"]] == [(LEE, "skipped"), (DANA, "skipped")]


def test_explain_person_and_show_tell_of_it(searching: Home) -> None:
    id_ = decide(searching, OFFER, "--tell", "Lee")["untold"][0]["follow_up"]["id"]

    assert "closing note: due now" in searching.run(NOW, "explain", "Lee").out
    (one,) = searching.run(NOW, "explain", "Lee", "--json").json["decisions"]
    assert (one["text"], one["state"], one["follow_up"]["id"]) == (OFFER, "planned", id_)
    assert searching.run(NOW, "explain", "Dana", "--json").json["decisions"] == []
    assert "I am taking the offer at Acme." in searching.run(NOW, "show", id_).out
    assert searching.run(NOW, "person", "Lee", "--json").json["next"]["id"] == id_
    searching.once(NEXT)
    assert "closing note: lies in Drafts" in searching.run(NEXT, "explain", "Lee").out


REFUSED = (
    ((OFFER, "--tell", "Lea"), "nobody is known by 'Lea'", "Did you mean Lee Ito <lee@ito.example>?"),
    ((OFFER, "--tell", "who@nowhere.example"), "nobody is known by 'who@nowhere.example'", "afterword"),
    ((OFFER, "--tag", "serch"), "nobody has the tag 'serch', and no rule has this id", "Did you mean `search`"),
    ((OFFER, "--tag", "xyzzy"), "nobody has the tag 'xyzzy', and no rule has this id", "There is `"),
    ((OFFER, "--tag", "search", "--except", "Akme Ltd"), "nobody is known by 'Akme Ltd'", "Did you mean Acme Ltd?"),
    ((OFFER, "--tell", "Sam"), "nobody is left to be told", "Sam Silent: is marked do_not_contact."),
    ((" ", "--tell", "Lee"), "a decision has between 1 and 2000 characters", ""),
    (("\u202e\u200f ", "--tell", "Lee"), "a decision has between 1 and 2000 characters", ""),
    (("taking", "the", "offer", "--tell", "Lee"), "unexpected extra arguments", ""),
    (("--tell", "Lee"), "what did you decide?", ""),
    (("--undo", "x", "--tell", "Lee"), "--undo takes the ID of a decision", ""),
    (("--undo", "nothing"), "no decision is 'nothing'", ""),
)


def test_what_cannot_be_done_is_a_usage_error_and_decides_nothing(searching: Home) -> None:
    for arguments, message, hint in REFUSED:
        told = searching.run(NOW, "decide", *arguments, "--json")
        assert (told.code, told.out) == (2, ""), arguments
        assert message in told.err
        assert hint in " ".join(told.err.split())
    assert decide(searching)["decisions"] == []


def test_without_a_template_that_works_nothing_is_decided_and_it_is_said_what_to_write(searching: Home) -> None:
    template = searching.household.root / "config" / "templates" / "decision.md"
    template.unlink()
    told = searching.run(NOW, "decide", OFFER, "--tell", "Lee", "--json")
    assert told.code == 78
    (problem,) = told.json["problems"]
    assert (problem["file"], problem["line"]) == ("templates/decision.md", None)
    assert "there is no template `decision`" in problem["message"]
    assert "write templates/decision.md" in problem["hint"]
    assert decide(searching)["decisions"] == []

    searching.household.write("templates/decision.md", "---\nsubject: News\n---\n{{ decision }} {{ person.tags[3] }}\n")
    told = searching.run(NOW, "decide", OFFER, "--tell", "Lee", "--json")
    assert told.code == 78
    assert (told.json["problems"][0]["file"], told.json["problems"][0]["line"]) == ("templates/decision.md", 4)


def test_with_a_wrong_configuration_nothing_is_decided(searching: Home) -> None:
    searching.household.write("rules/rules.yaml", "rules: [{id: x}]\n")
    for arguments in ((OFFER, "--tell", "Lee"), (OFFER,), ()):
        told = searching.run(NOW, "decide", *arguments, "--json")
        assert told.code == 78
        assert told.json["problems"][0]["file"] == "rules/rules.yaml"
    with Ledger.open(searching.household.state, write=False) as ledger:
        assert ledger.decisions() == ()
