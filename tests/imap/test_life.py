"""The life of a draft at an IMAP server, in whole cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder
from connectors.imap.folders import layout_of
from connectors.imap.session import Listed
from connectors.mailboxes.folders import Configured
from daemon.keepsake import Keepsake
from rules.history import State
from tests.cases.home import CHECK_INS, Home, coffee
from tests.conformance.mailboxes import NOBODY, mail
from tests.house import event
from tests.imap.hand import NAMES, DovecotBackend, ProgramHand, done, program
from tests.imap.home import anew, at_dovecot
from tests.imap.programs import PASSWORD, Dovecot, dovecot, special

if TYPE_CHECKING:
    import imaplib
    from contextlib import AbstractContextManager
    from pathlib import Path

ANA = "ana@one.example"
PLACED, LATER, EVENING = "2026-03-03 13:30", "2026-03-03 14:00", "2026-03-03 20:00"
NEXT_DAY = "2026-03-04 12:00"


@pytest.fixture
def home(tmp_path: Path, server: Dovecot) -> Home:
    home = at_dovecot(tmp_path / "home", server)
    coffee(home, ANA)
    return home


def program_of(home: Home) -> AbstractContextManager[imaplib.IMAP4]:
    """A mail program of this user."""
    said = (home.root / "config" / "afterword.yaml").read_text()
    return program(int(said.partition("port: ")[2].partition(",")[0]), user(home), PASSWORD)


def user(home: Home) -> str:
    return home.mail.resolve().parent.name


def test_a_draft_is_placed_once_with_its_flag_and_its_date(home: Home, server: Dovecot) -> None:
    home.cycles(PLACED, LATER, EVENING)
    assert (home.to(), home.states()) == ([ANA], [State.PLACED])
    assert [record.account for record in home.records()] == [f"{user(home)}@127.0.0.1"]
    with program(server.port, user(home), PASSWORD) as connection:
        done(connection.select("Drafts"))
        (told,) = done(connection.fetch("1", "(FLAGS INTERNALDATE)"))
    assert rb"\Draft" in told
    assert b"03-Mar-2026 13:30:00 +0000" in told


def test_sent_from_another_program_and_answered(home: Home) -> None:
    home.cycles(PLACED)
    draft = home.id()
    home.move(draft, ".Sent")
    home.cycles(LATER)
    assert home.states() == [State.SENT]
    home.deliver(ANA, "2026-03-03 16:00", "Re: Thank you, Ana", In_Reply_To=draft)
    home.cycles(EVENING)
    assert home.states() == [State.ANSWERED]


def test_in_the_trash_it_is_vetoed_and_never_comes_again(home: Home) -> None:
    home.cycles(PLACED)
    home.move(home.id(), ".Trash")
    home.cycles(LATER, EVENING, NEXT_DAY)
    assert (home.states(), home.drafts()) == ([State.VETOED], [])


def test_marked_as_deleted_by_a_mail_program_it_is_vetoed(home: Home, server: Dovecot) -> None:
    home.cycles(PLACED)
    with program(server.port, user(home), PASSWORD) as connection:
        done(connection.select("Drafts"))
        done(connection.store("1", "+FLAGS", r"(\Deleted)"))
    home.cycles(LATER)
    assert home.states() == [State.VETOED]
    home.cycles(EVENING, NEXT_DAY)
    assert len(home.drafts()) == 1


def test_a_cancelled_meeting_takes_its_draft_along_and_nothing_else(home: Home) -> None:
    home.cycles(PLACED)
    with program_of(home) as connection:
        done(
            connection.append("Drafts", r"(\Draft \Deleted)", None, mail("<mine@example.org>").replace(b"\n", b"\r\n"))
        )
    coffee(home, ANA, status="CANCELLED", sequence=1)
    home.cycles(LATER)
    assert home.states() == [State.WITHDRAWN]
    assert [str(draft["Message-ID"]) for draft in home.drafts()] == ["<mine@example.org>"]
    assert not (home.state / "imap-removals.json").exists()


def test_an_edited_draft_is_left_alone(home: Home) -> None:
    home.cycles(PLACED)
    (draft,) = home.files(".Drafts")
    edited = draft.read_bytes().replace(b"Thank you for your time", b"Many thanks for your time")
    with program_of(home) as connection:
        ProgramHand(connection, NAMES).edit(home.id(), edited)
    coffee(home, ANA, status="CANCELLED", sequence=1)
    home.cycles(LATER, EVENING)
    assert (home.states(), len(home.drafts())) == ([State.EDITED], 1)


def test_a_mail_from_them_stops_the_check_in(tmp_path: Path, server: Dovecot) -> None:
    home = at_dovecot(tmp_path / "home", server, rules=CHECK_INS)
    coffee(home, ANA)
    home.cycles("2026-03-03 12:00", "2026-04-14 12:00")
    assert home.states() == [State.PLACED]
    home.deliver(ANA, "2026-04-14 15:00", "Long time no see")
    home.cycles("2026-04-14 16:00")
    assert (home.states(), home.drafts()) == ([State.WITHDRAWN], [])
    home.cycles("2026-04-20 12:00")
    assert home.drafts() == []


def test_what_the_server_says_ok_to_and_does_not_remove_is_no_draft_in_the_trash_and_goes_later(tmp_path: Path) -> None:
    """The user may mark a mail there and not remove it: Dovecot says OK to that (RFC 4314, without the right `e`)."""
    with dovecot(more="mail_plugins = acl\nplugin {\n  acl = vfile\n}") as server:
        backend = DovecotBackend(server)
        rights = backend.root / ".Drafts" / "dovecot-acl"
        rights.write_text("owner lrwstipk\n")
        server.give(rights)
        memory, mailbox = Keepsake(tmp_path / "removals.json", write=True), backend.mailbox()
        mailbox.place(mail())
        (draft,) = mailbox.look("", NOBODY).headers
        mailbox = backend.mailbox(memory)
        assert mailbox.remove(draft.ref, lambda _: True)
        assert mailbox.look("", NOBODY).headers == ()
        assert len(list((rights.parent / "cur").iterdir())) == 1
        rights.unlink()
        assert backend.mailbox(memory, tidies=True).look("", NOBODY).headers == ()
        assert list((rights.parent / "cur").iterdir()) == []


def test_of_too_many_folders_the_inbox_is_read_first() -> None:
    names = ["Drafts", "INBOX", *(f"Archive.{number:04}" for number in range(5000))]
    layout = layout_of((Listed(frozenset(), ".", name) for name in names), Configured(), "mail.example")
    assert [box.name for box in layout.boxes[:3]] == ["Drafts", "INBOX", "Archive.0000"]
    assert len(layout.boxes) < len(names)


@pytest.mark.parametrize("folders", [(".Drafts",), (".Drafts", ".Sent", ".Trash", "")])
def test_when_the_server_numbers_a_folder_anew_nothing_is_gone_and_nothing_made_again(
    home: Home, folders: tuple[str, ...]
) -> None:
    home.cycles(PLACED)
    home.put("bea", event("bea", "2026-03-03 11:30", "bea@two.example"))
    home.cycles("2026-03-03 15:00")
    home.move(next(str(d["Message-ID"]) for d in home.drafts() if "bea" in str(d["To"])), ".Sent")
    home.cycles("2026-03-03 15:05")
    for folder in folders:
        anew(home, folder)
    home.cycles("2026-03-03 15:10", EVENING, NEXT_DAY)
    assert (home.states(), home.to()) == ([State.PLACED, State.SENT], [ANA])
    coffee(home, ANA, status="CANCELLED", sequence=1)
    home.cycles("2026-03-04 12:05")
    assert (home.states(), home.to()) == ([State.WITHDRAWN, State.SENT], [])


def test_what_was_known_under_another_uidvalidity_names_nothing_any_more(backend: DovecotBackend) -> None:
    mailbox = backend.mailbox()
    mailbox.place(mail())
    look = mailbox.look("", frozenset())
    for path in (backend.root / ".Drafts").glob("dovecot*"):
        path.unlink()
    (now,) = backend.mailbox().look(look.note, frozenset()).headers
    assert (now.message_id, now.folder) == ("<one@example.org>", Folder.DRAFTS)
    assert now.ref != look.headers[0].ref
    with pytest.raises(Exception, match="made anew"):
        backend.mailbox().remove(look.headers[0].ref, lambda _: True)
    with pytest.raises(Exception, match="made anew"):
        backend.mailbox().read(look.headers[0].ref)
    assert backend.mailbox().look("", frozenset()).headers == (now,)


GERMAN = {Folder.DRAFTS: ".Entw&APw-rfe", Folder.SENT: ".Gesendet", Folder.TRASH: ".Papierkorb", Folder.OTHER: "."}


def test_drafts_in_another_language_are_found_by_their_name(backend: DovecotBackend, server: Dovecot) -> None:
    german = DovecotBackend(server, GERMAN)
    for name in (".Drafts", ".Sent", ".Trash"):
        (german.root / name).rename(german.root / f"{name}-old")
    assert german.mailbox().folders() == {
        Folder.DRAFTS: "Entwürfe", Folder.SENT: "Gesendet", Folder.TRASH: "Papierkorb",
    }  # fmt: skip
    german.mailbox().place(mail())
    german.user.move("<one@example.org>", Folder.SENT)
    assert [one.folder for one in german.mailbox().find(frozenset({"<one@example.org>"}))["<one@example.org>"]] == [
        Folder.SENT
    ]


def test_what_the_server_says_of_a_folder_goes_before_its_name() -> None:
    with dovecot(special(Notizen="Drafts", Drafts="Archive", Fort="Sent", Eimer="Trash")) as server:
        names = {Folder.DRAFTS: ".Notizen", Folder.SENT: ".Fort", Folder.TRASH: ".Eimer", Folder.OTHER: "."}
        backend = DovecotBackend(server, names)
        mailbox = backend.mailbox()
        assert mailbox.folders() == {Folder.DRAFTS: "Notizen", Folder.SENT: "Fort", Folder.TRASH: "Eimer"}
        mailbox.place(mail())
        assert len(list((backend.root / ".Notizen" / "cur").iterdir())) == 1


def test_a_folder_can_be_named_in_the_settings(tmp_path: Path, server: Dovecot) -> None:
    home = at_dovecot(tmp_path / "home", server, more=", drafts: Kunden/Später")
    server.folder(home.mail / ".Kunden.Sp&AOQ-ter")
    coffee(home, ANA)
    home.cycles(PLACED)
    assert len(home.files(".Kunden.Sp&AOQ-ter")) == 1
    assert home.drafts() == []
