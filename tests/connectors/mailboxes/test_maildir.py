from __future__ import annotations

import os
import re
import resource
import time
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest

from connectors.base import ConnectorError, Folder, PermanentError, TransientError
from connectors.mailboxes.maildir import Maildir
from tests.conformance.mailboxes import DANA, KIM, ME, NOBODY, Backend, Fresh, InboxSuite, folders, mail, seen
from tests.connectors.mailboxes.hand import PLAIN, PLUS_PLUS, MaildirBackend, files, make

if TYPE_CHECKING:
    from pathlib import Path

ONE = "<one@example.org>"


@pytest.fixture
def backend(tmp_path: Path) -> MaildirBackend:
    return MaildirBackend(tmp_path / "mail", PLUS_PLUS)


class TestMaildirPlusPlus(InboxSuite):
    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Fresh:
        numbers = count()
        return lambda: MaildirBackend(tmp_path / str(next(numbers)), PLUS_PLUS)


class TestPlainFolders(InboxSuite):
    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Fresh:
        numbers = count()
        return lambda: MaildirBackend(tmp_path / str(next(numbers)), PLAIN)


# --- placing -----------------------------------------------------------------------------------------------


def test_a_draft_lies_in_cur_with_flag_d_and_line_ends_of_a_file(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail().replace(b"\n", b"\r\n"))
    drafts = backend.root / ".Drafts"
    (name,) = files(drafts)
    assert re.fullmatch(r"\d+\.[^:/]+:2,D", name)
    assert (drafts / "cur" / name).read_bytes() == mail()
    assert list((drafts / "tmp").iterdir()) == []
    assert (drafts / "cur" / name).stat().st_mode & 0o777 == 0o600


def test_the_name_of_the_file_carries_the_date_of_the_message(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail(day=3))
    assert files(backend.root / ".Drafts")[0].startswith("1772532000.")


