"""Calendars that real programs wrote, through split and expand, and beside an independent library (PyPI: ical)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ical.calendar_stream import CalendarStream
from ical.exceptions import CalendarParseError

from connectors.calendars.expand import SetAside, expand
from connectors.calendars.sheet import Sheet, Unreadable, split
from rules.model import Meeting, Status

ROOT = Path(__file__).parents[3]
OWN = ROOT / "tests" / "corpus"
SHARED = ROOT.parent / "shared" / "corpus"
NO_SHARED = "no calendar files of other projects, kept beside the checkout in ../shared/corpus; nothing to install"
HOME = "Europe/Lisbon"
WINDOWS = [
    (datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC))
    for first, last in ((2005, 2016), (2016, 2022), (2022, 2025), (2025, 2027))
]
FILES = sorted(OWN.glob("*.ics")) + sorted(SHARED.glob("*/*.ics"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason=NO_SHARED)


def named(path: Path) -> str:
    return path.stem


# Who is right where the two differ, and why. docs/calendars.md shows the same.
_TWO_MASTERS = "ours: of two masters with one UID the newest counts; ical shows both"
_LEFT_RULE = "ours: a change is one occurrence; ical follows the RRULE that was left in it"
_FIRST = "ours: DTSTART is the first occurrence also where there is only RDATE (RFC 5545 section 3.8.5.2)"
_NEGATIVE = "ours: an end before the start is no length; ical gives a negative one"
DIFFERENCES = {
    "alarm_absolute_edited": _TWO_MASTERS,
    "bad_rrule_missing_until_event": "ours: a rule with a word that nobody knows (UNTL) is set aside; ical ignores it",
    "end_before_start_event": _NEGATIVE,
    "example": "ours: a DTEND on the day of DTSTART (which RFC 5545 forbids) is taken as one day, not as none",
    "issue_113_period_rdate_duration": _FIRST,
    "issue_132_swapped_start_and_end": _NEGATIVE,
    "issue_148_edge_case_1": _TWO_MASTERS,
    "issue_148_edge_case_2": _TWO_MASTERS,
    "issue_148_exdate_and_rdate_updated": _TWO_MASTERS,
    "issue_148_ignored_exdate": _TWO_MASTERS,
    "issue_163_deleted_modification": _TWO_MASTERS,
    "issue_164_duplicated_event": "ours: of two changes of one occurrence the newest counts; ical shows both",
    "issue_253_additional_recurrence_id": "ours: a change that is older than the shortened series went with it",
    "issue_253_edge_case_1": _LEFT_RULE,
    "issue_253_recurrence_id_included": _LEFT_RULE,
    "issue_28_rrule_with_UTC_endinginZ": "ours: a RECURRENCE-ID with a time names the day in an all-day series",
    "issue_36_recurrence_ID_format": "ours: a RECURRENCE-ID in UTC names the same instant in another zone",
    "issue_722_timezone_transition_ambiguity": "ours: the zone is the VTIMEZONE of the file; ical passes it by",
    "night-over-the-change-of-the-clock": "ours: instances are exactly as long as the first (RFC 5545 section 3.8.5.3)",
    "rdate": _FIRST,
}


@dataclass(frozen=True)
class ByHand:
    """What a person counted with the file and a wall calendar: how many, the first and the last, in UTC."""

    count: int
    first: str
    last: str


BY_HAND = {
    "issue_107_omitting_last_event": ByHand(23, "2023-01-05 18:00", "2023-06-08 17:00"),
    "issue_128_only_first_event": ByHand(7, "2023-10-01 23:00", "2024-03-18 00:00"),
    "issue_4_rrule_until": ByHand(12, "2019-08-01 13:00", "2019-10-17 13:00"),
    "multiple_rrule": ByHand(22, "2023-01-12 10:00", "2023-05-25 09:00"),
    "duplicated_rrule": ByHand(20, "2023-01-12 10:00", "2023-05-25 09:00"),
    "issue_113_period_in_rdate": ByHand(9, "2023-09-20 19:00", "2024-05-15 19:00"),
    "issue_27_t1": ByHand(2, "2020-04-26 12:00", "2020-04-28 12:00"),
    "issue_61_time_zone_error": ByHand(1, "2021-12-15 00:00", "2021-12-15 00:00"),
    "issue_313_globally_unique_tzid": ByHand(3, "2020-04-26 12:00", "2020-04-26 18:00"),
    "issue_165_missing_event": ByHand(14, "2015-07-03 08:00", "2015-07-22 08:00"),
    "issue_218_bad_tzid": ByHand(1, "2017-02-28 12:00", "2017-02-28 12:00"),
    "issue_75_range_parameter": ByHand(194, "2024-09-01 12:00", "2025-09-21 14:22"),
    "america_new_york": ByHand(1, "2014-08-29 12:00", "2014-08-29 12:00"),
    "pacific_fiji": ByHand(1, "2014-08-28 20:00", "2014-08-28 20:00"),
    "period_with_timezone": ByHand(9, "2023-09-20 19:00", "2024-05-15 19:00"),
    "rfc_7265_appendix_example_2_ical": ByHand(6, "2006-01-02 17:00", "2006-01-06 17:00"),
    "issue_156_RDATE_with_PERIOD_TZID_khal": ByHand(19, "2018-03-27 13:00", "2018-07-31 13:00"),
    "timezone_rdate": ByHand(1, "2012-02-13 09:00", "2012-02-13 09:00"),
    "parsing_error": ByHand(20, "2008-03-03 00:00", "2008-03-23 00:00"),
}


def test_the_two_tables_are_of_different_files() -> None:
    assert not DIFFERENCES.keys() & BY_HAND.keys()


def sheet_of(path: Path) -> Sheet | None:
    try:
        return split(path.read_bytes())
    except Unreadable:
        return None


def ours(path: Path, start: datetime, end: datetime) -> list[Meeting]:
    found: list[Meeting] = []
    sheet = sheet_of(path)
    for group in sheet.groups if sheet else ():
        try:
            found += expand(group, "feed", start, end, HOME).meetings
        except SetAside as error:
            assert error.uid == group.uid  # noqa: PT017 - an event set aside is an answer too
    return found


@pytest.mark.parametrize("path", FILES, ids=named)
def test_every_file_is_read_or_refused_in_words(path: Path) -> None:
    for start, end in WINDOWS:
        for meeting in ours(path, start, end):
            assert meeting.start <= meeting.end
            assert meeting.start < end
            assert meeting.end >= start


@pytest.mark.parametrize("path", FILES, ids=named)
def test_small_windows_show_what_large_ones_do(path: Path) -> None:
    start, end = WINDOWS[2]
    middle = datetime(2024, 3, 5, 12, tzinfo=UTC)
    whole = {meeting.identity: meeting for meeting in ours(path, start, end)}
    parts = {meeting.identity: meeting for meeting in [*ours(path, start, middle), *ours(path, middle, end)]}
    assert parts == whole


def theirs(path: Path, start: datetime, end: datetime) -> Counter[tuple[datetime, datetime]] | None:
    """The occurrences by ical, or None for what it cannot read."""
    try:
        calendars = CalendarStream.from_ics(path.read_text("utf-8-sig")).calendars
        spans = [
            event.timespan_of(ZoneInfo(HOME))
            for calendar in calendars
            for event in calendar.timeline_tz(ZoneInfo(HOME)).overlapping(start, end)
            if event.status != "CANCELLED"
        ]
    except (CalendarParseError, ValueError, TypeError, AttributeError, OverflowError):
        return None
    return Counter((span.start.astimezone(UTC), span.end.astimezone(UTC)) for span in spans)


def differ(path: Path) -> bool | None:
    """Whether the two differ in any window; None where there is nothing to compare with."""
    for start, end in WINDOWS:
        other = theirs(path, start, end)
        if other is None:
            return None
        mine = Counter(
            (meeting.start, meeting.end) for meeting in ours(path, start, end) if meeting.status != Status.CANCELLED
        )
        if mine != other:
            return True
    return False


@pytest.mark.parametrize("path", [path for path in FILES if sheet_of(path) is not None], ids=named)
def test_occurrences_are_those_of_an_independent_library_or_the_difference_is_explained(path: Path) -> None:
    found = differ(path)
    # What it cannot read is counted by hand, below; a difference cannot be told of it.
    assert bool(found) == (path.stem in DIFFERENCES)


@needs_shared
@pytest.mark.parametrize("stem", BY_HAND)
def test_what_the_library_cannot_read_is_as_counted_by_hand(stem: str) -> None:
    (path,) = SHARED.glob(f"*/{stem}.ics")
    assert theirs(path, *WINDOWS[0]) is None
    found = sorted(
        meeting.start for meeting in ours(path, datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))
    )
    assert ByHand(len(found), f"{found[0]:%Y-%m-%d %H:%M}", f"{found[-1]:%Y-%m-%d %H:%M}") == BY_HAND[stem]


OWN_STARTS = {
    "apple-birthday": ["02-29 00:00"],
    "bombs": ["03-03 15:00"],
    "exchange-custom-zone": ["03-25 09:00", "04-01 08:00", "04-08 08:00"],
    "google-feed": ["03-02 17:00", "03-05 15:00", "03-09 17:00", "03-24 09:00", "04-06 16:00"],
    "latin-one": ["03-03 15:00"],
    "night-over-the-change-of-the-clock": ["03-27 21:00", "03-28 21:00", "03-29 01:30", "03-29 20:00", "10-25 00:30"],
    "old-mac": ["03-03 15:00"],
    "one-broken-of-three": ["03-03 15:00", "03-04 15:00"],
    "outlook-windows-zone": ["07-07 10:30", "07-21 10:30"],
    "rfc-exclusions": ["06-01 07:00", "06-06 07:00", "06-07 07:00", "06-10 10:00"],
    "utf-16": ["03-03 15:00"],
}


@pytest.mark.parametrize("stem", OWN_STARTS)
def test_our_own_calendars_are_as_they_were_written(stem: str) -> None:
    year = 2024 if stem == "apple-birthday" else 2026
    found = ours(OWN / f"{stem}.ics", datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC))
    shown = sorted(f"{meeting.start:%m-%d %H:%M}" for meeting in found if meeting.status != Status.CANCELLED)
    assert shown[:5] == OWN_STARTS[stem]


def test_every_calendar_of_our_own_is_checked() -> None:
    assert sorted(OWN_STARTS) == sorted(path.stem for path in OWN.glob("*.ics"))


def test_the_page_on_calendars_explains_the_same_differences() -> None:
    page = (ROOT / "docs" / "calendars.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [f"| `{stem}` | {reason} |" for stem, reason in DIFFERENCES.items()]


@needs_shared
def test_no_difference_is_explained_that_is_none() -> None:
    assert DIFFERENCES.keys() <= {path.stem for path in FILES}
