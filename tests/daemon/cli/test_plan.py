"""`afterword plan`: what is coming, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.daemon.cli.conftest import DANA, LEE
from tests.house import SETTINGS, event

if TYPE_CHECKING:
    import pytest

    from tests.daemon.cli.conftest import Home

NOON = "2026-03-03 12:00"


def test_each_day_has_its_notes_with_time_person_subject_reason_and_deadline(home: Home) -> None:
    lines = home.run(NOON, "plan").out.splitlines()
    assert lines[0] == "Today, Tue 3 March"
    assert lines[1].split("  ")[1:5] == ["18:00", "Dana", "Thank you, Dana", "soft thank-you"]
    assert "2 hours after 'Coffee with Dana' ended; send by Wed 4 March 16:00" in lines[2]
    assert lines[3:5] == ["", "Thu 12 March"]


def test_what_is_due_now_is_named_as_such(home: Home) -> None:
    home.once(NOON)
    assert home.run("2026-03-03 18:30", "plan").out.splitlines()[0] == "Due now"


def test_days_say_how_far_to_look(home: Home) -> None:
    assert len(home.run(NOON, "plan", "--days", "1", "--json").follow_ups) == 1
    assert len(home.run(NOON, "plan", "--json").follow_ups) == 2
    steps = [one["step"] for one in home.run(NOON, "plan", "--days", "60", "--json").follow_ups]
    assert steps == ["thank-you", "thank-you", "check-in", "check-in"]


def test_the_document_has_follow_ups_and_nothing_else(home: Home) -> None:
    document = home.run(NOON, "plan", "--json").json
    assert set(document) == {"follow_ups"}
    assert [one["state"] for one in document["follow_ups"]] == ["planned", "planned"]
    assert [one["subject"] for one in document["follow_ups"]] == ["Thank you, Dana", "Thank you, Lee"]


def test_what_is_held_back_tells_by_what_and_until_when(drafted: Home) -> None:
    rules = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps: [{id: hello, template: check-in, after: 1 day}]
"""
    drafted.household.write("rules/rules.yaml", rules)
    drafted.once("2026-03-03 18:30")
    (held,) = drafted.run("2026-03-04 17:00", "plan", "--days", "1", "--json").follow_ups
    assert held["why"] == "1 day after 'Coffee with Dana' ended; held until 8 March: one open draft to Dana"
    assert held["due"] == "2026-03-04T16:00:00+00:00"
    lines = drafted.run("2026-03-04 17:00", "plan", "--days", "1").out.splitlines()
    assert lines[0] == "Sun 8 March"
    assert lines[3] == "         held until 8 March: one open draft to Dana"


HELD = "held until 8 March: one open draft to Dana"


def test_every_command_that_shows_a_held_note_tells_the_same(drafted: Home) -> None:
    """A draft to Lee and Dana both waits for the one that lies there for Dana."""
    drafted.household.write("rules/rules.yaml", GROUP)
    drafted.household.put("both", event("u9", "2026-03-03 13:00", DANA, LEE, title="Coffee for three"))
    drafted.once("2026-03-03 18:30")
    now = "2026-03-04 17:00"
    (note,) = drafted.run(now, "plan", "--json").follow_ups
    assert note["why"].endswith(f"; {HELD}")
    assert HELD in drafted.run(now, "show", note["id"], "--json").json["why"]
    assert HELD in " ".join(drafted.run(now, "show", note["id"]).out.split())
    assert f"due now, {HELD}" in drafted.run(now, "drafts", "--all").out
    assert f"next note     both, {HELD}" in drafted.run(now, "person", "lee").out
    assert f"both, {HELD}" in drafted.run(now, "people").out
    people = drafted.run(now, "people", "--json").json["people"]
    assert HELD in next(one["next"]["why"] for one in people if one["name"] == "Lee")


def test_a_draft_that_lies_there_for_longer_holds_without_a_day(drafted: Home) -> None:
    drafted.household.write("rules/rules.yaml", GROUP)
    drafted.household.put("both", event("u9", "2026-03-07 13:00", DANA, LEE, title="Coffee for three"))
    drafted.once("2026-03-03 18:30")
    told = drafted.run("2026-03-09 17:00", "plan", "--days", "1").out.splitlines()
    assert told[0] == "Held back"
    assert told[1].split()[:4] == ["Dana,", "Lee", "Hello", "again,"]
    assert told[2:] == [
        "         1 day after 'Coffee for three' ended; due Sun 8 March 14:00",
        "         held until it is sent or deleted: one open draft to Dana; expires Sun 15 March 14:00",
    ]


def test_a_note_that_expires_before_it_is_let_go_has_no_day(drafted: Home) -> None:
    drafted.household.write("rules/rules.yaml", HELLO.replace("1 day", "1 day, expires: 2 days"))
    drafted.once("2026-03-03 18:30")
    told = drafted.run("2026-03-04 17:00", "plan").out.splitlines()
    assert told[told.index("Held back") + 3] == f"         {HELD}; expires Fri 6 March 16:00"


def test_a_wide_group_is_its_first_and_how_many_more(home: Home) -> None:
    home.household.write("rules/rules.yaml", GROUP.replace("1 day", "1 hour"))
    people = [f"somebody-with-a-name-{number}@x.example" for number in range(3)]
    home.household.put("all", event("u9", "2026-03-03 09:00", *people, title="Coffee for all"))
    assert "  now    Somebody-With-A-Name… and 2 more  " in home.run(NOON, "plan").out


