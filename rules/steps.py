"""The steps that hang on a meeting: `after` it, and `before` it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rules.greeting import called
from rules.history import FINAL, OPEN, State
from rules.language import is_first_after, is_thank_you
from rules.match import found
from rules.model import Direction, FollowUp, Hold, Recipient, Thread, without_tag
from rules.moments import moment
from rules.past import is_familiar
from rules.promises import still_owed
from rules.timing import Timing, after_end, before_start
from rules.wish import Wish, snoozed
from rules.world import follow_up_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.attendance import Attendance
    from rules.history import Record
    from rules.language import Rule, Step
    from rules.model import Mail, Meeting, Person
    from rules.world import World

_SLACK = timedelta(days=21)
"""How far a window may move a due time; for leaving out meetings that cannot matter any more."""
_WEEK = timedelta(days=7)
_THREAD = timedelta(days=14)
_DONE = FINAL | OPEN
_GATES = ("accepted", "counts", "nofollow")
"""What is asked first. That a meeting is cancelled is told of the wish."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A step of a rule at a meeting."""

    world: World
    rule: Rule
    step: Step
    order: tuple[int, int]
    meeting: Meeting
    attendance: Attendance
    now: datetime


def wishes(world: World, now: datetime, until: datetime) -> Iterator[Wish]:
    """What `after` and `before` steps ask for up to `until`, whether or not it is due yet.

    What was drafted once is not asked for again. What is cancelled is told as such.
    """
    seen = min(now, world.history.last_cycle or now)
    for number, rule in enumerate(world.rules):
        for index, step in enumerate(rule.steps):
            if step.after is not None:
                reach = step.after.roughly + (step.expires.roughly if step.expires else _WEEK) + _SLACK
                start, end = seen - reach, until - step.after.roughly + _SLACK
            elif step.before is not None:
                start, end = seen - _SLACK, until + step.before.roughly + _SLACK
            else:
                continue
            for meeting in world.candidates(rule):
                if start <= (meeting.end if step.after is not None else meeting.start) <= end:
                    attendance = world.attendances[meeting.identity]
                    yield from _at(_Place(world, rule, step, (number, index), meeting, attendance, now))


def asked(world: World, rule: Rule, step: Step, meeting: Meeting, now: datetime) -> Iterator[Wish]:
    """What one `after` or `before` step asks for at one meeting, as among the `wishes`."""
    attendance = world.attendances[meeting.identity]
    if step.every is None and attendance.lets(*_GATES):
        yield from _at(_Place(world, rule, step, (0, 0), meeting, attendance, now))


def timing(step: Step, meeting: Meeting, almanac: Almanac) -> Timing:
    """When an `after` or `before` step is due at this meeting."""
    if step.before is not None:
        return before_start(meeting.start, step.before, step.window, almanac)
    assert step.after is not None
    return after_end(meeting.end, step.after, step.by, step.expires, step.window, almanac)


def before_window(step: Step, meeting: Meeting, almanac: Almanac) -> datetime:
    """When such a step would be due if every hour were within its window."""
    if step.before is not None:
        return step.before.before(meeting.start, almanac)
    assert step.after is not None
    return step.after.after(meeting.end, almanac)


def as_of(world: World, wish: Wish, now: datetime) -> Wish:
    """The wish as it is at a later moment: what I have written to them by then counts."""
    meeting = wish.follow_up.meeting
    if meeting is None or wish.rule is None or wish.step is None:
        return wish
    attendance = world.attendances[meeting.identity]
    then = _at(_Place(world, wish.rule, wish.step, wish.order, meeting, attendance, now))
    fresh = next((one for one in then if one.follow_up.id == wish.follow_up.id), None)
    if fresh is None:
        return wish
    asked = {recipient.email for recipient in wish.follow_up.recipients}  # another rule may write to the others
    recipients = tuple(one for one in fresh.follow_up.recipients if one.email in asked)
    if recipients == fresh.follow_up.recipients or not recipients:
        return fresh
    people = tuple(person for person in fresh.follow_up.people if person.email in asked)
    return replace(fresh, follow_up=replace(fresh.follow_up, recipients=recipients, people=people))


def _at(place: _Place) -> Iterator[Wish]:
    cancelled = not place.attendance.lets("not_cancelled")
    if place.step.after is not None and not cancelled and not place.attendance.held:
        return
    people = place.world.chosen(place.rule, place.meeting)
    if not people:
        return
    if place.step.before is not None:
        yield from _brief(place, people, cancelled=cancelled)
    elif place.step.to == "all":
        yield from _group(place, people, cancelled=cancelled)
    else:
        for person in people:
            yield from _each(place, person, cancelled=cancelled)


