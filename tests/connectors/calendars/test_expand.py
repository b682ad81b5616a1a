from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.calendars.expand import BrokenEvent
from rules.model import Meeting, Status
from tests.connectors.calendars.build import END, START, event, expansion, meetings, starts

BERLIN = ";TZID=Europe/Berlin:"
WEEKLY = ("DTEND;TZID=Europe/Berlin:20260303T110000", "RRULE:FREQ=WEEKLY;COUNT=5")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def series(*more: str) -> str:
    """Tuesdays at 10 in Berlin from 3 March 2026 on, five times; summer time begins on 29 March."""
    return event(*WEEKLY, *more, start=f"{BERLIN}20260303T100000")


def only(*parts: str, zone: str = "Europe/Lisbon") -> Meeting:
    (meeting,) = meetings(*parts, zone=zone)
    return meeting


def test_a_meeting_has_all_that_its_event_says() -> None:
    lines = ("DTEND:20260303T160000Z", "SUMMARY:Coffee\\, with Dana", "DESCRIPTION:One\\nTwo", "LOCATION:Café",
             "SEQUENCE:3", "LAST-MODIFIED:20260201T120000Z", "DTSTAMP:20260202T120000Z")  # fmt: skip
    meeting = only(event(*lines))
    assert meeting == Meeting(
        uid="coffee@example.org", original=None, calendars=("feed",), title="Coffee, with Dana",
        start=at("2026-03-03T15:00"), end=at("2026-03-03T16:00"), description="One\nTwo", location="Café",
        sequence=3, modified=at("2026-02-01T12:00"),
    )  # fmt: skip


def test_sequence_and_modified_have_defaults_where_nothing_is_said() -> None:
    meeting = only(event("DTSTAMP:20260202T120000Z", "SEQUENCE:many"))
    assert (meeting.sequence, meeting.modified, meeting.title) == (0, None, "")


@pytest.mark.parametrize(
    ("told", "status"),
    [("CONFIRMED", Status.CONFIRMED), ("TENTATIVE", Status.TENTATIVE), ("cancelled", Status.CANCELLED),
     ("CANCELED", Status.CANCELLED), ("X-ODD", Status.CONFIRMED)],
)  # fmt: skip
def test_the_status_is_told(told: str, status: Status) -> None:
    assert only(event(f"STATUS:{told}")).status == status


@pytest.mark.parametrize(
    ("lines", "minutes"),
    [
        ((), 0),
        (("DTEND:20260303T153000Z",), 30),
        (("DURATION:PT1H30M",), 90),
        (("DURATION:P1DT1H",), 25 * 60),
        (("DURATION:-PT1H",), 0),
        (("DTEND:20260303T140000Z",), 0),
        (("DTEND;TZID=Europe/Berlin:20260303T170000",), 60),
        (("DTEND;TZID=Europe/Berlin:20260303T170000", "DURATION:PT5H"), 60),
    ],
)
def test_the_end_is_dtend_or_duration_and_never_before_the_start(lines: tuple[str, ...], minutes: int) -> None:
    meeting = only(event(*lines))
    assert meeting.end - meeting.start == timedelta(minutes=minutes)


def test_a_duration_over_a_change_of_the_clock_is_exact_in_hours_and_nominal_in_days() -> None:
    exact = only(event("DURATION:PT12H", start=f"{BERLIN}20260328T200000"))
    nominal = only(event("DURATION:P1D", start=f"{BERLIN}20260328T200000"))
    assert exact.end == at("2026-03-29T07:00")
    assert nominal.end == at("2026-03-29T18:00")


@pytest.mark.parametrize(
    ("start", "lines", "end"),
    [
        (";VALUE=DATE:20260703", (), "07-03 23:00"),
        (":20260703", (), "07-03 23:00"),
        (";VALUE=DATE:20260703T000000", (), "07-03 23:00"),
        (";VALUE=DATE:20260703", ("DTEND;VALUE=DATE:20260705",), "07-04 23:00"),
        (";VALUE=DATE:20260703", ("DTEND;VALUE=DATE:20260703",), "07-03 23:00"),
        (";VALUE=DATE:20260703", ("DTEND;VALUE=DATE:20260701",), "07-03 23:00"),
        (";VALUE=DATE:20260703", ("DURATION:P2D",), "07-04 23:00"),
        (";VALUE=DATE:20260703", ("DTEND:20260705T000000Z",), "07-04 23:00"),
    ],
)
def test_an_all_day_event_is_from_midnight_to_midnight_of_the_user(
    start: str, lines: tuple[str, ...], end: str
) -> None:
    meeting = only(event(*lines, start=start))
    assert meeting.all_day
    assert (f"{meeting.start:%m-%d %H:%M}", f"{meeting.end:%m-%d %H:%M}") == ("07-02 23:00", end)


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-03-03T15:00", "2026-03-03T16:00", 1),
        ("2026-03-03T15:59", "2026-03-03T17:00", 1),
        ("2026-03-03T16:00", "2026-03-03T17:00", 0),
        ("2026-03-03T14:00", "2026-03-03T15:00", 0),
        ("2026-03-03T14:00", "2026-03-03T15:01", 1),
    ],
)
def test_a_meeting_is_in_the_window_when_it_overlaps(start: str, end: str, count: int) -> None:
    assert len(meetings(event("DTEND:20260303T160000Z"), start=at(start), end=at(end))) == count
    recurring = event("DTEND:20260302T160000Z", "RRULE:FREQ=DAILY;COUNT=2", start=":20260302T150000Z")
    assert len(meetings(recurring, start=at(start), end=at(end))) == count


