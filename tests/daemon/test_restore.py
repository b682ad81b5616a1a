"""A backup that is put back: whole wherever the process dies, and what came after it is found in the mailbox."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from connectors.base import Folder, Look, TransientError
from connectors.mailboxes.memory import Memory
from daemon import locks, settling
from daemon.cycle import run
from daemon.ledger import Ledger, LedgerBusy, LedgerCorrupt, LedgerError, store
from daemon.ledger.copies import look
from daemon.ledger.restore import RESTORING, put_back
from rules.history import State
from tests.build import at
from tests.cases.home import Home, coffee
from tests.cases.test_state import in_a_child
from tests.daemon.crash.apart import apart
from tests.daemon.crash.disk import Disk
from tests.daemon.crash.points import Points
from tests.daemon.crash.recorder import Recorder
from tests.daemon.ledger.build import NOW, record

if TYPE_CHECKING:
    from collections.abc import Callable

ANA, BEN, CEM, DAN = (f"{name}@one.example" for name in ("ana", "ben", "cem", "dan"))
BEFORE, DUE, SOON, LATER = (f"2026-03-03 {hour}" for hour in ("09:00", "13:00", "13:30", "14:00"))


def backed_up(root: Path) -> Home:
    """A backup was made in the morning; then four drafts: one sent, one deleted, one edited, one as it was."""
    home = Home.make(root / "home")
    coffee(home, ANA, BEN, CEM, DAN)
    home.once(BEFORE)
    code, told, _ = home.command("backup", when="2026-03-03 09:05")
    assert code == 0, told
    home.once(DUE)
    ids = {str(draft["To"]).rpartition("<")[2].rstrip(">"): str(draft["Message-ID"]) for draft in home.drafts()}
    home.move(ids[ANA], ".Sent")
    home.move(ids[BEN], ".Trash")
    home.edit(ids[CEM], "Dear", "My dear")
    home.once(SOON)
    return home


AFTER = {ANA: State.SENT, BEN: State.VETOED, CEM: State.EDITED, DAN: State.PLACED}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return backed_up(tmp_path)


def states(home: Home) -> dict[str, State]:
    return {one.addresses[0]: one.state for one in home.records()}


def by_command(home: Home) -> None:
    code, told, _ = home.command("restore", "latest", when=LATER)
    assert code == 0, told


def by_hand(home: Home) -> None:
    """As somebody does who knows `cp`."""
    (backup,) = (home.state / "backups").iterdir()
    shutil.copyfile(backup, home.state / store.NAME)


@pytest.mark.parametrize("back", [by_command, by_hand])
def test_what_came_after_the_backup_is_found_in_the_mailbox_and_not_made_again(
    home: Home, back: Callable[[Home], None]
) -> None:
    back(home)
    code, told, _ = home.command("status", when=LATER)
    assert code == 0
    assert told["restored"] == {"as_of": "2026-03-03T09:00:00+00:00"}
    outcome = home.once(LATER)
    assert outcome.placed == []
    assert states(home) == AFTER
    assert home.command("status", when=LATER)[1]["restored"] is None
    home.cycles("2026-03-03 15:30", "2026-03-04 10:00")
    assert home.to() == [CEM, DAN]
    assert states(home) == AFTER


def test_until_the_mailbox_can_be_read_nothing_is_drafted_and_status_says_so(home: Home) -> None:
    by_command(home)
    coffee(home, "eve@one.example", name="later")
    home.mail.rename(home.root / "Elsewhere")
    home.once(LATER)
    assert home.command("status", when=LATER)[1]["restored"]
    with Ledger.open(home.state, write=False) as ledger:
        assert ledger.recall("mailbox") is None
        assert ledger.records() == ()
    (home.root / "Elsewhere").rename(home.mail)
    outcome = home.once("2026-03-03 14:10")
    assert [one.addresses for one in outcome.placed] == [("eve@one.example",)]
    assert home.command("status", when="2026-03-03 14:10")[1]["restored"] is None


class Noting(Memory):
    """A mailbox that remembers from where it was asked to look."""

    def __init__(self) -> None:
        super().__init__(frozenset({"robin@example.org"}))
        self.notes: list[str] = []

    def look(self, note: str, addresses: frozenset[str]) -> Look:
        self.notes.append(note)
        return super().look(note, addresses)


def test_a_mailbox_that_was_itself_restored_is_looked_at_whole(tmp_path: Path) -> None:
    """Its places mean something else now: where the draft lay, with the same mark, lies one with other words."""
    home = Home.make(tmp_path / "home")
    coffee(home, ANA)

    def once(mailbox: Noting, when: str) -> None:
        with Ledger.open(home.state) as ledger:
            run(replace(home.house(), mailbox=mailbox), ledger, at(when))

    before, after = Noting(), Noting()
    for when in (BEFORE, DUE, SOON):
        once(before, when)
    assert before.notes[-1]
    (ref,) = (header.ref for header in before.look("", frozenset()).headers)
    home.command("backup", when=SOON)
    words = (before.read(ref) or b"").replace(b"Dear", b"My dear")
    assert after.deliver(words, at(DUE), Folder.DRAFTS) == ref
    by_command(home)
    once(after, LATER)
    assert after.notes[0] == ""
    assert home.states() == [State.EDITED]


def test_a_look_that_breaks_off_before_all_was_found_settles_nothing(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once(BEFORE)
    home.command("backup", when=BEFORE)
    by_command(home)
    coffee(home, ANA)
    mailbox = Noting()
    for when, fails in ((DUE, True), (SOON, False)):
        if fails:
            mailbox.fail("find", TransientError("no answer"))
        with Ledger.open(home.state) as ledger:
            outcome = run(replace(home.house(), mailbox=mailbox), ledger, at(when))
            assert (settling.restored(ledger) is not None) == fails
            assert len(outcome.placed) == (not fails)


def test_the_ledger_that_was_there_is_kept_and_can_be_put_back_in_turn(home: Home) -> None:
    code, told, _ = home.command("restore", "latest", when=LATER)
    assert code == 0
    aside = told["aside"]
    code, told, _ = home.command("restore", aside, when="2026-03-03 14:01")
    assert code == 0
    assert states(home) == AFTER
    assert home.once("2026-03-03 14:05").placed == []


def test_a_damaged_ledger_is_kept_and_the_newest_sound_backup_takes_its_place(home: Home) -> None:
    file = home.state / store.NAME
    file.write_bytes(b"no ledger" * 3000)
    (home.state / "backups" / "ledger-2026-03-02.sqlite3").write_bytes(b"no backup" * 3000)
    code, told, _ = home.command("once", when=LATER)
    assert code == 75
    assert "`afterword restore latest`" in told["problems"][0]["hint"]
    code, told, _ = home.command("restore", "latest", when=LATER)
    assert code == 0
    assert told["restored"]["sound"]
    assert Path(told["aside"]).read_bytes() == b"no ledger" * 3000
    home.once(LATER)
    assert states(home) == AFTER


def senseless(file: Path) -> None:
    """The state of a follow-up is none any more; every page is as sound as it was."""
    whole = file.read_bytes()
    with closing(sqlite3.connect(file)) as raw:
        (follow_up,) = raw.execute("SELECT id FROM follow_ups WHERE state = 'placed' LIMIT 1").fetchone()
        damaged = whole.replace(f"{follow_up}placed".encode(), f"{follow_up}plXced".encode())
        file.write_bytes(damaged)
        assert damaged != whole
        assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_ledger_of_senseless_text_is_not_backed_up_and_a_copy_of_one_is_not_put_back(home: Home) -> None:
    folder, file = home.state / "backups", home.state / store.NAME
    code, told, _ = home.command("backup", when="2026-03-03 13:31")
    assert code == 0
    newer = Path(told["backup"]["file"])
    assert home.command("backup", when="2026-03-03 13:32")[0] == 0  # the newest, and sound
    senseless(newer)
    shutil.copyfile(file, folder / "ledger-aside-20260303T135900Z.sqlite3")
    sound = max(folder.glob("ledger-2026*"))
    senseless(file)
    assert "damaged" in look(file).trouble
    before = sorted(folder.iterdir())
    told = [home.command(*words, when=LATER) for words in (["once"], ["backup"], ["status"])]
    assert [code for code, *_ in told] == [75, 75, 75]
    once, backup, _ = (one["problems"][0] for _, one, _ in told)
    assert backup == once
    assert "`afterword restore latest`" in once["hint"]
    assert sorted(folder.iterdir()) == before
    code, listed, _ = home.command("backup", "--list", when=LATER)
    assert {one["file"]: one["sound"] for one in listed["backups"]}[str(newer)] is False
    assert home.command("restore", newer.name, when=LATER)[0] == 75
    code, told, _ = home.command("restore", "latest", when=LATER)
    assert (code, told["restored"]["file"]) == (0, str(sound))
    home.once(LATER)
    assert states(home) == AFTER


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE follow_ups SET meeting = '[1, 2'",
        "UPDATE events SET state = 'plXced'",
        "UPDATE follow_ups SET due = 9000000000000000000",
        "UPDATE components SET meetings = replace(meetings, 'accepted', 'excepted')",
        "UPDATE memory SET text = CAST(X'ff' AS TEXT)",
        "UPDATE cycles SET problems = '[[]]'",
    ],
)
def test_text_anywhere_that_makes_no_sense_is_damage(tmp_path: Path, change: str) -> None:
    home = Home.make(tmp_path / "home")
    coffee(home, ANA)
    home.once(DUE)
    copy = tmp_path / "copy.sqlite3"
    shutil.copyfile(home.state / store.NAME, copy)
    assert not look(copy).trouble
    with closing(sqlite3.connect(copy)) as raw:
        raw.execute(change)
        raw.commit()
    assert "damaged" in look(copy).trouble


def test_what_a_killed_restore_left_goes_with_the_next_cycle_and_with_the_next_restore(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    home.once(BEFORE)
    left = [home.state / RESTORING, home.state / f".{RESTORING}.new"]
    for again in ("once", "restore"):
        for path in left:
            path.write_bytes(b"half")
        if again == "once":
            home.command("once", when=DUE)
        else:
            with pytest.raises(LedgerError):
                put_back(home.state, tmp_path / "gone", tmp_path)
        assert not any(path.exists() for path in left)


def test_what_a_killed_writer_left_beside_the_old_ledger_is_not_applied_to_the_new_one(home: Home) -> None:
    file = home.state / store.NAME

    def die() -> int:
        raw = sqlite3.connect(file, isolation_level=None)
        raw.execute("PRAGMA cache_size=1")
        raw.execute("BEGIN")
        raw.execute("UPDATE mails SET subject = 'half'")
        raw.execute("CREATE TABLE much AS WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n LIMIT 20000)"
                    " SELECT i, hex(randomblob(20)) AS noise FROM n")  # fmt: skip
        os._exit(9)

    assert in_a_child(die) == 9
    assert file.with_name(f"{file.name}-journal").exists()
    by_command(home)
    assert not file.with_name(f"{file.name}-journal").exists()
    with Ledger.open(home.state) as ledger:
        ledger.verify()
        assert ledger.records() == ()
    (aside,) = (home.state / "backups").glob("ledger-aside-*")
    with closing(sqlite3.connect(aside)) as kept:  # taken back, not half done
        assert kept.execute("SELECT count(*) FROM follow_ups").fetchone() == (4,)
        assert kept.execute("SELECT 1 FROM sqlite_master WHERE name = 'much'").fetchone() is None


# --- a ledger that is gone ---------------------------------------------------------------------------------


def test_a_ledger_that_is_gone_is_told_and_the_newest_backup_outlives_the_days_of_a_new_one(home: Home) -> None:
    """The drafts that lie there are recognised; the way back is open until the user has decided."""
    folder = home.state / "backups"
    home.command("once", when=SOON)
    assert (folder / "ledger-2026-03-03.sqlite3").exists()
    (home.state / store.NAME).unlink()
    code, told, _ = home.command("status", when=LATER)
    (problem,) = told["problems"]
    assert (code, "no ledger in" in problem["message"], "2 sound backups" in problem["message"]) == (0, True, True)
    assert "`afterword restore latest`" in problem["hint"]
    assert home.command("once", "--dry-run", when=LATER)[1]["problems"] == [problem]
    assert not (home.state / store.NAME).exists()
    code, told, _ = home.command("once", when=LATER)
    (begun,) = told["problems"]
    assert (code, told["placed"], "a new one was begun" in begun["message"]) == (0, [], True)
    assert home.command("once", when="2026-03-03 14:05")[1]["problems"] == []
    for day in range(4, 13):
        home.command("once", when=f"2026-03-{day:02} 09:00")
    assert home.command("status", when="2026-03-12 10:00")[1]["problems"] == [begun]
    name = begun["hint"].partition("restore ")[2].partition("`")[0]
    assert home.command("restore", name, when="2026-03-12 10:00")[0] == 0
    assert states(home) == AFTER
    assert home.command("status", when="2026-03-12 10:00")[1]["problems"] == []


def test_a_word_of_the_user_is_no_way_to_begin_a_ledger_unseen(home: Home) -> None:
    (home.state / store.NAME).unlink()
    assert home.command("note", ANA, "likes tea", when=LATER)[0] == 0
    told = home.command("once", when=LATER)[1]["problems"]
    assert ["a new one was begun" in one["message"] for one in told] == [True]
    (kept,) = (home.state / "backups").glob("ledger-20260303T*")
    kept.unlink()
    assert home.command("status", when=LATER)[1]["problems"] == []


def test_a_first_ledger_is_nothing_to_tell(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    assert home.command("once", when=LATER)[1]["problems"] == []
    assert home.command("status", when=LATER)[1]["problems"] == []


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [[], ["--dry-run"]])
@pytest.mark.parametrize("name", [locks.SERVICE, locks.CYCLE])
def test_a_service_or_a_cycle_at_work_is_told_with_the_remedy(home: Home, name: str, way: list[str]) -> None:
    """This process is of no unit of ours: `kill` ends it, not systemctl."""
    before = (home.state / store.NAME).read_bytes()
    with locks.take(home.state, name, "run", at(DUE)):
        code, told, _ = home.command("restore", "latest", *way, when=LATER)
    assert code == 75
    (problem,) = told["problems"]
    assert str(os.getpid()) in problem["message"]
    assert f"`kill {os.getpid()}`" in problem["hint"]
    assert ("Stop the service first" in problem["hint"]) == (name == locks.SERVICE)
    assert (home.state / store.NAME).read_bytes() == before


def test_somebody_who_has_the_ledger_open_in_the_middle_of_writing_is_waited_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY", 0.05)
    (backup,) = (home.state / "backups").iterdir()
    with closing(sqlite3.connect(home.state / store.NAME)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy):
            put_back(home.state, backup, home.state / "backups" / "aside")
    assert not (home.state / RESTORING).exists()
    assert len(home.records()) == 4


def test_only_a_sound_ledger_is_put_back(home: Home, tmp_path: Path) -> None:
    before = (home.state / store.NAME).read_bytes()
    other, broken = tmp_path / "other.sqlite3", tmp_path / "broken.sqlite3"
    with closing(sqlite3.connect(other)) as raw:
        raw.execute("CREATE TABLE something (else_)")
    broken.write_bytes((home.state / store.NAME).read_bytes()[:8192])
    newer = newer_than_this(home, tmp_path)
    for file, word in ((other, "no ledger"), (broken, "damaged"), (newer, "later afterword"), (tmp_path, "no file")):
        code, told, _ = home.command("restore", str(file), when=LATER)
        assert code == 75, file
        assert word in told["problems"][0]["message"]
    assert home.command("restore", "2026-01-01", when=LATER)[0] == 2
    assert home.command("restore", str(home.state / store.NAME), when=LATER)[0] == 2
    assert (home.state / store.NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("planted", "word"),
    [
        ("CREATE TRIGGER planted AFTER UPDATE ON follow_ups BEGIN DELETE FROM memory; END", "triggers"),
        ("CREATE VIEW planted AS SELECT * FROM follow_ups", "triggers"),
        ("CREATE VIRTUAL TABLE planted USING fts5(text)", "triggers"),
        ("ALTER TABLE follow_ups ADD COLUMN planted TEXT", "damaged"),
        ("ALTER TABLE follow_ups ADD COLUMN planted TEXT GENERATED ALWAYS AS (hex(why)) VIRTUAL", "damaged"),
        ("ALTER TABLE follow_ups DROP COLUMN why", "damaged"),
        ("DROP TABLE person_notes", "damaged"),
        ("CREATE TABLE beside (of_the_users_own TEXT)", ""),
    ],
    ids=lambda text: "" if len(text) < 10 else " ".join(text.split()[1:5]),
)
def test_a_backup_with_more_or_less_in_it_than_a_ledger_has_is_not_put_back(
    tmp_path: Path, planted: str, word: str
) -> None:
    state, backup = tmp_path / "state", tmp_path / "backup.sqlite3"
    with Ledger.open(state) as ledger:
        ledger.save([(record(), "")], NOW)
        ledger.back_up(backup)
    with closing(sqlite3.connect(backup)) as raw:
        raw.execute(planted)
    assert word in look(backup).trouble
    assert bool(look(backup).trouble) is bool(word)
    if word:
        with pytest.raises(LedgerCorrupt):  # also where it was changed after somebody looked
            put_back(state, backup, state / "aside.sqlite3")


def newer_than_this(home: Home, folder: Path) -> Path:
    file = folder / "newer.sqlite3"
    shutil.copyfile(home.state / store.NAME, file)
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    return file


def test_an_older_program_refuses_a_newer_state_and_names_the_way_back(home: Home, tmp_path: Path) -> None:
    file = home.state / store.NAME
    newer_than_this(home, tmp_path).replace(file)
    before = file.read_bytes()
    for words in (["status"], ["once"], ["drafts"], ["backup"]):
        code, told, said = home.command(*words, when=LATER)
        assert code == 75, (words, said)
        (problem,) = told["problems"]
        assert "later afterword" in problem["message"]
        assert "'9999'" in problem["message"]
        assert "afterword restore" in problem["hint"]
    assert file.read_bytes() == before
    assert home.files(".Drafts")
    by_command(home)
    home.once(LATER)
    assert states(home) == AFTER


def test_without_a_name_the_choices_are_told_and_the_newest_only_with_a_word(home: Home) -> None:
    before = (home.state / store.NAME).read_bytes()
    code, told, said = home.command("restore", when=LATER)
    assert (code, told) == (2, None)
    assert "by hand" in said
    assert "--yes" in said
    code, told, _ = home.command("restore", "--dry-run", when=LATER)
    assert (code, told["dry_run"], told["restored"]["follow_ups"]) == (0, True, 0)
    assert (home.state / store.NAME).read_bytes() == before
    assert home.command("restore", "--yes", when=LATER)[0] == 0
    assert home.records() == []


def test_a_backup_of_an_earlier_release_is_brought_to_the_present_with_a_backup_first(tmp_path: Path) -> None:
    from tests.daemon.crash.scenarios import _aged  # noqa: PLC0415 - one ledger of long ago is enough

    home = backed_up(tmp_path)
    old = tmp_path / "old.sqlite3"
    shutil.copyfile(home.state / store.NAME, old)
    _aged(old)
    assert home.command("restore", str(old), when=LATER)[0] == 0
    assert home.command("status", when=LATER)[1]["restored"]
    assert home.once(LATER).placed == []
    assert states(home) == AFTER
    assert list((home.state / "backups").glob("ledger.backup-0001-1.sqlite3"))


# --- the commands ------------------------------------------------------------------------------------------


def test_backup_writes_over_nothing_unless_told(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "copy.sqlite3"
    assert home.command("backup", str(file), when=LATER)[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert home.command("backup", str(file), when=LATER)[0] == 2
    assert home.command("backup", str(file), "--force", when=LATER)[0] == 0
    assert home.command("backup", "-", when=LATER)[0] == 2
    assert home.command("backup", str(home.state / store.NAME), "--force", when=LATER)[0] == 2
    assert home.command("backup", str(tmp_path), when=LATER)[0] == 2
    assert home.command("backup", str(tmp_path / "no" / "where"), when=LATER)[0] == 75
    empty = Home(tmp_path / "empty")
    assert empty.command("backup", when=LATER)[0] == 75


def test_the_list_says_what_each_holds(home: Home) -> None:
    home.command("once", when=LATER)
    (home.state / "backups" / "ledger-2026-03-02.sqlite3").write_bytes(b"no backup")
    code, told, _ = home.command("backup", "--list", when=LATER)
    assert code == 0
    kinds = [(one["kind"], one["sound"], one["follow_ups"]) for one in told["backups"]]
    assert kinds == [("daily", True, 4), ("by hand", True, 0), ("daily", False, None)]


# --- wherever it dies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damaged", [False, True])
def test_killed_at_any_point_the_old_ledger_is_there_or_the_new_one(tmp_path: Path, damaged: bool) -> None:
    """And the next restore comes to its end."""
    state, backup = tmp_path / "root" / "state", tmp_path / "backup.sqlite3"
    with Ledger.open(state) as ledger:
        ledger.save([(record("old"), "")], NOW)
        ledger.back_up(backup)
        ledger.save([(record("new"), "")], NOW)
    (state / "backups").mkdir()
    file, aside = state / store.NAME, state / "backups" / "aside.sqlite3"
    if damaged:
        file.write_bytes(b"damaged!" * 4096)
        file.with_name(f"{file.name}-journal").write_bytes(bytes(4096))
    broken = file.read_bytes()

    def restore() -> None:
        put_back(state, backup, aside)

    def is_whole() -> str:
        if file.read_bytes() == broken and damaged:
            return "old"
        with Ledger.open(state) as ledger:
            ledger.verify()
            ids = {one.id for one in ledger.records()}
            assert (settling.restored(ledger) is not None) == (ids == {"old"})
        assert ids in ({"old"}, {"old", "new"})
        return "new" if ids == {"old"} else "old"

    def work() -> list[str]:
        disk = Disk(tmp_path / "root", tmp_path / "vault")
        recorder = Recorder(disk, disk.capture({}), within_commits=True, always=True)
        points = Points(tmp_path / "root", {"state": "state"}, {})
        points.install()
        points.watch(recorder.reached)
        restore()
        points.watch(None)
        assert recorder.number > 40
        found = []
        for tree in (*(one.tree for one in recorder.snapshots), disk.capture({})):
            disk.restore(tree)
            found.append(is_whole())
            assert found[-1] == "old" or aside.exists()
            aside.unlink(missing_ok=True)
            restore()
            assert is_whole() == "new"
        return found

    found = apart(work)
    assert found == sorted(found, reverse=True)  # first the old one, then the new one
    assert {*found} == {"old", "new"}
    assert len(found) >= 8
