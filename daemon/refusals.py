"""Notes that the mailbox refuses for good: each is tried again when its words have changed, and else once a day."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from config.problem import Problem
from rules.model import aware

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Self

    from connectors.base import NoteRefusedError, PermanentError
    from daemon.act import Prepared
    from daemon.ledger import Ledger

AGAIN = timedelta(days=1)
"""So long a note that was refused is left alone: the mailbox may have learnt to take it."""
_KEY = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a mailbox said of a note, and when; `mark` tells the note and the mailbox from others."""

    mark: str
    at: datetime
    message: str
    hint: str | None
    file: str | None

    @classmethod
    def of(cls, note: Prepared, account: str, error: NoteRefusedError, now: datetime) -> Self:
        """The mailbox has just refused this note."""
        return cls(_mark(note, account), now, error.message, error.hint, error.file)

    def covers(self, note: Prepared, account: str, now: datetime) -> bool:
        """Whether it still speaks for this note. One from the future is a clock that was wrong."""
        return self.mark == _mark(note, account) and timedelta() <= now - self.at < AGAIN


def problem(note: Prepared, why: PermanentError | Refusal, mailbox: str) -> Problem:
    """What the user is told of a note that could not be laid down."""
    record = note.record
    message = f"the {record.step} for {', '.join(record.addresses)} could not be laid down: {why.message}"
    return Problem(mailbox, why.file, None, None, message, why.hint)


def told(refusals: Mapping[str, Refusal], notes: Iterable[Prepared], mailbox: str) -> list[Problem]:
    """What the user is told of those of the notes that are refused."""
    return [problem(one, refusals[one.record.id], mailbox) for one in notes if one.record.id in refusals]


def resting(ledger: Ledger, notes: Iterable[Prepared], account: str, now: datetime) -> dict[str, Refusal]:
    """Which of the notes are not tried in this mailbox now, by the id of the follow-up, and why not."""
    known = _known(ledger)
    ids = ((one.record.id, one) for one in notes)
    return {id_: known[id_] for id_, one in ids if id_ in known and known[id_].covers(one, account, now)}


def keep(ledger: Ledger, refusals: Mapping[str, Refusal]) -> None:
    """Keep these, in place of those that were kept."""
    rows = {
        id_: [one.mark, one.at.isoformat(), one.message, one.hint, one.file] for id_, one in sorted(refusals.items())
    }
    text = json.dumps(rows)
    if text != (ledger.recall(_KEY) or "{}"):
        ledger.keep(_KEY, text)


def _known(ledger: Ledger) -> dict[str, Refusal]:
    with suppress(ValueError, TypeError, AttributeError):  # damaged: then each is tried once more
        return {str(id_): _refusal(*row) for id_, row in json.loads(ledger.recall(_KEY) or "{}").items()}
    return {}


def _refusal(mark: Any, at: Any, message: Any, *more: Any) -> Refusal:
    moment = aware(datetime.fromisoformat(at), "the time of a refusal")
    hint, file = (None if one is None else str(one) for one in more)
    return Refusal(str(mark), moment, str(message), hint, file)


def _mark(note: Prepared, account: str) -> str:
    """All that the mailbox was given, but for the Date, which is another one in each cycle."""
    given = re.sub(rb"(?m)^Date: .*\n", b"", note.message, count=1)
    return sha256(account.encode("utf-8", "surrogatepass") + b"\n" + given).hexdigest()
