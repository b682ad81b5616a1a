"""How things stand, in one line: what systemd shows beside the service. Others on the machine may read it.

So it names nobody, and no subject: `3 drafts waiting, next note Tue 09:00, calendar 'cloud' stale since 08:12`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rules.history import OPEN
from rules.moments import brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from daemon.cycle import Outcome
    from daemon.ledger import SourceState
    from rules.almanac import Almanac
    from rules.history import Record

_MOST = 3
"""Calendars that are named."""


def headline(
    outcome: Outcome,
    records: Iterable[Record],
    sources: Mapping[str, SourceState],
    almanac: Almanac,
    *,
    last_good: bool = False,
) -> str:
    """After a cycle. `sources` are the calendars that are configured; `last_good`: the user's edit was refused."""
    now = outcome.at
    words = [*_waiting(records), _next(outcome.next_due, almanac, now), *_stale(sources, almanac, now)]
    if outcome.trouble is not None:
        words.append("mailbox not reached")
    needs = sorted({f"the {_called(problem.source or '', sources)}" for problem in outcome.needs})
    if last_good:
        needs.append("the configuration (`afterword check`)")
    told = ", ".join(words)
    return f"needs you: {', '.join(needs)}; {told}" if needs else told


def _waiting(records: Iterable[Record]) -> Iterator[str]:
    lying = sum(record.state in OPEN and record.absent_since is None for record in records)
    yield "no draft waiting" if not lying else f"{lying} draft{'' if lying == 1 else 's'} waiting"


def _next(due: datetime | None, almanac: Almanac, now: datetime) -> str:
    return "no note planned" if due is None else f"next note {brief(due, almanac, now)}"


def _stale(sources: Mapping[str, SourceState], almanac: Almanac, now: datetime) -> Iterator[str]:
    silent = [(one.failed_since, name) for name, one in sources.items() if one.failed_since is not None]
    for since, name in sorted(silent)[:_MOST]:
        yield f"calendar '{name}' stale since {brief(since, almanac, now)}"
    if len(silent) > _MOST:
        yield f"{len(silent) - _MOST} more stale"


def _called(source: str, calendars: Mapping[str, SourceState]) -> str:
    return f"calendar '{source}'" if source in calendars else source
