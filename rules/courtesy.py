"""The limits of good manners over all rules together: gaps, caps, one open draft a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rules.domains import organisation
from rules.history import OPEN, State
from rules.model import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from rules.almanac import Almanac
    from rules.history import Record
    from rules.language import Cap, Courtesy
    from rules.model import FollowUp
    from rules.people import Directory

_PERIOD = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
_UNPLACED = frozenset({State.PLANNED, State.SNOOZED, State.WITHDRAWN, State.CANCELLED, State.EXPIRED})


@dataclass
class Book:
    """Who was drafted to, and when: what the limits count.

    `placements` maps a person's key to the instants of drafts to them, `organisations` a mail domain to
    its own, `days` a local day to their number, `open_drafts` a person's key to the name on the draft.
    `latest` is when the ledger last saw a draft placed.
    """

    almanac: Almanac
    directory: Directory
    placements: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    organisations: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    days: Counter[date] = field(default_factory=Counter)
    open_drafts: dict[str, str] = field(default_factory=dict)
    latest: datetime | None = None

    def load(self, records: Iterable[Record]) -> None:
        """Enter the drafts of the ledger: not those that were withdrawn or are to come again, and no note to me."""
        for record in records:
            if record.placed is None or record.to_me or record.state in _UNPLACED:
                continue
            self._enter(record.addresses, record.placed)
            self.latest = max(self.latest or record.placed, record.placed)
            if record.state in OPEN:
                for recipient in record.to:
                    self.open_drafts[self.directory.key(recipient.email)] = recipient.name or recipient.email

    def add(self, follow_up: FollowUp, at: datetime, *, stays_open: bool) -> None:
        """Enter a draft that is about to be placed."""
        self._enter([recipient.email for recipient in follow_up.recipients], at)
        if stays_open:
            for recipient in follow_up.recipients:
                self.open_drafts[self.directory.key(recipient.email)] = recipient.name or recipient.email

    def _enter(self, addresses: Iterable[str], at: datetime) -> None:
        emails = list(addresses)
        for key in {self.directory.key(email) for email in emails}:
            self.placements[key].append(at)
        for name in {organisation(email) for email in emails} - {None}:
            if name is not None:
                self.organisations[name].append(at)
        self.days[self.almanac.local(at).date()] += 1

    def hold(self, follow_up: FollowUp, at: datetime, limits: Courtesy) -> Hold | None:
        """What keeps this note from being drafted at `at`; the longest of the limits speaks."""
        holds: list[Hold] = []
        for recipient in follow_up.recipients:
            name = recipient.name or recipient.email
            key = self.directory.key(recipient.email)
            if limits.one_open_draft and key in self.open_drafts:
                return Hold(f"one open draft to {name}")
            if (last := max(self.placements[key], default=None)) is not None:
                until = limits.min_gap.after(last, self.almanac)
                if until > at:
                    holds.append(Hold(f"{limits.min_gap} between two drafts to {name}", until))
            domain = organisation(recipient.email)
            if domain is not None and (until_cap := self._capped(domain, at, limits.per_organisation)):
                cap = limits.per_organisation
                holds.append(Hold(f"no more than {cap.count} drafts a {cap.period} to {domain}", until_cap))
        day = self.almanac.local(at).date()
        if self.days[day] >= limits.per_day:
            tomorrow = self.almanac.midnight(day + timedelta(days=1))
            holds.append(Hold(f"no more than {limits.per_day} drafts a day", tomorrow))
        return max(holds, key=lambda hold: (hold.until or at, hold.why), default=None)

    def _capped(self, domain: str, at: datetime, cap: Cap) -> datetime | None:
        """Until when an organisation has had its share: the period slides, it is no calendar week."""
        period = _PERIOD[cap.period]
        recent = sorted(placed for placed in self.organisations[domain] if placed > at - period)
        return recent[-cap.count] + period if len(recent) >= cap.count else None
