"""What a cycle did, as records of the log: one for each draft, change and trouble; never who, nor words of a mail."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from config.sources import RULES
from daemon.log import logger
from rules.reminder import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from config.problem import Problem
    from daemon.cycle import Outcome
    from daemon.edit import Change, Coming
    from daemon.ledger import SourceState
    from rules.history import Record


MOST_NOTES = 20
"""Notes that one edit names in the log."""
_DEADLINES = {Kind.NEAR: "deadline.near", Kind.MISSED: "deadline.missed"}


def log_outcome(outcome: Outcome, sources: Mapping[str, SourceState]) -> None:
    """Write the records. `cycle.done` is the service's own: it knows how long the cycle took, and how it ended."""
    log = logger()
    if outcome.begun_anew is not None:
        log.warning("ledger.begun_anew", message=outcome.begun_anew.message, hint=outcome.begun_anew.hint)
    for record in outcome.placed:
        log.info("draft.placed", **_fields(record))
    for record in outcome.withdrawn:
        log.info("draft.withdrawn", **_fields(record))
    for record in outcome.changed:
        log.info("followup.changed", **_fields(record))
    for nudge in outcome.nudged.told:
        for deadline in nudge.deadlines:
            log.info(_DEADLINES[deadline.kind], follow_up=deadline.record.id, by=deadline.by)
    for problem in outcome.problems:
        log.warning(
            _event(problem, sources),
            source=problem.source,
            file=problem.file,
            message=problem.message,
            hint=problem.hint,
        )


def log_change(change: Change) -> None:
    """What an edit of the configuration does to the plan: some of the notes, and then how many there are."""
    log = logger()
    told = _notes(change)
    for event, fields in islice(told, MOST_NOTES):
        log.info(event, **fields)
    gains, loses, moves = len(change.gains), len(change.loses), len(change.moves)
    counts = {"gains": gains, "loses": loses, "moves": moves, "same": change.same}
    untold = gains + loses + moves - MOST_NOTES
    tell = log.warning if loses and not (gains or moves or change.same) else log.info
    tell("plan.changed", **counts, until=change.until, untold=untold if untold > 0 else None)


def _notes(change: Change) -> Iterator[tuple[str, dict[str, object]]]:
    for one in change.loses:
        yield "plan.loses", _of_note(one)
    for one in change.gains:
        yield "plan.gains", _of_note(one)
    for before, now in change.moves:
        yield "plan.moves", {**_of_note(now), "was": before.at}


def _of_note(one: Coming) -> dict[str, object]:
    """Never whom it is for, nor the subject: `afterword show` tells that of the id."""
    note = one.follow_up
    return {"follow_up": note.id, "rule": note.rule, "step": note.step, "due": one.at}


def _event(problem: Problem, sources: Mapping[str, SourceState]) -> str:
    """What is it that came to nothing: a source, an event of it, a rule or a draft."""
    if problem.source:
        known = sources.get(problem.source)
        return "source.failed" if known is None or known.problem == problem else "event.set_aside"
    return "rule.set_aside" if (problem.file or "").startswith(f"{RULES}/") else "draft.failed"


def _fields(record: Record) -> dict[str, object]:
    """Never whom it is for, the subject, or why: these tell of people, and `afterword show` tells them to the user."""
    return {
        "follow_up": record.id,
        "rule": record.rule,
        "step": record.step,
        "state": record.state.value,
        "due": record.due,
        "by": record.by,
        "message_id": record.message_id or None,
    }
