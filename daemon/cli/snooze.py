"""`afterword snooze`: a follow-up is put off."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import click

from daemon.cli import call as calls
from daemon.cli.call import command
from daemon.cli.desk import almanac_of
from daemon.cli.target import change, title, told
from daemon.cli.wording import moment
from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from daemon.cli.call import Call
    from daemon.sight import Sight
    from rules.almanac import Almanac
    from rules.history import Record

_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_TIME = re.compile(r"\d{4}-?(?:\d{2}|W)")
"""How one begins; `2000 days` does not."""
_MORNING = time(9)
_HINT = "Write a date (2026-03-09), a time with offset (2026-03-09T14:00:00+00:00) or a span (3 days)."


@command("snooze")
@click.argument("id_", metavar="ID")
@click.argument("until", nargs=-1, required=True, metavar="UNTIL")
def snooze(call: Call, *, id_: str, until: tuple[str, ...]) -> ExitCode:
    """Put a follow-up off until a later time; it has no deadline any more.

    UNTIL is a date (09:00 of that day), a time in ISO 8601 with offset, or a span from now: 3 days, 2 weeks.
    """
    record, sight, then, after = put_off(call, id_, " ".join(until))
    return told(call, record, sight, f"Snoozed {record.id} until {then}: {title(record)}.{after and f' {after}'}")


def put_off(call: Call, given: str, until: str) -> tuple[Record, Sight, str, str]:
    """Put this follow-up off; it, what was seen on the way, until when and what becomes of its draft, in words.

    Raises:
        Failure: there is none of this id, `until` is no time, or it cannot be put off till then (2).
    """
    from daemon.byhand import snoozed  # noqa: PLC0415 - much is imported

    now = call.now()
    almanac = almanac_of(call)
    at = _moment(until, almanac, now)
    then = moment(at, almanac, now)
    record, sight = change(call, given, lambda record, _: snoozed(record, now, at), f"you snoozed it until {then}")
    placed = record.placed is not None and bool(record.message_id)
    return record, sight, then, "Its draft goes with the next cycle, and comes back then." if placed else ""


def _moment(given: str, almanac: Almanac, now: datetime) -> datetime:
    """What UNTIL means, in UTC.

    Raises:
        Failure: nothing (exit code 2).
    """
    from rules.timing import Duration  # noqa: PLC0415 - see `snooze`

    text = given.strip()
    try:
        if _DATE.fullmatch(text):
            return almanac.instant(datetime.combine(date.fromisoformat(text), _MORNING))
        return calls.moment(text) if _TIME.match(text) else Duration.parse(text).after(now, almanac)
    except (ValueError, OverflowError) as error:
        told = str(error) if isinstance(error, calls.NoMomentError) else f"'{text}' is no time"
        raise Failure(ExitCode.USAGE, told, _HINT) from None
