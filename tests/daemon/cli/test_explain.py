"""`explain`: why there is a note, and why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.daemon.cli.conftest import DANA, LEE
from tests.house import SETTINGS, event

if TYPE_CHECKING:
    from tests.daemon.cli.conftest import Home, Told

NOON = "2026-03-03 12:00"
LATER = "2026-03-03 19:00"
PEOPLE = """\
people:
  - {name: Dana Okafor, emails: [dana@acme.example], tags: [lisbon]}
  - {name: Sam Silent, emails: [sam@x.example], do_not_contact: true}
  - {name: Ana Reis, emails: [ana@reis.example]}
  - {name: Ana Costa, emails: [ana@costa.example]}
"""
WINDOW = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps: [{id: thank-you, template: thank-you, after: 2 hours, window: "thu 09:00-11:00"}]
"""
HELLO = """\
rules:
  - id: soft
    when: {title: [coffee]}
    steps: [{id: hello, template: check-in, after: 1 day}]
"""


def conditions(told: Told, rule: int = 0) -> dict[str, str]:
    """Those that do not hold."""
    found: list[dict[str, Any]] = told.json["rules"][rule]["conditions"]
    return {one["condition"]: one["why"] for one in found if not one["holds"]}


def steps(told: Told, rule: int = 0) -> list[tuple[str, str]]:
    return [(one["step"], one["state"]) for one in told.json["rules"][rule]["follow_ups"]]


def test_a_meeting_has_each_rule_with_each_condition_and_what_follows(home: Home) -> None:
    told = home.run(NOON, "explain", "Coffee with Dana", "--json")
    assert told.code == 0
    assert told.json["subject"] == "Coffee with Dana"
    (rule,) = told.json["rules"]
    assert (rule["rule"], rule["matches"]) == ("soft", True)
    assert {"not_cancelled", "accepted", "counts", "nofollow", "noshow", "backfill", "title"} <= {
        one["condition"] for one in rule["conditions"]
    }
    assert all(one["holds"] and one["why"] for one in rule["conditions"])
    assert steps(told) == [("thank-you", "planned"), ("check-in", "planned")]
    assert rule["follow_ups"][0]["due"] == "2026-03-03T18:00:00+00:00"


def test_the_answer_comes_first_and_everything_fits_a_narrow_terminal(home: Home) -> None:
    lines = home.run(NOON, "explain", "Coffee with Dana").out.splitlines()
    assert lines[0] == "Coffee with Dana"
    assert lines[1] == "  when          Tue 3 March 15:00 to 16:00"
    assert "soft takes it." in lines
    assert "  yes  title      has 'coffee'" in lines
    assert "  > thank-you, to Dana: planned for Tue 3 March 18:00" in lines
    assert max(map(len, lines)) <= 80


def test_a_meeting_that_no_rule_takes_tells_the_nearest_miss(home: Home) -> None:
    home.household.put("review", event("u3", "2026-03-04 10:00", DANA, title="Quarterly review"))
    told = home.run(NOON, "explain", "quarterly", "review", "--json")
    assert not told.json["rules"][0]["matches"]
    assert told.json["rules"][0]["follow_ups"] == []
    assert conditions(told) == {"title": "the title has none of coffee, chat: it is 'Quarterly review'"}
    text = " ".join(home.run(NOON, "explain", "Quarterly review").out.split())
    assert "No rule takes it. soft comes nearest, but for this: the title has none of coffee, chat" in text


@pytest.mark.parametrize(
    ("made", "gate", "why"),
    [
        (event("u3", "2026-03-04 10:00", DANA, title="Coffee X", status="CANCELLED"), "not_cancelled", "is cancelled"),
        (event("u3", "2026-03-04 10:00", title="Coffee X"), "counts", "nobody besides you"),
        (event("u3", "2026-03-04 10:00", DANA, title="Coffee X #nofollow"), "nofollow", "is marked #nofollow"),
        (event("u3", "2026-02-04 10:00", DANA, title="Coffee X"), "backfill", "thank-you was due Wed 4 February"),
        (event("u3", "2026-03-04 10:00", DANA, title="Coffee X #noshow"), "noshow", "is marked #noshow"),
        (
            event("u3", "2026-03-04 10:00", DANA, title="Coffee X").replace("CN=Robin:mailto:robin", "CN=Bo:mailto:bo"),
            "accepted",
            "somebody else organised it",
        ),
    ],
)
def test_a_gate_that_is_shut_is_named_with_what_it_saw(home: Home, made: str, gate: str, why: str) -> None:
    home.household.write("rules/rules.yaml", WINDOW.replace(', window: "thu 09:00-11:00"', ""))
    home.household.put("x", made)
    told = home.run(NOON, "explain", "Coffee X", "--json")
    assert set(conditions(told)) - {"attendees"} == {gate}
    assert why in conditions(told)[gate]
    assert not told.json["rules"][0]["matches"]
    words = " ".join(home.run(NOON, "explain", "Coffee X").out.split())
    assert f"no {gate.replace('_', ' ')}" in words
    assert why in words


