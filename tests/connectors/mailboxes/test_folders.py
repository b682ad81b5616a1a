from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder, PermanentError, PermissionNeededError, TransientError
from connectors.mailboxes import names
from connectors.mailboxes.faults import fault
from connectors.mailboxes.folders import Configured, layout_of
from connectors.mailboxes.maildir import Maildir
from tests.conformance.mailboxes import DANA, MINE, NOBODY, mail, seen
from tests.connectors.mailboxes.hand import files, make

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = Configured()


def found(root: Path, configured: Configured = NOTHING) -> dict[str, Folder | None]:
    return {box.key: box.folder for box in layout_of(root, configured).boxes}


@pytest.mark.parametrize(
    "name",
    [
        ".Drafts", ".drafts", ".DRAFTS", ".INBOX.Drafts", ".[Gmail].Drafts", ".Entw&APw-rfe", ".Entwürfe",
        ".Entwu\u0308rfe", ".INBOX.Entw&APw-rfe", ".[Google Mail].Entw&APw-rfe", ".Brouillons", ".Borradores",
        ".Rascunhos", ".Bozze", ".Concepten", ".Robocze", ".Szkice", ".Utkast", ".Kladder", ".Luonnokset",
        ".&BCcENQRABD0EPgQyBDgEOgQ4-", ".&g0l6Pw-",
        "Drafts", "drafts", "Entwürfe", "Entw&APw-rfe", "INBOX/Drafts", "INBOX/.Drafts", "Inbox.Drafts",
        "[Gmail]/Drafts", "[Gmail].Drafts", "[Google Mail]/Entw&APw-rfe", "postponed",
    ],
)  # fmt: skip
def test_drafts_is_found_in_the_usual_places_and_languages(tmp_path: Path, name: str) -> None:
    root = make(tmp_path, "." if name.startswith(".") else "INBOX", name, ".Other" if name.startswith(".") else "Other")
    Maildir(root, MINE).place(mail())
    assert len(files(root / name)) == 1
    assert seen(Maildir(root, MINE)) == {"<one@example.org>": Folder.DRAFTS}


@pytest.mark.parametrize(
    ("sent", "trash"),
    [
        (".Sent", ".Trash"), (".Sent Messages", ".Deleted Messages"), (".Gesendet", ".Papierkorb"),
        (".Gesendete Objekte", ".Gel&APY-schte Objekte"), (".[Gmail].Sent Mail", ".[Gmail].Bin"),
        (".INBOX.Sent", ".INBOX.Trash"), ("Envoy&AOk-s", "Corbeille"), ("Enviados", "Papelera"), ("Enviadas", "Lixo"),
        ("Itens Enviados", "Lixeira"), ("Posta inviata", "Cestino"), ("Verzonden", "Prullenbak"),
        ("Wys&AUI-ane", "Kosz"), ("Skickat", "Papperskorgen"), ("[Gmail]/Sent Mail", "[Gmail]/Trash"),
    ],
)  # fmt: skip
def test_sent_and_trash_are_found_in_the_usual_places_and_languages(tmp_path: Path, sent: str, trash: str) -> None:
    root = make(tmp_path, ".", ".Drafts", sent, trash)
    (root / sent / "cur" / "1.a.host:2,S").write_bytes(mail("<sent@example.org>"))
    (root / trash / "cur" / "1.a.host:2,S").write_bytes(mail("<trash@example.org>"))
    assert seen(Maildir(root, MINE), DANA) == {"<sent@example.org>": Folder.SENT, "<trash@example.org>": Folder.TRASH}


def test_no_name_means_two_things() -> None:
    kinds = [frozenset(names.DRAFTS), names.SENT, names.TRASH, names.APART, names.ORDINARY]
    for number, kind in enumerate(kinds):
        assert all(names.plain(name) == name for name in kind)
        for other in kinds[number + 1 :]:
            assert not kind & other


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Entw&APw-rfe", "Entwürfe"), ("Tom &- Jerry", "Tom & Jerry"), ("&ZeVnLIqe-", "日本語"), ("a+b", "a+b"),
        ("&invalid", "&invalid"), ("&A-", "&A-"), ("", ""),
    ],
)  # fmt: skip
def test_modified_utf_7_is_read(raw: str, name: str) -> None:
    assert names.decoded(raw) == name


