"""A year, from event to event: what happens, and a cycle of the product after it. One seed is one year, for ever."""

from __future__ import annotations

import heapq
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import process_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from daemon.ledger.errors import LedgerError
from rules.history import OPEN
from tests.simulation.diary import Diary
from tests.simulation.google import GoogleSide
from tests.simulation.home import MemorySide
from tests.simulation.life import Life
from tests.simulation.machine import Fuse, Machine
from tests.simulation.story import Broken, Story
from tests.simulation.truth import Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daemon.cycle import Outcome

ZONES = ("Europe/Lisbon", "America/Los_Angeles", "Asia/Tokyo", "Pacific/Auckland", "America/Sao_Paulo")
FIRST = datetime(2026, 1, 5, 8, tzinfo=UTC)
SOON = timedelta(minutes=5)
LATER = timedelta(minutes=40)
MUCH_LATER = timedelta(hours=4)
AGAIN = timedelta(minutes=1)
QUIET = timedelta(seconds=90)
"""Cycles that would begin within so short a time of one another are one."""


@dataclass
class Tale:
    """How a year went. `broken` are the promises that were not kept; `told` the short story of the first."""

    seed: int
    broken: list[Broken]
    told: str
    cycles: int
    drafts: int
    deaths: int
    undisturbed: int
    seconds: float
    lines: list[str] = field(default_factory=list)


@dataclass
class Year:
    """The queue of events, and who takes part. `days` is how long it lasts; `google`: all servers are Google's."""

    seed: int
    root: Path
    days: int = 365
    google: bool = False
    now: datetime = FIRST
    queue: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    number: int = 0
    cycles: int = 0
    undisturbed: int = 0
    healthy: int = 0
    asleep_until: datetime = FIRST
    due_cycles: set[datetime] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.began = process_time()
        self.dice = Random(self.seed)
        zone = self.dice.choice(ZONES)
        styles = {"feed": self.dice.choice(("feed", "rolling", "folder")), "work": self.dice.choice(("folder", "feed"))}
        self.fuse = Fuse()
        given = self.root, zone
        self.side = GoogleSide(*given, self.seed, self.fuse) if self.google else MemorySide(*given, self.fuse)
        self.calendars, self.mail = self.side.calendars, self.side.mail
        self.diary = Diary(ZoneInfo(zone), styles)
        self.story = Story(self.diary.zone)
        self.machine = Machine(self.root / "state", self.side.house, self.fuse)
        self.truth = Truth(self.diary, self.machine, self.story, now=self.now)
        self.mail.watcher = self.truth
        self.life = Life(self)
        self.truth.found = self.life.react

    @property
    def end(self) -> datetime:
        """When it is over."""
        return FIRST + timedelta(days=self.days)

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let something happen then."""
        if when < self.end:
            self.number += 1
            heapq.heappush(self.queue, (max(when, self.now), self.number, what))

    def play(self) -> Tale:
        """Until the end, or until a promise is broken."""
        self.life.begin()
        self.side.begin(self)
        self.wake(self.now)
        while self.queue and not self.truth.broken:
            self.now, _, what = heapq.heappop(self.queue)
            self.truth.now = self.now
            what()
        self.machine.close()
        return self._tale()

    def _tale(self) -> Tale:
        broken = self.truth.broken
        told = ""
        if broken:
            first = broken[0]
            told = (
                f"Promise {first.promise} of docs/promises.md is broken: {first.what}\n"
                f"{self.story.short(first.about)}\n"
                f"Play it again: make simulate SEED={self.seed}{' ARGS=--google' if self.google else ''}"
            )
        sheets = len(self.truth.sheets)
        lines = [self.story.whole()]
        seconds = process_time() - self.began
        counts = (self.cycles, sheets, self.machine.deaths, self.undisturbed)
        return Tale(self.seed, broken, told, *counts, seconds, lines)

    # --- cycles ----------------------------------------------------------------------------------------------

    def wake(self, when: datetime) -> None:
        """Let a cycle run then, or as soon as the machine is awake; those that come close together are one."""
        when = max(when, self.asleep_until)
        if any(abs(when - other) < QUIET for other in self.due_cycles):
            return
        self.due_cycles.add(when)
        self.at(when, lambda: self._wakes(when))

    def _wakes(self, when: datetime) -> None:
        self.due_cycles.discard(when)
        if self.now < self.asleep_until:
            self.wake(self.asleep_until)
        else:
            self.cycle()

    def cycle(self) -> None:
        """One cycle of the product, perhaps killed; and what follows from it."""
        self.side.show(self.diary, self.now)
        die_at = self.life.plagues.dies()
        fine, faults = self._is_fine(), self.mail.pending
        self.truth.late_listings = self.mail.late
        self.cycles += 1
        try:
            outcome = self.machine.cycle(self.now, die_at=die_at)
        except Exception as error:  # noqa: BLE001 - whatever a cycle ends in, the story tells of it
            self.truth.broken.append(Broken("9", f"the cycle ended in {type(error).__name__}: {error}"))
            return
        if self.truth.broken:
            return
        if outcome is None:
            self.story.tell(self.now, "the process is killed" + (f" at its I/O {die_at}" if die_at > 0 else ""))
            self.wake(self.now + AGAIN)
            return
        if isinstance(outcome, LedgerError):
            self.story.tell(self.now, f"the cycle says: {type(outcome).__name__}")
            return
        if not any(calendar.unread for calendar in self.calendars.values()):
            for one in self.diary.rolled_out(self.truth.known, self.now).values():
                self.truth.haunt(one)
            self.truth.known = dict(self.diary.meetings)
        self._after(outcome, fine=fine and faults == self.mail.pending)

    def _is_fine(self) -> bool:
        weather = any(calendar.fault for calendar in self.calendars.values()) or self.mail.troubled
        return not (weather or self.machine.skew or self.machine.full)

    def _after(self, outcome: Outcome, *, fine: bool) -> None:
        if fine and outcome.trouble is None:
            self.healthy += 1
            self.undisturbed += 1
            self.truth.settled(self.machine.open().records(), self.healthy)
            if self.truth.broken:
                return
        elif outcome.trouble is not None:
            self.story.tell(self.now, f"the cycle says: {outcome.trouble}")
            self.wake(self.now + (MUCH_LATER if self.mail.deaf else SOON))
        if any(record.state in OPEN and record.absent_since is not None for record in self.machine.open().records()):
            self.wake(self.now + LATER)
        if outcome.trouble is None and outcome.next_due is not None and outcome.next_due - self.machine.skew > self.now:
            self.wake(outcome.next_due - self.machine.skew)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory, where there is such a place."""
    memory = Path("/dev/shm")
    parent = tempfile.mkdtemp(prefix="year-", dir=memory if memory.is_dir() else None)
    try:
        yield Path(parent)
    finally:
        shutil.rmtree(parent, ignore_errors=True)


def play(seed: int, *, days: int = 365, google: bool = False) -> Tale:
    """The year of this seed."""
    with scratch() as root:
        return Year(seed, root, days, google).play()
