"""Notes that the mailbox refuses for good: each is tried again when its words have changed, and else once a day."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.message import content

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from connectors.base import PermanentError
    from daemon.act import Prepared
    from daemon.ledger import Ledger

AGAIN = timedelta(days=1)
"""So long a note that was refused is left alone: the mailbox may have learnt to take it."""
_KEY = "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the mailbox said of these words, and when, in ISO 8601."""

    words: str
    at: str
    message: str
    hint: str | None
    file: str | None

    @classmethod
    def of(cls, note: Prepared, error: PermanentError, now: datetime) -> Self:
        """The mailbox has just refused this note."""
        return cls(_words(note), now.isoformat(), error.message, error.hint, error.file)

    def covers(self, note: Prepared, now: datetime) -> bool:
        """Whether it still speaks for this note. One from the future is a clock that was wrong."""
        return self.words == _words(note) and timedelta() <= now - datetime.fromisoformat(self.at) < AGAIN

    def problem(self, note: Prepared, mailbox: str) -> Problem:
        """What the user is told."""
        record = note.record
        message = f"the {record.step} for {', '.join(record.addresses)} could not be laid down: {self.message}"
        return Problem(mailbox, self.file, None, None, message, self.hint)


def known(ledger: Ledger) -> dict[str, Refusal]:
    """The refusals that the ledger keeps, by the id of the follow-up."""
    with suppress(ValueError, TypeError, AttributeError):  # damaged: then each is tried once more
        return {id_: Refusal(**kept) for id_, kept in json.loads(ledger.recall(_KEY) or "{}").items()}
    return {}


def resting(refusals: dict[str, Refusal], notes: Iterable[Prepared], now: datetime) -> list[Prepared]:
    """Those of the notes that are not tried now."""
    return [one for one in notes if one.record.id in refusals and refusals[one.record.id].covers(one, now)]


def keep(ledger: Ledger, refusals: dict[str, Refusal]) -> None:
    """Keep these, in place of those that were kept."""
    text = json.dumps({id_: asdict(one) for id_, one in sorted(refusals.items())})
    if text != (ledger.recall(_KEY) or "{}"):
        ledger.keep(_KEY, text)


def _words(note: Prepared) -> str:
    """What makes the note: not its Date, which is another one in each cycle."""
    told = (note.record.subject, *note.record.addresses, content(note.message).text)
    return sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()
