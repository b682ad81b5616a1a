from __future__ import annotations

import itertools

import pytest

from rules.model import Meeting, Status
from tests.connectors.calendars.build import event, expansion, meetings

SERIES = event(
    "DTEND;TZID=Europe/Berlin:20260303T110000", "RRULE:FREQ=WEEKLY;COUNT=5", "SUMMARY:Series",
    start=";TZID=Europe/Berlin:20260303T100000",
)  # fmt: skip


def shown(*parts: str) -> list[tuple[str, str, str]]:
    """Start, original start and title of each meeting."""
    return [
        (f"{meeting.start:%m-%d %H:%M}", f"{meeting.original:%m-%d %H:%M}" if meeting.original else "", meeting.title)
        for meeting in meetings(*parts)
    ]


def changed(recurrence: str, start: str, *more: str, title: str = "Changed") -> str:
    return event(f"RECURRENCE-ID{recurrence}", f"SUMMARY:{title}", *more, start=start)


UNTOUCHED = [("03-03 09:00", "03-03 09:00", "Series"), ("03-17 09:00", "03-17 09:00", "Series"),
             ("03-24 09:00", "03-24 09:00", "Series"), ("03-31 08:00", "03-31 08:00", "Series")]  # fmt: skip


@pytest.mark.parametrize(
    "recurrence",
    [
        ":20260310T090000Z",
        ";TZID=Europe/Berlin:20260310T100000",
        ";TZID=America/New_York:20260310T050000",
        ":20260310T100000",
        ";VALUE=DATE:20260310",
    ],
)
def test_a_moved_meeting_keeps_its_original_start(recurrence: str) -> None:
    moved = ("03-11 12:00", "03-10 09:00", "Changed")
    assert shown(SERIES, changed(recurrence, ":20260311T120000Z")) == sorted([*UNTOUCHED, moved])


def test_the_order_of_the_file_does_not_matter() -> None:
    parts = (
        SERIES,
        changed(":20260310T090000Z", ":20260311T120000Z"),
        changed(":20260317T090000Z", ":20260317T120000Z"),
    )
    found = [shown(*order) for order in itertools.permutations(parts)]
    assert all(each == found[0] for each in found)


def test_a_cancelled_meeting_of_a_series_is_there_as_cancelled() -> None:
    found = meetings(SERIES, changed(":20260310T090000Z", ":20260310T090000Z", "STATUS:CANCELLED"))
    assert [meeting.status for meeting in found] == [Status.CONFIRMED, Status.CANCELLED, *[Status.CONFIRMED] * 3]
    assert found[1].original == found[1].start


def test_a_cancelled_series_is_cancelled_in_each() -> None:
    found = meetings(SERIES.replace("SUMMARY", "STATUS:CANCELLED\r\nSUMMARY"))
    assert {meeting.status for meeting in found} == {Status.CANCELLED}


def test_a_meeting_that_is_moved_into_the_window_is_found_there() -> None:
    moved = changed(":20260310T090000Z", ":20260901T120000Z")
    found = meetings(SERIES, moved, start=meeting_at(9).start, end=meeting_at(10).start)
    assert [meeting.title for meeting in found] == ["Changed"]


def meeting_at(month: int) -> Meeting:
    return meetings(event(start=f":2026{month:02}01T000000Z"))[0]


def test_a_meeting_that_is_moved_out_of_the_window_is_not() -> None:
    moved = changed(":20260310T090000Z", ":20260901T120000Z")
    found = meetings(SERIES, moved, start=meeting_at(3).start, end=meeting_at(4).start)
    assert len(found) == 4


def test_a_change_and_an_exclusion_of_one_meeting_is_an_exclusion() -> None:
    excluded = SERIES.replace("SUMMARY", "EXDATE:20260310T090000Z\r\nSUMMARY")
    assert shown(excluded, changed(":20260310T090000Z", ":20260311T120000Z")) == UNTOUCHED


@pytest.mark.parametrize(("sequences", "title"), [((1, 2), "Second"), ((2, 1), "First")])
def test_of_two_changes_of_one_meeting_the_newer_counts(sequences: tuple[int, int], title: str) -> None:
    one, two = (
        changed(":20260310T090000Z", ":20260311T120000Z", f"SEQUENCE:{number}", title=name)
        for number, name in zip(sequences, ("First", "Second"), strict=True)
    )
    assert [name for _, _, name in shown(SERIES, one, two)].count(title) == 1
    assert len(shown(SERIES, one, two)) == 5


def test_a_change_that_the_series_does_not_have_is_a_meeting_of_its_own() -> None:
    extra = changed(":20260312T090000Z", ":20260312T120000Z")
    assert ("03-12 12:00", "03-12 09:00", "Changed") in shown(SERIES, extra)
    assert len(shown(SERIES, extra)) == 6


