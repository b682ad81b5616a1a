"""What other programs keep in a home folder is found where they say it is, and nothing is taken for more than it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daemon import place
from daemon.discover import Machine, address_books, calendars, mailboxes

if TYPE_CHECKING:
    from pathlib import Path

EVENT = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCALENDAR\n"
KHAL = "[calendars]\n\n[[home]]\npath = ~/dates/home/\n\n[[others]]\npath = $HOME/shared/*\ntype = discover\n"
VDIRSYNCER = """\
[general]
status_path = "~/.vdirsyncer/status/"
[storage my_calendars]
type = "filesystem"
path = "~/synced/dates/"
fileext = ".ics"
[storage my_contacts]
type = "filesystem"
path = "~/synced/cards/"
fileext = ".vcf"
[storage theirs]
type = "caldav"
url = "https://cloud.example/"
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, tmp_path / ".local" / "share", tmp_path / ".config")


def write(file: Path, text: str = EVENT) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def maildir(*folders: Path) -> None:
    for folder in folders:
        for name in ("cur", "new", "tmp"):
            (folder / name).mkdir(parents=True)


def paths(found: tuple[object, ...]) -> list[str]:
    return [getattr(one, "path", "") for one in found]


def test_in_an_empty_home_nothing_is_found(machine: Machine) -> None:
    assert (calendars(machine), address_books(machine), mailboxes(machine)) == ((), (), ())


def test_the_usual_folders_of_calendars_are_found_with_what_is_in_them(machine: Machine) -> None:
    for name in ("work/a.ics", "work/b.ics", "home/c.ics", "work/.d.ics", "work/e.txt", "too/deep/f.ics"):
        write(machine.home / ".calendars" / name)
    (machine.home / "Calendars").mkdir()
    (found,) = calendars(machine)
    assert (found.path, found.about) == ("~/.calendars", "3 event files")


def test_khal_and_vdirsyncer_say_where_calendars_are(machine: Machine) -> None:
    write(machine.config / "khal" / "config", KHAL)
    write(machine.config / "vdirsyncer" / "config", VDIRSYNCER)
    for name in ("dates/home/a.ics", "shared/team/b.ics", "synced/dates/work/c.ics"):
        write(machine.home / name)
    assert paths(calendars(machine)) == ["~/dates/home", "~/shared", "~/synced/dates"]


def test_what_is_read_with_the_folder_around_it_is_offered_once(machine: Machine) -> None:
    write(machine.config / "khal" / "config", "[calendars]\n[[home]]\npath = ~/.calendars/home\n")
    write(machine.home / ".calendars" / "home" / "a.ics")
    write(machine.home / ".calendars" / "work" / "b.ics")
    (machine.home / "calendars").symlink_to(machine.home / ".calendars")
    assert paths(calendars(machine)) == ["~/.calendars"]


def test_collections_two_folders_deep_are_not_hidden_by_a_folder_that_is_not_read_so_deep(machine: Machine) -> None:
    write(machine.data / "vdirsyncer" / "calendars" / "work" / "a.ics")
    assert paths(calendars(machine)) == ["~/.local/share/vdirsyncer/calendars"]


