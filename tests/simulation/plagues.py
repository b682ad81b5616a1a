"""What happens to the machine and to the servers in a year: sleep, sudden deaths, faults, wrong clocks, old states."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.base import TransientError
from rules.history import OPEN
from tests.simulation.sheet import DAY, HOUR, NEVER, WORTH
from tests.simulation.weather import CALENDAR_FAULTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.simulation.diary import Appointment
    from tests.simulation.sheet import Sheet
    from tests.simulation.truth import Truth
    from tests.simulation.year import Year

SOON = timedelta(minutes=5)


class Plagues:
    """Lets things go wrong in a year, by its dice. `deleted` are the meetings that were taken out, and when."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.dice = year.dice
        self.doom = 0
        self.deleted: list[tuple[datetime, Appointment]] = []

    def often(self) -> tuple[tuple[Callable[[], None], float], ...]:
        """Each of them, and how often it comes in a year."""
        return (
            (self._sleep, 10),
            (self._calendar_fault, 8),
            (self._mail_fault, 12),
            (self._deaf, 5),
            (self._kill, 18),
            (self._set_clock, 4),
            (self._fill_disk, 3),
            (self._back_up, 26),
            (self._restore, 3),
        )

    def _tell(self, text: str, *about: str) -> None:
        self.year.story.tell(self.year.now, text, *about)

    def _soon(self) -> None:
        self.year.wake(self.year.now + SOON)

    def dies(self) -> int:
        """At which point of I/O the coming cycle dies; -1 where it lives."""
        if not self.doom:
            return -1
        self.doom -= 1
        return self.dice.randrange(1, self.year.machine.points + 10)

    def _kill(self) -> None:
        self.doom = self.dice.choice((1, 1, 2, 3))
        self.year.wake(self.year.now)

    def _sleep(self) -> None:
        span = self.dice.choice((8 * HOUR, DAY, 3 * DAY, 20 * DAY)) * self.dice.uniform(0.5, 1)
        self.year.asleep_until = max(self.year.asleep_until, self.year.now + span)
        self._tell(f"the machine sleeps until {self.year.asleep_until.astimezone(self.year.diary.zone):%a %d %b %H:%M}")
        self.year.wake(self.year.asleep_until)

    def _calendar_fault(self) -> None:
        name, fault = self.dice.choice(("feed", "work")), self.dice.choice(CALENDAR_FAULTS)
        calendar = self.year.calendars[name]
        if calendar.fault:
            return
        calendar.fault = fault
        span = self.dice.uniform(0.5, 20) * HOUR
        self._tell(f"the calendar {name} is {fault} for {span / HOUR:.0f} h")
        self._soon()
        self.year.at(self.year.now + span, lambda: self._calendar_well(name))

    def _calendar_well(self, name: str) -> None:
        self.year.calendars[name].fault = ""
        self._tell(f"the calendar {name} is well again")
        self._soon()

    def _mail_fault(self) -> None:
        """The next call of one operation times out, before or after its work; listings may be late besides."""
        dice, mail = self.dice, self.year.mail
        operation = dice.choice(("place", "place", "place", "remove", "look", "find"))
        done = dice.random() < 0.6
        mail.fail(operation, TransientError(f"{operation} timed out"), done=done)
        self._tell(f"the next {operation} in the mailbox times out {'after' if done else 'before'} its work")
        if dice.random() < 0.3:
            mail.lag(dice.randrange(1, 4))
            self._tell("listings of the mailbox are late")
        self._soon()

    def _deaf(self) -> None:
        self.year.mail.deaf = True
        span = self.dice.uniform(0.2, 30) * HOUR
        self._tell(f"the mail server does not answer for {span / HOUR:.0f} h")
        self.year.at(self.year.now + span, self._mail_well)

    def _mail_well(self) -> None:
        self.year.mail.clear()
        self._tell("the mail server is well again")
        self._soon()

    def _set_clock(self) -> None:
        machine, truth = self.year.machine, self.year.truth
        for sheet in truth.sheets.values():  # what is not yet known to be deleted is so from a wrong time on
            if sheet.status in {"trashed", "discarded"} and self.year.now - sheet.since < 2 * DAY:
                truth.lose_track(sheet)
        machine.skew = self.dice.choice((-2 * DAY, -HOUR, HOUR, DAY, 3 * DAY))
        self._tell(f"the clock is wrong by {machine.skew / HOUR:+.0f} h")
        self._soon()
        self.year.at(self.year.now + self.dice.uniform(0.5, 30) * HOUR, self._clock_right)

    def _clock_right(self) -> None:
        self.year.machine.skew = timedelta()
        self._tell("the clock is right again")
        self._soon()

    def _fill_disk(self) -> None:
        self.year.machine.fill_disk(full=True)
        self._tell("the disk is full")
        self._soon()
        self.year.at(self.year.now + self.dice.uniform(1, 40) * HOUR, self._free_disk)

    def _free_disk(self) -> None:
        self.year.machine.fill_disk(full=False)
        self._tell("the disk has room again")
        self._soon()

    def _back_up(self) -> None:
        self.year.machine.back_up(self.year.now)

    def _restore(self) -> None:
        """What the user decided since the backup, and what no mailbox shows, nobody can know."""
        year, truth = self.year, self.year.truth
        if year.machine.backup is None or year.machine.backup[0] < year.now - 3 * WORTH:
            return
        made = year.machine.restore()
        truth.restored = year.now
        self._tell(f"the state folder of {made:%d %b %H:%M} is restored")
        for when, one in self.deleted:  # of what is past and not shown, a feed that rolls on says nothing
            if when >= made - DAY:
                truth.haunt(one)
        lying = {record.message_id for record in year.machine.open().records() if record.state in OPEN}
        year.machine.close()
        for sheet in truth.sheets.values():
            self._lose(sheet, made)
            if sheet.message_id in lying:
                sheet.seen_gone = NEVER  # its absence is counted anew
        self._soon()

    def _lose(self, sheet: Sheet, made: datetime) -> None:
        """The ledger is that of a time when it knew less, or nothing, of this draft."""
        truth = self.year.truth
        known = sheet.since < made
        if sheet.placed >= made - DAY and sheet.status == "open":
            truth.forgiven.add(sheet.key)  # in no folder just now: it is drafted again
        if sheet.placed >= made - DAY and sheet.status in {"lying", "open"}:
            sheet.long_open = True  # found again, in words that may not be those of today: then it is the user's
        if not known and sheet.key[0] == "check-in":
            truth.vague[sheet.email] = self.year.now  # since when it was deleted, nobody knows
        if sheet.sent_as and sheet.placed >= made and _sent_before_it(sheet, truth):
            truth.forgiven.add(sheet.key)  # nothing tells what was written there: no thanks for what is to come
        if sheet.status in {"discarded", "withdrawn"} and not known:
            truth.forgiven.add(sheet.key)
            truth.vague[sheet.email] = self.year.now
        if sheet.key in truth.skipped | set(truth.snoozed):
            truth.forgiven.add(sheet.key)


def _sent_before_it(sheet: Sheet, truth: Truth) -> bool:
    """Whether the meeting was moved since, and now comes after the thanks for it."""
    now_is = (truth.known.get(sheet.key[1]), truth.diary.meetings.get(sheet.key[1]))
    return sheet.status == "sent" and any(one is not None and one.end > sheet.since for one in now_is)
