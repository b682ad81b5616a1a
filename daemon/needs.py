"""Tells the user, by their command, what needs them: a permission, a configuration. Once for each time it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.settings import Notify
from daemon.notify import notify
from rules.cleaning import line
from rules.history import Told

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from config.load import Configuration
    from config.problem import Problem
    from daemon.ledger import Ledger

CONFIGURATION = "configuration"
SOURCE = "source:"
_NEEDED, _OVER = "needed", "over"
_LONGEST = 500
_SUBJECT = 255


def of_source(problem: Problem) -> tuple[str, str]:
    """A source that needs a permission, and the line that tells it."""
    said = f"Afterword needs you: {problem.source}: {problem.message}. To do: {problem.hint or 'see afterword status'}"
    return f"{SOURCE}{problem.source}"[:_SUBJECT], line(said, _LONGEST)


def of_configuration(count: int) -> tuple[str, str]:
    """The configuration has so many problems while the last good one goes on."""
    problems = "a problem" if count == 1 else f"{count} problems"
    said = f"your configuration has {problems}, and the last good one goes on. `afterword check` tells what to mend."
    return CONFIGURATION, f"Afterword needs you: {said}"


def tell(
    ledger: Ledger, configuration: Configuration, needs: Mapping[str, str], now: datetime, *, kind: str
) -> Problem | None:
    """Tell the needs (subject to line) that are new; those of this `kind` that are over may come again, on another day.

    Nothing goes into the inbox: it may be the mailbox that is in need. Returns why the command could not be run.
    """
    way = configuration.notify
    if not isinstance(way, Notify):
        return None
    known = [one for one in ledger.told() if one.subject.startswith(kind) and one.kind in {_NEEDED, _OVER}]
    for one in known:
        if one.kind == _NEEDED and one.subject not in needs:
            ledger.forget_told(one.subject, _NEEDED)
            ledger.tell([(Told(one.subject, _OVER, (), one.at), "")])
    standing = {one.subject for one in known if one.kind == _NEEDED}
    today = configuration.almanac.day_of(now)
    standing |= {one.subject for one in known if configuration.almanac.day_of(one.at) == today}
    for subject in sorted(needs.keys() - standing):
        problem = notify(way.command, needs[subject])
        if problem is not None:
            return problem
        ledger.tell([(Told(subject, _NEEDED, (), now), "")])
    return None
