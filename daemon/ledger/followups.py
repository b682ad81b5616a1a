"""Follow-ups in the ledger: records, open intents, history lines. Each function is one step of a transaction."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from daemon.ledger.codec import json_record, record_json, record_row, row_record
from daemon.ledger.model import Event, Intent, IntentKind
from daemon.ledger.tables import events, follow_ups, intents, kept_words, messages
from rules.history import FINAL, OPEN, Record, State
from rules.life import ImpossibleError, leads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_ALL = select(follow_ups).order_by(follow_ups.c.due, follow_ups.c.id)
_WAITING = (
    select(follow_ups)
    .where(follow_ups.c.state.in_([State.PLACED.value, State.EDITED.value, State.SNOOZED.value]))
    .order_by(
        follow_ups.c.by.is_(None),
        func.coalesce(follow_ups.c.by, follow_ups.c.expires, follow_ups.c.due),
        follow_ups.c.id,
    )
    .limit(bindparam("most"))
)
_ONE = select(follow_ups).where(follow_ups.c.id == bindparam("of"))
_INTENTS = (
    select(
        intents.c.kind,
        intents.c.outcome,
        intents.c.cause,
        intents.c.at,
        intents.c.base,
        intents.c.content.label("revised"),
        messages.c.content,
        follow_ups,
    )
    .join(follow_ups, follow_ups.c.id == intents.c.follow_up)
    .outerjoin(messages, (messages.c.follow_up == intents.c.follow_up) & (messages.c.revision == intents.c.revision))
    .order_by(intents.c.at, intents.c.follow_up)
)
_CHANGE = (
    update(follow_ups)
    .where(follow_ups.c.id == bindparam("of"))
    .values({column.name: bindparam(column.name) for column in follow_ups.c})
)
_ADD, _TELL, _OPEN = insert(follow_ups), insert(events), insert(intents)
_UNDER_WAY = select(intents.c.kind).where(intents.c.follow_up == bindparam("of"))
_CLOSE = delete(intents).where(intents.c.follow_up == bindparam("of"))
_FORGET_MESSAGE = delete(messages).where(
    messages.c.follow_up == bindparam("of"), messages.c.revision == bindparam("at_revision")
)
_KEEP_MESSAGE = insert(messages)

BY_HAND = frozenset({State.SKIPPED, State.SNOOZED})
"""States that the user sets by command, perhaps while a cycle is under way."""


def all_records(connection: Connection) -> tuple[Record, ...]:
    """Every follow-up, in the order of due and id."""
    return tuple(row_record(row._asdict()) for row in connection.execute(_ALL))


def waiting_records(connection: Connection, most: int) -> tuple[Record, ...]:
    """Those with a draft that waits, and those that are snoozed, the nearest deadline first: a few of all the years."""
    return tuple(row_record(row._asdict()) for row in connection.execute(_WAITING, {"most": most}))


def one_record(connection: Connection, follow_up: str) -> Record | None:
    """The follow-up of this id."""
    row = connection.execute(_ONE, {"of": follow_up}).first()
    return None if row is None else row_record(row._asdict())


def write_record(connection: Connection, record: Record) -> None:
    """Save the record over what was there."""
    row = record_row(record)
    if connection.execute(_CHANGE, row | {"of": record.id}).rowcount == 0:
        connection.execute(_ADD, row)


def save(
    connection: Connection, record: Record, seen: Mapping[str, Record], cause: str, at: datetime, *, done: bool = True
) -> Record:
    """Save one; what the user said by command since they were `seen` so stays. No cause, no line of history.

    What was `done` has its line in any case. What was merely seen has none where the user's word stands against
    it: the next look sees it again.

    Raises:
        ImpossibleError: the state has changed, and no cause is given, or nothing leads from the one to the other.
    """
    now = one_record(connection, record.id)
    state = record.state
    if now is not None and now != seen.get(record.id) and now.state in BY_HAND:
        record = by_hand(record, now)
    if cause and (done or record.state is state):
        write_event(connection, record.id, at, state, cause)
    if now is not None and now.state is not record.state and not (cause and leads(now.state, record.state)):
        raise ImpossibleError(f"{record.id} was {now.state}, is {record.state}, by no cause: '{cause}'")
    write_record(connection, record)
    return record


def write_event(connection: Connection, follow_up: str, at: datetime, state: State, cause: str) -> None:
    """Add a line to the history."""
    line = {"follow_up": follow_up, "at": at, "state": state.value, "cause": cause}
    connection.execute(_TELL, line)


def history(connection: Connection, follow_up: str) -> tuple[Event, ...]:
    """The lines of one follow-up, oldest first."""
    query = select(events.c.at, events.c.state, events.c.cause).where(events.c.follow_up == follow_up)
    rows = connection.execute(query.order_by(events.c.number))
    return tuple(Event(at, State(state), cause) for at, state, cause in rows)


def may_place(now: Record | None, record: Record) -> bool:
    """Whether a draft may be made, seen from what the ledger says now: the user's word of meanwhile wins."""
    if now is None:
        return True
    if now.state in FINAL or now.state in OPEN:
        return False
    return now.state is not State.SNOOZED or now.snoozed_until == record.snoozed_until


