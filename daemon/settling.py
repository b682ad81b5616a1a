"""A ledger that was put back from a backup first settles with the mailbox, which went on without it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.ledger.copies import SETTLING

if TYPE_CHECKING:
    from daemon.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Restored:
    """The ledger is a copy whose last cycle ended then (None: it had none), and no cycle has looked since."""

    as_of: datetime | None


def restored(ledger: Ledger) -> Restored | None:
    """The mark that every copy bears; None once a cycle has settled it, and in a ledger that never was one."""
    told = ledger.recall(SETTLING)
    if told is None:
        return None
    try:
        as_of = datetime.fromisoformat(json.loads(told)["as_of"] or "")
    except (ValueError, TypeError, KeyError):
        return Restored(None)
    return Restored(as_of if as_of.tzinfo is not None else None)


def settled(ledger: Ledger) -> None:
    """A cycle has looked at the whole mailbox, and done what there was to do."""
    if ledger.recall(SETTLING) is not None:
        ledger.keep(SETTLING, None)
