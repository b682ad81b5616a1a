"""What a cycle did, in a few lines for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.cli.wording import columns, count, left, moment, names, wrapped
from daemon.quiet import coming
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.cycle import Outcome
    from daemon.quiet import Coming
    from rules.almanac import Almanac
    from rules.history import Record
    from rules.model import FollowUp, Hold

Line = tuple[str, dict[str, Any]]

_BECAME = {
    State.SENT: "sent",
    State.ANSWERED: "answered",
    State.EDITED: "edited by you",
    State.VETOED: "deleted by you; it stays away",
    State.EXPIRED: "no longer worth writing",
    State.CANCELLED: "no longer wanted",
    State.PLACED: "found in Drafts",
}


def account(outcome: Outcome, almanac: Almanac, *, dry_run: bool) -> Iterator[Line]:
    """The lines and their styles."""
    would = "Would place" if dry_run else "Placed"
    take = "Would take away" if dry_run else "Took away"
    if outcome.placed:
        yield f"{would} {count(len(outcome.placed), 'note')} in Drafts", {"bold": True}
        yield from _rows(outcome.placed, almanac, outcome.at)
    if outcome.withdrawn:
        yield f"{take} {count(len(outcome.withdrawn), 'draft')}", {"bold": True}
        yield from _rows(outcome.withdrawn, almanac, outcome.at)
    if outcome.changed:
        yield "What became of your notes", {"bold": True}
        rows = [(names(one.to), one.subject or one.step, _became(one)) for one in outcome.changed]
        yield from ((f"  {line}", {}) for line in columns(rows))
    if outcome.nudged.told:
        yield "Brought to mind", {"bold": True}
        yield from ((part, {}) for nudge in outcome.nudged.told for part in wrapped(nudge.line, "  "))
    yield from ((line, {"fg": "yellow"}) for line in _held(outcome.held))
    done = outcome.placed or outcome.withdrawn or outcome.changed or outcome.nudged.told or outcome.held
    if not done and outcome.trouble is None:
        yield "Nothing to do.", {}
    if outcome.next_due is not None:
        yield f"Next: {moment(outcome.next_due, almanac, outcome.at)}{_whom(outcome.next_notes)}.", {"dim": True}


def _held(held: Sequence[FollowUp]) -> Iterator[str]:
    """A line for each reason: what is held, until when, and why."""
    several: dict[Hold, list[FollowUp]] = {}
    for one in held:
        if one.hold is not None:
            several.setdefault(one.hold, []).append(one)
    for hold, notes in several.items():
        yield f"Held back until {hold.ends}{_whom(coming(notes))}: {hold.why}."


def _became(record: Record) -> str:
    if record.state is State.CANCELLED and record.placed is None:
        return f"not drafted: {record.why}"
    return _BECAME.get(record.state, record.state)


def _whom(following: Sequence[Coming]) -> str:
    """`, thank-you for Dana and 2 more`."""
    if not following:
        return ""
    first, *more = following
    others = f" and {len(more)} more" if more else ""
    return f", {first.step} for {first.to}{others}"


def _rows(records: Sequence[Record], almanac: Almanac, now: datetime) -> Iterator[Line]:
    rows = [(names(one.to), one.subject, _deadline(one, almanac, now)) for one in records]
    for record, line in zip(records, columns(rows), strict=True):
        yield f"  {line}", {}
        for reason in wrapped(_reason(record), "      "):
            yield reason, {"dim": True}


def _deadline(record: Record, almanac: Almanac, now: datetime) -> str:
    if record.by is None or record.state is not State.PLACED:
        return ""
    return f"send by {moment(record.by, almanac, now)} ({left(record.by, now)})"


def _reason(record: Record) -> str:
    title = record.meeting.title if record.meeting else ""
    about = f" '{title}'" if title and title not in record.why else ""
    to_fill = f"; {count(record.gaps, 'gap')} to fill" if record.gaps and record.state is State.PLACED else ""
    return f"{record.step}{about}: {record.why}{to_fill}"
