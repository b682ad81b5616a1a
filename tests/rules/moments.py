"""Moments that are hard on a clock: the changes of several zones, and strategies that stay close to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from rules.timing import Almanac, Duration, Window

CHANGES = (
    ("Europe/Lisbon", "2026-03-29T01:00Z", "01:00 becomes 02:00"),
    ("Europe/Lisbon", "2026-10-25T01:00Z", "02:00 becomes 01:00"),
    ("America/New_York", "2026-03-08T07:00Z", "02:00 becomes 03:00"),
    ("America/New_York", "2026-11-01T06:00Z", "02:00 becomes 01:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z", "02:00 becomes 02:30"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z", "02:00 becomes 01:30"),
    ("Pacific/Chatham", "2026-09-26T14:00Z", "02:45 becomes 03:45"),
    ("Pacific/Chatham", "2026-04-04T14:00Z", "03:45 becomes 02:45"),
    ("America/Santiago", "2026-09-06T04:00Z", "midnight becomes 01:00"),
    ("America/Santiago", "2026-04-05T03:00Z", "midnight becomes 23:00 of the day before"),
    ("Asia/Beirut", "2026-03-28T22:00Z", "midnight becomes 01:00"),
    ("Asia/Beirut", "2026-10-24T21:00Z", "midnight becomes 23:00 of the day before"),
    ("America/St_Johns", "2010-11-07T02:31Z", "00:01 becomes 23:01 of the day before"),
    ("America/St_Johns", "2010-03-14T03:31Z", "00:01 becomes 01:01"),
    ("Pacific/Apia", "2011-12-30T10:00Z", "a whole day is skipped"),
)


def at(text: str, zone: str | None = None) -> datetime:
    """The moment in UTC; without an offset in the text, what the clock shows in `zone`."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        assert zone is not None
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.astimezone(UTC)


def lisbon(text: str) -> datetime:
    return at(text, "Europe/Lisbon")


def inside(window: Window, moment: datetime, almanac: Almanac) -> bool:
    """The definition of a window, straight from the contract."""
    wall = moment.astimezone(ZoneInfo(almanac.zone))
    if window.symbol == "any":
        return True
    minute = wall.hour * 60 + wall.minute
    return wall.weekday() in window.days and window.start <= minute < window.end and not almanac.is_holiday(wall.date())


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[str, datetime]:
    zone, change, _ = draw(st.sampled_from(CHANGES))
    return zone, at(change) + timedelta(minutes=draw(st.integers(-2 * 24 * 60, 2 * 24 * 60)))


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[str, datetime]:
    zone = draw(st.sampled_from(sorted({zone for zone, _, _ in CHANGES} | {"UTC", "Asia/Kathmandu"})))
    moment = draw(st.datetimes(datetime(2005, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the bounds of a strategy are naive
    return zone, moment


places = near_a_change() | anywhere()
"""A zone and a moment in it."""

countries = st.sampled_from([None, "PT", "DE-BY", "US"])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    start = draw(st.sampled_from([0, 30, 60, 90, 120, 150]) | st.integers(0, 24 * 60 - 1))
    end = draw(st.integers(start + 1, min(start + 90, 24 * 60)) | st.integers(start + 1, 24 * 60))
    return Window(days, start, end)


all_windows = windows() | st.sampled_from([Window.any(), Window.working_hours()])

durations = st.builds(
    Duration,
    months=st.integers(0, 30),
    days=st.integers(0, 400),
    business_days=st.integers(0, 60),
    minutes=st.integers(0, 100_000),
)
exact = st.builds(Duration, minutes=st.integers(0, 10**7))
