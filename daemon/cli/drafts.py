"""`afterword drafts`: the follow-ups and what became of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, mention
from daemon.cli.table import breadth, flowed
from daemon.cli.typed import typed
from daemon.cli.wording import columns, count, left, moment, names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.cli.output import ExitCode
    from daemon.ledger import Ledger
    from daemon.sight import Sight
    from rules.almanac import Almanac
    from rules.history import Record
    from rules.model import FollowUp

COMING = timedelta(days=14)
_ON = "`afterword review --tty` goes through them one by one, `afterword review` is a page for the browser."


@command("drafts")
@click.option("--all", "everything", is_flag=True, help="Every follow-up, and what is planned for the next 14 days.")
def drafts(call: Call, *, everything: bool) -> ExitCode:
    """The drafts that wait for you, the nearest deadline first; with --all every follow-up, newest first."""
    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = _sight(call, ledger, now, everything=everything)
        shown: list[Record | FollowUp] = list(_all(sight) if everything else _waiting(sight))
        document = {"follow_ups": [sight.json_of(one) for one in shown]}
        lines = list(_lines(sight, shown, everything=everything))
    mention(sight.wrong)
    return finish(call, document, lines, sight.problems)


def _sight(call: Call, ledger: Ledger, now: datetime, *, everything: bool) -> Sight:
    from daemon.sight import ahead, at_drafts  # noqa: PLC0415 - much is imported

    sight = at_drafts(call.folder, ledger, now)
    if sight.house is None:
        return sight
    if everything:
        return ahead(sight.house, ledger, now, now + COMING)
    # What was never laid down has no words yet but those that the plan gives it; no calendar is asked for that.
    unworded = [one.due for one in waiting(sight.records) if not one.subject]
    offering = any(one.slots for one in waiting(sight.records))  # times that may be taken by now
    look = unworded or offering
    return ahead(sight.house, ledger, now, max([now, *unworded]), fresh=False) if look else sight


def _waiting(sight: Sight) -> Iterator[Record | FollowUp]:
    planned = {one.id: one for one in sight.planned}
    for record in waiting(sight.records):
        yield record if record.subject else planned.get(record.id, record)


def waiting(records: Sequence[Record]) -> list[Record]:
    """The follow-ups that lie in Drafts or are snoozed, the nearest deadline first."""
    from daemon.present import is_open  # noqa: PLC0415 - see `_sight`

    return sorted((record for record in records if is_open(record)), key=_deadline)


def gone(since: datetime, almanac: Almanac, now: datetime) -> str:
    """What there is to say of a draft that lies nowhere: it may be open in an editor, and counts for a while yet."""
    return f"gone from Drafts since {moment(since, almanac, now)}: if it stays away, it counts as deleted"


def _deadline(record: Record) -> tuple[bool, datetime, str]:
    return record.by is None, record.by or record.expires or record.due, record.id


def _all(sight: Sight) -> Iterator[Record | FollowUp]:
    """Everything: what is planned, the latest first, then what happened, the latest first."""
    from rules.history import State  # noqa: PLC0415 - see `_sight`

    planned = {one.id: one for one in reversed(sight.planned)}
    yield from planned.values()
    known = [one for one in sight.records if one.id not in planned and one.state is not State.PLANNED]
    yield from sorted(known, key=lambda one: (one.placed or one.changed, one.id), reverse=True)


def _lines(sight: Sight, shown: Sequence[Record | FollowUp], *, everything: bool) -> Iterator[Line | list[Line]]:
    """Columns for scripts; on a terminal a table."""
    if not shown:
        yield ("There are no follow-ups yet." if everything else "No draft waits for you."), {}
        return
    if (broad := breadth()) is not None:
        from daemon.cli import drafts_table  # noqa: PLC0415 - rich is for the terminal

        first = "When" if everything else "Time left"
        yield from drafts_table.lines(sight, shown, broad, lambda one: _remark(sight, one), first)
        if not everything:
            yield "", {}
            yield from flowed([(typed(_ON), {"dim": True})], broad)
        return
    told = [sight.json_of(one) for one in shown]
    rows = [
        (
            one.id,
            document["state"],
            "you" if one.to_me else names(one.to if hasattr(one, "to") else one.recipients),
            document["subject"] or one.step,
            _remark(sight, one),
        )
        for one, document in zip(shown, told, strict=True)
    ]
    for line in columns(rows):
        yield line, {}


def _returns(snoozed: Record) -> str:
    return "will be drafted" if snoozed.placed is None else "comes back"


def _remark(sight: Sight, one: Record | FollowUp) -> str:
    """What the user has to know of it: the deadline, the gaps, that it is stale."""
    from daemon.asking import overtaken  # noqa: PLC0415 - see `_sight`
    from daemon.present import held, is_stale  # noqa: PLC0415 - see `_sight`
    from rules.history import OPEN, Record, State  # noqa: PLC0415 - see `_sight`

    almanac, now = sight.almanac, sight.now
    if not isinstance(one, Record):
        former = sight.by_id.get(one.id)
        comes = _returns(former) if former is not None and former.state is State.SNOOZED else "due"
        due = f"{comes} {moment(one.due, almanac, now)}" if one.due > now else "due now"
        return f"{due}, {held(one.hold, almanac, now)}" if one.hold else due
    if one.state is State.SNOOZED:
        return f"{_returns(one)} {moment(one.snoozed_until or one.due, almanac, now)}"
    if one.state not in OPEN:
        return moment(one.sent or one.changed, almanac, now)
    if one.absent_since is not None:
        return gone(one.absent_since, almanac, now)
    words = []
    if is_stale(one, now):
        words.append("stale: no longer worth sending")
    elif one.by is not None:
        words.append(f"send by {moment(one.by, almanac, now)} ({left(one.by, now)})")
    if gone_times := overtaken(sight, one):
        words.append(gone_times)
    if one.gaps:
        words.append(f"{count(one.gaps, 'gap')} to fill")
    return ", ".join(words)
