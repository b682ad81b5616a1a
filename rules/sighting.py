"""From what the mailbox shows of one draft to what happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rules.history import OPEN, State
from rules.life import Happening, Turn, can, happens

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import Record

GRACE = timedelta(hours=1)
"""A draft open in an editor is gone from Drafts for a while: so long absence means nothing,"""
GRACE_CYCLES = 2
"""and so many cycles must have seen it absent."""

LEAVING = frozenset(
    {State.SKIPPED, State.SNOOZED, State.SENT, State.ANSWERED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED}
)
"""States in which an untouched draft does not stay: its mark is kept in `draft_tag` until it is taken away."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the mailbox shows of one draft.

    `sent` is when it was sent, `sent_words` how that was recognised. `tag`, `gaps`, `subject` and `message_id` are
    those of the draft as it lies there now; `differs`: its subject, recipients or text are not what was placed,
    and `differs_words` how the user came to that. `aside`: it lies in a folder of the user's own. `account` is that
    of the mailbox.
    """

    in_drafts: bool = False
    tag: str = ""
    differs: bool = False
    differs_words: str = "you edited it"
    gaps: int = 0
    subject: str = ""
    message_id: str = ""
    in_trash: bool = False
    aside: bool = False
    sent: datetime | None = None
    sent_words: str = ""
    answered: datetime | None = None
    answer_words: str = ""
    account: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the draft itself lies in this mailbox, whatever the mailbox was called when it was laid."""
        return self.in_drafts or self.in_trash or self.aside


def observe(record: Record, seen: Sighting, now: datetime) -> tuple[Turn, ...]:
    """What happened to the record, one thing after the other; nothing where all is as it was.

    The last turn has the record as it is now. One without a cause tells of the draft only, not of its state.
    """
    turns: list[Turn] = []
    for step in (_sent, _in_hand, _answered):
        turn = step(turns[-1].record if turns else record, seen, now)
        if turn is not None:
            turns.append(turn)
    return tuple(turns)


def _sent(record: Record, seen: Sighting, now: datetime) -> Turn | None:
    if seen.sent is None or record.placed is None or not can(record.state, Happening.SENT):
        return None
    tag = record.draft_tag if _is_apart(record, seen) else _left(seen)
    left = {"absent_since": None, "absent_cycles": 0, "draft_tag": tag, "account": _account(record, seen)}
    return happens(record, Happening.SENT, seen.sent_words, now, sent=seen.sent, **left)


def _answered(record: Record, seen: Sighting, now: datetime) -> Turn | None:
    if seen.answered is None or not can(record.state, Happening.ANSWERED):
        return None
    return happens(record, Happening.ANSWERED, seen.answer_words, now)


def _left(seen: Sighting) -> str:
    """The mark of an untouched draft that does not stay."""
    return seen.tag if seen.in_drafts and not seen.differs else ""


def _in_hand(record: Record, seen: Sighting, now: datetime) -> Turn | None:
    """What the drafts folder and Trash tell, where nothing is known to be sent."""
    if _is_apart(record, seen):
        return None
    if record.state in OPEN:
        return _open(record, seen, now)
    if seen.in_drafts and _is_back(record, seen):
        words = "it turned up in Drafts again: it is yours"
        return happens(record, Happening.TURNED_UP, words, now, **_lying(record, seen))
    if record.state is State.SNOOZED and seen.in_drafts and seen.differs:
        words = f"{seen.differs_words}: it is yours"
        return happens(record, Happening.EDITED, words, now, **_lying(record, seen))
    if record.state is State.SNOOZED and seen.in_trash and not seen.in_drafts:
        return happens(record, Happening.TRASHED, "you put it into Trash", now, draft_tag="")
    return _left_behind(record, seen) if record.state in LEAVING else None


def _left_behind(record: Record, seen: Sighting) -> Turn | None:
    return _changed(record, replace(record, draft_tag=_left(seen), account=_account(record, seen)))


def _is_apart(record: Record, seen: Sighting) -> bool:
    """Its draft lies in another mailbox: what this one lacks says nothing."""
    return record.is_apart(seen.account) and not seen.is_here


def _account(record: Record, seen: Sighting) -> str:
    """The mailbox in which its draft lies: this one, where it is seen here."""
    return (seen.account if seen.is_here else "") or record.account


def _is_back(record: Record, seen: Sighting) -> bool:
    """One that was taken away while the user wrote in it comes back when they save it."""
    return record.state is State.VETOED or (record.state is State.WITHDRAWN and seen.differs)


def _lying(record: Record, seen: Sighting) -> dict[str, Any]:
    """What the record knows of its draft in Drafts."""
    return {
        "absent_since": None,
        "absent_cycles": 0,
        "gaps": seen.gaps,
        "draft_tag": seen.tag,
        "account": _account(record, seen),
        "message_id": seen.message_id or record.message_id,
        "subject": (seen.subject if seen.differs else "") or record.subject,
    }


def _open(record: Record, seen: Sighting, now: datetime) -> Turn | None:
    if seen.in_drafts:
        if seen.differs and can(record.state, Happening.EDITED):
            return happens(record, Happening.EDITED, seen.differs_words, now, **_lying(record, seen))
        return _changed(record, replace(record, **_lying(record, seen)))
    if seen.in_trash:
        return happens(record, Happening.TRASHED, "you put it into Trash", now, draft_tag="")
    if seen.aside:
        return _changed(record, replace(record, absent_since=None, absent_cycles=0, account=_account(record, seen)))
    again = record.absent_since != now  # a cycle that has laid something looks twice, and is one cycle
    since = min(record.absent_since or now, now)  # a clock that was ahead may have seen it first
    absent = replace(record, absent_since=since, absent_cycles=record.absent_cycles + again)
    if absent.absent_cycles >= GRACE_CYCLES and now - since >= GRACE:
        return happens(absent, Happening.MISSED, "you deleted it", now, draft_tag="")
    return Turn(absent, "")


def _changed(record: Record, after: Record) -> Turn | None:
    return None if after == record else Turn(after, "")
