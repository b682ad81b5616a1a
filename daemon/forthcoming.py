"""What is coming, in the order in which it will be drafted, and in words why it comes and what holds it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.present import held
from daemon.sight import drafted_at
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from daemon.sight import Sight
    from rules.almanac import Almanac
    from rules.model import FollowUp


def until(sight: Sight, horizon: datetime) -> list[FollowUp]:
    """By the time of drafting; beyond the horizon only what is due now and held back until then."""
    found = [(drafted_at(one, sight.now), one) for one in sight.planned]
    wanted = [(at, one) for at, one in found if one.due <= sight.now or at <= horizon]
    return [one for _, one in sorted(wanted, key=lambda pair: pair[0])]


def reasons(follow_up: FollowUp, almanac: Almanac, now: datetime, *, past: bool = False) -> Iterator[str]:
    """Why it comes, and as a second text what holds it back. In what is `past` no deadline is missed."""
    words, hold = [follow_up.why], follow_up.hold
    if hold is not None:
        words.append(f"due {moment(follow_up.due, almanac, now)}")
    if follow_up.by is not None:
        late = follow_up.by <= now and not past
        words.append(f"{'was to be sent' if late else 'send'} by {moment(follow_up.by, almanac, now)}")
    yield "; ".join(words)
    if hold is not None:
        expires = f"; expires {moment(follow_up.expires, almanac, now)}" if follow_up.expires else ""
        yield held(hold, almanac, now) + (expires if follow_up.is_stuck else "")
