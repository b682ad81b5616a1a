"""The wishes of a plan in the order of time, each placed as soon as courtesy lets it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rules import chains
from rules.chains import Supposed
from rules.courtesy import Book
from rules.greeting import called
from rules.history import mailbox_of
from rules.model import Direction, Hold
from rules.steps import as_of, is_expired, pick_once

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rules.chains import Chain, Outlook
    from rules.model import FollowUp
    from rules.wish import Wish
    from rules.world import World


@dataclass(order=True, slots=True)
class Turn:
    """A wish in the queue: at `ready` courtesy is asked. Sorted by time, then as the wish sorts."""

    ready: datetime
    sorting: tuple[datetime, tuple[int, int], str, str]
    wish: Wish = field(compare=False)
    hold: Hold | None = field(default=None, compare=False)
    chain: Chain | None = field(default=None, compare=False)
    since: datetime | None = field(default=None, compare=False)
    stuck: bool = field(default=False, compare=False)
    """The hold lasts until something happens, or until it is too late."""


class Queue:
    """Places wishes in `run()`: into `place` what is placed now.

    `next_due` is then the instant at which something is to be done next, and `next` what. `looking` beyond
    `now`, drafts are supposed to be sent when they are due, and those that lie there at `sent`, which is `now`.
    """

    def __init__(self, world: World, now: datetime, horizon: datetime, *, looking: bool) -> None:
        self.world = world
        self.now = now
        self.horizon = horizon
        self.looking = looking
        self.sent = now if looking else None
        self.book = Book(world.almanac, world.directory, now)
        self.book.load(world.history.records)
        self.turns: list[Turn] = []
        self.wishes: list[Wish] = []
        self.entered: set[str] = set()
        self.placed: set[str] = set()
        self.bound: set[tuple[str, str]] = set()
        self.supposed: dict[str, list[Supposed]] = defaultdict(list)
        self.place: list[FollowUp] = []
        self.next_due: datetime | None = None
        self.next: list[FollowUp] = []

    def enter(self, wishes: Sequence[Wish]) -> None:
        """Enter the wishes that hang on meetings; of several for the same person and meeting one."""
        self.wishes = list(wishes)
        self._enter_chosen(self.now)

    def _enter_chosen(self, after: datetime) -> None:
        """Those of the wishes that are chosen then: where one has expired by then, another rule's has its turn."""
        lasting = [
            one for one in self.wishes if one.follow_up.id in self.placed or not is_expired(one.follow_up, after)
        ]
        for wish in pick_once(lasting, self.world, self.placed):
            if wish.follow_up.id not in self.entered:
                self.entered.add(wish.follow_up.id)
                self.add(wish, after=after)

    def add(
        self, wish: Wish, chain: Chain | None = None, since: datetime | None = None, after: datetime | None = None
    ) -> None:
        """Enter a wish at its due time, or at the instant `after` (now, without one) where that has passed."""
        ready = max(wish.follow_up.due, after or self.now)
        heapq.heappush(self.turns, Turn(ready, wish.sorting, wish, hold=wish.hold, chain=chain, since=since))

    def run(self) -> list[FollowUp]:
        """All that is coming up to the horizon, and what is held back, in the order of time."""
        found: list[FollowUp] = []
        while self.turns:
            turn = heapq.heappop(self.turns)
            if turn.chain is not None and (self._is_bound(turn) or not self._is_still_due(turn)):
                continue
            if turn.chain is None and self._is_over(turn):
                continue
            follow_up = turn.wish.follow_up
            if turn.ready > self.horizon:
                self._comes_next(turn)
                if (turn.wish.asked or follow_up.due) <= self.horizon:
                    found.append(replace(follow_up, hold=turn.hold))
                continue
            later = self._later(turn)
            if later is not None:
                heapq.heappush(self.turns, later)
            elif turn.stuck:
                found.append(replace(follow_up, hold=turn.hold))
                if turn.hold is not None and turn.hold.until is not None and follow_up.expires is not None:
                    self._enter_chosen(follow_up.expires)
            else:
                found.append(replace(follow_up, hold=turn.hold))
                self._place(turn)
        return found

    def _later(self, turn: Turn) -> Turn | None:
        """The turn at which to ask again. A hold without an end stays with the turn, which is then told as held."""
        follow_up = turn.wish.follow_up
        if (hold := follow_up.hold or self._apart(follow_up)) is not None:
            turn.hold, turn.stuck = hold, True
            return None
        if turn.wish.exempt:
            return None
        if (hold := self._stray(follow_up)) is not None:
            turn.hold, turn.stuck = hold, True
            return None
        hold = self.book.hold(follow_up, turn.ready, self.world.courtesy) or self._unreleased(turn)
        if hold is None:
            told = turn.hold is not None and turn.hold.until is not None and turn.ready > self.now
            turn.hold = turn.hold if told else None
            return None
        opening = self.world.almanac.opening(turn.wish.step.window, hold.until) if hold.until else None
        if opening is None or (follow_up.expires is not None and opening >= follow_up.expires):
            turn.hold, turn.stuck = hold if opening is None else Hold(hold.why, opening), True
            return None
        return replace(turn, ready=opening, hold=Hold(hold.why, opening))

    def _apart(self, follow_up: FollowUp) -> Hold | None:
        """The hold of what was snoozed, or skipped for a while, with its draft in another mailbox."""
        record = self.world.records.get(follow_up.id)
        if record is None or not record.draft_tag or not record.is_apart(self.world.history.account):
            return None
        return Hold(f"its draft lies in {mailbox_of(record.account)}")

    def _stray(self, follow_up: FollowUp) -> Hold | None:
        """The hold of a note to somebody to whom a draft lies there already, which the ledger has forgotten."""
        strays = self.world.history.strays
        if not strays:
            return None
        theirs = self.world.keys(strays)
        for recipient in follow_up.recipients:
            if self.world.directory.key(recipient.email) in theirs:
                return Hold(f"a draft to {called(recipient)} lies there of which nothing is known here")
        return None

    def _unreleased(self, turn: Turn) -> Hold | None:
        """The hold that ended while the window of the step was shut: it lasts until the window opens.

        A note that is merely late is drafted at once; one that was held back when it was due, or when the
        last draft was placed, is not.
        """
        due, window = turn.wish.follow_up.due, turn.wish.step.window
        for instant in {due, max(due, self.book.latest or due)}:
            moment: datetime | None = instant
            hold: Hold | None = None
            while moment is not None and moment <= turn.ready:
                hold = self.book.hold(turn.wish.follow_up, moment, self.world.courtesy)
                moment = self.world.almanac.opening(window, hold.until) if hold and hold.until else None
            if hold is not None and moment is not None:
                return hold
        return None

    def _is_bound(self, turn: Turn) -> bool:
        """Whether the check-in of another rule with this template has just been placed for the person."""
        assert turn.chain is not None
        return (turn.wish.follow_up.template, turn.chain.key) in self.bound

    def _is_still_due(self, turn: Turn) -> bool:
        """Whether the check-in of this turn is due then, after all notes supposed to be sent; else it is moved."""
        assert turn.chain is not None
        assert turn.since is not None
        if not self.looking:
            return True
        look = self.outlook(turn.chain, turn.ready, turn.since)
        if look.wish is None:
            return False
        if look.wish.follow_up.due > turn.ready:
            self.add(look.wish, turn.chain, turn.since)
            return False
        turn.wish = look.wish
        return True

    def outlook(self, chain: Chain, at: datetime, since: datetime) -> Outlook:
        """The next check-in of a chain, as far as is known by then, after all notes that are supposed to be sent."""
        if not self.looking:
            return chains.outlook(self.world, chain, at, since)
        supposed = tuple(self.supposed[chain.key])
        return chains.awaited(self.world, chain, at, since, self.horizon, supposed, sent=self.sent)

    def _is_over(self, turn: Turn) -> bool:
        """Whether I have written to them by then what the note was to say. Else it tells of what I wrote."""
        if turn.ready <= self.now or turn.ready > self.horizon or not self._wrote(turn):
            return False
        turn.wish = as_of(self.world, turn.wish, turn.ready)
        return bool(turn.wish.cancelled)

    def _wrote(self, turn: Turn) -> bool:
        """Whether a mail of mine to them is known that is later than now: only where the past is played again."""
        keys = self.world.keys(recipient.email for recipient in turn.wish.follow_up.recipients)
        letters = (mail for key in keys for mail in self.world.mails.get(key, ()))
        return any(self.now < mail.at <= turn.ready and mail.direction is Direction.OUT for mail in letters)

    def _comes_next(self, turn: Turn) -> None:
        """Remember the first instant after now at which something is to be done, and for whom."""
        if turn.ready <= self.now or (self.next_due is not None and turn.ready > self.next_due):
            return
        if turn.ready != self.next_due:
            self.next_due, self.next = turn.ready, []
        self.next.append(turn.wish.follow_up)

    def _place(self, turn: Turn) -> None:
        follow_up = turn.wish.follow_up
        self.placed.add(follow_up.id)
        if turn.ready <= self.now:
            self.place.append(replace(follow_up, hold=None))
        else:
            self._comes_next(turn)
        if not follow_up.to_me:
            self.book.add(follow_up, turn.ready, stays_open=not self.looking)
        if self.looking and not follow_up.to_me:
            note = Supposed(turn.ready, follow_up.rule, follow_up.step, follow_up.round)
            for key in self.world.keys(recipient.email for recipient in follow_up.recipients):
                self.supposed[key].append(note)
            if turn.chain is not None:
                self._is_still_due(turn)
        elif turn.chain is not None:
            self.bound.add((follow_up.template, turn.chain.key))
