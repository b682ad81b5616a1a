"""A mailbox is changed for another: what lies in the first is neither gone, nor made again in the second."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from daemon import act
from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.cases.home import Home, settings
from tests.daemon.with_a_draft import with_a_draft
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path

BEN = "ben@two.example"
NOON = "2026-03-04 12:00"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_a_draft(tmp_path)


def use(home: Home, name: str) -> None:
    """The settings name this Maildir from now on."""
    for folder in ("cur", "new", "tmp", ".Drafts/cur", ".Drafts/new", ".Drafts/tmp"):
        (home.root / name / folder).mkdir(parents=True, exist_ok=True)
    home.write("afterword.yaml", settings(mailbox=f"{{maildir: ../{name}}}"))


def laid(home: Home, name: str) -> int:
    """How many drafts lie in this Maildir."""
    return len([*(home.root / name / ".Drafts").glob("*/*")])


def told(home: Home) -> str:
    """What `status` says of drafts that lie elsewhere."""
    return " ".join(f"{one.message}. {one.hint}" for one in home.standing(NOON) if "open draft" in one.message)


def test_a_draft_in_the_mailbox_before_is_neither_vetoed_nor_made_again(home: Home) -> None:
    use(home, "Post")
    home.put("two", event("two", "2026-03-03 11:30", BEN))
    home.cycles("2026-03-03 14:40", "2026-03-03 16:00", "2026-03-03 18:00", NOON)
    assert home.states() == [State.PLACED, State.PLACED]
    assert (laid(home, "Mail"), laid(home, "Post")) == (1, 1)
    mail, post = home.root / "Mail", home.root / "Post"
    assert told(home) == (
        f"1 open draft lies in the Maildir {mail}, and `mailbox` is now the Maildir {post}: it stays as it is."
        " Set `mailbox` in afterword.yaml back to it to go on with it; `afterword skip ID` drops one."
    )


def test_back_at_the_mailbox_before_it_goes_on_where_it_was(home: Home) -> None:
    use(home, "Post")
    home.cycles("2026-03-03 14:40", "2026-03-03 16:00")
    home.delete(home.id())
    use(home, "Mail")
    home.cycles("2026-03-03 16:05", "2026-03-03 17:30")
    assert (home.states(), laid(home, "Post"), told(home)) == ([State.VETOED], 0, "")


def test_a_maildir_that_got_another_name_is_known_by_its_drafts(home: Home) -> None:
    home.mail.rename(home.root / "Post")
    use(home, "Post")
    home.once("2026-03-03 14:40")
    assert (home.states(), laid(home, "Post"), told(home)) == ([State.PLACED], 1, "")
    next((home.root / "Post" / ".Drafts").glob("*/*")).unlink()
    home.cycles("2026-03-03 14:45", "2026-03-03 16:00")
    assert home.states() == [State.VETOED]


def test_a_maildir_that_has_no_drafts_folder_yet_is_not_said_to_have_lost_that_of_the_one_before(home: Home) -> None:
    for folder in ("cur", "new", "tmp"):
        (home.root / "Post" / folder).mkdir(parents=True)
    home.write("afterword.yaml", settings(mailbox="{maildir: ../Post}"))
    home.put("two", event("two", "2026-03-03 11:30", BEN))
    assert home.once("2026-03-03 14:40").problems == []
    assert laid(home, "Post") == 1


def test_a_snoozed_note_that_waits_for_its_draft_in_the_mailbox_before_is_told(home: Home) -> None:
    id_ = home.record().id
    assert home.command("snooze", id_, "2026-03-04", when="2026-03-03 14:35")[0] == 0
    use(home, "Post")
    home.cycles("2026-03-03 14:40", NOON)
    assert (home.states(), laid(home, "Post")) == ([State.SNOOZED], 0)
    assert told(home).startswith(f"1 open draft lies in the Maildir {home.root / 'Mail'}")
    assert home.command("skip", id_, when=NOON)[0] == 0
    assert not told(home)


def renamed(home: Home) -> None:
    """The Maildir has another name, and the settings say so."""
    home.mail.rename(home.root / "Post")
    use(home, "Post")


def test_in_trash_of_a_maildir_that_got_another_name_it_is_deleted(home: Home) -> None:
    home.move(home.id(), ".Trash")
    renamed(home)
    home.once("2026-03-03 14:40")
    assert (home.states(), told(home)) == ([State.VETOED], "")


@pytest.mark.parametrize("words", [("skip",), ("snooze", "2026-03-04")])
def test_what_is_skipped_or_snoozed_leaves_a_maildir_that_got_another_name(home: Home, words: tuple[str, ...]) -> None:
    command, *until = words
    assert home.command(command, home.record().id, *until, when="2026-03-03 14:35")[0] == 0
    renamed(home)
    home.once("2026-03-03 14:40")
    assert laid(home, "Post") == 0
    home.once(NOON)
    assert (home.states(), laid(home, "Post")) == (([State.PLACED], 1) if until else ([State.SKIPPED], 0))


def test_a_draft_that_was_just_being_laid_when_the_maildir_got_another_name_is_recognised(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", BEN))
    with Ledger.open(home.state) as ledger:
        prepared, before = home.rehearsed(ledger, "2026-03-03 15:30"), home.house().mailbox
        ledger.intend(replace(prepared.record, account=before.account), prepared.message, "due", at("2026-03-03 15:30"))
        before.place(prepared.message)  # and the machine dies
    renamed(home)
    home.once("2026-03-03 15:35")
    assert (home.states(), laid(home, "Post"), told(home)) == ([State.PLACED, State.PLACED], 2, "")


def test_a_draft_that_was_just_being_laid_when_the_mailbox_changed_waits_and_is_told(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", BEN))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-03 15:30")
        before = home.house().mailbox
        record = replace(prepared.record, account=before.account)
        ledger.intend(record, prepared.message, "due", record.changed)
        before.place(prepared.message)  # and the machine dies
    use(home, "Post")
    home.cycles("2026-03-03 15:35", "2026-03-03 17:35")
    assert (laid(home, "Mail"), laid(home, "Post")) == (2, 0)
    assert told(home).startswith("2 open drafts lie in the Maildir")
    use(home, "Mail")
    home.once("2026-03-03 17:40")
    assert (home.states(), laid(home, "Mail"), told(home)) == ([State.PLACED, State.PLACED], 2, "")


def test_a_draft_that_was_laid_and_never_looked_at_is_not_made_anew_elsewhere_when_it_was_snoozed(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", BEN))
    with Ledger.open(home.state) as ledger:
        house, prepared = home.house(), home.rehearsed(ledger, "2026-03-03 15:30")
        act.place(ledger, house.mailbox, house.configuration.me, prepared, prepared.record.changed)
    use(home, "Post")
    _, second = home.records()
    assert home.command("snooze", second.id, "2026-03-04", when="2026-03-03 15:35")[0] == 0
    home.cycles("2026-03-03 15:40", NOON)
    assert (laid(home, "Mail"), laid(home, "Post")) == (2, 0)
    use(home, "Mail")
    home.once("2026-03-04 12:05")
    assert (home.states(), laid(home, "Mail")) == ([State.PLACED, State.PLACED], 2)


def test_an_edited_draft_in_a_mailbox_that_is_gone_for_good_is_done_with_when_it_is_skipped(home: Home) -> None:
    home.edit(home.id(), "what stayed with me", "the idea")
    home.once("2026-03-03 13:10")
    (edited,) = home.records()
    code, _, said = home.command("skip", edited.id, when="2026-03-03 13:15")
    assert (edited.state, code) == (State.EDITED, 2), said  # here it is the user's own, and lies before them
    use(home, "Post")
    home.once("2026-03-03 14:40")
    assert "`afterword skip ID` drops one" in told(home)
    assert home.command("skip", edited.id, when="2026-03-03 14:45")[0] == 0
    home.once(NOON)
    assert (home.states(), laid(home, "Mail"), told(home)) == ([State.SKIPPED], 1, "")


@pytest.mark.parametrize("folder", ["home", os.fsdecode(b"jos\xe9")])
def test_the_same_maildir_by_another_way_is_no_other_mailbox(tmp_path: Path, folder: str) -> None:
    home = with_a_draft(tmp_path / folder)
    (home.root / "Link").symlink_to("Mail")
    home.write("afterword.yaml", settings(mailbox="{maildir: ../Link}"))
    home.delete(home.id())
    home.cycles("2026-03-03 14:40", "2026-03-03 16:00")
    assert (home.states(), told(home)) == ([State.VETOED], "")
