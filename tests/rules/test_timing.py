"""When a step is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.timing import Almanac, Duration, Timing, Window, after_end, before_start, since_contact
from tests.rules.moments import all_windows, at, countries, durations, inside, lisbon, places

LISBON = Almanac("Europe/Lisbon", "PT")
ANY = Window.any()
WEEKDAYS = Window.parse("weekdays 09:00-18:00")
TWO_HOURS = timedelta(hours=2)


def so_long(text: str) -> Duration:
    return Duration.parse(text)


def due(end: str, after: str, by: str | None = None, window: Window = WEEKDAYS) -> Timing:
    return after_end(lisbon(end), so_long(after), so_long(by) if by else None, None, window, LISBON)


def test_a_thank_you_of_friday_evening_waits_for_monday() -> None:
    timing = due("2026-03-06T17:00", "2 hours")

    assert timing.due == lisbon("2026-03-09T09:00")
    assert timing.moved == "moved to Mon 09:00 by the window 'weekdays 09:00-18:00'"
    assert timing.by is None
    assert timing.expires == lisbon("2026-03-16T09:00")


def test_a_thank_you_of_friday_evening_does_not_wait_when_it_must_be_on_its_way_on_saturday() -> None:
    timing = due("2026-03-06T17:00", "2 hours", by="24 hours")

    assert timing.due == lisbon("2026-03-06T19:00")
    assert timing.by == lisbon("2026-03-07T17:00")
    assert timing.expires == lisbon("2026-03-13T19:00")
    assert timing.moved == (
        "does not wait for the window 'weekdays 09:00-18:00': it opens only Mon 09:00, "
        "and the note is to be sent by Sat 17:00"
    )


def test_inside_the_window_nothing_moves() -> None:
    assert due("2026-03-03T15:00", "2 hours", by="24 hours") == Timing(
        lisbon("2026-03-03T17:00"), lisbon("2026-03-04T15:00"), lisbon("2026-03-10T17:00")
    )


def test_a_window_may_open_two_hours_before_the_deadline_and_no_later() -> None:
    just, late = due("2026-03-03T17:30", "1 hour", by="17h 30m"), due("2026-03-03T17:30", "1 hour", by="17h 29m")

    assert (just.due, just.by) == (lisbon("2026-03-04T09:00"), lisbon("2026-03-04T11:00"))
    assert late.due == lisbon("2026-03-03T18:30")


def test_a_note_that_is_due_less_than_two_hours_before_its_deadline_is_due_at_once() -> None:
    timing = due("2026-03-03T15:00", "2 hours", by="3 hours")

    assert (timing.due, timing.moved) == (lisbon("2026-03-03T17:00"), "")


def test_over_christmas_the_window_waits_for_the_first_working_day() -> None:
    timing = due("2026-12-24T17:00", "2 hours")

    assert timing.due == lisbon("2026-12-28T09:00")


def test_a_note_moved_by_a_week_is_told_with_its_date() -> None:
    timing = due("2026-03-03T11:00", "1 hour", window=Window.parse("tue 09:00-11:00"))

    assert timing.moved == "moved to Tue 10 March 09:00 by the window 'tue 09:00-11:00'"


def test_the_expiry_of_a_step_counts_from_due() -> None:
    timing = after_end(lisbon("2026-03-06T17:00"), so_long("2h"), None, so_long("1 day"), WEEKDAYS, LISBON)

    assert timing.expires == lisbon("2026-03-10T09:00")


def test_due_in_the_hour_that_is_skipped_or_repeated() -> None:
    night = Window.parse("every day 01:30-06:00")

    assert due("2026-03-28T20:00", "2 hours", window=night).due == at("2026-03-29T01:00Z")
    assert due("2026-10-24T20:00", "2 hours", window=night).due == at("2026-10-25T00:30Z")
    assert due("2026-10-25T00:00", "2 hours", window=ANY).due == at("2026-10-25T01:00Z")


def test_a_meeting_given_in_another_zone_is_due_in_mine() -> None:
    tokyo = at("2026-03-03T18:00", "Asia/Tokyo")

    timing = after_end(tokyo, so_long("1 hour"), None, None, Window.parse("every day 12:00-13:00"), LISBON)

    assert timing.due == lisbon("2026-03-03T12:00")
    assert timing.due.tzinfo is UTC


@settings(deadline=None)
@given(places, countries, durations, st.none() | durations, all_windows)
def test_a_note_is_never_due_early_and_never_in_the_way_of_its_deadline(
    place: tuple[str, datetime], country: str | None, after: Duration, by: Duration | None, window: Window
) -> None:
    zone, end = place
    almanac = Almanac(zone, country)
    wanted = after.after(end, almanac)

    timing = after_end(end, after, by, None, window, almanac)

    assert timing.due >= wanted
    opening = almanac.opening(window, wanted)
    assert opening is not None
    if by is None:
        assert timing.due == opening
    else:
        assert timing.by == by.after(end, almanac)
        assert timing.due == (opening if opening <= timing.by - TWO_HOURS else wanted)
    assert timing.expires is not None
    assert timing.expires > timing.due
    assert bool(timing.moved) == (opening != wanted)


@pytest.mark.parametrize(
    ("start", "before", "window", "expected"),
    [
        ("2026-03-04T15:00", "1 day", "any", "2026-03-03T15:00"),
        ("2026-03-09T15:00", "1 day", "weekdays 09:00-18:00", "2026-03-09T09:00"),  # moved from Sunday
        (
            "2026-03-09T09:00",
            "1 day",
            "weekdays 09:00-18:00",
            "2026-03-08T09:00",
        ),  # the window reaches the start: yields
        ("2026-03-09T08:00", "1 day", "weekdays 09:00-18:00", "2026-03-08T08:00"),
        ("2026-03-09T16:00", "1 business day", "weekdays 09:00-18:00", "2026-03-06T16:00"),
    ],
)
def test_a_brief_is_due_before_the_start_and_expires_there(start: str, before: str, window: str, expected: str) -> None:
    timing = before_start(lisbon(start), so_long(before), Window.parse(window), LISBON)

    assert (timing.due, timing.by, timing.expires) == (lisbon(expected), None, lisbon(start))


def test_a_brief_tells_what_its_window_did() -> None:
    moved = before_start(lisbon("2026-03-09T15:00"), so_long("1 day"), WEEKDAYS, LISBON)
    yielded = before_start(lisbon("2026-03-09T08:00"), so_long("1 day"), WEEKDAYS, LISBON)

    assert moved.moved == "moved to Mon 09:00 by the window 'weekdays 09:00-18:00'"
    assert yielded.moved == (
        "does not wait for the window 'weekdays 09:00-18:00': it opens only Mon 09:00, and the meeting begins Mon 08:00"
    )


@settings(deadline=None)
@given(places, countries, durations, all_windows)
def test_a_brief_is_never_due_after_the_start(
    place: tuple[str, datetime], country: str | None, before: Duration, window: Window
) -> None:
    zone, start = place
    almanac = Almanac(zone, country)

    timing = before_start(start, before, window, almanac)

    wanted = before.before(start, almanac)
    assert wanted <= timing.due <= start
    assert timing.due == wanted or inside(almanac.concrete(window), timing.due, almanac)


def test_a_check_in_is_due_so_long_after_the_contact_in_its_window_and_never_expires() -> None:
    timing = since_contact(
        lisbon("2026-02-06T16:00"), so_long("6 weeks"), None, Window.parse("tue-thu 09:00-11:00"), LISBON
    )

    assert timing == Timing(
        lisbon("2026-03-24T09:00"), None, None, "moved to Tue 09:00 by the window 'tue-thu 09:00-11:00'"
    )


def test_a_check_in_expires_when_the_user_says_so() -> None:
    timing = since_contact(lisbon("2026-02-03T16:00"), so_long("6 weeks"), so_long("2 weeks"), ANY, LISBON)

    assert (timing.due, timing.expires) == (lisbon("2026-03-17T16:00"), lisbon("2026-03-31T16:00"))


def test_a_meeting_at_the_end_of_the_calendar_is_no_trouble() -> None:
    for end in (datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)):
        timing = after_end(
            end, so_long("1200 months"), so_long("1200 months"), so_long("1200 months"), WEEKDAYS, LISBON
        )
        assert timing.due
        assert before_start(end, so_long("1200 months"), WEEKDAYS, LISBON).due
        assert since_contact(end, so_long("15000 business days"), None, WEEKDAYS, LISBON).due


def test_a_naive_end_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        after_end(datetime(2026, 3, 6, 17), so_long("2h"), None, None, ANY, LISBON)  # noqa: DTZ001 - the fault itself


def test_ten_thousand_steps_are_timed_in_a_moment() -> None:
    after, by, start = so_long("2 hours"), so_long("3 days"), lisbon("2026-01-01T00:00")
    LISBON.opening(WEEKDAYS, start)  # the holidays are read

    began = process_time()
    for hours in range(10_000):
        after_end(start + timedelta(hours=hours), after, by, None, WEEKDAYS, LISBON)

    assert process_time() - began < 2, "each takes tens of microseconds, not a walk through minutes"
