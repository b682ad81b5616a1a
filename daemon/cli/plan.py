"""`afterword plan`: what is coming, day by day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.wording import columns, count, day, hour, moment, names, shorten, width, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.cli.output import ExitCode
    from daemon.sight import Sight
    from rules.model import FollowUp

    Row = tuple[FollowUp, dict[str, Any]]
    """A note that is coming, and its JSON."""

_LONGEST = 3660
_HELD = "Held back"
_HOUR = "18:00"
_WIDEST = 32
_INDENT = " " * len(f"  {_HOUR}  ")


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
    from daemon.sight import drafted_at  # noqa: PLC0415 - much is imported

    return drafted_at(follow_up, sight.now)


def _lines(sight: Sight, rows: Sequence[Row], days: int) -> Iterator[Line]:
    """Each note is a line in columns that run through all days; below it, dimmed, why it comes and what holds it."""
    if not rows:
        coming = "known to be coming" if sight.problems else "coming"  # what cannot be read is told besides
        yield f"Nothing is {coming} in the next {count(days, 'day')}.", {}
        return
    parts = _days(sight, rows)
    shown = iter(columns([_cells(follow_up, shown) for _, part in parts for follow_up, shown in part]))
    for number, (title, part) in enumerate(parts):
        if number:
            yield "", {}
        yield title, {"bold": True}
        for (follow_up, _), line in zip(part, shown, strict=False):
            yield f"  {_when(sight, follow_up):<{len(_HOUR)}}  {line}", {}
            for reason in _reasons(sight, follow_up):
                yield from ((text, {"dim": True}) for text in wrapped(reason, _INDENT))


def _days(sight: Sight, rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The rows under the day on which each will be drafted; at the end those for which nobody knows the day."""
    parts: dict[str, list[Row]] = {}
    today = sight.almanac.day_of(sight.now)
    for follow_up, shown in rows:
        at = _at(sight, follow_up)
        if follow_up.is_stuck:
            title = _HELD
        elif at <= sight.now:
            title = "Due now"
        else:
            when = sight.almanac.day_of(at)
            title = f"Today, {day(when, today)}" if when == today else day(when, today)
        parts.setdefault(title, []).append((follow_up, shown))
    held = parts.pop(_HELD, None)
    return [*parts.items(), *([(_HELD, held)] if held else [])]


def _when(sight: Sight, follow_up: FollowUp) -> str:
    at = _at(sight, follow_up)
    if follow_up.is_stuck:
        return ""
    return hour(at, sight.almanac) if at > sight.now else "now"


def _cells(follow_up: FollowUp, shown: dict[str, Any]) -> tuple[str, ...]:
    subject = shown["subject"] or "(the template does not work; see `afterword check`)"
    step = f"{follow_up.rule or ''} {follow_up.step}".strip()
    return _to(follow_up), shorten(subject, 44), step, follow_up.id


def _reasons(sight: Sight, follow_up: FollowUp) -> Iterator[str]:
    """Why it comes, and on a line of its own what holds it back."""
    from daemon.present import held  # noqa: PLC0415 - much is imported

    words, hold = [follow_up.why], follow_up.hold
    if hold is not None:
        words.append(f"due {moment(follow_up.due, sight.almanac, sight.now)}")
    if follow_up.by is not None:
        late = follow_up.by <= sight.now
        words.append(f"{'was to be sent' if late else 'send'} by {moment(follow_up.by, sight.almanac, sight.now)}")
    yield "; ".join(words)
    if hold is not None:
        expires = f"; expires {moment(follow_up.expires, sight.almanac, sight.now)}" if follow_up.expires else ""
        yield held(hold, sight.almanac, sight.now) + (expires if follow_up.is_stuck else "")


def _to(follow_up: FollowUp) -> str:
    """To whom; of a group that is too wide for the column the first, and how many more."""
    if follow_up.to_me:
        return "you"
    whole = names(follow_up.recipients)
    first, *others = follow_up.recipients
    if not others or width(whole) <= _WIDEST:
        return whole
    more = f" and {len(others)} more"
    return shorten(names([first]), _WIDEST - len(more)) + more