def test_calendars_of_desktop_programs_come_last_with_their_names_and_only_with_events(machine: Machine) -> None:
    evolution = machine.data / "evolution" / "calendar"
    write(evolution / "system" / "calendar.ics")
    write(evolution / "0b5e" / "calendar.ics", EVENT * 2)
    write(evolution / "empty" / "calendar.ics", "BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    write(machine.config / "evolution" / "sources" / "0b5e.source", "[Data Source]\nDisplayName=Family\n")
    write(machine.data / "korganizer" / "std.ics")
    write(machine.home / ".calendars" / "a.ics")
    first, *others = calendars(machine)
    assert (first.path, first.lesser) == ("~/.calendars", False)
    assert all(one.lesser for one in others)
    assert [one.about for one in others] == [
        "2 events, Family in Evolution or GNOME Calendar",
        "1 event, Personal in Evolution or GNOME Calendar",
        "1 event, KOrganizer",
    ]


@pytest.mark.parametrize(
    "text", ["[", "\0\x1b[2J", "[calendars]\n[[a]]\npath =\n[[b]]\npath = relative/*\n", "=" * 9999]
)
def test_settings_of_others_that_make_no_sense_are_no_calendars(machine: Machine, text: str) -> None:
    write(machine.config / "khal" / "config", text)
    write(machine.config / "vdirsyncer" / "config", text)
    assert calendars(machine) == ()


def test_a_name_that_no_settings_can_hold_is_not_offered(machine: Machine) -> None:
    write(machine.data / "korganizer" / "a\x1b[2J.ics")
    assert calendars(machine) == ()


def test_address_books_of_khard_vdirsyncer_and_the_usual_places(machine: Machine) -> None:
    write(machine.config / "khard" / "khard.conf", "[addressbooks]\n[[family]]\npath = ~/people/family/\n")
    write(machine.config / "vdirsyncer" / "config", VDIRSYNCER)
    for name in ("people/family/a.vcf", "synced/cards/b/b.vcf", ".contacts/c/c.vcf", ".contacts/c/d.vcf"):
        write(machine.home / name)
    found = address_books(machine)
    assert paths(found) == ["~/people/family", "~/synced/cards", "~/.contacts"]
    assert found[-1].about == "2 cards"


def test_a_maildir_is_told_with_its_drafts_and_its_mails(machine: Machine) -> None:
    root = machine.home / "Maildir"
    maildir(root, root / ".Drafts", root / ".Sent")
    for name in ("cur/1:2,S", "new/2", ".Sent/cur/3:2,S", ".Drafts/cur/4:2,D"):
        write(root / name)
    (found,) = mailboxes(machine)
    assert (found.path, found.about, found.lesser) == ("~/Maildir", "3 mails, Drafts is .Drafts", False)


def test_plain_folders_are_one_mailbox_and_accounts_as_mbsync_keeps_them_are_each_one(machine: Machine) -> None:
    mail, other = machine.home / "Mail", machine.home / ".mail"
    maildir(mail / "work" / "INBOX", mail / "work" / "Drafts", mail / "home" / "Inbox", mail / "home" / "Entwürfe")
    maildir(other / "INBOX", other / "Drafts")
    found = mailboxes(machine)
    assert paths(found) == ["~/Mail/home", "~/Mail/work", "~/.mail"]
    assert found[0].about == "0 mails, Drafts is Entwürfe"


def test_an_inbox_alone_is_a_mailbox_whose_drafts_are_made(machine: Machine) -> None:
    maildir(machine.home / "Maildir", machine.data / "mail" / "work" / ".Drafts")
    first, second = mailboxes(machine)
    assert first.path == "~/.local/share/mail/work"
    assert second.about == "0 mails, Drafts is .Drafts (made with the first draft)"


def test_where_no_drafts_are_known_the_mailbox_comes_last_and_says_so(machine: Machine) -> None:
    maildir(machine.home / "Mail" / "lists", machine.home / "Mail" / "family")
    (found,) = mailboxes(machine)
    assert (found.path, found.about, found.lesser) == ("~/Mail", "no folder there is known as Drafts", True)


@pytest.mark.parametrize("name", ["Mail", "mail", ".mail"])
def test_a_folder_of_something_else_is_no_mailbox(machine: Machine, name: str) -> None:
    write(machine.home / name / "mbox")
    (machine.home / name / "work").mkdir()
    assert mailboxes(machine) == ()


def test_the_folders_of_data_and_settings_are_those_of_the_environment(tmp_path: Path) -> None:
    told = {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": "relative"}
    machine = Machine.of(told)
    assert (machine.data, machine.config) == (tmp_path / "data", machine.home / ".config")


def test_addresses_are_those_of_the_mail_programs_and_of_git_and_none_that_no_mail_reaches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "gitconfig", "[user]\n\tname = Robin Vale\n\temail = robin@work.example\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    assert place.git("user.name") == "Robin Vale"
    assert place.addresses({"EMAIL": "Robin <robin@example.org>"}) == ("robin@example.org", "robin@work.example")
    assert place.addresses({"EMAIL": "Robin@Work.example"}) == ("robin@work.example",)
    write(tmp_path / "gitconfig", "[user]\n\temail = 12+robin@users.noreply.github.com\n")
    assert place.addresses({"EMAIL": "robin@localhost"}) == ()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert place.git("user.name") == ""
