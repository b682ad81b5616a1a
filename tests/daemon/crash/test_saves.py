"""Killed at every I/O of a save from the review page: one draft lies there in the end, and no word is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.message import content
from daemon.kept_words import kept_words
from daemon.ledger import Ledger
from daemon.revise import DraftNow, Saved, read_draft, revise
from rules.history import State
from tests.build import at
from tests.daemon.crash.apart import apart
from tests.daemon.crash.explore import Explorer
from tests.daemon.crash.google import GoogleHome
from tests.daemon.crash.home import Home
from tests.daemon.crash.likeness import likeness
from tests.daemon.crash.scenarios import ANA, Scenario, _at_google, one_cycle
from tests.daemon.crash.servers import ServersHome, ready
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

SAVED, LATER = "2026-03-03 16:00", "2026-03-03 16:05"
TYPED = "Dear Ana,\n\nGrüße, and the words of an hour.\n"


def maildir(root: Path) -> Home:
    return _drafted(Home.make(root))


def google(root: Path) -> Home:
    home = GoogleHome.make_with_google(root)
    home.google.calendar("primary").put(_at_google("ana", "03T10:00", ANA))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00")
    home.lay()
    return home


def servers(_: Path) -> Home:
    return _drafted(ServersHome.make_at_servers())


def _drafted(home: Home) -> Home:
    home.put("ana", event("ana", "2026-03-03 10:00", ANA))
    home.cycles("2026-03-03 09:00", "2026-03-03 15:00")
    return home


def save_or_cycle(home: Home, when: str) -> None:
    if when != SAVED:
        return one_cycle(home, when)
    house = home.house()
    with Ledger.open(home.state) as ledger:
        (record,) = ledger.records()
        shown = read_draft(ledger, house.mailbox, house.configuration.me, record)
        assert isinstance(shown, DraftNow)
        me = house.configuration.me
        assert isinstance(revise(ledger, house.mailbox, me, record, shown.base, "Hi", TYPED, at(when)), Saved)
    return None


SCENARIOS = {
    "Maildir": Scenario(maildir, {}, {}, cycle=save_or_cycle),
    "Gmail": Scenario(google, {}, {}, cycle=save_or_cycle),
    "IMAP": Scenario(servers, {}, {}, cycle=save_or_cycle, ready=ready),
}


def told(home: Home) -> tuple[list[str], State, str | None, int]:
    """The texts of the drafts; of the ledger the state, the words kept beside it and how much is under way."""
    texts = [content(raw).text for folder, raw in home.lying() if folder.lstrip(".") == "Drafts"]
    with Ledger.open(home.state, write=False) as ledger:
        (record,) = ledger.records()
        kept = kept_words(ledger, record.id)
        return texts, record.state, kept.text if kept else None, len(ledger.intents())


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_every_point_of_a_save_there_is_one_draft_and_no_word_is_lost(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    scenario.ready()

    def work() -> list[tuple[list[str], State, str | None, int]]:
        explorer = Explorer(scenario, tmp_path)
        whole = explorer.run(explorer.start, SAVED)
        several = {likeness(tree): tree for tree in [*(one.tree for one in whole.snapshots), whole.tree]}
        ends = []
        for tree in several.values():
            explorer.run(tree, LATER, record=False)
            ends.append(told(explorer.home))
        return ends

    ends = apart(work)
    (old,) = ends[0][0]
    for texts, state, kept, under_way in ends:
        assert (len(texts), under_way) == (1, 0)
        assert (texts[0], state, kept) in {
            (old, State.PLACED, None),  # nothing was done yet: the page still has the words
            (old, State.PLACED, TYPED),
            (TYPED, State.EDITED, None),
        }
    reached = [(texts[0] == TYPED, kept == TYPED) for texts, _, kept, _ in ends]
    assert reached == sorted(reached, key=[(False, False), (False, True), (True, False)].index)
    assert set(reached) == {(False, False), (False, True), (True, False)}
