"""The limits of good manners over all rules together: gaps, caps, one open draft a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.domains import organisation
from rules.greeting import GAP, first_name
from rules.history import OPEN, State
from rules.model import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from rules.almanac import Almanac
    from rules.history import Record
    from rules.language import Courtesy
    from rules.model import FollowUp, Recipient
    from rules.people import Directory

_PERIOD = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
_UNPLACED = frozenset({State.PLANNED, State.SNOOZED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED})


@dataclass
class Book:
    """Who was drafted to, and when: what the limits count, seen from `now`.

    `placements` maps a person's key to the instants of drafts to them, `organisations` a mail domain to
    its own, `days` a local day to their number; `open_drafts` are the keys of those with an unsent draft.
    `latest` is when the ledger last saw a draft placed.
    """

    almanac: Almanac
    directory: Directory
    now: datetime
    placements: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    days: Counter[date] = field(default_factory=Counter)
    open_drafts: set[str] = field(default_factory=set)
    latest: datetime | None = None

    def load(self, records: Iterable[Record]) -> None:
        """Enter the drafts of the ledger: not those that were withdrawn or are to come again, and no note to me."""
        for record in records:
            if record.placed is None or record.to_me or record.state in _UNPLACED:
                continue
            self._enter(record.addresses, record.placed)
            self.latest = max(self.latest or record.placed, record.placed)
            if record.state in OPEN:
                self.open_drafts.update(self.directory.key(recipient.email) for recipient in record.to)

    def add(self, follow_up: FollowUp, at: datetime, *, stays_open: bool) -> None:
        """Enter a draft that is about to be placed."""
        self._enter([recipient.email for recipient in follow_up.recipients], at)
        if stays_open:
            self.open_drafts.update(self.directory.key(recipient.email) for recipient in follow_up.recipients)

    def _enter(self, addresses: Iterable[str], at: datetime) -> None:
        emails = list(addresses)
        for key in {self.directory.key(email) for email in emails}:
            self.placements[key].append(at)
        for name in {organisation(email) for email in emails} - {None}:
            if name is not None:
                self.organisations[name].append(at)
        self.days[self.almanac.local(at).date()] += 1

    def hold(self, follow_up: FollowUp, at: datetime, limits: Courtesy) -> Hold | None:
        """What keeps this note from being drafted at `at`; the longest of the limits speaks.

        An open draft holds as long as the gap after it, for then it will have been sent; one that lies
        there still when the gap is over, until it is gone.
        """
        domains = {organisation(recipient.email) for recipient in follow_up.recipients}
        return _longest((*self._by_people(follow_up.recipients, at, limits), *self._by_all(domains, at, limits)), at)

    def common(self, domain: str | None, at: datetime, limits: Courtesy) -> Hold | None:
        """What keeps any note at all from being drafted at `at`; with a `domain`, any to this organisation."""
        return _longest(self._by_all({domain}, at, limits), at)

    def _by_all(self, domains: Iterable[str | None], at: datetime, limits: Courtesy) -> Iterator[Hold]:
        """The holds of notes to these organisations, whoever there they are to."""
        cap = limits.per_organisation
        for domain in domains:
            if domain is not None and (until := self.capped(domain, at, limits)):
                yield Hold(f"no more than {_drafts(cap.count)} a {cap.period} to {domain}", until)
        day = self.almanac.local(at).date()
        if self.days[day] >= limits.per_day:
            tomorrow = self.almanac.midnight(day + timedelta(days=1))
            yield Hold(f"no more than {_drafts(limits.per_day)} a day", tomorrow)

    def _by_people(self, recipients: Iterable[Recipient], at: datetime, limits: Courtesy) -> Iterator[Hold]:
        """At most one hold for each reason; it names all whom it is about."""
        lying, waiting, recent = dict[str, datetime](), dict[str, datetime](), dict[str, datetime]()
        for recipient in recipients:
            key = self.directory.key(recipient.email)
            last = max(self.placements[key], default=None)
            if last is None:
                continue
            until = limits.min_gap.after(last, self.almanac)
            is_open = limits.one_open_draft and key in self.open_drafts
            if until > at:
                # A draft that is only supposed to be placed after now is supposed to be sent as well.
                (waiting if is_open and last <= self.now else recent)[_called(recipient)] = until
            elif is_open and at <= self.now:
                lying[_called(recipient)] = until
        if lying:
            yield Hold(f"one open draft to {_listed(lying)}", None, "it is sent or deleted")
        if waiting:
            yield Hold(f"one open draft to {_listed(waiting)}", max(waiting.values()))
        if recent:
            yield Hold(f"{limits.min_gap} between two drafts to {_listed(recent)}", max(recent.values()))

    def capped(self, domain: str, at: datetime, limits: Courtesy) -> datetime | None:
        """Until when an organisation has had its share: the period slides, it is no calendar week."""
        cap = limits.per_organisation
        period = _PERIOD[cap.period]
        recent = sorted(placed for placed in self.organisations[domain] if placed > at - period)
        return recent[-cap.count] + period if len(recent) >= cap.count else None


def _longest(holds: Iterable[Hold], at: datetime) -> Hold | None:
    return max(holds, key=lambda hold: (hold.until is None, hold.until or at, hold.why), default=None)


def _called(recipient: Recipient) -> str:
    """The first name, as one would speak of them; the address where there is no name."""
    name = first_name(recipient.name)
    return recipient.email if name == GAP else name


def _listed(names: Iterable[str]) -> str:
    """`Dana`, `Dana and Lee`, `Dana, Lee and Kim`."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _drafts(count: int) -> str:
    return f"{count} draft" if count == 1 else f"{count} drafts"
