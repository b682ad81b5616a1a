"""The almanac of the user: their zone, their holidays and their working hours, and so what a day is to them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from rules.model import aware
from rules.windows import Window

FIRST = datetime(200, 1, 1, tzinfo=UTC)
LAST = datetime(9800, 1, 1, tzinfo=UTC)
"""Instants before `FIRST` and after `LAST` are taken for these, so that no sum ever leaves the calendar."""

HORIZON = 400
"""How many days `opening` looks ahead."""

_SATURDAY = 5
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


def utc(instant: datetime) -> datetime:
    """The instant in UTC, between `FIRST` and `LAST`.

    Raises:
        ValueError: it is naive.
    """
    aware(instant, "an instant")
    if not FIRST.year <= instant.year < LAST.year:
        return FIRST if instant.year < FIRST.year else LAST
    return instant.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Almanac:
    """What the clock on the wall shows to the user, which days are theirs, and when a window is open.

    `zone` is an IANA name (`Europe/Lisbon`); `country` a code of ISO 3166, with a subdivision where holidays
    differ (`PT`, `DE-BY`), as the library `holidays` knows them; None is a life without holidays.

    A time on the wall that a change of the clocks skips is the first instant after the gap; one that it
    repeats is the first of the two.

    Raises:
        ValueError: an unknown zone or country, with the nearest known names; or working hours that name themselves.
    """

    zone: str
    country: str | None = None
    working_hours: Window = field(default_factory=lambda: Window(frozenset(range(5)), 9 * 60, 18 * 60))
    tz: ZoneInfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tz", _zone(self.zone))
        if self.country is not None:
            _check_country(self.country)
        if self.working_hours == Window.working_hours():
            raise ValueError(
                "working_hours cannot be 'working_hours'; write days and hours, as in 'weekdays 09:00-18:00'"
            )

    def local(self, instant: datetime) -> datetime:
        """The instant as the clock on the wall of the user shows it; aware."""
        return utc(instant).astimezone(self.tz)

    def day_of(self, instant: datetime) -> date:
        """The day on the wall calendar of the user."""
        return self.local(instant).date()

    def instant(self, wall: datetime) -> datetime:
        """The moment, in UTC, at which the clock on the wall shows `wall` (naive, or its zone and fold ignored)."""
        wall = wall.replace(tzinfo=None, fold=0)
        found = wall.replace(tzinfo=self.tz).astimezone(UTC)
        if found.astimezone(self.tz).replace(tzinfo=None) == wall:
            return found
        # In a gap: PEP 495 reads fold=0 with the offset before it, and so lands after it; fold=1 the other way.
        return self._change(wall.replace(tzinfo=self.tz, fold=1).astimezone(UTC), found)

    def midnight(self, day: date) -> datetime:
        """The instant at which the day begins for the user; 01:00 where the clocks skip midnight."""
        return self.instant(datetime.combine(day, time()))

    def is_holiday(self, day: date) -> bool:
        """A public holiday where the user lives."""
        return self.country is not None and day in _holidays(self.country, day.year)

    def is_business_day(self, day: date) -> bool:
        """Monday to Friday, and no holiday."""
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def concrete(self, window: Window) -> Window:
        """The window, with `working_hours` replaced by what they are."""
        return self.working_hours if window.symbol == "working_hours" else window

    def opening(self, window: Window, instant: datetime) -> datetime | None:
        """The first moment (UTC) not before `instant` at which the window is open; `instant` itself when it is.

        A window is open while the clock on the wall shows a time in `[start, end)` on one of its days that
        is no holiday; `any` always is. When the clocks go forward, a window that lies in the gap as a whole has
        no moment that day. When they go back, both passes of a repeated time are inside. None when there is
        no opening within `HORIZON` days.
        """
        moment = utc(instant)
        window = self.concrete(window)
        if window.symbol == "any":
            return moment
        limit = moment + HORIZON * _DAY
        while moment < limit:
            local = moment.astimezone(self.tz)
            ahead = self._ahead(window, local)
            if ahead is None:
                return None
            candidate = moment + ahead
            if candidate.astimezone(self.tz).utcoffset() == local.utcoffset():
                return candidate
            # The clocks change on the way, so that the wall would show something else: look again from there.
            moment = self._change(moment, candidate)
        return None

    def _ahead(self, window: Window, local: datetime) -> timedelta | None:
        """How long until the window is open, on a clock that does not change; zero when it is."""
        today = local.date()
        now = local.hour * 60 + local.minute
        for ahead in range(HORIZON):
            day = today + timedelta(ahead)
            if day.weekday() not in window.days or self.is_holiday(day) or (ahead == 0 and now >= window.end):
                continue
            if ahead == 0 and now >= window.start:
                return timedelta(0)
            start = datetime.combine(day, time()) + timedelta(minutes=window.start)
            return start - local.replace(tzinfo=None)
        return None

    def _change(self, before: datetime, after: datetime) -> datetime:
        """The first instant after `before`, up to `after`, whose offset from UTC is another than that of `before`."""
        offset = before.astimezone(self.tz).utcoffset()
        low, high = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
        while high - low > _SECOND:
            middle = low + timedelta(seconds=(high - low) // _SECOND // 2)
            if middle.astimezone(self.tz).utcoffset() == offset:
                low = middle
            else:
                high = middle
        return high


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: the name of a folder, as in 'Europe'
        pass
    if re.fullmatch(r"[A-Za-z]*[+-][0-9].*|[A-Z]{2,5}", name.strip()):
        raise ValueError(
            f"'{name[:60]}' is no time zone with its summer time; name one by a city, as in 'Europe/Lisbon'"
        )
    known = sorted(available_timezones())
    by_city = {zone.rpartition("/")[2].casefold(): zone for zone in known}
    by_city |= {zone.casefold(): zone for zone in known}
    wanted = name[:60].strip().replace(" ", "_").casefold()
    near = [by_city[found] for found in difflib.get_close_matches(wanted, by_city, n=3, cutoff=0.7)]
    hint = _either(near) or "names are those of the IANA list, as in 'Europe/Lisbon'"
    raise ValueError(f"unknown time zone '{name[:60]}'; {hint}")


def _either(names: list[str]) -> str:
    return f"did you mean {' or '.join(repr(name) for name in dict.fromkeys(names))}?" if names else ""


@lru_cache(maxsize=64)
def _check_country(code: str) -> None:
    import holidays  # noqa: PLC0415 - costs time and memory, and is needed only where there are holidays

    country, dash, subdivision = code.partition("-")
    if not dash and country in {codes[1] for codes in holidays.registry.COUNTRIES.values()}:
        return  # the usual case: to list all countries means to load them all
    known = holidays.list_supported_countries(include_aliases=True)
    if country in known and (not dash or subdivision in known[country]):
        return
    upper, _, place = code.upper().partition("-")
    if upper in known and (not dash or place in known[upper]):
        hint = _either([code.upper()])
    elif upper in known:
        places = ", ".join(f"{upper}-{one}" for one in known[upper])
        hint = f"write '{upper}' or one of {places}" if places else f"write '{upper}'"
    else:
        names = {name.replace("_", " "): codes[1] for name, codes in holidays.registry.COUNTRIES.items()}
        near = difflib.get_close_matches(country[:60].casefold(), names, n=3, cutoff=0.7)
        hint = _either([names[found] for found in near])
    hint = hint or "write a country code, as in 'PT', or with its subdivision, as in 'DE-BY'"
    raise ValueError(f"no holidays are known for '{code[:60]}'; {hint}")


@lru_cache(maxsize=512)
def _holidays(code: str, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - see above

    country, _, subdivision = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
