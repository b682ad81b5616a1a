"""Plays the story: the world moves on, the real cycle runs at simulated times, and what it did is taken down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.cycle import coming, run
from daemon.demo import cast
from daemon.demo.apart import LeftAlone, left_alone
from daemon.demo.robin import Robin
from daemon.demo.story import STORY, Beat
from daemon.household import remember
from daemon.ledger import Ledger
from daemon.view import view
from rules.history import State
from rules.model import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.problem import Problem
    from daemon.cycle import Outcome
    from daemon.demo.ground import Ground
    from daemon.view import House
    from rules.history import Record
    from rules.model import FollowUp, MailKind

_NOTICED = timedelta(minutes=5)
"""How long after something happened the next cycle runs: the default of `poll`."""
_AHEAD = timedelta(weeks=12)
_LOOK = timedelta(days=7)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(StrEnum):
    """What an entry of the timeline tells."""

    STORY = "story"
    PLACED = "placed"
    WITHDRAWN = "withdrawn"
    CHANGED = "changed"
    LEFT_ALONE = "left_alone"
    CHECK_IN = "check_in"
    STANDS = "stands"


@dataclass(frozen=True, slots=True)
class Shift:
    """When the next check-in to a person was due before they wrote, and after; `mail`: what it was taken for."""

    before: datetime | None
    after: datetime | None
    mail: MailKind | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `why` is the ledger's or the planner's word for it."""

    at: datetime
    kind: Kind
    text: str = ""
    why: str = ""
    record: Record | None = None
    left: LeftAlone | None = None
    shift: Shift | None = None


@dataclass
class Play:
    """One performance in `ground` by `house`. `cycles` counts, `problems` are those that the cycles told of."""

    ground: Ground
    house: House
    ledger: Ledger
    cycles: int = 0
    problems: list[Problem] = field(default_factory=list)
    _last: datetime = _LONG_AGO
    _next_due: datetime | None = None
    _turns: tuple[datetime, ...] = ()
    _look_again: datetime = _LONG_AGO

    @property
    def begin(self) -> datetime:
        """When the story begins."""
        return cast.wall(cast.BEGIN).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """When it ends."""
        return cast.wall(cast.END).astimezone(UTC)

    def timeline(self) -> Iterator[Entry]:
        """Everything that happens, in the order of time.

        Raises:
            LedgerError: the ledger cannot be written.
        """
        remember(self.ledger, self.house, self.begin)
        robin = Robin(self.ground, self.begin)
        yield from self._cycle(self.begin)
        asleep = False
        for beat in STORY:
            moment = cast.wall(beat.at).astimezone(UTC)
            if not asleep:
                yield from self._until(moment)
            yield from self._happen(beat, robin, moment)
            asleep = beat.asleep
        yield from self._until(self.end)

    def _happen(self, beat: Beat, robin: Robin, moment: datetime) -> Iterator[Entry]:
        robin.now = moment.astimezone(cast.wall(beat.at).tzinfo)
        before = self._next_check_in(beat.about, moment) if beat.about else None
        if beat.deed is not None:
            beat.deed(robin)
        yield Entry(moment, Kind.STORY, beat.text)
        if beat.asleep:
            return
        noticed = moment + _NOTICED
        yield from self._cycle(noticed, changed=beat.deed is not None)
        if beat.about is not None:
            after = self._next_check_in(beat.about, noticed)
            shift = Shift(_due(before), _due(after), self._last_mail(beat.about))
            yield Entry(noticed, Kind.CHECK_IN, beat.about.name, after.why if after else "", shift=shift)
        if beat.stands is not None:
            for record in self.ledger.records():
                if record.state is State.VETOED and beat.stands.email in record.addresses:
                    yield Entry(noticed, Kind.STANDS, record.subject, self._cause(record), record)

    def _until(self, moment: datetime) -> Iterator[Entry]:
        """The cycles up to this moment: those of a service that turns every five minutes, without the idle ones."""
        while (instant := self._next()) < moment:
            yield from self._cycle(instant)

    def _next(self) -> datetime:
        """When there may be something to do next: a note is due, a meeting begins or ends, a week is over."""
        instants = [self._look_again, *self._turns]
        if self._next_due is not None:
            instants.append(self._next_due)
        return min(instant for instant in instants if instant > self._last)

    def _cycle(self, now: datetime, *, changed: bool = False) -> Iterator[Entry]:
        before, self._last = self._last, now
        outcome = run(self.house, self.ledger, now)
        self.cycles += 1
        self._next_due = outcome.next_due
        self.problems += outcome.problems
        yield from self._told(outcome)
        if changed or now >= self._look_again or any(before < turn <= now for turn in self._turns):
            world = view(self.house, self.ledger, now, now).world
            self._look_again = now + _LOOK
            ahead = [meeting for meeting in world.between(now - _LOOK, now + _LOOK) if meeting.end > now]
            self._turns = tuple(instant for meeting in ahead for instant in (meeting.start, meeting.end))
            for left in left_alone(world, max(before, self.begin), now):
                yield Entry(now, Kind.LEFT_ALONE, left.meeting.title, left.why, left=left)

    def _told(self, outcome: Outcome) -> Iterator[Entry]:
        for kind, records in (
            (Kind.CHANGED, outcome.changed),
            (Kind.WITHDRAWN, outcome.withdrawn),
            (Kind.PLACED, outcome.placed),
        ):
            for record in records:
                why = record.why if kind is Kind.PLACED else self._cause(record)
                yield Entry(outcome.at, kind, record.subject, why, record)

    def _cause(self, record: Record) -> str:
        """Why the ledger says that it is now as it is."""
        events = self.ledger.events(record.id)
        return events[-1].cause if events else ""

    def _next_check_in(self, guest: cast.Guest, now: datetime) -> FollowUp | None:
        with Ledger.open(self.ground.state, write=False) as ledger:
            planned, _ = coming(self.house, ledger, now, now + _AHEAD)
        to = (one for one in planned.follow_ups if any(r.email == guest.email for r in one.recipients))
        return next((one for one in to if one.round), None)

    def _last_mail(self, guest: cast.Guest) -> MailKind | None:
        mails = [one for one in self.ledger.mails() if one.direction is Direction.IN and one.others[0] == guest.email]
        return max(mails, key=lambda mail: mail.at).kind if mails else None


def _due(follow_up: FollowUp | None) -> datetime | None:
    return None if follow_up is None else follow_up.due
