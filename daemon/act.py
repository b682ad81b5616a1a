"""What is done in the mailbox, always in this order: intent, effect, result."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder
from connectors.message import same
from daemon.letters import copies_of
from rules.history import UNSEEN, State
from rules.life import Happening, Turn, happens

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Mailbox
    from daemon.eye import Leftover
    from daemon.ledger import Ledger
    from rules.history import Record
    from rules.model import Me
    from rules.withdraw import Withdrawal

_BY_WORD = frozenset({State.SKIPPED, State.SNOOZED})


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft ready to be placed: the record as it will be, and its bytes, checked."""

    record: Record
    message: bytes


def removed(record: Record, why: str, now: datetime) -> Turn:
    """The record once its draft is taken away: withdrawn, or what it was where only a leftover draft went."""
    if record.state is State.PLACED:
        return happens(record, Happening.WITHDRAWN, why, now, why=why, draft_tag="", gaps=0)
    if record.state in _BY_WORD:
        cause = f"its untouched draft is taken away: {why}"
        return happens(record, Happening.TIDIED, cause, now, draft_tag="", gaps=0, why=why)
    return happens(record, Happening.TIDIED, why, now, draft_tag="", gaps=0)


def take_away(ledger: Ledger, mailbox: Mailbox, me: Me, going: Withdrawal, now: datetime) -> Record | None:
    """Take an untouched draft away; None where the user was quicker, and the next look will tell.

    Raises:
        ConnectorError: the mailbox did not do it; what is left is settled in the next cycle.
    """
    record = going.record
    placed = ledger.message(record.id, record.revision)
    if placed is None or not ledger.intend_removal(record, going.outcome, going.why, now):
        return None
    if _take(mailbox, record.message_id, placed, me):
        turn = removed(record, going.why, now)
        ledger.settle(turn.record, turn.cause, now)
        return turn.record
    ledger.abandon(record.id, f"left alone ({going.why}): it is not as it was placed", now)
    return None


def tidy(ledger: Ledger, mailbox: Mailbox, me: Me, left: Leftover, now: datetime) -> Record | None:
    """Take an untouched draft of another revision away; the one that counts stays, and so does its state.

    It needs no intent: after an interruption the next look finds it, or does not.

    Raises:
        ConnectorError: the mailbox did not do it; the next cycle tries again.
    """
    placed = ledger.message(left.record.id, left.revision)
    if placed is None or not _take(mailbox, left.message_id, placed, me):
        return None
    record = ledger.record(left.record.id)
    if record is not None:
        ledger.save([(record, f"{left.why}: the untouched one is taken away")], now)
    return record


def _take(mailbox: Mailbox, message_id: str, placed: bytes, me: Me) -> bool:
    copies = copies_of(mailbox, frozenset([message_id]), me).get(message_id, ())
    drafts = [copy for copy in copies if copy.folder is Folder.DRAFTS]
    taken = [mailbox.remove(copy.ref, lambda raw: same(raw, placed)) for copy in drafts]
    return bool(taken) and all(taken)


def place(ledger: Ledger, mailbox: Mailbox, me: Me, prepared: Prepared, now: datetime) -> Record | None:
    """Lay a draft down; None where the user has said no in the meantime.

    Raises:
        ConnectorError: the mailbox did not take it, and does not show it.
    """
    record = replace(prepared.record, account=mailbox.account, draft_tag=UNSEEN)
    if not ledger.intend(record, prepared.message, record.why, now):
        return None
    try:
        mailbox.place(prepared.message)
    except ConnectorError:
        if not copies_of(mailbox, frozenset([record.message_id]), me).get(record.message_id):
            ledger.abandon(record.id, "the mailbox did not take the draft", now)
            raise
    ledger.settle(record, record.why, now)
    return record
