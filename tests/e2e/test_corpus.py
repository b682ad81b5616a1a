"""Every calendar that real programs wrote goes through whole cycles: problems in words, and quiet afterwards."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from connectors.calendars.ics import IcsFile
from daemon.cycle import Outcome, run
from daemon.ledger import Ledger
from tests.daemon.command import Told, afterword
from tests.house import Household
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daemon.view import House

ROOT = Path(__file__).parents[2]
OWN = sorted((ROOT / "tests" / "corpus").glob("*.ics"))
SHARED = sorted((ROOT.parent / "shared" / "corpus").glob("*/*.ics"))
NO_SHARED = "no calendar files of other projects, kept beside the checkout in ../shared/corpus; nothing to install"
NOW = "2024-03-05T12:0{}:00+00:00"
SETTINGS = """\
version: 1
me: {{name: Robin Vale, emails: [{emails}], time_zone: Europe/Lisbon}}
calendars: [{{id: feed, ics: calendar/}}]
courtesy: {{min_gap: 1 minute, per_day: 1000, per_organisation: 1000 per week, one_open_draft: false}}
contacts: [{{people: people.yaml}}]
mailbox: {{maildir: ../Mail}}
"""
PEOPLE = "people: [{name: Dana Okafor, emails: [dana@acme.example]}]\n"
RULES = """\
rules:
  - id: anything
    when: {attendees: {at_least: 1}, recurring: any, all_day: any}
    steps:
      - {id: thank-you, template: thank-you, after: 1 minute, expires: 60 days}
      - {id: check-in, template: check-in, every: 6 weeks, at_most: 4}
"""


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def words(path: Path) -> str:
    """The text of a file, unfolded."""
    return re.sub(r"\r?\n[ \t]", "", path.read_bytes().decode("utf-8", "replace"))


def organisers(path: Path) -> set[str]:
    """Whoever invites in this file, so that the meetings are the user's own and the cycle goes all the way."""
    found = re.findall(
        r"^ORGANIZER[^\r\n]*mailto:([\w.+-]+@[\w-]+(?:\.[\w-]+)+)\s*$",
        words(path),
        re.IGNORECASE | re.MULTILINE | re.ASCII,
    )
    return {address.casefold() for address in found}


def days_after_the_first_event(path: Path) -> datetime:
    day = re.search(r"^DTSTART[^:\r\n]*:((?:19|20)\d\d)(0[1-9]|1[0-2])([01]\d|2[0-8])", words(path), re.MULTILINE)
    year, month, day_of_month = map(int, day.groups()) if day else (2024, 3, 3)
    return datetime(year, month, day_of_month or 1, 12, tzinfo=UTC) + timedelta(days=2)


def household(root: Path, files: Sequence[Path]) -> Household:
    emails = ", ".join(["robin@example.org", *sorted(set().union(*map(organisers, files)))])
    return Household.make(root, rules=RULES, settings=SETTINGS.format(emails=emails), people=PEOPLE)


def cycle(home: Household, house: House, now: datetime) -> Outcome:
    with Ledger.open(home.state) as ledger:
        return run(house, ledger, now)


@pytest.mark.parametrize("path", some([*OWN, *SHARED], 4), ids=named)
def test_a_file_by_itself_is_used_or_its_problems_are_told_once(path: Path, tmp_path: Path) -> None:
    home = household(tmp_path / "home", [path])
    house = replace(home.house(), calendars=[IcsFile("feed", path)])
    now = days_after_the_first_event(path)
    first = cycle(home, house, now)
    assert first.trouble is None
    for problem in first.problems:
        assert (problem.source, problem.file) == ("feed", path.name)
        assert problem.message
        assert problem.hint
        uid = re.match(r"the event (.*?) was set aside: .", problem.message)
        assert uid is None or uid[1] in words(path) or uid[1].startswith("without-uid-")
    assert len(home.drafts()) == len(first.placed)
    second = cycle(home, house, now + timedelta(minutes=5))
    assert (second.problems, second.placed, second.withdrawn, second.changed) == ([], [], [], [])


def test_the_cycles_above_do_go_all_the_way(tmp_path: Path) -> None:
    """One whose meeting is the user's own ends in a draft, so that they show more than silence."""
    path = ROOT / "tests" / "corpus" / "google-feed.ics"
    home = household(tmp_path / "home", [path])
    house = replace(home.house(), calendars=[IcsFile("feed", path)])
    assert cycle(home, house, datetime(2026, 3, 6, 12, tzinfo=UTC)).placed


@pytest.fixture
def whole(tmp_path: Path) -> Household:
    """A home with every file in its calendar folder, as links."""
    home = household(tmp_path / "home", [*OWN, *SHARED])
    for path in [*OWN, *SHARED]:
        (home.root / "config" / "calendar" / f"{path.parent.name}-{path.name}").symlink_to(path)
    return home


def command(home: Household, *arguments: str) -> Told:
    return afterword(home.root, "--config", str(home.root / "config"), "--state", str(home.state), *arguments)


def test_all_files_in_one_folder_go_through_the_command_and_are_quiet_afterwards(whole: Household) -> None:
    first = command(whole, "once", "--json", "--at", NOW.format(0))
    assert first.code == 1
    problems: list[dict[str, Any]] = first.json["problems"]
    names = {path.name for path in (whole.root / "config" / "calendar").iterdir()}
    told = {problem["file"] for problem in problems}
    assert told <= names
    assert {"corpus-bombs.ics", "corpus-one-broken-of-three.ics"} <= told
    assert all(problem["source"] == "feed" and problem["message"] and problem["hint"] for problem in problems)
    assert len(told) < len(names) / 3
    second = command(whole, "once", "--json", "--at", NOW.format(5))
    assert (second.code, second.err) == (0, "")
    assert second.json == {"at": second.json["at"], "placed": [], "withdrawn": [], "changed": [], "problems": []}


@pytest.mark.skipif(not SHARED, reason=NO_SHARED)
def test_the_shared_corpus_was_among_them(whole: Household) -> None:
    names = {path.name for path in (whole.root / "config" / "calendar").iterdir()}
    assert len(names) == len(OWN) + len(SHARED) > 200
