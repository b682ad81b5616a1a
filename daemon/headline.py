"""How things stand, in one line: what systemd shows beside the service. Others on the machine may read it.

So it names nobody, and no subject: `3 drafts waiting, next note Tue 09:00, calendar 'cloud' stale since 08:12`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.moments import brief

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from daemon.cycle import Outcome
    from daemon.ledger import SourceState
    from rules.almanac import Almanac

_MOST = 3
"""Calendars that are named."""


def headline(
    outcome: Outcome,
    waiting: int,
    calendars: Mapping[str, SourceState],
    almanac: Almanac,
    *,
    books: Collection[str] = (),
    last_good: bool = False,
) -> str:
    """After a cycle, with so many drafts waiting. `calendars` and `books` are those that are configured.

    `last_good`: the user's edit was refused.
    """
    now = outcome.at
    drafts = f"{waiting or 'no'} draft{'s' if waiting > 1 else ''} waiting"
    words = [drafts, _next(outcome.next_due, almanac, now), *_stale(calendars, almanac, now)]
    if outcome.trouble is not None:
        words.append("mailbox not reached")
    needs = sorted({_called(problem.source, calendars, books) for problem in outcome.needs})
    if last_good:
        needs.append("the configuration (`afterword check`)")
    told = ", ".join(words)
    return f"needs you: {', '.join(needs)}; {told}" if needs else told


def _next(due: datetime | None, almanac: Almanac, now: datetime) -> str:
    return "no note planned" if due is None else f"next note {brief(due, almanac, now)}"


def _stale(sources: Mapping[str, SourceState], almanac: Almanac, now: datetime) -> Iterator[str]:
    silent = [(one.failed_since, name) for name, one in sources.items() if one.failed_since is not None]
    for since, name in sorted(silent)[:_MOST]:
        yield f"calendar '{name}' stale since {brief(since, almanac, now)}"
    if len(silent) > _MOST:
        yield f"{len(silent) - _MOST} more stale"


def _called(source: str | None, calendars: Collection[str], books: Collection[str]) -> str:
    """In words for everybody: a book is known by a path or an address, and the mailbox by its kind."""
    if not source:
        return "a permission (`afterword status`)"
    if source in calendars:
        return f"the calendar '{source}'"
    return "an address book" if source in books else "the mailbox"
