"""Meeting requests (`afterword ask`): what the user asked for, the note that comes of it, and when that is over."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.attendance import is_mine, my_answer
from rules.free import MANY, Busy, Hours, Question, free_times, takes_time, zone_of
from rules.greeting import called
from rules.history import FINAL, OPEN, State
from rules.model import Answer, Attendee, FollowUp, Hold, Recipient, without_tag
from rules.moments import moment
from rules.timing import Duration
from rules.wish import Wish, snoozed
from rules.world import follow_up_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.free import Span
    from rules.history import Ask, Record
    from rules.model import Meeting, Person
    from rules.world import World

STEP = "ask"
"""The step of a meeting request, whose rule is null; also the name of its template, where the user names no other."""

LENGTH = Duration(minutes=30)
WITHIN = Duration(days=14)
LONGEST = Duration(minutes=8 * 60)
FURTHEST = Duration(days=28)
"""Further ahead the calendars need not be expanded (`rules.reach`)."""

SOON = timedelta(hours=2)
"""A time that begins sooner than this is none to offer any more."""

_AHEAD = Duration(business_days=1)
"""The first time that is offered lies at least so far ahead."""

_PATIENCE = timedelta(days=1)
"""So long a request waits for a calendar that does not answer; then it comes without times."""

_UNPLACED = frozenset({State.PLANNED, State.PLACED, State.EDITED, State.SNOOZED, State.WITHDRAWN})
_ENDED = {State.ANSWERED: "they answered", State.VETOED: "you deleted its draft"}
_ORDER = (1 << 30, 0)
"""Behind everything that the rule files ask for."""


def follow_up_of(ask: Ask) -> str:
    """The id of the follow-up of a request."""
    return follow_up_id(ask.id, None, STEP, without_tag(ask.email))


def ask_id(email: str, at: datetime) -> str:
    """The id of a request: a hash of whom and when."""
    told = f"{without_tag(email)}\x1e{at.isoformat()}"
    return b32encode(hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()).decode()[:12].lower()


def is_ask(record: Record) -> bool:
    """Whether a follow-up is a meeting request."""
    return record.rule is None and record.step == STEP


def key_of(world: World, ask: Ask) -> str:
    """The key of the person who is asked."""
    return world.directory.key(ask.email)


def person_of(world: World, ask: Ask) -> Person:
    """The person who is asked, as the books have them."""
    return world.directory.person(Attendee(ask.email, ask.name))


def ended(world: World, ask: Ask) -> str:
    """By what the request is over; nothing where it is not."""
    if ask.ended is not None:
        return ask.why
    record = world.records.get(follow_up_of(ask))
    if record is not None and record.state in _ENDED:
        return _ENDED[record.state]
    person = person_of(world, ask)
    if person.do_not_contact:
        return f"{ask.email} is marked do_not_contact"
    meeting = next((one for one in upcoming(world, key_of(world, ask), ask.at) if one.uid not in ask.known), None)
    if meeting is None:
        return ""
    return f"a meeting with {called(person)} stands in the calendar: '{meeting.title[:60]}'"


def is_over(world: World, ask: Ask, now: datetime) -> str:
    """By what the request is over, also by time alone; nothing where it is not."""
    if why := ended(world, ask):
        return why
    record = world.records.get(follow_up_of(ask))
    late = record is not None and record.state is State.SENT and not is_open(world, ask, now)
    return f"they have not answered within {ask.within}" if late else ""


def is_open(world: World, ask: Ask, now: datetime) -> bool:
    """Whether something is to be expected of it still: its draft is to come, lies there, or waits for an answer."""
    if ended(world, ask):
        return False
    record = world.records.get(follow_up_of(ask))
    if record is None or record.state in _UNPLACED:
        return True
    return record.state is State.SENT and record.sent is not None and now < ask.within.after(record.sent, world.almanac)


def open_to(world: World, key: str, now: datetime) -> Ask | None:
    """The open request to this person."""
    asks = (ask for ask in world.history.asks if key_of(world, ask) == key)
    return next((ask for ask in asks if is_open(world, ask, now)), None)


def upcoming(world: World, key: str, instant: datetime) -> Iterator[Meeting]:
    """The meetings with a person that end after this instant, also those whose invitation I have not answered.

    What lasts all day is none: a birthday names somebody, too.
    """
    for meeting in world.merged:
        attendance = world.attendances[meeting.identity]
        if meeting.all_day or meeting.end <= instant or not attendance.lets("not_cancelled", "counts"):
            continue
        answer = my_answer(meeting, world.me)
        declined = answer is not None and answer.answer is Answer.DECLINED
        if declined or not (answer or is_mine(meeting, world.me)):
            continue
        if key in world.keys(person.email for person in attendance.people):
            yield meeting


def wishes(world: World, now: datetime) -> Iterator[Wish]:
    """The notes of the requests that have none yet. One that is over is told as cancelled."""
    asks = sorted(world.history.asks, key=lambda ask: (ask.at, ask.id))
    taken = [span for ask in asks for span in _offered(world, ask, now)]
    for ask in asks:
        record = world.records.get(follow_up_of(ask))
        if record is not None and record.state in FINAL | OPEN:
            continue
        if why := ended(world, ask):
            yield _wish(world, ask, now, None, why)
            continue
        slots = () if world.unanswered else times(world, ask, now, taken)
        taken += slots
        yield _wish(world, ask, now, slots, "")


def _offered(world: World, ask: Ask, now: datetime) -> tuple[Span, ...]:
    """The times that lie in a draft, or were sent, and may be taken by this person."""
    record = world.records.get(follow_up_of(ask))
    if record is None or record.state not in {*OPEN, State.SENT} or not is_open(world, ask, now):
        return ()
    return record.slots or ()


def times(world: World, ask: Ask, now: datetime, taken: Iterable[Span] = (), many: int = MANY) -> tuple[Span, ...]:
    """Free times for the request, if its draft is made now (or when it was snoozed to).

    None of those `taken`, which others may be about to accept.
    """
    record = world.records.get(follow_up_of(ask))
    asleep = record.snoozed_until if record is not None and record.state is State.SNOOZED else None
    made = max(now, ask.at, asleep or now)
    start = _AHEAD.after(made, world.almanac)
    end = min(max(ask.within.after(made, world.almanac), start), world.end)
    hours = Hours(world.almanac.working_hours, zone_of(person_of(world, ask), world.almanac))
    question = Question(timedelta(minutes=ask.length.minutes), start, end, world.almanac, hours)
    return free_times(question, busy(world, start, end, taken), many)


def busy(world: World, start: datetime, end: datetime, more: Iterable[Span] = ()) -> Busy:
    """What is taken near a span of time, by all events of all calendars, and `more`."""
    start, end = start - timedelta(days=1), end + timedelta(days=1)
    near = (one for one in world.merged if one.start < end and one.end > start)
    return Busy.of((*((one.start, one.end) for one in near if takes_time(one, world.me)), *more))


def lost(world: World, slots: Iterable[Span], now: datetime) -> tuple[tuple[Span, str], ...]:
    """Those of the times that a draft offers that are to be had no more, each with why: `taken` or `past`."""
    several = tuple(slots)
    if not several:
        return ()
    there = busy(world, min(start for start, _ in several), max(end for _, end in several))
    told = ((span, "past" if span[0] - SOON <= now else "taken" if there.meets(span) else "") for span in several)
    return tuple((span, why) for span, why in told if why)


def unwanted(world: World, record: Record, now: datetime) -> str:
    """Why the untouched draft of a request is no longer wanted as it is: it is over, or its times are no longer so."""
    ask = next((one for one in world.history.asks if follow_up_of(one) == record.id), None)
    if ask is None or not is_ask(record):
        return ""
    if why := ended(world, ask):
        return why
    if record.slots is None or world.unanswered:  # what a calendar does not say changes nothing
        return ""
    if not record.slots:
        return "there are free times now" if times(world, ask, now) else ""
    gone = lost(world, record.slots, now)
    return told(gone, world.almanac, now) if gone else ""


def told(gone: Iterable[tuple[Span, str]], almanac: Almanac, now: datetime) -> str:
    """`Tue 3 March 10:00, which it offers, is taken now`."""
    span, why = next(iter(gone))
    what = "is taken now" if why == "taken" else "is past" if span[0] <= now else "is too near now"
    return f"{moment(span[0], almanac, now)}, which it offers, {what}"


def turns(world: World, now: datetime) -> Iterator[datetime]:
    """The instants after now at which time alone makes a request another one."""
    for record in world.history.records:
        if record.state is State.PLACED and record.slots:
            yield from (start - SOON for start, _ in record.slots if start - SOON > now)
    for ask in world.history.asks:
        if ask.ended is None and ask.at + _PATIENCE > now:
            yield ask.at + _PATIENCE


def _wish(world: World, ask: Ask, now: datetime, slots: tuple[Span, ...] | None, cancelled: str) -> Wish:
    person = person_of(world, ask)
    record = world.records.get(follow_up_of(ask))
    follow_up = FollowUp(
        id=follow_up_of(ask),
        rule=None,
        step=STEP,
        template=ask.template,
        anchor=ask.id,
        people=(person,),
        recipients=(Recipient(person.name, ask.email),),
        meeting=None,
        due=ask.at,
        by=None,
        expires=None,
        why=f"you asked for it on {moment(ask.at, world.almanac, now)}",
        sender=world.me.emails[0],
        slots=slots,
    )
    follow_up = snoozed(follow_up, record)
    if not cancelled and follow_up.due <= now:
        follow_up = _without_times(world, ask, follow_up, now)
    return Wish(follow_up, _ORDER, None, None, exempt=True, cancelled=cancelled)


def _without_times(world: World, ask: Ask, follow_up: FollowUp, now: datetime) -> FollowUp:
    """What there is to say where no times can be offered. A calendar that does not answer is waited for, for a while.

    None is offered that it might not leave free.
    """
    if follow_up.slots:
        return follow_up
    if not world.unanswered:
        why = f"no time in the next {ask.within} is free and within the working hours of both of you"
        return replace(follow_up, why=f"{follow_up.why}; {why}")
    silent = f"no free times are known: {' and '.join(sorted(world.unanswered))} does not answer"
    if now < ask.at + _PATIENCE:
        return replace(follow_up, hold=Hold(silent, ends="the calendar answers"))
    return replace(follow_up, why=f"{follow_up.why}; {silent}")
