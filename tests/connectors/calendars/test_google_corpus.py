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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from connectors.google.account import Account

# What is not as Google holds it, in files of which the rest is.
INEXPRESSIBLE: dict[str, set[str]] = {}


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


@pytest.mark.parametrize("path", FILES, ids=named)
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
    calendar = GoogleCalendar("work", account, calendar_id, frozenset({"robin@example.org"}))
    read = [data for _, data in calendar.read(calendar.list({}, "").tags)]
    there = [group for data in read if isinstance(data, bytes) for group in split(data).groups]
    assert len(there) == len(read)
    assert told(there) == told(expressed)
    assert reasons == INEXPRESSIBLE.get(path.stem, set())


@needs_shared
def test_nothing_is_called_inexpressible_that_is_not_there() -> None:
    assert INEXPRESSIBLE.keys() <= {path.stem for path in FILES}
