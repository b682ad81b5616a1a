from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.doubt import BELIEVED, LASTS, Doubt, doubt, dropped_instances, stays_held
from rules.model import Meeting, Status

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)
KNOWN, NOW_NUMBER = 1, 7
HOUR = timedelta(hours=1)


def uids(count: int, prefix: str = "m", came: int = KNOWN) -> dict[str, int]:
    return {f"{prefix}{number}": came for number in range(count)}


def judge(
    met: dict[str, int],
    missing: dict[str, int],
    shown: int,
    since: datetime | None = None,
    began_with: int = NOW_NUMBER - 1,
) -> Doubt:
    before = BELIEVED if since is None else Doubt(since, began_with)
    return doubt(met, missing, shown, before, NOW_NUMBER, NOW)


def meeting(
    start: datetime, original: datetime | None = None, uid: str = "coffee", status: Status = Status.CONFIRMED
) -> Meeting:
    return Meeting(uid, original, ("feed",), "Coffee", start, start + HOUR, status=status)


def test_a_calendar_that_lacks_nothing_is_believed() -> None:
    assert judge(uids(12), {}, 12) == BELIEVED


def test_a_single_meeting_deleted_among_others_is_believed_at_once() -> None:
    assert judge(uids(5), uids(1), 4) == BELIEVED


def test_the_only_meeting_with_people_deleted_among_other_events_is_believed_at_once() -> None:
    assert judge(uids(1), uids(1), 3) == BELIEVED


def test_the_only_meeting_of_a_calendar_that_now_shows_nothing_is_doubted() -> None:
    assert judge(uids(1), uids(1), 0) == Doubt(NOW, NOW_NUMBER, frozenset({"m0"}))


def test_all_meetings_with_people_missing_at_once_are_doubted_though_other_events_are_there() -> None:
    assert judge(uids(2), uids(2), 30) == Doubt(NOW, NOW_NUMBER, frozenset({"m0", "m1"}))


def test_the_last_meeting_with_people_missing_together_with_most_of_the_rest_is_doubted() -> None:
    missing = uids(1) | uids(9, "private")
    assert judge(uids(1), missing, 1) == Doubt(NOW, NOW_NUMBER, frozenset(missing))


@pytest.mark.parametrize(
    ("known", "lost", "doubted"),
    [(9, 8, False), (10, 5, False), (10, 6, True), (20, 10, False), (20, 11, True), (9, 9, True)],
)
def test_more_than_half_of_ten_or_more_is_doubted_and_no_less(known: int, lost: int, *, doubted: bool) -> None:
    assert (judge(uids(known), uids(lost), known - lost).since is not None) is doubted


def test_events_without_people_are_kept_with_the_rest_while_the_calendar_is_doubted() -> None:
    missing = uids(2) | uids(3, "private")
    assert judge(uids(2), missing, 0).kept == frozenset(missing)


def test_events_without_people_alone_are_no_reason_for_doubt() -> None:
    assert judge({}, uids(30, "private"), 0) == BELIEVED


@pytest.mark.parametrize(("lasted", "doubted"), [(LASTS - timedelta(seconds=1), True), (LASTS, False)])
def test_doubt_lasts_twenty_four_hours(lasted: timedelta, *, doubted: bool) -> None:
    verdict = judge(uids(3), uids(3), 0, NOW - lasted)
    assert (verdict.since is not None) is doubted
    assert bool(verdict.kept) is doubted


def test_doubt_keeps_its_beginning() -> None:
    began = NOW - 3 * HOUR
    assert judge(uids(3), uids(3), 0, began).since == began


def test_new_meetings_do_not_end_a_doubt() -> None:
    began = NOW - HOUR
    met = uids(10) | uids(20, "new", NOW_NUMBER)
    verdict = judge(met, uids(6), 24, began)
    assert verdict == Doubt(began, NOW_NUMBER - 1, frozenset(uids(6)))


