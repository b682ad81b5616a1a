"""`afterword plan`: what is coming, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.house import SETTINGS, event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home

NOON = "2026-03-03 12:00"


def test_each_day_has_its_notes_with_time_person_subject_reason_and_deadline(home: Home) -> None:
    lines = home.run(NOON, "plan").out.splitlines()
    assert lines[0] == "Today, Tue 3 March"
    assert lines[1].split("  ")[1:5] == ["18:00", "Dana", "Thank you, Dana", "soft thank-you"]
    assert "2 hours after 'Coffee with Dana' ended; send by Wed 4 March 16:00" in lines[2]
    assert lines[3] == "Thu 12 March"


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
    assert "one open draft to Dana" in held["why"]
    assert "held: one open draft to Dana" in drafted.run("2026-03-04 17:00", "plan", "--days", "1").out


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
    assert days == ["Thu 5 March", "Sun 8 March", "Fri 13 March"]


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
