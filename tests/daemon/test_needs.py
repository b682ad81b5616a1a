"""What needs the user is told once by their command: a permission, a configuration that is wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

from connectors.base import PermissionNeededError, TransientError
from connectors.mailboxes.maildir import Maildir
from daemon.cycle import run
from daemon.ledger import Ledger
from tests.build import at
from tests.cases.home import Home
from tests.daemon.test_nudge import NEAR, heard, inbox, standing, stub, with_stub

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from connectors.base import ConnectorError, Listing, Look
    from daemon.cycle import Outcome
    from tests.house import Household

REFUSED = PermissionNeededError("cannot read /calendar: permission denied", "chmod u+r /calendar")
LINE = "Afterword needs you: feed: cannot read /calendar: permission denied. To do: chmod u+r /calendar"


class Refusing:
    """A calendar that does not answer."""

    id = "feed"

    def __init__(self, error: ConnectorError) -> None:
        self._error = error

    def list(self, known: Mapping[str, str], note: str) -> Listing:  # noqa: ARG002 - the protocol
        raise self._error

    def read(self, names: object) -> Iterator[tuple[str, bytes | ConnectorError]]:  # noqa: ARG002 - the protocol
        self._never()

    def _never(self) -> NoReturn:
        raise self._error


class Closed(Maildir):
    """A mailbox that cannot be read."""

    def look(self, note: str, addresses: frozenset[str]) -> Look:  # noqa: ARG002 - the protocol
        raise REFUSED


def refused(home: Household, when: str, error: ConnectorError = REFUSED) -> Outcome:
    """A cycle in which the calendar does not answer."""
    with Ledger.open(home.state) as ledger:
        return run(replace(home.house(), calendars=[Refusing(error)]), ledger, at(when))


def test_a_source_that_needs_a_permission_is_told_of_once_until_it_is_well_again(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    for when in ("2026-03-03 18:05", "2026-03-03 18:10", "2026-03-04 09:00"):
        refused(home, when)
    assert heard(home) == [LINE]
    home.once("2026-03-04 09:05")
    refused(home, "2026-03-04 09:10")
    assert heard(home) == [LINE, LINE]


def test_one_that_comes_and_goes_is_told_of_once_a_day(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    for minute in range(0, 50, 10):
        refused(home, f"2026-03-03 18:{minute + 5:02}")
        home.once(f"2026-03-03 18:{minute + 10:02}")
    assert heard(home) == [LINE]
    refused(home, "2026-03-04 08:00")
    assert heard(home) == [LINE, LINE]


def test_a_source_that_may_answer_the_next_time_is_not_told_of(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    refused(home, "2026-03-03 18:05", TransientError("connection reset"))
    assert heard(home) == []


def test_a_mailbox_that_needs_a_permission_is_told_of_and_its_deadlines_wait(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    with Ledger.open(home.state) as ledger:
        run(replace(home.house(), mailbox=Closed(home.mail, frozenset({"robin@example.org"}))), ledger, at(NEAR))
    assert heard(home) == [LINE.replace("feed", "maildir")]


def test_a_command_that_fails_is_tried_again_and_no_news_the_second_time(tmp_path: Path) -> None:
    home = with_stub(tmp_path, "exit 4")
    first = refused(home, "2026-03-03 18:05")
    assert [problem.source for problem in first.problems] == ["feed", "notify"]
    assert [problem.source for problem in refused(home, "2026-03-03 18:10").problems] == ["feed"]
    assert [problem.source for problem in standing(home)] == ["feed", "notify"]
    stub(home, 'printf "%s\\n" "$1" >> "$0.heard"')
    refused(home, "2026-03-03 18:15")
    assert heard(home) == [LINE]


def test_without_a_command_nothing_of_this_goes_into_the_inbox(tmp_path: Path) -> None:
    home = with_stub(tmp_path)
    settings = (home.root / "config" / "afterword.yaml").read_text().replace("notify: {command: [./tell]}\n", "")
    home.write("afterword.yaml", settings)
    refused(home, "2026-03-03 18:05")
    assert inbox(home) == []


def test_a_wrong_configuration_is_told_of_once_while_the_last_good_one_goes_on(tmp_path: Path) -> None:
    home = Home(with_stub(tmp_path).root)
    rules = (home.root / "config" / "rules" / "rules.yaml").read_text()

    def cycle(when: str) -> None:
        home.command("once", "--service", when=when)

    cycle("2026-03-03 18:05")
    home.write("rules/rules.yaml", rules.replace("steps:", "stepps:"))
    for when in ("2026-03-03 18:10", "2026-03-03 18:15"):
        cycle(when)
    said = "Afterword needs you: your configuration has a problem, and the last good one goes on. "
    said += "`afterword check` tells what to mend."
    assert heard(home) == [said]
    home.write("rules/rules.yaml", rules)
    cycle("2026-03-03 18:20")
    home.write("rules/rules.yaml", rules.replace("steps:", "stepps:"))
    cycle("2026-03-03 18:25")
    assert heard(home) == [said]
    cycle("2026-03-04 09:00")
    assert heard(home) == [said, said]
