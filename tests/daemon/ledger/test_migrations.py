"""A new ledger has the tables that the migrations make; an earlier one comes to them with all that is in it."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier
from typing import TYPE_CHECKING

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from config.problem import Problem
from daemon.ledger import Event, Ledger, store
from daemon.ledger.tables import SCHEMAS, metadata
from rules.history import RuleAge, State, Told
from tests.build import mail
from tests.daemon.ledger import schema
from tests.daemon.ledger.build import NOW, record

if TYPE_CHECKING:
    from pathlib import Path

PLACED = record(state=State.PLACED)
UNDER_WAY = record("two", message_id="<b@example.org>")
LETTER = mail("dana@acme.example", "2026-03-03 20:00")
PROBLEM = Problem("feed", "a.ics", 4, 7, "not readable", "mend it")


def test_the_tables_are_what_the_migrations_make(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == SCHEMAS[-1]


def test_a_new_ledger_is_what_the_migrations_make(ledger: Ledger) -> None:
    """Where a migration came and this fails: tests/daemon/ledger/schema.py says how a new ledger gets its tables."""
    with ledger.reading() as connection:
        assert schema.statements(connection) == schema.migrated()


def test_where_there_is_no_ledger_the_same_tables_are_seen(folder: Path) -> None:
    with Ledger.open(folder, write=False) as ledger, ledger.reading() as connection:
        assert schema.statements(connection) == schema.migrated()


def test_a_ledger_that_another_makes_meanwhile_is_taken_as_it_is(folder: Path) -> None:
    def quicker(_: object) -> None:
        with Ledger.open(folder) as other:
            other.keep("key", "of the other")

    event.listen(Engine, "begin", quicker, once=True)  # found empty, and not locked yet
    with Ledger.open(folder) as ledger:
        assert ledger.recall("key") == "of the other"


def test_two_threads_that_look_at_an_earlier_ledger_both_see_it(folder: Path) -> None:
    """As two requests of the review page do, before the first cycle after an upgrade."""
    first, start = of_the_first_release(folder), Barrier(2)

    def look() -> list[str]:
        start.wait(10)
        with Ledger.open(first, write=False) as ledger:
            return [one.id for one in ledger.records()]

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(look) for _ in range(2)]
        assert [one.result(30) for one in both] == [[PLACED.id, UNDER_WAY.id]] * 2


def of_the_first_release(folder: Path) -> Path:
    """A ledger whose tables were made by the first revision alone, with data in each kind of them."""
    present, first = folder / "present", folder / "first"
    with Ledger.open(present) as ledger:
        ledger.intend(PLACED, b"Subject: Thank you\n\nDana\n", "due", NOW)
        ledger.settle(PLACED, "due", NOW)
        ledger.intend(UNDER_WAY, b"Subject: two\n\n", "due", NOW)
        ledger.remember([LETTER])
        ledger.set_ages({"soft": RuleAge("mark", NOW)})
        ledger.keep("mailbox", "a note")
        ledger.add_person_note("dana@acme.example", "plays the cello", NOW)
        ledger.end_cycle(ledger.begin_cycle(NOW), NOW, [PROBLEM])
        ledger.source_failed("feed", NOW, PROBLEM)
    first.mkdir()
    config = Config()
    config.set_main_option("script_location", str(store.MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with create_engine(f"sqlite:///{first / store.NAME}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with closing(sqlite3.connect(first / store.NAME)) as old:
        old.execute("ATTACH ? AS present", [str(present / store.NAME)])
        tables = [name for (name,) in old.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table != "alembic_version":
                columns = ", ".join(f'"{row[1]}"' for row in old.execute(f"PRAGMA main.table_info({table})"))
                old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM present.{table}")
        old.commit()
    return first


def test_a_ledger_of_the_first_release_keeps_everything(tmp_path: Path) -> None:
    folder = of_the_first_release(tmp_path)
    with closing(sqlite3.connect(folder / store.NAME)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert old.execute("SELECT 1 FROM sqlite_master WHERE name = 'nudges'").fetchone() is None
    with Ledger.open(folder) as ledger:
        assert ledger.records() == (PLACED, UNDER_WAY)
        assert ledger.message("one") == b"Subject: Thank you\n\nDana\n"
        assert [intent.record for intent in ledger.intents()] == [UNDER_WAY]
        assert ledger.events("one") == (Event(NOW, State.PLACED, "due"),)
        assert ledger.mails() == (LETTER,)
        assert ledger.ages() == {"soft": RuleAge("mark", NOW)}
        assert ledger.recall("mailbox") == "a note"
        assert ledger.person_notes() == (("dana@acme.example", NOW, "plays the cello"),)
        assert ledger.last_cycle() == (NOW, (PROBLEM,))
        assert ledger.sources()["feed"].problem == PROBLEM
        assert ledger.told() == ()
        ledger.tell([(Told("one", "near", PLACED.addresses, NOW), "brought to mind")])
        assert len(ledger.told()) == 1
        assert ledger.promises() == ()
        assert ledger.decisions() == ()
    assert [path.name for path in (folder / "backups").iterdir()] == ["ledger.backup-0001-1.sqlite3"]


def test_looking_at_one_changes_nothing_on_the_disk(tmp_path: Path) -> None:
    folder = of_the_first_release(tmp_path)
    before = (folder / store.NAME).read_bytes()
    with Ledger.open(folder, write=False) as ledger:
        assert ledger.records() == (PLACED, UNDER_WAY)
        assert ledger.told() == ()
    assert (folder / store.NAME).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [store.NAME]
