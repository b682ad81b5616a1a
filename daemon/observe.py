"""One look at the mailbox: the mails that are new, and what became of every draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.absences import with_returns
from daemon.eye import Eye, Leftover
from daemon.letters import as_mail
from rules.sighting import observe

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Header, Look, Mailbox
    from daemon.eye import Met
    from daemon.ledger import Ledger
    from rules.almanac import Almanac
    from rules.history import Record
    from rules.life import Turn
    from rules.model import Mail, Me
    from rules.people import Directory


@dataclass(frozen=True, slots=True)
class Observed:
    """What a look has told: what happened to records, all records as they are now, and mails not known before.

    `leftovers` are untouched drafts that do not stay beside another of the same follow-up. `loose` are drafts, and
    `unaccounted` mails of mine, that belong to no follow-up: where a ledger was lost, one that it has forgotten.
    `forgotten` are the ids of follow-ups of which a draft lies there that the ledger does not know. `account` is that
    of the mailbox.
    """

    changed: tuple[Turn, ...]
    records: tuple[Record, ...]
    new_mails: tuple[Mail, ...]
    note: str
    leftovers: tuple[Leftover, ...] = ()
    loose: tuple[Header, ...] = ()
    unaccounted: tuple[Mail, ...] = ()
    account: str = ""
    forgotten: frozenset[str] = frozenset()

    @property
    def news(self) -> list[Record]:
        """The records whose state has changed, each once, as they are now."""
        told = {turn.record.id for turn in self.changed if turn.cause}
        return [record for record in self.records if record.id in told]


def look(  # noqa: PLR0917 - the cycle names what it looks with in this order
    mailbox: Mailbox,
    ledger: Ledger,
    addresses: frozenset[str],
    me: Me,
    directory: Directory,
    now: datetime,
    *,
    almanac: Almanac,
    met: Met = lambda key, instant: 0,  # noqa: ARG005 - nothing is known of meetings
) -> Observed:
    """Read the mailbox, and work out what it says about every draft. Writes nothing.

    `met` says how many meetings with a person had ended by an instant, where the calendars are known.

    Raises:
        ConnectorError: the mailbox cannot be read; nothing is known then.
    """
    seen, new = arrived(mailbox, ledger, addresses, me, now, almanac=almanac)
    mails = (*ledger.mails(), *new)
    eye = Eye(mailbox, ledger, directory, me, almanac, now, headers=seen.headers, mails=mails, met=met)
    turns: list[Turn] = []
    now_is = {record.id: record for record in eye.records}
    for record in eye.in_turn():
        for turn in observe(record, eye.sighting(record), now):
            turns.append(turn)
            now_is[record.id] = turn.record
    records = tuple(now_is[record.id] for record in eye.records)
    loose, unaccounted = tuple(eye.loose()), tuple(eye.unaccounted())
    leftovers, forgotten = tuple(eye.leftovers), frozenset(eye.forgotten)
    return Observed(tuple(turns), records, new, seen.note, leftovers, loose, unaccounted, eye.account, forgotten)


def arrived(
    mailbox: Mailbox, ledger: Ledger, addresses: frozenset[str], me: Me, now: datetime, *, almanac: Almanac
) -> tuple[Look, tuple[Mail, ...]]:
    """The headers of the mailbox, and the mails with these people among them that the ledger does not know.

    Raises:
        ConnectorError: the mailbox cannot be read.
    """
    seen = mailbox.look(ledger.recall("mailbox") or "", addresses)
    mails = [(header, mail) for header in seen.headers if (mail := as_mail(header, me, now)) is not None]
    old = {(mail.message_id, mail.direction) for mail in ledger.mails()}
    new = [(header, mail) for header, mail in mails if (mail.message_id, mail.direction) not in old]
    return seen, with_returns(mailbox, new, addresses, almanac, now)
