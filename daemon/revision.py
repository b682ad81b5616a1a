"""How a save that was begun came out, told by reading the mailbox: for the one that saves, and after it was cut off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.message import content, same
from daemon.draft_now import digest
from rules.history import State
from rules.life import Happening, Turn, can, happens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from connectors.base import Header, Mailbox
    from daemon.ledger import Intent, Ledger
    from rules.history import Record


_OPEN = frozenset({State.PLACED, State.EDITED, State.SNOOZED})
"""States after which it is edited; in others the mark of a draft is that of one to be taken away."""


def outcome(intent: Intent, mailbox: Mailbox, copies: Sequence[Header], now: datetime) -> Turn | None:
    """The follow-up with the words of this intent in its draft; None where they are not in it.

    One draft is left. Where both versions lie there, the new one stays while the other is what it was when the user
    wrote; where that was edited meanwhile, it is the mail program's that stays. The caller has kept the words.

    Raises:
        ConnectorError: the mailbox cannot be asked, or did not take away what does not stay.
    """
    meant = intent.message
    assert meant is not None
    read = [(copy, raw) for copy in copies if (raw := mailbox.read(copy.ref)) is not None]
    ours = [copy for copy, raw in read if same(raw, meant)]
    drafts = [(copy, raw) for copy, raw in read if copy.folder is Folder.DRAFTS]
    laid = [copy for copy, raw in drafts if same(raw, meant)]
    for copy in laid[1:]:  # an answer that was lost, and came true all the same
        mailbox.remove(copy.ref, lambda raw: same(raw, meant))
    for copy, raw in drafts:
        if not laid or copy in laid:
            continue
        if digest(raw) == intent.base and mailbox.remove(copy.ref, lambda raw: digest(raw) == intent.base):
            continue
        for one in laid:
            mailbox.remove(one.ref, lambda raw: same(raw, meant))
        return None
    return edited(intent.record, meant, (laid or ours)[0], intent.cause, now, mailbox.account) if ours else None


def close(ledger: Ledger, intent: Intent, turn: Turn | None, now: datetime) -> None:
    """Write down how it came out.

    Raises:
        LedgerError: nothing was written.
    """
    if turn is None:
        cause = "your words were not written into it, since it had become another meanwhile; they are kept"
        ledger.abandon(intent.record.id, cause, now)
    else:
        ledger.settle(turn.record, turn.cause, now, typed=(intent.base, intent.at))


def edited(record: Record, meant: bytes, copy: Header, cause: str, now: datetime, account: str) -> Turn:  # noqa: PLR0917 - what is known of the draft
    """The follow-up once its draft says this, as a look at the mailbox would have it."""
    said = content(meant)
    known: dict[str, Any] = {
        "absent_since": None,
        "absent_cycles": 0,
        "gaps": said.gaps,
        "draft_tag": copy.tag if copy.folder is Folder.DRAFTS and record.state in _OPEN else "",
        "account": account or record.account,
        "message_id": copy.message_id,
        "subject": said.subject or record.subject,
    }
    if can(record.state, Happening.EDITED):
        return happens(record, Happening.EDITED, cause, now, **known)
    return Turn(replace(record, **known), cause)
