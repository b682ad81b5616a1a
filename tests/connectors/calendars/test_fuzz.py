"""Whatever the bytes: a sheet or Unreadable, an expansion or an event set aside, and nothing else, ever."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.calendars.budget import Budget
from connectors.calendars.expand import SetAside, expand
from connectors.calendars.sheet import Unreadable, split
from tests.connectors.calendars.build import HOME
from tests.thorough import examples

CORPUS = Path(__file__).parents[2] / "corpus"
SHARED = Path(__file__).parents[4] / "shared" / "corpus"
FILES = sorted([*CORPUS.glob("*.ics"), *SHARED.glob("*/*.ics")])
TEXTS = [data for data in (path.read_bytes() for path in FILES) if len(data) < 20_000]
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
PIECES = [
    *(b"DTSTART", b"DTEND", b"RRULE", b"RDATE", b"EXDATE", b"RECURRENCE-ID", b"DURATION", b"ATTENDEE", b"ORGANIZER"),
    *(b"UID", b";TZID=", b";VALUE=DATE", b";VALUE=PERIOD", b";RANGE=THISANDFUTURE", b"FREQ=", b"INTERVAL=", b"COUNT="),
    *(b"UNTIL=", b"BYDAY=", b"BYSETPOS=", b"99999999999", b"0", b"-1", b"\r\n", b"\r\n ", b"\r", b"\n", b"\0"),
    *(b'"', b":", b";", b",", b"\\", b"=", b"/", b"\xff", b"\xed\xa0\x80", b"Z", b"T", b"00010101T000000"),
    *(b"99991231T235959Z", b"P1W", b"-PT99999H", b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:VTIMEZONE", b"END:VTIMEZONE"),
    *(b"BEGIN:VALARM", b"SEQUENCE", b"LAST-MODIFIED"),
]


def take(data: bytes) -> None:
    try:
        sheet = split(data)
    except Unreadable:
        return
    budget = Budget(0.5)
    for group in sheet.groups:
        try:
            result = expand(group, "feed", START, END, HOME, budget=budget)
        except SetAside as error:
            assert error.uid == group.uid  # noqa: PT017 - an event set aside is an answer too
            assert error.message  # noqa: PT017 - as above
            continue
        assert all(meeting.start <= meeting.end for meeting in result.meetings)
        identities = [meeting.identity for meeting in result.meetings]
        assert len(set(identities)) == len(identities)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A calendar of the corpus in which some pieces were replaced, doubled or lost."""
    data = bytearray(draw(st.sampled_from(TEXTS)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        length = draw(st.integers(0, 20))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4))
        data[place : place + length] = piece
    return bytes(data)


@pytest.mark.skipif(not TEXTS, reason="there is no corpus to mutate")
@settings(deadline=None, max_examples=examples(400), suppress_health_check=list(HealthCheck), derandomize=True)
@given(mutated())
def test_mutated_calendars_raise_nothing_of_others(data: bytes) -> None:
    take(data)


VALUES = st.sampled_from(
    [
        *(
            "20260303T150000Z",
            "20260303",
            "20260303T150000",
            "20260303T150000Z/PT1H",
            "20260303T150000Z/20260303T160000Z",
        ),
        *("PT1H", "P1D", "-P1D", "", "00010101T000000", "99991231T235959", "x", "20260303T150000Z,20260304"),
        *("19700101T000000Z", "20260303T150000Z/20250101T000000Z"),
    ]
)
PARAMS = st.sampled_from(
    ["", ";VALUE=DATE", ";TZID=Europe/Berlin", ";TZID=Nowhere", ";VALUE=PERIOD", ";RANGE=THISANDFUTURE", ";VALUE=TIME",
     ';TZID="', ";X=1;TZID=Asia/Tokyo"]
)  # fmt: skip
RULES = st.sampled_from(
    [
        *("FREQ=DAILY", "FREQ=WEEKLY;COUNT=3", "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20260601", "FREQ=YEARLY;BYMONTH=13"),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;INTERVAL=-3", "FREQ=DAILY;UNTIL=x", "COUNT=1"),
        *("FREQ=DAILY;UNTIL=20260401T000000Z;COUNT=2", "FREQ=MONTHLY;BYMONTHDAY=99", "FREQ=YEARLY;BYWEEKNO=0"),
        *("FREQ=HOURLY;COUNT=5;BYHOUR=25", "FREQ=DAILY;BYSETPOS=0", "FREQ=DAILY;COUNT=2;BYMONTHDAY=;BYMONTH=2"),
    ]
)
LINES = st.one_of(
    st.builds(
        "{}{}:{}".format, st.sampled_from(["DTSTART", "DTEND", "RDATE", "EXDATE", "RECURRENCE-ID"]), PARAMS, VALUES
    ),
    st.builds("RRULE:{}".format, RULES),
    st.builds(
        "{}:{}".format, st.sampled_from(["DURATION", "SEQUENCE", "LAST-MODIFIED", "STATUS", "ORGANIZER"]), VALUES
    ),
)


@settings(deadline=None, max_examples=examples(500), derandomize=True)
@given(st.lists(st.lists(LINES, min_size=1, max_size=7), min_size=1, max_size=3))
@example([["DTSTART:20260303", "RRULE:FREQ=DAILY;COUNT=2"], ["DTSTART:20260303T150000Z", "RECURRENCE-ID:20260304"]])
def test_events_put_together_at_random_raise_nothing_of_others(events: list[list[str]]) -> None:
    parts = ["\r\n".join(["BEGIN:VEVENT", "UID:one", *lines, "END:VEVENT"]) for lines in events]
    take("\r\n".join(["BEGIN:VCALENDAR", *parts, "END:VCALENDAR", ""]).encode())
