"""One draft on the desk: all that is known of it, what lies in the mailbox now, and the words kept for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

from connectors.base import ConnectorError
from connectors.content import content
from daemon import household
from daemon.draft_now import ELSEWHERE, Why
from daemon.failure import Failure
from daemon.kept_words import Words, several_kept
from daemon.review.card import card
from daemon.review.opened import opened
from daemon.review.versions import beside
from daemon.review.waiting import row
from daemon.revise import DraftNow, Missing, read_draft
from rules.history import OPEN, State
from rules.moments import brief

if TYPE_CHECKING:
    from connectors.content import Content
    from daemon.ledger import Ledger
    from daemon.review.opened import Opened
    from daemon.review.room import Room
    from daemon.review.versions import Piece
    from daemon.review.waiting import Row
    from daemon.view import House
    from rules.history import Record

_LEAST_LINES, _MOST_LINES = 8, 40


@dataclass(frozen=True, slots=True)
class Hindrance:
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
class Beside:
    """Words of another window, and when they were typed."""

    words: Words
    since: str


@dataclass(frozen=True, slots=True)
class Desk:
    """One opened draft. Where there is no `editor`, `hindrance` says why not, and what was `placed` can be read.

    `known` is what is known of it, where that was asked for. `kept` are words that were typed for it and are not in it,
    `since` when; `beside` are those of other windows. `kind` is that of the mailbox. `window` is the name of the one in
    which it is opened here, and `over` the mark of the words that it goes on with (`daemon.kept_words`).
    """

    row: Row
    editor: Editor | None
    draft: DraftNow | None = None
    hindrance: Hindrance | None = None
    kept: Words | None = None
    since: str = ""
    kind: str = ""
    placed: Content | None = None
    known: Opened | None = None
    beside: tuple[Beside, ...] = ()
    window: str = field(default_factory=lambda: token_hex(4))
    over: str = ""

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


def house(room: Room, *, write: bool = False) -> House:
    """The mailbox by the configuration in force; `write` is for a save alone, which has the lock of the cycle.

    Raises:
        Failure: the configuration is wrong, and there is no last good one (78).
    """
    return room.house(room.standing().needed, saves=write)


def record_of(ledger: Ledger, follow_up: str) -> Record:
    """The follow-up of this id.

    Raises:
        HTTPException: there is none (404).
    """
    record = ledger.record(follow_up)
    if record is None:
        raise HTTPException(404)
    return record


def desk(room: Room, follow_up: str, *, whole: bool, plain: bool = False) -> Desk:
    """Open this draft: its words, as they lie in the mailbox; the `whole` of what is known with them.

    What was typed for it last stands in their place; where `plain`, beside them.

    Raises:
        HTTPException: there is no such follow-up (404).
        Failure: the ledger cannot be read.
    """
    with room.looking() as ledger:
        record = record_of(ledger, follow_up)
        typed = several_kept(ledger, follow_up)
        known = what_is_known(room, ledger, record) if whole else None
        almanac, kind = household.recall(ledger).almanac, household.recall(ledger).mailbox
        placed = ledger.message(record.id, record.revision)
        found = _read(room, ledger, record)
    shown = found.record if isinstance(found, DraftNow) else record
    kept = typed[0] if typed and not plain else None
    others = tuple(one for one in typed if one != kept and (kept is None or one.said != kept.said))
    found_desk = Desk(
        row(card(shown, almanac, room.now()), {follow_up} if typed else ()),
        None,
        kept=kept,
        since=brief(kept.at, almanac, room.now()) if kept is not None else "",
        kind=kind,
        placed=content(placed) if placed is not None else None,
        known=known,
        beside=tuple(Beside(one, brief(one.at, almanac, room.now())) for one in others),
        over=kept.mark if kept is not None else "",
    )
    if isinstance(found, Hindrance):
        return replace(found_desk, hindrance=found)
    if found.fixed:
        return replace(found_desk, draft=found, hindrance=Hindrance(found.fixed, ELSEWHERE))
    editor = filled(found, kept)
    return replace(found_desk, draft=found, editor=editor, kept=kept if editor.unsaved else None)


def what_is_known(room: Room, ledger: Ledger, record: Record) -> Opened:
    """The meeting, the people, why this note: as far as it is known without a configuration that works."""
    try:
        return opened(room.ahead(room.now()), ledger, record)
    except Failure:
        return opened(room.at_drafts(ledger), ledger, record)


def _read(room: Room, ledger: Ledger, record: Record) -> DraftNow | Hindrance:
    try:
        here = house(room)
        found = read_draft(ledger, here.mailbox, here.configuration.me, record)
        if isinstance(found, Missing) and (seen := renamed(room, ledger, record, found)) is not None:
            found = read_draft(ledger, here.mailbox, here.configuration.me, seen)
    except ConnectorError as error:
        return Hindrance(error.message, error.hint or "")
    except Failure as failure:
        return Hindrance(failure.message, failure.hint or "")
    return Hindrance(found.words, found.hint) if isinstance(found, Missing) else found


def renamed(room: Room, ledger: Ledger, record: Record, found: Missing) -> Record | None:
    """The follow-up as a whole look at the mailbox shows it, where its draft may lie there under another name."""
    if found.why is not Why.GONE and record.state in OPEN:
        return None
    seen = room.at_drafts(ledger).by_id.get(record.id)
    return seen if seen is not None and seen != record and seen.state in OPEN else None


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
