"""Killed at every I/O of a cycle, and at every I/O of its recovery, all ends as if nobody had died."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import pytest

from config.settings import PeopleFile
from connectors import calendars, contacts, mailboxes
from connectors.calendars.caldav import CaldavCalendar
from connectors.calendars.google import GoogleCalendar
from connectors.calendars.ics import IcsAddress, IcsFile, IcsFolder
from connectors.contacts.carddav import CarddavBook
from connectors.contacts.google import GoogleContacts
from connectors.contacts.vcard import VCards
from connectors.mailboxes.gmail import Gmail
from connectors.mailboxes.imap import Imap
from connectors.mailboxes.maildir import Maildir
from daemon import act, cycle
from daemon.forgotten import Forgotten, Search
from tests.daemon.crash.apart import apart
from tests.daemon.crash.explore import Explorer
from tests.daemon.crash.scenarios import SCENARIOS, WITHOUT_END, given
from tests.thorough import THOROUGH, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from connectors.base import Mailbox
    from daemon.act import Prepared
    from daemon.ledger import Ledger
    from rules.history import Record
    from rules.model import Me

SOURCE_OF: Mapping[type, str] = {
    IcsFolder: "calendar folder",
    IcsFile: "calendar file",
    IcsAddress: "web",
    VCards: "vCards",
    PeopleFile: "people file",
    Maildir: "Maildir",
    GoogleCalendar: "Google calendar",
    GoogleContacts: "Google contacts",
    Gmail: "Gmail",
    CaldavCalendar: "CalDAV",
    CarddavBook: "CardDAV",
    Imap: "IMAP",
}


RARELY = {"servers, old"}
"""Only where it is thorough: it goes nearly the same way as the one before it."""
USUALLY = {"set aside": WITHOUT_END, "google": 2}
"""So many deaths in a row where it is not thorough; one in each of the others."""


@pytest.mark.parametrize("name", [name for name in SCENARIOS if THOROUGH or name not in RARELY])
def test_killed_at_every_point_and_again_at_every_point_of_the_recovery(name: str, tmp_path: Path) -> None:
    """Each disk that one death leaves is recovered, and each that a second death in any such recovery leaves.

    Some go on until no new disk comes: there however many deaths in a row are tried.
    """
    scenario = given(name)
    if not THOROUGH:
        scenario = replace(scenario, deaths=USUALLY.get(name, 1))
    report = apart(lambda: Explorer(scenario, tmp_path).explore())
    assert report.faults == []
    assert report.points > 200
    assert report.single >= 10
    if scenario.deaths == 1:
        return
    assert report.pairs > 5 * report.single
    assert report.double > 100 * report.points
    assert report.within > 100 or not report.sees_sqlite
    assert max(report.states) < WITHOUT_END
    assert max(report.states) == 2 or scenario.deaths == WITHOUT_END


def test_every_connector_that_ships_is_among_the_points(tmp_path: Path) -> None:
    assert {*_shipped(), PeopleFile} == set(SOURCE_OF)
    whole = ("every connector", "google", "servers")
    touched = sum((_touched(name, tmp_path / name) for name in whole), Counter())
    assert all(touched[source] > 0 for source in SOURCE_OF.values()), touched
    assert touched["Google token"] > 0
    assert _touched("plain folders", tmp_path / "plain")["Maildir"] > 0


def _shipped() -> set[type]:
    """Whatever has the methods of a calendar, an address book or a mailbox, but what lives in memory."""
    found = set()
    for package in (calendars, contacts, mailboxes):
        for module in iter_modules(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".memory"):
                classes = (one for one in vars(import_module(module.name)).values() if isinstance(one, type))
                found |= {one for one in classes if one.__module__ == module.name and _is_connector(one)}
    return found


def _is_connector(one: type) -> bool:
    kinds: tuple[set[str], ...] = ({"list", "read"}, {"tag", "people"}, {"place", "remove", "find"})
    return not one.__name__.startswith("_") and any(all(hasattr(one, name) for name in kind) for kind in kinds)


def _touched(name: str, scratch: Path) -> Counter[str]:
    scratch.mkdir()
    scenario = given(name)

    def work() -> Counter[str]:
        explorer = Explorer(scenario, scratch)
        return explorer.run(explorer.start, explorer.scenario.first).sources

    return apart(work)


@pytest.mark.parametrize("name", some(["plain folders", "servers", "google"], 2))
def test_a_result_that_is_written_before_the_effect_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hasty(ledger: Ledger, mailbox: Mailbox, me: Me, prepared: Prepared, now: datetime) -> Record | None:
        if not ledger.intend(prepared.record, prepared.message, "", now):
            return None
        ledger.settle(prepared.record, "placed", now)
        mailbox.place(prepared.message)
        return prepared.record

    monkeypatch.setattr(act, "place", hasty)
    assert any("missing in mails" in fault for fault in _faults(name, tmp_path))


@pytest.mark.parametrize("name", some(["plain folders", "servers", "google"], 2))
def test_a_draft_that_is_made_again_without_looking_is_found(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blind(ledger: Ledger, mailbox: Mailbox, me: Me, now: datetime) -> list[Record]:
        for intent in ledger.intents():
            ledger.abandon(intent.record.id, "", now)
        return []

    def without_looking(self: Search, prepared: Sequence[Prepared], records: Mapping[str, Record]) -> list[Forgotten]:
        return []

    monkeypatch.setattr(cycle, "settle", blind)
    monkeypatch.setattr(Search, "among", without_looking)
    assert any(re.search(r"too much in mails: \('\.?Drafts'", fault) for fault in _faults(name, tmp_path))


def _faults(name: str, scratch: Path) -> list[str]:
    """What is found first on a small household; without deaths nothing is wrong with it."""
    scenario = replace(given(name), deaths=1)
    faults = apart(lambda: Explorer(scenario, scratch).explore(enough=1)).faults
    assert all(fault.startswith("killed before point") for fault in faults)
    return faults
