"""`afterword backtest`: what the rules would have drafted in a span of the past, and how two sets of rules differ."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.daemon.cli.conftest import DANA
from tests.house import RULES, event

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.cli.conftest import Home

LATER = "2026-07-01 12:00"
MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")
SPRING = ("--from", "2026-03-01", "--to", "2026-05-31")


def test_each_day_of_the_past_has_its_notes_with_time_person_subject_and_reason(home: Home) -> None:
    told = home.run(LATER, "backtest", *MARCH)
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == "Sun 1 March to Tue 31 March: 2 notes would have been drafted, to 2 people."
    assert lines[1:3] == ["", "Tue 3 March"]
    assert lines[3].split("  ")[1:] == ["18:00", "Dana", "Thank you, Dana", "soft thank-you"]
    assert lines[4] == "         2 hours after 'Coffee with Dana' ended; send by Wed 4 March 16:00"
    assert lines[6] == "Thu 12 March"
    assert lines[-2:] == ["Together", "  soft thank-you  2"]


def test_the_document_is_that_of_plan(home: Home) -> None:
    past = home.run(LATER, "backtest", *MARCH, "--json")
    coming = home.run("2026-03-01 00:00", "plan", "--days", "31", "--json")
    assert set(past.json) == {"follow_ups"}
    assert past.follow_ups == coming.follow_ups


def test_each_draft_counts_as_sent_when_it_is_due_so_that_check_ins_follow_one_another(home: Home) -> None:
    told = home.run(LATER, "backtest", "--from", "2026-03-01", "--to", "2026-06-30", "--json").follow_ups
    dana = [(one["step"], one["due"][:10]) for one in told if one["to"][0]["email"] == DANA]
    assert dana == [("thank-you", "2026-03-03"), ("check-in", "2026-04-14"), ("check-in", "2026-05-26")]


def test_what_really_became_of_the_drafts_does_not_matter(drafted: Home) -> None:
    before = drafted.run(LATER, "backtest", *SPRING, "--json").follow_ups
    drafted.household.move(str(drafted.household.drafts()[0]["Message-ID"]), ".Sent")
    drafted.once("2026-03-04 10:00")
    assert drafted.run(LATER, "backtest", *SPRING, "--json").follow_ups == before
    assert "thank-you" in {one["step"] for one in before}


def test_mails_that_came_and_went_count_as_contact(home: Home) -> None:
    home.household.deliver(DANA, "2026-04-01 09:00")
    told = home.run(LATER, "backtest", *SPRING, "--json").follow_ups
    due = [one["due"][:10] for one in told if one["step"] == "check-in" and one["to"][0]["email"] == DANA]
    assert due == ["2026-05-13"]


def test_a_thank_you_of_my_own_was_the_thank_you(home: Home) -> None:
    home.household.deliver("robin@example.org", "2026-03-03 17:00", "Thanks for the coffee", ".Sent", To=DANA)
    told = home.run(LATER, "backtest", *MARCH, "--json").follow_ups
    assert [one["to"][0]["name"] for one in told] == ["Lee"]


def test_a_mail_after_a_check_in_that_was_overdue_begins_its_chain_anew(home: Home) -> None:
    """Nobody was told to write in July; from the mail of August on they are."""
    home.household.deliver(DANA, "2026-08-03 09:00")
    told = home.run("2027-01-01 12:00", "backtest", "--from", "2026-07-01", "--to", "2026-09-30", "--json").follow_ups
    assert [(one["step"], one["due"][:10]) for one in told if one["to"][0]["email"] == DANA] == [
        ("check-in", "2026-09-14")
    ]


def test_the_limits_of_courtesy_hold_and_say_so(home: Home) -> None:
    home.household.put("again", event("u3", "2026-03-05 15:00", DANA, title="Chat with Dana"))
    home.household.write("rules/rules.yaml", RULES.replace(", by: 24 hours", ""))
    told = home.run(LATER, "backtest", *MARCH, "--json").follow_ups
    (second,) = [one for one in told if one["meeting"]["title"] == "Chat with Dana"]
    assert second["due"] == "2026-03-05T18:00:00+00:00"
    assert second["why"].endswith("held until 8 March: 5 days between two drafts to Dana")
    assert "Sun 8 March\n  18:00  Dana" in home.run(LATER, "backtest", *MARCH).out


def test_a_note_that_courtesy_held_back_until_too_late_is_told_as_expired(home: Home) -> None:
    home.household.put("again", event("u3", "2026-03-05 15:00", DANA, title="Chat with Dana"))
    home.household.write("rules/rules.yaml", RULES.replace(", by: 24 hours", ", expires: 1 day"))
    told = home.run(LATER, "backtest", *MARCH)
    assert "2 notes would have been drafted, to 2 people; 1 was held back until it was too late." in told.out
    states = [one["state"] for one in home.run(LATER, "backtest", *MARCH, "--json").follow_ups]
    assert states == ["planned", "planned", "expired"]


def test_both_days_count_whole_and_what_lies_outside_does_not(home: Home) -> None:
    def drafted(first: str, last: str) -> int:
        return len(home.run(LATER, "backtest", "--from", first, "--to", last, "--json").follow_ups)

    assert drafted("2026-03-03", "2026-03-03") == 1
    assert drafted("2026-03-04", "2026-03-11") == 1  # two days before the first day are looked back
    assert drafted("2026-03-06", "2026-03-11") == 0


def test_nothing_is_written(drafted: Home) -> None:
    before = drafted.bytes()
    assert drafted.run(LATER, "backtest", *SPRING).code == 0
    assert drafted.bytes() == before


def test_it_works_before_the_first_cycle(home: Home) -> None:
    home.run(LATER, "backtest", *MARCH)
    assert not home.household.state.exists()


def test_a_mailbox_that_cannot_be_read_is_told_and_the_rest_goes_on(home: Home) -> None:
    shutil.rmtree(home.household.mail)
    told = home.run(LATER, "backtest", *MARCH, "--json")
    assert told.code == 1
    assert len(told.follow_ups) == 2
    assert [one["source"] for one in told.json["problems"]] == ["maildir"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--from", "yesterday", "--to", "2026-03-02"), "'yesterday' is no day; write it as in 2026-03-03"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "--to 2026-03-01 is before --from 2026-03-02"),
        (("--from", "2000-01-01", "--to", "2026-03-01"), "is more than 3660 days"),
        (("--from", "2026-03-02"), "Missing option '--to'"),
    ],
)
def test_days_that_are_none_end_with_usage(home: Home, arguments: tuple[str, ...], word: str) -> None:
    told = home.run(LATER, "backtest", *arguments)
    assert told.code == 2
    assert word in " ".join(told.err.split())


# --- against another configuration -------------------------------------------------------------------------


@pytest.fixture
def other(home: Home, tmp_path: Path) -> Path:
    """A copy of the configuration in which everything is edited that follows."""
    return shutil.copytree(home.household.root / "config", tmp_path / "other")


def compared(home: Home, other: Path, *span: str) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    document = home.run(LATER, "backtest", *(span or SPRING), "--against", str(other), "--json").json
    assert set(document) == {"follow_ups", "only_here", "only_there", "changed"}

    def subjects(follow_ups: list[dict[str, str]]) -> list[str]:
        return [one["subject"] for one in follow_ups]

    pairs = [(pair["here"]["subject"], pair["there"]["subject"]) for pair in document["changed"]]
    return subjects(document["only_here"]), subjects(document["only_there"]), pairs


def test_the_same_rules_differ_in_nothing(home: Home, other: Path) -> None:
    assert compared(home, other) == ([], [], [])
    told = home.run(LATER, "backtest", *MARCH, "--against", str(other))
    assert told.out == "Sun 1 March to Tue 31 March: here 2 notes, there 2; 2 the same.\n"


def test_what_is_only_here_and_what_is_only_there(home: Home, other: Path) -> None:
    (other / "rules" / "rules.yaml").write_text(
        """\
