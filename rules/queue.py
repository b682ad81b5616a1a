"""The wishes of a plan in the order of time, each placed as soon as courtesy lets it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules import chains
from rules.chains import Supposed
from rules.courtesy import Book
from rules.greeting import called
from rules.history import mailbox_of
from rules.lobby import Lobbies
from rules.model import Direction, Hold
from rules.steps import as_of, is_expired, pick_once

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
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
    lapses: bool = field(default=False, compare=False)
    """A check-in held back until its `expires`, which is when the turn is: the chain goes on from there."""
    number: int = field(default=0, compare=False)
    """Which turn of its chain this is: only the latest counts."""


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
        self.lobbies = Lobbies(world, self.book, horizon)
        self.wishes: list[Wish] = []
        self.entered: set[str] = set()
        self.placed: set[str] = set()
        self.bound: set[tuple[str, str]] = set()
        self.supposed: dict[str, list[Supposed]] = defaultdict(list)
        self.resting: dict[str, list[tuple[Chain, datetime]]] = defaultdict(list)
        self.latest: dict[tuple[str, str, str], int] = {}
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
        turn = Turn(ready, wish.sorting, wish, hold=wish.hold, chain=chain, since=since)
        if chain is not None:
            turn.number = self.latest[chain.name] = self.latest.get(chain.name, 0) + 1
        heapq.heappush(self.turns, turn)

    def rest(self, chain: Chain, since: datetime) -> None:
        """Mind a chain that rests: the next note to this person is a contact, and it goes on from there."""
        self.resting[chain.key].append((chain, since))

    def run(self) -> list[FollowUp]:
        """All that is coming up to the horizon, and what is held back, in the order of time."""
        found: list[FollowUp] = []
        while (turn := self._following()) is not None:
            if not self._stands(turn):
                continue
            if turn.ready > self.horizon:
                found += self._beyond(turn)
            elif (later := self._later(turn)) is not None:
                self._wait(later, turn.ready)
            else:
                found.append(replace(turn.wish.follow_up, hold=turn.hold))
                if turn.lapses:
                    self._lapse(turn)
                elif turn.stuck:
                    self._give_way(turn)
                else:
                    self._place(turn)
        return found

    def _following(self) -> Turn | None:
        """The turn that is to be asked next, on its own or as the first of a lobby."""
        while (lobby := self.lobbies.before(self.turns[0] if self.turns else None)) is not None:
            self._ask(self.lobbies.ask(lobby))
        return heapq.heappop(self.turns) if self.turns else None

    def _ask(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            heapq.heappush(self.turns, turn)

    def _wait(self, turn: Turn, asked: datetime) -> None:
        """Have it asked again: on its own or, where only drafts can change what comes of it, with all like it."""
        if not (self.looking and self._is_settled(turn, asked) and self.lobbies.enter(turn, asked)):
            self._ask([turn])

    def _is_settled(self, turn: Turn, asked: datetime) -> bool:
        """Whether nothing is known to happen later that this turn depends on, as long as no note is placed."""
        if any(at > self.now for at in self._letters(turn)):
            return False
        return turn.chain is None or chains.is_settled(self.world, turn.chain, asked)

    def _stands(self, turn: Turn) -> bool:
        """Whether the wish of this turn is still one, after all notes supposed to be sent, and mails that came."""
        if turn.chain is None:
            return not self._is_over(turn)
        if turn.number != self.latest[turn.chain.name] or self._is_bound(turn):
            return False
        return self._is_still_due(turn)

    def _beyond(self, turn: Turn) -> Iterator[FollowUp]:
        """What comes of a turn after the horizon: its note is told where it is due before."""
        if not turn.lapses:
            self._comes_next(turn)
        if (turn.wish.asked or turn.wish.follow_up.due) <= self.horizon:
            yield replace(turn.wish.follow_up, hold=turn.hold)

    def _give_way(self, turn: Turn) -> None:
        """Another rule's note has its turn when this one has been held back until it expired."""
        if turn.hold is not None and turn.hold.until is not None and turn.wish.follow_up.expires is not None:
            self._enter_chosen(turn.wish.follow_up.expires)

    def _later(self, turn: Turn) -> Turn | None:
        """The turn at which to ask again. A hold without an end stays with the turn, which is then told as held."""
        follow_up = turn.wish.follow_up
        if turn.lapses:
            turn.lapses = is_expired(follow_up, turn.ready)  # else a contact has moved it on
        if turn.lapses:
            return None
        later = self._held(turn)
        if turn.stuck and self.looking and turn.chain is not None and follow_up.expires is not None:
            return replace(turn, ready=follow_up.expires, lapses=True, stuck=False)
        return later

    def _held(self, turn: Turn) -> Turn | None:
        """As courtesy has it: the turn at which it lets the note come; or none, and whether the turn is stuck."""
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
        opening = self.world.almanac.opening(turn.wish.window, hold.until) if hold.until else None
        if opening is None or (follow_up.expires is not None and opening >= follow_up.expires):
            turn.hold, turn.stuck = hold if opening is None else Hold(hold.why, opening), True
            return None
        again = self._letter(turn, opening) or opening
        return replace(turn, ready=again, hold=Hold(hold.why, again))

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
        due, window = turn.wish.follow_up.due, turn.wish.window
        if self.world.almanac.opening(window, turn.ready) == turn.ready:
            return None  # a hold until then, or until an earlier opening: it would have to last still
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
        # What expires at this instant is a round that lapses, and for a chain that lapsed before it is gone already.
        at = turn.ready - timedelta.resolution if turn.lapses else turn.ready
        look = self.outlook(turn.chain, at, turn.since)
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

    def _wake(self, key: str, at: datetime) -> None:
        for chain, since in self.resting.pop(key, ()):
            look = self.outlook(chain, at, since)
            if look.wish is not None:
                self.add(look.wish, chain, since, after=at)

    def _lapse(self, turn: Turn) -> None:
        """Go on with the chain whose check-in was held back until it expired: that round does not count."""
        assert turn.chain is not None
        assert turn.since is not None
        one = turn.wish.follow_up
        assert one.expires is not None
        self.supposed[turn.chain.key].append(Supposed(one.expires, one.rule, one.step, one.round, lapsed=True))
        look = self.outlook(turn.chain, turn.ready, turn.since)
        if look.wish is not None:
            self.add(look.wish, turn.chain, turn.since, after=turn.ready)

    def _is_over(self, turn: Turn) -> bool:
        """Whether I have written to them by then what the note was to say. Else it tells of what I wrote."""
        if turn.wish.follow_up.meeting is None:
            return False  # a request: whatever I wrote, it was asked for
        if turn.ready <= self.now or turn.ready > self.horizon or not self._wrote(turn):
            return False
        turn.wish = as_of(self.world, turn.wish, turn.ready)
        return bool(turn.wish.cancelled)

    def _wrote(self, turn: Turn) -> bool:
        """Whether a mail of mine to them is known that is later than now: only where the past is played again."""
        return any(self.now < at <= turn.ready for at in self._letters(turn))

    def _letter(self, turn: Turn, until: datetime) -> datetime | None:
        """When I write to them next before `until`: a group note may then be for fewer, and held back no longer."""
        after = max(self.now, turn.ready)
        return min((at for at in self._letters(turn) if after < at < until), default=None)

    def _letters(self, turn: Turn) -> Iterator[datetime]:
        """When I wrote to those whom the note is for."""
        keys = self.world.keys(recipient.email for recipient in turn.wish.follow_up.recipients)
        letters = (mail for key in keys for mail in self.world.mails.get(key, ()))
        return (mail.at for mail in letters if mail.direction is Direction.OUT)

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
            self._ask(self.lobbies.placed(follow_up))
        if self.looking and not follow_up.to_me:
            note = Supposed(turn.ready, follow_up.rule, follow_up.step, follow_up.round)
            for key in self.world.keys(recipient.email for recipient in follow_up.recipients):
                self.supposed[key].append(note)
                self._wake(key, turn.ready)
            if turn.chain is not None:
                self._is_still_due(turn)
        elif turn.chain is not None:
            self.bound.add((follow_up.template, turn.chain.key))
