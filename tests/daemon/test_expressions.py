"""A regular expression of the user that takes too long: its rule rests, and everything else goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from daemon import expressions
from daemon.cycle import run
from daemon.ledger import Ledger
from rules.match import expressed, found
from tests.build import at
from tests.cases.home import Home
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Iterator

ANA, BEN = "ana@one.example", "ben@two.example"
HOSTILE = "a" * 60 + "!"
BEFORE, MET, DUE, SOON, LATER = (f"2026-03-03 {time}" for time in ("09:00", "10:00", "13:00", "13:30", "13:45"))
RULES = """\
rules:
  - id: slow
    when:
      title: [coffee, '/(a+)+$/']
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours}
  - id: good
    when: {title: [chat, '/^talk/']}
    steps:
      - {id: hello, template: check-in, after: 2 hours}
"""


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "SECONDS", 0.2)


@pytest.fixture
def home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        made = Home.make(Path(folder) / "home", rules=RULES)
        assert isinstance(made, Home)
        yield made


def untried(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on it is a failure to try an expression on the hostile text."""

    def asked(expression: str, text: str) -> bool:
        assert (expression, text) != ("/(a+)+$/", HOSTILE)
        return expressed(expression, text)

    monkeypatch.setattr("daemon.patience.expressed", asked)


def problems(told: Any) -> list[tuple[Any, ...]]:
    return [(one["file"], one["line"], one["column"]) for one in told["problems"]]


def test_its_rule_rests_with_place_and_remedy_and_the_others_go_on_in_the_same_cycle(home: Home) -> None:
    home.put("hostile", event("hostile", MET, ANA, title=HOSTILE))
    home.put("talk", event("talk", MET, BEN, title="Talk"))
    code, told, said = home.command("once", when=DUE)
    assert code == 1
    assert problems(told) == [("rules/rules.yaml", 4, 23)]
    (problem,) = told["problems"]
    assert "`slow` rests" in problem["message"]
    assert "`/(a+)+$/`" in problem["message"]
    assert "aaaa" in problem["message"]
    assert "/a+$/" in problem["hint"]
    assert "rules/rules.yaml:4:23" in said
    assert home.to() == [BEN]


def test_status_plan_and_a_dry_run_say_the_same_and_plan_the_same(home: Home) -> None:
    home.put("hostile", event("hostile", MET, ANA, title=HOSTILE))
    home.put("talk", event("talk", MET, BEN, title="Talk"))
    dry = home.command("once", "--dry-run", when=DUE)[1]
    plan = home.command("plan", when=DUE)[1]
    told = home.command("once", when=DUE)[1]
    status = home.command("status", when=DUE)[1]
    assert dry["problems"] == plan["problems"] == told["problems"] == status["problems"]
    assert [one["id"] for one in plan["follow_ups"]] == [one["id"] for one in dry["placed"]]
    assert [one["id"] for one in told["placed"]] == [one["id"] for one in dry["placed"]]


def test_what_the_rule_has_drafted_stays(home: Home) -> None:
    home.put("coffee", event("coffee", MET, ANA))
    home.once(DUE)
    home.put("hostile", event("hostile", MET, BEN, title=HOSTILE))
    outcome = home.once(SOON)
    assert (outcome.withdrawn, outcome.placed) == ([], [])
    assert home.to() == [ANA]
    home.put("coffee", event("coffee", MET, ANA, sequence=1, status="CANCELLED"))
    assert len(home.once(LATER).withdrawn) == 1  # what it hangs on is looked at all the same


def test_it_is_not_tried_again_as_long_as_the_text_is_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.put("hostile", event("hostile", MET, ANA, title=HOSTILE))
    first = home.command("once", when=DUE)[1]["problems"]
    untried(monkeypatch)
    for command in ("once", "plan", "status"):
        assert home.command(command, when=SOON)[1]["problems"] == first


