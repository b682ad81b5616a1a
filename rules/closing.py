"""Closing notes: one for each person who is to be told of a decision, in the next cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.decisions import STEP, briefly
from rules.history import FINAL, OPEN, State
from rules.model import FollowUp, Recipient, unique, without_tag
from rules.wish import Wish, snoozed
from rules.world import follow_up_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rules.decisions import Closing
    from rules.model import Meeting
    from rules.world import World

_DONE = FINAL | OPEN
_WAITING = frozenset({State.PLANNED, State.SNOOZED, State.EXPIRED})
_MARKS = 5
"""The latest of what somebody helped with: more would be a list, and no letter."""


def wishes(world: World, now: datetime) -> Iterator[Wish]:
    """The closing notes that are still to be drafted; those of a decision that was taken back are told as cancelled.

    They are exempt from the limits of courtesy, and count in them.
    """
    for number, one in enumerate(world.closings):
        if one.record is not None and one.record.state in _DONE:
            continue
        if one.is_wanted:
            yield _wish(world, one, number, now)
        elif one.record is not None and one.record.state in _WAITING:
            yield _wish(world, one, number, now, cancelled=_why_not(one))


def _why_not(one: Closing) -> str:
    if one.is_asked_for:
        return f"{one.to.email} is marked do_not_contact"
    return "you took the decision back" if one.decision.undone else "you left them out of the decision"


def _wish(world: World, one: Closing, number: int, now: datetime, *, cancelled: str = "") -> Wish:
    person, record = one.person, one.record
    follow_up = FollowUp(
        id=record.id if record else follow_up_id(one.decision.id, None, STEP, without_tag(person.email)),
        rule=None,
        step=STEP,
        template=STEP,
        anchor=one.decision.id,
        people=(person,),
        recipients=(Recipient(person.name, person.email),),
        meeting=None,
        due=one.to.at,
        by=None,
        expires=None,
        why=f"you decided: {briefly(one.decision)}",
        sender=_sender(world, one.key, now),
        decision=one.decision.text,
        helped=helped(world, one.key, now),
    )
    order = (len(world.rules), number)
    return Wish(snoozed(follow_up, record), order, None, None, exempt=True, cancelled=cancelled)


def helped(world: World, key: str, now: datetime) -> tuple[str, ...]:
    """What they helped with: the latest of what the user marked `#thanks` at meetings with them, oldest first."""
    marks = [text for meeting in met(world, key, now) for text in meeting.marks.thanks]
    return unique(marks)[-_MARKS:]


def met(world: World, key: str, now: datetime) -> tuple[Meeting, ...]:
    """The meetings with the person that were over by then, by their start."""
    return tuple(meeting for meeting in world.held.get(key, ()) if meeting.end <= now)


def _sender(world: World, key: str, now: datetime) -> str:
    """The address of mine that was invited when we last met, else the first."""
    last = max(met(world, key, now), key=lambda meeting: meeting.end, default=None)
    return world.me.emails[0] if last is None else world.attendances[last.identity].sender
