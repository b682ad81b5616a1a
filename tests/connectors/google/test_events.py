"""Google's event documents as iCalendar, read as the house reads it: what a meeting becomes of them."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from googleapiclient.discovery_cache import get_static_doc

from connectors.calendars.expand import BrokenEvent, Expansion, expand
from connectors.calendars.sheet import MAX_LINE, split
from connectors.google.events import FIELDS, NO_MEETINGS, NOTHING, Viewer, removed, to_calendar
from rules.attendance import attend
from rules.model import Answer, Attendee, Kind, Me, Status
from rules.people import Directory

if TYPE_CHECKING:
    from rules.model import Meeting

ROBIN = "robin@example.org"
VIEWER = Viewer((ROBIN,), own=True)
SERIES = {
    "start": {"dateTime": "2026-03-03T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-03T10:30:00+01:00", "timeZone": "Europe/Berlin"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=5"],
}
CONTROLS = "".join(map(chr, [*range(9), *range(11, 32), *range(127, 160)]))


def event(**fields: Any) -> dict[str, Any]:
    """A meeting of an hour on 3 March."""
    told = {
        "id": "coffee",
        "status": "confirmed",
        "iCalUID": "coffee@google.com",
        "summary": "Coffee with Dana",
        "start": {"dateTime": "2026-03-03T15:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-03-03T16:00:00Z", "timeZone": "UTC"},
    }
    return {name: value for name, value in {**told, **fields}.items() if value is not None}


def instance(original: str, **fields: Any) -> dict[str, Any]:
    """An exception of the series `coffee`; `original` is in UTC."""
    start = {"dateTime": f"{original}Z", "timeZone": "Europe/Berlin"}
    return event(**{"id": f"coffee_{original}", "recurringEventId": "coffee", "originalStartTime": start} | fields)


def deleted(original: str) -> dict[str, Any]:
    """A deleted instance has "id, recurringEventId and originalStartTime" for certain, and no more."""
    kept = ("id", "recurringEventId", "originalStartTime")
    return {"status": "cancelled", **{name: value for name, value in instance(original).items() if name in kept}}


def calendar(*events: dict[str, Any], viewer: Viewer = VIEWER) -> bytes:
    data = to_calendar(events, removed(events), viewer)
    assert data is not None
    return data


def expansion(*events: dict[str, Any], viewer: Viewer = VIEWER) -> Expansion:
    (group,) = split(calendar(*events, viewer=viewer)).groups
    return expand(group, "work", datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "Europe/Lisbon")


def meetings(*events: dict[str, Any], viewer: Viewer = VIEWER) -> tuple[Meeting, ...]:
    return expansion(*events, viewer=viewer).meetings


def only(viewer: Viewer = VIEWER, **fields: Any) -> Meeting:
    (meeting,) = meetings(event(**fields), viewer=viewer)
    return meeting


def starts(*events: dict[str, Any]) -> list[str]:
    return [f"{meeting.start:%m-%d %H:%M}" for meeting in meetings(*events)]


def test_a_meeting_has_its_words_and_times() -> None:
    meeting = only(description="Bring the plan,\nplease; it's in C:\\plans", location="Café Lindo, Rua 1", sequence=3,
                   updated="2026-03-01T08:00:00.123Z", status="tentative")  # fmt: skip
    assert meeting.uid == "coffee@google.com"
    assert meeting.title == "Coffee with Dana"
    assert (meeting.start, meeting.end) == tuple(datetime(2026, 3, 3, hour, tzinfo=UTC) for hour in (15, 16))
    assert meeting.description == "Bring the plan,\nplease; it's in C:\\plans"
    assert meeting.location == "Café Lindo, Rua 1"
    assert meeting.status is Status.TENTATIVE
    assert meeting.sequence == 3
    assert meeting.modified == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert not meeting.recurring


# --- when --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        ({"dateTime": "2026-07-03T10:00:00+02:00", "timeZone": "Europe/Berlin"}, "07-03 08:00"),
        ({"dateTime": "2026-07-03T08:00:00Z", "timeZone": "America/New_York"}, "07-03 08:00"),
        ({"dateTime": "2026-07-03T08:00:00.000Z"}, "07-03 08:00"),
        ({"dateTime": "2026-07-03T10:00:00+02:00", "timeZone": "Mars/Olympus_Mons"}, "07-03 08:00"),
        ({"dateTime": "2026-07-03T10:00:00", "timeZone": "Europe/Berlin"}, "07-03 08:00"),
        ({"dateTime": "2026-07-03T10:00:00"}, "07-03 09:00"),  # floating: in the zone of the user, Lisbon
        ({"dateTime": "2026-07-03T10:00:00", "timeZone": "Mars/Olympus_Mons"}, "07-03 09:00"),
        ({"dateTime": "2026-10-25T01:30:00+00:00", "timeZone": "Europe/Lisbon"}, "10-25 01:30"),  # the second 01:30
        ({"dateTime": "2026-10-25T01:30:00+01:00", "timeZone": "Europe/Lisbon"}, "10-25 00:30"),  # the first
    ],
)
def test_a_time_is_the_instant_that_google_means(start: dict[str, str], shown: str) -> None:
    assert starts(event(start=start, end=start)) == [shown]


def test_a_series_goes_on_in_its_zone_whatever_zone_google_writes_it_in() -> None:
    for told in ("2026-03-24T10:00:00+01:00", "2026-03-24T09:00:00Z", "2026-03-24T05:00:00-04:00"):
        start = {"dateTime": told, "timeZone": "Europe/Berlin"}
        assert starts(event(**SERIES | {"start": start, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})) == [
            "03-24 09:00",
            "03-31 08:00",
        ]


def test_a_series_in_a_zone_that_nobody_knows_goes_on_in_utc() -> None:
    start = {"dateTime": "2026-03-24T10:00:00+01:00", "timeZone": "Mars/Olympus_Mons"}
    assert starts(event(**SERIES | {"start": start, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=2"]})) == [
        "03-24 09:00",
        "03-31 09:00",
    ]


def test_a_series_in_a_zone_that_is_an_offset_goes_on_at_that_offset() -> None:
    start = {"dateTime": "2026-03-23T23:30:00Z", "timeZone": "GMT+01:00"}
    rule = ["RRULE:FREQ=WEEKLY;COUNT=2;BYDAY=TU"]
    assert starts(event(**SERIES | {"start": start, "recurrence": rule})) == ["03-23 23:30", "03-30 23:30"]


def test_an_all_day_event_ends_before_its_end_date() -> None:
    meeting = only(start={"date": "2026-07-03"}, end={"date": "2026-07-05"})
    assert meeting.all_day
    assert f"{meeting.start:%m-%d %H:%M} {meeting.end:%m-%d %H:%M}" == "07-02 23:00 07-04 23:00"  # Lisbon


def test_an_all_day_series_leaves_out_the_deleted_day() -> None:
    series = event(start={"date": "2026-03-03"}, end={"date": "2026-03-04"}, recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    gone = deleted("2026-03-04T00:00:00") | {"originalStartTime": {"date": "2026-03-04"}}
    assert starts(series, gone) == ["03-03 00:00", "03-05 00:00"]


def test_a_deleted_instance_is_gone() -> None:
    assert starts(event(**SERIES), deleted("2026-03-10T09:00:00"), deleted("2026-03-31T08:00:00")) == [
        "03-03 09:00",
        "03-17 09:00",
        "03-24 09:00",
    ]


def test_a_deleted_instance_that_was_told_before_stays_gone_and_one_that_came_back_is_there() -> None:
    told = [event(**SERIES), instance("2026-03-17T09:00:00", summary="Back", start=SERIES["start"], end=SERIES["end"])]
    assert removed(told, ["20260310T090000Z", "20260317T090000Z"]) == {"20260310T090000Z"}


def test_a_moved_instance_keeps_its_identity() -> None:
    moved = instance("2026-03-10T09:00:00", summary="Moved", start={"dateTime": "2026-03-11T12:00:00Z"},
                     end={"dateTime": "2026-03-11T12:30:00Z"})  # fmt: skip
    found = {meeting.title: meeting for meeting in meetings(event(**SERIES), moved)}
    assert len(meetings(event(**SERIES), moved)) == 5
    assert found["Moved"].original == datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert found["Moved"].start == datetime(2026, 3, 11, 12, tzinfo=UTC)


def test_an_instance_whose_series_is_not_ours_to_see_is_a_meeting_of_a_series() -> None:
    (meeting,) = meetings(instance("2026-03-10T09:00:00"))
    assert meeting.recurring
    assert meeting.original == datetime(2026, 3, 10, 9, tzinfo=UTC)


def test_an_instance_without_its_place_sets_the_series_aside_and_is_no_second_one() -> None:
    lost = instance("2026-03-10T09:00:00") | {"originalStartTime": {}}
    with pytest.raises(BrokenEvent):
        meetings(event(**SERIES), lost)


def test_an_event_without_a_start_is_set_aside() -> None:
    for start in ({}, {"dateTime": "soon"}, {"date": "2026-02-30"}, {"dateTime": "9999-12-31T23:59:59-05:00"}, "now"):
        with pytest.raises(BrokenEvent):
            meetings(event(start=start))


def test_rdate_and_exdate_of_the_recurrence_are_kept_and_other_lines_are_not() -> None:
    rules = ["RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;TZID=Europe/Berlin:20260310T100000", "RDATE:20260312T090000Z",
             "SUMMARY:Other", "DTSTART:20200101T000000Z", "X-RRULE:FREQ=DAILY", 5, None]  # fmt: skip
    assert starts(event(**SERIES | {"recurrence": rules})) == ["03-03 09:00", "03-12 09:00", "03-17 09:00"]
    assert {meeting.title for meeting in meetings(event(**SERIES | {"recurrence": rules}))} == {"Coffee with Dana"}


def test_a_rule_with_a_line_break_in_it_sets_the_event_aside_and_adds_no_line() -> None:
    hostile = ["RRULE:FREQ=WEEKLY;COUNT=2\r\nATTENDEE:mailto:evil@x.example"]
    assert b"\nATTENDEE" not in calendar(event(**SERIES | {"recurrence": hostile}))
    with pytest.raises(BrokenEvent):
        meetings(event(**SERIES | {"recurrence": hostile}))


def test_the_order_of_the_events_does_not_matter() -> None:
    told = [event(**SERIES), deleted("2026-03-10T09:00:00"), deleted("2026-03-17T09:00:00"),
            instance("2026-03-24T09:00:00", summary="Moved")]  # fmt: skip
    assert len({calendar(*order) for order in itertools.permutations(told)}) == 1


@pytest.mark.parametrize("kind", sorted(NOTHING))
def test_what_is_no_meeting_and_takes_no_time_is_nothing(kind: str) -> None:
    assert to_calendar([event(eventType=kind)], (), VIEWER) is None


@pytest.mark.parametrize("kind", sorted(NO_MEETINGS))
def test_what_takes_time_and_is_no_meeting_is_nobodys(kind: str) -> None:
    meeting = only(eventType=kind)
    assert not attend(meeting, Me("Robin", ("robin@example.org",)), Directory()).lets("accepted")
    assert (meeting.attendees, meeting.free) == ((), False)
    assert meeting.end > meeting.start


def test_an_event_that_is_shown_as_free_takes_no_time() -> None:
    assert only(transparency="transparent").free
    assert not only(transparency="opaque").free
    assert not only().free


@pytest.mark.parametrize("kind", ["default", "fromGmail", "something new", None])
def test_every_other_kind_of_event_is_a_meeting(kind: str | None) -> None:
    assert only(eventType=kind).title == "Coffee with Dana"


def test_a_deleted_event_and_a_deleted_instance_alone_are_nothing() -> None:
    assert to_calendar([{"id": "coffee", "status": "cancelled"}], (), VIEWER) is None
    assert to_calendar([deleted("2026-03-10T09:00:00")], ["20260310T090000Z"], VIEWER) is None


def test_of_a_private_event_there_is_only_the_time() -> None:
    meeting = only(summary=None, visibility="private")
    assert (meeting.title, meeting.organiser, meeting.attendees) == ("", None, ())


# --- where -------------------------------------------------------------------------------------------------

_VIDEO = {"entryPointType": "video", "uri": "https://meet.example/abc"}
_PHONE = {"entryPointType": "phone", "uri": "tel:+351-1"}


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"location": "Room 5", "hangoutLink": "https://meet.example/old"}, "Room 5"),
        ({"conferenceData": {"entryPoints": [_PHONE, _VIDEO]}, "hangoutLink": "https://meet.example/old"},
         "https://meet.example/abc"),
        ({"conferenceData": {"entryPoints": [_PHONE]}, "hangoutLink": "https://meet.example/old"},
         "https://meet.example/old"),
        ({"location": "", "hangoutLink": "https://meet.example/old"}, "https://meet.example/old"),
        ({"conferenceData": {"entryPoints": [_PHONE]}}, ""),
        ({"conferenceData": {"entryPoints": "none"}}, ""),
        ({"conferenceData": []}, ""),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_place_is_the_location_else_the_video_conference(fields: dict[str, Any], place: str) -> None:
    assert only(**fields).location == place


# --- who ---------------------------------------------------------------------------------------------------


def test_attendees_have_their_answers_names_and_kinds() -> None:
    told = [
        {"email": "Dana@Acme.example", "displayName": "Okafor, Dana", "responseStatus": "accepted"},
        {"email": "kim@acme.example", "responseStatus": "declined", "optional": True},
        {"email": "lee@acme.example", "responseStatus": "tentative"},
        {"email": "max@acme.example", "responseStatus": "needsAction", "displayName": 'Max "The Axe"'},
        {"email": "ann@acme.example"},
        {"email": "beamer@acme.example", "resource": True, "responseStatus": "accepted"},
        {"email": "c_1@resource.calendar.google.com", "resource": True},
        {"email": "team@group.calendar.google.com"},
    ]
    assert only(attendees=told).attendees == (
        Attendee("dana@acme.example", "Okafor, Dana", Answer.ACCEPTED, Kind.PERSON),
        Attendee("kim@acme.example", "", Answer.DECLINED, Kind.PERSON),
        Attendee("lee@acme.example", "", Answer.TENTATIVE, Kind.PERSON),
        Attendee("max@acme.example", "Max 'The Axe", Answer.NONE, Kind.PERSON),
        Attendee("ann@acme.example", "", Answer.NONE, Kind.PERSON),
        Attendee("beamer@acme.example", "", Answer.ACCEPTED, Kind.RESOURCE),
        Attendee("c_1@resource.calendar.google.com", "", Answer.NONE, Kind.ROOM),
        Attendee("team@group.calendar.google.com", "", Answer.NONE, Kind.GROUP),
    )


@pytest.mark.parametrize("own", [True, False])
def test_the_organiser_of_somebody_elses_event_is_told(*, own: bool) -> None:
    told = only(Viewer(VIEWER.mine, own), organizer={"email": "dana@acme.example", "displayName": "Dana Okafor"})
    assert told.organiser == Attendee("dana@acme.example", "Dana Okafor")


def test_on_my_own_calendar_self_is_the_first_of_my_addresses_whatever_that_of_the_account() -> None:
    viewer = Viewer(("robin@work.example", ROBIN), own=True)
    account = {"email": "robin.vale@gmail.example", "self": True}
    meeting = only(viewer, organizer=account, attendees=[account | {"responseStatus": "accepted"}])
    assert meeting.organiser == Attendee("robin@work.example")
    assert meeting.attendees == (Attendee("robin@work.example", "", Answer.ACCEPTED),)


def test_on_my_own_calendar_an_address_of_mine_stays_the_one_that_was_invited() -> None:
    viewer = Viewer(("robin@work.example", ROBIN), own=True)
    meeting = only(viewer, attendees=[{"email": "Robin@Work.example", "self": True, "responseStatus": "accepted"}])
    assert [one.email for one in meeting.attendees] == ["robin@work.example"]


def test_on_another_calendar_self_is_the_one_whose_calendar_it_is() -> None:
    boss = {"email": "boss@acme.example", "self": True}
    meeting = only(Viewer(VIEWER.mine, own=False), organizer=boss, attendees=[boss])
    assert meeting.organiser == Attendee("boss@acme.example")
    assert [one.email for one in meeting.attendees] == ["boss@acme.example"]


TEAM = {"email": "team0815@group.calendar.google.com", "displayName": "Team", "self": True}


def test_an_event_that_a_secondary_calendar_organises_itself_is_mine_where_i_made_it() -> None:
    viewer = Viewer(("robin@work.example", ROBIN), own=False)
    assert only(viewer, organizer=TEAM, creator={"email": "Robin@Example.org"}).organiser is None


@pytest.mark.parametrize(
    "creator",
    [
        None,
        {"email": "lee@work.example"},
        {"email": "lee@work.example", "displayName": ROBIN},
        {"email": TEAM["email"], "self": True},
        {"displayName": "Robin Vale"},
        {"email": ""},
        ROBIN,
    ],
)
def test_what_somebody_else_made_on_a_shared_calendar_is_not_mine(creator: Any) -> None:
    """`organizer.self`: "whether the organizer corresponds to the calendar on which this copy of the event appears"."""
    told = only(Viewer(VIEWER.mine, own=False), organizer=TEAM, creator=creator)
    assert told.organiser == Attendee("team0815@group.calendar.google.com", "Team", Answer.NONE, Kind.GROUP)


def test_an_event_that_another_calendar_organises_is_not_mine() -> None:
    team = {"email": "team0815@group.calendar.google.com", "displayName": "Team"}
    assert only(organizer=team).organiser == Attendee(team["email"], "Team", Answer.NONE, Kind.GROUP)


@pytest.mark.parametrize("email", [None, "", "unknownorganizer@calendar.google.com", "no address", "a\nb@x.example"])
def test_an_organiser_without_an_address_is_somebody_else_whom_nobody_writes_to(email: str | None) -> None:
    organiser = only(organizer={"email": email, "displayName": "Unknown Organizer"}).organiser
    assert organiser == Attendee("", "Unknown Organizer")
    assert only(organizer={"email": email}).organiser == Attendee("")


@pytest.mark.parametrize(
    "email",
    ["a%41@x.example", "a?bcc=evil@x.example", "a#b@x.example", "o'neil+cal@x.example", "zoë@bücher.example",
     "a;b@x.example", "a:b@x.example"],
)  # fmt: skip
def test_an_address_is_the_same_when_it_is_read(email: str) -> None:
    assert [one.email for one in only(attendees=[{"email": email}]).attendees] == [email]


# --- hostile texts -----------------------------------------------------------------------------------------

_EVIL = "\r\nATTENDEE:mailto:evil@x.example\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:evil\r\nDTSTART:20260303T150000Z"


@pytest.mark.parametrize("field", ["eventType", "status"])
@pytest.mark.parametrize("odd", [["x"], {}, 5])
def test_a_word_that_is_none_hinders_nothing(field: str, odd: object) -> None:
    assert len(meetings(event(**{field: odd}))) == 1


@pytest.mark.parametrize(
    "brk", ["\r\n", "\n", "\r", "\r\n ", "\n\t", "\x0b", "\x0c", "\x85", "\u2028", "\x00", "\\n", ""]
)
@pytest.mark.parametrize(
    "field", ["summary", "description", "location", "hangoutLink", "iCalUID", "status", "updated", "email", "name"]
)
def test_no_text_makes_another_property(field: str, brk: str) -> None:
    evil = f"x{_EVIL.replace(chr(13) + chr(10), brk)}"
    person = {"email": "dana@acme.example", "displayName": "Dana"}
    if field == "email":
        told = event(attendees=[{"email": evil}], organizer={"email": evil})
    elif field == "name":
        told = event(attendees=[person | {"displayName": evil}], organizer=person | {"displayName": evil})
    else:
        told = event(attendees=[person], organizer=person, **{field: evil})
    (meeting,) = meetings(told)
    assert "evil@x.example" not in {one.email for one in meeting.attendees}
    assert meeting.start == datetime(2026, 3, 3, 15, tzinfo=UTC)
    names = [line.partition(b":")[0].partition(b";")[0] for line in calendar(told).split(b"\r\n")]
    assert names.count(b"BEGIN") == 2
    assert names.count(b"DTSTART") == names.count(b"UID") == 1


@pytest.mark.parametrize("field", ["timeZone", "dateTime", "date"])
def test_no_time_makes_another_property(field: str) -> None:
    told = calendar(event(start={"dateTime": "2026-03-03T15:00:00Z", "timeZone": "UTC", field: f"UTC{_EVIL}"}))
    assert b"evil" not in told


def test_what_looks_like_an_escape_is_none() -> None:
    assert only(description="C:\\new\\Notes, a\\;b\\,c").description == "C:\\new\\Notes, a\\;b\\,c"


def test_a_title_with_control_characters_is_the_title_without_them() -> None:
    assert only(summary=f"Cof{CONTROLS}fee").title in {"Coffee", "Cof fee"}
    data = calendar(event(summary=f"Cof{CONTROLS}fee", iCalUID=f"a{CONTROLS}b"))
    assert not set(data.decode().replace("\r\n", "")) & set(CONTROLS)
    assert only(description=f"Cof{CONTROLS}fee").description.replace("\n", "").replace("\r", "") == "Coffee"


def test_a_text_in_half_characters_is_written_down_all_the_same() -> None:
    assert only(summary="Coffee \ud83d with Dana").title == "Coffee ? with Dana"


def test_ten_megabytes_of_description_are_cut_and_it_is_told() -> None:
    data = calendar(event(description="x" * (10 * 2**20)))
    assert len(data) < 2 * MAX_LINE["DESCRIPTION"]
    sheet = split(data)
    assert ["DESCRIPTION" in flaw.message for flaw in sheet.flaws] == [True]
    assert not sheet.groups[0].broken


@pytest.mark.parametrize("wrong", [None, 5, True, [], {}, [[]], [5], "text", [None], {"email": 5}, [{"email": 5}]])
def test_whatever_google_sends_becomes_a_file_that_can_be_split(wrong: Any) -> None:
    """Field by field something else than it should be."""
    whole = event(organizer={}, attendees=[], recurrence=[], sequence=0, updated="", location="", hangoutLink="",
                  conferenceData={}, description="", eventType="")  # fmt: skip
    for field in whole.keys() - {"id", "status", "eventType"}:
        (group,) = split(calendar({**whole, field: wrong})).groups
        assert group.text


def test_every_field_that_is_asked_for_exists() -> None:
    """Google's own description of its events; a field that it does not know would be an error of each request."""
    schemas = json.loads(get_static_doc("calendar", "v3"))["schemas"]

    def check(mask: str, schema: dict[str, Any]) -> None:
        for one in _split(mask):
            name, _, inner = one.replace("/", "(").rstrip(")").partition("(")
            assert name in schema["properties"]
            if inner:
                check(inner, _of(schema["properties"][name]))

    def _of(told: dict[str, Any]) -> dict[str, Any]:
        told = told.get("items", told)
        found: dict[str, Any] = schemas[told["$ref"]] if "$ref" in told else told
        return found

    check(FIELDS, schemas["Event"])


def _split(mask: str) -> list[str]:
    """At the commas that are in no parentheses."""
    parts, depth = [""], 0
    for letter in mask:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
