"""Openings, holidays and the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings

from rules.timing import Almanac, Window
from tests.rules.moments import CHANGES, all_windows, at, countries, inside, lisbon, places

LISBON = Almanac("Europe/Lisbon", "PT")
WEEKDAYS = Window.parse("weekdays 09:00-18:00")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("zone", "change", "what"), CHANGES)
def test_the_hard_moments_really_are_changes_of_the_clock(zone: str, change: str, what: str) -> None:
    almanac, moment = Almanac(zone), at(change)
    step = timedelta(seconds=1)
    assert almanac.local(moment - step).utcoffset() != almanac.local(moment).utcoffset(), what


@pytest.mark.parametrize(
    ("instant", "opens"),
    [
        ("2026-03-06T19:00", "2026-03-09T09:00"),  # Friday evening: Monday
        ("2026-03-06T18:00", "2026-03-09T09:00"),  # the end is outside
        ("2026-03-06T17:59:59.999999", "2026-03-06T17:59:59.999999"),
        ("2026-03-06T09:00", "2026-03-06T09:00"),  # the start is inside
        ("2026-03-06T08:59:59", "2026-03-06T09:00"),
        ("2026-12-24T19:00", "2026-12-28T09:00"),  # Christmas is a Friday
        ("2026-12-25T10:00", "2026-12-28T09:00"),
        ("2026-04-02T18:30", "2026-04-06T09:00"),  # Good Friday; Easter Monday is a working day in Portugal
        ("2026-03-28T12:00", "2026-03-30T09:00"),  # across the change of the clocks
    ],
)
def test_a_weekday_window_opens_on_the_next_working_day(instant: str, opens: str) -> None:
    assert LISBON.opening(WEEKDAYS, lisbon(instant)) == lisbon(opens)


def test_working_hours_are_those_of_the_settings() -> None:
    almanac = Almanac("Europe/Lisbon", working_hours=Window.parse("tue-thu 10:00-16:00"))

    assert almanac.opening(Window.working_hours(), lisbon("2026-03-06T19:00")) == lisbon("2026-03-10T10:00")


def test_working_hours_may_be_any() -> None:
    almanac = Almanac("Europe/Lisbon", "PT", Window.any())

    assert almanac.opening(Window.working_hours(), lisbon("2026-12-25T03:00")) == lisbon("2026-12-25T03:00")


def test_holidays_are_outside_every_window_but_any() -> None:
    christmas = lisbon("2026-12-25T10:00")

    assert LISBON.opening(Window.parse("every day 00:00-24:00"), christmas) == lisbon("2026-12-26T00:00")
    assert LISBON.opening(Window.any(), christmas) == christmas


def test_a_subdivision_has_its_own_holidays() -> None:
    epiphany = date(2026, 1, 6)

    assert Almanac("Europe/Berlin", "DE-BY").is_holiday(epiphany)
    assert not Almanac("Europe/Berlin", "DE").is_holiday(epiphany)
    assert not Almanac("Europe/Berlin").is_holiday(date(2026, 12, 25))


def test_business_days_are_weekdays_that_are_no_holidays() -> None:
    assert LISBON.is_business_day(date(2026, 12, 24))
    assert not LISBON.is_business_day(date(2026, 12, 25))
    assert not LISBON.is_business_day(date(2026, 12, 26))


@pytest.mark.parametrize(
    ("zone", "window", "instant", "opens"),
    [
        (
            "Europe/Lisbon",
            "sun 01:30-03:00",
            "2026-03-29T00:00Z",
            "2026-03-29T01:00Z",
        ),  # skipped: at the end of the gap
        ("Europe/Lisbon", "sun 01:30-03:00", "2026-10-24T22:00Z", "2026-10-25T00:30Z"),  # repeated: the first
        ("America/New_York", "sun 02:00-04:00", "2026-03-08T00:00Z", "2026-03-08T07:00Z"),
        ("America/New_York", "sun 01:15-04:00", "2026-11-01T04:00Z", "2026-11-01T05:15Z"),
        ("Australia/Lord_Howe", "sun 02:10-04:00", "2026-10-03T12:00Z", "2026-10-03T15:30Z"),
        ("Australia/Lord_Howe", "sun 01:45-04:00", "2026-04-04T12:00Z", "2026-04-04T14:45Z"),
        ("Pacific/Chatham", "sun 03:00-05:00", "2026-09-26T10:00Z", "2026-09-26T14:00Z"),
        ("America/Santiago", "sun 00:00-08:00", "2026-09-06T00:00Z", "2026-09-06T04:00Z"),
        ("America/Santiago", "sun 00:00-08:00", "2026-04-05T00:00Z", "2026-04-05T04:00Z"),  # 23:00 twice, then midnight
        ("Asia/Beirut", "sun 00:30-08:00", "2026-03-28T12:00Z", "2026-03-28T22:00Z"),
        ("Pacific/Apia", "fri 09:00-10:00", "2011-12-29T20:00Z", "2012-01-05T19:00Z"),  # the Friday that never was
    ],
)
def test_an_opening_that_the_clocks_skip_or_repeat(zone: str, window: str, instant: str, opens: str) -> None:
    assert Almanac(zone).opening(Window.parse(window), at(instant)) == at(opens)


def test_a_window_that_is_skipped_as_a_whole_has_no_moment_that_day() -> None:
    window = Window.parse("every day 01:00-02:00")

    assert Almanac("Europe/Lisbon").opening(window, at("2026-03-29T00:30Z")) == lisbon("2026-03-30T01:00")


def test_both_passes_of_a_repeated_hour_are_inside() -> None:
    window, almanac = Window.parse("sun 01:15-01:45"), Almanac("Europe/Lisbon")

    assert almanac.opening(window, at("2026-10-25T00:20Z")) == at("2026-10-25T00:20Z")
    assert almanac.opening(window, at("2026-10-25T00:50Z")) == at("2026-10-25T01:15Z")
    assert almanac.opening(window, at("2026-10-25T01:20Z")) == at("2026-10-25T01:20Z")
    assert almanac.opening(window, at("2026-10-25T01:45Z")) == lisbon("2026-11-01T01:15")


@settings(deadline=None)
@given(places, countries, all_windows)
def test_an_opening_is_the_first_moment_inside(
    place: tuple[str, datetime], country: str | None, window: Window
) -> None:
    zone, instant = place
    almanac = Almanac(zone, country)
    real = almanac.concrete(window)

    opening = almanac.opening(window, instant)

    assert opening is not None
    assert opening >= instant
    assert inside(real, opening, almanac)
    assert almanac.opening(window, opening) == opening
    moment = instant
    while moment < min(opening, instant + timedelta(days=2)):
        assert not inside(real, moment, almanac), moment
        moment = moment.replace(second=0, microsecond=0) + MINUTE
    assert opening == instant or not inside(real, opening - timedelta(microseconds=1), almanac)


@settings(deadline=None)
@given(places, countries, all_windows)
def test_a_later_instant_never_opens_earlier(place: tuple[str, datetime], country: str | None, window: Window) -> None:
    zone, instant = place
    almanac = Almanac(zone, country)

    openings = [almanac.opening(window, instant + timedelta(minutes=17 * step)) for step in range(30)]

    assert openings == sorted(openings, key=lambda opening: opening or datetime.max.replace(tzinfo=UTC))


@settings(deadline=None)
@given(places)
def test_the_instant_of_a_time_on_the_wall_shows_it_or_follows_its_gap(place: tuple[str, datetime]) -> None:
    zone, instant = place
    almanac = Almanac(zone)
    wall = instant.replace(tzinfo=None)  # any time on the wall will do

    found = almanac.instant(wall)

    shown = almanac.local(found).replace(tzinfo=None)
    before = almanac.local(found - timedelta(microseconds=1)).replace(tzinfo=None)
    assert shown == wall or before < wall < shown
    for hours in (1, 0.5):
        earlier = almanac.local(found - timedelta(hours=hours)).replace(tzinfo=None)
        assert earlier != wall, "the first of two"


@settings(deadline=None)
@given(places)
def test_the_day_begins_at_its_midnight(place: tuple[str, datetime]) -> None:
    zone, instant = place
    almanac = Almanac(zone)
    day = almanac.day_of(instant)

    midnight = almanac.midnight(day)

    assert almanac.day_of(midnight) == day
    assert almanac.day_of(midnight - timedelta(microseconds=1)) < day


def test_a_day_whose_midnight_is_skipped_begins_after_the_gap() -> None:
    assert Almanac("Asia/Beirut").midnight(date(2026, 3, 29)) == at("2026-03-28T22:00Z")
    assert Almanac("America/Santiago").midnight(date(2026, 9, 6)) == at("2026-09-06T04:00Z")


def test_the_day_is_that_of_the_zone_and_not_of_utc() -> None:
    assert Almanac("Pacific/Auckland").day_of(at("2026-03-03T20:00Z")) == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("zone", "told"),
    [
        ("Lisbon", "did you mean 'Europe/Lisbon'"),
        ("europe/lisbon", "did you mean 'Europe/Lisbon'"),
        ("Europe/Lissabon", "did you mean 'Europe/Lisbon'"),
        ("New York", "did you mean 'America/New_York'"),
        ("Europe", "unknown time zone 'Europe'"),
        ("Mars/Olympus Mons", "as in 'Europe/Lisbon'"),
        ("", "unknown time zone ''"),
        ("../../etc/passwd", "unknown time zone"),
        ("a\x00b", "unknown time zone"),
        ("z" * 5000, "unknown time zone"),
    ],
)
def test_an_unknown_zone_is_answered_with_the_nearest_known(zone: str, told: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is looked at below
        Almanac(zone)

    assert told in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("pt", "did you mean 'PT'?"),
        ("de-by", "did you mean 'DE-BY'?"),
        ("Portugal", "did you mean 'PT'?"),
        ("Germny", "'DE'"),
        ("XX", "write a country code, as in 'PT'"),
        ("", "write a country code"),
        ("DE-XX", "DE-BY"),
        ("DE-", "write 'DE' or one of"),
        ("DE-by", "did you mean 'DE-BY'?"),
    ],
)
def test_an_unknown_country_is_answered_with_the_nearest_known(country: str, told: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is looked at below
        Almanac("Europe/Lisbon", country)

    assert told in str(refused.value)


def test_working_hours_cannot_be_themselves() -> None:
    with pytest.raises(ValueError, match="write days and hours"):
        Almanac("Europe/Lisbon", working_hours=Window.working_hours())


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        LISBON.opening(WEEKDAYS, datetime(2026, 3, 6))  # noqa: DTZ001 - the fault itself


def test_the_ends_of_the_calendar_are_no_trouble() -> None:
    for instant in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        assert LISBON.opening(WEEKDAYS, instant) is not None
        assert LISBON.day_of(instant)


def test_a_window_that_holidays_fill_has_no_opening() -> None:
    class Retired(Almanac):
        def is_holiday(self, day: date) -> bool:
            return bool(day)

    assert Retired("Europe/Lisbon").opening(WEEKDAYS, lisbon("2026-03-06T10:00")) is None
