"""When a cycle is due, by two clocks of which neither is trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ticks import APART, FIRST_RETRY, JITTER, LAST_RETRY, SETTLING, SOONEST, TICK, Ticks

START = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def running(poll: float = 300.0, next_due: datetime | None = None) -> Ticks:
    """A timetable whose first cycle began at START, and monotonic 0."""
    ticks = Ticks()
    assert ticks.due(START, 0.0) == "start"
    ticks.began(START, 0.0)
    ticks.ended(poll, next_due)
    return ticks


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_a_cycle_is_due_at_the_start_and_then_after_each_poll() -> None:
    ticks = running(poll=300)
    assert ticks.due(after(299), 299) is None
    assert ticks.due(after(300), 300) == "poll"


def test_the_next_due_instant_brings_a_cycle_before_the_poll_does() -> None:
    ticks = running(poll=300, next_due=after(42))
    assert ticks.due(after(41), 41) is None
    assert ticks.wait(after(41), 41) == 1
    assert ticks.due(after(42), 42) == "due"


def test_an_instant_that_had_come_before_the_cycle_began_is_not_waited_for() -> None:
    ticks = running(next_due=after(-60))
    assert ticks.due(after(2), 2) is None


def test_sleep_stops_the_monotonic_clock_and_yet_the_cycle_is_due() -> None:
    ticks = running(poll=300)
    assert ticks.due(after(8 * 3600), 10) == "poll"


def test_a_wall_clock_that_was_set_back_does_not_put_the_next_cycle_off() -> None:
    ticks = running(poll=300)
    assert ticks.moved(START, 0) is None
    jump = ticks.moved(after(-3600 + 10), 10)
    assert jump == -3600
    assert ticks.due(after(-3600 + 10), 10) == "clock"


def test_a_wall_clock_that_was_set_on_is_told_and_brings_a_cycle_at_once() -> None:
    ticks = running(poll=300)
    assert ticks.moved(START, 0) is None
    assert ticks.moved(after(120), 15) == 105
    assert ticks.due(after(120), 15) == "clock"


def test_a_clock_that_is_slewed_is_left_alone() -> None:
    ticks = running(poll=300)
    assert ticks.moved(START, 0) is None
    assert ticks.moved(after(15.4), 15) is None
    assert ticks.due(after(15.4), 15) is None


def test_failures_back_off_by_doubling_up_to_a_limit_and_a_success_ends_that() -> None:
    ticks = running(poll=60)
    pauses = []
    for _ in range(12):
        ticks.failed()
        pauses.append(ticks.wait_for_cycle(START))
    assert pauses[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert pauses[-1] == LAST_RETRY
    assert ticks.due(after(1799), 1799) is None
    assert ticks.due(after(1800), 1800) == "retry"
    ticks.ended(60, None)
    assert ticks.due(after(60), 60) == "poll"


def test_asking_does_not_wait_for_the_end_of_a_pause() -> None:
    ticks = running()
    for _ in range(8):
        ticks.failed()
    ticks.ask("configuration")
    assert ticks.due(after(2), 2) == "configuration"


def test_cycles_do_not_follow_each_other_without_a_breath() -> None:
    ticks = running(poll=0)
    ticks.ask("configuration")
    assert ticks.due(after(SOONEST / 2), SOONEST / 2) is None
    assert ticks.wait(after(SOONEST / 2), SOONEST / 2) == SOONEST / 2


seconds = st.floats(min_value=-1e7, max_value=1e7)


@settings(deadline=None)
@given(
    poll=st.floats(min_value=1, max_value=1e6),
    next_due=st.none() | seconds,
    wall=seconds,
    monotonic=st.floats(min_value=0, max_value=1e7),
    failures=st.integers(min_value=0, max_value=40),
)
def test_the_wait_is_never_longer_than_a_tick_and_zero_only_when_a_cycle_is_due(
    poll: float, next_due: float | None, wall: float, monotonic: float, failures: int
) -> None:
    ticks = running(poll, None if next_due is None else after(next_due))
    for _ in range(failures):
        ticks.failed()
    wait = ticks.wait(after(wall), monotonic)
    assert 0 <= wait <= TICK
    if wait == 0:
        assert ticks.due(after(wall), monotonic) is not None


def test_mail_brings_a_cycle_once_it_has_settled() -> None:
    ticks = running(poll=300)
    ticks.news_came("mail", 100)
    assert ticks.wait(after(100), 100) == SETTLING
    assert ticks.due(after(101), 101) is None
    ticks.news_came("mail", 101)
    assert ticks.due(after(102), 102) == "mail"
    ticks.began(after(102), 102)
    assert ticks.due(after(150), 150) is None


def test_cycles_for_mail_are_apart_and_what_comes_meanwhile_is_not_forgotten() -> None:
    ticks = running(poll=300)
    ticks.news_came("mail", 1)
    assert ticks.due(after(4), 4) is None
    assert ticks.wait(after(4), 4) == APART - 4
    assert ticks.due(after(APART), APART) == "mail"
    ticks.began(after(APART), APART)
    ticks.news_came("mail", APART + 1)
    ticks.ended(300, None)
    assert ticks.due(after(2 * APART), 2 * APART) == "mail"


def test_mail_does_not_hasten_what_failed() -> None:
    ticks = running(poll=300)
    ticks.began(after(300), 300)
    ticks.failed()
    ticks.failed()
    ticks.news_came("mail", 301)
    assert ticks.due(after(315), 315) is None
    assert ticks.due(after(300 + 2 * FIRST_RETRY), 300 + 2 * FIRST_RETRY) == "retry"


def test_pauses_differ_by_some_percent_in_a_way_that_the_seed_decides() -> None:
    def pauses(seed: int) -> list[float]:
        ticks, told = Ticks(seed), []
        for _ in range(50):
            ticks.began(START, 0)
            ticks.ended(300, None)
            told.append(ticks.wait_for_cycle(START))
        return told

    assert pauses(7) == pauses(7) != pauses(8)
    assert all(300 * (1 - JITTER) <= pause <= 300 * (1 + JITTER) for pause in pauses(7))
    assert max(pauses(7)) - min(pauses(7)) > 300 * JITTER


def test_what_is_due_does_not_wait_for_a_longer_pause() -> None:
    for seed in range(1, 20):
        ticks = Ticks(seed)
        ticks.began(START, 0)
        ticks.ended(300, after(100))
        assert ticks.due(after(99.9), 99.9) is None
        assert ticks.due(after(100), 100) == "due"


def test_without_the_mailbox_the_pause_grows_to_a_poll_and_no_further() -> None:
    ticks = running(poll=60)
    pauses = []
    for _ in range(6):
        ticks.failed_in_part(60, None)
        pauses.append(ticks.wait_for_cycle(START))
    assert pauses == [10, 20, 40, 60, 60, 60]


def test_what_comes_due_is_tried_while_cycles_fail_and_tried_once() -> None:
    ticks = running(poll=300, next_due=after(700))
    for _ in range(12):
        ticks.failed()
    assert ticks.wait(after(690), 690) == 10
    assert ticks.due(after(700), 700) == "due"
    ticks.began(after(700), 700)
    ticks.failed()
    assert ticks.due(after(710), 710) is None


def test_after_a_sleep_nothing_waits_for_a_pause_from_before_it() -> None:
    ticks = running(poll=300)
    for _ in range(12):
        ticks.failed()
    ticks.moved(after(60), 60)
    ticks.moved(after(60 + 86400), 60)
    assert ticks.due(after(60 + 86400), 60) == "clock"
    ticks.began(after(60 + 86400), 60)
    ticks.failed_in_part(300, None)
    assert ticks.wait_for_cycle(after(60 + 86400)) == FIRST_RETRY
