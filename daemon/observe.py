"""One look at the mailbox: the mails that are new, and what became of every draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from connectors.message import content, same
from daemon.absences import with_returns
from daemon.eye import Eye
from daemon.letters import as_mail
from rules.history import Record, State
from rules.life import observe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.almanac import Almanac
    from rules.model import Mail, Me
    from rules.people import Directory


@dataclass(frozen=True, slots=True)
class Observed:
    """What a look has told: records that changed, each with its cause, all records, and mails not known before."""

    changed: tuple[tuple[Record, str], ...]
    records: tuple[Record, ...]
    new_mails: tuple[Mail, ...]
    note: str


def look(  # noqa: PLR0917 - the cycle names what it looks with in this order
    mailbox: Mailbox,
    ledger: Ledger,
    addresses: frozenset[str],
    me: Me,
    directory: Directory,
    now: datetime,
    *,
    almanac: Almanac,
) -> Observed:
    """Read the mailbox, and work out what it says about every draft. Writes nothing.

    Raises:
        ConnectorError: the mailbox cannot be read; nothing is known then.
    """
    seen = mailbox.look(ledger.recall("mailbox") or "", addresses)
    known = ledger.mails()
    mails = [(header, mail) for header in seen.headers if (mail := as_mail(header, me, now)) is not None]
    old = {(mail.message_id, mail.direction) for mail in known}
    arrived = [(header, mail) for header, mail in mails if (mail.message_id, mail.direction) not in old]
    new = with_returns(mailbox, arrived, addresses, almanac, now)
    eye = Eye(mailbox, ledger, directory, me, now, headers=seen.headers, mails=(*known, *new))
    told = {record.id: observe(record, eye.sighting(record), now) for record in eye.in_turn()}
    records = tuple(told[record.id][0] if record.id in told else record for record in eye.records)
    changed = tuple(told[was.id] for was, now_is in zip(eye.records, records, strict=True) if now_is != was)
    return Observed(changed, records, new, seen.note)


def adopt(record: Record, copies: Sequence[Header], raw: bytes | None, meant: bytes) -> Record:
    """A draft or sent mail of ours that the ledger had forgotten, as the record that it would have been.

    A draft whose words are not exactly those that would be written now is taken as the user's.
    """
    order = (Folder.SENT, Folder.OTHER, Folder.DRAFTS, Folder.TRASH)
    copy = min(copies, key=lambda copy: order.index(copy.folder))
    untouched = raw is not None and same(raw, meant)
    state = {
        Folder.SENT: State.SENT,
        Folder.OTHER: State.SENT,
        Folder.DRAFTS: State.PLACED if untouched else State.EDITED,
        Folder.TRASH: State.VETOED,
    }[copy.folder]
    return replace(
        record,
        state=state,
        placed=copy.at,
        changed=copy.at,
        sent=copy.at if state is State.SENT else None,
        message_id=copy.message_id,
        references=copy.references,
        subject=copy.subject,
        gaps=content(raw).gaps if raw is not None else 0,
        draft_tag="",
    )
