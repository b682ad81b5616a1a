"""Brings deadlines to the user's mind, after all else in a cycle: by the user's command, or in the inbox."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError
from daemon.needs import SOURCE as NEEDY
from daemon.needs import of_source, tell
from daemon.notice import id_of, notice
from daemon.notify import SOURCE, notify
from rules.history import Told
from rules.nudge import nudges
from rules.reminder import Deadline, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.nudge import Nudge, Nudges
    from rules.world import World

_KEY = "notify"
"""Under which the ledger keeps in what way the last nudge could not be told."""
_DAY = timedelta(days=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
CAUSES = {
    Kind.NEAR: "brought to mind: its deadline is near",
    Kind.MISSED: "brought to mind: its deadline has passed",
}
"""What a reminder says in the history of a follow-up, the state of which it leaves as it is."""


@dataclass(frozen=True, slots=True)
class Nudged:
    """What was brought to mind, and the instant at which there is something next.

    `problem` is why something could not be told, and is tried again in the next cycle; it is news the first time.
    """

    told: tuple[Nudge, ...] = ()
    next: datetime | None = None
    problem: Problem | None = None
    is_news: bool = False


def bring_to_mind(house: House, ledger: Ledger, world: World | None, needs: Iterable[Problem], now: datetime) -> Nudged:
    """Tell which sources need the user, and what there is to tell of deadlines now. All else in the cycle is done.

    `world` is None where the mailbox could not be looked at, or not be used: then nobody knows what lies there.

    A command is run, and then it is written down: killed in between, it is run again. Whether a message lies in
    the inbox is read there first, and so it is laid once. A mailbox that takes no messages is like `notify: none`
    where there is no command: `status` tells of deadlines at any time.

    Raises:
        LedgerError: the ledger cannot be read or written.
    """
    way = house.configuration.notify
    if way == "none" or (way is None and not house.mailbox.lays):
        return Nudged()
    problem = tell(ledger, house.configuration, dict(map(of_source, needs)), now, kind=NEEDY)
    nudged = Nudged(problem=problem) if world is None or problem is not None else _deadlines(house, ledger, world, now)
    return replace(nudged, is_news=_is_news(house, ledger, nudged.problem))


def _deadlines(house: House, ledger: Ledger, world: World, now: datetime) -> Nudged:
    world = replace(world, history=replace(world.history, records=ledger.records()))
    found = nudges(now, world, ledger.told())
    told: list[Nudge] = []
    problem = None
    try:
        if found.now and house.configuration.notify is None:
            found = _remembered(house, ledger, world, found, now)
        for nudge in found.now:
            problem = _say(house, nudge, now)
            if problem is not None:
                break
            _keep(ledger, nudge.deadlines, now)
            told.append(nudge)
    except ConnectorError as error:
        problem = Problem(SOURCE, error.file, None, None, error.message, error.hint)
    then = nudges(now, world, ledger.told()).next if told else found.next
    return Nudged(tuple(told), then, problem)


def _say(house: House, nudge: Nudge, now: datetime) -> Problem | None:
    way = house.configuration.notify
    if way is None or way == "none":
        house.mailbox.lay(notice(nudge, house.configuration, now))
        return None
    return notify(way.command, nudge.line)


def _keep(ledger: Ledger, deadlines: Iterable[Deadline], at: datetime) -> None:
    ledger.tell((Told(one.record.id, one.kind.value, one.record.addresses, at), CAUSES[one.kind]) for one in deadlines)


def _remembered(house: House, ledger: Ledger, world: World, found: Nudges, now: datetime) -> Nudges:
    """What is still to be told, once the ledger knows of the messages that lie in the inbox already."""
    known = {(one.subject, one.kind): one.at for one in ledger.told() if one.at <= now}  # see `nudges`
    due = [one for nudge in found.now for one in nudge.deadlines]
    both = [Deadline(one.record, kind) for one in due for kind in Kind]
    unknown = [one for one in both if known.get((one.record.id, one.kind), _LONG_AGO) < _placed(one)]
    ids = {id_of(one, house.configuration): one for one in unknown}
    laid = house.mailbox.laid(frozenset(ids), min(map(_placed, unknown)) - _DAY)
    if not laid:
        return found
    for message_id, at in laid.items():
        one = ids[message_id]
        if at <= now or one in due:  # what a clock that was ahead laid there counts when its time has come
            _keep(ledger, [one], max(min(at, now), _placed(one)))
    return nudges(now, world, ledger.told())


def _placed(deadline: Deadline) -> datetime:
    return deadline.record.placed or deadline.record.changed


def _is_news(house: House, ledger: Ledger, problem: Problem | None) -> bool:
    """Whether this way of telling did not fail the last time; the ledger remembers it."""
    known = ledger.recall(_KEY)
    way = house.configuration.notify
    now = None if problem is None else json.dumps("inbox" if way is None or way == "none" else way.command)
    if now != known:
        ledger.keep(_KEY, now)
    return now is not None and now != known
