"""The life of a draft in whole cycles: what a ledger that was restored, or lost, takes over and never makes again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from connectors.message import message_id_for
from daemon.ledger import Ledger
from rules.history import State
from tests.cases.home import CHECK_INS, Home, rule
from tests.daemon.with_a_draft import ANA, ME, move, renamed, with_a_draft
from tests.house import event

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_a_draft(tmp_path)


@pytest.fixture
def kept(home: Home) -> Path:
    """The state as it was before anything happened to the draft."""
    shutil.copytree(home.state, home.root / "backup")
    return home.root / "backup"


def restore(home: Home, kept: Path) -> None:
    shutil.rmtree(home.state)
    shutil.copytree(kept, home.state)


def test_a_later_version_that_the_restored_ledger_does_not_know_is_the_users_and_the_only_one(
    home: Home, kept: Path
) -> None:
    for number, hour in enumerate(["09:00", "09:30", "09:15"], 1):
        move(home, hour, number)
        home.once(f"2026-03-03 13:1{number}")
    assert home.record().revision == 3
    restore(home, kept)
    home.cycles("2026-03-03 14:00", "2026-03-03 16:00", "2026-03-04 09:00")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)


@pytest.mark.parametrize(("folder", "state"), [(".Sent", State.SENT), (".Trash", State.VETOED)])
def test_a_later_version_that_was_sent_or_deleted_is_so(home: Home, kept: Path, folder: str, state: State) -> None:
    move(home, "09:00", 1)
    home.once("2026-03-03 13:10")
    home.move(home.id(), folder)
    restore(home, kept)
    home.cycles("2026-03-03 14:00", "2026-03-03 16:00")
    assert (home.states(), home.drafts()) == ([state], [])


def test_a_ledger_that_says_withdrawn_finds_the_edited_draft_that_came_after(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-03 13:10")
    shutil.copytree(home.state, home.root / "backup")
    move(home, "10:00", 2)
    home.once("2026-03-03 13:20")
    home.edit(home.id(), "what stayed with me", "the idea")
    home.once("2026-03-03 13:25")
    restore(home, home.root / "backup")
    home.cycles("2026-03-03 14:00", "2026-03-03 16:00")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)


def test_a_ledger_that_says_withdrawn_takes_the_untouched_draft_that_came_after_for_its_own(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-03 13:10")
    shutil.copytree(home.state, home.root / "backup")
    move(home, "10:00", 2)
    home.once("2026-03-03 13:20")
    restore(home, home.root / "backup")
    home.once("2026-03-03 14:00")
    assert (home.states(), home.record().revision) == ([State.PLACED], 1)
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=3))
    home.once("2026-03-03 14:10")
    assert (home.states(), home.drafts()) == ([State.WITHDRAWN], [])


@pytest.mark.parametrize("revision", [5, 20])
@pytest.mark.parametrize(("folder", "state"), [
    (".Drafts", State.EDITED), (".Sent", State.SENT), (".Trash", State.VETOED)
])  # fmt: skip
def test_a_lost_ledger_finds_a_draft_of_any_version(home: Home, revision: int, folder: str, state: State) -> None:
    (path,) = home.files(".Drafts")
    text = renamed(path.read_text(), message_id_for(home.record().id, revision, ME)).replace("stayed", "remained")
    path.unlink()
    home.folder(folder)
    (home.mail / folder / "cur" / "1772544000.x.host:2,S").write_text(text)
    shutil.rmtree(home.state)
    home.cycles("2026-03-03 14:00", "2026-03-03 16:00")
    assert (home.states(), home.record().revision) == ([state], revision)
    assert len(home.drafts()) == (folder == ".Drafts")


@pytest.mark.parametrize(("folder", "state"), [(".Drafts", State.EDITED), (".Sent", State.SENT)])
def test_a_lost_ledger_finds_what_has_another_message_id_by_person_and_subject(
    home: Home, folder: str, state: State
) -> None:
    (path,) = home.files(".Drafts")
    text = renamed(path.read_text()).replace("what stayed with me", "the idea")
    path.unlink()
    home.folder(folder)
    (home.mail / folder / "cur" / "1772544000.x.host:2,S").write_text(text)
    shutil.rmtree(home.state)
    home.cycles("2026-03-03 14:00", "2026-03-03 16:00")
    assert home.states() == [state]
    assert len(home.drafts()) == (folder == ".Drafts")


def test_a_check_in_that_was_sent_under_another_message_id_is_known_again_by_its_subject(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home", rules=CHECK_INS)
    assert isinstance(home, Home)
    move(home, "10:00")
    home.once("2026-03-03 09:00")
    home.once("2026-04-14 12:00")
    shutil.copytree(home.state, home.root / "backup")
    assert len(home.drafts()) == 1
    (path,) = home.files(".Drafts")
    home.folder(".Sent")
    (home.mail / ".Sent" / "cur" / "1776160000.x.host:2,S").write_text(renamed(path.read_text()))
    path.unlink()
    home.once("2026-04-14 12:05")
    restore(home, home.root / "backup")
    home.cycles("2026-04-14 13:00", "2026-05-20 12:00")
    assert home.drafts() == []
    home.once("2026-05-26 15:00")
    assert len(home.drafts()) == 1


@pytest.mark.parametrize("round_", [1, 2])
@pytest.mark.parametrize("folder", ["", ".Sent", ".Trash"])
def test_a_check_in_of_any_round_is_not_made_again_by_a_restored_ledger(
    tmp_path: Path, round_: int, folder: str
) -> None:
    home = Home.make(tmp_path / "home", rules=CHECK_INS)
    assert isinstance(home, Home)
    move(home, "10:00")
    home.once("2026-03-03 09:00")
    due = "2026-04-14 12:00"
    if round_ == 2:
        home.once(due)
        home.move(home.id(), ".Sent")
        home.once("2026-04-14 12:05")
        due = "2026-05-26 15:00"
    shutil.copytree(home.state, home.root / "backup")
    home.once(due)
    assert len(home.drafts()) == 1
    if folder:
        home.move(home.id(), folder)
    restore(home, home.root / "backup")
    day = due.partition(" ")[0]
    outcome = home.once(f"{day} 16:00")
    assert outcome.placed == []
    assert len(home.drafts()) == (not folder)
    assert home.once(f"{day} 18:00").placed == []


def test_a_mail_of_mine_before_the_note_was_due_is_not_taken_for_it(tmp_path: Path) -> None:
    rules = (
        "rules:\n  - id: soft\n    when: {title: [coffee]}\n    steps:\n"
        "      - {id: news, template: news, after: 2 hours}\n"
    )
    home = Home.make(tmp_path / "home", rules=rules)
    assert isinstance(home, Home)
    move(home, "10:00")
    home.once("2026-03-03 09:00")
    home.deliver(ME, "2026-03-03 12:00", "Hello again, Ana", ".Sent", To=ANA)
    home.deliver(ME, "2026-03-03 13:20", "Re: Hello again, Ana", ".Sent", To=ANA)
    assert len(home.once("2026-03-03 13:30").placed) == 1


def test_an_answer_of_mine_in_the_thread_is_not_taken_for_the_note_that_was_never_made(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home", rules=rule(thread="reply"))
    assert isinstance(home, Home)
    move(home, "10:00")
    home.deliver(ANA, "2026-03-02 10:00", "Coffee?", Message_ID="<asked@one.example>")
    home.once("2026-03-03 09:00")
    home.deliver(ME, "2026-03-03 13:20", "Re: Coffee?", ".Sent", To=ANA, References="<asked@one.example>")
    assert [record.subject for record in home.once("2026-03-03 13:30").placed] == ["Re: Coffee?"]


def test_a_restored_ledger_finds_the_draft_of_a_snoozed_note_whose_time_is_over(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-04", when="2026-03-03 13:10")[0] == 0
    home.once("2026-03-03 13:15")
    shutil.copytree(home.state, home.root / "backup")
    home.once("2026-03-04 09:30")
    assert (home.states(), len(home.drafts())) == ([State.PLACED], 1)
    restore(home, home.root / "backup")
    home.cycles("2026-03-20 09:00", "2026-03-20 11:00")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)  # its words are not those of today


def test_a_draft_that_nothing_is_known_of_holds_back_others_to_that_person_until_it_is_gone(tmp_path: Path) -> None:
    """As a check-in that was laid after the backup, and that a later meeting has made void."""
    home = Home.make(tmp_path / "home", rules=CHECK_INS)
    move(home, "10:00")
    home.once("2026-03-03 13:00")
    home.folder(".Drafts")
    name = message_id_for("some other follow-up", 0, ME)
    stray = home.mail / ".Drafts" / "cur" / "1772544000.stray.host:2,D"
    stray.write_text(f"From: {ME}\nTo: {ANA}\nSubject: Some news\nMessage-ID: {name}\n\nHello Ana,\n")
    home.cycles("2026-04-14 12:00", "2026-04-16 12:00")
    assert [str(draft["Subject"]) for draft in home.drafts()] == ["Some news"]
    with Ledger.open(home.state, write=False) as ledger:
        _, problems = ledger.last_cycle() or (None, ())
    (told,) = [one for one in problems if "nothing is known" in one.message]
    assert told.message == f"a draft to {ANA} lies there of which nothing is known here: 'Some news'"
    stray.unlink()
    home.once("2026-04-16 12:05")
    assert [str(draft["Subject"]) for draft in home.drafts()] == ["Hello again, Ana"]


def test_what_was_found_again_of_a_cancelled_meeting_is_answered_in_the_same_cycle(home: Home, tmp_path: Path) -> None:
    shutil.rmtree(home.state)
    home.once("2026-03-03 09:00")
    shutil.copytree(home.state, home.root / "backup")
    name = home.id()
    home.move(name, ".Sent")
    home.deliver(ANA, "2026-03-03 20:00", "Re: Thank you", References=name)
    restore(home, home.root / "backup")
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-04 09:00")
    assert home.states() == [State.ANSWERED]
