"""Windows, as the user writes them."""

from __future__ import annotations

import pytest
from hypothesis import given

from rules.timing import Window
from tests.rules.moments import all_windows

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


@pytest.mark.parametrize(
    ("text", "days", "start", "end"),
    [
        ("weekdays 09:00-18:00", {MON, TUE, WED, THU, FRI}, 540, 1080),
        ("tue-thu 09:00-11:00", {TUE, WED, THU}, 540, 660),
        ("sat 10:00-12:00", {SAT}, 600, 720),
        ("every day 08:00-20:00", set(range(7)), 480, 1200),
        ("weekends 10:00-12:30", {SAT, SUN}, 600, 750),
        ("mon, wed 09:00-11:00", {MON, WED}, 540, 660),
        ("mon wed and fri 09:00-11:00", {MON, WED, FRI}, 540, 660),
        ("Mondays, Thurs 9:00-11:00", {MON, THU}, 540, 660),
        ("sat-mon 00:00-24:00", {SAT, SUN, MON}, 0, 1440),
        ("  Tue – Thu  09:00 – 11:00 ", {TUE, WED, THU}, 540, 660),  # noqa: RUF001 - word processors write it so
    ],
)
def test_days_and_hours_are_read(text: str, days: set[int], start: int, end: int) -> None:
    assert Window.parse(text) == Window(frozenset(days), start, end)


@pytest.mark.parametrize("text", ["any", "Any", " any "])
def test_any_is_every_moment(text: str) -> None:
    assert Window.parse(text) == Window.any()


@pytest.mark.parametrize("text", ["working_hours", "working hours", "Working-Hours"])
def test_working_hours_stand_for_what_the_settings_say(text: str) -> None:
    assert Window.parse(text) == Window.working_hours()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not a window; write 'working_hours'"),
        ("whenever", "is not a window; write 'working_hours'"),
        ("weekdays 9-18", "is not a window"),
        ("tue-thu", "has no hours; write them after the days, as in 'tue-thu 09:00-18:00'"),
        ("weekdays", "as in 'weekdays 09:00-18:00'"),
        ("every day", "as in 'every day 09:00-18:00'"),
        ("09:00-18:00", "has no days; write them first, as in 'weekdays 09:00-18:00'"),
        ("fri 22:00-02:00", "does not end after its start; a window lies within one day"),
        ("fri 09:00-09:00", "does not end after its start"),
        ("fri 25:00-26:00", "25:00 in the window 'fri 25:00-26:00' is not a time of day"),
        ("fri 09:75-10:00", "09:75"),
        ("fri 09:00-24:01", "24:01"),
        ("fredag 09:00-10:00", "'fredag' in the window 'fredag 09:00-10:00' is not a day"),
        ("mon- 09:00-10:00", "is not a day"),
        ("mon-tue-wed 09:00-10:00", "'tue-wed'"),
        ("weekdays 09:00-18:00\x00", "is not a window"),
        ("x" * 5000, "..."),
    ],
)
def test_what_cannot_be_read_is_answered_with_what_would_be_right(text: str, told: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is looked at below
        Window.parse(text)

    assert told in str(refused.value)
    assert len(str(refused.value)) < 400


@given(all_windows)
def test_the_text_of_a_window_parses_to_the_same_window(window: Window) -> None:
    assert Window.parse(str(window)) == window


def test_the_text_of_a_window_is_as_one_would_write_it() -> None:
    assert str(Window.parse("monday-friday 9:00-18:00")) == "weekdays 09:00-18:00"
    assert str(Window.parse("wed, tue, thu 9:00-24:00")) == "tue-thu 09:00-24:00"
    assert str(Window.parse("sat-sun 10:00-12:00")) == "sat, sun 10:00-12:00"


def test_a_window_without_days_or_with_its_end_first_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        Window(frozenset(), 540, 600)
    with pytest.raises(ValueError, match="ends after its start"):
        Window(frozenset({0}), 600, 600)
