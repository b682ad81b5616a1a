"""The free times of a meeting request as a template sees them: for the reader, in both zones where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.views import Moment, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time in a template; written out, `Tuesday 3 March, 15:00-15:30`.

    Where the clock of the reader, in `zone`, shows another time, theirs comes first, and then the user's own, each with
    the name of its city.
    """

    start: Moment
    end: Moment
    zone: ZoneInfo

    def __str__(self) -> str:
        begins = self.start.instant
        almanac = self.start.reader.almanac
        mine = begins.astimezone(almanac.tz)
        theirs = begins.astimezone(self.zone)
        if mine.utcoffset() == theirs.utcoffset():
            return f"{self._day(mine)}, {self._hours(almanac.tz)}"
        first = f"{self._day(theirs)}, {self._hours(self.zone)} ({self._city(self.zone)})"
        day = f"{self._day(mine)}, " if mine.date() != theirs.date() else ""
        return f"{first}; {day}{self._hours(almanac.tz)} ({self._city(almanac.tz)})"

    def _day(self, local: datetime) -> str:
        reader = self.start.reader
        other_year = local.year != reader.almanac.local(reader.now).year
        return reader.wording.weekday_and_date(local, year=other_year)

    def _hours(self, zone: ZoneInfo) -> str:
        start, end = (one.instant.astimezone(zone) for one in (self.start, self.end))
        return f"{start:%H:%M}\u2013{end:%H:%M}"

    def _city(self, zone: ZoneInfo) -> str:
        return self.start.reader.wording.city(zone)


class Slots(tuple[Slot, ...]):  # noqa: SLOT001 - see `rules.views.Words`
    """`slots` in a template: written out, a list of them, one a line."""

    reader: Reader

    @property
    def length(self) -> str:
        """How long each of them is: `30 minutes`."""
        if not self:
            return ""
        return self.reader.wording.length(self[0].end.instant - self[0].start.instant)

    def __str__(self) -> str:
        return "\n".join(f"- {slot}" for slot in self)


def slots_view(slots: Iterable[tuple[datetime, datetime]], reader: Reader, zone: ZoneInfo | None = None) -> Slots:
    """Free times of a meeting request, for somebody whose clock is in this zone: the user's, where none is given."""
    theirs = zone or reader.almanac.tz
    seen = Slots(Slot(Moment(start, reader, end), Moment(end, reader, end), theirs) for start, end in slots)
    seen.reader = reader
    return seen