def test_a_meeting_without_length_is_in_the_window_that_it_begins() -> None:
    assert len(meetings(event(), start=at("2026-03-03T15:00"), end=at("2026-03-03T15:30"))) == 1
    assert len(meetings(event(), start=at("2026-03-03T14:00"), end=at("2026-03-03T15:00"))) == 0


def test_a_long_meeting_of_a_series_reaches_into_the_window() -> None:
    week = event("DTEND:20260108T150000Z", "RRULE:FREQ=MONTHLY", start=":20260101T150000Z")
    assert len(meetings(week, start=at("2026-04-07T00:00"), end=at("2026-04-07T01:00"))) == 1


def test_a_series_keeps_its_time_of_day_over_a_change_of_the_clock() -> None:
    assert starts(series()) == ["03-03 09:00", "03-10 09:00", "03-17 09:00", "03-24 09:00", "03-31 08:00"]


def test_each_of_a_series_has_its_original_start() -> None:
    found = meetings(series())
    assert all(meeting.recurring and meeting.original == meeting.start for meeting in found)
    assert len({meeting.identity for meeting in found}) == 5


def test_an_event_that_does_not_recur_has_no_original_start() -> None:
    assert not only(event()).recurring
    assert only(event()).original is None


def test_a_series_across_midnight_keeps_its_length() -> None:
    night = event("DTEND:20260304T010000Z", "RRULE:FREQ=DAILY;COUNT=3", start=":20260303T230000Z")
    assert {meeting.end - meeting.start for meeting in meetings(night)} == {timedelta(hours=2)}


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;TZID=Europe/Berlin:20260310T100000",
        "EXDATE:20260310T090000Z",
        "EXDATE:20260310T100000",
        "EXDATE;TZID=America/New_York:20260310T050000",
        "EXDATE;VALUE=DATE:20260310",
        "EXDATE:20260310",
        "EXDATE;TZID=W. Europe Standard Time:20260310T100000",
        "EXDATE;TZID=Europe/Berlin:20260310T100000,20260311T100000",
        "EXDATE;TZID=Europe/Berlin:20260311T100000\r\nEXDATE;TZID=Europe/Berlin:20260310T100000,",
        "EXDATE:\r\nEXDATE:20260310T090000Z",
    ],
)
def test_an_excluded_date_is_no_meeting_however_it_is_written(line: str) -> None:
    assert starts(series(line)) == ["03-03 09:00", "03-17 09:00", "03-24 09:00", "03-31 08:00"]


def test_excluding_ten_o_clock_leaves_nine_o_clock() -> None:
    """In UTC ten o'clock in Berlin is nine o'clock, which must not be taken for the other meeting."""
    twice = event(
        "RRULE:FREQ=DAILY;COUNT=2;BYHOUR=9,10", f"EXDATE{BERLIN}20260303T100000", start=f"{BERLIN}20260303T090000"
    )
    assert starts(twice) == ["03-03 08:00"]


def test_an_excluded_day_of_an_all_day_series_is_no_meeting() -> None:
    lines = ("RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260304", "EXDATE:20260305T000000Z")
    assert starts(event(*lines, start=";VALUE=DATE:20260303")) == ["03-03 00:00"]


@pytest.mark.parametrize(
    ("line", "end"),
    [
        ("RDATE:20260401T080000Z", "10:00"),
        ("RDATE;TZID=Europe/Berlin:20260401T100000", "10:00"),
        ("RDATE;VALUE=PERIOD:20260401T080000Z/20260401T093000Z", "09:30"),
        ("RDATE;VALUE=PERIOD:20260401T080000Z/PT30M", "08:30"),
        ("RDATE;TZID=Europe/Berlin;VALUE=PERIOD:20260401T100000/PT30M", "08:30"),
    ],
)
def test_an_added_date_is_a_meeting(line: str, end: str) -> None:
    found = meetings(event("DTEND:20260303T170000Z", line))
    assert [f"{meeting.start:%m-%d %H:%M}" for meeting in found] == ["03-03 15:00", "04-01 08:00"]
    assert f"{found[1].end:%H:%M}" == end
    assert found[1].original == found[1].start