def test_a_series_and_an_event_of_a_whole_day_say_that_they_are_such(home: Home) -> None:
    weekly = event("u3", "2026-03-04 10:00", DANA, title="Coffee weekly", extra="RRULE:FREQ=WEEKLY;COUNT=9\r\n")
    home.household.put("weekly", weekly)
    whole = event("u4", "2026-03-04 00:00", DANA, title="Coffee fair", minutes=1440)
    whole = whole.replace(";TZID=Europe/Lisbon:20260304T000000", ";VALUE=DATE:20260304")
    home.household.put("fair", whole.replace(";TZID=Europe/Lisbon:20260305T000000", ";VALUE=DATE:20260305"))
    assert conditions(home.run(NOON, "explain", "Coffee weekly", "--json")) == {"recurring": "it is one of a series"}
    assert conditions(home.run(NOON, "explain", "Coffee fair", "--json")) == {"all_day": "it lasts all day"}
    assert "Wed 4 March, all day" in home.run(NOON, "explain", "Coffee fair").out


def test_what_a_window_moved_says_when_it_would_be_due(home: Home) -> None:
    home.household.write("rules/rules.yaml", WINDOW)
    told = " ".join(home.run(NOON, "explain", "Coffee with Dana").out.split())
    assert "planned for Thu 5 March 09:00 due Tue 3 March 18:00: 2 hours after 'Coffee with Dana' ended" in told
    assert "moved to Thu 09:00 by the window 'thu 09:00-11:00'" in told


def test_what_courtesy_holds_back_says_by_what_and_until_when(drafted: Home) -> None:
    drafted.household.write("rules/rules.yaml", HELLO)
    drafted.once("2026-03-03 18:30")
    told = drafted.run("2026-03-04 17:00", "explain", "Coffee with Dana")
    assert "  > hello, to Dana: held until 8 March: one open draft to Dana" in told.out.splitlines()
    assert "due Wed 4 March 16:00: 1 day after 'Coffee with Dana' ended" in told.out


def test_what_became_of_a_follow_up_is_told_with_its_cause(drafted: Home) -> None:
    (draft,) = drafted.household.drafts()
    since = "  > thank-you, to Dana: lies in Drafts since Tue 3 March 18:00"
    assert since in _explained(drafted, LATER)
    for act in ("skip", "unskip"):
        drafted.run(LATER, act, drafted.id_of(LATER))
    assert since in _explained(drafted, LATER)  # it was not laid there anew
    drafted.household.move(str(draft["Message-ID"]), ".Sent")
    drafted.once(LATER)
    told = drafted.run(LATER, "explain", "Coffee with Dana", "--json")
    assert steps(told)[0] == ("thank-you", "sent")
    lines = _explained(drafted, LATER)
    assert lines[lines.index("  > thank-you, to Dana: sent, Tue 3 March 18:00") + 1] == "      you sent it"


def test_an_answered_note_and_a_draft_that_is_gone_for_a_while_are_told_as_such(drafted: Home) -> None:
    (draft,) = drafted.household.drafts()
    copy = drafted.household.files(".Drafts")[0]
    elsewhere = copy.rename(drafted.household.root / "open-in-an-editor")
    drafted.once(LATER)
    assert any("gone from Drafts" in line for line in _explained(drafted, "2026-03-03 19:05"))
    elsewhere.rename(copy)
    drafted.household.move(str(draft["Message-ID"]), ".Sent")
    drafted.household.deliver(DANA, "2026-03-04 10:00", In_Reply_To=str(draft["Message-ID"]))
    drafted.once("2026-03-04 12:00")
    assert "  > thank-you, to Dana: sent, Tue 3 March 18:00, and answered" in _explained(drafted, "2026-03-04 12:00")


def _explained(home: Home, when: str) -> list[str]:
    return home.run(when, "explain", "Coffee with Dana").out.splitlines()


