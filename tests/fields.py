"""What the builders take by name: the fields of a meeting, a mail, a record, an event."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from datetime import datetime

    from rules.history import MeetingRef, State
    from rules.model import Attendee, Direction, MailKind, Recipient, Status


class MeetingFields(TypedDict, total=False):
    """See `rules.model.Meeting`."""

    original: datetime | None
    calendars: tuple[str, ...]
    start: datetime
    end: datetime
    description: str
    location: str
    all_day: bool
    recurring: bool
    status: Status
    organiser: Attendee | None
    attendees: tuple[Attendee, ...]
    sequence: int
    modified: datetime | None
    aliases: tuple[str, ...]


class MeetingAt(MeetingFields, total=False):
    """With what `tests.build.meeting` works the rest out from."""

    title: str
    ends: str
    minutes: int


class MailFields(TypedDict, total=False):
    """See `rules.model.Mail`; `tests.build.mail` takes the rest by its place."""

    message_id: str
    at: datetime
    others: tuple[str, ...]
    references: tuple[str, ...]
    kind: MailKind
    forwarded: bool
    away_until: datetime | None


class AnyMail(MailFields, total=False):
    """All of them."""

    direction: Direction
    subject: str


class RecordFields(TypedDict, total=False):
    """See `rules.history.Record`; `tests.build.record` takes the rest by itself."""

    rule: str | None
    step: str
    template: str
    anchor: str
    addresses: tuple[str, ...]
    to: tuple[Recipient, ...]
    due: datetime
    by: datetime | None
    expires: datetime | None
    changed: datetime
    revision: int
    round: int
    meeting: MeetingRef | None
    sent: datetime | None
    message_id: str
    references: tuple[str, ...]
    subject: str
    gaps: int
    why: str
    snoozed_until: datetime | None
    absent_since: datetime | None
    absent_cycles: int
    draft_tag: str
    account: str
    group: bool
    to_me: bool


class AnyRecord(RecordFields, total=False):
    """All of them."""

    state: State
    placed: datetime | None


class EventFields(TypedDict, total=False):
    """See `tests.house.event`."""

    title: str
    minutes: int
    extra: str
    status: str
    answer: str
    sequence: int
