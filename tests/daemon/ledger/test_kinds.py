"""Whatever stands in whichever column of the ledger: it is read, or it is told as damage with its remedy."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from config.problem import Problem
from daemon.kept_words import Words, all_kept_words, keep_words
from daemon.ledger import Ledger, LedgerCorrupt, calendars, store
from daemon.ledger.calendars import Component
from daemon.ledger.columns import Content, Json
from daemon.ledger.copies import look
from daemon.ledger.kinds import makes_sense
from daemon.ledger.tables import metadata
from rules.history import Addressee, Ask, Decision, Promise, RuleAge, State, Told
from rules.model import Direction, Mail
from rules.timing import Duration
from tests.build import meeting
from tests.daemon.ledger.build import NOW, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ODD = ("x", b"\xff", "[", '{"a": 1}', "[[1]]", 9e30, -9e18, -1)
DEEP = "[" * 100_000
DAY = timedelta(days=1)
READERS: dict[str, Callable[[Ledger], object]] = {
    "follow_ups": lambda ledger: (ledger.records(), ledger.intents(), ledger.record("one")),
    "messages": lambda ledger: (ledger.intents(), ledger.message("one")),
    "intents": lambda ledger: (ledger.intents(), ledger.records()),
    "events": lambda ledger: ledger.events("two"),
    "mails": lambda ledger: ledger.mails(),
    "nudges": lambda ledger: ledger.told(),
    "rule_ages": lambda ledger: ledger.ages(),
    "memory": lambda ledger: ledger.recall("mailbox"),
    "person_notes": lambda ledger: ledger.person_notes(),
    "promises": lambda ledger: ledger.promises(),
    "kept_words": all_kept_words,
    "decisions": lambda ledger: ledger.decisions(),
    "asks": lambda ledger: ledger.asks(),
    "cycles": lambda ledger: ledger.last_cycle(),
    "sources": lambda ledger: ledger.sources(),
}


def filled(folder: Path) -> Path:
    """A row in each table, as the program writes them."""
    ref = record().meeting
    assert ref is not None
    placed, one = record("three", State.PLACED, placed=NOW), meeting()
    problem = Problem("cal", None, None, None, "does not answer", "wait")
    with Ledger.open(folder) as ledger:
        ledger.save([(record("two"), "planned"), (placed, "")], NOW)
        ledger.intend(record(), b"bytes", "due", NOW)
        ledger.intend_removal(placed, State.WITHDRAWN, "so it is", NOW)
        ledger.remember([Mail("<m@x>", Direction.OUT, NOW, ("dana@acme.example",), "Hi", ("<r@x>",))])
        ledger.set_ages({"soft": RuleAge("f", NOW)})
        ledger.keep("mailbox", "note")
        ledger.add_person_note("dana@acme.example", "likes tea", NOW)
        keep_words(ledger, "two", Words("base", "Hi", "Dear Dana,", NOW))
        ledger.learn_promises([Promise("p", "send it", ref, ("dana@acme.example",))])
        ledger.decide(Decision("d", "taking the offer", NOW, (Addressee("Dana", "dana@acme.example", NOW),)))
        ledger.take_back("d", NOW)
        ledger.ask(Ask("a", "dana@acme.example", "Dana", "ask", NOW, Duration(minutes=30), Duration(days=14), ("u",)))
        ledger.tell([(Told("two", "notice", ("dana@acme.example",), NOW), "")])
        ledger.end_cycle(ledger.begin_cycle(NOW), NOW, [problem])
        ledger.source_failed("cal", NOW, problem)
        with ledger.writing() as connection:
            calendars.set_account(connection, "cal", calendars.Account("n", "r", 1, NOW, 1))
            calendars.set_tags(connection, "cal", {"a.ics": "t"})
            new = Component(
                "a.ics",
                "u",
                "d",
                recurring=False,
                expanded_from=NOW,
                expanded_to=NOW,
                first_start=one.start,
                last_end=one.end,
                first_seen=1,
                missing_since=NOW,
            )
            calendars.write(connection, "cal", [(new, [one])])
            calendars.hold(connection, "cal", [one])
            calendars.set_flaws(connection, "cal", ["a.ics"], [("a.ics", "", problem)])
        ledger.verify()
    return folder / store.NAME


def shown(ledger: Ledger) -> None:
    """All that a cycle asks of what the calendars showed."""
    low, high = meeting().start - DAY, meeting().end + DAY
    with ledger.reading() as connection:
        calendars.account(connection, "cal")
        calendars.tags(connection, "cal")
        calendars.known(connection, "cal", ["a.ics"])
        calendars.missing(connection, "cal")
        calendars.shown(connection, "cal")
        list(calendars.window(connection, "cal", low, high))
        calendars.held_meetings(connection, "cal", low, high)
        calendars.all_flaws(connection, "cal")


@pytest.mark.parametrize("name", metadata.tables)
def test_whatever_stands_in_a_column_is_read_or_told_as_damage(folder: Path, name: str) -> None:
    file, table = filled(folder), metadata.tables[name]
    read = READERS.get(name, shown)
    with closing(sqlite3.connect(file, isolation_level=None)) as raw, Ledger.open(folder) as ledger:
        raw.execute("PRAGMA synchronous=OFF")
        read(ledger)
        for column in table.columns:
            if column.name == "number":
                continue  # SQLite takes nothing but a number there
            (before,) = raw.execute(f'SELECT "{column.name}" FROM "{name}" WHERE rowid = 1').fetchone()
            change = f'UPDATE "{name}" SET "{column.name}" = ? WHERE rowid = 1'
            for odd in (*ODD, *([DEEP] if isinstance(column.type, Json) else [])):
                raw.execute(change, (odd,))
                with suppress(LedgerCorrupt):
                    read(ledger)
                if isinstance(odd, bytes) and not isinstance(column.type, Content):
                    assert not makes_sense(raw), column.name
            raw.execute(change, (before,))


def test_a_copy_with_such_values_is_shown_as_damaged(folder: Path) -> None:
    file = filled(folder)
    assert look(file).trouble == ""
    for odd in ("x", b"\x00", 9e30, -9e18):
        with closing(sqlite3.connect(file)) as raw, raw:
            raw.execute("UPDATE cycles SET ended = ?", (odd,))
        assert "damaged" in look(file).trouble
