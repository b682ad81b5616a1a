"""Cases: rules and templates that change while the service runs. Each docstring is the sentence of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cases.home import coffee, rule

if TYPE_CHECKING:
    from tests.cases.conftest import Moves

ANA, BEN = "ana@one.example", "ben@two.example"
MET, BEFORE, DUE, SOON = "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"


def test_a_rule_file_broken_while_the_last_good_one_goes_on(settle: Moves) -> None:
    """A rule file broken while the service runs: the last good one goes on, and file, line and column are told."""
    home = settle()
    coffee(home, ANA)
    assert home.command("once", "--service", when=BEFORE)[0] == 0
    home.write("rules/rules.yaml", "rules:\n  - id: soft\n    whenn: {title: coffee}\n    steps: []\n")
    code, told, _ = home.command("once", "--service", when=DUE)
    assert code == 1
    assert ("rules/rules.yaml", 3) in [(problem["file"], problem["line"]) for problem in told["problems"]]
    assert home.to() == [ANA]
    code, told, said = home.command("once", when=SOON)
    assert (code, home.to()) == (78, [ANA])
    assert "did you mean" in (said + str(told)).lower()
    assert home.command("drafts", when=SOON)[0] in {0, 1}


def test_a_rule_renamed_in_everything_but_its_id_drafts_nothing_again(settle: Moves) -> None:
    """A rule renamed in everything but its id."""
    home = settle()
    coffee(home, ANA, BEN)
    home.once(DUE)
    home.move(str(home.drafts()[0]["Message-ID"]), ".Sent")
    home.once(SOON)
    (home.root / "config" / "rules" / "rules.yaml").unlink()
    home.write("templates/other.md", "---\nsubject: Other\n---\nOther words.\n")
    other = rule(when="{attendees: {at_most: 5}}", template="other", after="3 hours", window="every day 08:00-20:00")
    home.write("rules/renamed.yaml", other.replace("  - id: soft\n", "  - id: soft\n    about: Another\n"))
    before = home.to()
    home.cycles("2026-03-03 14:30", "2026-03-04 10:00")
    assert home.to() == before
    assert len(before) == 1


def test_a_rule_under_a_new_id_drafts_the_same_template_no_second_time(settle: Moves) -> None:
    """A rule whose id was changed too: the same template for the same person and meeting is drafted once."""
    home = settle()
    coffee(home, ANA, BEN)
    home.once(DUE)
    home.move(str(home.drafts()[0]["Message-ID"]), ".Sent")
    home.once(SOON)
    home.write("rules/rules.yaml", rule("renamed"))
    home.cycles("2026-03-03 14:30", "2026-03-04 10:00")
    assert len(home.drafts()) == 1


def test_a_removed_rule_leaves_its_drafts_where_they_lie(settle: Moves) -> None:
    """A neighbour: a rule deleted."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    home.write("rules/rules.yaml", "rules: []\n")
    home.cycles(SOON, "2026-03-05 13:00")
    assert home.to() == [ANA]


def test_a_template_deleted_is_told_and_the_service_goes_on_with_the_last_good_one(settle: Moves) -> None:
    """A template deleted."""
    home = settle()
    coffee(home, ANA)
    home.command("once", "--service", when=BEFORE)
    (home.root / "config" / "templates" / "thank-you.md").unlink()
    code, told, _ = home.command("once", "--service", when=DUE)
    assert code == 1
    assert "thank-you" in told["problems"][0]["message"]
    assert home.to() == [ANA]
    assert home.command("once", when=SOON)[0] == 78


def test_a_template_that_fails_for_one_note_is_told_and_the_rest_goes_on(settle: Moves) -> None:
    """A neighbour: a template that fails only for some; it is drafted once the template works."""
    home = settle()
    coffee(home, ANA, BEN)
    good = "---\nsubject: Hello\n---\nDear {{ person.first_name }}, {{ me.signature }}\n"
    home.write("templates/thank-you.md", good.replace("Dear", "{{ 1 // (person.first_name != 'Ana') }}"))
    code, told, _ = home.command("once", when=DUE)
    assert code == 1
    assert told["problems"][0]["file"] == "templates/thank-you.md"
    assert home.to() == [BEN]
    home.write("templates/thank-you.md", good)
    home.once(SOON)
    assert home.to() == [ANA, BEN]


def test_looking_is_free(settle: Moves) -> None:
    """A neighbour: plan, explain, drafts, status and a dry run write nothing."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}
    for command in (["once", "--dry-run"], ["plan"], ["drafts"], ["status"], ["check"], ["people"], ["explain", ANA]):
        assert home.command(*command, when=DUE)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before