def test_the_columns_run_through_all_days(home: Home) -> None:
    home.household.put("lee", event("u2", "2026-03-12 15:00", "maximiliana@x.example", title="Coffee with Max"))
    rows = [line for line in home.run(NOON, "plan").out.splitlines() if "thank-you" in line]
    assert len({row.index("soft thank-you") for row in rows}) == 1


GROUP = """\
rules:
  - id: soft
    when: {title: ["for three", "for all"]}
    steps: [{id: both, template: check-in, after: 1 day, to: all}]
"""
HELLO = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps: [{id: hello, template: check-in, after: 1 day}]
"""


def test_beyond_the_horizon_is_only_what_is_due_now_and_held_back_until_then(drafted: Home) -> None:
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    drafted.household.write("rules/rules.yaml", HELLO)
    drafted.once("2026-03-03 18:30")
    before, now = (drafted.run(when, "plan", "--days", "1") for when in ("2026-03-04 12:00", "2026-03-04 17:00"))
    assert before.out == "Nothing is coming in the next 1 day.\n"
    assert "held until" in now.out


def test_the_days_stand_in_their_order(drafted: Home) -> None:
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    drafted.household.write("rules/rules.yaml", HELLO)
    drafted.household.put("ana", event("u8", "2026-03-04 15:00", "ana@x.example", title="Coffee with Ana"))
    drafted.once("2026-03-03 18:30")
    told = drafted.run("2026-03-04 17:00", "plan", "--days", "14")
    days = [line for line in told.out.splitlines() if line[:1].strip()]
    assert days == ["Tomorrow, Thu 5 March", "Sun 8 March", "Fri 13 March"]


def test_nothing_coming_is_said_in_a_line(home: Home) -> None:
    assert home.run("2026-01-03 12:00", "plan").out == "Nothing is coming in the next 14 days.\n"


def test_a_calendar_that_fails_is_planned_as_it_was_known_with_code_1(home: Home) -> None:
    home.once(NOON)
    (home.household.root / "config" / "calendar").rename(home.household.root / "elsewhere")
    told = home.run(NOON, "plan", "--json")
    assert told.code == 1
    assert len(told.follow_ups) == 2
    assert [one["source"] for one in told.json["problems"]] == ["feed"]


def test_a_wrong_configuration_is_code_78(home: Home) -> None:
    home.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    told = home.run(NOON, "plan", "--json")
    assert told.code == 78
    assert told.json["problems"]


def test_titles_cannot_command_the_terminal(home: Home) -> None:
    home.household.put("evil", event("u6", "2026-03-03 15:30", "eve@x.example", title="Coffee \x1b[2J now"))
    told = home.run(NOON, "plan")
    assert "\x1b" not in told.out
    assert "Coffee" in told.out


def test_a_deadline_that_has_passed_is_told_as_passed_and_a_name_as_one_says_it(home: Home) -> None:
    home.household.put("maja", event("u7", "2026-03-03 10:00", "maja@nord.example", title="Coffee with Maja"))
    people = "people: [{name: 'Lindqvist, Maja', emails: [maja@nord.example]}]"
    home.household.write("people.yaml", people)
    home.once("2026-03-02 12:00")
    told = home.run("2026-03-04 12:00", "plan").out
    assert "was to be sent by Wed 4 March 11:00" in told
    assert "Maja Lindqvist" in told
    assert "send by Wed 4 March 16:00" in told
    assert home.run("2026-03-04 12:00", "person", "Maja Lindqvist").code == 0
    assert home.run("2026-03-04 12:00", "person", "Lindqvist, Maja").out.startswith("Maja Lindqvist")


def test_what_its_window_lets_come_only_after_its_time_is_told_as_held_back(drafted: Home) -> None:
    """The gap ends on Sunday, the window opens on Monday, and by then it is no longer worth writing."""
    rules = HELLO.replace("after: 1 day", "after: 1 day, expires: 4 days, window: weekdays 18:30-19:00")
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    drafted.household.write("rules/rules.yaml", rules)
    drafted.once("2026-03-03 18:30")
    told = " ".join(drafted.run("2026-03-04 17:00", "plan").out.split())
    assert "Held back Dana " in told
    assert "held until 9 March: 5 days between two drafts to Dana; expires Sun 8 March 18:30" in told


def test_what_was_written_later_is_not_known_at_an_earlier_moment(home: Home) -> None:
    home.household.deliver("robin@example.org", "2026-03-03 17:00", "Thanks for the coffee", ".Sent", To=DANA)
    assert home.run("2026-03-01 12:00", "plan", "--json").follow_ups[0]["subject"] == "Thank you, Dana"
    assert home.run("2026-03-03 17:30", "plan", "--json").follow_ups[0]["subject"] == "Thank you, Lee"


def test_on_a_narrow_terminal_the_lines_fit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    template = "---\nsubject: Thank you very much for your time, {{ person.first_name }}\n---\nThank you.\n"
    home.household.write("templates/thank-you.md", template)
    lines = home.run(NOON, "plan").out.splitlines()
    assert max(map(len, lines)) <= 70
    assert "Thank you very much for" in lines[1]
