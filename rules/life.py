"""The life of a draft: one state machine. What can happen in which state, and the one way in which a state changes."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from rules.history import Record, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Happening(StrEnum):
    """What can happen to a follow-up, in the words in which docs/life.md tells it."""

    PLACED = "its draft is placed"
    RECOGNISED = "its draft is found lying there"
    EDITED = "you edit it"
    SENT = "you send it"
    ANSWERED = "they answer"
    TRASHED = "you put it into Trash"
    MISSED = "it stays gone"
    TURNED_UP = "it turns up again"
    WITHDRAWN = "it is withdrawn"
    TIDIED = "its leftover draft is taken away"
    SKIPPED = "you skip it"
    UNSKIPPED = "you take the skip back"
    SNOOZED = "you snooze it"
    EXPIRED = "its time passes"
    CANCELLED = "it is no longer wanted"


_WAITING = (State.PLANNED, State.SNOOZED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED)
"""No draft of it counts: one may be made. What became of it by the user's hand is not among these."""


def _each(states: tuple[State, ...], what: Happening, then: State) -> dict[tuple[State, Happening], State]:
    return {(state, what): then for state in states}


def _staying(states: tuple[State, ...], what: Happening) -> dict[tuple[State, Happening], State]:
    return {(state, what): state for state in states}


TABLE: Mapping[tuple[State, Happening], State] = {
    **_each(_WAITING, Happening.PLACED, State.PLACED),
    # After an interruption, in a mailbox of which the ledger was lost, and once a skip is taken back.
    **_each((*_WAITING, State.SKIPPED), Happening.RECOGNISED, State.PLACED),
    # A snoozed one was placed before, and edited before it could be taken away.
    **_each((State.PLACED, State.SNOOZED), Happening.EDITED, State.EDITED),
    # Whatever it was thought to be: who finds it in Sent knows better.
    **_each((*_WAITING, State.PLACED, State.EDITED, State.VETOED, State.SKIPPED), Happening.SENT, State.SENT),
    (State.SENT, Happening.ANSWERED): State.ANSWERED,
    **_each((State.PLACED, State.EDITED, State.SNOOZED), Happening.TRASHED, State.VETOED),
    **_each((State.PLACED, State.EDITED), Happening.MISSED, State.VETOED),
    # Absent for so long only because it was open in an editor, or taken away while it was.
    **_each((State.VETOED, State.WITHDRAWN), Happening.TURNED_UP, State.EDITED),
    (State.PLACED, Happening.WITHDRAWN): State.WITHDRAWN,
    **_staying(
        (
            State.PLANNED,
            State.SKIPPED,
            State.SNOOZED,
            State.EDITED,
            State.SENT,
            State.ANSWERED,
            State.WITHDRAWN,
            State.CANCELLED,
            State.EXPIRED,
        ),
        Happening.TIDIED,
    ),
    # An edited one where its draft lies in a mailbox that is not asked any more.
    **_each((*_WAITING, State.PLACED, State.EDITED), Happening.SKIPPED, State.SKIPPED),
    (State.SKIPPED, Happening.UNSKIPPED): State.PLANNED,
    **_each((*_WAITING, State.PLACED), Happening.SNOOZED, State.SNOOZED),
    **_each((State.PLANNED, State.SNOOZED), Happening.EXPIRED, State.EXPIRED),
    **_each((State.PLANNED, State.SNOOZED, State.EXPIRED), Happening.CANCELLED, State.CANCELLED),
}
"""In which state what can happen, and the state after it. What is not in here cannot happen."""

_PAIRS = frozenset((state, then) for (state, _), then in TABLE.items())


class Turn(NamedTuple):
    """The record as it is after something happened, and the cause, as `show` tells it.

    Without a cause the state is the same: only what is known of the draft has changed.
    """

    record: Record
    cause: str


class ImpossibleError(Exception):
    """Something was said to happen that cannot happen in that state, or without a cause: a fault of this program."""


def can(state: State, what: Happening) -> bool:
    """Whether this can happen in that state."""
    return (state, what) in TABLE


def leads(state: State, then: State) -> bool:
    """Whether one thing that happens can lead from the one state to the other."""
    return (state, then) in _PAIRS


def happens(record: Record, what: Happening, cause: str, at: datetime, **known: Any) -> Turn:
    """This happened to the follow-up at that moment. The only way in which its state changes.

    `known` are other fields of the record that this changes.

    Raises:
        ImpossibleError: it cannot happen in this state, no cause is given, or it was sent and never placed.
    """
    then = TABLE.get((record.state, what))
    if then is None:
        raise ImpossibleError(f"{record.id} is {record.state}: it cannot be that {what}")
    if not cause.strip():
        raise ImpossibleError(f"{record.id} is {record.state}, {what}, and nobody says why")
    after = replace(record, **known, state=then, changed=record.changed if then is record.state else at)
    if then is State.SENT and after.placed is None:
        raise ImpossibleError(f"{record.id} was never placed: it cannot be that {what}")
    return Turn(after, cause.strip())
