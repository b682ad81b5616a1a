"""What is done in the mailbox, always in this order: intent, effect, result. And settling what an interruption left."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, Folder
from connectors.message import same
from daemon.ledger import IntentKind
from daemon.observe import adopt
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connectors.base import Header, Mailbox
    from daemon.ledger import Intent, Ledger
    from rules.history import Record
    from rules.withdraw import Withdrawal


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft ready to be placed: the record as it will be, and its bytes, checked."""

    record: Record
    message: bytes


def settle(ledger: Ledger, mailbox: Mailbox, now: datetime) -> list[Record]:
    """Settle what was under way when a cycle ended early, by reading the mailbox. What changed is returned.

    What the mailbox does not show was not done: the intent is dropped, and the plan asks for it anew
    where it is still wanted, under the same Message-ID.
    """
    intents = ledger.intents()
    if not intents:
        return []
    seen = mailbox.find(frozenset(intent.record.message_id for intent in intents))
    settled = []
    for intent in intents:
        copies = seen.get(intent.record.message_id, ())
        if intent.kind is IntentKind.PLACE:
            record = _settle_placing(ledger, mailbox, intent, copies, now)
        else:
            record = _settle_removal(ledger, intent, copies, now)
        if record is not None:
            settled.append(record)
    return settled


def _settle_placing(
    ledger: Ledger, mailbox: Mailbox, intent: Intent, copies: Sequence[Header], now: datetime
) -> Record | None:
    if not copies:
        ledger.abandon(intent.record.id, "interrupted before the draft was placed", now)
        return None
    drafts = [copy for copy in copies if copy.folder is Folder.DRAFTS]
    raw = mailbox.read(drafts[0].ref) if drafts else None
    found = adopt(intent.record, copies, raw, intent.message or b"")
    record = replace(found, placed=intent.at, changed=now)
    ledger.settle(record, f"{intent.cause}; recognised in the mailbox after an interruption", now)
    return record


def _settle_removal(ledger: Ledger, intent: Intent, copies: Sequence[Header], now: datetime) -> Record | None:
    folders = {copy.folder for copy in copies}
    if Folder.DRAFTS in folders:
        ledger.abandon(intent.record.id, "interrupted before the draft was taken away", now)
        return None
    if Folder.SENT in folders:
        sent = min(copy.at for copy in copies if copy.folder is Folder.SENT)
        record = replace(intent.record, state=State.SENT, sent=sent, changed=now, draft_tag="")
        ledger.settle(record, "you sent it", now)
    elif Folder.TRASH in folders:
        record = replace(intent.record, state=State.VETOED, changed=now, draft_tag="")
        ledger.settle(record, "you put it into Trash", now)
    else:
        record = removed(intent.record, intent.outcome or State.WITHDRAWN, intent.cause, now)
        ledger.settle(record, intent.cause, now)
    return record


def removed(record: Record, outcome: State, why: str, now: datetime) -> Record:
    """The record once its draft is taken away; `why` is now the reason for that."""
    return replace(record, state=outcome, changed=now, why=why, draft_tag="", gaps=0)


def take_away(ledger: Ledger, mailbox: Mailbox, going: Withdrawal, now: datetime) -> Record | None:
    """Take an untouched draft away; None where the user was quicker, and the next look will tell.

    Raises:
        ConnectorError: the mailbox did not do it; what is left is settled in the next cycle.
    """
    record = going.record
    placed = ledger.message(record.id, record.revision)
    if placed is None or not ledger.intend_removal(record, going.outcome, going.why, now):
        return None
    copies = mailbox.find(frozenset([record.message_id])).get(record.message_id, ())
    drafts = [copy for copy in copies if copy.folder is Folder.DRAFTS]
    taken = [mailbox.remove(copy.ref, lambda raw: same(raw, placed)) for copy in drafts]
    if taken and all(taken):
        after = removed(record, going.outcome, going.why, now)
        ledger.settle(after, going.why, now)
        return after
    ledger.abandon(record.id, f"left alone ({going.why}): it is not as it was placed", now)
    return None


def place(ledger: Ledger, mailbox: Mailbox, prepared: Prepared, now: datetime) -> Record | None:
    """Lay a draft down; None where the user has said no in the meantime.

    Raises:
        ConnectorError: the mailbox did not take it, and does not show it.
    """
    record = prepared.record
    if not ledger.intend(record, prepared.message, record.why, now):
        return None
    try:
        mailbox.place(prepared.message)
    except ConnectorError:
        copies = mailbox.find(frozenset([record.message_id])).get(record.message_id, ())
        if not copies:
            ledger.abandon(record.id, "the mailbox did not take the draft", now)
            raise
    ledger.settle(record, record.why, now)
    return record


def forgotten(mailbox: Mailbox, wanted: Mapping[str, Prepared]) -> list[Prepared]:
    """Of drafts about to be placed, by the Message-IDs that they would have: those that are there already.

    For a ledger that was lost or restored from a backup: they are taken over, not made again.
    """
    if not wanted:
        return []
    taken: dict[str, Prepared] = {}
    for message_id, copies in mailbox.find(frozenset(wanted)).items():
        if not copies:
            continue
        meant = wanted[message_id]
        drafts = [copy for copy in copies if copy.folder is Folder.DRAFTS]
        raw = mailbox.read(drafts[0].ref) if drafts else None
        found = Prepared(adopt(meant.record, copies, raw, meant.message), raw or meant.message)
        former = taken.get(found.record.id)
        if former is None or former.record.revision < found.record.revision:
            taken[found.record.id] = found
    return list(taken.values())


def take_over(ledger: Ledger, found: Prepared, now: datetime) -> bool:
    """Enter a forgotten draft into the ledger, with its bytes; False where the ledger knows better."""
    cause = "found in the mailbox, where the ledger had forgotten it"
    if not ledger.intend(found.record, found.message, cause, now):
        return False
    ledger.settle(found.record, cause, now)
    return True
