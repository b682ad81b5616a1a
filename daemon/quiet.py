"""A cycle in which nothing has changed and nothing is due: seen at a glance, without planning."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.base import ConnectorError, Folder
from daemon import not_again
from daemon.sync import is_unchanged
from rules.greeting import called
from rules.history import OPEN, State
from rules.sighting import LEAVING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from connectors.base import AddressBook, Calendar, Header, Listing
    from daemon.ledger import Ledger
    from daemon.view import House
    from rules.history import Record
    from rules.model import FollowUp, Person
    from rules.plan import Plan

KEY = "quiet"
_LONGEST = timedelta(hours=6)
"""Even when nothing is due, everything is looked at anew after this long."""
VERSION = 3


class Remembering:
    """A calendar that is asked for its listing once a cycle, however often the cycle wants to know."""

    def __init__(self, calendar: Calendar) -> None:
        self.id = calendar.id
        self._calendar = calendar
        self._asked: tuple[dict[str, str], str] | None = None
        self._listing: Listing | None = None

    def list(self, known: Mapping[str, str], note: str) -> Listing:
        """See `Calendar.list`."""
        asked = (dict(known), note)
        if self._listing is None or self._asked != asked:
            self._listing = self._calendar.list(known, note)
            self._asked = asked
        return self._listing

    def read(self, names: Iterable[str]) -> Iterator[tuple[str, bytes | ConnectorError]]:
        """See `Calendar.read`."""
        return self._calendar.read(names)


class Coming(NamedTuple):
    """A note that comes next: its step, and for whom."""

    step: str
    to: str


def coming(follow_ups: Iterable[FollowUp]) -> tuple[Coming, ...]:
    """What comes next, in the words in which it is told."""
    return tuple(Coming(one.step, "you" if one.to_me else ", ".join(map(called, one.recipients))) for one in follow_ups)


@dataclass(frozen=True, slots=True)
class Quiet:
    """What was so when a cycle ended with nothing left to do.

    `since` and `until` bound the time in which nothing comes due; `marks` is a digest of the configuration,
    the records and the notes; `books` of the address books; `addresses` are the people of the meetings.
    `next_nudge` is when there is a deadline to be brought to mind.
    """

    since: datetime
    until: datetime
    marks: str
    books: str
    addresses: frozenset[str]
    next_due: datetime | None
    next_notes: tuple[Coming, ...]
    next_nudge: datetime | None = None


def remember(ledger: Ledger, quiet: Quiet | None) -> None:
    """Keep what was so for the next cycle, or nothing."""
    text = None
    if quiet is not None:
        text = json.dumps(
            {
                "version": VERSION,
                "since": quiet.since.isoformat(),
                "until": quiet.until.isoformat(),
                "marks": quiet.marks,
                "books": quiet.books,
                "addresses": sorted(quiet.addresses),
                "next_due": quiet.next_due.isoformat() if quiet.next_due else None,
                "next_notes": quiet.next_notes,
                "next_nudge": quiet.next_nudge.isoformat() if quiet.next_nudge else None,
            }
        )
    if ledger.recall(KEY) != text:
        ledger.keep(KEY, text)


def ended(  # noqa: PLR0917 - what was so when the cycle ended
    ledger: Ledger,
    house: House,
    now: datetime,
    planned: Plan,
    addresses: frozenset[str],
    next_nudge: datetime | None = None,
    account: str = "",
) -> Quiet | None:
    """What is so at the end of a cycle that left nothing undone; None where something is on the way.

    `account` is that of the mailbox.
    """
    records = ledger.records()
    if ledger.intents() or _restless(records, account):
        return None
    end = min(instant for instant in (planned.quiet_until, next_nudge, now + _LONGEST) if instant is not None)
    marks, books = _marks(ledger, house, records), _books(house.books)
    return Quiet(now, end, marks, books, addresses, planned.next_due, coming(planned.next), next_nudge)


def still(ledger: Ledger, house: House, now: datetime, start: datetime, end: datetime) -> Quiet | None:
    """What was kept, if all of it is still so: calendars, books, mailbox, records, configuration and time.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    quiet = _recalled(ledger)
    if quiet is None or not quiet.since <= now < quiet.until:
        return None
    records = ledger.records()
    if ledger.intents() or quiet.marks != _marks(ledger, house, records):
        return None
    zone = house.configuration.settings.me.time_zone
    try:
        if _restless(records, house.mailbox.account) or quiet.books != _books(house.books):
            return None
        if not all(is_unchanged(ledger, calendar, start, end, zone, now) for calendar in house.calendars):
            return None
        note = ledger.recall("mailbox") or ""
        seen = house.mailbox.look(note, quiet.addresses)
    except ConnectorError:
        return None
    return quiet if seen.note == note and not _flagged(records, seen.headers) else None


def _recalled(ledger: Ledger) -> Quiet | None:
    with suppress(ValueError, TypeError, KeyError, AttributeError):  # damaged: then everything is looked at anew
        kept = json.loads(ledger.recall(KEY) or "{}")
        if kept.get("version") == VERSION:
            return _quiet(kept)
    return None


def _quiet(kept: Mapping[str, Any]) -> Quiet:
    return Quiet(
        datetime.fromisoformat(kept["since"]),
        datetime.fromisoformat(kept["until"]),
        kept["marks"],
        kept["books"],
        frozenset(kept["addresses"]),
        datetime.fromisoformat(kept["next_due"]) if kept["next_due"] else None,
        tuple(Coming(*one) for one in kept["next_notes"]),
        datetime.fromisoformat(kept["next_nudge"]) if kept["next_nudge"] else None,
    )


def _restless(records: Iterable[Record], account: str) -> bool:
    """Whether a draft is absent just now, which is counted cycle by cycle, or is to be taken away by the next one.

    The user may have said so while this cycle was under way. In the mailbox of another account nothing is done.
    """
    return any(
        record.absent_since is not None if record.state in OPEN else record.state in LEAVING and record.draft_tag != ""
        for record in records
        if not record.is_apart(account)
    )


def _flagged(records: Iterable[Record], headers: Sequence[Header]) -> bool:
    """Whether a draft was deleted, or taken back, by a flag alone: that is no other mail, and so not in the note."""
    lying: dict[str, Folder] = {}
    for folder in (Folder.TRASH, Folder.DRAFTS):
        lying |= {header.message_id: folder for header in headers if header.folder is folder}
    telling = {Folder.TRASH: OPEN, Folder.DRAFTS: {State.VETOED}}
    return any(record.state in telling.get(lying.get(record.message_id, Folder.OTHER), ()) for record in records)


def _marks(ledger: Ledger, house: House, records: Sequence[Record]) -> str:
    digest = hashlib.sha256(house.configuration.fingerprint.encode())
    digest.update(repr(records).encode("utf-8", "surrogatepass"))
    digest.update(repr(ledger.person_notes()).encode("utf-8", "surrogatepass"))
    digest.update((ledger.recall(not_again.KEY) or "").encode("utf-8", "surrogatepass"))
    digest.update(repr(ledger.asks()).encode("utf-8", "surrogatepass"))
    digest.update(repr(ledger.promises()).encode("utf-8", "surrogatepass"))
    digest.update(repr(ledger.decisions()).encode("utf-8", "surrogatepass"))
    digest.update(repr(sorted(ledger.ages().items())).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _books(books: Mapping[str, AddressBook | tuple[Person, ...]]) -> str:
    """The people of files of the configuration are in its fingerprint."""
    return json.dumps({name: "" if isinstance(book, tuple) else book.tag() for name, book in books.items()})
