"""Cases: faults of the machine and the state. Each docstring is the sentence of the case.

Killed at every I/O, and twice, is `tests/daemon/crash/test_deaths.py`.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
from typing import TYPE_CHECKING

import pytest

from daemon import locks
from daemon.ledger import Ledger, store
from rules.history import State
from tests.build import at
from tests.cases.home import Home, coffee
from tests.house import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cases.conftest import Moves

ANA, BEN, CEM, DAN = "ana@one.example", "ben@two.example", "cem@three.example", "dan@four.example"
MET, BEFORE, DUE, SOON = "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-03 13:00", "2026-03-03 13:30"
NOBODY = 65534


def in_a_child(work: Callable[[], int]) -> int:
    """Work in a forked child, for what cannot be undone; its exit code."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_two_cycles_at_once(settle: Moves) -> None:
    """Two services at once: the second is told who is at work, ends with 75, and does nothing."""
    home = settle()
    coffee(home, ANA)
    home.state.mkdir()
    with locks.take(home.state, locks.CYCLE, "once", at(DUE)):
        code, told, said = home.command("once", when=DUE)
    assert code == 75
    assert f"process {os.getpid()}" in told["problems"][0]["message"]
    assert "--state" in said
    assert home.files(".Drafts") == []
    assert home.command("once", when=DUE)[0] == 0
    assert home.to() == [ANA]


@pytest.mark.parametrize("parts", ["folder", "folder and ledger"])
def test_the_state_folder_read_only(settle: Moves, parts: str) -> None:
    """The state folder read-only: told, with the remedy; nothing is drafted, for it could not be remembered."""
    home = settle()
    home.once(BEFORE)
    coffee(home, ANA)
    for path in (*home.root.parents[:1], home.root):
        path.chmod(0o755)
    for path in home.root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for path in (home.mail, *home.mail.rglob("*")):
        path.chmod(0o777)
    if parts == "folder":
        (home.state / store.NAME).chmod(0o666)
    home.state.chmod(0o555)

    def work() -> int:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        code, told, _ = home.command("once", when=DUE)
        assert told["problems"][0]["hint"]
        return code

    home.command("status", when=DUE)  # what a command imports is there before the child loses its rights
    assert in_a_child(work) == 77
    assert home.files(".Drafts") == []
    home.state.chmod(0o755)
    home.once(SOON)
    assert home.to() == [ANA]


def test_a_file_in_the_place_of_the_state_folder(settle: Moves) -> None:
    """The state folder cannot be made: told, and nothing is done."""
    home = settle()
    coffee(home, ANA)
    home.state.write_text("not a folder")
    code, _, said = home.command("once", when=DUE)
    assert code == 2  # it was typed on the command line
    assert str(home.state) in said
    below = Home(home.root / "config" / "people.yaml")
    code, told, _ = below.command("--config", str(home.root / "config"), "once", when=DUE)
    assert code == 75
    assert "--state" in told["problems"][0]["hint"]
    assert home.files(".Drafts") == []
    assert home.state.read_text() == "not a folder"


@pytest.mark.parametrize("size", [0, 100, 600, 5_000, 40_000, 70_000, 100_000, 130_000])
def test_the_disk_full(settle: Moves, size: int) -> None:
    """The disk full: no file grows beyond this. Nothing is half written, and the next cycle makes one draft."""
    home = settle()
    coffee(home, ANA, BEN)

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        return home.command("once", when=DUE)[0]

    code = in_a_child(work)
    written = len(home.files(".Drafts"))
    assert code in ({0} if written == 2 else {1, 75})
    assert all(b"Robin" in path.read_bytes() for path in home.files(".Drafts"))
    home.cycles(SOON, "2026-03-03 13:35")
    assert home.to() == [ANA, BEN]
    assert home.states() == [State.PLACED] * 2
    assert list((home.mail / ".Drafts" / "tmp").iterdir()) == []