def test_nothing_in_the_name_of_the_file_tells_of_a_program(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    assert "afterword" not in files(backend.root / ".Drafts")[0].lower().replace(os.uname().nodename.lower(), "")


def test_when_the_disk_refuses_nothing_is_left_behind(backend: MaildirBackend) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        with pytest.raises(TransientError, match=r"\.Drafts"):
            backend.mailbox().place(mail())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files(backend.root / ".Drafts") == []
    assert list((backend.root / ".Drafts" / "tmp").iterdir()) == []


def test_when_the_folder_cannot_be_synced_the_draft_is_not_left_in_cur(
    backend: MaildirBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count()
    real = os.fsync

    def refuse_the_folder(descriptor: int) -> None:
        if next(calls):
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_the_folder)
    with pytest.raises(TransientError, match="no space left") as refused:
        backend.mailbox().place(mail())
    assert "room" in (refused.value.hint or "")
    assert files(backend.root / ".Drafts") == []


def test_a_leftover_of_a_crash_is_cleared_once_it_is_old_and_others_stay(backend: MaildirBackend) -> None:
    tmp = backend.root / ".Drafts" / "tmp"
    old, young, theirs = (
        tmp / "1772532000.R0123456789abcdefP12Q0.host",
        tmp / "1772532000.R0123456789abcdefP13Q0.host",
        tmp / "1772532000.M1P2.host",
    )
    for path in (old, young, theirs):
        path.write_bytes(b"half a dra")
    for path in (old, theirs):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    backend.mailbox().look("", NOBODY)
    assert old.exists()
    backend.mailbox().place(mail())
    assert sorted(tmp.iterdir()) == sorted([young, theirs])


# --- flags and names ---------------------------------------------------------------------------------------


def test_flags_do_not_make_another_mail(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    before = backend.mailbox().look("", NOBODY)
    backend.user.flag(ONE, "DFS")
    after = backend.mailbox().look(before.note, NOBODY)
    assert after.headers == before.headers
    assert backend.mailbox().remove(before.headers[0].ref, lambda _: True)


def test_a_mail_keeps_its_ref_when_it_is_read_and_leaves_new(backend: MaildirBackend) -> None:
    backend.user.deliver(Folder.OTHER, mail(sender=DANA, to=ME))
    before = backend.mailbox().look("", frozenset({DANA}))
    backend.user.flag(ONE, "S")
    assert backend.mailbox().look(before.note, frozenset({DANA})).headers == before.headers


def test_the_uid_that_mbsync_writes_into_the_name_does_not_make_another_mail(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    before = backend.mailbox().look("", NOBODY)
    path = backend.user.path(ONE)
    path.rename(path.with_name(path.name.replace(":2,D", ",U=17:2,D")))
    assert backend.mailbox().look(before.note, NOBODY).headers == before.headers
    assert backend.mailbox().read(before.headers[0].ref) == mail()


def test_a_draft_marked_as_deleted_is_in_the_trash_and_left_to_the_user(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    before = backend.mailbox().look("", NOBODY)
    backend.user.flag(ONE, "DT")
    assert folders(backend.mailbox().look(before.note, NOBODY).headers) == {ONE: Folder.TRASH}
    assert backend.mailbox().find(frozenset({ONE}))[ONE][0].folder is Folder.TRASH
    assert not backend.mailbox().remove(before.headers[0].ref, lambda _: True)
    backend.user.flag(ONE, "D")
    assert seen(backend.mailbox()) == {ONE: Folder.DRAFTS}


def test_a_draft_in_a_folder_that_is_not_drafts_is_no_mail_of_mine(backend: MaildirBackend) -> None:
    backend.user.put(Folder.OTHER, mail(), inside="cur", flags=":2,DS")
    assert seen(backend.mailbox(), DANA) == {}


def test_a_draft_that_the_user_postponed_again_lies_in_new_without_a_flag(backend: MaildirBackend) -> None:
    backend.user.put(Folder.DRAFTS, mail())
    (header,) = backend.mailbox().look("", NOBODY).headers
    assert header.folder is Folder.DRAFTS
    assert backend.mailbox().remove(header.ref, lambda now: now == mail())


def test_a_draft_renamed_just_now_is_followed(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    (header,) = backend.mailbox().look("", NOBODY).headers

    def still(message: bytes) -> bool:
        if backend.user.path(ONE).name.endswith(":2,D"):
            backend.user.flag(ONE, "DS")
        return message == mail()

    assert backend.mailbox().remove(header.ref, still)
    assert files(backend.root / ".Drafts") == []


def test_a_draft_edited_in_the_very_last_moment_is_left_alone(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    (header,) = backend.mailbox().look("", NOBODY).headers
    answers = iter([True, False])

    def still(_: bytes) -> bool:
        backend.user.path(ONE).write_bytes(mail(text="My own words, more of them than before\n"))
        return next(answers)

    assert not backend.mailbox().remove(header.ref, still)
    assert len(files(backend.root / ".Drafts")) == 1


def test_an_edit_in_place_is_seen(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    before = backend.mailbox().look("", NOBODY)
    backend.user.path(ONE).write_bytes(mail(subject="Thank you very much, Dana"))
    (header,) = backend.mailbox().look(before.note, NOBODY).headers
    assert header.subject == "Thank you very much, Dana"
    assert header.tag != before.headers[0].tag


def test_a_name_that_is_no_text_can_be_kept_and_read(backend: MaildirBackend) -> None:
    path = os.fsencode(backend.root / ".Drafts" / "cur") + b"/1772532000.\xff\xfe.host:2,D"
    with open(path, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(mail())
    look = backend.mailbox().look("", NOBODY)
    look.note.encode()
    look.headers[0].ref.encode()
    assert backend.mailbox().read(look.headers[0].ref) == mail()
    assert backend.mailbox().look(look.note, NOBODY) == look


# --- what is read, and how often ---------------------------------------------------------------------------


def test_a_mail_is_read_once(backend: MaildirBackend) -> None:
    for number in range(3):
        backend.user.deliver(Folder.OTHER, mail(f"<{number}@acme.example>", sender=(DANA, KIM, KIM)[number], to=ME))
    before = backend.mailbox().look("", frozenset({DANA}))
    for number in range(3):
        backend.user.path(f"<{number}@acme.example>").write_bytes(mail(f"<{number}@x.example>", sender=DANA, to=ME))
    after = backend.mailbox().look(before.note, frozenset({DANA}))
    assert after == before


def test_for_a_new_person_the_old_mail_is_not_read_again(backend: MaildirBackend) -> None:
    old = mail("<old@beta.example>", sender=KIM, to=ME).replace(b"Mar 2026", b"Nov 2025")
    backend.user.deliver(Folder.OTHER, old)
    backend.user.deliver(Folder.OTHER, mail("<young@beta.example>", sender=KIM, to=ME))
    before = backend.mailbox().look("", frozenset({DANA}))
    after = backend.mailbox().look(before.note, frozenset({DANA, KIM}))
    assert folders(after.headers) == {"<young@beta.example>": Folder.OTHER}


def test_nothing_of_a_stranger_is_kept(backend: MaildirBackend) -> None:
    backend.user.deliver(Folder.OTHER, mail("<secret@beta.example>", sender=KIM, to=ME, subject="In confidence"))
    note = backend.mailbox().look("", frozenset({DANA})).note
    assert KIM not in note
    assert "confidence" not in note


def test_the_note_is_the_same_while_nothing_changes(backend: MaildirBackend) -> None:
    for number in range(20):
        backend.user.deliver(Folder.OTHER, mail(f"<{number}@acme.example>", sender=DANA, to=ME))
    before = backend.mailbox().look("", frozenset({DANA, KIM}))
    assert backend.mailbox().look(before.note, frozenset({KIM, DANA})).note == before.note


def test_a_note_made_for_other_addresses_of_mine_is_not_used(backend: MaildirBackend) -> None:
    backend.user.deliver(Folder.OTHER, mail(sender=DANA, to=ME))
    before = Maildir(backend.root, frozenset({"other@example.org"})).look("", frozenset({DANA}))
    backend.user.path(ONE).write_bytes(mail("<new@acme.example>", sender=DANA, to=ME))
    assert folders(backend.mailbox().look(before.note, frozenset({DANA})).headers) == {
        "<new@acme.example>": Folder.OTHER
    }


@pytest.mark.parametrize("name", [".Junk", ".Spam", ".INBOX.Spam", ".Outbox", ".Templates", ".Entw&APw-rfe.Vorlagen"])
def test_spam_and_what_was_never_sent_is_not_read(backend: MaildirBackend, name: str) -> None:
    make(backend.root, name, ".Clients")
    (backend.root / name / "cur" / "1.a.host:2,S").write_bytes(mail(sender=DANA, to=ME))
    (backend.root / ".Clients" / "cur" / "2.a.host:2,S").write_bytes(mail("<two@acme.example>", sender=DANA, to=ME))
    assert seen(backend.mailbox(), DANA) == {"<two@acme.example>": Folder.OTHER}


def test_what_is_no_file_is_passed_over(backend: MaildirBackend) -> None:
    for folder in (".Drafts", "."):
        (backend.root / folder / "cur" / "1.directory.host:2,D").mkdir()
        os.mkfifo(backend.root / folder / "cur" / "2.pipe.host:2,S")
        (backend.root / folder / "new" / "3.nowhere.host").symlink_to("/nowhere")
    backend.mailbox().place(mail())
    assert seen(backend.mailbox(), DANA) == {ONE: Folder.DRAFTS}
    assert set(backend.mailbox().find(frozenset({ONE}))) == {ONE}
    assert backend.mailbox().read(".Drafts/2.pipe.host") is None
    assert backend.mailbox().read(".Drafts/1.directory.host") is None


@pytest.mark.parametrize("ref", ["", "/", "..", "../../etc/passwd", ".Drafts/../../x", ".Drafts/", "nothing"])
def test_a_ref_names_a_mail_or_nothing(backend: MaildirBackend, ref: str) -> None:
    assert backend.mailbox().read(ref) is None
    assert not backend.mailbox().remove(ref, lambda _: True)


def test_a_link_that_leads_around_in_a_circle_shows_each_mail_once(backend: MaildirBackend) -> None:
    (backend.root / "again").symlink_to(backend.root)
    backend.mailbox().place(mail())
    assert len(backend.mailbox().look("", NOBODY).headers) == 1


def test_a_draft_that_cannot_be_read_just_now_is_not_gone(backend: MaildirBackend) -> None:
    backend.mailbox().place(mail())
    before = backend.mailbox().look("", NOBODY)
    path = backend.user.path(ONE)
    path.unlink()
    path.symlink_to("/disk/not/mounted")
    assert backend.mailbox().look(before.note, NOBODY).headers == before.headers


def test_two_thousand_mails_are_quick(backend: MaildirBackend) -> None:
    cur = backend.root / "cur"
    for number in range(2000):
        sender = f"kim{number}@beta.example" if number % 20 else DANA
        (cur / f"17725{number:05}.a.host:2,S").write_bytes(mail(f"<{number}@beta.example>", sender=sender, to=ME))
    start = time.process_time()
    look = backend.mailbox().look("", frozenset({DANA}))
    first = time.process_time() - start
    assert len(look.headers) == 100
    start = time.process_time()
    assert backend.mailbox().look(look.note, frozenset({DANA})) == look
    second = time.process_time() - start
    assert first < 3
    assert second < 0.5


def test_the_folder_that_cannot_be_read_is_named(backend: MaildirBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.listdir

    def refuse_sent(path: Path) -> list[str]:
        if ".Sent" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", refuse_sent)
    with pytest.raises(ConnectorError, match=r"\.Sent"):
        backend.mailbox().look("", NOBODY)


def check_protocol(backend: MaildirBackend) -> Backend:
    """A Maildir and its user are what the suite asks for; mypy reads this."""
    return backend


# --- laying into the inbox ---------------------------------------------------------------------------------


def test_a_message_for_me_lies_in_new_of_the_inbox_unread(backend: MaildirBackend) -> None:
    backend.mailbox().lay(mail("<nudge@example.org>", to=ME))
    (path,) = (backend.root / "new").iterdir()
    assert ":" not in path.name
    assert path.stat().st_mode & 0o777 == 0o600
    assert list((backend.root / "tmp").iterdir()) == []


def test_the_inbox_of_plain_folders_is_the_one_of_that_name(tmp_path: Path) -> None:
    backend = MaildirBackend(tmp_path / "mail", PLAIN)
    make(backend.root, "")
    backend.mailbox().lay(mail("<nudge@example.org>", to=ME))
    assert len(files(backend.root / "INBOX")) == 1
    assert files(backend.root) == []


def test_a_mailbox_without_an_inbox_says_what_to_do(tmp_path: Path) -> None:
    mailbox = Maildir(make(tmp_path / "mail", "Drafts"), frozenset({ME}))
    with pytest.raises(PermanentError, match="no inbox") as caught:
        mailbox.lay(mail(to=ME))
    assert "notify: none" in str(caught.value.hint)


def test_mail_that_came_before_is_passed_over_when_the_inbox_is_asked(backend: MaildirBackend) -> None:
    backend.mailbox().lay(mail("<nudge@example.org>", to=ME, day=3))
    asked = frozenset({"<nudge@example.org>"})
    assert backend.mailbox().laid(asked, datetime(2026, 3, 3, 10, tzinfo=UTC)).keys() == asked
    assert backend.mailbox().laid(asked, datetime(2026, 3, 3, 11, tzinfo=UTC)) == {}
