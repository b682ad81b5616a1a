"""Those whom one limit of courtesy holds back wait together: it is asked once for all of them, not by each."""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from rules.domains import organisation
from rules.model import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rules.courtesy import Book
    from rules.model import FollowUp
    from rules.queue import Turn
    from rules.windows import Window
    from rules.world import World


@dataclass(slots=True)
class Lobby:
    """Turns that wait for a day with room and, with a `domain`, for their organisation; and for nothing else.

    They have one window, so that each would be asked again at `ready`, held back until then by the same `hold`.
    """

    domain: str | None
    window: Window
    ready: datetime
    hold: Hold
    members: list[Member] = field(default_factory=list)
    """A heap: the first is asked first. Who has left may still be in it."""
    expiring: list[tuple[datetime, Member]] = field(default_factory=list)
    """A heap of those that expire."""
    place: tuple[datetime, Member] | None = None
    """Where it stands in the order of lobbies; who stood elsewhere before is passed over."""

    def first(self) -> Member | None:
        """Who is to be asked first."""
        while self.members and self.members[0].left:
            heapq.heappop(self.members)
        return self.members[0] if self.members else None

    def expire(self, at: datetime) -> Iterator[Turn]:
        """Let those go whom it would be too late for by then."""
        while self.expiring and self.expiring[0][0] <= at:
            member = heapq.heappop(self.expiring)[1]
            if not member.left:
                yield member.leave()


@dataclass(order=True, slots=True)
class Member:
    """A turn in a lobby, sorted as it is in the queue; `left` once it is asked on its own again."""

    sorting: tuple[datetime, tuple[int, int], str, str]
    number: int
    turn: Turn = field(compare=False)
    lobby: Lobby = field(compare=False)
    left: bool = field(default=False, compare=False)

    def leave(self) -> Turn:
        """Its turn as it would be by now, had it waited alone."""
        self.left = True
        return replace(self.turn, ready=self.lobby.ready, hold=self.lobby.hold)


class Lobbies:
    """All lobbies of a queue, up to its horizon. Whom they let go is asked on their own, in the same order."""

    def __init__(self, world: World, book: Book, horizon: datetime) -> None:
        self.world = world
        self.book = book
        self.horizon = horizon
        self.lobbies: dict[tuple[str | None, Window], Lobby] = {}
        self.order: list[tuple[datetime, Member, Lobby]] = []
        self.people: dict[str, list[Member]] = defaultdict(list)
        self.domains: dict[str, list[Member]] = defaultdict(list)
        self.number = 0

    def enter(self, turn: Turn, asked: datetime) -> bool:
        """Whether there is a lobby to wait in for this turn, which was held back when it was `asked`.

        Only for one to which nothing happens by itself meanwhile, but that it expires.
        """
        domains = self._domains(turn.wish.follow_up)
        for domain in (None, *(domains if len(domains) == 1 else ())):
            if self._hold(domain, turn.wish.window, asked) == turn.hold:
                return self._join(turn, domain, domains)
        return False

    def _join(self, turn: Turn, domain: str | None, domains: frozenset[str]) -> bool:
        assert turn.hold is not None
        place = (domain, turn.wish.window)
        lobby = self.lobbies.get(place)
        if lobby is None or lobby.first() is None:
            lobby = self.lobbies[place] = Lobby(domain, turn.wish.window, turn.ready, turn.hold)
        if (lobby.ready, lobby.hold) != (turn.ready, turn.hold):
            return False
        self.number += 1
        member = Member(turn.sorting, self.number, turn, lobby)
        heapq.heappush(lobby.members, member)
        follow_up = turn.wish.follow_up
        if follow_up.expires is not None:
            heapq.heappush(lobby.expiring, (follow_up.expires, member))
        for key in self._keys(follow_up):
            self.people[key].append(member)
        for name in domains if domain is None else ():
            self.domains[name].append(member)
        self._put(lobby)
        return True

    def _put(self, lobby: Lobby) -> None:
        """Put it in the order of lobbies where it belongs by now."""
        first = lobby.first()
        place = None if first is None else (lobby.ready, first)
        if place is not None and place != lobby.place:
            heapq.heappush(self.order, (*place, lobby))
        lobby.place = place

    def before(self, turn: Turn | None) -> Lobby | None:
        """The lobby whose first is to be asked before this turn."""
        while self.order:
            ready, member, lobby = self.order[0]
            if turn is not None and (turn.ready, turn.sorting) < (ready, member.sorting):
                return None
            if lobby.place == (ready, member) and not member.left:
                return lobby
            heapq.heappop(self.order)
            if lobby.place == (ready, member):
                self._put(lobby)
        return None

    def ask(self, lobby: Lobby) -> list[Turn]:
        """Have all wait on who are still held back; else, or beyond the horizon, let the first of them go."""
        hold = self._hold(lobby.domain, lobby.window, lobby.ready) if lobby.ready <= self.horizon else None
        if hold is None or hold.until is None:
            gone = [heapq.heappop(lobby.members).leave()]
        else:
            gone = list(lobby.expire(hold.until))
            lobby.ready, lobby.hold = hold.until, hold
        self._put(lobby)
        return gone

    def _hold(self, domain: str | None, window: Window, at: datetime) -> Hold | None:
        """How long whoever has this window is held back by what a lobby waits for; until the window is open again."""
        hold = self.book.common(domain, at, self.world.courtesy)
        opening = self.world.almanac.opening(window, hold.until) if hold is not None and hold.until else None
        return None if hold is None or opening is None else Hold(hold.why, opening)

    def placed(self, follow_up: FollowUp) -> list[Turn]:
        """Let those go who may be held back longer now that this note is placed."""
        theirs = (member for key in self._keys(follow_up) for member in self.people.pop(key, ()))
        gone = [member.leave() for member in theirs if not member.left]
        for name in self._domains(follow_up):
            there = [member for member in self.domains.pop(name, ()) if not member.left]
            capped = [one for one in there if self.book.capped(name, one.lobby.ready, self.world.courtesy)]
            gone += [member.leave() for member in capped]
            self.domains[name] = [member for member in there if not member.left]
        return gone

    def _keys(self, follow_up: FollowUp) -> frozenset[str]:
        return self.world.keys(recipient.email for recipient in follow_up.recipients)

    def _domains(self, follow_up: FollowUp) -> frozenset[str]:
        names = (organisation(recipient.email) for recipient in follow_up.recipients)
        return frozenset(name for name in names if name is not None)
