"""What the user owes people: listed with the person, said in the thank-you, and ticked off by `done`."""

from __future__ import annotations

import pytest

from tests.daemon.cli.conftest import DANA, LEE, Home
from tests.house import event

DUE, LATER = "2026-03-03 18:30", "2026-03-03 19:00"
OWING = r"DESCRIPTION:Good talk.\n#owe: send the paper\n#owe: ask Lee\, soon" + "\r\n"
OWED = "{% if owed %}\nI promised: {{ owed }}.\n\n{% endif %}\n{{ me.signature }}"


@pytest.fixture
def owing(home: Home) -> Home:
    """The coffee with Dana, with two promises in its description, and a template that names them."""
    home.household.put("dana", event("u1", "2026-03-03 15:00", DANA, title="Coffee with Dana", extra=OWING))
    template = home.household.root / "config" / "templates" / "thank-you.md"
    template.write_text(template.read_text("utf-8").replace("{{ me.signature }}", OWED), "utf-8")
    return home


def body(home: Home) -> str:
    (draft,) = home.household.drafts()
    return str(draft.get_payload())


def owes(home: Home, when: str, who: str = "Dana") -> list[str]:
    return [one["text"] for one in home.run(when, "person", who, "--json").json["owes"]]


def id_of(home: Home, when: str, text: str) -> str:
    found = home.run(when, "person", "Dana", "--json").json["owes"]
    return str(next(one["id"] for one in found if one["text"] == text))


def test_what_is_owed_stands_in_the_thank_you_and_with_the_person_before_any_cycle(owing: Home) -> None:
    (one, other) = owing.run(LATER, "person", "Dana", "--json").json["owes"]
    assert (one["text"], one["since"], one["kept"]) == ("send the paper", "2026-03-03T16:00:00+00:00", None)
    assert one["meeting"]["title"] == "Coffee with Dana"
    assert other["text"] == "ask Lee, soon"
    assert owes(owing, "2026-03-03 15:30") == []
    assert owes(owing, LATER, "Lee") == []
    told = owing.run(LATER, "person", "Dana").out
    assert "You owe them" in told
    assert f"{one['id']}  Tue 3 March  send the paper" in told
    assert f"done {one['id']}` ticks it off." in told

    owing.once(DUE)
    assert "I promised: send the paper and ask Lee, soon." in body(owing)


def test_looking_at_what_is_owed_writes_nothing(owing: Home) -> None:
    owing.once(DUE)
    before = owing.bytes()
    owes(owing, LATER)
    owing.run(LATER, "explain", "Coffee")
    assert owing.bytes() == before


def test_what_is_done_is_owed_no_more_and_leaves_the_untouched_draft(owing: Home) -> None:
    owing.once(DUE)
    told = owing.run(LATER, "done", id_of(owing, LATER, "send the paper")[:4])
    assert (told.code, told.out) == (0, "Done: send the paper, to Dana.\n")
    assert owes(owing, LATER) == ["ask Lee, soon"]
    owing.once(LATER)
    assert "I promised: ask Lee, soon." in body(owing)
    assert owing.run(LATER, "done", "ask", "lee", "--json").json["kept"] == "2026-03-03T19:00:00+00:00"
    owing.once("2026-03-03 19:05")
    assert "I promised" not in body(owing)
    assert "You owe them" not in owing.run("2026-03-03 19:05", "person", "Dana").out


def test_what_was_ticked_off_by_mistake_is_owed_again(owing: Home) -> None:
    owing.once(DUE)
    id_ = id_of(owing, LATER, "send the paper")
    owing.run(LATER, "done", id_)
    again = owing.run(LATER, "done", id_)
    assert again.code == 2
    assert "is done already" in again.err
    assert f"done --undo {id_}" in again.err
    owing.once("2026-03-03 19:05")
    assert owing.run(LATER, "done", "--undo", id_).out == "Owed after all: send the paper, to Dana.\n"
    assert owing.run(LATER, "done", "--undo", id_).code == 2
    assert owes(owing, LATER) == ["send the paper", "ask Lee, soon"]
    owing.once("2026-03-03 19:10")
    assert "I promised: send the paper and ask Lee, soon." in body(owing)


def test_a_promise_ticked_off_before_the_first_cycle_stays_so(owing: Home) -> None:
    owing.run("2026-03-03 16:30", "done", "paper")
    owing.once(DUE)
    assert "I promised: ask Lee, soon." in body(owing)
    assert owes(owing, LATER) == ["ask Lee, soon"]


def test_what_is_owed_outlives_its_meeting_in_the_calendar(owing: Home) -> None:
    owing.once(DUE)
    assert owes(owing, "2027-03-03 12:00") == ["send the paper", "ask Lee, soon"]
    owing.once("2027-03-03 12:00")
    assert owing.run("2027-03-03 12:00", "done", "paper").code == 0
    owing.once("2027-03-03 12:05")
    assert owes(owing, "2027-03-03 12:10") == ["ask Lee, soon"]


def test_what_is_not_owed_cannot_be_done(owing: Home) -> None:
    unknown = owing.run(LATER, "done", "the dishes")
    assert unknown.code == 2
    assert "nothing of what you owe is 'the dishes'" in unknown.err
    assert "'send the paper'" in unknown.err
    several = owing.run(LATER, "done", "e")
    assert several.code == 2
    assert "may be" in several.err
    assert owing.run("2026-03-03 12:00", "done", "paper").code == 2
    assert "#owe: send the paper" in owing.run("2026-03-03 12:00", "done", "paper").err


def test_explain_shows_what_is_taken_and_why_the_rest_is_not(owing: Home) -> None:
    spam = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:robin@example.org\r\n" + r"DESCRIPTION:#thanks: buy\n#owe pay" + "\r\n"
    invitation = event("u2", "2026-03-12 15:00", LEE, title="Coffee with Lee", extra=spam)
    owing.household.put(
        "lee", invitation.replace("ORGANIZER;CN=Robin:mailto:robin@example.org", f"ORGANIZER;CN=Lee Ito:mailto:{LEE}")
    )

    marks = owing.run(LATER, "explain", "Coffee with Dana", "--json").json["marks"]
    assert marks[0] == {"mark": "#owe", "text": "send the paper", "taken": True, "why": "you organised it"}
    told = " ".join(owing.run(LATER, "explain", "Coffee with Lee").out.split())
    assert "no #thanks: buy not taken: Lee Ito organised this, and the entry of feed does not say" in told
    assert "#owe not taken: a colon and the text belong behind it, as in `#owe: …`" in told
    assert "marks" in owing.run(LATER, "explain", "Dana", "--json").json


def test_the_setting_makes_the_marks_of_an_invitation_count(owing: Home) -> None:
    mine = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:robin@example.org\r\n" + r"DESCRIPTION:#thanks: the book" + "\r\n"
    invitation = event("u1", "2026-03-03 15:00", DANA, title="Coffee with Dana", extra=mine)
    owing.household.put(
        "dana", invitation.replace("ORGANIZER;CN=Robin:mailto:robin@example.org", f"ORGANIZER:mailto:{DANA}")
    )
    owing.once(DUE)
    assert "[[what stayed with me]]" in body(owing)
    settings = (owing.household.root / "config" / "afterword.yaml").read_text("utf-8")
    owing.household.write("afterword.yaml", settings.replace("ics: calendar/}", "ics: calendar/, only_mine: true}"))
    owing.once(LATER)
    assert "the book" in body(owing)