def test_of_several_drafts_folders_the_plainest_gets_the_drafts_and_all_are_seen(tmp_path: Path) -> None:
    root = make(tmp_path, ".", ".[Gmail].Drafts", ".Entw&APw-rfe", ".Drafts")
    (root / ".[Gmail].Drafts" / "cur" / "1.a.host:2,D").write_bytes(mail("<two@example.org>"))
    Maildir(root, MINE).place(mail())
    assert len(files(root / ".Drafts")) == 1
    assert seen(Maildir(root, MINE)) == {"<one@example.org>": Folder.DRAFTS, "<two@example.org>": Folder.DRAFTS}


def test_a_folder_of_somebody_called_sent_is_an_ordinary_one(tmp_path: Path) -> None:
    assert found(make(tmp_path, ".", ".Drafts", ".Clients.Sent"))[".Clients.Sent"] is Folder.OTHER


@pytest.mark.parametrize(
    ("folder", "typed"),
    [
        (".Konzepte", ".Konzepte"), (".Konzepte", "Konzepte"), (".Konzepte", "konzepte"), (".Pl&AOQ-ne", "Pläne"),
        ("work/Drafts", "work/Drafts"), (".work.Drafts", "work/Drafts"), (".work.Drafts", "work.Drafts"),
        (".work.Drafts", ".work.Drafts"), ("To Send", "To Send"), ("To Send", "To Send/"),
    ],
)  # fmt: skip
def test_a_configured_folder_is_known_by_its_path_or_its_name(tmp_path: Path, folder: str, typed: str) -> None:
    root = make(tmp_path, ".", ".Drafts", folder)
    mailbox = Maildir(root, MINE, drafts=typed)
    mailbox.place(mail())
    assert len(files(root / folder)) == 1
    assert seen(mailbox) == {"<one@example.org>": Folder.DRAFTS}


def test_sent_and_trash_can_be_configured(tmp_path: Path) -> None:
    root = make(tmp_path, ".", ".Drafts", ".Done", ".Away")
    layout = found(root, Configured(sent="Done", trash=".Away"))
    assert (layout[".Done"], layout[".Away"]) == (Folder.SENT, Folder.TRASH)


def test_sent_and_trash_beside_a_configured_drafts_are_its_own(tmp_path: Path) -> None:
    root = make(tmp_path, "work/Drafts", "work/Sent", "work/Trash", "home/Drafts", "home/Sent", "work/INBOX")
    assert found(root, Configured(drafts="work/Drafts")) == {
        "work/Drafts": Folder.DRAFTS,
        "work/Sent": Folder.SENT,
        "work/Trash": Folder.TRASH,
        "work/INBOX": Folder.OTHER,
        "home/Drafts": Folder.OTHER,
        "home/Sent": Folder.OTHER,
    }


def test_a_drafts_folder_outside_the_maildir_can_be_configured(tmp_path: Path) -> None:
    root = make(tmp_path / "inbox", ".")
    outside = make(tmp_path / "drafts", ".")
    mailbox = Maildir(root, MINE, drafts=str(outside))
    mailbox.place(mail())
    (header,) = mailbox.look("", NOBODY).headers
    assert len(files(outside)) == 1
    assert mailbox.read(header.ref) == mail()


# --- a Maildir that is not whole ---------------------------------------------------------------------------


@pytest.mark.parametrize("there", [(), (".",), (".", ".Sent", ".Trash", ".Junk", ".Archive", ".Archive.2025")])
def test_a_fresh_maildir_gets_its_drafts_with_the_first_draft_and_not_before(
    tmp_path: Path, there: tuple[str, ...]
) -> None:
    mailbox = Maildir(make(tmp_path, *there), MINE)
    before = sorted(tmp_path.rglob("*"))
    look = mailbox.look("", NOBODY)
    assert mailbox.find(frozenset({"<one@example.org>"})) == {}
    assert sorted(tmp_path.rglob("*")) == before
    mailbox.place(mail())
    assert (tmp_path / ".Drafts" / "maildirfolder").exists()
    assert sorted(path.name for path in (tmp_path / ".Drafts").iterdir()) == ["cur", "maildirfolder", "new", "tmp"]
    assert len(mailbox.look(look.note, NOBODY).headers) == 1


def test_a_folder_that_may_be_the_drafts_under_another_name_is_asked_about(tmp_path: Path) -> None:
    root = make(tmp_path, ".", ".Konzepte", ".Sent")
    with pytest.raises(PermanentError, match="no drafts folder") as refused:
        Maildir(root, MINE).look("", NOBODY)
    assert ".Konzepte" in (refused.value.hint or "")
    assert "`drafts:`" in (refused.value.hint or "")


