"""The life of a draft in whole cycles: which version of it lies there, where the meeting moved while it was open."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from daemon.ledger import Ledger
from rules.history import State
from tests.build import at
from tests.cases.home import Home, rule
from tests.daemon.with_a_draft import ANA, ME, move, renamed, with_a_draft
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return with_a_draft(tmp_path)


def moved_while_open(home: Home) -> str:
    """The meeting moves while its draft is open in an editor: a new one is placed. The bytes of the old, as edited."""
    (path,) = home.files(".Drafts")
    old = path.read_text()
    move(home, "09:00", 1)
    home.once("2026-03-03 13:10")
    assert home.record().revision == 1
    return old.replace("what stayed with me", "the idea of the bridge")


def save(home: Home, text: str, name: str = "saved") -> None:
    (home.mail / ".Drafts" / "cur" / f"1772544000.{name}.host:2,D").write_text(text)


def test_an_earlier_version_that_the_user_saved_is_theirs_and_the_untouched_new_one_goes(home: Home) -> None:
    old = moved_while_open(home)
    save(home, old)
    home.once("2026-03-03 13:15")
    assert home.states() == [State.EDITED]
    assert "bridge" in home.text()
    assert home.record().message_id == home.id()
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00", "2026-03-04 09:00")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)
    assert home.causes()[3:5] == [
        "you saved an earlier version of it",
        "you saved an earlier version of it: the untouched one is taken away",
    ]
    home.move(home.id(), ".Sent")
    home.once("2026-03-04 10:00")
    assert home.states() == [State.SENT]


def test_an_earlier_version_that_was_saved_as_it_was_goes_and_the_new_one_stays(home: Home) -> None:
    save(home, moved_while_open(home).replace("the idea of the bridge", "what stayed with me"))
    new = home.record().message_id
    home.once("2026-03-03 13:15")
    assert (home.states(), home.id()) == ([State.PLACED], new)


def test_both_versions_edited_are_both_left_alone(home: Home) -> None:
    old = moved_while_open(home)
    home.edit(home.id(), "what stayed with me", "the other idea")
    save(home, old)
    home.cycles("2026-03-03 13:15", "2026-03-03 13:20")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 2)


def test_an_earlier_version_that_was_sent_after_all_is_sent_and_the_new_one_goes(home: Home) -> None:
    old = moved_while_open(home)
    home.folder(".Sent")
    (home.mail / ".Sent" / "cur" / "1772544000.s.host:2,S").write_text(old)
    home.once("2026-03-03 13:15")
    assert (home.states(), home.drafts()) == ([State.SENT], [])


def test_an_earlier_version_in_trash_is_no_veto_of_the_new_one(home: Home) -> None:
    old = moved_while_open(home)
    home.folder(".Trash")
    (home.mail / ".Trash" / "cur" / "1772544000.t.host:2,S").write_text(old)
    home.delete(home.id())  # open in an editor
    home.once("2026-03-03 13:15")
    assert home.states() == [State.PLACED]


@pytest.mark.parametrize("command", ["", "snooze"])
def test_a_draft_edited_under_another_message_id_is_the_users_also_when_it_was_snoozed(
    home: Home, command: str
) -> None:
    if command:
        assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    (path,) = home.files(".Drafts")
    save(home, renamed(path.read_text()).replace("what stayed with me", "the idea of the bridge"))
    path.unlink()
    home.cycles("2026-03-03 13:15", "2026-03-05 09:30", "2026-03-05 12:00")
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)
    assert home.record().message_id == "<mine@mua.example>"


def test_an_untouched_draft_under_another_message_id_is_still_withdrawn(home: Home) -> None:
    (path,) = home.files(".Drafts")
    save(home, renamed(path.read_text()))
    path.unlink()
    home.once("2026-03-03 13:15")
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=2))
    home.once("2026-03-03 13:20")
    assert (home.states(), home.drafts()) == ([State.WITHDRAWN], [])


def test_one_draft_under_another_message_id_accounts_for_one_note_only(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 11:30", ANA))
    home.once("2026-03-03 14:40")
    text = home.files(".Drafts")[0].read_text()
    for path in home.files(".Drafts"):
        path.unlink()
    save(home, renamed(text))
    home.cycles("2026-03-03 14:45", "2026-03-03 16:00")
    assert sorted(home.states()) == [State.PLACED, State.VETOED]


@pytest.mark.parametrize(("sent", "state"), [
    ("2026-03-03 13:20", State.SENT), ("2026-03-03 15:00", State.WITHDRAWN),
])  # fmt: skip
def test_a_draft_about_to_be_taken_away_that_is_gone_may_have_been_sent_from_elsewhere(
    home: Home, sent: str, state: State
) -> None:
    record = home.record()
    with Ledger.open(home.state) as ledger:  # a cycle wrote that down, and died
        assert ledger.intend_removal(record, State.WITHDRAWN, "the meeting was cancelled", at("2026-03-03 13:05"))
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.delete(home.id())
    home.once("2026-03-03 13:10") if state is State.WITHDRAWN else None
    home.deliver(ME, sent, record.subject, ".Sent", To=ANA)
    home.once("2026-03-03 15:05")
    assert home.states() == [state]


def cancelled(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=2))


def thanked(home: Home) -> None:
    home.deliver(ME, "2026-03-03 13:12", "Thanks for the coffee", ".Sent", To=ANA)


def slept(home: Home) -> None:
    home.once("2026-03-12 13:15")


@pytest.mark.parametrize(("happens", "state"), [
    (cancelled, State.CANCELLED), (thanked, State.CANCELLED), (slept, State.EXPIRED),
])  # fmt: skip
def test_a_snoozed_draft_that_is_no_longer_wanted_does_not_stay_in_drafts(
    home: Home, happens: Callable[[Home], None], state: State
) -> None:
    assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    happens(home)
    home.cycles("2026-03-13 13:15", "2026-03-13 15:00")
    assert (home.states(), home.drafts()) == ([state], [])


def test_a_withdrawn_draft_that_an_editor_saves_again_as_it_was_is_taken_away_again(home: Home) -> None:
    (path,) = home.files(".Drafts")
    text = path.read_text()
    cancelled(home)
    home.once("2026-03-03 13:10")
    save(home, text)
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00")
    assert (home.states(), home.drafts()) == ([State.WITHDRAWN], [])


def test_an_edited_draft_saved_under_another_message_id_is_the_users_though_the_old_one_is_in_trash(home: Home) -> None:
    (path,) = home.files(".Drafts")
    text = renamed(path.read_text()).replace("what stayed with me", "the idea of the bridge")
    home.move(home.id(), ".Trash")
    save(home, text)
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00")
    assert home.states() == [State.EDITED]


def test_a_draft_put_into_a_folder_of_the_users_own_waits_there(home: Home) -> None:
    home.folder(".Trash")
    home.move(home.id(), ".Later")
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00", "2026-03-04 15:00")
    assert home.states() == [State.PLACED]
    (path,) = home.files(".Later")
    path.rename(home.mail / ".Trash" / "cur" / path.name)
    home.once("2026-03-04 15:10")
    assert home.states() == [State.VETOED]


def test_a_restored_ledger_finds_a_draft_whose_time_is_over(home: Home, tmp_path: Path) -> None:
    assert home.states() == [State.PLACED]
    shutil.rmtree(home.state)
    older = Home.make(tmp_path / "older")  # it had run once, before the meeting
    older.once("2026-03-03 09:00")
    shutil.copytree(older.state, home.state)
    home.once("2026-03-12 13:00")
    assert home.states() == [State.EDITED]  # in words that are not those of today


def test_a_group_note_is_sent_when_all_of_them_were_written_to(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home", rules=rule(to="all"))
    home.put("one", event("one", "2026-03-03 10:00", ANA, "ben@two.example"))
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    subject = home.record().subject
    home.deliver(ME, "2026-03-03 13:30", subject, ".Sent", To="ben@two.example")
    home.once("2026-03-03 13:35")
    assert home.states() == [State.PLACED]
    home.delete(home.id())
    home.deliver(ME, "2026-03-03 13:40", subject, ".Sent", To=f"{ANA}, ben@two.example")
    home.once("2026-03-03 13:45")
    assert home.states() == [State.SENT]


def test_a_deleted_draft_has_no_claim_to_the_mail_of_a_later_one_laid_by_a_clock_that_was_ahead(home: Home) -> None:
    home.move(home.id(), ".Trash")
    home.once("2026-03-03 13:10")
    home.put("two", event("two", "2026-03-05 10:00", ANA))
    home.once("2026-03-05 13:00")  # by a clock that is a day ahead
    (later,) = home.drafts()
    home.delete(home.id())
    home.deliver(ME, "2026-03-04 20:00", str(later["Subject"]), ".Sent", To=ANA)
    home.once("2026-03-04 20:05")
    first, _ = home.records()
    assert (first.state, first.meeting and first.meeting.uid) == (State.VETOED, "one")


def test_a_snoozed_draft_that_is_put_into_trash_is_vetoed(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    home.move(home.id(), ".Trash")
    home.cycles("2026-03-03 13:15", "2026-03-05 09:30")
    assert (home.states(), home.drafts()) == ([State.VETOED], [])


def test_a_draft_left_behind_by_a_note_that_was_answered_at_once_goes(home: Home) -> None:
    (path,) = home.files(".Drafts")
    home.folder(".Sent")
    shutil.copy(path, home.mail / ".Sent" / "cur" / path.name.replace(":2,D", ":2,S"))
    home.deliver(ANA, "2026-03-03 13:30", "Re: Thank you, Robin", References=home.id())
    home.once("2026-03-03 13:35")
    assert home.states() == [State.ANSWERED]
    home.once("2026-03-03 13:40")
    assert (home.states(), home.drafts()) == ([State.ANSWERED], [])


def test_what_the_user_skips_while_its_placing_is_interrupted_stays_skipped(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", "ben@two.example"))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-03 15:30")
        ledger.intend(prepared.record, prepared.message, "due", prepared.record.changed)
    home.house().mailbox.place(prepared.message)
    assert home.command("skip", prepared.record.id, when="2026-03-03 15:31")[0] == 0
    home.cycles("2026-03-03 15:35", "2026-03-03 15:40")
    assert sorted(home.states()) == [State.PLACED, State.SKIPPED]
    assert len(home.drafts()) == 1


def test_a_skip_that_is_taken_back_does_not_claim_the_draft_of_another_note_of_that_subject(home: Home) -> None:
    (first,) = home.records()
    home.command("skip", first.id, when="2026-03-03 13:05")
    home.once("2026-03-03 13:10")
    assert home.drafts() == []
    home.put("two", event("two", "2026-03-03 11:30", ANA))
    home.once("2026-03-03 14:40")
    assert len(home.drafts()) == 1
    _, told, _ = home.command("unskip", first.id, when="2026-03-03 14:45")
    assert told["state"] == "planned"
    home.cycles("2026-03-03 14:50", "2026-03-03 16:30", "2026-03-03 18:00")
    assert (home.states(), len(home.drafts())) == ([State.PLACED, State.PLACED], 2)


def test_a_draft_that_was_laid_unseen_is_not_taken_for_an_earlier_note_of_that_subject(home: Home) -> None:
    home.move(home.id(), ".Trash")
    home.once("2026-03-03 13:10")
    home.put("two", event("two", "2026-03-05 10:00", ANA))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-05 13:00")
        ledger.intend(prepared.record, prepared.message, "due", prepared.record.changed)
        home.house().mailbox.place(prepared.message)  # which the server neither confirms nor shows
        ledger.abandon(prepared.record.id, "the mailbox did not take the draft", prepared.record.changed)
    home.once("2026-03-05 13:05")
    first, second = home.records()
    assert (first.state, second.state, len(home.drafts())) == (State.VETOED, State.PLACED, 1)
    assert (first.message_id != home.id(), second.message_id) == (True, home.id())


@pytest.mark.parametrize("host", ["webmail.example.net", "example.org"])
@pytest.mark.parametrize("folder", [".Drafts", ".Sent"])
def test_what_webmail_saved_or_sent_under_32_hexadecimal_digits_of_its_own_is_the_users(
    home: Home, folder: str, host: str
) -> None:
    (path,) = home.files(".Drafts")
    text = renamed(path.read_text(), f"<{'ab12' * 8}@{host}>").replace("what stayed with me", "the bridge")
    home.folder(folder)
    (home.mail / folder / "cur" / "1772544000.saved.host:2,S").write_text(text)
    path.unlink()
    home.cycles("2026-03-03 13:10", "2026-03-03 14:20", "2026-03-03 15:30")
    assert home.states() == [State.EDITED if folder == ".Drafts" else State.SENT]
