"""What the state folder shows: the ledger in numbers, sources, cycles, backups, errors that should not have been."""

from __future__ import annotations

import builtins
import sys
from collections import Counter
from types import ModuleType
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from daemon import backups, mishaps, settling
from daemon.commands import HELPS
from daemon.doctor.leaf import OTHER, Leaf, Ours, Section, Table, Word, number, version, word
from daemon.doctor.machine import ago, requirements
from daemon.doctor.messages import classes, ours
from daemon.doctor.shape import CALENDARS, CONTACTS, MAILBOXES, kinds_of_sources, wrong
from daemon.doctor.vocabulary import ERRORS_BELOW
from daemon.ledger import Ledger, LedgerError
from daemon.ledger.copies import look
from daemon.ledger.store import NAME
from daemon.ledger.tables import SCHEMAS, cycles, follow_ups, intents, memory, metadata
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta
    from pathlib import Path

    from sqlalchemy import Connection

    from daemon.doctor.shape import Written

_CYCLES = 20
_MEMORY = frozenset({"backup", "begun anew", "household", "leap", "mailbox", "quiet", "settling"})
_LOCALS = frozenset({"__main__", *mishaps.ROOMS})
_KINDS = (*CALENDARS, *CONTACTS, *MAILBOXES)


def ledger(state: Path, written: Written, now: datetime) -> Section:
    """The ledger in numbers, also where it is damaged, of another release, or not there."""
    if not (state / NAME).exists():
        return Section("Ledger", (("ledger is there", False),))
    held = look(state / NAME)
    facts: list[tuple[str, Leaf]] = [
        ("ledger is there", True),
        ("size in kB", -(-held.size // 1000)),
        ("schema", number(held.schema)),
        ("schema of the program", number(SCHEMAS[-1])),
        ("sound", not held.trouble),
    ]
    if held.trouble:
        message, place = ours(held.trouble)
        facts += [("trouble", message), ("trouble found at", place)]
    tables: list[tuple[str, Table]] = []
    try:
        with Ledger.open(state, write=False) as opened:
            tables += list(_tables(opened, written, now))
            facts += list(_facts(opened, now))
    except LedgerError as error:
        facts.append(("error", Word(type(error).__name__)))
    return Section("Ledger", tuple(facts), tuple(tables))


def _facts(opened: Ledger, now: datetime) -> Iterator[tuple[str, Leaf]]:
    last, mark = opened.last_cycle(), settling.restored(opened)
    yield "last cycle ended, ago", None if last is None else now - last[0]
    yield "settling after a restore", mark is not None
    yield "daily backup hindered", backups.standing(opened) is not None
    with opened.reading() as connection:
        yield "under way", connection.execute(select(func.count()).select_from(intents)).scalar_one()
        for key, length in connection.execute(select(memory.c.key, func.length(memory.c.text)).order_by(memory.c.key)):
            if key in _MEMORY:
                yield f"memory: {word(key, _MEMORY)}, kB", -(-length // 1000)


def _tables(opened: Ledger, written: Written, now: datetime) -> Iterator[tuple[str, Table]]:
    kinds = kinds_of_sources(written)
    with opened.reading() as connection:
        states = connection.execute(select(follow_ups.c.state, func.count()).group_by(follow_ups.c.state))
        rows = tuple(sorted((word(state, [*map(str, State)]), count) for state, count in states))
        yield "follow-ups by state", Table(("state", "count"), rows)
        yield "rows", Table(("table", "count"), tuple(_sizes(connection)))
        yield "cycles", Table(("began, ago", "unfinished", "problems"), tuple(_cycles(connection, now)))
    yield (
        "sources",
        Table(("kind", "answered, ago", "stale, since", "what is wrong"), tuple(_sources(opened, kinds, now))),
    )
    last = opened.last_cycle()
    if last is not None and last[1]:
        yield wrong("problems of the last cycle", last[1], kinds)


def _sizes(connection: Connection) -> Iterator[tuple[Leaf, ...]]:
    for name, table in metadata.tables.items():
        if count := connection.execute(select(func.count()).select_from(table)).scalar_one():
            yield Word(name), count


def _cycles(connection: Connection, now: datetime) -> Iterator[tuple[Leaf, ...]]:
    query = select(cycles.c.began, cycles.c.ended, cycles.c.problems).order_by(cycles.c.number.desc()).limit(_CYCLES)
    for began, ended, problems in connection.execute(query):
        yield now - began, ended is None, len(problems or ())


def _sources(opened: Ledger, kinds: dict[str, str], now: datetime) -> Iterator[tuple[Leaf, ...]]:
    for name, one in opened.sources().items():
        answered = None if one.ok_at is None else now - one.ok_at
        stale = False if one.failed_since is None else now - one.failed_since
        message = Word("none") if one.problem is None else ours(one.problem.message)[0]
        yield word(kinds.get(name), _KINDS), answered, stale, message


def copies(state: Path, now: datetime) -> Section:
    """The backups, by their kinds."""
    counts: Counter[tuple[Word, bool]] = Counter()
    newest: dict[tuple[Word, bool], timedelta | None] = {}
    for one in backups.several(state):
        kind = word(str(one.kind), [*map(str, backups.Kind)]), one.is_sound
        counts[kind] += 1
        newest.setdefault(kind, None if one.held.as_of is None else now - one.held.as_of)
    rows = tuple((*kind, count, newest[kind]) for kind, count in sorted(counts.items()))
    return Section("Backups", (), (("backups", Table(("kind", "sound", "count", "newest, ago"), rows)),))


# --- what should not have happened -------------------------------------------------------------------------


def unexpected(state: Path, now: datetime) -> Section:
    """The errors that were kept (`daemon.mishaps`): each word of them is looked up again before it is believed."""
    rows = []
    for one in mishaps.kept(state):
        errors = [_class_of(*pair) for pair in _pairs(one.get("errors"))]
        frames = [_frame(*pair) for pair in _pairs(one.get("frames"))]
        rows.append(
            (
                ago(one.get("at"), now),
                version(one.get("version")),
                word(one.get("command"), HELPS),
                Ours(" from ".join(errors)),
                Ours(" > ".join(frames)),
            )
        )
    head = ("ago", "version", "command", "error", "lines of our own code")
    return Section("Errors that should not have happened", (), (("unexpected", Table(head, tuple(rows))),))


def _pairs(told: object) -> list[tuple[object, object]]:
    several = told if isinstance(told, list) else []
    return [(one[0], one[1]) for one in several if isinstance(one, list) and len(one) == 2]  # noqa: PLR2004 - a pair


def _class_of(module: object, name: object) -> str:
    """The name of an exception, where there is one of this name in the program, in Python, or in what is below it.

    The file of errors may have been written by anybody, so nothing that it names is imported: what is not loaded is
    looked up in our own source, and in a table.
    """
    place, called = str(module), str(name)
    if called in ERRORS_BELOW.get(place, ()) or (place, called) in classes():
        return called
    root = place.partition(".")[0]
    below = {one.replace("-", "_") for one in requirements()} | {"sqlalchemy", "googleapiclient", "pydantic_core"}
    loaded = builtins if place == "builtins" else sys.modules.get(place)
    # A module that loads others when it is looked into is of a kind of its own.
    if root not in _LOCALS | sys.stdlib_module_names | below or type(loaded) is not ModuleType:
        return OTHER
    found = loaded.__dict__.get(called)
    return called if isinstance(found, type) and issubclass(found, BaseException) else OTHER


def _frame(place: object, line: object) -> str:
    """`daemon/cycle.py:128`, where there is such a file in the program."""
    known = str(place).partition("/")[0] in mishaps.ROOMS and ".." not in str(place)
    if known and isinstance(line, int) and (mishaps.ROOT / str(place)).is_file():
        return f"{place}:{line}"
    return OTHER
