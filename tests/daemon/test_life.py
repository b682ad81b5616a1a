"""The life of a draft in whole cycles: whose mail it is, which version of a draft, what `show` tells of it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connectors.message import message_id_for
from daemon.ledger import Ledger
from rules.history import State
from rules.life import ImpossibleError
from tests.build import at
from tests.cases.home import CHECK_INS, Home, rule, settings
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ANA = "ana@one.example"
ME = "robin@example.org"
MX = "from mail.evil.example (mail.evil.example [192.0.2.1]) by mx.example.org with ESMTPS id 4A; Tue"
SUBMITTED = "from [192.168.1.7] (unknown [203.0.113.4]) by mx.example.org (Postfix) with ESMTPSA id 7B; Tue"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Coffee with Ana, and a thank-you placed at 13:00."""
    home = Home.make(tmp_path / "home")
    assert isinstance(home, Home)
    move(home, "10:00")
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    assert len(home.drafts()) == 1
    return home


def move(home: Home, hour: str, sequence: int = 0) -> None:
    home.put("one", event("one", f"2026-03-03 {hour}", ANA, sequence=sequence))


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


# --- whose mail it is --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("folder", "trace", "mine"), [
    ("", MX, False), (".Archive", MX, False), (".Archive", "", True), ("", "", True), ("", SUBMITTED, True),
    (".Sent", MX, True),
])  # fmt: skip
def test_a_mail_with_my_address_is_my_thank_you_only_where_it_did_not_come_to_me(
    home: Home,
    folder: str,
    trace: str,
    mine: bool,
) -> None:
    headers = {"Received": trace} if trace else {}
    home.deliver(ME, "2026-03-03 12:30", "Thanks for the coffee", folder, To=ANA, **headers)
    home.once("2026-03-03 13:05")
    assert home.states() == [State.WITHDRAWN if mine else State.PLACED]


@pytest.mark.parametrize("folder", ["", ".Trash"])
def test_a_guessed_message_id_under_my_address_is_neither_sent_nor_a_veto(home: Home, folder: str) -> None:
    message_id = home.id()
    home.deliver(ME, "2026-03-03 13:30", "Hi", folder, To=ANA, Message_ID=message_id, Received=MX)
    home.delete(message_id)
    home.once("2026-03-03 13:35")
    assert home.states() == [State.PLACED]


def test_a_mail_of_somebody_else_with_a_guessed_message_id_is_not_taken_over(home: Home) -> None:
    message_id = home.id()
    home.delete(message_id)
    shutil.rmtree(home.state)
    home.deliver("mallory@evil.example", "2026-03-03 12:00", "Hi", ".Trash", Message_ID=message_id)
    home.once("2026-03-03 13:35")
    assert home.states() == [State.PLACED]
    assert len(home.drafts()) == 1


def test_a_mail_of_somebody_else_does_not_settle_what_was_interrupted(home: Home) -> None:
    home.put("two", event("two", "2026-03-03 12:00", "ben@two.example"))
    with Ledger.open(home.state) as ledger:
        prepared = home.rehearsed(ledger, "2026-03-03 15:30")
        ledger.intend(prepared.record, prepared.message, "due", prepared.record.changed)
    home.deliver("ben@two.example", "2026-03-03 12:00", "Hi", ".Trash", Message_ID=prepared.record.message_id)
    home.once("2026-03-03 15:35")
    assert home.states() == [State.PLACED, State.PLACED]
    assert len(home.drafts()) == 2


# --- which version of a draft ------------------------------------------------------------------------------


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


def renamed(text: str, name: str = "<mine@mua.example>") -> str:
    """The draft as a mail program saves it that gives each version a Message-ID of its own."""
    return "\n".join(f"Message-ID: {name}" if line.startswith("Message-ID:") else line for line in text.split("\n"))


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


# --- a ledger that was restored ----------------------------------------------------------------------------


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


# --- the history -------------------------------------------------------------------------------------------


