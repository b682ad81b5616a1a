"""How far back and ahead the rules look: the window in which recurring events are expanded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rules.language import Rule, Step
    from rules.timing import Duration

_MARGIN = timedelta(days=35)
"""For windows, holidays and a sleep of some weeks; ahead, for what `plan` shows."""
_WEEK = timedelta(days=7)
_YEAR = timedelta(days=400)
"""Back to here a meeting makes somebody known: for first meetings, check-ins, and what a note says of before."""
_CHAIN = timedelta(days=800)
"""Back to here a meeting keeps a chain of check-ins going, while mails alone go to and fro."""
_USUAL_ROUNDS = 4


def reach(rules: Iterable[Rule], backfill: Duration, now: datetime, until: datetime) -> tuple[datetime, datetime]:
    """The window [start, end) of meetings that can matter to these rules between `now` and `until`."""
    back, ahead = max(backfill.roughly, _YEAR), timedelta()
    for step in (step for rule in rules for step in rule.steps):
        back = max(back, _back(step))
        ahead = max(ahead, _ahead(step))
    return now - back - _MARGIN, max(now, until) + ahead + _MARGIN


def _back(step: Step) -> timedelta:
    if step.every is not None:
        return max(_CHAIN, step.every.roughly * (step.at_most or _USUAL_ROUNDS))
    if step.after is not None:
        return step.after.roughly + (step.expires.roughly if step.expires else _WEEK)
    return timedelta()


def _ahead(step: Step) -> timedelta:
    longest = step.every or step.before
    return longest.roughly if longest else timedelta()
