"""What there is to see in a mailbox of one draft after the other: there, edited, sent, in Trash, answered."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import Folder, Header
from connectors.message import content, is_our_form, same
from daemon.letters import bare_subject, may_be_ours, written
from daemon.names import Names
from rules.history import OPEN, Record, State
from rules.model import Direction, Mail, MailKind
from rules.sighting import Sighting
from rules.words import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.almanac import Almanac
    from rules.model import Me
    from rules.people import Directory

    Met = Callable[[str, datetime], int]
    """How many meetings with a person had ended by then, as far as is known."""

_SECOND = timedelta(seconds=1)
_RENAMED = frozenset({State.PLACED, State.EDITED, State.VETOED, State.SNOOZED})
"""States whose draft may have been saved by a mail program under a Message-ID of its own."""

_MAY_BE_SENT = frozenset({*OPEN, State.VETOED, State.WITHDRAWN, State.SNOOZED})
"""States in which a mail of mine under another Message-ID may be what the draft has become."""

_REGRET = timedelta(days=14)
"""So long after its draft was deleted a note may still be found to have been sent."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """An untouched draft of this revision that lies beside the one that counts, and why it does not stay."""

    record: Record
    revision: int
    message_id: str
    why: str


class Eye:
    """One look at the mailbox, asked about one record after the other."""

    def __init__(  # noqa: PLR0917 - what a look has at hand
        self,
        mailbox: Mailbox,
        ledger: Ledger,
        directory: Directory,
        me: Me,
        almanac: Almanac,
        now: datetime,
        *,
        headers: Sequence[Header],
        mails: Sequence[Mail],
        met: Met,
    ) -> None:
        self.mailbox = mailbox
        self.ledger = ledger
        self.directory = directory
        self.almanac = almanac
        self.now = now
        self.met = met
        self.account = mailbox.account
        self.records = ledger.records()
        ours = [header for header in headers if may_be_ours(header, me)]
        self.drafts = [header for header in headers if header.folder is Folder.DRAFTS]
        self.names = Names.of(self.records, (header.message_id for header in ours))
        # Sent to somebody else than planned, it is not among the mails of the people asked for.
        there = {header.message_id for header in ours}
        here = [one for one in self.records if one.state in OPEN and not one.is_apart(self.account)]
        lost = frozenset(one.message_id for one in here if one.message_id not in there)
        found = mailbox.find(lost) if lost else {}
        ours += [copy for copies in found.values() for copy in copies if may_be_ours(copy, me)]
        self.by_record = _grouped(self.names, ours)
        self.mails: dict[str, list[Mail]] = defaultdict(list)
        self.mine: list[Mail] = []
        for mail in sorted(mails, key=lambda mail: (mail.at, mail.message_id)):
            if _by_hand(mail):
                self.mine.append(mail)
            for key in {directory.key(email) for email in mail.others}:
                self.mails[key].append(mail)
        self.accounted = {(record.sent, directory.key(email)) for record in self.records for email in record.addresses}
        self.claimed: set[str] = set()
        self.leftovers: list[Leftover] = []
        self.forgotten: set[str] = set()

    def in_turn(self) -> list[Record]:
        """The records to look for: those whose draft is gone first, since one mail accounts for one of them only."""
        watched = [one for one in self.records if one.message_id and one.state is not State.PLANNED]
        return sorted(watched, key=lambda one: (
            one.id in self.by_record, one.state not in OPEN, one.placed or one.changed
        ))  # fmt: skip

    def sighting(self, record: Record) -> Sighting:
        """What there is to see of this record's draft."""
        copies = self.by_record.get(record.id, ())
        draft = self._draft(record, copies)
        sent_at, sent_words = self._sent(record, copies)
        sent = None if record.state is State.ANSWERED else sent_at or record.sent
        answered, answer_words = self._answered(record, sent) if sent is not None else (None, "")
        differs, open_gaps = self._reading(record, draft) if draft is not None else (False, 0)
        return Sighting(
            in_drafts=draft is not None,
            tag=draft.tag if draft else "",
            differs=differs,
            differs_words=self._edited_words(record, draft),
            gaps=open_gaps,
            subject=draft.subject if draft else "",
            message_id=draft.message_id if draft else "",
            aside=any(copy.folder is Folder.OTHER and not self._is_earlier(record, copy) for copy in copies),
            in_trash=any(copy.folder is Folder.TRASH and not self._is_earlier(record, copy) for copy in copies),
            sent=sent_at,
            sent_words=sent_words,
            answered=answered,
            answer_words=answer_words,
            account=self.account,
        )

    def loose(self) -> Iterator[Header]:
        """Drafts that belong to no follow-up, as far as has been looked."""
        for draft in self.drafts:
            if draft.ref not in self.claimed and self.names.owner(draft.message_id) is None:
                yield draft

    def unaccounted(self) -> Iterator[Mail]:
        """Mails of mine that are not known as the sending of a follow-up, as far as has been looked."""
        for mail in self.mine:
            keys = {self.directory.key(email) for email in mail.others}
            if self.names.owner(mail.message_id) is None and not any((mail.at, key) in self.accounted for key in keys):
                yield mail

    # --- in Drafts -----------------------------------------------------------------------------------------

    def _draft(self, record: Record, copies: Sequence[Header]) -> Header | None:
        """The draft by its Message-ID; where a mail program gave an edited one another, by person and subject.

        Of several the edited one speaks: of one Message-ID, since a mail program keeps the old one until its folder
        is closed; of several revisions, since an earlier one was open in an editor when it was replaced.
        """
        drafts = [copy for copy in copies if copy.folder is Folder.DRAFTS]
        mine = [copy for copy in drafts if not self._is_forgotten(record, copy)]
        if drafts and not mine:
            self.forgotten.add(record.id)
        if len(mine) > 1:
            mine.sort(key=lambda copy: (
                not self._reading(record, copy)[0], -self.names.revision(record, copy.message_id), copy.ref
            ))  # fmt: skip
        if mine:
            self._leave(record, mine[0], mine[1:])
            return mine[0]
        # A mail program that saves an edited draft anew may put the old one into Trash.
        elsewhere = any(copy.folder is not Folder.TRASH for copy in copies)
        elsewhere |= record.is_apart(self.account)
        return self._renamed(record) if not elsewhere and record.state in _RENAMED else None

    def _is_forgotten(self, record: Record, copy: Header) -> bool:
        """A later revision, of which a restored ledger knows nothing, of a note that now has no draft.

        Where that note is wanted again, or its time is over, it is taken over; else it is left alone.
        """
        return record.state not in (*OPEN, State.VETOED) and self.names.revision(record, copy.message_id) > (
            record.revision
        )

    def _leave(self, record: Record, draft: Header, others: Iterable[Header]) -> None:
        """Untouched drafts of other revisions do not stay beside the one that counts."""
        for other in others:
            if other.message_id == draft.message_id or self._reading(record, other)[0]:
                continue
            revision = self.names.revision(record, other.message_id)
            earlier = revision < self.names.revision(record, draft.message_id)
            why = "an earlier version of it lay there again" if earlier else "you saved an earlier version of it"
            self.leftovers.append(Leftover(record, revision, other.message_id, why))

    def _renamed(self, record: Record) -> Header | None:
        keys = {self.directory.key(email) for email in record.addresses}
        mark = _whole_second(record.placed)
        for draft in self.drafts:
            # One of our own making is another note, of which the ledger does not know that it was laid down.
            ours = self.names.owner(draft.message_id) is not None or is_our_form(draft.message_id)
            if ours or draft.ref in self.claimed:
                continue
            since = mark is not None and written(draft, self.now) >= mark
            if not since and (record.state not in OPEN or record.id in self.by_record):
                continue
            to = {self.directory.key(email) for email in draft.to}
            if keys <= to and bare_subject(draft.subject) == bare_subject(record.subject):
                self.claimed.add(draft.ref)
                return draft
        return None

    def _reading(self, record: Record, draft: Header) -> tuple[bool, int]:
        """Whether the draft's words are not those that were placed, and its open gaps."""
        if draft.tag == record.draft_tag and draft.message_id == record.message_id:
            return record.state is State.EDITED, record.gaps
        raw = self.mailbox.read(draft.ref)
        if raw is None:
            return record.state is State.EDITED, record.gaps
        placed = self.ledger.message(record.id, self.names.revision(record, draft.message_id))
        return placed is None or not same(raw, placed), content(raw).gaps

    def _edited_words(self, record: Record, draft: Header | None) -> str:
        if draft is None or draft.message_id == record.message_id:
            return "you edited it"
        revision = self.names.revision(record, draft.message_id)
        if revision == record.revision:
            return "you edited it, and your mail program gave it another Message-ID"
        if revision < record.revision:
            return "you saved an earlier version of it"
        return "a later version of it lay in Drafts, which the ledger had forgotten: it is taken for yours"

    def _is_earlier(self, record: Record, copy: Header) -> bool:
        """An earlier revision that lies in Trash says nothing about the draft that replaced it."""
        return self.names.revision(record, copy.message_id) < record.revision

    # --- sent, and answered --------------------------------------------------------------------------------

    def _sent(self, record: Record, copies: Iterable[Header]) -> tuple[datetime | None, str]:
        gone = [copy for copy in copies if copy.folder is Folder.SENT or self._sent_elsewhere(copy, record)]
        if gone:
            at = min(written(copy, self.now) for copy in gone)
            return self._clamped(at, record), "you sent it"
        if record.placed is None or record.state not in _MAY_BE_SENT:
            return None, ""
        keys = {self.directory.key(email) for email in record.addresses}
        thread = {record.message_id, *record.references}
        for key, mail in self._since_placed(record, keys):
            words = ""
            if thread & set(mail.references):
                words = "you wrote to them in that thread"
            elif self._may_be_it(record, mail, key):
                words = "you sent it, under another Message-ID"
            if words:
                self.accounted.update((mail.at, key) for key in keys)
                return mail.at, words
        return None, ""

    def _since_placed(self, record: Record, keys: set[str]) -> Iterator[tuple[str, Mail]]:
        """The mails of mine to all of these people that may be what the draft has become, with the person."""
        mark = _whole_second(record.placed)
        for key in keys:
            for mail in self.mails.get(key, ()):
                known = self.names.owner(mail.message_id) is not None or (mail.at, key) in self.accounted
                reached = keys <= {self.directory.key(email) for email in mail.others}
                if not _by_hand(mail) or known or not reached or mark is None or mail.at < mark:
                    continue
                # What was about to be taken away, and was gone, may have been sent just before.
                if record.state is not State.WITHDRAWN or mail.at <= record.changed:
                    yield key, mail

    def _may_be_it(self, record: Record, mail: Mail, key: str) -> bool:
        """Whether a mail of mine under a Message-ID of its own can be what this draft has become.

        Not another draft of ours, forgotten by a ledger that was restored. A draft that still lies there has no claim
        where we met again before the mail, and a deleted one none where there is a later one that may have become that
        mail, whatever a clock that was wrong says of its placing: all thank-yous to one person have one subject.
        """
        if not _same_subject(record.subject, mail.subject) or is_our_form(mail.message_id):
            return False
        if any(copy.folder is Folder.DRAFTS for copy in self.by_record.get(record.id, ())):
            return record.placed is not None and self.met(key, mail.at) <= self.met(key, record.placed)
        if record.state is not State.VETOED:
            return True
        return mail.at <= record.changed + _REGRET and not any(
            other.placed is not None and other.placed > record.changed
            for other in self.records
            if set(other.addresses) & set(record.addresses) and _same_subject(other.subject, mail.subject)
        )

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
                    return mail.at, f"{mail.others[0]} wrote {self._on(mail.at)}: '{mail.subject[:60]}'"
        return None, ""

    def _on(self, moment: datetime) -> str:
        """`on 5 March`, by the calendar on the user's wall."""
        return Wording.of("").on_date(self.almanac.local(moment).date(), year=False)


def _by_hand(mail: Mail) -> bool:
    return mail.direction is Direction.OUT and mail.kind is MailKind.PERSONAL


def _whole_second(moment: datetime | None) -> datetime | None:
    """As a Date has it, which knows no fractions."""
    return None if moment is None else moment.replace(microsecond=0)


def _grouped(names: Names, headers: Iterable[Header]) -> Mapping[str, list[Header]]:
    """The copies of each record's drafts, by its id: whatever revision they are."""
    found: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        if (owner := names.owner(header.message_id)) is not None:
            found[owner].append(header)
    return found


def _same_subject(one: str, other: str) -> bool:
    return bool(one) and bare_subject(one) == bare_subject(other)