def test_show_tells_a_whole_life_in_order_with_its_causes(home: Home) -> None:
    id_ = home.record().id
    move(home, "09:00", 1)
    home.once("2026-03-03 13:10")
    home.edit(home.id(), "what stayed with me", "the idea")
    home.once("2026-03-03 14:00")
    message_id = home.id()
    home.move(message_id, ".Sent")
    home.deliver(ANA, "2026-03-03 15:00", "Re: Thank you", References=message_id)
    home.once("2026-03-03 15:30")
    code, told, _ = home.command("show", id_, when="2026-03-05 09:00")
    assert (code, told["state"]) == (0, "answered")
    assert [(line["state"], line["cause"]) for line in told["history"]] == [
        ("placed", "2 hours after 'Coffee' ended"),
        ("withdrawn", "the meeting was moved"),
        ("placed", "2 hours after 'Coffee' ended"),
        ("edited", "you edited it"),
        ("sent", "you sent it"),
        ("answered", f"{ANA} wrote on 3 March: 'Re: Thank you'"),
    ]
    assert told["history"][0]["at"] == "2026-03-03T13:00:00+00:00"


def test_the_day_of_an_answer_is_the_one_on_the_wall_of_the_user(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home", settings=settings().replace("Europe/Lisbon", "Pacific/Auckland"))
    assert isinstance(home, Home)
    move(home, "10:00")
    home.cycles("2026-03-03 09:00", "2026-03-03 13:00")
    home.move(home.id(), ".Sent")
    home.once("2026-03-03 14:00")
    home.deliver(ANA, "2026-03-03 20:00", "Re: Thank you")
    home.once("2026-03-03 20:05")
    assert home.causes()[-1] == f"{ANA} wrote on 4 March: 'Re: Thank you'"


def test_a_withdrawn_draft_is_still_shown(home: Home) -> None:
    home.put("one", event("one", "2026-03-03 10:00", ANA, status="CANCELLED", sequence=1))
    home.once("2026-03-03 13:10")
    code, told, _ = home.command("show", home.record().id, when="2026-03-03 13:15")
    assert (code, told["state"]) == (0, "withdrawn")
    assert told["text"].startswith("Dear Ana,")


@pytest.mark.parametrize(("state", "cause"), [(State.SENT, ""), (State.ANSWERED, "they wrote")])
def test_the_ledger_takes_no_change_of_state_without_a_cause_or_beside_the_table(
    home: Home, state: State, cause: str
) -> None:
    with Ledger.open(home.state) as ledger:
        (record,) = ledger.records()
        with pytest.raises(ImpossibleError, match=f"was placed, is {state}"):
            ledger.save([(replace(record, state=state), cause)], at("2026-03-03 14:00"))
        assert ledger.record(record.id) == record


# --- what must not be forgotten, and what must not come back ---------------------------------------------------


def test_a_note_that_was_snoozed_once_is_made_anew_when_its_meeting_moves(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-03T14:30:00+00:00", when="2026-03-03 13:10")[0] == 0
    home.cycles("2026-03-03 13:15", "2026-03-03 14:35")
    assert home.states() == [State.PLACED]
    home.put("one", event("one", "2026-03-03 10:15", ANA, sequence=1))
    home.cycles("2026-03-03 14:40", "2026-03-03 14:45")
    assert (home.states(), len(home.drafts())) == ([State.PLACED], 1)


def test_a_snoozed_draft_that_was_sent_from_elsewhere_is_not_drafted_again(home: Home) -> None:
    assert home.command("snooze", home.record().id, "2026-03-05", when="2026-03-03 13:10")[0] == 0
    subject = home.record().subject
    home.delete(home.id())
    home.deliver(ME, "2026-03-03 13:12", subject, ".Sent", To=ANA)
    home.cycles("2026-03-03 13:15", "2026-03-05 09:30")
    assert (home.states(), home.drafts()) == ([State.SENT], [])


def test_a_deleted_note_stays_away_when_only_a_later_copy_of_its_meeting_is_left(home: Home) -> None:
    home.move(home.id(), ".Trash")
    home.once("2026-03-03 13:10")
    home.put("copy", event("copy", "2026-03-03 10:00", ANA))
    home.once("2026-03-03 13:15")
    home.drop("one")
    home.cycles("2026-03-03 13:20", "2026-03-03 15:00")
    assert (home.states(), home.drafts()) == ([State.VETOED], [])


def test_a_first_cycle_that_was_tried_for_the_future_loses_nothing_of_today(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once("2026-03-31 09:00")
    home.once("2026-03-09 09:00")
    home.put("one", event("one", "2026-03-10 10:00", ANA))
    home.cycles("2026-03-10 13:00")
    assert home.states() == [State.PLACED]