@pytest.mark.parametrize("how", ["EXCLUSIVE", "IMMEDIATE"])
def test_the_database_locked(settle: Moves, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """The database locked: by another connection, for longer than is worth waiting for."""
    monkeypatch.setattr(store, "BUSY", 0.1)
    home = settle()
    home.once(BEFORE)
    coffee(home, ANA)
    other = sqlite3.connect(home.state / store.NAME, isolation_level=None)
    other.execute(f"BEGIN {how}")
    code, told, _ = home.command("once", when=DUE)
    other.execute("ROLLBACK")
    other.close()
    assert code == 75
    assert "in use" in told["problems"][0]["message"]
    assert home.files(".Drafts") == []
    home.once(SOON)
    assert home.to() == [ANA]


@pytest.mark.parametrize("damage", ["garbage", "zeros in the middle", "cut off"])
def test_the_database_corrupt(settle: Moves, damage: str) -> None:
    """The database corrupt: a clear word with the remedy, and nothing is overwritten."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    file = home.state / store.NAME
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {
            "garbage": b"garbage " * 4096,
            "zeros in the middle": whole[:4096] + bytes(len(whole) - 4096),
            "cut off": whole[:half],
        }[damage]
    )
    broken = file.read_bytes()
    code, told, _ = home.command("once", when=DUE)
    assert code == 75
    (problem,) = told["problems"]
    assert "damaged" in problem["message"]
    assert "move" in problem["hint"]
    assert file.read_bytes() == broken
    assert home.files(".Drafts") == []
    file.unlink()
    home.once(SOON)
    assert home.to() == [ANA]


def went_on(settle: Moves, lost: Callable[[Home], None]) -> Home:
    """Four drafts were made; one was sent, one deleted, one edited, one is as it was. Then the ledger is lost."""
    home = settle()
    coffee(home, ANA, BEN, CEM, DAN)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    ids = {str(draft["To"]).rpartition("<")[2].rstrip(">"): str(draft["Message-ID"]) for draft in home.drafts()}
    home.move(ids[ANA], ".Sent")
    home.move(ids[BEN], ".Trash")
    home.edit(ids[CEM], "Dear", "My dear")
    home.once(SOON)
    shutil.rmtree(home.state)
    lost(home)
    return home


AFTER = {ANA: State.SENT, BEN: State.VETOED, CEM: State.EDITED, DAN: State.PLACED}


def restored(home: Home) -> None:
    (home.root / "backup").rename(home.state)


@pytest.mark.parametrize("lost", [restored, lambda _: None], ids=["restored", "deleted"])
def test_the_ledger_lost_while_the_mailbox_went_on(settle: Moves, lost: Callable[[Home], None]) -> None:
    """The state restored from last week, or deleted: nothing is drafted twice, in Drafts, Sent or Trash."""
    home = went_on(settle, lost)
    outcome = home.once("2026-03-03 14:00")
    assert outcome.placed == []
    assert home.to() == [CEM, DAN]
    assert {record.addresses[0]: record.state for record in home.records()} == AFTER
    home.cycles("2026-03-03 15:30", "2026-03-04 10:00")
    assert home.to() == [CEM, DAN]


def test_the_ledger_lost_after_a_draft_was_made_anew(settle: Moves) -> None:
    """The state restored from last week, and the draft that lies there is a later revision."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    home.put("coffee", event("coffee", MET, ANA, sequence=1, status="CANCELLED"))
    home.once("2026-03-03 13:05")
    home.put("coffee", event("coffee", MET, ANA, sequence=2))
    home.once("2026-03-03 13:10")
    assert home.record().revision == 1
    message_id = home.id()
    shutil.rmtree(home.state)
    restored(home)
    home.cycles(SOON, "2026-03-03 14:00")
    assert home.id() == message_id


def test_created_and_the_answer_lost(settle: Moves) -> None:
    """Created, and the answer lost: an intent stands in the ledger, and the draft lies in the mailbox."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    shutil.copytree(home.state, home.root / "backup")
    home.once(DUE)
    raw = home.files(".Drafts")[0].read_bytes()
    meant = home.record()
    shutil.rmtree(home.state)
    restored(home)
    with Ledger.open(home.state) as ledger:
        assert ledger.intend(meant, raw, meant.why, at(DUE))
    outcome = home.once(SOON)
    assert [record.id for record in outcome.changed] == [meant.id]
    assert home.to() == [ANA]
    assert home.states() == [State.PLACED]


def test_the_mailbox_is_not_there_and_what_is_due_is_kept(settle: Moves) -> None:
    """Permission withdrawn from the mailbox: what is due is kept, and drafted when it is back."""
    home = settle()
    coffee(home, ANA)
    home.once(BEFORE)
    home.mail.rename(home.root / "Elsewhere")
    code, told, _ = home.command("once", when=DUE)
    assert code in {75, 78}
    assert told["problems"][0]["hint"]
    (home.root / "Elsewhere").rename(home.mail)
    assert home.command("once", when=SOON)[0] == 0
    assert home.to() == [ANA]


def test_a_mailbox_that_comes_back_empty_for_a_while_vetoes_nothing_at_once(settle: Moves) -> None:
    """A disk that is not mounted shows an empty Maildir: one cycle of it says nothing."""
    home = settle()
    coffee(home, ANA)
    home.once(DUE)
    home.mail.rename(home.root / "Elsewhere")
    for part in ("cur", "new", "tmp"):
        (home.mail / part).mkdir(parents=True)
    home.once("2026-03-03 14:30")
    shutil.rmtree(home.mail)
    (home.root / "Elsewhere").rename(home.mail)
    home.once("2026-03-03 14:35")
    assert home.states() == [State.PLACED]
