"""What was under way when a cycle ended early: settled by reading the mailbox, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Folder
from daemon.act import removed
from daemon.ledger import IntentKind
from daemon.ledger.followups import BY_HAND
from daemon.letters import copies_of
from daemon.revision import close, outcome
from rules.life import Happening, Turn, can, happens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from connectors.base import Header, Mailbox
    from daemon.ledger import Intent, Ledger
    from rules.history import Record
    from rules.model import Me


def settle(ledger: Ledger, mailbox: Mailbox, me: Me, now: datetime) -> list[Record]:
    """Settle what was under way when a cycle ended early, by reading the mailbox. What changed is returned.

    What the mailbox does not show was not done: the intent is dropped, and the plan asks for it anew
    where it is still wanted, under the same Message-ID. What was begun in another mailbox, and is not seen in this one,
    waits for that.

    Raises:
        ConnectorError: the mailbox cannot be read; what is left is settled in the next cycle.
    """
    intents = ledger.intents()
    if not intents:
        return []
    account = mailbox.account
    seen = copies_of(mailbox, frozenset(intent.record.message_id for intent in intents), me)
    settled = []
    for intent in _of_mailbox(intents, account, seen):
        copies = seen.get(intent.record.message_id, ())
        if intent.kind is IntentKind.REVISE:
            turn = outcome(intent, mailbox, copies, now)
            close(ledger, intent, turn, now)
            settled += [turn.record] if turn is not None else []
            continue
        turn = _placing(intent, copies, now) if intent.kind is IntentKind.PLACE else _removal(intent, copies, now)
        if turn is None:
            what = "placed" if intent.kind is IntentKind.PLACE else "taken away"
            ledger.abandon(intent.record.id, f"interrupted before the draft was {what}", now)
            continue
        ledger.settle(turn.record, turn.cause, now)
        settled.append(turn.record)
    return settled


def _of_mailbox(intents: Iterable[Intent], account: str, seen: Mapping[str, Sequence[Header]]) -> Iterator[Intent]:
    """What was begun in this mailbox, perhaps when it was called something else: then its copies lie there."""
    for intent in intents:
        if seen.get(intent.record.message_id):
            yield replace(intent, record=replace(intent.record, account=account or intent.record.account))
        elif not intent.record.is_apart(account):
            yield intent


def _placing(intent: Intent, copies: Sequence[Header], now: datetime) -> Turn | None:
    """Its draft was placed, if it is anywhere; what became of it since, the look that follows tells."""
    if not copies:
        return None
    placed = replace(intent.record, placed=intent.at)
    cause = f"{intent.cause}; recognised in the mailbox after an interruption"
    if placed.state in BY_HAND:
        return Turn(placed, cause)
    return happens(placed, Happening.RECOGNISED, cause, now)


def _removal(intent: Intent, copies: Sequence[Header], now: datetime) -> Turn | None:
    """It was taken away, unless the user was quicker."""
    record = intent.record
    folders = {copy.folder for copy in copies}
    if Folder.DRAFTS in folders:
        return None
    if Folder.SENT in folders and can(record.state, Happening.SENT):
        sent = min(copy.at for copy in copies if copy.folder is Folder.SENT)
        at = max(sent, record.placed) if record.placed is not None else sent
        return happens(record, Happening.SENT, "you sent it", now, sent=at, draft_tag="")
    if Folder.TRASH in folders and can(record.state, Happening.TRASHED):
        return happens(record, Happening.TRASHED, "you put it into Trash", now, draft_tag="")
    return removed(record, intent.cause, now)