rules:
  - id: soft
    when: {title: [coffee, chat]}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours, by: 24 hours}
      - {id: later, template: check-in, after: 1 week}
""",
        "utf-8",
    )
    here, there, changed = compared(home, other)
    assert here == ["Hello again, Dana", "Hello again, Lee", "Hello again, Dana"]
    assert there == ["Hello again, Dana", "Hello again, Lee"]
    assert changed == []
    out = home.run(LATER, "backtest", *SPRING, "--against", str(other)).out
    assert "here 5 notes, there 4; 2 the same." in out
    assert "Only here: 3\nTue 14 April\n" in out
    assert "Only there: 2\nTue 10 March\n" in out


def test_another_time_and_another_subject(home: Home, other: Path) -> None:
    rules, template = other / "rules" / "rules.yaml", other / "templates" / "thank-you.md"
    rules.write_text(rules.read_text("utf-8").replace("after: 2 hours", "after: 3 hours"), "utf-8")
    template.write_text(template.read_text("utf-8").replace("Thank you,", "Many thanks,"), "utf-8")
    _, _, changed = compared(home, other, *MARCH)
    assert changed == [("Thank you, Dana", "Many thanks, Dana"), ("Thank you, Lee", "Many thanks, Lee")]
    lines = home.run(LATER, "backtest", *MARCH, "--against", str(other)).out.splitlines()
    at = lines.index("Otherwise there: 2")
    assert lines[at + 1 : at + 4] == [
        "  Tue 3 March 18:00   Dana  Thank you, Dana  soft thank-you",
        "    there Tue 3 March 19:00",
        "    there 'Many thanks, Dana'",
    ]


def test_what_is_otherwise_fits_a_narrow_terminal(home: Home, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    words = ("Thank you,", "Thank you for the long and lovely afternoon that we have had together,")
    for config, more in ((home.household.root / "config", ""), (other, " Robin sends more words than fit,")):
        template = config / "templates" / "thank-you.md"
        template.write_text(template.read_text("utf-8").replace(words[0], words[1] + more), "utf-8")
    lines = home.run(LATER, "backtest", *MARCH, "--against", str(other)).out.splitlines()
    assert "Otherwise there: 2" in lines
    assert max(map(len, lines)) <= 70


def test_the_calendars_and_the_people_are_those_of_here(home: Home, other: Path) -> None:
    shutil.rmtree(other / "calendar")
    (other / "calendar").mkdir()
    assert compared(home, other) == ([], [], [])


def test_faults_of_the_other_configuration_are_told_with_their_place(home: Home, other: Path) -> None:
    (other / "rules" / "rules.yaml").write_text("rules: [{id: x, wen: {}}]\n", "utf-8")
    told = home.run(LATER, "backtest", *MARCH, "--against", str(other), "--json")
    assert told.code == 78
    assert told.json["problems"][0]["file"] == "rules/rules.yaml"
    words = " ".join(told.err.split())
    assert f"the configuration in {other} cannot be compared with" in words
    assert f"`afterword --config {other} check` tells whether all is well" in words


def test_the_remedy_for_the_other_configuration_names_its_folder(home: Home, other: Path) -> None:
    """Not the one that is in force, where there is nothing to mend."""
    shutil.rmtree(other / "rules")
    told = home.run(LATER, "backtest", *MARCH, "--against", str(other))
    assert told.code == 78
    assert f"run `afterword --config {other} init`" in " ".join(told.err.split())
