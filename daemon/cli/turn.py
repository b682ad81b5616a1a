"""One cycle with the ledger open, and all that goes with it: a backup, the feed of the plan, what the service tells."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from daemon import begun_anew
from daemon.backups import daily
from daemon.cli.desk import ledger_of
from daemon.cycle import run
from daemon.figures import Figures
from daemon.headline import headline
from daemon.household import remember
from daemon.ledger.restore import sweep
from daemon.needs import CONFIGURATION, of_configuration, tell
from daemon.progress import Progress
from daemon.rests import Rests
from daemon.state_folder import unusable

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from config.load import Configuration
    from config.problem import Problem
    from daemon.configuration import InForce
    from daemon.cycle import Outcome
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.world import World


def turn(state: Path, house: House, now: datetime, found: InForce, *, service: bool, anew: bool) -> Outcome:
    """One cycle, for who holds its lock. `anew`: no source is left alone.

    For the `service` it is logged, counted and put in a line.

    Raises:
        Failure: the ledger or the state folder cannot be used.
    """
    sweep(state)
    with ledger_of(state, write=True) as ledger, Progress() as progress:
        begun = begun_anew.news(ledger)
        remember(ledger, house, now)
        try:
            outcome = _cycle(house, ledger, now, found, progress, anew=anew)
            # Only now: what a cycle could not make sense of takes the place of no good backup.
            unsaved = daily(ledger, house.configuration.almanac, now)
            if service:
                outcome.problems += _need(ledger, house.configuration, found.problems, now)
        except OSError as error:
            # Mailbox, calendars and books have errors of their own: what is left is the state folder's.
            raise unusable(state, error) from error
        outcome.problems += [*([unsaved] if unsaved else []), *_feed(state, house, now, outcome)]
        outcome.begun_anew = begun
        if service:
            _report(outcome, ledger, house, last_good=bool(found.problems))
    return outcome


def _cycle(house: House, ledger: Ledger, now: datetime, found: InForce, progress: Progress, *, anew: bool) -> Outcome:
    rests = Rests.of(ledger, house.configuration, now, anew=anew)
    # What was under way is settled before anything else, and the mailbox alone knows how it went.
    house = rests.guarding(house, mailbox=not ledger.intents())
    if found.former is None:
        outcome = run(house, ledger, now, progress)
    else:
        house = replace(house, former=found.former)
        outcome = run(house, ledger, now, progress, partial(_taken, house, found, ledger, now))
    rests.keep(ledger, now if outcome.pressing else outcome.wake)
    return outcome


def _report(outcome: Outcome, ledger: Ledger, house: House, *, last_good: bool) -> None:
    """Tell the log, and leave in the outcome what the service is to be told."""
    from daemon.cycle_log import log_outcome  # noqa: PLC0415 - structlog is for the service

    known = ledger.sources()
    log_outcome(outcome, known)
    calendars = {one.id: known[one.id] for one in house.calendars if one.id in known}
    books = {name: known[name] for name in house.books if name in known}
    outcome.figures = Figures.of(ledger.records(), {**books, **calendars})
    outcome.headline = headline(
        outcome,
        outcome.figures.waiting,
        calendars,
        house.configuration.almanac,
        books=frozenset(house.books),
        last_good=last_good,
    )


def _taken(house: House, found: InForce, ledger: Ledger, now: datetime, world: World) -> None:
    """Tell the difference that an edit makes to the plan. Only then is the configuration the last good one."""
    from daemon.cycle_log import log_change  # noqa: PLC0415 - as above
    from daemon.edit import change  # noqa: PLC0415 - only after an edit

    if found.former is not None:
        log_change(change(house, found.former, world, ledger, now))
    found.take()


def _feed(state: Path, house: House, now: datetime, outcome: Outcome) -> list[Problem]:
    """Keep the feed of the plan fresh where the settings ask for one; what hindered that."""
    path = house.configuration.plan_ics
    if path is None or (outcome.quiet and path.exists()):
        return []
    from connectors.base import PermanentError  # noqa: PLC0415 - only where a feed is asked for
    from daemon.plan_feed import refresh  # noqa: PLC0415 - as above
    from daemon.view import told  # noqa: PLC0415 - as above

    try:
        with ledger_of(state) as ledger:
            refresh(path, house, ledger, now)
    except PermanentError as error:
        return [told("plan_ics", error)]
    return []


def _need(ledger: Ledger, configuration: Configuration, standing: tuple[Problem, ...], now: datetime) -> list[Problem]:
    """Tell the user, once, that the service goes on with the last good configuration; what hindered that."""
    needs = dict([of_configuration(len(standing))]) if standing else {}
    problem = tell(ledger, configuration, needs, now, kind=CONFIGURATION)
    return [] if problem is None else [problem]
