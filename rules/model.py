"""The nouns of the house: meetings, people, mail, follow-ups and notes. Frozen, and aware datetimes only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def aware(instant: datetime, what: str) -> datetime:
    """Refuse a naive datetime at the door.

    Raises:
        ValueError: `instant` has no zone, and so does not name a moment.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        message = f"{what} has no time zone: {instant.isoformat()}"
        raise ValueError(message)
    return instant


def address(text: str) -> str:
    """The form of an email address in which two spellings of one mailbox are equal: trimmed, lower case."""
    return text.strip().casefold()


def without_tag(email: str) -> str:
    """`dana+cal@acme.example` is `dana@acme.example` to the person behind it (RFC 5233, sub-addressing)."""
    local, at, domain = email.rpartition("@")
    base = local.partition("+")[0]
    return f"{base}{at}{domain}" if base else email


class Answer(StrEnum):
    """What an attendee answered (PARTSTAT, RFC 5545 section 3.2.12)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NONE = "none"


class Kind(StrEnum):
    """What an attendee is (CUTYPE and ROLE, RFC 5545 sections 3.2.3 and 3.2.16)."""

    PERSON = "person"
    ROOM = "room"
    RESOURCE = "resource"
    GROUP = "group"
    NON_PARTICIPANT = "non-participant"


class Status(StrEnum):
    """The state of a meeting as the calendar gives it (STATUS, RFC 5545 section 3.8.1.11)."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody (or something) on the list of a meeting; `email` in the form of `address()`."""

    email: str
    name: str = ""
    answer: Answer = Answer.NONE
    kind: Kind = Kind.PERSON


def identity(uid: str, original: datetime | None) -> str:
    """What stays the same when a meeting moves: the UID and, in a series, the original start in UTC.

    The original start is RECURRENCE-ID (RFC 5545 section 3.8.4.4) and also what it would be for an
    instance that was never touched.
    """
    if original is None:
        return uid
    return f"{uid}\x1f{original.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@dataclass(frozen=True, slots=True)
class Marks:
    """What the user wrote into the calendar for their notes: `#thanks: …` and `#owe: …`, in their order."""

    thanks: tuple[str, ...] = ()
    owe: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.thanks or self.owe)

    def __or__(self, other: Marks) -> Marks:
        """Those of both, each once."""
        return Marks(unique((*self.thanks, *other.thanks)), unique((*self.owe, *other.owe)))


@dataclass(frozen=True, slots=True)
class Meeting:
    """One occurrence of a calendar event.

    A connector makes one for each copy that it sees, with a single calendar and identity;
    `rules.meetings.merge` makes one out of the copies of the same meeting. All-day events run from
    midnight to midnight in the zone of the user, `end` exclusive.
    """

    uid: str
    original: datetime | None
    calendars: tuple[str, ...]
    title: str
    start: datetime
    end: datetime
    description: str = ""
    location: str = ""
    all_day: bool = False
    recurring: bool = False
    status: Status = Status.CONFIRMED
    organiser: Attendee | None = None
    attendees: tuple[Attendee, ...] = ()
    sequence: int = 0
    modified: datetime | None = None
    free: bool = False
    """It takes no time (TRANSP, RFC 5545 section 3.8.2.7): who looks for free times sees through it."""
    aliases: tuple[str, ...] = ()
    """Other identities by which this meeting is or was known: copies under other UIDs, a shifted series."""
    marks: Marks = field(default_factory=Marks)
    """Those that may be believed; see `rules.marks`. A connector reads none."""
    identity: str = field(init=False, default="", repr=False, compare=False)
    """See `identity()`; worked out once, since everything asks for it."""

    def __post_init__(self) -> None:
        aware(self.start, "the start of a meeting")
        aware(self.end, "the end of a meeting")
        object.__setattr__(self, "identity", identity(self.uid, self.original))

    @property
    def identities(self) -> tuple[str, ...]:
        """Its own identity, then the aliases."""
        return (self.identity, *self.aliases)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with one or more email addresses; from an address book, or just an attendee (`known` is false)."""

    name: str
    emails: tuple[str, ...]
    tags: tuple[str, ...] = ()
    organisation: str = ""
    language: str = ""
    time_zone: str = ""
    notes: str = ""
    do_not_contact: bool = False
    known: bool = True

    @property
    def email(self) -> str:
        """The address to write to: the first."""
        return self.emails[0]


@dataclass(frozen=True, slots=True)
class Me:
    """The user: all `emails` are mine, in the form of `address()`; the first is the one I write from by default."""

    name: str
    emails: tuple[str, ...]
    signature: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Name and address as they stand in the To of a note."""

    name: str
    email: str