@pytest.mark.parametrize("how", ["deleted", "renamed"])
def test_the_rule_acts_again_when_the_text_is_gone(home: Home, how: str) -> None:
    home.put("coffee", event("coffee", MET, ANA))
    home.put("hostile", event("hostile", MET, BEN, title=HOSTILE))
    home.once(BEFORE)
    assert home.once(DUE).placed == []
    if how == "deleted":
        home.drop("hostile")
    else:
        home.put("hostile", event("hostile", MET, BEN, title="Lunch", sequence=1))
    code, told, _ = home.command("once", when=SOON)
    assert (code, len(told["placed"])) == (0, 1)
    assert home.to() == [ANA]


def test_the_rule_acts_again_when_the_expression_is_mended(home: Home) -> None:
    home.put("coffee", event("coffee", MET, ANA))
    home.put("hostile", event("hostile", MET, BEN, title=HOSTILE))
    assert home.once(DUE).placed == []
    home.write("rules/rules.yaml", RULES.replace("(a+)+$", "a+$"))
    assert home.command("once", when=SOON)[0] == 0
    assert home.to() == [ANA]


def test_an_invitation_that_was_not_accepted_makes_no_rule_rest(home: Home) -> None:
    home.put("coffee", event("coffee", MET, ANA))
    stranger = event("hostile", MET, "robin@example.org", title=HOSTILE, answer="NEEDS-ACTION")
    home.put("hostile", stranger.replace("CN=Robin:mailto:robin@example.org", "CN=X:mailto:x@far.example", 1))
    assert home.command("once", when=DUE)[0] == 0
    assert home.to() == [ANA]


@pytest.mark.parametrize("name", ["description", "location", "unless"])
def test_any_text_of_a_meeting_is_guarded(home: Home, name: str) -> None:
    key = "title" if name == "unless" else name
    condition = f"unless: {{{key}: '/(a+)+$/'}}" if name == "unless" else f"when: {{{key}: '/(a+)+$/'}}"
    home.write("rules/rules.yaml", RULES.replace("when:\n      title: [coffee, '/(a+)+$/']", condition))
    title = HOSTILE if name == "unless" else "Lunch"
    home.put(
        "hostile", event("hostile", MET, ANA, title=title, extra=f"{key.upper()}:{HOSTILE}\r\n" * (key != "title"))
    )
    code, told, _ = home.command("once", when=DUE)
    assert (code, [one["line"] for one in told["problems"]]) == (1, [3])


def test_a_subject_of_my_own_is_guarded(home: Home) -> None:
    home.write("rules/rules.yaml", RULES.replace("after: 2 hours}", "after: 2 hours, own: ['/(a+)+$/']}", 1))
    home.put("coffee", event("coffee", MET, ANA))
    home.deliver("robin@example.org", "2026-03-03 11:30", HOSTILE, ".Sent", To=ANA)
    code, told, _ = home.command("once", when=DUE)
    assert (code, len(told["problems"])) == (1, 1)
    assert home.to() == []


def test_two_rules_with_the_same_expression_rest_together(home: Home) -> None:
    home.write("rules/rules.yaml", RULES.replace("/^talk/", "/(a+)+$/"))
    home.put("hostile", event("hostile", MET, ANA, title=HOSTILE))
    told = home.command("once", when=DUE)[1]
    assert [one["line"] for one in told["problems"]] == [4, 8]


def test_it_has_no_place_where_the_rule_is_gone_from_the_files(home: Home) -> None:
    home.put("hostile", event("hostile", MET, ANA, title=HOSTILE))
    house = home.house()
    (home.root / "config" / "rules" / "rules.yaml").write_text("rules: []\n")
    with Ledger.open(home.state) as ledger:
        (problem,) = run(house, ledger, at(DUE)).problems
    assert (problem.file, problem.line) == (None, None)
    assert "`/(a+)+$/`" in problem.message


def test_an_expression_is_asked_once_about_a_text_in_the_trial_and_never_again_in_the_plan(home: Home) -> None:
    home.put("talk", event("talk", MET, BEN, title="Talk"))
    found.cache_clear()
    expressed.cache_clear()
    home.once(DUE)
    assert home.to() == [BEN]
    assert expressed.cache_info().misses == 2  # two expressions, one title
