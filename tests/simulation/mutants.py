"""Bugs planted in the product, one of each kind that the simulation is there to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.base import ConnectorError
from daemon import act
from daemon.forgotten import Search
from rules import life, sighting, steps
from rules import plan as planner
from rules.almanac import Almanac
from rules.courtesy import Book
from rules.history import State
from rules.life import Happening
from rules.withdraw import Withdrawal, withdrawals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from connectors.base import Mailbox
    from daemon.act import Prepared
    from daemon.ledger import Ledger
    from rules.history import Record
    from rules.model import Me
    from rules.wish import Wish
    from rules.world import World


def result_before_effect(patch: pytest.MonkeyPatch) -> None:
    """The draft is written down as placed before it is."""

    def place(ledger: Ledger, mailbox: Mailbox, me: Me, prepared: Prepared, now: datetime) -> Record | None:
        if not ledger.intend(prepared.record, prepared.message, prepared.record.why, now):
            return None
        ledger.settle(prepared.record, prepared.record.why, now)
        mailbox.place(prepared.message)
        return prepared.record

    patch.setattr(act, "place", place)


def blind_retry(patch: pytest.MonkeyPatch) -> None:
    """A create call that failed is made again, without looking whether it did its work."""

    def place(ledger: Ledger, mailbox: Mailbox, me: Me, prepared: Prepared, now: datetime) -> Record | None:
        if not ledger.intend(prepared.record, prepared.message, prepared.record.why, now):
            return None
        try:
            mailbox.place(prepared.message)
        except ConnectorError:
            mailbox.place(prepared.message)
        ledger.settle(prepared.record, prepared.record.why, now)
        return prepared.record

    patch.setattr(act, "place", place)


def _withdrawn(patch: pytest.MonkeyPatch, state: State, what: Happening) -> None:
    """What becomes of a draft in this state when this happens is that it is withdrawn."""
    assert isinstance(life.TABLE, dict)
    patch.setitem(life.TABLE, (state, what), State.WITHDRAWN)


def veto_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What the user deleted is taken for withdrawn, and so comes again."""
    for state in (State.PLACED, State.EDITED):
        for what in (Happening.TRASHED, Happening.MISSED):
            _withdrawn(patch, state, what)
    patch.setattr(Search, "among", lambda self, prepared, records: [])  # noqa: ARG005 - as the real one


def no_grace(patch: pytest.MonkeyPatch) -> None:
    """A draft that is open in an editor is taken for deleted at once."""
    patch.setattr(sighting, "GRACE", timedelta())
    patch.setattr(sighting, "GRACE_CYCLES", 0)


def utc_day(patch: pytest.MonkeyPatch) -> None:
    """The day is named as it is in Greenwich."""
    patch.setattr(Almanac, "local", lambda self, instant: instant.astimezone(UTC))  # noqa: ARG005 - as the real one


def edited_withdrawn(patch: pytest.MonkeyPatch) -> None:
    """A draft that the user has edited goes as an untouched one does."""

    def all_of_them(world: World, now: datetime) -> Iterator[Withdrawal]:
        untouched = tuple(
            replace(one, state=State.PLACED) if one.state is State.EDITED else one for one in world.history.records
        )
        for going in withdrawals(replace(world, history=replace(world.history, records=untouched)), now):
            yield replace(going, record=world.records[going.record.id])

    patch.setattr(planner, "withdrawals", all_of_them)
    _withdrawn(patch, State.EDITED, Happening.WITHDRAWN)
    patch.setattr(act, "same", lambda one, other: True)  # noqa: ARG005 - as the real one


def snooze_lost(patch: pytest.MonkeyPatch) -> None:
    """What the user has put off never comes again."""
    wishes = steps.wishes

    def but_snoozed(world: World, *given: datetime) -> Iterator[Wish]:
        for one in wishes(world, *given):
            record = world.records.get(one.follow_up.id)
            if record is None or record.state is not State.SNOOZED:
                yield one

    patch.setattr(steps, "wishes", but_snoozed)


def courtesy_off(patch: pytest.MonkeyPatch) -> None:
    """Nothing is held back, whatever lies there or was written yesterday."""
    patch.setattr(Book, "hold", lambda self, follow_up, at, limits: None)  # noqa: ARG005 - as the real one


MUTANTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, int]] = {
    "result before effect": (result_before_effect, "was not drafted", 1),
    "blind retry": (blind_retry, "a second draft was laid beside the first", 4),
    "veto forgotten": (veto_forgotten, "drafted again that the user had", 10),
    "grace time zero": (no_grace, "is called vetoed|is called edited", 5),
    "UTC day": (utc_day, "the note says", 3),
    "snooze lost": (snooze_lost, "a note that is due was not drafted", 17),
    "courtesy off": (courtesy_off, "while another to the same person lay there|within five days of another", 11),
    "withdraw an edited draft": (edited_withdrawn, "that the user had edited was taken away", 20),
}
"""By name: how it is planted, what the simulation says of it, and the seed of a short year that does."""
