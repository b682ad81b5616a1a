"""Who takes part in a year, and what they do: people and the user."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from connectors.base import Folder
from daemon import byhand
from tests.simulation import letters
from tests.simulation.diary import ME, Appointment
from tests.simulation.plagues import SOON, Plagues
from tests.simulation.sheet import DAY, HOUR, NEVER, Contact

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from rules.history import Record
    from tests.simulation.diary import Edit
    from tests.simulation.sheet import Sheet
    from tests.simulation.year import Year

NAMES = ("ana", "ben", "cem", "dana", "eli", "fay", "gus", "hana", "ivo", "jun")
PEOPLE = tuple(f"{name}@{name}.example" for name in NAMES)
COLLEAGUE = "colleague@anchor.example"
APART = 9 * DAY
"""Two meetings with one person lie so far apart, so that it is plain what a mail is about."""


class Life:
    """Lets things happen in a year, by its dice."""

    def __init__(self, year: Year) -> None:
        self.year = year
        self.dice = year.dice
        self.plagues = Plagues(year)

    def begin(self) -> None:
        """Enter what the year is to bring."""
        year = self.year
        self._anchors()
        for day in range(2, year.days - 10):
            if self.dice.random() < 0.055:
                year.at(self._wall(day, self.dice.choice((9, 12, 16, 20))), self._book)
        more = ((self._spontaneous, 8), (self._own_letter, 6), (self._stranger, 3))
        for plague, often in (*self.plagues.often(), *more):
            for _ in range(round(often * year.days / 365)):
                year.at(self._wall(self.dice.randrange(1, year.days - 1), self.dice.uniform(0, 24)), plague)

    def _wall(self, day: float, hour: float) -> datetime:
        """An instant of the year, by day and hour."""
        from tests.simulation.year import FIRST  # noqa: PLC0415 - the year knows its life

        return FIRST.replace(hour=0) + timedelta(days=day, minutes=round(hour * 60))

    def _tell(self, text: str, *about: str) -> None:
        self.year.story.tell(self.year.now, text, *about)

    def _soon(self) -> None:
        self.year.wake(self.year.now + SOON)

    # --- the diary -------------------------------------------------------------------------------------------

    def _anchors(self) -> None:
        """Meetings far away that no rule is about: a calendar is never empty by right."""
        zone = self.year.diary.zone
        for number in range(9001, 9005):
            start = datetime(2027, 6, number - 9000, 10, tzinfo=zone)
            both = frozenset({"feed", "work"})
            self.year.diary.add(Appointment(number, "planning", start, 60, {COLLEAGUE: "ACCEPTED"}, both))

    def _book(self) -> None:
        """Somebody makes an appointment, mostly with one person, in the coming days."""
        year, dice = self.year, self.dice
        day = year.now.astimezone(year.diary.zone).date() + timedelta(days=dice.randrange(1, 12))
        start = datetime.combine(day, time(dice.choice((7, 9, 11, 15, 18, 22)), 30), year.diary.zone)
        free = [email for email in PEOPLE if self._is_free(email, start)]
        if not free:
            return
        guests = dice.sample(free, min(len(free), dice.choice((1, 1, 1, 2))))
        number = len(year.diary.meetings) + 1 + year.number
        kind = dice.choice(("coffee", "coffee", "coffee", "strategy", "lunch"))
        host = ME if dice.random() < 0.7 else guests[0]
        shown = dice.choice((frozenset({"feed"}), frozenset({"work"}), frozenset({"feed", "work"})))
        one = Appointment(number, kind, start, 60, dict.fromkeys(guests, "ACCEPTED"), shown, host)
        if host != ME:
            one = Appointment(number, kind, start, 60, dict.fromkeys(guests[1:], "ACCEPTED"), shown, host)
        year.diary.add(one)
        self._tell(f"{one.title} is booked with {', '.join(guests)} for {start:%a %d %b %H:%M}", *guests, f"#{number}")
        self._soon()
        self._changes(number, one)

    def _is_free(self, email: str, start: datetime) -> bool:
        meetings = self.year.diary.meetings.values()
        return all(abs(one.start - start) > APART for one in meetings if email in one.people | set(one.guests))

    def _changes(self, number: int, one: Appointment) -> None:
        """What may become of an appointment before and after it."""
        dice, year = self.dice, self.year
        if dice.random() < 0.45:
            span = one.end - year.now + dice.choice((-1, 1, 1, 2)) * DAY * dice.random()
            what = dice.choice((self._move, self._cancel, self._decline, self._mark, self._delete, self._retitle))
            year.at(year.now + max(span, HOUR), lambda: what(number))

    def _change(self, number: int, text: str, **fields: Unpack[Edit]) -> None:
        diary = self.year.diary
        if number not in diary.meetings:
            return
        after = diary.change(number, **fields)
        self._tell(f"{after.title} {text}", *after.people, f"#{number}")
        self._soon()

    def _move(self, number: int) -> None:
        one = self.year.diary.meetings.get(number)
        if one is None:
            return
        start = one.start + self.dice.choice((2 * HOUR, DAY, 3 * DAY, -2 * HOUR))
        self._change(number, f"is moved to {start:%a %d %b %H:%M}", start=start)

    def _cancel(self, number: int) -> None:
        self._change(number, "is cancelled", cancelled=True)

    def _decline(self, number: int) -> None:
        one = self.year.diary.meetings.get(number)
        if one is not None and one.guests:
            email = self.dice.choice(sorted(one.guests))
            self._change(number, f"is declined by {email}", guests={**one.guests, email: "DECLINED"})

    def _mark(self, number: int) -> None:
        mark = self.dice.choice((" #nofollow", " #noshow"))
        self._change(number, f"is marked{mark}", marks=mark)

    def _retitle(self, number: int) -> None:
        self._change(number, "gets another title", marks=" (moved rooms)")

    def _delete(self, number: int) -> None:
        """Only what is still to come: of the past nobody can tell deleting from rolling out of the feed."""
        diary = self.year.diary
        one = diary.meetings.get(number)
        if one is not None and one.start > self.year.now + HOUR:
            self._tell(f"{one.title} is deleted", *one.people, f"#{number}")
            diary.delete(number)
            self.plagues.deleted.append((self.year.now, one))
            self._soon()

    def _stranger(self) -> None:
        """An invitation from somebody unknown, never answered."""
        start = self.year.now + 2 * DAY
        number = 5000 + self.year.number
        guests = {ME.replace("robin", "other"): "ACCEPTED"}
        both = frozenset({"work"})
        self.year.diary.add(
            Appointment(number, "coffee", start, 30, guests, both, "stranger@spam.example", "NEEDS-ACTION")
        )
        self._soon()

    # --- the user --------------------------------------------------------------------------------------------

    def react(self, sheet: Sheet) -> None:
        """The user finds a draft, and does something with it hours or days later."""
        dice = self.dice
        what = dice.choices(
            (self._send, self._edit_and_send, self._edit, self._trash, self._discard, self._open, self._skip,
             self._snooze, self._send_anew, self._nothing),
            (34, 12, 8, 9, 6, 14, 4, 4, 6, 3),
        )[0]  # fmt: skip
        wait = dice.choice((HOUR, 3 * HOUR, DAY, 3 * DAY)) * dice.uniform(0.3, 1.5)
        self.year.at(self.year.now + wait, lambda: what(sheet))

    def _lies(self, sheet: Sheet) -> bool:
        return sheet.status == "lying"

    def _send(self, sheet: Sheet, more: str = "", message_id: str | None = None) -> None:
        if not self._lies(sheet):
            return
        now, mail = self.year.now, self.year.mail
        raw = letters.resent(mail.message(sheet.ref), now, more=more, message_id=message_id)
        mail.send(sheet.ref, raw)
        sheet.status, sheet.since, sheet.sent_as = "sent", now, message_id or ""
        self.year.truth.letters.append(Contact(now.replace(microsecond=0), sheet.email, theirs=False))
        if sheet.skewed:  # sent before it was placed, by the clock of the machine: the contact is counted from then
            self.year.truth.vague[sheet.email] = max(now, sheet.by_clock)
            if message_id and sheet.key[0] == "thank-you":  # and it may be the thanks for any meeting before
                self.year.truth.thanked.append((sheet.email, now))
        words = f", with the Message-ID {message_id}" if message_id else ""
        self._tell(f"the user sends the {sheet.key[0]} to {sheet.email}{words}", *self._about(sheet))
        self._soon()
        self._answers(sheet, message_id or sheet.message_id)

    def _send_anew(self, sheet: Sheet) -> None:
        self._send(sheet, message_id=f"<sent-{sheet.ref}-{self.year.seed}@phone.example>")

    def _edit_and_send(self, sheet: Sheet) -> None:
        self._send(sheet, more="It was a pleasure.\n")

    def _edit(self, sheet: Sheet) -> None:
        if not self._lies(sheet):
            return
        mail = self.year.mail
        mail.edit(sheet.ref, letters.edited(mail.message(sheet.ref), "A word of my own.\n"))
        sheet.touched = True
        self._tell(f"the user edits the {sheet.key[0]} to {sheet.email}", *self._about(sheet))
        self._soon()
        self.year.at(self.year.now + self.dice.uniform(0.2, 9) * DAY, lambda: self._finish(sheet))

    def _finish(self, sheet: Sheet) -> None:
        self.dice.choice((self._send, self._trash, self._discard, self._nothing))(sheet)

    def _trash(self, sheet: Sheet) -> None:
        if self._lies(sheet):
            self.year.mail.trash(sheet.ref)
            self._gone(sheet, "trashed", "puts into Trash")

    def _discard(self, sheet: Sheet) -> None:
        if self._lies(sheet):
            if self.year.machine.has_not_written(sheet.message_id):
                self.year.truth.forgiven.add(sheet.key)  # nobody can know that it lay there
            self.year.mail.discard(sheet.ref)
            self._gone(sheet, "discarded", "deletes for good")

    def _gone(self, sheet: Sheet, status: str, words: str) -> None:
        if self.year.machine.skew:
            self.year.truth.lose_track(sheet)
        sheet.status, sheet.since = status, self.year.now
        self._tell(f"the user {words} the {sheet.key[0]} to {sheet.email}", *self._about(sheet))
        self._soon()

    def _open(self, sheet: Sheet) -> None:
        """Open in an editor for a while: the draft is in no folder."""
        if not self._lies(sheet):
            return
        span = self.dice.choice((10, 30, 50, 90, 200)) * timedelta(minutes=1)
        self.year.mail.open(sheet.ref)
        sheet.status = "open"
        minutes = span // timedelta(minutes=1)
        self._tell(f"the user opens the {sheet.key[0]} to {sheet.email} for {minutes} min", *self._about(sheet))
        self._soon()
        self.year.at(self.year.now + span, lambda: self._close(sheet, long=span > 50 * timedelta(minutes=1)))

    def _close(self, sheet: Sheet, *, long: bool) -> None:
        self.year.mail.close(sheet.ref)
        sheet.status, sheet.long_open = "lying", sheet.long_open or long
        self._tell(f"the user closes the {sheet.key[0]} to {sheet.email}", *self._about(sheet))
        self._soon()
        self.react(sheet)

    def _nothing(self, sheet: Sheet) -> None:
        """Some drafts just lie there."""

    def _skip(self, sheet: Sheet) -> None:
        now = self.year.machine.clock(self.year.now)
        if self._by_hand(sheet, lambda record: byhand.skipped(record, now), "you skipped it"):
            self.year.truth.skipped.add(sheet.key)
            sheet.put_off = True
            self.year.truth.lose_track(sheet)
            self._tell(f"the user skips the {sheet.key[0]} to {sheet.email}", *self._about(sheet))

    def _snooze(self, sheet: Sheet) -> None:
        now = self.year.machine.clock(self.year.now)
        until = now + self.dice.uniform(1, 4) * DAY
        if self._by_hand(sheet, lambda record: byhand.snoozed(record, now, until), "you snoozed it"):
            self.year.truth.snoozed[sheet.key] = until
            sheet.put_off = True
            self.year.truth.lose_track(sheet)
            self._tell(f"the user snoozes the {sheet.key[0]} to {sheet.email} until {until:%d %b %H:%M}",
                       *self._about(sheet))  # fmt: skip

    def _by_hand(self, sheet: Sheet, change: Callable[[Record], Record], cause: str) -> bool:
        """By command, on the ledger as it is; the user does so only on a machine that is well."""
        machine = self.year.machine
        if not self._lies(sheet) or sheet.touched or machine.full or self.year.now < self.year.asleep_until:
            return False
        ledger = machine.open()
        known = next((one for one in ledger.records() if one.message_id == sheet.message_id), None)
        if known is None:
            return False
        try:
            byhand.write(ledger, known, known, change, cause, machine.clock(self.year.now))
        except byhand.Refused:
            return False
        self._soon()
        return True

    def _own_letter(self) -> None:
        """The user writes of their own accord: a thank-you, or about something else."""
        year, now = self.year, self.year.now
        email = self.dice.choice(PEOPLE)
        thanks = self.dice.random() < 0.5
        subject = "Many thanks for your time" if thanks else "The figures you asked for"
        year.mail.deliver(letters.letter(ME, email, now, subject), now, Folder.SENT)
        year.truth.letters.append(Contact(now.replace(microsecond=0), email, theirs=False))
        if thanks:
            year.truth.thanked.append((email, now.replace(microsecond=0)))
        self._tell(f"the user writes to {email}: {subject}", email)
        self._soon()

    @staticmethod
    def _about(sheet: Sheet) -> tuple[str, str]:
        return sheet.email, f"#{sheet.key[1]}"

    # --- people ----------------------------------------------------------------------------------------------

    def _answers(self, sheet: Sheet, message_id: str) -> None:
        """What comes back when a note was sent: an answer, no answer, or what is none."""
        dice, year = self.dice, self.year
        if dice.random() < 0.35:
            kind = dice.choice(letters.NO_ANSWERS)
            year.at(year.now + dice.uniform(0.01, 1) * DAY, lambda: self._not_an_answer(sheet, message_id, kind))
        if dice.random() < 0.5:
            year.at(year.now + dice.uniform(0.05, 12) * DAY, lambda: self._answer(sheet, message_id))

    def _answer(self, sheet: Sheet, message_id: str) -> None:
        now = self.year.now
        self.year.mail.deliver(letters.reply(sheet.email, now, "your note", message_id), now)
        self._wrote(sheet.email, "answers")

    def _not_an_answer(self, sheet: Sheet, message_id: str, kind: str) -> None:
        now = self.year.now
        self.year.mail.deliver(letters.not_an_answer(kind, sheet.email, now, "your note", message_id), now)
        self._tell(f"a mail that is no answer comes from {sheet.email}: {kind}", sheet.email)
        self._soon()

    def _spontaneous(self) -> None:
        email = self.dice.choice(PEOPLE)
        now = self.year.now
        self.year.mail.deliver(letters.letter(email, ME, now, "Something I read"), now)
        self._wrote(email, "writes")

    def _wrote(self, email: str, words: str) -> None:
        now = self.year.now.replace(microsecond=0)
        truth = self.year.truth
        truth.letters.append(Contact(now, email, theirs=True))
        if truth.vague.get(email, NEVER) <= self.year.now:
            truth.vague.pop(email, None)
        for sheet in truth.sheets.values():
            if sheet.email == email and sheet.status == "sent":
                sheet.answered = True
        self._tell(f"{email} {words}", email)
        self._soon()
