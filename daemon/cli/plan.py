"""`afterword plan`: what is coming, day by day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.wording import columns, count, day, hour, moment, names, shorten, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.cli.output import ExitCode
    from daemon.sight import Sight
    from rules.model import FollowUp

_LONGEST = 3660


@command("plan")
@click.option("--days", type=click.IntRange(0, _LONGEST), default=14, show_default=True, help="How far to look ahead.")
def plan(call: Call, *, days: int) -> ExitCode:
    """What is coming: when, to whom, by which rule. Changes nothing."""
    now = call.now()
    with ledger_of(call.state) as ledger:
        horizon = now + timedelta(days=days)
        sight = look_ahead(call, ledger, now, horizon)
        coming = _coming(sight, horizon)
        told = [sight.json_of(one) for one in coming]
        lines = list(_lines(sight, list(zip(coming, told, strict=True)), days))
    return finish(call, {"follow_ups": told}, lines, sight.problems)


def _coming(sight: Sight, horizon: datetime) -> list[FollowUp]:
    """By the time of drafting; beyond the horizon only what is due now and held back until then."""
    wanted = [one for one in sight.planned if one.due <= sight.now or _at(sight, one) <= horizon]
    return sorted(wanted, key=lambda one: _at(sight, one))


def _at(sight: Sight, follow_up: FollowUp) -> datetime:
    """When it will be drafted, as far as is known: not before now, nor while it is held back."""
    hold = follow_up.hold
    return max(follow_up.due, sight.now, hold.until if hold and hold.until else follow_up.due)


def _lines(sight: Sight, rows: Sequence[tuple[FollowUp, dict[str, Any]]], days: int) -> Iterator[Line]:
    if not rows:
        yield f"Nothing is coming in the next {count(days, 'day')}.", {}
    for title, part in _days(sight, rows):
        yield title, {"bold": True}
        cells = [_cells(sight, follow_up, shown) for follow_up, shown in part]
        for (follow_up, _), line in zip(part, columns(cells), strict=True):
            yield f"  {line}", {}
            for reason in wrapped(_reason(sight, follow_up), " " * 9):
                yield reason, {"dim": True}


def _days(
    sight: Sight, rows: Sequence[tuple[FollowUp, dict[str, Any]]]
) -> Iterator[tuple[str, list[tuple[FollowUp, dict[str, Any]]]]]:
    """The rows under the day on which each will be drafted; at the end those for which nobody knows the day."""
    parts: dict[str, list[tuple[FollowUp, dict[str, Any]]]] = {}
    today = sight.almanac.day_of(sight.now)
    for follow_up, shown in rows:
        hold = follow_up.hold
        at = _at(sight, follow_up)
        if hold is not None and hold.until is None:
            title = "Held back"
        elif at <= sight.now:
            title = "Due now"
        else:
            when = sight.almanac.day_of(at)
            title = f"Today, {day(when, today)}" if when == today else day(when, today)
        parts.setdefault(title, []).append((follow_up, shown))
    held = parts.pop("Held back", None)
    yield from parts.items()
    if held:
        yield "Held back", held


def _cells(sight: Sight, follow_up: FollowUp, shown: dict[str, Any]) -> tuple[str, ...]:
    hold = follow_up.hold
    if hold is not None and hold.until is None:
        when = moment(follow_up.due, sight.almanac, sight.now)
    else:
        at = _at(sight, follow_up)
        when = hour(at, sight.almanac) if at > sight.now else "now"
    to = "you" if follow_up.to_me else names(follow_up.recipients)
    subject = shown["subject"] or "(the template does not work; see `afterword check`)"
    return when, to, shorten(subject, 44), f"{follow_up.rule or ''} {follow_up.step}".strip(), follow_up.id


def _reason(sight: Sight, follow_up: FollowUp) -> str:
    words = [follow_up.why]
    hold = follow_up.hold
    if hold is not None:
        until = f" until {moment(hold.until, sight.almanac, sight.now)}" if hold.until else ""
        words.append(f"held{until}: {hold.why}")
    if follow_up.by is not None:
        words.append(f"send by {moment(follow_up.by, sight.almanac, sight.now)}")
    return "; ".join(words)
