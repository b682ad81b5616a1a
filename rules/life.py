"""The life of a draft: from what the mailbox shows to what became of it. One state machine, and its causes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.history import OPEN, State

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import Record

GRACE = timedelta(hours=1)
"""A draft open in an editor is gone from Drafts for a while: so long absence means nothing,"""
GRACE_CYCLES = 2
"""and so many cycles must have seen it absent."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the mailbox shows of one draft.

    `sent` is when it was sent, `sent_words` how that was recognised. `tag` and `gaps` are those of the draft
    as it lies there now; `differs`: its subject, recipients or text are not what was placed.
    """

    in_drafts: bool = False
    tag: str = ""
    differs: bool = False
    gaps: int = 0
    subject: str = ""
    in_trash: bool = False
    sent: datetime | None = None
    sent_words: str = ""
    answered: datetime | None = None
    answer_words: str = ""


def observe(record: Record, seen: Sighting, now: datetime) -> tuple[Record, str]:
    """The record as it is after this sighting, and the cause where its state changed ("" where it did not)."""
    after, cause = _step(record, seen, now)
    if after.state is not record.state:
        after = replace(after, changed=now)
    return after, cause


def _step(record: Record, seen: Sighting, now: datetime) -> tuple[Record, str]:
    if record.state is State.SENT:
        return _answered(record, seen)
    if seen.sent is not None and record.state is not State.ANSWERED:
        left = seen.tag if seen.in_drafts and not seen.differs else ""
        sent = replace(record, state=State.SENT, sent=seen.sent, absent_since=None, absent_cycles=0, draft_tag=left)
        answered, words = _answered(sent, seen)
        return answered, f"{seen.sent_words}; {words}" if words else seen.sent_words
    if record.state in OPEN:
        return _open(record, seen, now)
    # One that was taken away while the user wrote in it comes back when they save it.
    if seen.in_drafts and (record.state is State.VETOED or (record.state is State.WITHDRAWN and seen.differs)):
        words = "it turned up in Drafts again: it is yours"
        return replace(record, state=State.EDITED, gaps=seen.gaps, draft_tag=seen.tag, absent_since=None), words
    if record.state in (State.SKIPPED, State.SNOOZED):
        return _put_off(record, seen)
    return record, ""


def _put_off(record: Record, seen: Sighting) -> tuple[Record, str]:
    """An untouched draft is to be taken away; a snoozed one that was edited after all stays, and is the only one."""
    if record.state is State.SNOOZED and seen.in_drafts and seen.differs:
        return replace(record, state=State.EDITED, gaps=seen.gaps, draft_tag=seen.tag), "you edited it: it is yours"
    return replace(record, draft_tag=seen.tag if seen.in_drafts and not seen.differs else ""), ""


def _answered(record: Record, seen: Sighting) -> tuple[Record, str]:
    if seen.answered is None:
        return record, ""
    return replace(record, state=State.ANSWERED), seen.answer_words


def _open(record: Record, seen: Sighting, now: datetime) -> tuple[Record, str]:
    if seen.in_drafts:
        here = replace(record, absent_since=None, absent_cycles=0, gaps=seen.gaps, draft_tag=seen.tag)
        if record.state is State.PLACED and seen.differs:
            return replace(here, state=State.EDITED, subject=seen.subject or record.subject), "you edited it"
        return here, ""
    if seen.in_trash:
        return replace(record, state=State.VETOED, draft_tag=""), "you put it into Trash"
    since = record.absent_since or now
    cycles = record.absent_cycles + 1
    if cycles >= GRACE_CYCLES and now - since >= GRACE:
        return replace(
            record, state=State.VETOED, draft_tag="", absent_since=since, absent_cycles=cycles
        ), "you deleted it"
    return replace(record, absent_since=since, absent_cycles=cycles), ""