def may_remove(now: Record | None, record: Record) -> bool:
    """Whether a draft may be taken away: nothing about it changed since the caller looked."""
    if now is None:
        return False
    return all(
        getattr(now, name) == getattr(record, name) for name in ("state", "revision", "message_id", "snoozed_until")
    )


def open_intent(connection: Connection, record: Record, intent: Intent, former: Record | None) -> None:
    """Write the intent down, and what the follow-up was before it."""
    row = {
        "follow_up": record.id,
        "kind": intent.kind.value,
        "revision": record.revision,
        "outcome": None if intent.outcome is None else intent.outcome.value,
        "cause": intent.cause,
        "at": intent.at,
        "former": None if former is None else record_json(former),
        "content": intent.message if intent.kind is IntentKind.REVISE else None,
        "base": intent.base,
    }
    connection.execute(_OPEN, row)


def has_intent(connection: Connection, follow_up: str) -> bool:
    """Whether something is under way for this follow-up."""
    return connection.execute(_UNDER_WAY, {"of": follow_up}).first() is not None


def close_intent(connection: Connection, follow_up: str) -> None:
    """The intent is no longer open."""
    connection.execute(_CLOSE, {"of": follow_up})


def open_intents(connection: Connection) -> tuple[Intent, ...]:
    """What is open, oldest first."""
    found = []
    for line in connection.execute(_INTENTS):
        row = line._asdict()
        kind = IntentKind(row["kind"])
        message = {IntentKind.PLACE: row["content"], IntentKind.REVISE: row["revised"]}.get(kind)
        outcome = None if row["outcome"] is None else State(row["outcome"])
        found.append(Intent(kind, row_record(row), message, outcome, row["cause"], row["at"], row["base"]))
    return tuple(found)


def write_message(connection: Connection, record: Record, content: bytes) -> None:
    """Keep the bytes of this revision."""
    connection.execute(_FORGET_MESSAGE, {"of": record.id, "at_revision": record.revision})
    connection.execute(_KEEP_MESSAGE, {"follow_up": record.id, "revision": record.revision, "content": content})


def read_message(connection: Connection, follow_up: str, revision: int | None) -> bytes | None:
    """The bytes of this revision, or of the latest."""
    query = select(messages.c.content).where(messages.c.follow_up == follow_up)
    if revision is not None:
        query = query.where(messages.c.revision == revision)
    return connection.execute(query.order_by(messages.c.revision.desc())).scalars().first()


def undo_intent(connection: Connection, follow_up: str) -> State | None:
    """Take an intent back: the follow-up is what it was, but for what the user said meanwhile.

    Returns:
        The state that the follow-up is in now (planned where it was not in the ledger before), or None
        where there is no such intent.
    """
    row = connection.execute(select(intents).where(intents.c.follow_up == follow_up)).mappings().first()
    if row is None:
        return None
    close_intent(connection, follow_up)
    now = one_record(connection, follow_up)
    former = None if row["former"] is None else json_record(row["former"])
    if row["kind"] != IntentKind.PLACE:
        return None if now is None else now.state
    connection.execute(_FORGET_MESSAGE, {"of": follow_up, "at_revision": row["revision"]})
    if now is not None and now.state in BY_HAND:
        base = former or replace(now, revision=max(0, now.revision - 1), message_id="", placed=None, draft_tag="")
        write_record(connection, by_hand(base, now))
        return now.state
    if former is None:
        connection.execute(delete(follow_ups).where(follow_ups.c.id == follow_up))
        return State.PLANNED
    write_record(connection, former)
    return former.state


def keep_words(connection: Connection, follow_up: str, window: str, row: Mapping[str, object]) -> None:
    """Keep what the user typed in this window; what was kept of it before is gone."""
    forget_window(connection, follow_up, window)
    connection.execute(insert(kept_words), {**row, "follow_up": _slot(follow_up, window)})


def forget_window(connection: Connection, follow_up: str, window: str) -> None:
    """What the user typed in this window is not wanted."""
    connection.execute(delete(kept_words).where(kept_words.c.follow_up == _slot(follow_up, window)))


def _slot(follow_up: str, window: str) -> str:
    return f"{follow_up} {window}" if window else follow_up


def forget_words(connection: Connection, follow_up: str, typed: tuple[str, datetime] | None = None) -> None:
    """What the user typed is in the draft, or is not wanted; only that which was `typed` on this base at this time."""
    key = kept_words.c.follow_up
    query = delete(kept_words).where(or_(key == follow_up, key.startswith(f"{follow_up} ", autoescape=True)))
    if typed is not None:
        query = query.where(kept_words.c.base == typed[0], kept_words.c.at == typed[1])
    connection.execute(query)


def read_words(connection: Connection) -> Iterator[tuple[str, str, tuple[str, str, str, datetime]]]:
    """All that is kept, the oldest first: for which follow-up, in which window, and base, subject, text and time."""
    for row in connection.execute(select(kept_words).order_by(kept_words.c.at, kept_words.c.follow_up)):
        follow_up, _, window = row.follow_up.partition(" ")
        yield follow_up, window, (row.base, row.subject, row.text, row.at)


def by_hand(record: Record, said: Record) -> Record:
    """`record`, with what the user said of it meanwhile."""
    return replace(
        record,
        state=said.state,
        changed=said.changed,
        due=said.due,
        by=said.by,
        why=said.why,
        snoozed_until=said.snoozed_until,
    )