@pytest.mark.parametrize(
    ("until", "count"),
    [("20260317T090000Z", 3), ("20260317T085959Z", 2), ("20260317", 3), ("20260317T100000", 3), ("20260316", 2)],
)
def test_the_last_is_the_one_at_until(until: str, count: int) -> None:
    rule = f"RRULE:FREQ=WEEKLY;UNTIL={until}"
    assert len(meetings(event(rule, start=f"{BERLIN}20260303T100000"))) == count


@pytest.mark.parametrize("until", ["20260305", "20260305T000000Z", "20260305T235959"])
def test_until_of_an_all_day_series_includes_its_day(until: str) -> None:
    assert len(meetings(event(f"RRULE:FREQ=DAILY;UNTIL={until}", start=";VALUE=DATE:20260303"))) == 3


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=WEEKLY;COUNT=-1",
        "RRULE:freq=weekly",
        "RRULE:FREQ=WEEKLY; BYDAY= TU;",
        "RRULE:RSCALE=GREGORIAN;FREQ=WEEKLY;SKIP=OMIT",
        "RRULE:FREQ=WEEKLY;X-OWN=1",
    ],
)
def test_the_ways_of_programs_with_rules_are_understood(rule: str) -> None:
    assert len(meetings(event(rule))) == 44


def test_an_empty_rule_is_none() -> None:
    assert not only(event("RRULE:", "RDATE:", "EXDATE:")).recurring


def test_the_span_is_from_the_first_start_to_the_last_end() -> None:
    assert expansion(event("DTEND:20260303T160000Z")).span == (at("2026-03-03T15:00"), at("2026-03-03T16:00"))
    assert expansion(event("RRULE:FREQ=WEEKLY")).span == (at("2026-03-03T15:00"), None)
    first, last = expansion(series()).span
    assert first == at("2026-03-03T09:00")
    assert last is not None
    assert at("2026-03-31T09:00") <= last < at("2026-04-10T00:00")


def test_the_span_of_a_series_holds_all_its_meetings() -> None:
    moved = event("RECURRENCE-ID:20260310T090000Z", "DTEND:20261201T120000Z", start=":20261201T100000Z")
    result = expansion(series(), moved)
    assert result.span[1] is not None
    assert all(result.span[0] <= meeting.start and meeting.end <= result.span[1] for meeting in result.meetings)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((event(start=""),), "no DTSTART"),
        ((event(start=":20261340T000000Z"),), "DTSTART"),
        ((event(start=":soon"),), "DTSTART"),
        ((event("DTEND:later"),), "DTEND"),
        ((event("DURATION:long"),), "DURATION"),
        ((event("RRULE:FREQ=SOMETIMES"),), "RRULE"),
        ((event("RRULE:FREQ=WEEKLY;UNTL=20260401"),), "not understood"),
        ((event("RRULE:RSCALE=HEBREW;FREQ=YEARLY"),), "RSCALE"),
        ((event("RRULE:FREQ=WEEKLY", "EXRULE:FREQ=MONTHLY"),), "EXRULE"),
        ((event("RRULE:FREQ=WEEKLY", "EXDATE:often"),), "EXDATE"),
        ((event("RRULE:FREQ=WEEKLY"), event("RECURRENCE-ID:first")), "RECURRENCE-ID"),
        ((event(start=";TZID=Asia/Tokyo:00010101T000000"),), "understood"),
    ],
)
def test_an_event_that_says_not_when_it_is_is_broken(parts: tuple[str, ...], told: str) -> None:
    with pytest.raises(BrokenEvent, match=told) as raised:
        expansion(*parts)
    assert raised.value.uid == "coffee@example.org"


def test_a_window_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        expansion(event(), start=datetime(2026, 1, 1), end=END)  # noqa: DTZ001 - that is the mistake
    with pytest.raises(ValueError, match="no time zone"):
        expansion(event(), start=START, end=datetime(2027, 1, 1))  # noqa: DTZ001 - likewise


def test_of_two_events_with_one_uid_the_newer_is_taken_and_told() -> None:
    old, new = (event(f"SUMMARY:{number}", f"SEQUENCE:{number}") for number in (1, 2))
    for parts in ((old, new), (new, old)):
        result = expansion(*parts)
        assert [meeting.title for meeting in result.meetings] == ["2"]
        assert "UID" in result.flaws[0].message
