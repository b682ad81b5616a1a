"""A draft of ours in a real mail program: recalled, edited, postponed again, sent."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder, Header
from connectors.mailboxes.maildir import Maildir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ME = "robin@example.org"
DANA = "dana@acme.example"
ONE = "<q8x2.1@example.org>"
DEADLINE = 20.0
DRAFT = f"""From: Robin Vale <{ME}>
To: Dana Okafor <{DANA}>
Subject: Thank you, Dana
Date: Tue, 03 Mar 2026 18:00:00 +0000
Message-ID: {ONE}
In-Reply-To: <before@acme.example>
References: <first@acme.example> <before@acme.example>
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: 8bit

Dear Dana,

thank you for your time on Tuesday. Grüße!
""".encode()

MUTTRC = """
set folder="{root}" mbox_type=Maildir spoolfile="{root}" postponed="+.Drafts" record="+.Sent" trash="+.Trash"
set realname="Robin Vale" from="{me}" editor="{tools}/editor" sendmail="{tools}/sendmail"
set copy=yes delete=yes confirmappend=no confirmcreate=no wait_key=no sleep_time=0 mail_check=1 timeout=1
set abort_noattach=no fcc_before_send=no sendmail_wait=0 send_charset="us-ascii:utf-8" charset="utf-8"
"""

EDITOR = """#!/bin/sh
# Opens, waits to be told, writes one line more.
touch "{tools}/opened"
read -r words < "{tools}/words"
printf '%s\\n' "$words" >> "$1"
"""

SENDMAIL = """#!/bin/sh
cat > "{tools}/sent.part" && mv "{tools}/sent.part" "{tools}/sent"
"""


def _needed(*programs: str) -> None:
    """Skip where one of these is missing; in CI that is a failure."""
    if lacking := [program for program in programs if not shutil.which(program)]:
        told = f"needs {' and '.join(lacking)}: apt-get install {' '.join(programs)}"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(told)


class Neomutt:
    """neomutt in a terminal of its own, on a Maildir; or as `muttrc` has it."""

    def __init__(self, root: Path | str, tools: Path, muttrc: str = MUTTRC) -> None:
        _needed("neomutt", "tmux")
        self._tools = tools
        tools.mkdir()
        for name, text in (("editor", EDITOR), ("sendmail", SENDMAIL), ("muttrc", muttrc)):
            (tools / name).write_text(text.format(root=root, me=ME, tools=tools))
            (tools / name).chmod(0o755)
        os.mkfifo(tools / "words")
        self._words = os.open(tools / "words", os.O_RDWR)
        self._sockets = tempfile.mkdtemp(prefix="tmux")
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tools),
            "TMUX_TMPDIR": self._sockets,
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
        }
        command = f"neomutt -n -F {tools}/muttrc"
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", command)
        self._pid = int(self.tmux("display-message", "-p", "#{pid}"))

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", "neomutt", *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=True,
        )
        return done.stdout

    def screen(self) -> str:
        return self.tmux("capture-pane", "-p")

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Look again and again, as fast as the terminal tells what it shows."""
        end = time.monotonic() + DEADLINE
        while not condition():
            screen = self.screen()
            assert time.monotonic() < end, f"{what} has not come:\n{screen}"

    def shows(self, text: str) -> None:
        self.until(lambda: text in self.screen(), f"{text!r} on the screen")

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)

    def opened(self) -> None:
        """The editor has the draft."""
        self.until((self._tools / "opened").exists, "the editor")
        (self._tools / "opened").unlink()

    def write(self, words: str) -> None:
        """One line more, and the editor is closed."""
        os.write(self._words, f"{words}\n".encode())

    def sent(self) -> bytes:
        """What was handed over for delivery."""
        self.until((self._tools / "sent").exists, "a mail on its way")
        return (self._tools / "sent").read_bytes()

    def end(self) -> None:
        terminal = os.pidfd_open(self._pid)
        os.kill(self._pid, signal.SIGTERM)
        select.select([terminal], [], [], DEADLINE)
        os.close(terminal)
        os.close(self._words)
        shutil.rmtree(self._sockets, ignore_errors=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (".", ".Drafts", ".Sent", ".Trash"):
        for inside in ("cur", "new", "tmp"):
            (tmp_path / "mail" / name / inside).mkdir(parents=True, exist_ok=True)
    return tmp_path / "mail"


@pytest.fixture
def mailbox(root: Path) -> Maildir:
    mailbox = Maildir(root, frozenset({ME}))
    mailbox.place(DRAFT)
    return mailbox


@pytest.fixture
def neomutt(root: Path, mailbox: Maildir, tmp_path: Path) -> Iterator[Neomutt]:
    program = Neomutt(root, tmp_path / "tools")
    yield program
    program.end()


def headers(mailbox: Maildir) -> list[Header]:
    return list(mailbox.look("", frozenset({DANA})).headers)


def in_folders(mailbox: Maildir) -> list[tuple[str, Folder]]:
    return [(header.message_id, header.folder) for header in headers(mailbox)]


def recall(neomutt: Neomutt, mailbox: Maildir) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("R")
    neomutt.opened()


def test_a_draft_is_listed_in_the_drafts_folder(neomutt: Neomutt) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=.Drafts", "Enter")
    neomutt.shows("Thank you, Dana")


def test_while_a_draft_is_open_in_the_editor_it_is_in_no_folder(neomutt: Neomutt, mailbox: Maildir) -> None:
    recall(neomutt, mailbox)
    neomutt.until(lambda: in_folders(mailbox) == [], "the draft out of Drafts")
    neomutt.write("And one more thing.")
    neomutt.shows("Thank you, Dana")


def test_a_draft_recalled_inside_the_drafts_folder_lies_there_twice_until_the_program_tidies_up(
    neomutt: Neomutt, mailbox: Maildir
) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=.Drafts", "Enter")
    neomutt.shows("Thank you, Dana")
    neomutt.keys("R")
    neomutt.opened()
    assert in_folders(mailbox) == [(ONE, Folder.DRAFTS)]
    neomutt.write("And one more thing.")
    neomutt.shows("y:Send")
    neomutt.keys("P")
    neomutt.until(lambda: in_folders(mailbox) == [(ONE, Folder.DRAFTS)] * 2, "the edited draft beside the first")
    neomutt.keys("$")
    neomutt.until(lambda: in_folders(mailbox) == [(ONE, Folder.DRAFTS)], "the edited draft alone")
    assert b"And one more thing." in (mailbox.read(headers(mailbox)[0].ref) or b"")


def test_a_draft_edited_and_postponed_is_seen_as_another_text_of_the_same_mail(
    neomutt: Neomutt, mailbox: Maildir
) -> None:
    (before,) = headers(mailbox)
    recall(neomutt, mailbox)
    neomutt.write("And one more thing.")
    neomutt.shows("y:Send")
    neomutt.keys("P")
    neomutt.until(lambda: in_folders(mailbox) == [(ONE, Folder.DRAFTS)], "the draft in Drafts again")
    (after,) = headers(mailbox)
    text = mailbox.read(after.ref) or b""
    assert (after.ref, after.tag) != (before.ref, before.tag)
    assert after.references == before.references
    assert "Grüße!\nAnd one more thing.\n" in text.decode()
    assert not mailbox.remove(after.ref, lambda now: now == DRAFT)


def test_a_draft_that_is_sent_is_seen_in_sent_with_its_message_id(neomutt: Neomutt, mailbox: Maildir) -> None:
    note = mailbox.look("", frozenset({DANA})).note
    recall(neomutt, mailbox)
    neomutt.write("And one more thing.")
    neomutt.shows("y:Send")
    neomutt.keys("y")
    sent = neomutt.sent()
    neomutt.until(lambda: in_folders(mailbox) == [(ONE, Folder.SENT)], "the mail in Sent")
    assert [header.folder for header in mailbox.look(note, frozenset({DANA})).headers] == [Folder.SENT]
    assert [header.folder for header in mailbox.find(frozenset({ONE}))[ONE]] == [Folder.SENT]
    assert f"Message-ID: {ONE}".encode() in sent
    assert b"In-Reply-To: <before@acme.example>" in sent


def test_a_draft_deleted_in_the_mail_program_is_seen_in_the_trash(neomutt: Neomutt, mailbox: Maildir) -> None:
    neomutt.shows("NeoMutt:")
    neomutt.keys("c", "=.Drafts", "Enter")
    neomutt.shows("Thank you, Dana")
    neomutt.keys("d", "$")
    neomutt.until(lambda: in_folders(mailbox) == [(ONE, Folder.TRASH)], "the draft in the trash")