def test_a_change_left_behind_by_a_series_that_was_cut_short_is_nothing() -> None:
    short = SERIES.replace("COUNT=5", "UNTIL=20260305T000000Z").replace("SUMMARY", "SEQUENCE:2\r\nSUMMARY")
    left = changed(":20260310T090000Z", ":20260311T120000Z", "SEQUENCE:1")
    assert shown(short, left) == UNTOUCHED[:1]


def test_an_older_change_that_the_series_still_has_counts() -> None:
    newer = SERIES.replace("SUMMARY", "SEQUENCE:2\r\nSUMMARY")
    moved = changed(":20260310T090000Z", ":20260311T120000Z", "SEQUENCE:1")
    assert ("03-11 12:00", "03-10 09:00", "Changed") in shown(newer, moved)


def test_an_invitation_to_one_meeting_of_a_series_is_recurring() -> None:
    result = expansion(changed(":20260310T090000Z", ":20260311T120000Z"))
    assert result.recurring
    assert result.meetings[0].recurring
    assert f"{result.meetings[0].original:%d %H}" == "10 09"


def test_this_and_future_moves_and_rewords_what_follows() -> None:
    onwards = changed(
        ";RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260317T100000", ";TZID=Europe/Berlin:20260318T120000",
        "DTEND;TZID=Europe/Berlin:20260318T123000",
    )  # fmt: skip
    assert shown(SERIES, onwards) == [
        ("03-03 09:00", "03-03 09:00", "Series"),
        ("03-10 09:00", "03-10 09:00", "Series"),
        ("03-18 11:00", "03-17 09:00", "Changed"),
        ("03-25 11:00", "03-24 09:00", "Changed"),
        ("04-01 10:00", "03-31 08:00", "Changed"),
    ]
    assert {meeting.end - meeting.start for meeting in meetings(SERIES, onwards)[2:]} == {
        meetings(SERIES, onwards)[2].end - meetings(SERIES, onwards)[2].start
    }


def test_a_second_this_and_future_and_a_single_change_take_over_from_the_first() -> None:
    first = changed(";RANGE=THISANDFUTURE:20260310T090000Z", ":20260310T100000Z", title="First")
    second = changed(";RANGE=THISANDFUTURE:20260324T090000Z", ":20260324T110000Z", title="Second")
    single = changed(":20260317T090000Z", ":20260317T120000Z", title="Single")
    assert [title for _, _, title in shown(second, single, SERIES, first)] == [
        "Series",
        "First",
        "Single",
        "Second",
        "Second",
    ]


def test_this_and_future_moves_from_outside_into_the_window() -> None:
    endless = SERIES.replace(";COUNT=5", "")
    onwards = changed(";RANGE=THISANDFUTURE:20260310T090000Z", ":20260610T090000Z")
    found = meetings(endless, onwards, start=meeting_at(6).start, end=meeting_at(7).start)
    assert [f"{meeting.start:%m-%d}" for meeting in found] == ["06-10", "06-17", "06-24"]


def test_an_all_day_series_is_changed_by_its_dates() -> None:
    days = event("RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Series", start=";VALUE=DATE:20260303")
    for recurrence in (";VALUE=DATE:20260304", ":20260304T000000Z", ";TZID=Europe/Berlin:20260304T000000"):
        found = shown(days, changed(recurrence, ";VALUE=DATE:20260306"))
        assert found == [
            ("03-03 00:00", "03-03 00:00", "Series"),
            ("03-05 00:00", "03-05 00:00", "Series"),
            ("03-06 00:00", "03-04 00:00", "Changed"),
        ]


def test_the_identity_of_an_all_day_meeting_is_the_same_in_every_zone() -> None:
    days = event("RRULE:FREQ=DAILY;COUNT=3", start=";VALUE=DATE:20260703")
    one, two = (
        [meeting.identity for meeting in meetings(days, zone=zone)] for zone in ("Asia/Tokyo", "America/New_York")
    )
    assert one == two


def test_a_timed_meeting_of_an_all_day_series_and_the_reverse_are_read() -> None:
    days = event("RRULE:FREQ=DAILY;COUNT=3", start=";VALUE=DATE:20260303")
    assert [meeting.all_day for meeting in meetings(days, changed(":20260304", ":20260304T120000Z"))] == [
        True,
        False,
        True,
    ]
    found = meetings(SERIES, changed(":20260310T090000Z", ";VALUE=DATE:20260310"))
    assert [meeting.all_day for meeting in found] == [False, True, False, False, False]


def test_the_rest_of_a_series_in_one_change_is_read_as_lotus_notes_means_it() -> None:
    rest = changed(
        ";RANGE=THISANDFUTURE:20260310T090000Z", ":20260310T090000Z", "RDATE:20260310T090000Z,20260414T080000Z"
    )
    assert [start for start, _, _ in shown(rest)] == ["03-10 09:00", "04-14 08:00"]
