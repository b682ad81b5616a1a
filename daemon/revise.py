"""Changing a draft where it lies: read as it is now, and written anew only while it is still what was read.

Made for whoever shows a draft to be edited: the review page, and `review --tty`. The user's mail program may change
the same draft at any moment. So what is shown comes with a `base`; what is saved names it, and where the draft has
become another meanwhile nothing is written, and both versions are told. What the user typed is kept in the ledger before
anything else is done, and forgotten when it lies in the draft, or when they throw it away (`daemon.kept_words`).

How to use it:

    ledger = Ledger.open(state)                     # for writing; a cycle may be under way meanwhile
    seen = read_draft(ledger, mailbox, me, record)  # DraftNow | Missing
    done = revise(ledger, mailbox, me, record, seen.base, subject, text, now, where=ON_THE_PAGE)

`mailbox` and `me` are those of `daemon.sight.house_of(configuration, state, write=True)`, `record` is one of
`daemon.sight.at_drafts(…).records`. `revise` takes the lock of the cycle by itself: the caller must not hold it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.history import Record
    from rules.model import Me

ON_THE_PAGE = "on the review page"
IN_THE_TERMINAL = "in the terminal"
"""Where the user edits it: words that follow on "you edited it" in its history."""

PATIENCE = 10.0
"""Seconds that a save waits for a cycle to end."""


class Why(StrEnum):
    """Why there is no draft to be read."""

    NOT_PLACED = "not placed"
    """No draft of it counts: it is planned, withdrawn, skipped, snoozed, expired or cancelled."""
    SENT = "sent"
    TRASHED = "trashed"
    GONE = "gone"
    """In no folder: open in a mail program just now, or deleted."""
    ASIDE = "aside"
    """In another mailbox than the one that is used now."""
    TWICE = "twice"
    """Two versions of it lie in Drafts, as while a mail program has the first one open: only the user can choose."""


@dataclass(frozen=True, slots=True)
class DraftNow:
    """A draft as it lies in the mailbox now.

    `record` is the follow-up as the ledger has it. `text` has lines that end in LF. `to` and `cc` are worded as in the
    draft (`Dana Okafor <dana@acme.example>`). `base` stands for exactly these bytes (hexadecimal digits, no meaning).
    `html`: it has a form for the eye beside the text. `attachments` are the names of what is attached; a save keeps
    them. `fixed` says, where it is not empty, why it can be changed in the mail program only: a sentence for the user.
    """

    record: Record
    subject: str
    text: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    base: str
    gaps: int
    html: bool = False
    attachments: tuple[str, ...] = ()
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no draft to be read: `words` is a sentence for the user, `hint` what to do about it."""

    why: Why
    words: str
    hint: str


@dataclass(frozen=True, slots=True)
class Saved:
    """The draft says now what the user wrote: it lies there as `draft`. `changed` is false where it said so before.

    `draft.record` is the follow-up as it is now (edited), `draft.base` that of the next save.
    """

    draft: DraftNow
    changed: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """The draft is another than the one that was shown: nothing was written. `draft` is what lies there now.

    To write over it the user saves again, with the base of that one.
    """

    draft: DraftNow
    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """This can not be written, however often it is tried: `words` says why, `hint` what to do instead."""

    words: str
    hint: str


def read_draft(ledger: Ledger, mailbox: Mailbox, me: Me, record: Record) -> DraftNow | Missing:
    """The draft of this follow-up as it lies in the mailbox now: a fresh listing, no index. Writes nothing.

    Raises:
        ConnectorError: the mailbox cannot be asked.
        LedgerError: the ledger cannot be read.
    """
    raise NotImplementedError


def revise(  # noqa: PLR0917, PLR0913 - where, which one, what was shown, what is to stand there, when
    ledger: Ledger,
    mailbox: Mailbox,
    me: Me,
    record: Record,
    base: str,
    subject: str,
    text: str,
    now: datetime,
    *,
    where: str = ON_THE_PAGE,
    markdown: bool = False,
    patience: float = PATIENCE,
) -> Saved | Conflict | Missing | Refused:
    """Let the draft say this, if it is still the one of `base`: its subject and its text; all else in it stays.

    The words are kept first (`daemon.kept_words`), and forgotten with `Saved`; of everything else the user is told, and
    finds them again. `markdown`: the template says `format: markdown`, so a text without gaps gets its HTML part again.
    What was saved is the user's: the follow-up is edited, and nothing of ours touches it any more.

    Raises:
        Failure: a cycle is at work for longer than `patience` seconds (75); the words are kept.
        ConnectorError: the mailbox did not do it, or nobody knows; the words are kept, and the next cycle settles it.
        LedgerError: the ledger cannot be written; then nothing is kept either, and the caller still has the words.
    """
    raise NotImplementedError
