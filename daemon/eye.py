"""What there is to see in a mailbox of one draft after the other: there, edited, sent, in Trash, answered."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from connectors.message import content, same
from daemon.letters import bare_subject, may_be_ours, written
from rules.history import OPEN, Record, State
from rules.life import Sighting
from rules.model import Direction, Mail, MailKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.model import Me
    from rules.people import Directory

_SECOND = timedelta(seconds=1)
_WATCHED = frozenset(
    {State.PLACED, State.EDITED, State.SENT, State.VETOED, State.SKIPPED, State.SNOOZED, State.WITHDRAWN}
)


class Eye:
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
        self.by_id: Mapping[str, list[Header]] = _grouped(one for one in headers if may_be_ours(one, me))
        self.drafts = [header for header in headers if header.folder is Folder.DRAFTS]
        self.ours = {record.message_id: record.id for record in records if record.message_id}
        # Sent to somebody else than planned, it is not among the mails of the people asked for.
        lost = frozenset(one.message_id for one in records if one.state in OPEN and one.message_id not in self.by_id)
        found = mailbox.find(lost) if lost else {}
        self.elsewhere = {one: [copy for copy in copies if may_be_ours(copy, me)] for one, copies in found.items()}
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
            at = min(written(copy, self.now) for copy in gone)
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