def test_a_draft_whose_meeting_was_called_off_is_told_to_go(drafted: Home) -> None:
    drafted.household.put("dana", event("u1", "2026-03-03 15:00", DANA, title="Coffee with Dana", status="CANCELLED"))
    told = drafted.run(LATER, "explain", "Coffee with Dana", "--json")
    assert conditions(told) == {"not_cancelled": "it is cancelled"}
    assert steps(told) == [("thank-you", "placed")]
    (step,) = told.json["rules"][0]["steps"]
    assert step["why"] == "the next cycle takes it away: the meeting no longer counts: it is cancelled"


def test_a_meeting_that_is_gone_from_the_calendar_is_told_as_the_ledger_has_it(drafted: Home) -> None:
    drafted.household.put("older", event("u0", "2026-03-02 15:00", LEE, title="Review"))
    drafted.household.drop("dana")
    drafted.once(LATER)
    told = drafted.run(LATER, "explain", "u1", "--json")
    assert told.json["subject"] == "Coffee with Dana"
    assert conditions(told) == {"in_calendar": "the meeting is in no calendar any more"}
    assert steps(told) == [("thank-you", "withdrawn")]
    assert "thank-you, to Dana: withdrawn, Tue 3 March 19:00" in drafted.run(LATER, "explain", "with dana").out


def test_a_rule_that_is_no_longer_there_is_told_with_what_it_drafted(drafted: Home) -> None:
    drafted.household.write("rules/rules.yaml", HELLO.replace("id: soft", "id: other"))
    told = drafted.run(LATER, "explain", "Coffee with Dana", "--json")
    assert [(one["rule"], one["matches"]) for one in told.json["rules"]] == [("other", True), ("soft", False)]
    assert steps(told, 1) == [("thank-you", "placed")]


def test_of_several_meetings_with_a_title_the_nearest_is_told_and_the_others_named(home: Home) -> None:
    home.household.put("old", event("u8", "2026-02-24 15:00", DANA, title="Coffee with Dana"))
    told = home.run("2026-03-01 12:00", "explain", "coffee  WITH dana", "--json")
    assert told.json["meeting"]["uid"] == "u1"
    assert [one["uid"] for one in told.json["others"]] == ["u8"]
    assert home.run("2026-02-26 12:00", "explain", "Coffee with Dana", "--json").json["meeting"]["uid"] == "u8"
    assert home.run("2026-03-01 12:00", "explain", "u8", "--json").json["meeting"]["uid"] == "u8"
    lines = home.run("2026-03-01 12:00", "explain", "Coffee with Dana").out.splitlines()
    assert "  Tue 24 February 15:00  Coffee with Dana  u8" in lines
    assert "--on 2026-02-24`" in lines[-1]


def test_an_instance_of_a_series_is_named_by_its_day(home: Home) -> None:
    weekly = event("u3", "2026-03-04 10:00", LEE, title="Sync", extra="RRULE:FREQ=WEEKLY;COUNT=9\r\n")
    home.household.put("weekly", weekly)
    told = home.run(NOON, "explain", "u3", "--on", "2026-03-18", "--json")
    assert told.json["meeting"]["start"] == "2026-03-18T10:00:00+00:00"
    missed = home.run(NOON, "explain", "Sync", "--on", "2026-03-19")
    assert missed.code == 2
    assert "'Sync' is not on Thu 19 March" in missed.err
    assert "Wed 4 March (2026-03-04)" in missed.err
    assert "and 2 more" in home.run(NOON, "explain", "Sync").out


def test_a_follow_up_is_its_meeting(home: Home) -> None:
    (note, *_) = home.run(NOON, "plan", "--json").follow_ups
    assert home.run(NOON, "explain", note["id"], "--json").json["subject"] == "Coffee with Dana"


def test_a_person_has_each_rule_and_the_meeting_that_came_nearest_to_it(home: Home) -> None:
    home.household.write("people.yaml", PEOPLE)
    for who in ("Dana Okafor", "okafor", "DANA@acme.example"):
        told = home.run(NOON, "explain", who, "--json")
        assert told.json["subject"] == "Dana Okafor"
        assert told.json["person"] == {"name": "Dana Okafor", "email": DANA}
        assert told.json["rules"][0]["meeting"]["uid"] == "u1"
        assert steps(told) == [("thank-you", "planned"), ("check-in", "planned")]
    lines = home.run(NOON, "explain", "okafor").out.splitlines()
    assert "soft writes to Dana Okafor." in lines
    assert "soft takes 'Coffee with Dana', Tue 3 March 15:00" in lines
    assert max(map(len, lines)) <= 80


