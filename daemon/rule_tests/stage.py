"""Sets up what a test says: meetings, mails, and the drafts of earlier days, which the planner itself asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from config.people import PeopleBook, persons
from daemon.drafting import note_of, record_of
from rules.history import History, Record, RuleAge
from rules.language import mark_of
from rules.life import Happening, happens
from rules.model import (
    Answer,
    Attendee,
    Direction,
    FollowUp,
    Mail,
    MailKind,
    Meeting,
    Status,
    address,
    without_tag,
)
from rules.people import Directory
from rules.plan import Plan, plan
from rules.sandbox import TemplateFault
from rules.scene import Scene
from rules.world import World

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from config.load import Configuration
    from config.rule_tests import GivenDraft, GivenMail, GivenMeeting, RuleTest, RuleTestFile
    from rules.almanac import Almanac

AHEAD = timedelta(days=14)
"""How far a test looks, as `afterword plan` does."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_YEARS = timedelta(days=3660)
_HAPPENINGS = {
    "sent": (Happening.SENT, "you sent it"),
    "edited": (Happening.EDITED, "you edited it"),
    "deleted": (Happening.TRASHED, "you put it into Trash"),
    "skipped": (Happening.SKIPPED, "you skipped it"),
    "snoozed": (Happening.SNOOZED, "you snoozed it"),
}


class NoSuchDraftError(Exception):
    """The rules place no draft as the test begins with. `number` is its place in the test, `coming` what they ask for.

    That is what comes of its rule from then on, in two weeks.
    """

    def __init__(self, number: int, coming: tuple[FollowUp, ...]) -> None:
        super().__init__(number)
        self.number = number
        self.coming = coming


@dataclass(frozen=True)
class Stage:
    """One test, set up: `now` and `until` bound what is expected."""

    configuration: Configuration
    file: RuleTestFile
    test: RuleTest

    @property
    def almanac(self) -> Almanac:
        """The user's zone and holidays."""
        return self.configuration.almanac

    @cached_property
    def now(self) -> datetime:
        """The moment from which the test looks ahead."""
        if self.test.at is not None:
            return self.test.at.on(self.almanac)
        assert self.meeting is not None
        return self.meeting.end

    @cached_property
    def until(self) -> datetime:
        """Up to when drafts are expected."""
        return self.test.until.on(self.almanac) if self.test.until else self.now + AHEAD

    @cached_property
    def directory(self) -> Directory:
        """Whom the user knows in this test."""
        return Directory.of([persons(PeopleBook(people=self.file.people))])

    @cached_property
    def meeting(self) -> Meeting | None:
        """The meeting that the test is about."""
        return self._meeting(self.test.meeting, 0) if self.test.meeting is not None else None

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """All meetings of the test."""
        others = (self._meeting(one, number) for number, one in enumerate(self.test.meetings, 1))
        return (*([self.meeting] if self.meeting else []), *others)

    @cached_property
    def mails(self) -> tuple[Mail, ...]:
        """All mails of the test."""
        return tuple(self._mail(one, number) for number, one in enumerate(self.test.mails))

    @cached_property
    def world(self) -> World:
        """What is known at `now`.

        Raises:
            NoSuchDraftError: the rules did not ask for a draft that the test begins with.
        """
        return self._world(self.now, self.meetings, _Past(self).records())

    def plan(self) -> Plan:
        """What the rules ask for from `now` to `until`.

        Raises:
            NoSuchDraftError: see `world`.
        """
        return plan(self.now, self.world, self.until)

    def asked(self, moment: datetime, records: Sequence[Record]) -> Iterator[FollowUp]:
        """What a cycle at an earlier moment placed: with the meetings that had begun, else with all.

        A later meeting may not have been in the calendar yet; that of a brief was.
        """
        begun = tuple(one for one in self.meetings if one.start <= moment)
        for meetings in (begun, self.meetings):
            yield from plan(moment, self._world(moment, meetings, records)).place

    def coming(self, moment: datetime, records: Sequence[Record]) -> tuple[FollowUp, ...]:
        """What was coming at an earlier moment."""
        return plan(moment, self._world(moment, self.meetings, records), moment + AHEAD).follow_ups

    def _world(self, moment: datetime, meetings: Iterable[Meeting], records: Sequence[Record]) -> World:
        made, rules = self.configuration, self.configuration.rules
        kept = tuple(records)
        return World(
            rules=rules,
            scene=Scene(tuple(meetings), kept, self.directory, made.me, made.writers),
            history=History(
                records=kept,
                mails=tuple(mail for mail in self.mails if mail.at <= moment),
                ages={rule.id: RuleAge(mark_of(rule), _LONG_AGO) for rule in rules},
            ),
            almanac=made.almanac,
            courtesy=made.courtesy,
            backfill=made.backfill,
            calendars=frozenset(one.id for one in made.settings.calendars),
            start=moment - _YEARS,
            end=moment + _YEARS,
        )

    def _meeting(self, given: GivenMeeting, number: int) -> Meeting:
        me, almanac = self.configuration.me, self.almanac
        end = given.ends.on(almanac)
        start = given.lasts.before(end, almanac)
        if given.all_day:
            day = almanac.day_of(end)
            start, end = almanac.midnight(day), almanac.midnight(day + timedelta(days=1))
        declined = {address(one) for one in given.declined}
        guests = [self._guest(one, declined) for one in given.with_]
        named = {guest.email for guest in guests}
        guests += [self._guest(one, declined) for one in given.declined if address(one) not in named]
        mine = given.organiser == "me"
        answer = Answer(given.answer)
        myself = Attendee(me.emails[0], me.name, answer)
        organiser = Attendee(me.emails[0], me.name, Answer.ACCEPTED) if mine else self._guest(given.organiser, declined)
        calendars = self.configuration.settings.calendars
        return Meeting(
            uid=f"meeting-{number}",
            original=start if given.recurring else None,
            calendars=(given.calendar or next((one.id for one in calendars), "calendar"),),
            title=given.title,
            start=start,
            end=end,
            description=given.description,
            location=given.location,
            all_day=given.all_day,
            recurring=given.recurring,
            status=Status.CANCELLED if given.cancelled else Status.CONFIRMED,
            organiser=organiser,
            attendees=(*guests, *([] if mine and answer is Answer.ACCEPTED else [myself])),
        )

    def _guest(self, written: str, declined: set[str]) -> Attendee:
        name, _, rest = written.rpartition("<")
        email = address(rest.rstrip(">"))
        answer = Answer.DECLINED if email in declined else Answer.ACCEPTED
        return Attendee(email, name.strip() or _name_of(email), answer)

    def _mail(self, given: GivenMail, number: int) -> Mail:
        others = (given.from_,) if given.from_ is not None else given.to
        return Mail(
            message_id=f"<mail-{number}@test.invalid>",
            direction=Direction.IN if given.from_ is not None else Direction.OUT,
            at=given.at.on(self.almanac),
            others=tuple(map(address, others)),
            subject=given.subject,
            kind=MailKind(given.kind),
            away_until=given.away_until.on(self.almanac) if given.away_until else None,
        )


