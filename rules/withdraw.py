"""Which untouched drafts are no longer wanted: the meeting moved or went away, somebody dropped out or wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rules import asks
from rules.decisions import hush, is_closing, taken_back
from rules.greeting import called
from rules.history import State
from rules.language import is_first_after, mark_of
from rules.marks import digest
from rules.model import Direction
from rules.sighting import LEAVING
from rules.steps import marks_for, thanks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rules.history import Record
    from rules.language import Rule, Step
    from rules.model import Meeting, Person
    from rules.world import World


_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An untouched draft to take away, the state that it then has, and why."""

    record: Record
    outcome: State
    why: str


def withdrawals(world: World, now: datetime) -> Iterator[Withdrawal]:
    """The drafts to take away. Edited drafts are the user's and are never among them, nor what is open in an editor.

    Nor what lies in the mailbox of another account.
    """
    for record in world.history.records:
        if record.is_apart(world.history.account):
            continue
        if record.state is State.PLACED and record.absent_since is None:
            why = unwanted(world, record, now)
            if why:
                yield Withdrawal(record, State.WITHDRAWN, why)
        elif record.state in (State.SKIPPED, State.SNOOZED) and record.draft_tag:
            yield Withdrawal(record, record.state, f"you {record.state} it")
        elif record.state in LEAVING and record.draft_tag:
            why = "you sent it; the draft that was left behind is taken away"
            if record.state in {State.WITHDRAWN, State.CANCELLED, State.EXPIRED}:
                why = "its draft still lay there, and is no longer wanted"
            yield Withdrawal(record, record.state, why)


def unwanted(world: World, record: Record, now: datetime) -> str:
    """Why a draft of this record is no longer wanted as it is; nothing where it is."""
    banned = [email for email in record.addresses if world.directory.is_left_alone(email)]
    if banned and not record.to_me:
        return f"{banned[0]} is marked do_not_contact"
    if _too_early(world, record, now):
        return "it was drafted too early: the clock was ahead"
    if is_closing(record):
        return taken_back(world, record)
    return (_hushed(world, record, now) if record.round else "") or _by_meeting(world, record, now)


def _by_meeting(world: World, record: Record, now: datetime) -> str:
    """What became of the meeting that it hangs on, and of the contact with them since."""
    if record.meeting is None:
        return _overtaken(world, record, now) if record.round else asks.unwanted(world, record, now)
    meeting = next((world.by_identity[name] for name in record.meeting.identities if name in world.by_identity), None)
    if meeting is None:
        why = "the meeting is no longer in the calendar" if world.is_gone(record.meeting) else ""
    elif record.round:
        why = _never_held(world, meeting)
    else:
        return _changed(world, record, meeting, now)
    return why or (_overtaken(world, record, now) if record.round else "")


def _hushed(world: World, record: Record, now: datetime) -> str:
    """A check-in knows nothing of what the user has decided since."""
    return next((why for key in sorted(world.keys(record.addresses)) if (why := hush(world, key, now))), "")


def _too_early(world: World, record: Record, now: datetime) -> bool:
    """Whether it was drafted by a clock that was ahead, and will come again when it is due.

    That is believed once the clock has run on for a day since it was set back: a single cycle at an earlier time
    is somebody who tries it out.
    """
    ahead, placed = world.history.ahead, record.placed
    if ahead is None or placed is None or placed < ahead.since or not ahead.until + _DAY <= now < placed - _DAY:
        return False
    rule, _ = _step(world, record)
    return record.due > now and rule is not None and _is_as_it_was(world, rule, placed, now)


def _is_as_it_was(world: World, rule: Rule, placed: datetime, now: datetime) -> bool:
    """Whether the rule is today what it was when a draft was placed; by a clock that was ahead, if so."""
    age, ahead = world.history.ages.get(rule.id), world.history.ahead
    if age is None or age.fingerprint != mark_of(rule):
        return False
    return age.since <= placed and (placed <= now or ahead is None or age.since < ahead.until)


