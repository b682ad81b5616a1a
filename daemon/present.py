"""Follow-ups as the commands print them: the JSON of the contract, and the words of a hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rules.history import OPEN, Record, State
from rules.sandbox import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from daemon.drafting import Drafting
    from rules.almanac import Almanac
    from rules.history import MeetingRef, Promise
    from rules.model import FollowUp, Hold, Meeting

_SOON = timedelta(days=1)
_WITHOUT_DRAFT = frozenset(
    {State.PLANNED, State.WITHDRAWN, State.EXPIRED, State.CANCELLED, State.SNOOZED, State.SKIPPED}
)


def stamp(instant: datetime | None, almanac: Almanac) -> str | None:
    """ISO 8601 with the offset of the user's zone."""
    return None if instant is None else almanac.local(instant).isoformat(timespec="seconds")


def is_stale(record: Record, now: datetime) -> bool:
    """Untouched, and past the time at which it was worth sending."""
    return record.state is State.PLACED and record.expires is not None and record.expires <= now


def of_record(record: Record, almanac: Almanac, mailbox: str, now: datetime) -> dict[str, Any]:
    """A follow-up that the ledger knows."""
    due = record.snoozed_until if record.state is State.SNOOZED and record.snoozed_until else record.due
    has_draft = record.message_id and record.state not in _WITHOUT_DRAFT
    return {
        "id": record.id,
        "rule": record.rule,
        "step": record.step,
        "state": record.state.value,
        "to": [{"name": recipient.name, "email": recipient.email} for recipient in record.to],
        "meeting": None if record.meeting is None else of_ref(record.meeting, almanac),
        "due": stamp(due, almanac),
        "by": stamp(record.by, almanac),
        "expires": stamp(record.expires, almanac),
        "stale": is_stale(record, now),
        "subject": record.subject,
        "gaps": record.gaps,
        "draft": {"mailbox": mailbox, "message_id": record.message_id} if has_draft else None,
        "why": record.why,
    }


def of_plan(follow_up: FollowUp, records: Mapping[str, Record], drafting: Drafting, now: datetime) -> dict[str, Any]:
    """A follow-up that is still to be drafted, with the subject that it would have; `now` is when it is asked for."""
    almanac = drafting.configuration.almanac
    former = records.get(follow_up.id)
    state = State.SNOOZED if former is not None and former.state is State.SNOOZED else State.PLANNED
    try:
        note = drafting.note(follow_up)
        subject, open_gaps = note.subject, note.gaps
    except TemplateFault:
        subject, open_gaps = "", 0
    return {
        "id": follow_up.id,
        "rule": follow_up.rule,
        "step": follow_up.step,
        "state": state.value,
        "to": [{"name": recipient.name, "email": recipient.email} for recipient in follow_up.recipients],
        "meeting": None if follow_up.meeting is None else of_meeting(follow_up.meeting, almanac),
        "due": stamp(follow_up.due, almanac),
        "by": stamp(follow_up.by, almanac),
        "expires": stamp(follow_up.expires, almanac),
        "stale": False,
        "subject": subject,
        "gaps": open_gaps,
        "draft": None,
        "why": f"{follow_up.why}; {held(follow_up.hold, almanac, now)}" if follow_up.hold else follow_up.why,
    }


def of_ref(ref: MeetingRef, almanac: Almanac) -> dict[str, Any]:
    """A meeting as the ledger has it."""
    return {
        "calendar": ref.calendar,
        "uid": ref.uid,
        "title": ref.title,
        "start": stamp(ref.start, almanac),
        "end": stamp(ref.end, almanac),
    }


def of_promise(promise: Promise, almanac: Almanac) -> dict[str, Any]:
    """Something that the user promised at a meeting, to all who were there."""
    return {
        "id": promise.id,
        "text": promise.text,
        "since": stamp(promise.meeting.end, almanac),
        "kept": stamp(promise.kept, almanac),
        "meeting": of_ref(promise.meeting, almanac),
    }


def of_meeting(meeting: Meeting, almanac: Almanac) -> dict[str, Any]:
    """A meeting, wherever one is printed."""
    return {
        "calendar": meeting.calendars[0],
        "uid": meeting.uid,
        "title": meeting.title,
        "start": stamp(meeting.start, almanac),
        "end": stamp(meeting.end, almanac),
    }


def held(hold: Hold, almanac: Almanac, now: datetime) -> str:
    """`held until 12 March: one open draft to Dana`; what has to happen first, where no day is known."""
    until = _until(hold.until, almanac, now) if hold.until is not None else hold.ends
    return f"held until {until}: {hold.why}" if until else f"held: {hold.why}"


def _until(until: datetime, almanac: Almanac, now: datetime) -> str:
    """`18:00` today; `4 March 09:00` when that is less than a day away; else `12 March`, or `4 January 2027`."""
    local, today = almanac.local(until), almanac.day_of(now)
    if local.date() == today:
        return f"{local:%H:%M}"
    year = f" {local.year}" if local.year != today.year else ""
    soon = f" {local:%H:%M}" if until - now < _SOON else ""
    return f"{local.day} {local:%B}{year}{soon}"


def is_open(record: Record) -> bool:
    """Whether there is something for the user to do or to wait for."""
    return record.state in OPEN or record.state is State.SNOOZED