def test_what_came_and_went_during_a_doubt_is_believed_gone_while_anything_is_shown() -> None:
    began = NOW - HOUR
    met = uids(3) | uids(1, "passing", NOW_NUMBER)
    missing = uids(3) | uids(1, "passing", NOW_NUMBER)
    assert judge(met, missing, 1, began).kept == frozenset(uids(3))
    assert judge(met, missing, 0, began).kept == frozenset(missing)


def test_doubt_ends_when_most_come_back() -> None:
    assert judge(uids(20), uids(1), 19, NOW - HOUR) == BELIEVED


def test_a_doubt_that_a_clock_began_which_was_far_ahead_counts_from_now() -> None:
    far = NOW + timedelta(days=300)
    assert judge(uids(3), uids(3), 0, far).since == NOW


def test_a_clock_set_back_does_not_end_a_doubt() -> None:
    later = NOW + timedelta(days=2)
    assert judge(uids(3), uids(3), 0, later).since == later


@settings(deadline=None)
@given(
    known=st.integers(0, 40),
    lost=st.integers(0, 40),
    private=st.integers(0, 5),
    hours=st.one_of(st.none(), st.integers(0, 60)),
)
def test_what_is_kept_was_missing_and_nothing_is_kept_without_doubt(
    known: int, lost: int, private: int, hours: int | None
) -> None:
    lost = min(known, lost)
    missing = uids(lost) | uids(private, "private")
    since = None if hours is None else NOW - timedelta(hours=hours)
    verdict = judge(uids(known), missing, known - lost, since)
    assert verdict.kept <= missing.keys()
    assert bool(verdict.kept) == (verdict.since is not None)
    if verdict.since is not None:
        assert NOW - verdict.since < LASTS
        assert verdict.kept == missing.keys()


def test_a_past_meeting_stays_held_where_nothing_that_old_is_shown() -> None:
    past = meeting(NOW - timedelta(days=3))
    assert stays_held(past, NOW, None, None)
    assert stays_held(past, NOW, past.start + HOUR, None)


def test_a_past_meeting_deleted_from_a_calendar_that_shows_older_events_is_gone() -> None:
    past = meeting(NOW - timedelta(days=3))
    assert not stays_held(past, NOW, past.start, None)
    assert not stays_held(past, NOW, past.start - timedelta(days=1), None)


def test_a_meeting_to_come_is_never_held() -> None:
    assert not stays_held(meeting(NOW + HOUR), NOW, None, None)
    assert not stays_held(meeting(NOW - HOUR / 2), NOW, None, None)


def test_a_cancelled_meeting_is_never_held() -> None:
    assert not stays_held(meeting(NOW - timedelta(days=3), status=Status.CANCELLED), NOW, None, None)


def test_an_old_series_speaks_for_the_last_days_only() -> None:
    series = NOW - timedelta(days=900)
    assert not stays_held(meeting(NOW - timedelta(days=2)), NOW, NOW, series)
    assert stays_held(meeting(NOW - timedelta(days=20)), NOW, NOW, series)


def weekly(count: int, shift: timedelta = timedelta(0)) -> tuple[Meeting, ...]:
    starts = [NOW - timedelta(weeks=week) + shift for week in range(count)]
    return tuple(meeting(start, original=start, uid="series") for start in starts)


def test_an_instance_that_a_series_no_longer_has_was_dropped() -> None:
    before = weekly(4)
    assert dropped_instances(before, before[:3], LONG_AGO, NOW) == (before[3],)


def test_a_shifted_series_dropped_nothing() -> None:
    assert dropped_instances(weekly(4), weekly(4, HOUR), LONG_AGO, NOW) == ()


def test_only_past_instances_in_the_span_are_looked_at() -> None:
    before = weekly(4, timedelta(days=1))
    assert dropped_instances(before, before[1:], LONG_AGO, NOW) == ()
    assert dropped_instances(before, before[:3], NOW - timedelta(days=10), NOW) == ()
