"""What a cycle did, as records of the log: one for each draft, change and trouble, and never the words of a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.sources import RULES
from daemon.log import logger
from rules.reminder import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.problem import Problem
    from daemon.cycle import Outcome
    from daemon.ledger import SourceState
    from rules.history import Record


_DEADLINES = {Kind.NEAR: "deadline.near", Kind.MISSED: "deadline.missed"}


def log_outcome(outcome: Outcome, sources: Mapping[str, SourceState]) -> None:
    """Write the records. `cycle.done` is the service's own: it knows how long the cycle took, and how it ended."""
    log = logger()
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


def _event(problem: Problem, sources: Mapping[str, SourceState]) -> str:
    """What is it that came to nothing: a source, an event of it, a rule or a draft."""
    if problem.source:
        known = sources.get(problem.source)
        return "source.failed" if known is None or known.problem == problem else "event.set_aside"
    return "rule.set_aside" if (problem.file or "").startswith(f"{RULES}/") else "draft.failed"


def _fields(record: Record) -> dict[str, object]:
    """Never the subject: it may tell what was spoken of."""
    return {
        "follow_up": record.id,
        "rule": record.rule,
        "step": record.step,
        "state": record.state.value,
        "due": record.due,
        "by": record.by,
        "message_id": record.message_id or None,
        "why": record.why,
    }
