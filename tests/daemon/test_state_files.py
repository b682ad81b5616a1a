"""What lies in the state folder: every file has its line in docs/ledger.md, and nobody else can read it."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.google.scopes import Service, scopes
from daemon import clock
from tests.cases.home import THANKS, Home
from tests.google.permitted import consented
from tests.google.standin import Google
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LEDGER = (ROOT / "docs/ledger.md").read_text("utf-8")
GOOGLE = (ROOT / "docs/google.md").read_text("utf-8")
BESIDE = LEDGER.partition("## Beside the ledger")[2].partition("\n## ")[0]
LISTED = {
    name for row in re.findall(r"^\| (`[^|]+`) \|", BESIDE, re.MULTILINE) for name in re.findall(r"`([\w.-]+)`", row)
}


@pytest.fixture
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


def test_every_file_of_a_household_at_google_has_its_line_and_is_its_owners(tmp_path: Path, google: Google) -> None:
    home = Home.make(
        tmp_path,
        settings=(
            "version: 1\nme: {name: Robin Vale, emails: [robin@example.org], time_zone: Europe/Lisbon}\n"
            "calendars: [{id: work, google: primary}, {id: feed, ics: calendar/}]\ncontacts: [{google: {}}]\n"
            f"mailbox: {{gmail: {{}}}}\ngoogle: {{endpoint: '{google.url}'}}\n"
        ),
        rules=THANKS,
    )
    home.put("coffee", event("coffee", "2026-03-03 15:00", "dana@acme.example"))
    consented(google, home.state, now=clock.now())
    google.fail("/messages$", 403, "dailyLimitExceeded")
    assert home.command("once", when="2026-03-03 18:30")[0] == 75  # a look that ends early is kept, too
    early = {path.name for path in home.state.iterdir()}
    code, told, _ = home.command("once", when="2026-03-03 18:40")
    assert (code, len(told["placed"])) == (0, 1)
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.state.iterdir()}
    assert set(found) - {"ledger.sqlite3"} <= LISTED
    assert stat.S_IMODE((home.state / "backups").stat().st_mode) == found.pop("backups") == 0o700
    assert {name for name in LISTED if name.startswith(("google-", "gmail-"))} <= early | set(found)
    assert set(found.values()) == {0o600}


def test_every_listed_file_is_one_of_the_programs() -> None:
    sources = [path.read_text("utf-8") for room in ("daemon", "connectors") for path in (ROOT / room).rglob("*.py")]
    assert LISTED
    assert [name for name in LISTED if not any(f'"{name}"' in text for text in sources)] == []


def test_the_permissions_in_the_docs_are_those_that_are_asked_for() -> None:
    table = GOOGLE.partition("| permission |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([\w.:/]+)` \|", table, re.MULTILINE)
    assert named == [scope.name for scope in scopes(frozenset(Service))]
