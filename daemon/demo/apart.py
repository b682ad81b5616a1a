"""Which meetings were left alone, and why: the words of the gates and of the rules themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rules.model import Meeting
    from rules.world import World


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A meeting for which nobody is written to; `rule` is the one that came nearest, None where a gate was shut."""

    meeting: Meeting
    why: str
    rule: str | None


def left_alone(world: World, since: datetime, now: datetime) -> Iterator[LeftAlone]:
    """The meetings that ended in (`since`, `now`] and to which no rule writes."""
    for meeting in world.merged:
        if since < meeting.end <= now:
            found = _why(world, meeting)
            if found is not None:
                yield found


def _why(world: World, meeting: Meeting) -> LeftAlone | None:
    attendance = world.attendances[meeting.identity]
    shut = [gate for gate in attendance.gates if not gate.holds]
    if shut:
        return LeftAlone(meeting, shut[0].why, None)
    nearest: tuple[int, str, str] | None = None
    for rule in world.rules:
        verdict = world.verdict(rule, meeting)
        if verdict.matches:
            return None
        failing = [finding.why for finding in verdict.findings if not finding.holds]
        if nearest is None or len(failing) < nearest[0]:
            nearest = (len(failing), rule.id, "; ".join(failing))
    if nearest is None:
        return LeftAlone(meeting, "there are no rules", None)
    return LeftAlone(meeting, nearest[2], nearest[1])
