"""The model that knows the truth: what was done in the mailbox, what should have been, and which promise that breaks.

It shares nothing with the product but the mailbox and the contract: due times, contacts and limits are worked out
here once more, in the simplest way that comes to mind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from email import message_from_bytes
from typing import TYPE_CHECKING

from rules.history import State
from tests.simulation.sheet import DAY, HOUR, NEVER, WORTH, Contact, Sheet
from tests.simulation.story import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rules.history import Record
    from tests.simulation.diary import Appointment, Diary
    from tests.simulation.machine import Machine
    from tests.simulation.sheet import Key
    from tests.simulation.story import Story

AFTER = 2 * HOUR
FOLLOW_UP = 3 * DAY
EVERY = timedelta(weeks=6)
AT_MOST = 3
GAP = 5 * DAY
A_DAY = 8
SLACK = 2 * HOUR
"""By how much a wall clock and a stopwatch may differ over a change of the clocks, and a little more."""

STEPS = {"Thank you": "thank-you", "Following up": "follow-up", "Hello again": "check-in", "Some news": "check-in"}
KINDS = {"coffee": "thank-you", "strategy": "follow-up"}
_REGARDING = re.compile(r"Regarding \w+ (\d+).*? (on [\w ]+)\.\nStart: (\S+)", re.DOTALL)
_OPEN = frozenset({"lying", "open"})
_GONE = frozenset({"trashed", "discarded"})


@dataclass
class Truth:
    """Knows everything, and watches the mailbox. `now` is the true time of what happens at present."""

    diary: Diary
    machine: Machine
    story: Story
    now: datetime = NEVER
    known: dict[int, Appointment] = field(default_factory=dict)
    sheets: dict[str, Sheet] = field(default_factory=dict)
    letters: list[Contact] = field(default_factory=list)
    thanked: list[tuple[str, datetime]] = field(default_factory=list)
    skipped: set[Key] = field(default_factory=set)
    snoozed: dict[Key, datetime] = field(default_factory=dict)
    forgiven: set[Key] = field(default_factory=set)
    vague: dict[str, datetime] = field(default_factory=dict)
    ghosts: dict[int, Appointment] = field(default_factory=dict)
    restored: datetime = NEVER
    late_listings: bool = False
    broken: list[Broken] = field(default_factory=list)
    found: Callable[[Sheet], None] = lambda _: None
    overdue: dict[str, datetime] = field(default_factory=dict)

    # --- the watcher of the mailbox ------------------------------------------------------------------------

    def placed(self, ref: str, message: bytes) -> None:
        """A draft was laid down at this moment."""
        sheet = self._sheet(ref, message)
        if sheet is None:
            self._break("6", "a draft was laid down that no template could have made", "")
            return
        self._check_placing(sheet)
        self.sheets[ref] = sheet
        step, number, email = sheet.key
        self.story.tell(self.now, f"a draft is laid down: {step} {number or ''} to {email}", email, f"#{number}")
        self.found(sheet)

    def removed(self, ref: str) -> None:
        """A draft was taken away by the service."""
        sheet = self.sheets[ref]
        self.story.tell(self.now, f"the draft {sheet.key[0]} to {sheet.email} is withdrawn", *self._about(sheet.key))
        if sheet.touched or sheet.status != "lying":
            self._break("3", f"a draft that the user had {'edited' if sheet.touched else sheet.status} was taken away",
                        sheet.key)  # fmt: skip
        elif not self._may_go(sheet):
            self._break("7", "a draft was taken away although it was wanted", sheet.key)
        sheet.status, sheet.since = "withdrawn", self.now

    def _sheet(self, ref: str, message: bytes) -> Sheet | None:
        mail = message_from_bytes(message)
        text = mail.get_payload(decode=True)
        assert isinstance(text, bytes)
        found = _REGARDING.search(text.decode().replace("\r\n", "\n"))
        step = next((step for words, step in STEPS.items() if mail["Subject"].startswith(words)), None)
        if found is None or step is None:
            return None
        email = mail["To"].rpartition("<")[2].rstrip(">")
        start = datetime.fromisoformat(found[3])
        number = int(found[1])
        sheet = Sheet(
            ref,
            (step, 0 if step == "check-in" else number, email),
            mail["Message-ID"],
            message,
            self.now,
            start,
            skewed=bool(self.machine.skew),
            contacts=frozenset(self._contacts(email, self.now, diary) for diary in (self.known, self.diary.meetings)),
            by_clock=self.now + self.machine.skew,
            since=self.now,
        )
        if not sheet.skewed and found[2] not in self._ways_to_say(start):
            self._break("4", f"the note says '{found[2]}' of a meeting on {self._local(start):%A, %d %B}", sheet.key)
        if "Bcc" in mail or "Sender" in mail or any(name.startswith("X-") for name in mail):
            self._break("6", "a header stands in a draft that should not", sheet.key)
        return sheet

    def _ways_to_say(self, start: datetime) -> set[str]:
        local = self._local(start)
        near = abs(local.date() - self._local(self.now).date()) <= timedelta(days=5)
        said = {f"on {local:%A}"} if near else set()
        if abs(local.date() - self._local(self.now).date()) >= timedelta(days=5):
            said |= {f"on {local.day} {local:%B}", f"on {local.day} {local:%B %Y}"}
        return said

    # --- what may and what must be ---------------------------------------------------------------------------

    def _check_placing(self, sheet: Sheet) -> None:
        key = sheet.key
        for other in self.of_key(key):
            if other.status == "lying" or (other.status == "open" and key not in self.forgiven):
                self._break("1", "a second draft was laid beside the first", key)
            elif self._is_final(other) and key[0] != "check-in" and key not in self.forgiven:
                self._break("3", f"a note was drafted again that the user had {other.status}", key)
        if key in self.skipped and key not in self.forgiven and key[0] != "check-in":
            self._break("3", "a note was drafted that the user had skipped", key)
        if sheet.skewed or self.late_listings:
            return
        if key[0] != "thank-you" and self.now - self.restored > GAP + DAY:
            self._check_courtesy(sheet)
        if key[0] == "check-in":
            self._check_check_in(sheet)
        else:
            self._check_step(sheet)

    def _check_courtesy(self, sheet: Sheet) -> None:
        """A note without a deadline leaves a person their peace. What was withdrawn never reached anybody."""
        others = [one for one in self.sheets.values() if one.email == sheet.email and not self._counts_as_taken(one)]
        if any(one.status == "lying" and not one.skewed for one in others):
            self._break("3", "a note was drafted while another to the same person lay there", sheet.key)
        elif any(not one.skewed and self.now - one.placed < GAP - SLACK for one in others):
            self._break("3", "a note was drafted within five days of another to the same person", sheet.key)

    def _counts_as_taken(self, sheet: Sheet) -> bool:
        """Whether it was taken away; one that was about to be when the user deleted it cannot be told from it."""
        if sheet.status == "discarded":
            return not sheet.touched and self._may_go(sheet)
        return sheet.status == "withdrawn"

    def _check_step(self, sheet: Sheet) -> None:
        """It hangs on a meeting that the calendar shows, or showed when it was last read, and its time has come."""
        step, number, email = sheet.key
        shown = (self.known.get(number), self.diary.meetings.get(number), self.ghosts.get(number))
        copies = [one for one in shown if one is not None]
        if not any(one.counts and email in one.people and KINDS.get(one.kind) == step for one in copies):
            self._break("5", "a note was drafted for a meeting that does not count, or to somebody who was not there",
                        sheet.key)  # fmt: skip
            return
        until = None if sheet.key in self.forgiven else self.snoozed.get(sheet.key)
        spans = [(until or self._due(one), self._due(one) + WORTH) for one in copies]
        if not any(due <= self.now < end for due, end in spans):
            self._break("4", "a note was drafted before its time, or when it was no longer worth writing", sheet.key)

    def _check_check_in(self, sheet: Sheet) -> None:
        email = sheet.email
        if sheet.key in self.forgiven or email in self.vague:
            return
        held = (self.known, self.diary.meetings, {**self.diary.meetings, **self.ghosts})
        dues = [self.check_in_due(email, self.now, diary) for diary in held]
        due = min((one for one in dues if one is not None), default=None)
        if due is None:
            self._break("1", "a check-in was drafted that no chain asks for", sheet.key)
        elif self.now < due - SLACK:
            words = f"a check-in was drafted before six weeks were over ({self._local(due):%d %B})"
            self._break("4", words, sheet.key)

    def check_in_due(
        self, email: str, now: datetime, diary: Mapping[int, Appointment], *, seen: bool = False
    ) -> datetime | None:
        """When the next check-in is due, by the last contact; None where the chain has ended or not begun.

        A deleted one counts from then; or from when it was `seen`, which is what a machine that slept can know.
        """
        held = [one for one in diary.values() if one.held and email in one.people and one.end <= now]
        if not any(one.kind == "coffee" and one.counts for one in held):
            return None
        met = [one.end for one in held]
        letters = [one for one in self.letters if one.email == email and one.at <= now]
        theirs = max([*met, *(one.at for one in letters if one.theirs)])
        last = max([*met, *(one.at for one in letters)])
        sheets = self.of_key(("check-in", 0, email))
        rounds = [one for one in sheets if one.placed > theirs and one.status != "withdrawn"]
        if len(rounds) >= AT_MOST:
            return None
        due = self._wall(last, EVERY)
        for one in rounds:
            if one.status in _GONE:
                due = max(due, self._wall(max(one.since, one.seen_gone) if seen else one.since, EVERY))
        return due

    def _may_go(self, sheet: Sheet) -> bool:
        """Whether there was a reason to take an untouched draft away."""
        key = sheet.key
        if key in self.skipped or key in self.snoozed or sheet.skewed or key in self.forgiven:
            return True
        if key[0] == "check-in":
            told = self.now + self.machine.skew  # a meeting has ended by the clock that the machine has
            return {self._contacts(sheet.email, told, self.diary.meetings)} != sheet.contacts or not any(
                one.kind == "coffee" and one.counts and one.end <= sheet.placed for one in self._meetings(sheet.email)
            )
        now_is = (self.known.get(key[1]), self.diary.meetings.get(key[1]))
        if any(one is None or not one.counts or sheet.email not in one.people for one in now_is):
            return True
        if any(one is not None and one.start != sheet.start for one in now_is):
            return True
        return self._thanked_after(sheet.email, min(one.end for one in now_is if one is not None))

    def _thanked_after(self, email: str, end: datetime) -> bool:
        """Whether the user wrote a thank-you of their own, after the meeting that ended then."""
        return any(to == email and end <= at <= self.now for to, at in self.thanked)

    def _overtaken(self, sheet: Sheet) -> bool:
        """Whether an untouched draft ought to be gone by now."""
        if sheet.skewed or sheet.long_open or sheet.key in self.forgiven or sheet.key[1] in self.ghosts:
            return False
        if sheet.key[0] == "check-in":
            return any(one.at > sheet.placed for one in self._contacts(sheet.email, self.now, self.diary.meetings))
        one = self.diary.meetings.get(sheet.key[1])
        if one is None or not one.counts or sheet.email not in one.people or one.start != sheet.start:
            return True
        return sheet.key[0] == "thank-you" and self._thanked_after(sheet.email, one.end)

    # --- after a cycle ---------------------------------------------------------------------------------------

    def settled(self, records: Iterable[Record], cycle: int) -> None:
        """After a cycle that nothing disturbed: everything is as it should be."""
        by_message = {record.message_id: record for record in records if record.message_id}
        # A ledger that has forgotten a check-in begins its chain anew: the next has the Message-ID of the forgotten.
        last = {sheet.message_id: sheet for sheet in self.sheets.values()}
        for sheet in self.sheets.values():
            if sheet.status == "lying" and not sheet.touched:
                if sheet.put_off and sheet.key not in self.forgiven and not sheet.long_open:
                    self._break("3", "a skipped or snoozed draft still lies there", sheet.key)
                elif self._overtaken(sheet):
                    self._break("7", "a draft still lies there that is no longer wanted", sheet.key)
            if sheet.status in _GONE and sheet.seen_gone == NEVER:
                sheet.seen_gone, sheet.healthy_since = self.now, cycle
            if (record := by_message.get(sheet.message_id)) is not None and last[sheet.message_id] is sheet:
                self._check_record(sheet, record, cycle)
        for key in self._missing():
            self._break("4", "a note that is due was not drafted", key)
        self._check_chains()

    def _check_record(self, sheet: Sheet, record: Record, cycle: int) -> None:
        """What the ledger says became of a draft is what became of it."""
        if sheet.key in self.forgiven:
            return
        allowed = self._allowed(sheet, cycle)
        if sheet.key in self.skipped:
            allowed |= {State.SKIPPED}
        if sheet.key in self.snoozed:
            allowed |= {State.SNOOZED}
        if record.state not in allowed:
            words = f"a draft that is {'edited and ' if sheet.touched else ''}{sheet.status} is called {record.state}"
            self._break("3", words, sheet.key)

    def _allowed(self, sheet: Sheet, cycle: int) -> set[State]:  # noqa: PLR0911 - a line for each thing that happens
        if sheet.status == "open":  # one that was about to be taken away, and is gone, counts as taken
            return {State.PLACED, State.EDITED, State.VETOED} | ({State.WITHDRAWN} if self._may_go(sheet) else set())
        if sheet.status == "sent":
            told = {State.ANSWERED} if sheet.answered else {State.SENT}
            if self.now - self.restored < DAY:  # found again in one cycle, and its answer in the next
                told.add(State.SENT)
            if sheet.skewed:  # it counts as sent when it was placed, by a clock that was wrong: later than the answer
                told.add(State.SENT)
            return told | ({State.VETOED, State.PLACED, State.EDITED} if sheet.skewed and sheet.sent_as else set())
        if sheet.status == "trashed":
            return {State.VETOED}
        if sheet.status == "discarded":
            believed = self.now - sheet.seen_gone >= 2 * HOUR and cycle - sheet.healthy_since >= 3
            taken = {State.WITHDRAWN} if self._counts_as_taken(sheet) else set()
            return {State.VETOED} | taken | (set() if believed else {State.PLACED, State.EDITED})
        if sheet.status == "withdrawn":
            return {State.WITHDRAWN, State.PLANNED, State.EXPIRED, State.CANCELLED, State.SENT, State.ANSWERED}
        if sheet.touched:
            return {State.EDITED}
        return {State.PLACED, State.EDITED} if sheet.long_open else {State.PLACED}

    def _missing(self) -> Iterator[Key]:
        """The notes that should be there by now and are not."""
        for one in self.diary.meetings.values():
            step = KINDS.get(one.kind)
            if step is None or not one.counts:
                continue
            due = self._due(one)
            if not due <= self.now < due + WORTH:
                continue
            for email in one.people:
                key = (step, one.number, email)
                if self._excused(key, one) or (step == "follow-up" and self._was_held(email, due)):
                    continue
                if not any(sheet.status in _OPEN or self._is_final(sheet) for sheet in self.of_key(key)):
                    yield key

    def _excused(self, key: Key, one: Appointment) -> bool:
        if key in self.skipped or key in self.forgiven or self.snoozed.get(key, NEVER) > self.now:
            return True
        return self._thanked_after(key[2], one.end)

    def _was_held(self, email: str, due: datetime) -> bool:
        """Whether courtesy may have held a note to this person at some time since it was due."""
        sheets = [one for one in self.sheets.values() if one.email == email]
        if any(one.status in _OPEN or max(one.placed, one.by_clock, one.since) > due - GAP - DAY for one in sheets):
            return True
        return self._placed_since(due - DAY) >= A_DAY

    def _check_chains(self) -> None:
        """A check-in that is due, and that nothing holds, is there by the next day."""
        for email in {email for one in self.diary.meetings.values() for email in one.people}:
            if email in self.vague or not self._check_in_missing(email):
                self.overdue.pop(email, None)
                continue
            first = self.overdue.setdefault(email, self.now)
            if self.now - first > DAY:
                self._break("4", "a check-in that is due was not drafted", ("check-in", 0, email))

    def _check_in_missing(self, email: str) -> bool:
        due = self.check_in_due(email, self.now, self.diary.meetings, seen=True)
        if due is None or self.now < due + SLACK or self._placed_since(self.now - DAY) >= A_DAY:
            return False
        sheets = [one for one in self.sheets.values() if one.email == email]
        if any(one.status in _OPEN or max(one.placed, one.by_clock) > self.now - GAP - SLACK for one in sheets):
            return False
        coming = (one for one in self._meetings(email) if one.end > self.now)
        return not any(one.start < self.now + EVERY + DAY for one in coming)

    def haunt(self, one: Appointment) -> None:
        """Nobody can know whether this meeting took place, which the calendar no longer shows."""
        self.ghosts[one.number] = one
        self.vague |= dict.fromkeys(one.people, self.now)

    def lose_track(self, sheet: Sheet) -> None:
        """Since when this check-in has been gone, nobody can know."""
        if sheet.key[0] == "check-in":
            self.vague[sheet.email] = self.now

    # --- small questions -------------------------------------------------------------------------------------

    def of_key(self, key: Key) -> list[Sheet]:
        """All drafts of one note, in the order of time."""
        return [sheet for sheet in self.sheets.values() if sheet.key == key]

    @staticmethod
    def _is_final(sheet: Sheet) -> bool:
        return sheet.status in {"sent", *_GONE} or (sheet.touched and sheet.status != "withdrawn")

    def _meetings(self, email: str) -> list[Appointment]:
        return list(self.diary.with_person(email))

    def _contacts(self, email: str, now: datetime, diary: Mapping[int, Appointment]) -> frozenset[Contact]:
        mails = {one for one in self.letters if one.email == email and one.at <= now}
        met = [one for one in diary.values() if one.held and email in one.people and one.end <= now]
        return frozenset(mails | {Contact(one.end, email, theirs=True) for one in met})

    def _placed_since(self, instant: datetime) -> int:
        return sum(1 for one in self.sheets.values() if one.placed > instant)

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.diary.zone)

    def _wall(self, instant: datetime, span: timedelta) -> datetime:
        """So many days later, at the same time on the wall."""
        return (self._local(instant).replace(tzinfo=None) + span).replace(tzinfo=self.diary.zone)

    def _due(self, one: Appointment) -> datetime:
        if one.kind != "strategy":
            return one.end + AFTER
        due = self._local(self._wall(one.end, FOLLOW_UP))
        opens, closes = time(9), time(12)
        while due.weekday() >= 5 or due.time() >= closes:
            due = datetime.combine(due.date() + DAY, opens, self.diary.zone)
        return due if due.time() >= opens else datetime.combine(due.date(), opens, self.diary.zone)

    def _about(self, key: Key) -> tuple[str, str]:
        return key[2], f"#{key[1]}"

    def _break(self, promise: str, what: str, key: Key | str) -> None:
        if isinstance(key, str):
            self.broken.append(Broken(promise, what))
            return
        step, number, email = key
        named = f"{step} of meeting {number}" if number else step
        self.broken.append(Broken(promise, f"{what} ({named}, {email})", frozenset(self._about(key))))
