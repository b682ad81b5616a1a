"""Records, mails and problems to rows of the ledger, and back."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from config.problem import Problem
from daemon.ledger.columns import from_microseconds, to_microseconds
from daemon.ledger.errors import NONSENSE, SenselessError
from rules.history import Addressee, Ask, CheckIns, Decision, MeetingRef, Promise, Record, State
from rules.model import Direction, Mail, MailKind, Recipient
from rules.timing import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

T = TypeVar("T")
P = ParamSpec("P")

FIELDS = tuple(field.name for field in fields(Record))
ASK = tuple(field.name for field in fields(Ask))
INSTANTS = frozenset({"due", "by", "expires", "changed", "placed", "sent", "snoozed_until", "absent_since"})


def storable(text: str) -> str:
    """Half a surrogate pair (bytes that were no UTF-8 once) has no place in UTF-8: a question mark stands for it."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _of_sense(read: Callable[P, T]) -> Callable[P, T]:
    """A reader of rows that raises `SenselessError`, and nothing else, where it can make nothing of one."""

    @wraps(read)
    def reader(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(*args, **kwargs)
        except NONSENSE as error:
            raise SenselessError("a row of the ledger makes no sense") from error

    return reader


def _texts(several: list[Any]) -> tuple[str, ...]:
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise SenselessError("no list of texts stands where one should")
    return tuple(several)


def record_row(record: Record) -> dict[str, Any]:
    """The row of a record: a value for each column of `follow_ups`."""
    row = {name: getattr(record, name) for name in FIELDS}
    row |= {name: storable(value) for name, value in row.items() if isinstance(value, str)}
    row["state"] = record.state.value
    row["addresses"] = list(record.addresses)
    row["to"] = [[recipient.name, recipient.email] for recipient in record.to]
    row["references"] = list(record.references)
    row["meeting"] = None if record.meeting is None else _meeting_row(record.meeting)
    slots = record.slots
    row["slots"] = None if slots is None else [[to_microseconds(one) for one in slot] for slot in slots]
    return row


@_of_sense
def row_record(row: Mapping[str, Any]) -> Record:
    """The record of a row."""
    values = {name: row[name] for name in FIELDS}
    values["state"] = State(row["state"])
    values["addresses"] = _texts(row["addresses"])
    values["to"] = tuple(Recipient(name, email) for name, email in row["to"])
    values["references"] = _texts(row["references"])
    values["meeting"] = None if row["meeting"] is None else _row_meeting(row["meeting"])
    values["slots"] = None if row["slots"] is None else tuple(_slot(*slot) for slot in row["slots"])
    return Record(**values)


def record_json(record: Record) -> dict[str, Any]:
    """A record as JSON keeps it: instants as microseconds."""
    return {name: _count(value) if name in INSTANTS else value for name, value in record_row(record).items()}


@_of_sense
def json_record(stored: Mapping[str, Any]) -> Record:
    """The record of `record_json`."""
    row = {name: _instant(value) if name in INSTANTS else value for name, value in stored.items()}
    return row_record({"account": "", "slots": None, **row})  # an earlier release did not know these


def _count(instant: datetime | None) -> int | None:
    return None if instant is None else to_microseconds(instant)


def _instant(count: int | None) -> datetime | None:
    return None if count is None else from_microseconds(count)


def _slot(start: int, end: int) -> tuple[datetime, datetime]:
    return from_microseconds(start), from_microseconds(end)


def ask_row(ask: Ask) -> dict[str, Any]:
    """The row of a meeting request: a value for each column of `asks`."""
    row = {name: getattr(ask, name) for name in ASK}
    row |= {name: storable(value) for name, value in row.items() if isinstance(value, str)}
    return row | {"length": str(ask.length), "within": str(ask.within), "known": list(ask.known)}


@_of_sense
def row_ask(row: Mapping[str, Any]) -> Ask:
    """The meeting request of a row."""
    values = {name: row[name] for name in ASK}
    values |= {name: Duration.parse(row[name]) for name in ("length", "within")}
    return Ask(**values | {"known": _texts(row["known"])})


def promise_row(promise: Promise) -> dict[str, Any]:
    """The row of a promise: a value for each column of `promises`."""
    return {
        "id": promise.id,
        "text": storable(promise.text),
        "meeting": _meeting_row(promise.meeting),
        "addresses": list(promise.addresses),
        "kept": promise.kept,
        "withdrawn": promise.withdrawn,
    }


@_of_sense
def row_promise(row: Mapping[str, Any]) -> Promise:
    """The promise of a row."""
    return Promise(
        id=row["id"],
        text=row["text"],
        meeting=_row_meeting(row["meeting"]),
        addresses=_texts(row["addresses"]),
        kept=row["kept"],
        withdrawn=row["withdrawn"],
    )


def decision_row(decision: Decision) -> dict[str, Any]:
    """The row of a decision: a value for each column of `decisions`."""
    return {
        "id": decision.id,
        "text": storable(decision.text),
        "at": decision.at,
        "people": [[one.name, one.email, to_microseconds(one.at), one.left_out] for one in decision.people],
        "check_ins": decision.check_ins.value,
        "undone": decision.undone,
    }


@_of_sense
def row_decision(row: Mapping[str, Any]) -> Decision:
    """The decision of a row."""
    return Decision(
        id=row["id"],
        text=row["text"],
        at=row["at"],
        people=tuple(_row_addressee(one) for one in row["people"]),
        check_ins=CheckIns(row["check_ins"]),
        undone=row["undone"],
    )


def _row_addressee(row: list[Any]) -> Addressee:
    name, email, at, left_out = row
    name, email = _texts([name, email])
    return Addressee(name, email, from_microseconds(at), bool(left_out))


def _meeting_row(meeting: MeetingRef) -> list[Any]:
    return [
        meeting.calendar,
        meeting.uid,
        list(meeting.identities),
        meeting.title,
        to_microseconds(meeting.start),
        to_microseconds(meeting.end),
        *([meeting.marks] if meeting.marks else []),
    ]


def _row_meeting(row: list[Any]) -> MeetingRef:
    calendar, uid, identities, title, start, end, *rest = row
    instants = from_microseconds(start), from_microseconds(end)
    return MeetingRef(calendar, uid, tuple(identities), title, *instants, *rest)


def mail_row(mail: Mail) -> dict[str, Any]:
    """The row of a mail. One without a Message-ID is known by its time, people and subject instead."""
    told = "\x1f".join((str(to_microseconds(mail.at)), *mail.others, mail.subject))
    nameless = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
    return {
        "key": storable(mail.message_id) or nameless,
        "direction": mail.direction.value,
        "message_id": storable(mail.message_id),
        "at": mail.at,
        "others": list(mail.others),
        "subject": storable(mail.subject),
        "references": list(mail.references),
        "kind": mail.kind.value,
        "forwarded": mail.forwarded,
        "away_until": mail.away_until,
    }


@_of_sense
def row_mail(row: Mapping[str, Any]) -> Mail:
    """The mail of a row."""
    return Mail(
        message_id=row["message_id"],
        direction=Direction(row["direction"]),
        at=row["at"],
        others=_texts(row["others"]),
        subject=row["subject"],
        references=_texts(row["references"]),
        kind=MailKind(row["kind"]),
        forwarded=row["forwarded"],
        away_until=row["away_until"],
    )


def problem_row(problem: Problem) -> list[Any]:
    """A problem as JSON keeps it."""
    return [problem.source, problem.file, problem.line, problem.column, problem.message, problem.hint]


@_of_sense
def row_problem(row: list[Any]) -> Problem:
    """The problem of `problem_row`."""
    source, file, line, column, message, hint = row
    return Problem(source=source, file=file, line=line, column=column, message=message, hint=hint)
