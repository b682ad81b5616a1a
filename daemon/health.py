"""What runs, what is stale, and what needs the user, at one moment: for `afterword status` and the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.calendars.ics import IcsFolder
from daemon import begun_anew, running
from daemon.backups import standing
from daemon.cli.drafts import waiting
from daemon.configuration import last_good
from daemon.google_account import Seen, google_account
from daemon.ledger.calendars import shown
from daemon.ledger.store import NAME
from daemon.settling import restored
from daemon.sight import ahead, at_drafts, house_of
from daemon.state_folder import trouble, unusable
from rules.history import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from connectors.base import Calendar
    from daemon.google_account import GoogleAccount
    from daemon.ledger import Ledger, SourceState
    from daemon.running import Told
    from daemon.settling import Restored
    from daemon.sight import Build, Sight
    from rules.history import Record
    from rules.model import FollowUp

AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that is told."""

    sight: Sight
    service: dict[str, Any] | None
    """What it says of itself; see `daemon.running.ask`."""
    last: tuple[datetime, tuple[Problem, ...]] | None
    sources: dict[str, SourceState]
    waiting: list[Record]
    gone: list[Record]
    """Those that are in Drafts no more, and may come back."""
    coming: FollowUp | None
    problems: list[Problem]
    last_good: bool
    """The service goes on with the last good configuration."""
    google: GoogleAccount | None
    empty: Mapping[str, str]
    """The calendars that have no event, and what to do about that."""
    restored: Restored | None
    """The ledger was put back from a backup, and no cycle has looked at the whole mailbox since."""
    lost: bool
    """There is no ledger, but backups of one."""


def of_state(state: Path, service: Told | None) -> list[Problem]:
    """What is the matter with the state folder now, and what kept the service from its last cycle."""
    problems = []
    if (error := trouble(state, NAME)) is not None:
        told = unusable(state, error)
        problems.append(Problem(None, None, None, None, told.message, told.hint))
    return [*problems, *running.problems(service)]


def health(folder: Path, state: Path, ledger: Ledger, now: datetime, build: Build | None = None) -> Health:
    """How it stands, as the ledger, the mailbox and the service tell it; no calendar is asked.

    `build` makes the outside world, where it is not that of a command.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    sight = at_drafts(folder, ledger, now, build)
    wrong, looked = sight.wrong, sight.house is not None
    last = ledger.last_cycle()
    sources = ledger.sources()
    service = running.ask(state)
    kept = last_good(folder, state) if service and sight.house is None else None
    if kept is not None:
        sight.house = build(kept) if build is not None else house_of(kept, state)
    if sight.house is not None:
        named = {calendar.id for calendar in sight.house.calendars} | set(sight.house.books)
        sources = {name: one for name, one in sources.items() if name in named}
        if last is not None:
            sight = ahead(sight.house, ledger, now, now + AHEAD, fresh=False)
    google, empty = None, dict[str, str]()
    if sight.house is not None:
        empty = _empty(ledger, sight.house.calendars)
        seen = Seen(sources, last, looked, tuple(sight.problems))
        google = google_account(sight.house.configuration, state, now, seen)
    coming = (one for one in sight.planned if one.hold is None)
    found = of_state(state, service)
    found += [unsaved] if (unsaved := standing(ledger)) is not None else []
    lost = begun_anew.gone(state)
    found += [told] if (told := lost or begun_anew.standing(ledger)) is not None else []
    as_seen = {(one.source, one.message): one for one in sight.problems}  # its remedy may be another now
    before = [as_seen.get((one.source, one.message), one) for one in (last[1] if last else ())]
    problems = list(dict.fromkeys([*found, *wrong, *before, *sight.problems]))
    drafts = [record for record in waiting(sight.records) if record.state is not State.SNOOZED]
    lying = [record for record in drafts if record.absent_since is None]
    away = [record for record in drafts if record.absent_since is not None]
    first = next(coming, None)
    since = restored(ledger)
    return Health(
        sight,
        service,
        last,
        sources,
        lying,
        away,
        first,
        problems,
        kept is not None,
        google,
        empty,
        since,
        lost is not None,
    )


def _empty(ledger: Ledger, several: Iterable[Calendar]) -> dict[str, str]:
    with ledger.reading() as connection:
        return {
            one.id: f": put .ics files into {one.path}" if isinstance(one, IcsFolder) else ""
            for one in several
            if not shown(connection, one.id)[0]
        }
