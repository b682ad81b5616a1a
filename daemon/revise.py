"""Changing a draft where it lies: read as it is now, and written anew only while it is still what was read.

Made for whoever shows a draft to be edited: the review page, and `review --tty`. The user's mail program may change
the same draft at any moment. So what is shown comes with a `base`; what is saved names it, and where the draft has
become another meanwhile nothing is written, and both versions are told. What the user typed is kept in the ledger
before anything else is done, and forgotten when it lies in the draft, or when they throw it away
(`daemon.kept_words`).

How to use it:

    ledger = Ledger.open(state)                     # for writing; a cycle may be under way meanwhile
    seen = read_draft(ledger, mailbox, me, record)  # DraftNow | Missing
    done = revise(ledger, mailbox, me, record, seen.base, subject, text, now, where=ON_THE_PAGE)

`record` is one of `daemon.sight.at_drafts(…).records`. To read, `mailbox` is that of its house; to write, it is that of
`daemon.sight.house_of(configuration, state, write=True)`, which is for who has the lock of the cycle alone: at an IMAP
server it tidies up. `revise` takes the lock by itself: the caller must not hold it.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.base import ConnectorError, NoteRefusedError
from connectors.message import MessageError, same
from connectors.revision import revised
from daemon import locks
from daemon.apart import GMAIL
from daemon.draft_now import ELSEWHERE, DraftNow, Lying, Missing, Why, digest, html_again, lying, taken_to_pieces
from daemon.failure import ExitCode, Failure
from daemon.kept_words import LONGEST, Words, forget_some, keep_words, several_kept
from daemon.ledger import IntentKind
from daemon.letters import copies_of
from daemon.revision import close, outcome
from daemon.state_folder import unusable
from rules.history import State
from rules.life import Happening, happens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from connectors.base import Mailbox
    from daemon.ledger import Ledger
    from rules.history import Record
    from rules.model import Me

__all__ = [
    "IN_THE_TERMINAL",
    "ON_THE_PAGE",
    "Conflict",
    "DraftNow",
    "Missing",
    "Refused",
    "Saved",
    "Why",
    "read_draft",
    "revise",
]

ON_THE_PAGE = "on the review page"
IN_THE_TERMINAL = "in the terminal"
"""Where the user edits it: words that follow on "you edited it" in its history."""

PATIENCE = 10.0
"""Seconds that a save waits for a cycle to end."""


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
    found = lying(ledger, mailbox, me, record)
    return found.now if isinstance(found, Lying) else found


def revise(  # noqa: PLR0917 - where, which one, what was shown, what is to stand there, when
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
    patience: float = PATIENCE,
    window: str = "",
    over: str = "",
) -> Saved | Conflict | Missing | Refused:
    """Let the draft say this, if it is still the one of `base`: its subject and its text; all else in it stays.

    The words are kept first (`daemon.kept_words`), and forgotten with `Saved`; of everything else the user is told, and
    finds them again. What was saved is the user's: the follow-up is edited, and nothing of ours touches it any more.

    `window` and `over` are those of `keep_words`.

    Raises:
        Failure: a cycle is at work for longer than `patience` seconds (75); the words are kept.
        ConnectorError: the mailbox did not do it, or nobody knows; the words are kept, and the next cycle settles it.
        LedgerError: the ledger cannot be written; then nothing is kept either, and the caller still has the words.
    """
    words = Words(base, subject, text, now, window)
    if len(subject) + len(text) > LONGEST:
        return Refused(f"That is longer than {LONGEST:,} characters.", "Make it shorter; it is kept nowhere.")
    keep_words(ledger, record.id, words, over)
    with _alone(ledger, now, patience):
        done = _Save(ledger, mailbox, me, record, words, where).run()
    if not isinstance(done, Saved) and words.window not in {one.window for one in several_kept(ledger, record.id)}:
        keep_words(ledger, record.id, words)  # another save, of another window, has taken its own for these
    return done


@contextmanager
def _alone(ledger: Ledger, now: datetime, patience: float) -> Iterator[None]:
    """With the lock of the cycle.

    Raises:
        Failure: see `revise`.
    """
    try:
        held = locks.wait(ledger.folder, locks.CYCLE, "a save", now, patience, time.sleep)
    except locks.Held:
        raise Failure(
            ExitCode.CANNOT_NOW,
            "a cycle is at work just now, so the draft was not written; your words are kept",
            "Save again in a moment.",
        ) from None
    except OSError as error:
        raise unusable(ledger.folder, error) from None
    with held:
        yield


class _Save:
    """One save, by whoever holds the lock."""

    def __init__(  # noqa: PLR0917 - as for `revise`
        self, ledger: Ledger, mailbox: Mailbox, me: Me, record: Record, words: Words, where: str
    ) -> None:
        self.ledger = ledger
        self.mailbox = mailbox
        self.me = me
        self.record = record
        self.words = words
        self.cause = f"you edited it {where}"
        self.now = words.at

    def run(self) -> Saved | Conflict | Missing | Refused:
        note = self.ledger.recall("mailbox")
        if self.mailbox.kind == GMAIL and note:  # what it knows of the drafts it does not ask for one by one
            self.mailbox.look(note, frozenset(self.record.addresses))
        self._settle()  # a save of before that was cut off
        found = lying(self.ledger, self.mailbox, self.me, self.record)
        if isinstance(found, Missing):
            return found
        if found.now.base != self.words.base:
            return self._another(found)
        if found.now.fixed or found.letter is None:
            return Refused(found.now.fixed, ELSEWHERE)
        try:
            subject, text = self.words.subject, self.words.text
            new = revised(found.letter, subject, text, html_again(found, subject, text))
        except MessageError as error:
            return Refused(f"{error.message[0].upper()}{error.message[1:]}.", error.hint or ELSEWHERE)
        if same(new, found.raw):
            return self._as_it_was(found)
        return self._written(found, new)

    def _another(self, found: Lying) -> Saved | Conflict:
        """What was shown is there no more; perhaps because just these words were saved already."""
        there = found.now
        if (self.words.subject.strip(), _bare(self.words.text)) == (there.subject, _bare(there.text)):
            return self._as_it_was(found)
        words = "The draft has been changed since you opened it here: nothing was written."
        return Conflict(there, words)

    def _as_it_was(self, found: Lying) -> Saved:
        forget_some(self.ledger, self.record.id, self.words.window)
        return Saved(found.now, changed=False)

    def _written(self, found: Lying, new: bytes) -> Saved | Conflict | Missing | Refused:
        """Intent, effect, result."""
        known = self._known(found)
        base = self.words.base
        if not self.ledger.intend_revision(known, new, base, self.cause, self.now):
            return Missing(Why.NOT_PLACED, "It has just become something else.", "Look again.")
        try:
            self.mailbox.replace(found.header.ref, lambda raw: digest(raw) == base, new)
        except NoteRefusedError as error:
            self.ledger.abandon(known.id, "your mailbox did not take your words; they are kept", self.now)
            return Refused(f"Your mailbox does not take this: {error.message}.", error.hint or ELSEWHERE)
        except ConnectorError:
            if not self._is_done_all_the_same(new):
                raise
            return self._told(new)
        return self._told(new, self._settle())

    def _known(self, found: Lying) -> Record:
        """The follow-up as the ledger has it; what was seen of its draft and not written down yet comes first."""
        known, seen = self.ledger.record(self.record.id), found.now.record
        assert known is not None
        if (known.state, known.message_id) == (seen.state, seen.message_id):
            return known
        cause = "it turned up in Drafts again: it is yours"
        if known.message_id != seen.message_id:
            cause = "you edited it, and your mail program gave it another Message-ID"
        if seen.state is State.PLACED:
            seen = happens(seen, Happening.EDITED, cause, self.now, subject=found.now.subject or seen.subject).record
        self.ledger.save([(seen, cause)], self.now)
        return seen

    def _told(self, new: bytes, settled: Record | None = None) -> Saved | Conflict | Missing:
        """What lies there now. `settled`: who wrote down what came of it has found these words there a moment ago."""
        try:
            found = lying(self.ledger, self.mailbox, self.me, self.record)
        except ConnectorError:
            if settled is None:
                raise
            return Saved(taken_to_pieces(self.ledger, settled, new)[0], changed=True)
        if isinstance(found, Missing):
            return found
        return Saved(found.now, changed=True) if same(found.raw, new) else self._another(found)

    def _settle(self) -> Record | None:
        """Write down what came of a save that was begun, by what lies there now; the follow-up where the words do."""
        settled = None
        for intent in self.ledger.intents():
            if intent.record.id == self.record.id and intent.kind is IntentKind.REVISE:
                copies = copies_of(self.mailbox, frozenset([intent.record.message_id]), self.me)
                turn = outcome(intent, self.mailbox, copies.get(intent.record.message_id, ()), self.now)
                close(self.ledger, intent, turn, self.now)
                settled = turn and turn.record
        return settled

    def _is_done_all_the_same(self, new: bytes) -> bool:
        """Whether the words lie there, whatever went wrong."""
        try:
            self._settle()
            found = lying(self.ledger, self.mailbox, self.me, self.record)
        except ConnectorError:
            return False  # the next cycle looks
        return isinstance(found, Lying) and same(found.raw, new)


def _bare(text: str) -> str:
    """What of a text is compared."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).rstrip()
