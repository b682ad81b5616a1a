import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from daemon.ledger import (
    Ledger,
    LedgerBusy,
    LedgerCorrupt,
    LedgerError,
    LedgerFull,
    LedgerNewer,
    LedgerReadOnly,
    store,
)
from daemon.ledger.tables import SCHEMAS
from rules.history import State
from tests.daemon.ledger.build import NOW, die_at, in_child, record

PLACED = record(state=State.PLACED)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def filled(folder: Path) -> Path:
    with Ledger.open(folder) as ledger:
        ledger.save([(PLACED, "placed")], NOW)
    return folder / store.NAME


# --- opening -----------------------------------------------------------------------------------------------


def test_folder_and_file_are_for_their_owner_only(folder: Path) -> None:
    file = filled(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_is_written_safely(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with Ledger.open(folder) as ledger, ledger.writing() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1}


def test_a_ledger_in_a_folder_with_odd_characters_is_opened(tmp_path: Path) -> None:
    folder = tmp_path / "50% of ?mode=memory #états"
    filled(folder)
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == (PLACED,)


def test_neither_a_new_nor_a_present_ledger_takes_alembic(folder: Path) -> None:
    code = "import sys; from pathlib import Path; from daemon.ledger import Ledger; "
    code += "Ledger.open(Path(sys.argv[1])).close(); sys.exit('alembic' in sys.modules)"
    for _ in range(2):
        assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == 0


def test_closing_lets_go_of_the_file(folder: Path) -> None:
    file = str(filled(folder))
    for write in (True, False):
        with Ledger.open(folder, write=write):
            assert file in map(os.path.realpath, Path("/proc/self/fd").iterdir())
        assert file not in map(os.path.realpath, Path("/proc/self/fd").iterdir())


def test_looking_makes_nothing(folder: Path) -> None:
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == ()
        assert ledger.last_cycle() is None
        with pytest.raises(LedgerReadOnly):
            ledger.keep("key", "text")
    assert not folder.exists()


def test_looking_changes_nothing(folder: Path) -> None:
    filled(folder)
    before = contents(folder)
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == (PLACED,)
        assert not ledger.writable
        with pytest.raises(LedgerReadOnly):
            ledger.keep("key", "text")
        scratch = ledger.scratch()
        scratch.keep("key", "text")
        assert ledger.scratch().recall("key") == "text"
        assert ledger.recall("key") is None
    assert contents(folder) == before


def test_an_empty_file_is_an_empty_ledger(folder: Path) -> None:
    folder.mkdir()
    (folder / store.NAME).touch()
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == ()
    filled(folder)


def test_looking_works_while_another_is_about_to_write(folder: Path) -> None:
    file = filled(folder)
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with Ledger.open(folder, write=False) as ledger:
            assert ledger.records() == (PLACED,)


# --- migrations --------------------------------------------------------------------------------------------

NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{last}"

def upgrade():
    op.create_table("later", sa.Column("number", sa.Integer, primary_key=True))
    {more}
"""


def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str = "") -> None:
    scripts = tmp_path / "migrations"
    shutil.copytree(store.MIGRATIONS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "v9999_next.py").write_text(NEXT.format(more=more, last=SCHEMAS[-1]))
    monkeypatch.setattr(store, "MIGRATIONS", scripts)
    monkeypatch.setattr(store, "SCHEMAS", (*SCHEMAS, "9999"))


def test_an_older_ledger_is_backed_up_and_brought_to_the_present(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled(folder)
    before = file.read_bytes()
    next_release(tmp_path, monkeypatch)
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == (PLACED,)
        with ledger.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM later").scalar() == 0
    assert contents(folder) == {store.NAME: before}
    with Ledger.open(folder) as ledger:
        assert ledger.records() == (PLACED,)
        with ledger.reading() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM later").scalar() == 0
    backup = folder / "backups" / f"ledger.backup-{SCHEMAS[-1]}-1.sqlite3"
    assert [*backup.parent.iterdir()] == [backup]
    assert sorted(path.name for path in folder.iterdir()) == ["backups", store.NAME]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    monkeypatch.undo()
    backup.rename(file)
    with Ledger.open(folder) as ledger:
        assert ledger.records() == (PLACED,)


def test_who_comes_late_to_a_migration_backs_nothing_up_under_the_old_name(folder: Path) -> None:
    file = filled(folder)
    with closing(sqlite3.connect(file, isolation_level=None)) as raw:
        store._back_up(raw, file, "0001")  # it saw the old schema, and then another was quicker
    assert not (folder / "backups").exists()


def test_a_cycle_of_the_old_version_goes_on_while_the_new_one_migrates_and_is_refused_after_that(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(folder)
    with Ledger.open(folder) as old:
        assert old.records() == (PLACED,)
        next_release(tmp_path, monkeypatch)
        with Ledger.open(folder) as new:
            assert new.records() == (PLACED,)
        monkeypatch.undo()
        old.add_person_note("dana@acme.example", "plays the cello", NOW)
        assert old.records() == (PLACED,)
    with pytest.raises(LedgerNewer, match="later afterword"):
        Ledger.open(folder)
    with closing(sqlite3.connect(folder / "backups" / f"ledger.backup-{SCHEMAS[-1]}-1.sqlite3")) as backup:
        assert backup.execute("SELECT version_num FROM alembic_version").fetchone() == (SCHEMAS[-1],)


def test_a_migration_that_fails_leaves_the_ledger_as_it_was(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(folder)
    next_release(tmp_path, monkeypatch, more="op.execute('INSERT INTO nowhere VALUES (1)')")
    with pytest.raises(LedgerError):
        Ledger.open(folder)
    monkeypatch.undo()
    with Ledger.open(folder) as ledger:
        assert ledger.records() == (PLACED,)
        with ledger.reading() as connection:
            assert not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'later'").first()


def test_a_ledger_of_a_later_program_is_left_alone(folder: Path) -> None:
    file = filled(folder)
    with closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = contents(folder)
    for write in (True, False):
        with pytest.raises(LedgerNewer, match="9999"):
            Ledger.open(folder, write=write)
    assert contents(folder) == before


# --- what goes wrong ---------------------------------------------------------------------------------------


def test_another_writer_is_waited_for_and_then_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = filled(folder)
    monkeypatch.setattr(store, "BUSY", 0.05)
    with Ledger.open(folder) as ledger, closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerBusy, match="another process has it locked") as caught:
            ledger.keep("key", "text")
        assert f"`fuser -v {file}` tells what has it" in caught.value.hint  # it is this very process
        assert ledger.records() == (PLACED,)
        other.execute("ROLLBACK")
        ledger.keep("key", "text")
        other.execute("BEGIN EXCLUSIVE")
        for write in (True, False):
            with pytest.raises(LedgerBusy):
                Ledger.open(folder, write=write)


def test_a_reader_that_stays_makes_the_writer_busy_and_nothing_is_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = filled(folder)
    monkeypatch.setattr(store, "BUSY", 0.05)
    with Ledger.open(folder) as ledger, closing(sqlite3.connect(file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM follow_ups").fetchall()
        with pytest.raises(LedgerBusy):
            ledger.intend(record("two"), b"x", "due", NOW)
        reader.execute("ROLLBACK")
        assert ledger.intents() == ()
        assert ledger.intend(record("two"), b"x", "due", NOW)


@pytest.mark.parametrize("damage", ["text", "cut", "middle", "stranger"])
def test_a_damaged_ledger_is_named_and_never_overwritten(folder: Path, damage: str) -> None:
    file = filled(folder)
    data = file.read_bytes()
    if damage == "text":
        file.write_bytes(b"this is no database at all, but long enough to be looked at" * 100)
    elif damage == "cut":
        file.write_bytes(data[: len(data) // 2])
    elif damage == "middle":
        file.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    else:
        file.unlink()
        with closing(sqlite3.connect(file)) as raw, raw:
            raw.execute("CREATE TABLE songs (title TEXT)")
    before = contents(folder)
    for write in (True, False):
        with pytest.raises(LedgerCorrupt) as caught, Ledger.open(folder, write=write) as ledger:
            ledger.records()
        assert str(file) in caught.value.message
        assert "start again" in caught.value.hint
    assert contents(folder) == before


def test_the_remedy_for_a_damaged_ledger_is_its_newest_backup(folder: Path) -> None:
    file = filled(folder)
    for number, age in ((1, 100), (2, 50)):
        backup = folder / f"ledger.backup-0001-{number}.sqlite3"
        shutil.copyfile(file, backup)
        os.utime(backup, (age, age) if number == 2 else (age * 2, age * 2))
    (folder / "backups" / "ledger-2026-03-01.sqlite3").mkdir(parents=True)
    (folder / "backups" / "ledger-2026-03-02.sqlite3").symlink_to("gone")
    file.write_bytes(b"nothing of use" * 1000)
    with pytest.raises(LedgerCorrupt) as caught:
        Ledger.open(folder)
    assert "`afterword restore latest`" in caught.value.hint
    assert "ledger.backup-0001-1.sqlite3" in caught.value.hint


def test_a_full_disk_is_told_and_changes_nothing(folder: Path) -> None:
    with Ledger.open(folder) as ledger:
        ledger.save([(PLACED, "placed")], NOW)
        with ledger.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(LedgerFull) as caught:
            ledger.intend(record("two"), b"x" * 100_000, "due", NOW)
        assert "space" in caught.value.hint
        assert ledger.records() == (PLACED,)
        assert ledger.intents() == ()


def test_a_file_that_may_not_grow_is_told_and_changes_nothing(folder: Path) -> None:
    file = filled(folder)

    def grow() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        with Ledger.open(folder) as ledger:
            size = file.stat().st_size
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
            with pytest.raises(LedgerFull):
                ledger.intend(record("two"), b"x" * 200_000, "due", NOW)
            assert ledger.records() == (PLACED,)

    assert in_child(grow) == 0
    with Ledger.open(folder) as ledger:
        assert (ledger.records(), ledger.intents()) == ((PLACED,), ())


def test_a_ledger_that_may_not_be_written_is_told_and_changes_nothing(folder: Path) -> None:
    with Ledger.open(folder) as ledger:
        ledger.save([(PLACED, "placed")], NOW)
        with ledger.reading() as connection:
            connection.exec_driver_sql("PRAGMA query_only = ON")
        with pytest.raises(LedgerReadOnly) as caught:
            ledger.keep("key", "text")
        assert "--state" in caught.value.hint
        assert ledger.records() == (PLACED,)


@pytest.mark.parametrize("write", [True, False])
def test_a_state_folder_that_is_none_is_told(tmp_path: Path, *, write: bool) -> None:
    file = tmp_path / "file"
    file.write_text("a file")
    if write:
        with pytest.raises(LedgerError, match="state folder"):
            Ledger.open(file / "state", write=True)
    else:
        with Ledger.open(file / "state", write=False) as ledger:
            assert ledger.records() == ()
    assert file.read_text() == "a file"


@pytest.mark.usefixtures("ordinary_user")
def test_a_folder_of_somebody_else_is_told(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o500)
    with pytest.raises(LedgerReadOnly):
        Ledger.open(folder)


# --- crashes -----------------------------------------------------------------------------------------------


def test_what_a_killed_writer_left_is_taken_back_by_a_writer_and_seen_past_by_a_reader(folder: Path) -> None:
    file = filled(folder)

    def die_with_a_spilled_cache() -> None:
        with Ledger.open(folder) as ledger, ledger.writing() as connection:
            connection.exec_driver_sql("PRAGMA cache_size = 1")
            connection.exec_driver_sql("PRAGMA cache_spill = 1")
            connection.exec_driver_sql("UPDATE follow_ups SET state = 'vetoed'")
            for number in range(200):
                connection.exec_driver_sql("INSERT INTO memory VALUES (?, ?)", (str(number), "x" * 3000))
            os._exit(9)

    assert os.WEXITSTATUS(in_child(die_with_a_spilled_cache)) == 9
    assert (folder / f"{store.NAME}-journal").stat().st_size > 0
    before = contents(folder)
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == (PLACED,)
    assert contents(folder) == before
    with Ledger.open(folder) as ledger:
        assert ledger.records() == (PLACED,)
        assert ledger.recall("0") is None
    assert [path.name for path in folder.iterdir()] == [file.name]


def life(folder: Path, mailbox: Path) -> None:
    """A draft is intended, placed, settled, taken away again; the mailbox is a file with a line for each draft."""
    with Ledger.open(folder) as ledger:
        number = ledger.begin_cycle(NOW)
        for intent in ledger.intents():
            there = mailbox.exists()
            if intent.message is not None and there:
                ledger.settle(record(state=State.PLACED), "recognised", NOW)
            elif intent.message is not None or there:
                ledger.abandon("one", "interrupted", NOW)
            else:
                ledger.settle(record(state=State.VETOED), "done", NOW)
        known = ledger.record("one")
        if known is None and ledger.intend(record(), b"draft", "due", NOW):
            assert not mailbox.exists(), "a second draft"
            mailbox.write_bytes(b"draft")
            ledger.settle(record(state=State.PLACED), "due", NOW)
        known = ledger.record("one")
        if known and known.state is State.PLACED and ledger.intend_removal(known, State.VETOED, "gone", NOW):
            mailbox.unlink()
            ledger.settle(record(state=State.VETOED), "gone", NOW)
        ledger.end_cycle(number, NOW, ())


def dying_at(point: int, folder: Path, mailbox: Path) -> int:
    def act() -> None:
        die_at(point)
        life(folder, mailbox)

    return os.WEXITSTATUS(in_child(act))


def check(folder: Path, mailbox: Path) -> None:
    """At every moment the ledger is whole, and knows of what may lie in the mailbox."""
    with Ledger.open(folder, write=False) as ledger:
        intents = {intent.record.id for intent in ledger.intents()}
        known = ledger.record("one")
        with ledger.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        if mailbox.exists():
            assert known is not None
            assert known.state is State.PLACED or "one" in intents
            assert ledger.message("one") == b"draft"
        if known is not None and known.state is not State.PLANNED:
            assert ledger.events("one")[-1].state is known.state


def test_a_life_that_ends_at_any_statement_and_again_in_the_recovery_is_made_good(tmp_path: Path) -> None:
    point = 0
    while True:
        point += 1
        folder, mailbox = tmp_path / f"state-{point}", tmp_path / f"mail-{point}"
        with Ledger.open(folder):
            pass
        if dying_at(point, folder, mailbox) == 0:
            break
        check(folder, mailbox)
        assert dying_at(1 + point * 7 % 23, folder, mailbox) in {0, 9}
        check(folder, mailbox)
        life(folder, mailbox)
        check(folder, mailbox)
        with Ledger.open(folder) as ledger:
            assert [known.state for known in ledger.records()] == [State.VETOED]
            assert ledger.intents() == ()
        assert not mailbox.exists()
    assert point > 20


def test_a_first_start_that_dies_anywhere_is_made_good(tmp_path: Path) -> None:
    point = 0
    while True:
        point += 1
        folder = tmp_path / f"state-{point}"
        if dying_at(point, folder, tmp_path / f"mail-{point}") == 0:
            break
        filled(folder)
        if point > 40:  # past the tables; the rest is the test above
            break
    assert point > 20
