"""A regular expression that a hostile title makes run for ever: the real command and the real service go on."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.e2e.faulty import ANA, BEN, Harmed
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
rules:
  - id: slow
    when: {title: '/(a+)+$/'}
    steps:
      - {id: thank-you, template: thank-you, after: 2 hours}
  - id: good
    when: {title: [coffee]}
    steps:
      - {id: hello, template: thank-you, after: 2 hours}
"""


def hostile(root: Path) -> Harmed:
    house = Harmed.make(root)
    house.state.mkdir()
    house.home.write("rules/rules.yaml", RULES)
    house.home.put("hostile", event("hostile", "2026-03-03 10:00", BEN, title="a" * 200 + "!"))
    house.met(ANA)
    return house


def test_once_comes_to_its_end_and_tells_which_expression_it_is(tmp_path: Path) -> None:
    house = hostile(tmp_path / "home")
    told = house.once()
    assert told.code == 1
    assert "`/(a+)+$/` takes more than 2 seconds" in told.problem
    assert "rules/rules.yaml:3:19" in told.err
    assert house.to() == [ANA]
    code, problems = house.status()
    assert (code, len(problems)) == (0, 1)


def test_the_service_does_the_rest_in_the_same_cycle_and_says_which_rule_rests(tmp_path: Path) -> None:
    house = hostile(tmp_path / "home")
    with house.service() as service:
        assert service.until("rule.set_aside")["file"] == "rules/rules.yaml"
        done = service.until("cycle.done")
        assert (done["exit_code"], done["placed"], done["problems"]) == (1, 1, 1)
        service.send(signal.SIGTERM)
        assert service.ended()[0] == 0
    assert house.to() == [ANA]
