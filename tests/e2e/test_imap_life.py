"""The whole promise at an IMAP server, with a real mail program: drafted, recalled, filled, sent and answered."""

from __future__ import annotations

import email
from typing import TYPE_CHECKING

import pytest

from tests.daemon.command import afterword
from tests.e2e.test_maildir_life import FILLING_EDITOR, command, once, states
from tests.e2e.test_neomutt import Neomutt
from tests.house import Household, event
from tests.imap.home import at_dovecot
from tests.imap.programs import PASSWORD, dovecot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DANA = "dana@acme.example"
MUTTRC = """
set folder="{root}" spoolfile="+INBOX" postponed="+Drafts" record="+Sent" trash="+Trash"
set imap_pass="PASSWORD" ssl_starttls=no ssl_force_tls=no imap_check_subscribed=no
set realname="Robin Vale" from="{me}" editor="{tools}/editor" sendmail="{tools}/sendmail"
set copy=yes delete=yes confirmappend=no confirmcreate=no wait_key=no sleep_time=0 mail_check=1 timeout=1
set abort_noattach=no fcc_before_send=no sendmail_wait=0 send_charset="us-ascii:utf-8" charset="utf-8"
""".replace("PASSWORD", PASSWORD)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Household]:
    """A meeting with Dana that ends at eleven, and a mailbox at Dovecot."""
    with dovecot() as server:
        home = at_dovecot(tmp_path / "home", server)
        home.put("dana", event("dana", "2026-03-03 10:00", DANA))
        assert [one["gaps"] for one in once(home, "03T13:30")["placed"]] == [1]
        yield home


@pytest.fixture
def neomutt(home: Household, tmp_path: Path) -> Iterator[Neomutt]:
    program = neomutt_by_imap(home, tmp_path / "tools")
    yield program
    program.end()


def neomutt_by_imap(home: Household, tools: Path) -> Neomutt:
    """neomutt at the mailbox that the settings name; its editor fills the gap of a note."""
    said = (home.root / "config" / "afterword.yaml").read_text()
    port = said.partition("port: ")[2].partition(",")[0]
    user = home.mail.resolve().parent.name
    program = Neomutt(f"imap://{user}@127.0.0.1:{port}/", tools, MUTTRC)
    (tools / "editor").write_text(FILLING_EDITOR.format(tools=tools))
    return program


def test_a_draft_is_recalled_filled_sent_and_answered(neomutt: Neomutt, home: Household) -> None:
    (draft,) = home.drafts()
    neomutt.shows("NeoMutt:")
    neomutt.keys("R")
    neomutt.opened()
    meanwhile = once(home, "03T13:35")
    assert (meanwhile["placed"], meanwhile["changed"]) == ([], [])
    neomutt.write("Your garden of ideas stayed with me.")
    neomutt.shows("y:Send")
    neomutt.keys("y")
    sent = email.message_from_bytes(neomutt.sent())
    text = sent.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert b"Your garden of ideas stayed with me." in text
    assert (sent["Message-ID"], sent["To"]) == (draft["Message-ID"], draft["To"])
    neomutt.until(lambda: len(home.files(".Sent")) == 1, "the mail in Sent")

    assert states(once(home, "03T14:00")) == ["sent"]
    home.deliver(DANA, "2026-03-03 16:00", "Re: Thank you, Dana", In_Reply_To=str(draft["Message-ID"]))
    assert states(once(home, "03T16:05")) == ["answered"]
    for moment in ("03T16:10", "20T12:00"):
        later = once(home, moment)
        assert (later["placed"], later["changed"], later["withdrawn"]) == ([], [], [])


def test_a_draft_that_is_deleted_in_the_mail_program_is_vetoed(neomutt: Neomutt, home: Household) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=Drafts", "Enter")
    neomutt.shows("Thank you, Dana")
    neomutt.keys("d", "$")
    neomutt.until(lambda: home.files(".Drafts") == [], "the draft gone")
    assert states(once(home, "03T13:40")) == ["vetoed"]
    assert once(home, "03T20:00")["placed"] == []


def test_check_names_the_folders_it_found(home: Household) -> None:
    told = command(home, "03T13:40", "check", "--connect")
    assert told["problems"] == []
    places = ("--config", str(home.root / "config"), "--state", str(home.state))
    words = afterword(home.root, *places, "check", "--connect").out
    assert "mailbox: Drafts is Drafts, Sent is Sent, Trash is Trash" in words
