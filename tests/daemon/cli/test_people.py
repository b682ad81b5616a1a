"""`people`, `person` and `note`: who is known, what was between us, and what the user notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.house import CHECK_IN, SETTINGS, event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

LATER = "2026-03-03 19:00"
PEOPLE = """\
people:
  - name: Dana Okafor
    emails: [dana@acme.example, dana@home.example]
    tags: [network, lisbon]
    organisation: Acme
    notes: Hiring in spring
  - {name: Ana Reis, emails: [ana@reis.example], do_not_contact: true}
  - {name: Ana Costa, emails: [ana@costa.example]}
"""


@pytest.fixture
def known(drafted: Home) -> Home:
    drafted.household.write("people.yaml", PEOPLE)
    return drafted


def test_everybody_is_listed_those_not_contacted_for_longest_first(known: Home) -> None:
    known.household.deliver("ana@costa.example", "2026-02-01 10:00")
    known.once(LATER)
    found = known.run(LATER, "people", "--json").json["people"]
    assert [one["name"] for one in found] == ["Dana Okafor", "Ana Costa", "Ana Reis", "Lee"]
    assert set(found[0]) == {"name", "email", "emails", "tags", "organisation", "last_contact", "next", "why", "owes"}


def test_the_last_contact_tells_when_and_how(drafted: Home) -> None:
    def dana(when: str) -> object:
        people = drafted.run(when, "people", "--json").json["people"]
        return next(one["last_contact"] for one in people if one["name"] == "Dana")

    assert dana(LATER) == {"at": "2026-03-03T16:00:00+00:00", "how": "met"}
    drafted.household.deliver("dana@acme.example", "2026-03-05 10:00")
    assert dana("2026-03-05 12:00") == {"at": "2026-03-05T10:00:00+00:00", "how": "they wrote"}
    drafted.household.deliver("robin@example.org", "2026-03-06 10:00", folder=".Sent", To="dana@acme.example")
    assert dana("2026-03-06 12:00") == {"at": "2026-03-06T10:00:00+00:00", "how": "you wrote"}


def test_the_next_note_is_the_draft_that_lies_there_else_what_is_planned(drafted: Home) -> None:
    people = {one["name"]: one for one in drafted.run(LATER, "people", "--json").json["people"]}
    assert (people["Dana"]["next"]["step"], people["Dana"]["next"]["state"]) == ("thank-you", "placed")
    assert (people["Lee"]["next"]["step"], people["Lee"]["next"]["state"]) == ("thank-you", "planned")
    assert people["Lee"]["last_contact"] is None
    lines = drafted.run(LATER, "people").out.splitlines()
    assert lines[0].split() == ["Who", "Last", "contact", "Next", "note"]
    assert "Tue 3 March, met" in lines[1]
    assert "thank-you lies in Drafts" in lines[1]
    assert "thank-you, Thu 12 March 18:00" in lines[2]


def test_a_check_in_overdue_when_its_rule_began_is_listed_and_not_drafted(home: Home) -> None:
    home.household.put("old", event("u0", "2025-10-01 15:00", "zoe@x.example", title="Coffee with Zoe"))
    home.once("2026-03-03 12:00")
    assert home.household.drafts() == []
    people = {one["name"]: one for one in home.run("2026-03-03 12:00", "people", "--json").json["people"]}
    assert people["Zoe"]["next"] is None
    assert "overdue when the rule began; counts from the next contact" in people["Zoe"]["why"]


def test_a_chain_that_has_ended_says_so(home: Home) -> None:
    home.household.write("rules/rules.yaml", "rules: [{id: soft, when: {title: [coffee]}, steps: "
                         "[{id: check-in, template: check-in, every: 1 week, at_most: 1}]}]\n")  # fmt: skip
    home.once("2026-03-03 12:00")
    home.once("2026-03-10 17:00")
    home.household.move(str(home.household.drafts()[0]["Message-ID"]), ".Sent")
    home.once("2026-03-10 18:00")
    people = {one["name"]: one for one in home.run("2026-03-11 12:00", "people", "--json").json["people"]}
    assert "the chain has ended" in people["Dana"]["why"]


def test_do_not_contact_and_strangers_to_every_rule_say_why_there_is_no_note(known: Home) -> None:
    people = {one["name"]: one for one in known.run(LATER, "people", "--json").json["people"]}
    assert people["Ana Reis"]["why"] == "is marked do_not_contact"
    assert people["Ana Costa"]["why"] == "no meeting with them is known"


@pytest.mark.parametrize("who", ["dana", "Dana Okafor", "okafor", "DANA@acme.example", "dana@home.example"])
def test_a_person_is_found_by_any_name_or_address(known: Home, who: str) -> None:
    assert known.run(LATER, "person", who, "--json").json["email"] == "dana@acme.example"


def test_a_person_is_told_with_notes_and_history(known: Home) -> None:
    known.run("2026-03-03 18:30", "note", "dana", "Likes", "gardens")
    known.household.deliver("dana@home.example", "2026-03-03 18:45", subject="That book")
    known.once("2026-03-03 18:50")
    document = known.run(LATER, "person", "dana", "--json").json
    assert document["tags"] == ["network", "lisbon"]
    assert document["notes"] == [
        {"at": None, "text": "Hiring in spring"},
        {"at": "2026-03-03T18:30:00+00:00", "text": "Likes gardens"},
    ]
    assert [one["kind"] for one in document["history"]] == ["mail", "follow_up", "meeting"]
    assert [one["step"] for one in document["follow_ups"]] == ["thank-you"]
    told = known.run(LATER, "person", "dana").out
    assert "they wrote: That book" in told
    assert "Tue 3 March 18:30: Likes gardens" in told


def test_a_name_of_several_is_code_2_with_the_candidates(known: Home) -> None:
    told = known.run(LATER, "person", "Ana", "--json")
    assert (told.code, told.out) == (2, "")
    assert "Ana Reis <ana@reis.example>" in told.err
    assert "Ana Costa <ana@costa.example>" in told.err


@pytest.mark.parametrize("command", [("person", "dnaa"), ("note", "dnaa", "x")], ids=["person", "note"])
def test_an_unknown_name_is_code_2_with_the_nearest(known: Home, command: tuple[str, ...]) -> None:
    told = known.run(LATER, *command)
    assert told.code == 2
    assert "Did you mean Dana Okafor <dana@acme.example>?" in told.err


def test_a_note_reaches_the_template(known: Home) -> None:
    known.household.write("templates/thank-you.md", CHECK_IN.replace("How have you been?", "{{ person.notes }}"))
    assert known.run(LATER, "note", "dana@home.example", "Likes gardens").code == 0
    assert "Likes gardens" in known.run(LATER, "person", "dana").out
    known.household.put("again", event("u4", "2026-03-09 10:00", "dana@acme.example", title="Coffee again"))
    known.once("2026-03-09 13:00")
    text = known.household.drafts()[-1].get_payload()
    assert any("Likes gardens" in str(draft.get_payload()) for draft in known.household.drafts()), text


def test_a_note_on_somebody_in_no_book_reaches_the_template_too(drafted: Home) -> None:
    drafted.household.write("templates/thank-you.md", CHECK_IN.replace("How have you been?", "{{ person.notes }}"))
    drafted.run(LATER, "note", "Lee", "Likes trains")
    drafted.once("2026-03-12 18:00")
    assert any("Likes trains" in str(draft.get_payload()) for draft in drafted.household.drafts())


def test_a_note_on_an_address_that_nobody_has_is_kept_with_a_warning(known: Home) -> None:
    told = known.run(LATER, "note", "new@nobody.example", "Call in June", "--json")
    assert told.code == 0
    assert (told.json["email"], told.json["text"]) == ("new@nobody.example", "Call in June")
    assert "Nobody is known by new@nobody.example yet" in told.err


def test_an_empty_note_is_refused(known: Home) -> None:
    assert known.run(LATER, "note", "dana", "  ").code == 2


@pytest.mark.parametrize("command", [("people",), ("person", "dana"), ("note", "dana", "x")], ids=lambda c: c[0])
def test_with_a_wrong_configuration_nobody_is_known_and_the_code_is_78(known: Home, command: tuple[str, ...]) -> None:
    known.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    told = known.run(LATER, *command, "--json")
    assert told.code == 78
    assert told.json["problems"]
