"""`afterword plan`: what is coming, day by day."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.cli.call import Call
    from daemon.cli.days import Row
    from daemon.cli.desk import Line
    from daemon.cli.output import ExitCode
    from daemon.sight import Sight

LONGEST = 3660
"""Days that one look may go through."""


@command("plan")
@click.option("--days", type=click.IntRange(0, LONGEST), default=14, show_default=True, help="How far to look ahead.")
@click.option("--ics", type=click.Path(), metavar="FILE", help="Write it into this file, too, as a calendar.")
def plan(call: Call, *, days: int, ics: str | None) -> ExitCode:
    """What is coming: when, to whom, by which rule. Changes nothing but the FILE of --ics."""
    if ics == "-":  # by custom the standard output, which has the plan already; a file of this name nobody wants
        raise click.UsageError("--ics wants the name of a file, as in --ics plan.ics")
    now = call.now()
    with ledger_of(call.state) as ledger:
        horizon = now + timedelta(days=days)
        sight = look_ahead(call, ledger, now, horizon)
        rows = rows_until(sight, horizon)
        lines = list(_lines(sight, rows, days))
        if ics is not None:
            _write(ics, sight, rows)
    return finish(call, {"follow_ups": [told for _, told in rows]}, lines, sight.problems)


def rows_until(sight: Sight, horizon: datetime) -> list[Row]:
    """What is coming up to then, each with its JSON; while the ledger of `sight` is open."""
    from daemon.forthcoming import until  # noqa: PLC0415 - much is imported

    return [(one, sight.json_of(one)) for one in until(sight, horizon)]


def _write(ics: str, sight: Sight, rows: Sequence[Row]) -> None:
    """Write the feed.

    Raises:
        Failure: it cannot be written there (75).
    """
    from connectors.base import PermanentError  # noqa: PLC0415 - much is imported
    from daemon.failure import ExitCode, Failure  # noqa: PLC0415 - see above
    from daemon.plan_feed import write  # noqa: PLC0415 - see above

    try:
        write(Path(ics).expanduser().absolute(), sight, rows)
    except PermanentError as error:
        raise Failure(ExitCode.CANNOT_NOW, error.message, error.hint) from None


def _lines(sight: Sight, rows: Sequence[Row], days: int) -> Iterator[Line]:
    from daemon.cli.days import Days  # noqa: PLC0415 - not needed for --help

    if rows:
        yield from Days(sight).lines(rows)
        return
    coming = "known to be coming" if sight.problems else "coming"  # what cannot be read is told besides
    yield f"Nothing is {coming} in the next {count(days, 'day')}.", {}
