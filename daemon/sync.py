"""A calendar as it is now, and what is believed of it: the meetings of a window of time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError, PermissionNeededError, TransientError
from daemon.intake import Intake
from daemon.ledger import calendars
from daemon.ledger.codec import storable
from daemon.ledger.model import Part
from daemon.source_names import calendar_called
from daemon.suspects import Watch
from daemon.window import Question, Window
from rules.almanac import Almanac
from rules.doubt import BELIEVED, LASTS, Doubt, doubt, stays_held
from rules.model import Kind, Meeting, Status
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from connectors.base import Calendar, Listing
    from daemon.ledger import Ledger
    from daemon.ledger.calendars import Account


class NotAskedError(TransientError):
    """Nobody asked: what was last known has to do, and nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What a calendar says.

    `meetings` are those of the window, with the doubted and the held ones; `doubted` the identities of those
    that it lacks in a way that is not believed before `believed`. `problems` are news, `standing` those that are known.
    `fresh` is false when the calendar could not be asked and this is what was known before, `asked` when nobody tried
    to; `needs_user` is why, where the user has to give a permission first.
    """

    calendar: str
    meetings: tuple[Meeting, ...]
    believed: datetime
    doubted: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    standing: tuple[Problem, ...] = ()
    fresh: bool = True
    asked: bool = True
    needs_user: Problem | None = None


def with_people(meeting: Meeting) -> bool:
    """Whether somebody besides rooms and resources is named by the meeting itself."""
    return meeting.organiser is not None or any(
        attendee.kind not in {Kind.ROOM, Kind.RESOURCE} for attendee in meeting.attendees
    )


def sync(  # noqa: PLR0917 - the cycle names what it asks for in this order
    ledger: Ledger,
    calendar: Calendar,
    start: datetime,
    end: datetime,
    zone: str,
    now: datetime,
    *,
    write: bool,
    has_people: Callable[[Meeting], bool] = with_people,
    progress: Callable[[int, int], None] | None = None,
) -> Synced:
    """Ask a calendar what changed, take that into the ledger, and answer with the meetings in [start, end).

    Cost grows with what changed. With `write=False` what changed is worked out in memory, and the disk is left
    alone. `progress` is told how many of the changed resources are done, of how many.

    Raises:
        LedgerError: the ledger cannot be read or written. A calendar that fails raises nothing.
    """
    question = Question(calendar.id, Window.around(start, end), zone, now)
    return _Sync(ledger, calendar, question, has_people, write=write).run(progress)


def is_unchanged(  # noqa: PLR0917 - as `sync`
    ledger: Ledger, calendar: Calendar, start: datetime, end: datetime, zone: str, now: datetime
) -> bool:
    """Whether `sync` would find what it found the last time; asks for the listing, and reads nothing.

    Raises:
        ConnectorError: the calendar cannot be asked.
    """
    question = Question(calendar.id, Window.around(start, end), zone, now)
    with ledger.reading() as connection:
        account = calendars.account(connection, question.calendar)
        tags = calendars.tags(connection, question.calendar)
        stale = calendars.stale(connection, question.calendar, question.window.start, question.window.end)
        missing = calendars.missing(connection, question.calendar)
    if (
        account.reading != question.reading
        or stale
        or missing
        or account.doubt_since is not None
        or "" in tags.values()
    ):
        return False
    listing = calendar.list(tags, account.note)
    return dict(listing.tags) == dict(tags) and listing.note == account.note


class _Sync:
    def __init__(
        self,
        ledger: Ledger,
        calendar: Calendar,
        question: Question,
        has_people: Callable[[Meeting], bool],
        *,
        write: bool,
    ) -> None:
        self.ledger = ledger
        self.calendar = calendar
        self.question = question
        self.id = question.calendar
        self.window = question.window
        self.now = question.now
        self.write = write
        self.has_people = has_people
        self.news: list[Problem] = []
        self.dropped: list[Meeting] = []
        self.waits = False
        """Something new did not come: what is missing may have gone there, which the next cycle knows."""

    def run(self, progress: Callable[[int, int], None] | None) -> Synced:
        """List, take in what changed, judge what is missing, answer."""
        with self.ledger.reading() as connection:
            account = calendars.account(connection, self.id)
            tags = calendars.tags(connection, self.id)
            stale = calendars.stale(connection, self.id, self.window.start, self.window.end)
        anew = account.reading != self.question.reading
        known = {name: tag for name, tag in tags.items() if tag and not anew and name not in stale}
        try:
            listing = self.calendar.list(known, account.note)
            changed = [name for name, tag in listing.tags.items() if known.get(name) != tag]
            removed = tags.keys() - listing.tags.keys()
            if changed or removed or anew or listing.note != account.note:
                self.use_scratch()
                self.waits = bool(self.take_in(listing, changed, removed, account, progress) - tags.keys())
        except ConnectorError as error:
            return self.failed(error)
        if self.write:
            self.ledger.source_ok(self.id, self.now)
        return self.answer(self.judge(), fresh=True)

    def use_scratch(self) -> None:
        """Looking is free: what would be written goes into a copy in memory."""
        if not self.write:
            self.ledger = self.ledger.scratch()

    def take_in(
        self,
        listing: Listing,
        changed: Sequence[str],
        removed: set[str],
        account: Account,
        progress: Callable[[int, int], None] | None,
    ) -> set[str]:
        """Everything that changed, then the listing itself: a crash in between repeats, and loses nothing.

        What did not come is returned.
        """
        with Watch(self.ledger, write=self.write) as watch:
            intake = Intake(self.ledger, self.question, account.answers + 1, watch)
            if changed:
                intake.take(self.calendar.read(changed), listing.tags, progress, len(changed))
        self.news.extend(intake.new)
        self.dropped.extend(intake.dropped)
        account = replace(
            account,
            note=listing.note,
            reading=self.question.reading,
            answers=account.answers + 1,
        )
        with self.ledger.writing(Part.CALENDARS) as connection:
            calendars.mark_missing(connection, self.id, removed, self.now, listing.deleted)
            calendars.forget_resources(connection, self.id, removed)
            calendars.set_flaws(connection, self.id, removed, ())
            calendars.drop_moved(connection, self.id)
            calendars.set_account(connection, self.id, account)
        return intake.unread

    def judge(self) -> Doubt:
        """What the calendar lacks is believed gone, doubted, or stays held; written down as decided."""
        with self.ledger.reading() as connection:
            account = calendars.account(connection, self.id)
            missing = calendars.missing(connection, self.id)
            if not missing and not self.dropped and account.doubt_since is None:
                return BELIEVED
            rows = calendars.window(connection, self.id, self.window.start, self.window.end)
            met = {uid for uid, _, meetings in rows if any(map(self.counts, meetings))}
            seen = calendars.first_seen(connection, self.id)
            count, single, series = calendars.shown(connection, self.id)
            lacking = {component.uid: seen[component.uid] for component in missing}
            before = Doubt(account.doubt_since, account.doubt_answer)
            verdict = (
                replace(before, kept=frozenset(lacking))
                if self.waits
                else doubt({uid: seen[uid] for uid in met}, lacking, count, before, account.answers, self.now)
            )
            gone = {(one.resource, one.uid): one for one in missing if one.uid not in verdict.kept}
            last = calendars.old_meetings(connection, self.id, tuple(gone))
        took_place = [
            meeting
            for place, meetings in last.items()
            for meeting in meetings
            if not gone[place].deleted
            if stays_held(meeting, gone[place].missing_since or self.now, single, series)
        ]
        took_place += [meeting for meeting in self.dropped if stays_held(meeting, self.now, single, series)]
        if gone or took_place or verdict.since != account.doubt_since:
            self.use_scratch()
            with self.ledger.writing(Part.CALENDARS) as connection:
                calendars.hold(connection, self.id, took_place)
                calendars.forget(connection, self.id, {uid for _, uid in gone})
                account = replace(account, doubt_since=verdict.since, doubt_answer=verdict.answer)
                calendars.set_account(connection, self.id, account)
        return verdict

    def counts(self, meeting: Meeting) -> bool:
        """Whether the loss of the meeting would mean something."""
        return meeting.status is not Status.CANCELLED and self.has_people(meeting)

    def failed(self, error: ConnectorError) -> Synced:
        """The calendar did not answer: what was known stays, and the problem is told."""
        file = None if error.file is None else storable(error.file)
        problem = Problem(self.id, file, None, None, storable(error.message), error.hint)
        if self.write:
            self.ledger.source_failed(self.id, self.now, problem)
        with self.ledger.reading() as connection:
            account = calendars.account(connection, self.id)
            kept = frozenset(component.uid for component in calendars.missing(connection, self.id))
        self.news.append(problem)
        answer = self.answer(Doubt(account.doubt_since, account.doubt_answer, kept), fresh=False)
        needs_user = problem if isinstance(error, PermissionNeededError) else None
        return replace(answer, needs_user=needs_user, asked=not isinstance(error, NotAskedError))

    def answer(self, verdict: Doubt, *, fresh: bool) -> Synced:
        """The meetings of the window, and everything that stands in the way of more."""
        start, end = self.window.start, self.window.end
        believed = (verdict.since or self.now) + LASTS
        meetings: list[Meeting] = []
        doubted: set[str] = set()
        with self.ledger.reading() as connection:
            for _, lacking, several in calendars.window(connection, self.id, start, end):
                inside = [one for one in several if one.end > start or one.start >= start]
                meetings.extend(inside)
                if lacking:
                    doubted.update(one.identity for one in inside)
            held = calendars.held_meetings(connection, self.id, start, end)
            flaws = calendars.all_flaws(connection, self.id)
        if held:
            there = {meeting.identity for meeting in meetings}
            meetings.extend(meeting for meeting in held if meeting.identity not in there)
        news = set(self.news)
        standing = [problem for _, _, problem in flaws if problem not in news]
        if verdict.since is not None and verdict.kept:
            when = moment(believed, Almanac(self.question.zone), self.now)
            standing.append(_doubt_problem(self.id, len(verdict.kept), when))
        return Synced(self.id, tuple(meetings), believed, frozenset(doubted), tuple(self.news), tuple(standing), fresh)


def _doubt_problem(calendar: str, count: int, until: str) -> Problem:
    events = "1 event is" if count == 1 else f"{count} events are"
    return Problem(
        calendar,
        None,
        None,
        None,
        f"{events} suddenly missing from the {calendar_called(calendar)}; nothing is cancelled before {until}",
        "If you deleted them, there is nothing to do. If not, look whether the calendar is all there.",
    )
