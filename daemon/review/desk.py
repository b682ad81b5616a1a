"""One draft on the desk: all that is known of it, what lies in the mailbox now, and the words kept for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from connectors.base import ConnectorError
from daemon.failure import Failure
from daemon.kept_words import Words, kept_words
from daemon.review.opened import opened
from daemon.review.versions import beside
from daemon.review.waiting import row
from daemon.revise import DraftNow, Missing, read_draft
from daemon.sight import house_of
from rules.history import OPEN, State
from rules.moments import brief

if TYPE_CHECKING:
    from daemon.ledger import Ledger
    from daemon.review.opened import Opened
    from daemon.review.room import Room
    from daemon.review.versions import Piece
    from daemon.review.waiting import Row
    from daemon.sight import Sight
    from daemon.view import House
    from rules.history import Record

_LEAST_LINES, _MOST_LINES = 8, 40


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the draft could not be read: `words`, and `hint`, the remedy, where there is one."""

    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Versions:
    """The user's words and those that lie in Drafts now, with what only one of them says."""

    theirs_subject: tuple[Piece, ...]
    mine_subject: tuple[Piece, ...]
    theirs: tuple[Piece, ...]
    mine: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Editor:
    """What the form is filled with: `subject` and `text` go on top of `base`. `unsaved`: they are not in the draft.

    `versions` are there where the draft has become another than the one that was shown.
    """

    subject: str
    text: str
    base: str
    gaps: int
    unsaved: bool = False
    versions: Versions | None = None

    @property
    def lines(self) -> int:
        """How many lines the field shows where no script makes it as long as its text."""
        return min(max(self.text.count("\n") + len(self.text) // 70 + 2, _LEAST_LINES), _MOST_LINES)


@dataclass(frozen=True, slots=True)
class Desk:
    """One opened draft. Where there is no `editor`, `trouble` says why not, and `read` is what can be read all the same.

    `kept` are words that were typed for it and are not in it. `since` is when they were typed. `kind` is that of the mailbox.
    """

    row: Row
    known: Opened
    editor: Editor | None
    draft: DraftNow | None = None
    trouble: Trouble | None = None
    kept: Words | None = None
    since: str = ""
    kind: str = ""

    @property
    def id(self) -> str:
        """The id of the follow-up."""
        return self.row.card.id

    @property
    def state(self) -> State:
        """The state of the follow-up."""
        return self.row.card.state

    @property
    def waits(self) -> bool:
        """Whether there is anything to do about it still."""
        return self.state in OPEN or self.state is State.SNOOZED


def house(room: Room) -> House:
    """The mailbox to be written to, by the configuration in force.

    Raises:
        Failure: the configuration is wrong, and there is no last good one (78).
    """
    return house_of(room.standing().needed, room.call().state, write=True)


def sight_of(room: Room, ledger: Ledger) -> tuple[Sight, Trouble | None]:
    """The follow-ups as they are now, with what is known of people; with a wrong configuration the ledger alone."""
    try:
        sight = room.ahead(room.now())
    except Failure as failure:
        return room.at_drafts(ledger), Trouble(failure.message, failure.hint or "")
    trouble = sight.view.trouble if sight.view is not None else None
    return sight, None if trouble is None else Trouble(trouble.message, trouble.hint or "")


def the_record(ledger: Ledger, sight: Sight, follow_up: str) -> Record:
    """The follow-up of this id, as the mailbox shows it.

    Raises:
        HTTPException: there is none (404).
    """
    record = sight.by_id.get(follow_up) or ledger.record(follow_up)
    if record is None:
        raise HTTPException(404)
    return record


def desk(room: Room, follow_up: str) -> Desk:
    """Open this draft.

    Raises:
        HTTPException: there is no such follow-up (404).
        Failure: the ledger cannot be read.
    """
    with room.looking() as ledger:
        sight, trouble = sight_of(room, ledger)
        record = the_record(ledger, sight, follow_up)
        known = opened(sight, ledger, record)
        kept = kept_words(ledger, follow_up)
        found = _read(room, ledger, record) if trouble is None and record.state in OPEN else None
    shown = row(known.card, {follow_up} if kept else ())
    since = brief(kept.at, sight.almanac, sight.now) if kept is not None else ""
    if isinstance(found, DraftNow):
        editor = filled(found, kept) if not found.fixed else None
        fixed = Trouble(found.fixed) if found.fixed else None
        return Desk(shown, known, editor, found, fixed, kept if editor is None or editor.unsaved else None, since,
                    sight.mailbox)  # fmt: skip
    if isinstance(found, Missing):
        trouble = Trouble(found.words, found.hint)
    return Desk(shown, known, None, None, found if isinstance(found, Trouble) else trouble, kept, since, sight.mailbox)


def _read(room: Room, ledger: Ledger, record: Record) -> DraftNow | Missing | Trouble:
    try:
        here = house(room)
        return read_draft(ledger, here.mailbox, here.configuration.me, record)
    except ConnectorError as error:
        return Trouble(error.message, error.hint or "")


def filled(draft: DraftNow, kept: Words | None) -> Editor:
    """The form for a draft, with the words that were kept for it in place of its own."""
    if kept is None or (kept.subject, kept.text) == (draft.subject, draft.text):
        return Editor(draft.subject, draft.text, draft.base, draft.gaps)
    if kept.base == draft.base:
        return Editor(kept.subject, kept.text, draft.base, draft.gaps, unsaved=True)
    return between(draft, kept.subject, kept.text)


def between(draft: DraftNow, subject: str, text: str) -> Editor:
    """The form for the user's words where another version lies in Drafts: a save from here goes over that one."""
    theirs_subject, mine_subject = beside(draft.subject, subject)
    theirs, mine = beside(draft.text, text)
    versions = Versions(theirs_subject, mine_subject, theirs, mine)
    return Editor(subject, text, draft.base, draft.gaps, unsaved=True, versions=versions)
