"""The plan as a calendar to subscribe to: each note that is coming as an event, at the time when it is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.calendars.feed import Entry, feed, keep
from daemon.sight import ahead
from rules.feed import MARKS, uid_of
from rules.greeting import called
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from daemon.ledger import Ledger
    from daemon.sight import Sight
    from daemon.view import House
    from rules.model import FollowUp

NAME = "Afterword: notes to come"
AHEAD = timedelta(days=28)
"""How far the feed that the settings ask for looks: what a cycle knows of the calendars goes beyond that."""


def write(path: Path, sight: Sight, rows: Iterable[tuple[FollowUp, dict[str, Any]]]) -> bool:
    """Write these notes, each with its JSON, as a feed; whether anything has changed.

    Raises:
        PermanentError: it cannot be written there.
    """
    return keep(path, feed(NAME, _entries(sight, rows), sight.now))


def refresh(path: Path, house: House, ledger: Ledger, now: datetime) -> None:
    """Bring the feed up to date after a cycle: with what that has seen, and without asking a calendar again.

    Raises:
        PermanentError: it cannot be written there.
        LedgerError: the ledger cannot be read.
    """
    sight = ahead(house, ledger, now, now + AHEAD, fresh=False)
    write(path, sight, [(one, sight.json_of(one)) for one in sight.planned])


def _entries(sight: Sight, rows: Iterable[tuple[FollowUp, dict[str, Any]]]) -> Iterator[Entry]:
    for follow_up, shown in sorted(rows, key=lambda row: (_at(row[0]), row[0].id)):
        yield Entry(
            uid_of(follow_up.id), _at(follow_up), _summary(follow_up, shown), _description(sight, follow_up, shown)
        )


def _at(follow_up: FollowUp) -> datetime:
    """When it is due, or when courtesy lets it come. Not later because it is late: the event stays where it is."""
    hold = follow_up.hold
    held = hold is not None and hold.until is not None and not follow_up.lapses_held
    return max(follow_up.due, hold.until) if held and hold and hold.until else follow_up.due


def _summary(follow_up: FollowUp, shown: dict[str, Any]) -> str:
    """`Thank-you to Dana: 'Thank you, Dana'`."""
    to = "you" if follow_up.to_me else ", ".join(map(called, follow_up.recipients))
    step = f"{follow_up.step[:1].upper()}{follow_up.step[1:]}"
    return f"{step} to {to}: '{shown['subject']}'" if shown["subject"] else f"{step} to {to}"


def _description(sight: Sight, follow_up: FollowUp, shown: dict[str, Any]) -> str:
    by = follow_up.by and f"Send by {moment(follow_up.by, sight.almanac, sight.now)}."
    of = f"Rule {follow_up.rule}, step {follow_up.step}. " if follow_up.rule else ""
    of += f"`afterword show {follow_up.id}` tells more."
    return "\n".join(line for line in (shown["why"], by, of, f"A note of the plan, no meeting: {MARKS}") if line)
