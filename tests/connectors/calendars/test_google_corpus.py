"""Calendars that real programs wrote, as Google would hold them: the same meetings by either way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.calendars.expand import SetAside, expand
from connectors.calendars.google import GoogleCalendar
from connectors.calendars.sheet import Group, Unreadable, split
from rules.model import Attendee, Kind, Meeting, Status
from tests.connectors.calendars.test_corpus import FILES, HOME, WINDOWS, named, needs_shared
from tests.google.convert import InexpressibleError, to_google
from tests.google.permitted import permitted
from tests.google.standin import Google
from tests.thorough import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from connectors.google.account import Account

# What Google's events have no words for, and the files in which it is. What else is in them is compared.
INEXPRESSIBLE = {
    "THISANDFUTURE: Google splits the series instead": {
        *("issue_156_RDATE_with_PERIOD_TZID_khal", "issue_156_RDATE_with_PERIOD_TZID_khal_2"),
        "issue_75_range_parameter",
    },
    "a changed instance has a rule of its own": {
        *("issue_164_duplicated_event", "issue_253_additional_recurrence_id", "issue_253_edge_case_1"),
        "issue_253_recurrence_id_included",
    },
    "an RDATE has an end of its own": {
        *("issue_113_period_in_rdate", "issue_113_period_rdate_duration", "issue_1426", "issue_1633_rdate_with_dates"),
        *("issue_1633_rdate_with_dates_and_tzid", "issue_722_missing_timezones", "period_with_timezone"),
        "rfc_7265_appendix_example_2_ical",
    },
    "it ends before it has started": {
        *("Germany_Holidays", "end_before_start_event", "example", "issue_132_swapped_start_and_end"),
        "issue_201_test_matrix",
    },
    "it starts at a time and ends on a day": {"issue_201_mixed_datetime_and_date", "issue_201_test_matrix"},
    "the zone of the series is known to its file alone": {
        *("exchange-custom-zone", "issue_165_missing_event", "issue_466_respect_unique_timezone"),
    },
    "two masters have one UID": {
        *("alarm_absolute_edited", "issue_148_edge_case_1", "issue_148_edge_case_2", "issue_163_deleted_modification"),
        *("issue_148_exdate_and_rdate_updated", "issue_148_ignored_exdate", "parsing_error"),
    },
}


@pytest.fixture(scope="module")
def google() -> Iterator[Google]:
    with Google() as running:
        yield running


@pytest.fixture(scope="module")
def account(google: Google, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return permitted(google, tmp_path_factory.mktemp("state"))


def groups(path: Path) -> tuple[Group, ...]:
    try:
        return split(path.read_bytes()).groups
    except Unreadable:
        return ()


def told(groups: Iterable[Group]) -> dict[str, object]:
    """The meetings by identity; those that are cancelled are none, since Google deletes what is cancelled."""
    found: dict[str, object] = {}
    for start, end in WINDOWS:
        for group in groups:
            try:
                meetings = expand(group, "work", start, end, HOME).meetings
            except SetAside as error:
                found[f"{error.uid} {start:%Y}"] = error.message
            else:
                found |= {one.identity: _seen(one) for one in meetings if one.status is not Status.CANCELLED}
    return found


def is_set_aside(group: Group) -> bool:
    """Whether the file itself has no meetings to compare with."""
    try:
        expand(group, "work", *WINDOWS[0], HOME)
    except SetAside:
        return True
    return False


def _seen(meeting: Meeting) -> object:
    people = frozenset(map(_person, meeting.attendees))
    organiser = meeting.organiser and _person(meeting.organiser)
    return (meeting.start, meeting.end, meeting.title, meeting.description, meeting.location, meeting.all_day,
            meeting.recurring, meeting.original, meeting.status, organiser, people)  # fmt: skip


def _person(one: Attendee) -> object:
    """Google tells rooms from people, and not from other things."""
    kind = Kind.RESOURCE if one.kind is Kind.ROOM else one.kind
    return one.email, one.name, one.answer, kind


@pytest.mark.parametrize("path", some(FILES, 3), ids=named)
def test_a_calendar_at_google_has_the_meetings_that_its_file_has(path: Path, google: Google, account: Account) -> None:
    calendar_id = f"{path.parent.name}-{path.stem}@group.calendar.google.com"
    store = google.calendar(calendar_id)
    expressed, reasons = [], set()
    for group in groups(path):
        try:
            events = to_google(group, calendar_id, HOME)
        except InexpressibleError as error:
            if not is_set_aside(group):
                reasons.add(str(error))
            continue
        for event in events:
            store.put(event)
        expressed.append(group)
    calendar = GoogleCalendar("work", account, calendar_id, ("robin@example.org",))
    read = [data for _, data in calendar.read(calendar.list({}, "").tags)]
    there = [group for data in read if isinstance(data, bytes) for group in split(data).groups]
    assert len(there) == len(read)
    assert told(there) == told(expressed)
    assert reasons == {reason for reason, stems in INEXPRESSIBLE.items() if path.stem in stems}


@needs_shared
def test_nothing_is_called_inexpressible_that_is_not_there() -> None:
    assert set().union(*INEXPRESSIBLE.values()) <= {path.stem for path in FILES}
