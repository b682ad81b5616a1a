"""What the mailbox shows: mails to and from people, and what became of each draft."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from connectors.message import content, same
from rules.history import OPEN, Record, State
from rules.life import Sighting, observe
from rules.model import Direction, Mail, MailKind, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.model import Me
    from rules.people import Directory

_SKEW = timedelta(days=1)
"""A clock ahead by less than this is wrong; by more, `now` may be a moment of the past that somebody tries out."""
_SECOND = timedelta(seconds=1)
_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|vs|antw|odp|ref|rif|res)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_WATCHED = frozenset(
    {State.PLACED, State.EDITED, State.SENT, State.VETOED, State.SKIPPED, State.SNOOZED, State.WITHDRAWN}
)


@dataclass(frozen=True, slots=True)
class Observed:
    """What a look has told: records that changed, each with its cause, all records, and mails not known before."""

    changed: tuple[tuple[Record, str], ...]
    records: tuple[Record, ...]
    new_mails: tuple[Mail, ...]
    note: str


def look(  # noqa: PLR0917 - the cycle names what it looks with in this order
    mailbox: Mailbox, ledger: Ledger, addresses: frozenset[str], me: Me, directory: Directory, now: datetime
) -> Observed:
    """Read the mailbox, and work out what it says about every draft. Writes nothing.

    Raises:
        ConnectorError: the mailbox cannot be read; nothing is known then.
    """
    seen = mailbox.look(ledger.recall("mailbox") or "", addresses)
    known = ledger.mails()
    mails = tuple(mail for header in seen.headers if (mail := as_mail(header, me, now)) is not None)
    old = {(mail.message_id, mail.direction) for mail in known}
    new = tuple(mail for mail in mails if (mail.message_id, mail.direction) not in old)
    eye = _Eye(mailbox, ledger, directory, me, now, headers=seen.headers, mails=(*known, *new))
    told = {record.id: observe(record, eye.sighting(record), now) for record in eye.in_turn()}
    records = tuple(told[record.id][0] if record.id in told else record for record in eye.records)
    changed = tuple(told[was.id] for was, now_is in zip(eye.records, records, strict=True) if now_is != was)
    return Observed(changed, records, new, seen.note)


def as_mail(header: Header, me: Me, now: datetime) -> Mail | None:
    """A header as a mail between me and people; None for a draft, and for what is only between me and me."""
    if header.folder is Folder.DRAFTS or not header.sender:
        return None
    mine = header.sender in me.emails
    if mine and header.folder is Folder.TRASH:
        return None
    parties = (*header.to, *header.cc) if mine else (header.sender, *header.to, *header.cc)
    others = unique(email for email in parties if email not in me.emails)
    if not others:
        return None
    return Mail(
        message_id=header.message_id or f"{header.folder}:{header.ref}",
        direction=Direction.OUT if mine else Direction.IN,
        at=_written(header, now),
        others=others,
        subject=header.subject,
        references=header.references,
        kind=header.kind or MailKind.PERSONAL,
        forwarded=header.forwarded,
    )


def _may_be_ours(header: Header, me: Me) -> bool:
    """Whether a mail can be a draft of ours or its copy: a Message-ID can be guessed, and anybody can send it to me."""
    return header.folder in {Folder.DRAFTS, Folder.SENT} or header.sender in me.emails


def _written(header: Header, now: datetime) -> datetime:
    """When a mail was written, by a clock that may be wrong: it is here, so it was written by its delivery."""
    if header.at <= now:
        return header.at
    if header.at <= now + _SKEW:
        return now
    return header.received if header.received is not None and header.received <= now else header.at


def bare_subject(subject: str) -> str:
    """A subject without its reply marks, in the form in which two subjects are compared."""
    return " ".join(_REPLY.sub("", unicodedata.normalize("NFC", subject)).casefold().split())


class _Eye:
    """One look at the mailbox, asked about one record after the other."""

    def __init__(
        self,
        mailbox: Mailbox,
        ledger: Ledger,
        directory: Directory,
        me: Me,
        now: datetime,
        *,
        headers: Sequence[Header],
        mails: Sequence[Mail],
    ) -> None:
        records = ledger.records()
        self.mailbox = mailbox
        self.ledger = ledger
        self.directory = directory
        self.now = now
        self.records = records
        self.by_id: Mapping[str, list[Header]] = _grouped(one for one in headers if _may_be_ours(one, me))
        self.drafts = [header for header in headers if header.folder is Folder.DRAFTS]
        self.ours = {record.message_id: record.id for record in records if record.message_id}
        # Sent to somebody else than planned, it is not among the mails of the people asked for.
        lost = frozenset(one.message_id for one in records if one.state in OPEN and one.message_id not in self.by_id)
        found = mailbox.find(lost) if lost else {}
        self.elsewhere = {one: [copy for copy in copies if _may_be_ours(copy, me)] for one, copies in found.items()}
        self.mails: dict[str, list[Mail]] = defaultdict(list)
        for mail in sorted(mails, key=lambda mail: (mail.at, mail.message_id)):
            for key in {directory.key(email) for email in mail.others}:
                self.mails[key].append(mail)
        self.accounted = {(record.sent, self.directory.key(email)) for record in records for email in record.addresses}

    def in_turn(self) -> list[Record]:
        """The records to look for: those whose draft is gone first, since one mail accounts for one of them only."""
        watched = [record for record in self.records if record.state in _WATCHED]
        return sorted(watched, key=lambda record: (record.message_id in self.by_id, record.placed or record.changed))

    def sighting(self, record: Record) -> Sighting:
        """What there is to see of this record's draft."""
        if not record.message_id:
            return Sighting()
        copies: Sequence[Header] = self.by_id.get(record.message_id, ())
        copies = copies or self.elsewhere.get(record.message_id, ())
        draft = self._draft(record, copies)
        sent_at, sent_words = self._sent(record, copies)
        sent = sent_at or record.sent
        answered, answer_words = self._answered(record, sent) if sent is not None else (None, "")
        differs, open_gaps = self._reading(record, draft) if draft is not None else (False, 0)
        return Sighting(
            in_drafts=draft is not None,
            tag=draft.tag if draft else "",
            differs=differs,
            gaps=open_gaps,
            subject=draft.subject if draft else "",
            in_trash=any(copy.folder is Folder.TRASH for copy in copies),
            sent=sent_at,
            sent_words=sent_words,
            answered=answered,
            answer_words=answer_words,
        )

    def _draft(self, record: Record, copies: Sequence[Header]) -> Header | None:
        """The draft by its Message-ID; where a mail program gave an edited one another, by person and subject."""
        mine = [copy for copy in copies if copy.folder is Folder.DRAFTS]
        if len(mine) > 1:  # a mail program keeps the old one until its folder is closed: the edited one speaks
            mine.sort(key=lambda copy: (not self._reading(record, copy)[0], copy.ref))
        if mine:
            return mine[0]
        if copies or record.state not in OPEN:
            return None
        keys = {self.directory.key(email) for email in record.addresses}
        for draft in self.drafts:
            ours = draft.message_id in self.ours
            to = {self.directory.key(email) for email in draft.to}
            if not ours and keys <= to and bare_subject(draft.subject) == bare_subject(record.subject):
                return draft
        return None

    def _reading(self, record: Record, draft: Header) -> tuple[bool, int]:
        """Whether the draft's words are not those that were placed, and its open gaps."""
        if draft.tag == record.draft_tag:
            return record.state is State.EDITED, record.gaps
        raw = self.mailbox.read(draft.ref)
        placed = self.ledger.message(record.id, record.revision)
        if raw is None:
            return record.state is State.EDITED, record.gaps
        return placed is None or not same(raw, placed), content(raw).gaps

    def _sent(self, record: Record, copies: Iterable[Header]) -> tuple[datetime | None, str]:
        gone = [copy for copy in copies if copy.folder is Folder.SENT or self._sent_elsewhere(copy, record)]
        if gone:
            at = min(_written(copy, self.now) for copy in gone)
            return self._clamped(at, record), "you sent it"
        if record.placed is None or record.state not in (*OPEN, State.VETOED):
            return None, ""
        keys = {self.directory.key(email) for email in record.addresses}
        mark = record.placed.replace(microsecond=0)
        thread = {record.message_id, *record.references}
        for key in keys:
            for mail in self.mails.get(key, ()):
                by_hand = mail.direction is Direction.OUT and mail.kind is MailKind.PERSONAL
                if not by_hand or mail.at < mark or mail.message_id in self.ours:
                    continue
                if (mail.at, key) in self.accounted:
                    continue
                words = ""
                if thread & set(mail.references):
                    words = "you wrote to them in that thread"
                elif record.subject and bare_subject(mail.subject) == bare_subject(record.subject):
                    words = "you sent it, under another Message-ID"
                if words:
                    self.accounted.update((mail.at, key) for key in keys)
                    return mail.at, words
        return None, ""

    @staticmethod
    def _sent_elsewhere(copy: Header, record: Record) -> bool:
        """A copy of what was sent may be kept in any folder; with the Date of its placing it is a draft put aside."""
        return copy.folder is Folder.OTHER and record.placed is not None and copy.at > record.placed + _SECOND

    @staticmethod
    def _clamped(at: datetime, record: Record) -> datetime:
        """Sent is never before placed: the Date of a draft may be that of its making."""
        return max(at, record.placed) if record.placed is not None else at

    def _answered(self, record: Record, sent: datetime) -> tuple[datetime | None, str]:
        for key in {self.directory.key(email) for email in record.addresses}:
            for mail in self.mails.get(key, ()):
                theirs = mail.direction is Direction.IN and self.directory.key(mail.others[0]) == key
                if not theirs or mail.kind is not MailKind.PERSONAL or mail.forwarded:
                    continue
                if mail.at > sent or record.message_id in mail.references:
                    return mail.at, f"{mail.others[0]} wrote on {mail.at:%d %B}: '{mail.subject[:60]}'"
        return None, ""


def _grouped(headers: Iterable[Header]) -> dict[str, list[Header]]:
    found: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        if header.message_id:
            found[header.message_id].append(header)
    return found


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
