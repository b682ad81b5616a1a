"""A draft that waits, as a list of them shows it: to whom, because of what, and how much time is left.

Worked out from the ledger alone, so that a list of five hundred is there at once; `daemon.review.opened` tells more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from rules.cleaning import SUBJECT, line
from rules.greeting import called
from rules.history import OPEN, State
from rules.moments import brief, day, moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.history import Record
    from rules.model import Recipient

SOON = timedelta(days=1)
"""A deadline that is nearer than this presses."""
_NAMES = 3
_HOUR = 3600
_FEW_HOURS = 48
_DAY = 24


class Press(StrEnum):
    """How the deadline presses."""

    LATE = "late"
    SOON = "soon"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Card:
    """One draft. All texts are one clean line, whatever was in the calendar: no control and no bidi characters.

    `who` is `Dana Okafor`, `Dana Okafor, Lee Ito and 4 more`, or `you`. `meeting` and `when` are empty where it hangs
    on none. `time` says all there is to say of time (`on its way by 16:00, in 3 h`), `left` the end of it (`in 3 h`).
    `stale`: no longer worth sending. `gone`: it lies nowhere just now.
    """

    record: Record
    who: str
    subject: str
    meeting: str
    when: str
    time: str
    left: str
    press: Press
    stale: bool = False
    gone: bool = False

    @property
    def id(self) -> str:
        """The id of the follow-up."""
        return self.record.id

    @property
    def state(self) -> State:
        """Placed, edited or snoozed."""
        return self.record.state

    @property
    def gaps(self) -> int:
        """How many places are left to fill."""
        return self.record.gaps

    @property
    def step(self) -> str:
        """`soft-interview, thank-you`; the step alone where no rule asked for it."""
        return f"{self.record.rule}, {self.record.step}" if self.record.rule else self.record.step


def cards(records: Iterable[Record], almanac: Almanac, now: datetime, *, snoozed: bool = False) -> tuple[Card, ...]:
    """The drafts among these follow-ups that wait for the user, the nearest deadline first; also those `snoozed`.

    A draft without a deadline comes after all that have one, by the time at which it is no longer worth sending.
    """
    states = OPEN | {State.SNOOZED} if snoozed else OPEN
    return tuple(card(one, almanac, now) for one in sorted(records, key=urgency) if one.state in states)


def urgency(record: Record) -> tuple[bool, datetime, str]:
    """What drafts are sorted by: the nearest deadline first."""
    return record.by is None, record.by or record.expires or record.due, record.id


def card(record: Record, almanac: Almanac, now: datetime) -> Card:
    """This follow-up."""
    meeting = record.meeting
    time, left, press = _time(record, almanac, now)
    return Card(
        record,
        who(record),
        line(record.subject, SUBJECT) or record.step,
        "" if meeting is None else line(meeting.title) or "(no title)",
        "" if meeting is None else moment(meeting.start, almanac, now),
        time,
        left,
        press,
        stale=_is_stale(record, now),
        gone=record.absent_since is not None and record.state in OPEN,
    )


def who(record: Record) -> str:
    """To whom, in a few words; of many the first three."""
    if record.to_me:
        return "you"
    names = [clean_name(one) for one in record.to]
    more = len(names) - _NAMES
    return f"{', '.join(names[:_NAMES])} and {more} more" if more > 1 else ", ".join(names)


def clean_name(one: Recipient) -> str:
    """The name as one says it, on one clean line; else the address."""
    return line(called(one)) or line(one.email)


def length(seconds: float) -> str:
    """A length of time in few letters, rounded down: `25 min`, `3 h`, `2 days`."""
    if seconds < _HOUR:
        return f"{int(seconds // 60)} min"
    hours = int(seconds // _HOUR)
    return f"{hours} h" if hours < _FEW_HOURS else f"{hours // _DAY} days"


def _is_stale(record: Record, now: datetime) -> bool:
    return record.state is State.PLACED and record.expires is not None and record.expires <= now


def _time(record: Record, almanac: Almanac, now: datetime) -> tuple[str, str, Press]:
    """All there is to say of its time, the end of that, and how it presses."""
    if record.state is State.SNOOZED:
        back = brief(record.snoozed_until or record.due, almanac, now)
        return f"snoozed; comes back {back}", f"comes back {back}", Press.NONE
    if record.absent_since is not None:
        since = brief(record.absent_since, almanac, now)
        return f"gone from Drafts since {since}: if it stays away, it counts as deleted", "gone", _press(record, now)
    if record.by is not None:
        by, seconds = brief(record.by, almanac, now), (record.by - now).total_seconds()
        if seconds >= 0:
            return f"on its way by {by}, in {length(seconds)}", f"in {length(seconds)}", _press(record, now)
        return f"was to be on its way by {by}, {length(-seconds)} ago", f"{length(-seconds)} late", Press.LATE
    return *_unhurried(record, almanac, now), Press.NONE


def _unhurried(record: Record, almanac: Almanac, now: datetime) -> tuple[str, str]:
    """What there is to say of the time of a draft without a deadline, and the end of that."""
    if _is_stale(record, now):
        return "stale: no longer worth sending", "stale"
    if record.expires is not None and record.expires > now:
        until = day(almanac.day_of(record.expires), almanac.day_of(now))
        return f"no deadline; worth {'reading' if record.to_me else 'sending'} until {until}", f"until {until}"
    return "no deadline", ""


def _press(record: Record, now: datetime) -> Press:
    if record.by is None:
        return Press.NONE
    if record.by < now:
        return Press.LATE
    return Press.SOON if record.by - now < SOON else Press.LATER