def _each(place: _Place, person: Person, *, cancelled: bool) -> Iterator[Wish]:
    earlier = _records_to(place, place.world.records_of(place.meeting), person)
    mine = [record for record in earlier if _same_step(record, place)]
    if any(record.state in _DONE for record in mine) or _drafted_elsewhere(earlier, place):
        return
    record = next((record for record in mine if not record.group), None)
    thanked = thanks(place.world, place.rule, place.step, place.meeting, person, place.now)
    told = _cancelled_word(cancelled=cancelled, thanked=thanked)
    yield _wish(place, (person,), record, without_tag(person.email), cancelled=told)


def _group(place: _Place, people: Sequence[Person], *, cancelled: bool) -> Iterator[Wish]:
    records = place.world.records_of(place.meeting)
    mine = [record for record in records if _same_step(record, place)]
    if any(record.group and record.state in _DONE for record in mine):
        return
    written = {key for record in mine if record.state in _DONE for key in place.world.keys(record.addresses)}
    rest = [person for person in people if not place.world.keys([person.email]) & written]
    rest = [person for person in rest if not _drafted_elsewhere(_records_to(place, records, person), place)]
    unthanked = [
        person for person in rest if not thanks(place.world, place.rule, place.step, place.meeting, person, place.now)
    ]
    if not rest:
        return
    record = next((record for record in mine if record.group), None)
    told = _cancelled_word(cancelled=cancelled, thanked=not unthanked)
    yield _wish(place, tuple(unthanked or rest), record, "*", cancelled=told, group=True)


def _records_to(place: _Place, records: Sequence[Record], person: Person) -> list[Record]:
    keys = place.world.keys([person.email])
    return [record for record in records if place.world.keys(record.addresses) & keys]


def _brief(place: _Place, people: tuple[Person, ...], *, cancelled: bool) -> Iterator[Wish]:
    to_me = [record for record in place.world.records_of(place.meeting) if record.to_me]
    mine = [record for record in to_me if _same_step(record, place)]
    if any(record.state in _DONE for record in mine) or _drafted_elsewhere(to_me, place):
        return
    told = _cancelled_word(cancelled=cancelled, thanked=False)
    yield _wish(place, (*people, *_familiar(place, people)), next(iter(mine), None), "me", cancelled=told)


def _familiar(place: _Place, people: Sequence[Person]) -> Iterator[Person]:
    """The others at the meeting whom I know: the rule says whether there is a brief, which then tells of them all."""
    world, by_then = place.world, min(place.now, place.meeting.start)
    chosen = world.keys(person.email for person in people)
    for person in place.attendance.people:
        other = world.directory.key(person.email) not in chosen and not person.do_not_contact
        if other and is_familiar(world, person, by_then):
            yield person


def _same_step(record: Record, place: _Place) -> bool:
    return record.rule == place.rule.id and record.step == place.step.id


def _drafted_elsewhere(records: Sequence[Record], place: _Place) -> bool:
    """The same template for the same person and meeting is drafted once over all rules; a veto binds them all."""
    return any(
        record.template in place.step.template and record.state in _DONE and not _same_step(record, place)
        for record in records
    )


def _cancelled_word(*, cancelled: bool, thanked: Mail | bool | None) -> str:
    if cancelled:
        return "the meeting was cancelled"
    return "you wrote a thank-you of your own" if thanked else ""


def _wish(
    place: _Place,
    people: tuple[Person, ...],
    record: Record | None,
    recipient: str,
    *,
    cancelled: str,
    group: bool = False,
) -> Wish:
    world, step, meeting = place.world, place.step, place.meeting
    to_me = step.before is not None
    when = timing(step, meeting, world.almanac)
    why = f"{step.before} before '{meeting.title}' begins" if to_me else f"{step.after} after '{meeting.title}' ended"
    words = [why, when.moved, "" if to_me else _other_mail(place, people)]
    me = Recipient(world.me.name, world.me.emails[0])
    marked, owed = marks_for(world, place.rule, step, meeting)
    recipients = (me,) if to_me else tuple(Recipient(person.name, person.email) for person in people)
    follow_up = FollowUp(
        id=record.id if record else follow_up_id(meeting.identity, place.rule.id, step.id, recipient),
        rule=place.rule.id,
        step=step.id,
        template=step.template[0],
        anchor=meeting.identity,
        people=people,
        recipients=recipients,
        meeting=meeting,
        due=when.due,
        by=when.by,
        expires=when.expires,
        why="; ".join(word for word in words if word),
        sender=world.me.emails[0] if to_me else place.attendance.sender,
        hold=_doubt(place),
        reply=None if to_me or step.thread == "new" else _thread(world, meeting, people),
        group=group,
        to_me=to_me,
        thanks=marked,
        owed=owed,
        takes_marks=is_first_after(place.rule, step),
    )
    follow_up = snoozed(follow_up, record)
    return Wish(follow_up, place.order, place.rule, step, exempt=to_me or step.by is not None, cancelled=cancelled)


