"""What a lost or restored ledger has forgotten: found in the mailbox before it would be drafted again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.base import Folder
from connectors.message import content, message_id_for, same
from daemon.act import Prepared
from daemon.letters import copies_of, one_line, written
from daemon.names import REVISIONS
from rules.history import State
from rules.life import Happening, Turn, happens

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from connectors.base import Header, Mailbox
    from daemon.ledger import Ledger
    from daemon.observe import Observed
    from rules.history import Record
    from rules.model import Mail, Me

_CAUSE = "found in the mailbox, where the ledger had forgotten it"
_ORDER = (Folder.SENT, Folder.OTHER, Folder.DRAFTS, Folder.TRASH)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A draft or sent mail of a follow-up that the ledger did not know: what happened to it, and what was meant."""

    turns: tuple[Turn, ...]
    message: bytes

    @property
    def record(self) -> Record:
        """The follow-up as it now is."""
        return self.turns[-1].record


@dataclass
class Search:
    """Looks for drafts that are about to be made: by every Message-ID that they may have, else by what they say."""

    mailbox: Mailbox
    me: Me
    observed: Observed
    now: datetime

    def __post_init__(self) -> None:
        self._drafts: dict[str, list[Header]] = defaultdict(list)
        self._mails: dict[str, list[Mail]] = defaultdict(list)
        for draft in self.observed.loose:
            self._drafts[one_line(draft.subject)].append(draft)
        for mail in self.observed.unaccounted:
            self._mails[one_line(mail.subject)].append(mail)

    def among(self, prepared: Sequence[Prepared], records: Mapping[str, Record]) -> list[Forgotten]:
        """Those of them that are there already.

        Raises:
            ConnectorError: the mailbox cannot be read.
        """
        if not prepared:
            return []
        found = self._by_name(prepared, records)
        used: set[str] = set()
        for one in prepared:
            if one.record.id not in found and (there := self._by_words(one, used)) is not None:
                found[one.record.id] = there
        return list(found.values())

    def _by_name(self, prepared: Sequence[Prepared], records: Mapping[str, Record]) -> dict[str, Forgotten]:
        wanted = {name: meant for one in prepared for name, meant in _names(one, records.get(one.record.id))}
        chosen: dict[str, tuple[tuple[bool, int], Prepared, Header]] = {}
        for name, copies in copies_of(self.mailbox, frozenset(wanted), self.me).items():
            if not copies:
                continue
            one, revision = wanted[name]
            copy = min(copies, key=lambda copy: _ORDER.index(copy.folder))
            rank = (copy.folder is Folder.SENT, revision)
            if one.record.id not in chosen or chosen[one.record.id][0] < rank:
                meant = Prepared(replace(one.record, revision=revision), one.message)
                chosen[one.record.id] = (rank, meant, copy)
        return {id_: self._told(meant, copy) for id_, (_, meant, copy) in chosen.items()}

    def _told(self, meant: Prepared, copy: Header) -> Forgotten:
        """A draft whose words are not exactly those that would be written now is taken as the user's."""
        raw = self.mailbox.read(copy.ref) if copy.folder is Folder.DRAFTS else None
        known = replace(
            meant.record, message_id=copy.message_id, references=copy.references, subject=copy.subject,
            gaps=content(raw).gaps if raw is not None else 0, account=self.observed.account,
        )  # fmt: skip
        at = copy.at
        first = _recognised(known, at, copy.tag if copy.folder is Folder.DRAFTS else "")
        if copy.folder in {Folder.SENT, Folder.OTHER}:
            then = happens(first.record, Happening.SENT, "you sent it", at, sent=at)
        elif copy.folder is Folder.TRASH:
            then = happens(first.record, Happening.TRASHED, "you put it into Trash", at)
        elif raw is None or not same(raw, meant.message):
            words = "its words are not those that would be written now: it is taken for yours"
            then = happens(first.record, Happening.EDITED, words, at)
        else:
            return Forgotten((first,), meant.message)
        return Forgotten((first, then), meant.message)

    def _by_words(self, one: Prepared, used: set[str]) -> Forgotten | None:
        """What a mail program gave another Message-ID: a draft or mail of mine to them, with just that subject.

        Only where it is not older than the note, and never an answer: in a thread one writes more than one mail.
        """
        record = one.record
        mark = record.due.replace(microsecond=0)
        subject = one_line(record.subject)
        if record.to_me or record.references or not subject:
            return None
        for draft in self._drafts.get(subject, ()):
            at = written(draft, self.now)
            if draft.ref not in used and at >= mark and {*record.addresses} <= {*draft.to, *draft.cc}:
                used.add(draft.ref)
                return self._told(one, replace(draft, at=at))
        for mail in self._mails.get(subject, ()):
            timely = mark <= mail.at <= self.now
            if mail.message_id not in used and timely and {*record.addresses} <= {*mail.others}:
                used.add(mail.message_id)
                known = replace(record, message_id=mail.message_id, gaps=0, account=self.observed.account)
                first = _recognised(known, mail.at)
                words = "you sent it, under another Message-ID"
                return Forgotten(
                    (first, happens(first.record, Happening.SENT, words, mail.at, sent=mail.at)), one.message
                )
        return None


def _recognised(record: Record, at: datetime, tag: str = "") -> Turn:
    planned = replace(record, state=State.PLANNED, placed=at, draft_tag=tag)
    return happens(planned, Happening.RECOGNISED, _CAUSE, at)


def _names(one: Prepared, former: Record | None) -> Iterable[tuple[str, tuple[Prepared, int]]]:
    """Every Message-ID under which this draft may lie there, with its revision."""
    first = one.record.revision if former else 0
    domain = one.record.message_id.rpartition("@")[2].rstrip(">")
    for revision in range(first, first + REVISIONS):
        yield message_id_for(one.record.id, revision, f"me@{domain}"), (one, revision)


def take_over(ledger: Ledger, found: Forgotten, now: datetime) -> bool:
    """Enter a forgotten draft into the ledger, with the words that were meant; False where the ledger knows better.

    They are those of the draft only where nobody has touched it: so a next look tells the same.
    """
    first, *further = found.turns
    if not ledger.intend(first.record, found.message, first.cause, now):
        return False
    ledger.settle(first.record, first.cause, now, *further)
    return True
