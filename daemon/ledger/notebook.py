"""Mails, ages of rules, small texts, notes on people, nudges, cycles and sources: one step of a transaction each."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from daemon.ledger.codec import mail_row, problem_row, row_mail, row_problem, storable
from daemon.ledger.model import SourceState
from daemon.ledger.tables import cycles, mails, memory, nudges, rule_ages, sources
from daemon.ledger.tables import person_notes as notes
from rules.history import RuleAge, Told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from config.problem import Problem
    from rules.model import Mail

_MEMORY = select(memory.c.key, memory.c.text)
_REPLACE = update(memory).where(memory.c.key == bindparam("of")).values(text=bindparam("new"))
_KEEP = insert(memory)
_FORGET = delete(memory).where(memory.c.key == bindparam("of"))
_BEGIN = insert(cycles).values(began=bindparam("at")).returning(cycles.c.number)
_FORGET_CYCLES = delete(cycles).where(cycles.c.number <= bindparam("last"))
_END = (
    update(cycles)
    .where(cycles.c.number == bindparam("of"))
    .values(ended=bindparam("at"), problems=bindparam("problems"))
)
_LAST = (
    select(cycles.c.ended, cycles.c.problems)
    .where(cycles.c.ended.is_not(None))
    .order_by(cycles.c.number.desc())
    .limit(1)
)
_ANSWERED = (
    update(sources)
    .where(sources.c.source == bindparam("of"))
    .values(ok_at=bindparam("at"), failed_since=None, problem=None)
)

BATCH = 400
CYCLES_KEPT = 500


def all_mails(connection: Connection) -> tuple[Mail, ...]:
    """Oldest first."""
    rows = connection.execute(select(mails).order_by(mails.c.at, mails.c.key, mails.c.direction))
    return tuple(row_mail(row._asdict()) for row in rows)


def add_mails(connection: Connection, several: Sequence[Mail]) -> None:
    """Insert those that are not known yet; unique by Message-ID and direction."""
    rows = {(row["key"], row["direction"]): row for row in map(mail_row, several)}
    waiting = iter(rows.items())
    while batch := dict(islice(waiting, BATCH)):
        keys = {key for key, _ in batch}
        query = select(mails.c.key, mails.c.direction).where(mails.c.key.in_(keys))
        known = {(key, direction) for key, direction in connection.execute(query)}
        if new := [row for place, row in batch.items() if place not in known]:
            connection.execute(insert(mails), new)


def all_ages(connection: Connection) -> dict[str, RuleAge]:
    """By rule id."""
    rows = connection.execute(select(rule_ages))
    return {row.rule: RuleAge(row.fingerprint, row.since) for row in rows}


def set_ages(connection: Connection, ages: Mapping[str, RuleAge]) -> None:
    """Over what was there; a rule that was taken out keeps its age, so that it is not new when it comes back."""
    connection.execute(delete(rule_ages).where(rule_ages.c.rule.in_(list(ages))))
    rows = [{"rule": rule, "fingerprint": age.fingerprint, "since": age.since} for rule, age in ages.items()]
    if rows:
        connection.execute(insert(rule_ages), rows)


def whole_memory(connection: Connection) -> dict[str, str]:
    """The texts by their keys: a cycle asks for most of them, and they are few."""
    return {row.key: row.text for row in connection.execute(_MEMORY)}


def keep(connection: Connection, key: str, text: str | None) -> None:
    """Put a text under this key, or nothing."""
    if text is None:
        connection.execute(_FORGET, {"of": key})
    elif connection.execute(_REPLACE, {"of": key, "new": storable(text)}).rowcount == 0:
        connection.execute(_KEEP, {"key": key, "text": storable(text)})


def with_kept(memory: Mapping[str, str], key: str, text: str | None) -> dict[str, str]:
    """The memory, as it is when this was kept."""
    after = dict(memory)
    after.pop(key, None)
    return after if text is None else after | {key: storable(text)}


def person_notes(connection: Connection) -> tuple[tuple[str, datetime, str], ...]:
    """Oldest first."""
    rows = connection.execute(select(notes.c.address, notes.c.at, notes.c.text).order_by(notes.c.at, notes.c.number))
    return tuple((address, at, text) for address, at, text in rows)


def add_person_note(connection: Connection, address: str, text: str, at: datetime) -> None:
    """One more."""
    connection.execute(insert(notes).values(address=storable(address), at=at, text=storable(text)))


def all_told(connection: Connection) -> tuple[Told, ...]:
    """Everything that was brought to the user's mind, oldest first. It is kept as long as the follow-ups are."""
    rows = connection.execute(select(nudges).order_by(nudges.c.at, nudges.c.subject, nudges.c.kind))
    return tuple(Told(row.subject, row.kind, tuple(row.people), row.at) for row in rows)


def tell(connection: Connection, told: Told) -> None:
    """This was brought to mind; the last time counts."""
    forget_told(connection, told.subject, told.kind)
    row = {"subject": told.subject, "kind": told.kind, "people": list(told.addresses), "at": told.at}
    connection.execute(insert(nudges).values(row))


def forget_told(connection: Connection, subject: str, kind: str) -> None:
    """As if it had never been brought to mind."""
    connection.execute(delete(nudges).where((nudges.c.subject == subject) & (nudges.c.kind == kind)))


def begin_cycle(connection: Connection, at: datetime) -> int:
    """The number of the new cycle; the oldest are forgotten."""
    number: int = connection.execute(_BEGIN, {"at": at}).scalar_one()
    connection.execute(_FORGET_CYCLES, {"last": number - CYCLES_KEPT})
    return number


def end_cycle(connection: Connection, number: int, at: datetime, problems: Sequence[Problem]) -> bool:
    """Whether there was such a cycle."""
    told = [problem_row(problem) for problem in problems]
    return connection.execute(_END, {"of": number, "at": at, "problems": told}).rowcount > 0


def last_cycle(connection: Connection) -> tuple[datetime, tuple[Problem, ...]] | None:
    """The finished one that began last."""
    row = connection.execute(_LAST).first()
    return None if row is None else (row.ended, tuple(map(row_problem, row.problems)))


def all_sources(connection: Connection) -> dict[str, SourceState]:
    """By id of the source."""
    return {
        row.source: SourceState(row.ok_at, row.failed_since, None if row.problem is None else row_problem(row.problem))
        for row in connection.execute(select(sources).order_by(sources.c.source))
    }


def source_ok(connection: Connection, source: str, at: datetime) -> None:
    """It answered at this time."""
    if connection.execute(_ANSWERED, {"of": source, "at": at}).rowcount == 0:
        connection.execute(insert(sources).values(source=source, ok_at=at))


def source_failed(connection: Connection, source: str, at: datetime, problem: Problem) -> None:
    """It did not; the first time counts, the last problem is kept."""
    since = connection.execute(select(sources.c.failed_since).where(sources.c.source == source)).scalar()
    values = {"failed_since": since or at, "problem": problem_row(problem)}
    if connection.execute(update(sources).where(sources.c.source == source).values(values)).rowcount == 0:
        connection.execute(insert(sources).values(source=source, **values))