def _name_of(email: str) -> str:
    """`dana.okafor@acme.example` is Dana Okafor, where nobody says her name."""
    words = re.split(r"[._-]+", without_tag(email).partition("@")[0])
    return " ".join(word.capitalize() for word in words if word)


class _Past:
    """Plays the drafts of earlier days, and what was done with them, in the order of time."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.known: dict[int, Record] = {}

    def records(self) -> tuple[Record, ...]:
        """The ledger as these days leave it."""
        events: list[tuple[datetime, int, int, str]] = []
        for number, draft in enumerate(self.stage.test.drafts):
            said = {name: getattr(draft, name) for name in ("placed", "edited", *_HAPPENINGS)}
            at = {name: when.on(self.stage.almanac) for name, when in said.items() if when is not None}
            events += [(when, number, order, name) for order, (name, when) in enumerate(at.items())]
        for when, number, _, name in sorted(events):
            draft = self.stage.test.drafts[number]
            self.known[number] = (
                self._placed(draft, number, when) if name == "placed" else self._done(number, name, when)
            )
        return tuple(self.known.values())

    def _placed(self, draft: GivenDraft, number: int, when: datetime) -> Record:
        stage, so_far = self.stage, tuple(self.known.values())
        found = next((one for one in stage.asked(when, so_far) if self._is(one, draft)), None)
        if found is None:
            coming = (one for one in stage.coming(when, so_far) if one.rule == draft.rule)
            raise NoSuchDraftError(number, tuple(coming))
        try:
            subject = note_of(found, stage.configuration, stage.configuration.me, when).subject
        except TemplateFault:
            subject = ""
        known = {"placed": when, "message_id": f"<{found.id}@test.invalid>", "subject": subject}
        return happens(record_of(found, None, when), Happening.PLACED, found.why, when, **known).record

    def _done(self, number: int, name: str, when: datetime) -> Record:
        what, cause = _HAPPENINGS[name]
        until = self.stage.test.drafts[number].until
        known: dict[str, datetime] = {"sent": when} if name == "sent" else {}
        if name == "snoozed" and until is not None:
            known = {"snoozed_until": until.on(self.stage.almanac)}
        return happens(self.known[number], what, cause, when, **known).record

    def _is(self, one: FollowUp, draft: GivenDraft) -> bool:
        return (one.rule, one.step) == (draft.rule, draft.step) and is_to(one, draft.to, self.stage.directory)


def is_to(follow_up: FollowUp, written: Sequence[str], directory: Directory) -> bool:
    """Whether it goes to just these people; `me` is me."""
    if follow_up.to_me or "me" in written:
        return follow_up.to_me and tuple(written) == ("me",)
    return {directory.key(one.email) for one in follow_up.recipients} == {directory.key(one) for one in written}