def marks_for(world: World, rule: Rule, step: Step, meeting: Meeting) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the user marked for this note: to be thanked for, and promised and not ticked off."""
    if not meeting.marks or not is_first_after(rule, step):
        return (), ()
    return meeting.marks.thanks, still_owed(world, meeting)


def _doubt(place: _Place) -> Hold | None:
    until = place.world.doubted_until(place.meeting)
    if until is None:
        return None
    names = ", ".join(place.meeting.calendars)
    why = f"{names} suddenly lacks this meeting and most others; when it still does then, that is believed"
    return Hold(why, ends=moment(until, place.world.almanac, place.now))


def letters_of_mine(world: World, email: str, since: datetime, now: datetime) -> Iterator[Mail]:
    """Mails that I wrote to the person after this instant, by myself: not the drafts of ours that I sent."""
    key = world.directory.key(email)
    sent = world.when_sent_to.get(key, frozenset())
    for mail in world.mails.get(key, ()):
        mine = mail.direction is Direction.OUT and mail.message_id not in world.our_mails and mail.at not in sent
        if mine and since < mail.at <= now:
            yield mail


def mails_of_mine(world: World, meeting: Meeting, person: Person, now: datetime) -> Iterator[Mail]:
    """Mails that I wrote to the person after the meeting."""
    return letters_of_mine(world, person.email, meeting.end, now)


def thanks(  # noqa: PLR0917 - a step of a rule at a meeting with a person
    world: World, rule: Rule, step: Step, meeting: Meeting, person: Person, now: datetime
) -> Mail | None:
    """My own mail after the meeting with a word of thanks in its subject: it was the thank-you."""
    if not is_thank_you(rule, step):
        return None
    mails = mails_of_mine(world, meeting, person, now)
    return next((mail for mail in mails if found(step.own, mail.subject)), None)


def _other_mail(place: _Place, people: Sequence[Person]) -> str:
    for person in people:
        for mail in mails_of_mine(place.world, place.meeting, person, place.now):
            day = place.world.almanac.local(mail.at)
            return f"you wrote to {called(person)} on {day.day} {day:%B} ('{mail.subject[:60]}')"
    return ""


def _thread(world: World, meeting: Meeting, people: Sequence[Person]) -> Thread | None:
    """The latest personal mail with exactly these people in the 14 days before the meeting (RFC 5322 section 3.6.4)."""
    keys = world.keys(person.email for person in people)
    letters = [mail for key in keys for mail in world.mails.get(key, ()) if world.keys(mail.others) == keys]
    # A mail without a Message-ID of its own cannot be answered in its thread.
    letters = [
        mail
        for mail in letters
        if meeting.start - _THREAD <= mail.at <= meeting.start and mail.message_id.startswith("<")
    ]
    if not letters:
        return None
    last = max(letters, key=lambda mail: (mail.at, mail.message_id))
    references = (*last.references, last.message_id)
    return Thread(last.message_id, tuple(dict.fromkeys(references)), last.subject)


def pick_once(wishes: Sequence[Wish], world: World, done: AbstractSet[str] = frozenset()) -> tuple[Wish, ...]:
    """Of several rules' wishes for the same template, person and meeting: the earliest due, then the order of files.

    What is `done`, by its id, goes before. So does one that the user snoozed: another rule must not write in its place
    meanwhile.
    """
    chosen: list[Wish] = []
    taken: set[tuple[str, str, str]] = set()
    for wish in sorted(
        wishes, key=lambda wish: (wish.follow_up.id not in done, not _asleep(wish, world), wish.sorting)
    ):
        follow_up = wish.follow_up
        if wish.cancelled:
            chosen.append(wish)
            continue
        marks = {r: _mark(world, follow_up, r) for r in follow_up.recipients}
        left = [recipient for recipient, mark in marks.items() if mark not in taken]
        if not left:
            continue
        taken.update(marks.values())
        if len(left) < len(follow_up.recipients):
            kept = {r.email for r in left}
            people = tuple(person for person in follow_up.people if person.email in kept)
            wish = replace(wish, follow_up=replace(follow_up, recipients=tuple(left), people=people))  # noqa: PLW2901 - the same wish, smaller
        chosen.append(wish)
    return tuple(chosen)


def _asleep(wish: Wish, world: World) -> bool:
    record = world.records.get(wish.follow_up.id)
    return record is not None and record.state is State.SNOOZED


def _mark(world: World, follow_up: FollowUp, recipient: Recipient) -> tuple[str, str, str]:
    key = "me" if follow_up.to_me else world.directory.key(recipient.email)
    return follow_up.template, follow_up.anchor, key


def is_expired(follow_up: FollowUp, now: datetime) -> bool:
    """Whether it is no longer worth writing."""
    return follow_up.expires is not None and follow_up.expires <= now