def test_somebody_who_wants_no_mail_or_was_never_met_is_told_so(home: Home) -> None:
    home.household.write("people.yaml", PEOPLE)
    home.household.put("dana", event("u1", "2026-03-03 15:00", DANA, "sam@x.example", title="Coffee with Dana"))
    assert conditions(home.run(NOON, "explain", "Sam", "--json")) == {
        "do_not_contact": "Sam Silent is marked do_not_contact"
    }
    assert conditions(home.run(NOON, "explain", "Ana Reis", "--json")) == {"met": "no meeting with Ana Reis is known"}
    assert "No rule writes to Ana Reis: no meeting with Ana Reis is known." in home.run(NOON, "explain", "Reis").out


def test_notes_because_of_other_meetings_are_among_those_to_a_person(drafted: Home) -> None:
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    drafted.household.put("again", event("u9", "2026-03-20 15:00", DANA, title="Coffee again"))
    drafted.once(LATER)
    told = drafted.run("2026-03-19 12:00", "explain", DANA, "--json")
    assert told.json["rules"][0]["meeting"]["uid"] == "u9"
    assert steps(told) == [("thank-you", "planned"), ("check-in", "planned"), ("thank-you", "sent")]
    assert "1 more note to them by this rule:" in drafted.run("2026-03-19 12:00", "explain", DANA).out


def test_nobody_and_nothing_is_code_2_with_the_nearest_names(home: Home) -> None:
    home.household.write("people.yaml", PEOPLE)
    told = home.run(NOON, "explain", "Cofee with Dna")
    assert (told.code, told.out) == (2, "")
    assert "no meeting and nobody is known by 'Cofee with Dna'" in told.err
    assert "Did you mean 'Coffee with Dana'" in told.err
    assert "Dana Okafor <dana@acme.example>" in home.run(NOON, "explain", "Okafro").err
    assert "Ana Reis <ana@reis.example>" in home.run(NOON, "explain", "Ana").err
    assert home.run(NOON, "explain", "Ana").code == 2
    assert home.run(NOON, "explain", "nobody@nowhere.example", "--json").out == ""
    assert home.run(NOON, "explain", " ").code == 2


def test_it_writes_nothing(drafted: Home) -> None:
    before = drafted.bytes()
    for what in ("Coffee with Dana", "Lee", "u2"):
        assert drafted.run(LATER, "explain", what).code == 0
    assert drafted.bytes() == before


def test_before_the_first_cycle_there_is_no_state_and_none_is_made(home: Home) -> None:
    assert home.run(NOON, "explain", "Coffee with Dana").code == 0
    assert not home.household.state.exists()


def test_a_calendar_that_fails_and_a_wrong_configuration_end_as_plan_does(home: Home) -> None:
    home.once(NOON)
    (home.household.root / "config" / "calendar").rename(home.household.root / "elsewhere")
    told = home.run(NOON, "explain", "Coffee with Dana", "--json")
    assert told.code == 1
    assert [one["source"] for one in told.json["problems"]] == ["feed"]
    assert told.json["rules"][0]["matches"]
    home.household.write("afterword.yaml", SETTINGS.replace("maildir", "maildri"))
    assert home.run(NOON, "explain", "Coffee with Dana", "--json").code == 78


def test_titles_cannot_command_the_terminal(home: Home) -> None:
    home.household.put("evil", event("u6", "2026-03-03 15:30", "eve@x.example", title="Coffee \x1b[2J now"))
    told = home.run(NOON, "explain", "u6")
    assert told.code == 0
    assert "\x1b" not in told.out


def test_an_endless_title_stays_readable(home: Home) -> None:
    for title in ("review " * 300, "coffee " * 300):
        home.household.put("long", event("u7", "2026-03-03 15:30", "eve@x.example", title=title))
        lines = home.run(NOON, "explain", "u7").out.splitlines()
        assert max(map(len, lines)) <= 80
        assert len(lines) < 60


def test_signs_around_a_letter_are_no_part_of_a_name(home: Home) -> None:
    for signs in ("(a+)+$", ".*a.*"):
        told = home.run(NOON, "explain", signs)
        assert (told.code, told.out) == (2, "")
        assert f"nobody is known by '{signs}'" in told.err
