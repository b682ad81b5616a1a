"""A wish: a follow-up that the rules ask for, before courtesy has spoken."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.history import State
from rules.windows import Window

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import Record
    from rules.language import Rule, Step
    from rules.model import FollowUp, Hold


@dataclass(frozen=True, slots=True)
class Wish:
    """A follow-up with its place in the order of the rule files, and what decides about it.

    `exempt` from the limits of courtesy; `cancelled` says why it is no longer wanted at all. `hold` says why its due
    is later than `asked`, when it would be due otherwise. `rule` and `step` are None where the user asked for it by
    command.
    """

    follow_up: FollowUp
    order: tuple[int, int]
    rule: Rule | None
    step: Step | None
    exempt: bool
    cancelled: str = ""
    hold: Hold | None = None
    asked: datetime | None = None

    @property
    def window(self) -> Window:
        """When it may be drafted."""
        return Window.any() if self.step is None else self.step.window

    @property
    def sorting(self) -> tuple[datetime, tuple[int, int], str, str]:
        """The earliest due first, then the order of the files; then whatever makes it the same every time."""
        return self.follow_up.due, self.order, self.follow_up.recipients[0].email, self.follow_up.id


def snoozed(follow_up: FollowUp, record: Record | None) -> FollowUp:
    """The follow-up as the user postponed it: not due before they said, and no longer pressed by a `by`."""
    if record is None or record.state is not State.SNOOZED or record.snoozed_until is None:
        return follow_up
    why = f"{follow_up.why}; you snoozed it"
    return replace(follow_up, due=max(record.snoozed_until, follow_up.due), by=None, why=why)
