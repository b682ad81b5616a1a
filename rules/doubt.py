"""When a calendar shows less than it did: what is believed gone, what is doubted, and what stays held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.model import Status

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.model import Meeting

LASTS = timedelta(hours=24)
"""What a calendar lacks for so long is believed."""
MANY = 10
"""From so many meetings on, lacking more than half of them is as doubtful as lacking all."""
RECENT = timedelta(days=7)
"""A rolling calendar shows at least so much of the past, and keeps its old series whole."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Since when a calendar is doubted (None: it is believed), by which of its answers, and the UIDs that are kept.

    Answers are numbered as they come; the number says which meetings were known when the doubt began.
    """

    since: datetime | None = None
    answer: int = 0
    kept: frozenset[str] = frozenset()


BELIEVED = Doubt()


_ASTRAY = timedelta(days=7)


def shrinks(known: int, lost: int) -> bool:
    """Whether so much is lacking at once that it is not believed yet: all, or more than half of `MANY` or more."""
    return 0 < lost == known or (known >= MANY and 2 * lost > known)


def doubt(  # noqa: PLR0917 - pure: all it depends on are arguments
    met: Mapping[str, int], missing: Mapping[str, int], shown: int, before: Doubt, answer: int, now: datetime
) -> Doubt:
    """Judge a readable answer that lacks events which were known.

    It is doubted when it lacks all, or more than half of `MANY` or more, of what was known at the beginning of
    the doubt, until that has lasted. A single meeting missing among others that are still there is believed.

    Args:
        met: UIDs with a live meeting with people in the window, there or missing, and by which answer each came.
        missing: all UIDs that the answer lacks, with or without people, and by which answer each came.
        shown: how many UIDs the answer shows.
        before: the doubt until now.
        answer: the number of this answer.
        now: its instant.
    """
    began, first = (now, answer) if before.since is None else (before.since, before.answer)
    if began - now > _ASTRAY:  # a clock that was far ahead began to doubt; one that is back for a while ends nothing
        began = now
    known = {uid for uid, came in met.items() if came < first}
    lost = known & missing.keys()
    one_deleted = len(lost) == 1 and shown >= len(missing)
    if one_deleted or not shrinks(len(known), len(lost)) or now - began >= LASTS:
        return BELIEVED
    # What came and went while the rest is doubted was never part of the question, unless nothing is left at all.
    return Doubt(began, first, frozenset(uid for uid, came in missing.items() if came < first or not shown))


def stays_held(
    meeting: Meeting, dropped: datetime, oldest_event: datetime | None, oldest_series: datetime | None
) -> bool:
    """Whether a meeting that dropped out of a calendar took place: it was past, and nothing that old is shown.

    A calendar that shows the last weeks only goes on to show a series that began years ago, so a series says
    something about a meeting of the last days (the user deleted it), and nothing about older ones.

    Args:
        meeting: as it was last seen.
        dropped: when it was first missed.
        oldest_event: the earliest start of the single events that the calendar shows, if any.
        oldest_series: the earliest start of the series that it shows, if any.
    """
    if meeting.status is Status.CANCELLED or meeting.end > dropped:
        return False
    if oldest_event is not None and oldest_event <= meeting.start:
        return False
    shown_by_series = oldest_series is not None and oldest_series <= meeting.start
    return not (shown_by_series and dropped - meeting.end < RECENT)


def dropped_instances(
    before: tuple[Meeting, ...], after: tuple[Meeting, ...], since: datetime, until: datetime
) -> tuple[Meeting, ...]:
    """The meetings between two instants that an event no longer has, where it goes on otherwise unchanged.

    When all identities differ the whole series was shifted: its meetings moved, and none was dropped.
    """
    still = {meeting.identity for meeting in after}
    if not any(meeting.identity in still for meeting in before):
        return ()
    return tuple(
        meeting
        for meeting in before
        if meeting.identity not in still and since <= meeting.start and meeting.end <= until
    )
