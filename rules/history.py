"""What has happened so far, as the planner needs to know it: a snapshot of the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.model import Mail, Recipient
    from rules.timing import Duration


class State(StrEnum):
    """The states of a follow-up, by the names that every command prints."""

    PLANNED = "planned"
    PLACED = "placed"
    EDITED = "edited"
    SENT = "sent"
    ANSWERED = "answered"
    VETOED = "vetoed"
    WITHDRAWN = "withdrawn"
    SKIPPED = "skipped"
    SNOOZED = "snoozed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OPEN = frozenset({State.PLACED, State.EDITED})
"""A draft lies in the mailbox, unsent."""

FINAL = frozenset({State.SENT, State.EDITED, State.VETOED, State.ANSWERED, State.SKIPPED})
"""Never to be drafted again, however the rule or the meeting is edited."""


UNSEEN = "unseen"
"""The `draft_tag` of a draft that was laid down, and that no look has seen yet."""

SOME_MAILDIR = "maildir"
"""The `account` of a draft in a Maildir of which an earlier release did not keep the path."""


@dataclass(frozen=True, slots=True)
class MeetingRef:
    """The meeting of a record as it was when the record was last planned."""

    calendar: str
    uid: str
    identities: tuple[str, ...]
    title: str
    start: datetime
    end: datetime
    marks: str = ""
    """What its marks put into the note, be it nothing (`rules.marks.digest`); empty where they go into another."""


@dataclass(frozen=True, slots=True)
class Record:
    """One follow-up in the ledger. All times are instants; `changed` is when `state` was last set.

    `placed` is the instant of the draft that counts (the latest revision). `subject`, `message_id` and
    `references` are those of that draft, and `account` is the mailbox in which it lies: the address of its account, or
    the path of a Maildir, or `SOME_MAILDIR`; empty where that is not known. `snoozed_until` replaces the due time, and
    ends `by`.
    """

    id: str
    state: State
    rule: str | None
    step: str
    template: str
    anchor: str
    addresses: tuple[str, ...]
    to: tuple[Recipient, ...]
    due: datetime
    by: datetime | None
    expires: datetime | None
    changed: datetime
    revision: int = 0
    round: int = 0
    meeting: MeetingRef | None = None
    placed: datetime | None = None
    sent: datetime | None = None
    message_id: str = ""
    references: tuple[str, ...] = ()
    subject: str = ""
    gaps: int = 0
    why: str = ""
    snoozed_until: datetime | None = None
    absent_since: datetime | None = None
    absent_cycles: int = 0
    draft_tag: str = ""
    group: bool = False
    to_me: bool = False
    account: str = ""
    slots: tuple[tuple[datetime, datetime], ...] | None = None
    """The free times that the draft of a meeting request offers; None where there is no place for any."""

    def is_apart(self, account: str) -> bool:
        """Whether its draft lies in another mailbox than this one: what is not seen there is not gone."""
        if self.account == SOME_MAILDIR and account.startswith("/"):
            return False
        return bool(self.account and account) and self.account != account


def mailbox_of(account: str) -> str:
    """A mailbox in words, by what `Record.account` has of it."""
    if account == SOME_MAILDIR:
        return "the Maildir that you had"
    return f"the Maildir {account}" if account.startswith("/") else f"the mailbox of {account}"


@dataclass(frozen=True, slots=True)
class Promise:
    """Something that the user promised at a meeting (`#owe: …`) to the people with these addresses.

    `kept` is when the user ticked it off. It is `withdrawn` where the meeting no longer says it, or did not take place.
    """

    id: str
    text: str
    meeting: MeetingRef
    addresses: tuple[str, ...]
    kept: datetime | None = None
    withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it is still owed."""
        return self.kept is None and not self.withdrawn


class CheckIns(StrEnum):
    """What becomes of the check-ins to those who are told of a decision."""

    GO_ON = "go-on"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody whom the user wants to tell of a decision, and when they said so; `left_out` where not, after all."""

    name: str
    email: str
    at: datetime
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user decided, when they said so, and whom to tell, closest first.

    `undone` is when they took it back.
    """

    id: str
    text: str
    at: datetime
    people: tuple[Addressee, ...]
    check_ins: CheckIns = CheckIns.GO_ON
    undone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user asked for (`rules.asks`): a meeting of this length with the person at this address, within so long.

    `known` are the UIDs of the meetings with them that stood in the calendars then: only another one is an answer.
    `ended` is when it was over, and `why` says by what. It stays so, whatever the calendars show later.
    """

    id: str
    email: str
    name: str
    template: str
    at: datetime
    length: Duration
    within: Duration
    known: tuple[str, ...] = ()
    ended: datetime | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RuleAge:
    """Since when a rule is as it is now: `fingerprint` covers its conditions and steps."""

    fingerprint: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What was brought to mind: of which follow-up (or source), in which way, about whom, when."""

    subject: str
    kind: str
    addresses: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class ClockAhead:
    """The clock was far ahead for a while: from `since` on, as it showed then, until it was set back to `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class History:
    """The ledger as the planner sees it."""

    records: tuple[Record, ...] = ()
    mails: tuple[Mail, ...] = ()
    ages: Mapping[str, RuleAge] = field(default_factory=dict)
    doubted: Mapping[str, datetime] = field(default_factory=dict)
    """Identities of meetings that a calendar lacks in a way that is doubted, and until when: nothing new is drafted for
    them."""
    last_cycle: datetime | None = None
    ahead: ClockAhead | None = None
    """The latest time that the clock was ahead, where it ever was."""
    account: str = ""
    """The mailbox that is asked now; see `Record.account`."""
    strays: frozenset[str] = frozenset()
    """The addresses of drafts of our making that lie there, and of which the ledger knows nothing."""
    promises: tuple[Promise, ...] = ()
    """Those that the ledger knows: their meetings may be in no calendar any more."""
    decisions: tuple[Decision, ...] = ()
    """What the user decided, oldest first, also what they took back."""
    notes: tuple[tuple[str, datetime, str], ...] = ()
    """(address, when, text) of what `afterword note` kept, oldest first."""
    asks: tuple[Ask, ...] = ()
    """The meeting requests that the user asked for."""