def _never_held(world: World, meeting: Meeting) -> str:
    """A check-in follows from a meeting that took place."""
    attendance = world.attendances[meeting.identity]
    if attendance.held:
        return ""
    failing = next((gate.why for gate in attendance.gates if not gate.holds), "it is marked #noshow")
    return f"the meeting did not take place: {failing}"


def _changed(world: World, record: Record, meeting: Meeting, now: datetime) -> str:
    ref = record.meeting
    attendance = world.attendances[meeting.identity]
    assert ref is not None
    if not attendance.counts:
        failing = next(gate for gate in attendance.gates if not gate.holds)
        return f"the meeting no longer counts: {failing.why}"
    if not record.to_me and not attendance.held:
        return "the meeting is marked #noshow"
    if (meeting.start, meeting.end) != (ref.start, ref.end):
        return "the meeting was moved"
    if record.to_me:
        return "the meeting has begun" if record.expires is not None and record.expires <= now else ""
    present = {world.directory.key(person.email): person for person in attendance.people}
    missing = [email for email in record.addresses if world.directory.key(email) not in present]
    if missing:
        return f"{missing[0]} is no longer among the people of the meeting"
    return _thanked(world, record, meeting, list(present.values()), now) or _marked_anew(world, record, meeting)


def _marked_anew(world: World, record: Record, meeting: Meeting) -> str:
    """Of a note that took what is marked, and does so still: an edit of the rule leaves a draft where it lies."""
    rule, step = _step(world, record)
    if rule is None or step is None or record.meeting is None:
        return ""
    if not record.meeting.marks or not is_first_after(rule, step):
        return ""
    changed = digest(*marks_for(world, rule, step, meeting)) != record.meeting.marks
    return "what you marked in the calendar, or ticked off, has changed" if changed else ""


def _thanked(world: World, record: Record, meeting: Meeting, people: list[Person], now: datetime) -> str:
    rule, step = _step(world, record)
    if rule is None or step is None:
        return ""
    keys = world.keys(record.addresses)
    addressed = [person for person in people if world.directory.key(person.email) in keys]
    # A group note comes again, for those whom I have not thanked.
    thanked = any(thanks(world, rule, step, meeting, person, now) for person in addressed)
    return "you wrote a thank-you of your own" if thanked else ""


def _overtaken(world: World, record: Record, now: datetime) -> str:
    """A check-in counts from the last contact: a later one makes it premature."""
    placed = record.placed or record.changed
    for email in record.addresses:
        key = world.directory.key(email)
        contact = world.last_contact(key, now)
        if contact is None:
            continue
        name = next((called(recipient) for recipient in record.to if recipient.email == email), email)
        if contact.at > placed or _would_be_later(world, record, contact.at, now):
            if contact.meeting is not None:
                return f"you met {name} in the meantime"
            letter = next((mail for mail in world.mails.get(key, ()) if mail.message_id == contact.anchor), None)
            wrote = letter is not None and letter.direction is Direction.IN
            return f"{name} wrote in the meantime" if wrote else f"you wrote to {name} in the meantime"
    return ""


def _would_be_later(world: World, record: Record, contact: datetime, now: datetime) -> bool:
    """Whether the contact is one that the draft did not know of. The window is left out: it may have changed."""
    rule, step = _step(world, record)
    if rule is None or step is None or step.every is None or record.snoozed_until is not None:
        return False
    if not _is_as_it_was(world, rule, record.placed or record.changed, now):
        return False  # the rule was another one then: a later due says nothing about contacts
    return step.every.after(contact, world.almanac) > record.due


def _step(world: World, record: Record) -> tuple[Rule | None, Step | None]:
    """The rule and step that the record came from, as they are now; None where they are gone."""
    steps = ((rule, step) for rule in world.rules if rule.id == record.rule for step in rule.steps)
    return next(((rule, step) for rule, step in steps if step.id == record.step), (None, None))