def test_plain_folders_without_drafts_are_asked_about(tmp_path: Path) -> None:
    root = make(tmp_path / "My Mail", "INBOX", "Sent")
    with pytest.raises(PermanentError, match="no drafts folder") as refused:
        Maildir(root, MINE).place(mail())
    command = (refused.value.hint or "").rpartition("make one: ")[2].strip("`")
    subprocess.run(["bash", "-c", command], check=True)
    Maildir(root, MINE).place(mail())
    assert len(files(root / "Drafts")) == 1


def test_a_maildir_that_is_not_there_is_a_slip_of_the_pen(tmp_path: Path) -> None:
    root = tmp_path / "Mial of Robin"
    with pytest.raises(PermanentError, match="no Maildir at") as refused:
        Maildir(root, MINE).look("", NOBODY)
    assert f"`mkdir -p '{root}'/{{cur,new,tmp}}`" in (refused.value.hint or "")
    assert not root.exists()


def test_a_maildir_is_made_where_that_is_asked_for(tmp_path: Path) -> None:
    mailbox = Maildir(tmp_path / "a" / "mail", MINE, create=True)
    mailbox.place(mail())
    assert len(files(tmp_path / "a" / "mail" / ".Drafts")) == 1


def test_a_folder_that_is_no_maildir_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Documents").mkdir()
    with pytest.raises(PermanentError, match="is not a Maildir"):
        Maildir(tmp_path, MINE).place(mail())
    (tmp_path / "mbox").write_text("From robin\n")
    with pytest.raises(PermanentError):
        Maildir(tmp_path / "mbox", MINE).look("", NOBODY)


def test_a_configured_folder_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    root = make(tmp_path, ".", ".Entwuerfe")
    with pytest.raises(PermanentError, match="Entwurfe") as refused:
        Maildir(root, MINE, drafts="Entwurfe").place(mail())
    assert ".Entwuerfe" in (refused.value.hint or "")
    assert "`drafts:`" in (refused.value.hint or "")


def test_a_disk_that_is_not_mounted_is_not_a_hand_that_deleted_every_draft(tmp_path: Path) -> None:
    root = make(tmp_path / "mail", ".", ".Drafts")
    mailbox = Maildir(root, MINE)
    mailbox.place(mail())
    note = mailbox.look("", NOBODY).note
    root.rename(tmp_path / "away")
    with pytest.raises(PermanentError):
        mailbox.look(note, NOBODY)
    root.mkdir()
    with pytest.raises(PermanentError, match=r"\.Drafts"):
        mailbox.look(note, NOBODY)


def test_a_directory_closed_to_us_matters_only_when_it_is_a_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make(tmp_path, ".", ".Drafts", ".Sent", "lost+found")
    real = os.scandir
    closed = {root / "lost+found"}

    def refuse(path: Path) -> object:
        if path in closed:
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert Maildir(root, MINE).look("", NOBODY).headers == ()
    closed.add(root / ".Sent")
    with pytest.raises(PermissionNeededError, match=r"\.Sent"):
        Maildir(root, MINE).look("", NOBODY)


def test_links_that_lead_nowhere_or_to_themselves_are_passed_over(tmp_path: Path) -> None:
    root = make(tmp_path, ".", ".Drafts")
    (root / "nowhere").symlink_to(root / "nothing")
    (root / "itself").symlink_to(root / "itself")
    assert found(root) == {"": Folder.OTHER, ".Drafts": Folder.DRAFTS}


@pytest.mark.parametrize(
    ("number", "kind", "remedy"),
    [
        (28, TransientError, "room"), (122, TransientError, "room"), (13, PermissionNeededError, "chmod"),
        (1, PermissionNeededError, "chmod"), (30, PermissionNeededError, "read-only"), (2, PermanentError, "mounted"),
        (20, PermanentError, "mounted"), (5, TransientError, "again"),
    ],
)  # fmt: skip
def test_an_error_of_the_file_system_says_what_to_do(
    tmp_path: Path, number: int, kind: type[Exception], remedy: str
) -> None:
    error = fault(OSError(number, os.strerror(number)), tmp_path, "write to")
    assert isinstance(error, kind)
    assert str(tmp_path) in error.message
    assert remedy in (error.hint or "")
