from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import ConnectorError
from connectors.calendars import sheet
from connectors.calendars.expand import BrokenEvent, expand
from connectors.calendars.sheet import Unreadable, split
from tests.connectors.calendars.build import END, HOME, START, calendar, event, meetings

WHOLE = calendar(event("SUMMARY:Coffee with Dana"), event("SUMMARY:Other", uid="other"))


def titles(data: bytes) -> list[str]:
    groups = split(data).groups
    return [meeting.title for group in groups for meeting in expand(group, "feed", START, END, HOME).meetings]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "no content"),
        (b" \r\n\0", "no content"),
        (b"<html><body>Please sign in</body></html>", "no calendar"),
        (WHOLE[:-20], "cut off"),
        (WHOLE[: len(WHOLE) // 2], "cut off"),
        (WHOLE[: len(WHOLE) // 2] + b"\r\n" + WHOLE, "cut off"),
        (b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 100 + b"END:VCALENDAR\n", "nested"),
    ],
)
def test_an_answer_that_is_no_whole_calendar_is_unreadable(data: bytes, told: str) -> None:
    with pytest.raises(Unreadable, match=told) as raised:
        split(data)
    assert raised.value.hint


@given(st.integers(0, len(WHOLE) - len(b"END:VCALENDAR\r\n")))
def test_a_calendar_cut_off_anywhere_is_unreadable(length: int) -> None:
    with pytest.raises(Unreadable):
        split(WHOLE[:length])


def test_a_file_over_the_limit_is_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_BYTES", 100)
    with pytest.raises(Unreadable, match="MB"):
        split(WHOLE)


def test_more_events_than_the_limit_are_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_EVENTS", 1)
    with pytest.raises(Unreadable, match="more than 1 events"):
        split(WHOLE)


def test_an_empty_calendar_is_readable() -> None:
    assert split(calendar()).groups == ()


@pytest.mark.parametrize("ends", [b"\n", b"\r", b"\r\n"])
def test_all_line_ends_are_read(ends: bytes) -> None:
    assert titles(WHOLE.replace(b"\r\n", ends)) == ["Coffee with Dana", "Other"]


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_other_encodings_are_read(coding: str) -> None:
    data = calendar(event("SUMMARY:Café with Zoë")).decode().encode(coding)
    assert titles(data) == ["Café with Zoë"]


def test_a_fold_inside_a_character_is_undone() -> None:
    data = calendar(event("SUMMARY:Café")).replace("é".encode(), b"\xc3\r\n \xa9")
    assert titles(data) == ["Café"]


def test_several_calendars_in_one_file_are_one_sheet() -> None:
    assert titles(calendar(event("SUMMARY:One")) + calendar(event("SUMMARY:Two", uid="two"))) == ["One", "Two"]


def test_todos_journals_and_free_times_are_no_events() -> None:
    other = (f"BEGIN:{name}\r\nUID:{name}\r\nSUMMARY:No\r\nEND:{name}" for name in ("VTODO", "VJOURNAL", "VFREEBUSY"))
    assert titles(calendar(*other, event("SUMMARY:Yes"))) == ["Yes"]


def test_an_alarm_says_nothing_about_its_event() -> None:
    alarm = "BEGIN:VALARM\r\nSUMMARY:Alarm\r\nDTSTART:19990101T000000Z\r\nEND:VALARM"
    (group,) = split(calendar(event(alarm, "SUMMARY:Coffee"))).groups
    assert "Alarm" not in group.text
    assert titles(calendar(event(alarm, "SUMMARY:Coffee"))) == ["Coffee"]


def test_an_event_without_uid_gets_the_same_one_each_time() -> None:
    one, two = (split(calendar(event(f"SUMMARY:{title}", uid=""))).groups[0].uid for title in ("One", "Two"))
    assert one == split(calendar(event("DTSTAMP:20260101T000000Z", "SUMMARY:One", uid=""))).groups[0].uid
    assert one != two


def test_a_new_stamp_and_another_order_are_the_same_event() -> None:
    one = calendar(event("DTSTAMP:20260101T000000Z", "SUMMARY:Coffee", "SEQUENCE:1"))
    two = calendar(event("SEQUENCE:1", "DTSTAMP:20260202T000000Z", "X-OWN:1", "SUMMARY:Cof\r\n fee"))
    assert split(one).groups[0].digest == split(two).groups[0].digest


@pytest.mark.parametrize("line", ["SUMMARY:Tea", "STATUS:CANCELLED", "ATTENDEE:mailto:kim@beta.example"])
def test_what_matters_changes_the_digest(line: str) -> None:
    assert split(calendar(event())).groups[0].digest != split(calendar(event(line))).groups[0].digest


def test_a_group_is_a_calendar_of_its_own_with_the_zones_that_it_needs() -> None:
    zone = "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\n\
DTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    data = calendar(
        zone.format("Mine"), zone.format("Other"), zone.format("Europe/Berlin"),
        event(start=";TZID=Mine:20260303T150000"), event(uid="two", start=";TZID=Europe/Berlin:20260303T150000"),
    )  # fmt: skip
    one, two = split(data).groups
    assert one.text.count("BEGIN:VTIMEZONE") == 1
    assert "TZID:Mine" in one.text
    assert "BEGIN:VTIMEZONE" not in two.text
    assert split(one.text.encode()).groups[0].digest == one.digest


def test_the_zone_of_the_calendar_is_told() -> None:
    assert split(calendar("X-WR-TIMEZONE:Europe/Berlin", event())).zone == "Europe/Berlin"


def test_the_hint_says_when_the_event_starts() -> None:
    assert split(calendar(event(start=";TZID=Europe/Berlin:20260303T150000"))).groups[0].start_hint == "20260303T150000"


def test_an_event_without_end_is_set_aside_and_the_rest_goes_on() -> None:
    broken = event(uid="broken").replace("END:VEVENT", "SUMMARY:x")
    groups = {group.uid: group for group in split(calendar(broken, event("SUMMARY:Whole"))).groups}
    with pytest.raises(BrokenEvent) as raised:
        expand(groups["broken"], "feed", START, END, HOME)
    assert raised.value.uid == "broken"
    assert len(expand(groups["coffee@example.org"], "feed", START, END, HOME).meetings) == 1


def test_an_alarm_without_end_breaks_only_its_event() -> None:
    broken = event("BEGIN:VALARM", "SUMMARY:x", uid="broken")
    first, second = split(calendar(broken, event())).groups
    assert first.broken
    assert not second.broken


def test_ten_megabytes_of_title_are_cut_and_told() -> None:
    result = split(calendar(event("SUMMARY:" + "x" * 10_000_000, "DESCRIPTION:#nofollow")))
    assert "SUMMARY" in result.flaws[0].message
    (meeting,) = expand(result.groups[0], "feed", START, END, HOME).meetings
    assert len(meeting.title) <= 2_000
    assert meeting.description == "#nofollow"


def test_ten_megabytes_of_uid_are_a_short_one_and_still_its_own() -> None:
    data = [calendar(event(uid="x" * 10_000_000 + end)) for end in "ab"]
    one, two = (split(each).groups[0].uid for each in data)
    assert len(one) < 200
    assert one != two
    assert one == split(data[0]).groups[0].uid


@pytest.mark.parametrize(
    "line", ["EXDATE:" + "20260303T150000Z," * 100_000, "RRULE:FREQ=DAILY;BYHOUR=" + "1," * 900_000]
)
def test_ten_megabytes_elsewhere_set_the_event_aside(line: str) -> None:
    (group,) = split(calendar(event(line))).groups
    assert group.broken
    assert not group.text


def test_ten_megabytes_of_address_are_left_out_and_told() -> None:
    result = split(calendar(event(f"ATTENDEE:mailto:{'x' * 10_000_000}@example.org", "ATTENDEE:mailto:a@b.example")))
    (meeting,) = expand(result.groups[0], "feed", START, END, HOME).meetings
    assert [attendee.email for attendee in meeting.attendees] == ["a@b.example"]
    assert "ATTENDEE" in result.flaws[0].message


def test_control_characters_stand_in_no_uid_title_or_name() -> None:
    lines = ("SUMMARY:Cof\0fee\x1b\\nBcc: x\u202e", 'ATTENDEE;CN="Da\x07na\u2066":mailto:dana@acme.example')
    (meeting,) = meetings(event(*lines, uid="a\x1fb"))
    assert meeting.uid == "ab"
    assert meeting.title == "Coffee Bcc: x"
    assert meeting.attendees[0].name == "Dana"


def test_an_escaped_uid_is_the_one_that_was_meant() -> None:
    assert split(calendar(event(uid="a\\,b\\;c"))).groups[0].uid == "a,b;c"
    assert meetings(event(uid="a\\,b\\;c"))[0].uid == "a,b;c"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_sheet_or_unreadable(data: bytes) -> None:
    try:
        split(b"BEGIN:VCALENDAR\n" + data + b"\nEND:VCALENDAR\n")
    except ConnectorError as error:
        assert error.message  # noqa: PT017 - either is right