class Direction(StrEnum):
    """Which way a mail went."""

    IN = "in"
    OUT = "out"


class MailKind(StrEnum):
    """Who wrote a mail: only a personal one is a contact or an answer."""

    PERSONAL = "personal"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    LIST = "list"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Mail:
    """The headers of a mail between me and people; never its body.

    `others` are all addresses on it but mine: the sender of an incoming mail first. `references` holds
    the Message-IDs of References and In-Reply-To (RFC 5322 section 3.6.4), oldest first. `away_until` is when
    the sender is back, where an automatic answer says so.
    """

    message_id: str
    direction: Direction
    at: datetime
    others: tuple[str, ...]
    subject: str = ""
    references: tuple[str, ...] = ()
    kind: MailKind = MailKind.PERSONAL
    forwarded: bool = False
    away_until: datetime | None = None

    def __post_init__(self) -> None:
        aware(self.at, "the time of a mail")


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a follow-up that is due is not drafted, and until when (None: until something happens).

    `ends` says what has to happen, where that is known: `it is sent or deleted`.
    """

    why: str
    until: datetime | None = None
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """The mail that a note answers."""

    message_id: str
    references: tuple[str, ...]
    subject: str


@dataclass(frozen=True, slots=True)
class Debt:
    """Something that the user promised, and the end of the meeting at which they did."""

    text: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was between the user and a person: `how` (you met, they wrote, you wrote), and its title."""

    at: datetime
    how: str
    what: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A note on a person; that of an address book has no date."""

    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One step of a rule for one person (or one group), tied to a meeting or to the last contact.

    `due`, `by` (must be on its way) and `expires` (no longer worth writing) are instants. `id` is a hash of
    what it hangs on (`anchor`), the rule, the step and the recipient, and so the same in every plan.
    """

    id: str
    rule: str | None
    step: str
    template: str
    anchor: str
    people: tuple[Person, ...]
    recipients: tuple[Recipient, ...]
    meeting: Meeting | None
    due: datetime
    by: datetime | None
    expires: datetime | None
    why: str
    sender: str = ""
    """The address of mine that the note comes from: the one that was invited, else the first."""
    round: int = 0
    hold: Hold | None = None
    reply: Thread | None = None
    group: bool = False
    to_me: bool = False
    last_contact: datetime | None = None
    meetings_so_far: int = 0
    next_meeting: Meeting | None = None
    thanks: tuple[str, ...] = ()
    """What the user marked to be thanked for, in the thank-you."""
    owed: tuple[str, ...] = ()
    """What the user promised at the meeting and has not ticked off, in the thank-you."""
    takes_marks: bool = False
    """Whether what the user marks goes into this note."""
    debts: tuple[tuple[Debt, ...], ...] = ()
    """Of each of the `people`: what the user owes them, from this and earlier meetings."""
    decision: str = ""
    """What the user decided, in the note that tells of it."""
    helped: tuple[str, ...] = ()
    """What they helped with, in such a note: all that the user marked `#thanks` at meetings with them."""
    past: tuple[tuple[Past, ...], ...] = ()
    """Of each of the `people`: the last contacts, the latest first."""
    noted: tuple[tuple[Noted, ...], ...] = ()
    """Of each of the `people`: the notes on them."""
    slots: tuple[tuple[datetime, datetime], ...] | None = None
    """The free times of a meeting request; None where the note is none."""

    @property
    def is_stuck(self) -> bool:
        """Whether something has to happen before it is drafted: it is held back without an end, or for too long."""
        return self.hold is not None and (self.hold.until is None or self.lapses_held)

    @property
    def lapses_held(self) -> bool:
        """Whether it is held back beyond its expiry, and so comes only if it is let go before."""
        until = self.hold.until if self.hold is not None else None
        return until is not None and self.expires is not None and self.expires <= until


@dataclass(frozen=True, slots=True)
class Note:
    """The rendered subject and body of a follow-up; `html` where the template asks for markdown."""

    subject: str
    text: str
    html: str | None = None

    @property
    def gaps(self) -> int:
        """How many places `[[…]]` the user has yet to fill, in the subject and the text."""
        return gaps(self.subject) + gaps(self.text)


def gaps(text: str) -> int:
    """How many places `[[…]]` the user has yet to fill."""
    count = 0
    rest = text
    while "[[" in rest:
        rest = rest.split("[[", 1)[1]
        if "]]" not in rest:
            break
        inside, rest = rest.split("]]", 1)
        count += bool(inside.strip())
    return count


def unique(items: Iterable[str]) -> tuple[str, ...]:
    """The items without repetition, in the order of their first appearance."""
    return tuple(dict.fromkeys(items))
