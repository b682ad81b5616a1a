from __future__ import annotations

import pytest

from rules.model import Answer, Attendee, Kind
from tests.connectors.calendars.build import event, meetings


def people(*lines: str) -> tuple[Attendee, ...]:
    return meetings(event(*lines))[0].attendees


def one(line: str) -> Attendee:
    (found,) = people(line)
    return found


@pytest.mark.parametrize(
    "line",
    [
        "ATTENDEE:mailto:dana@acme.example",
        "ATTENDEE:MAILTO:Dana@ACME.example",
        "ATTENDEE:mailto: dana@acme.example",
        "ATTENDEE:mailto:dana%40acme.example",
        "ATTENDEE:mailto:dana@acme.example?subject=x",
        "ATTENDEE:dana@acme.example",
        "ATTENDEE;EMAIL=dana@acme.example:urn:uuid:9b5cf2e1-0000-4000-8000-000000000000",
        "ATTENDEE;EMAIL=dana@acme.example:/aMTE5/principal/",
        "ATTENDEE;EMAIL=dana@acme.example:invalid:nomail",
        "attendee;email=dana@acme.example:https://cloud.example/principals/dana",
    ],
)
def test_an_address_is_found_however_it_is_written(line: str) -> None:
    assert one(line).email == "dana@acme.example"


@pytest.mark.parametrize(
    "value",
    ["urn:uuid:9b5cf2e1-0000-4000-8000-000000000000", "invalid:nomail", "mailto:", "", "mailto:dana", "mailto:@",
     "mailto:a b@acme.example", "mailto:" + "x" * 500 + "@acme.example", "mailto:a%0ABcc:b@acme.example"],
)  # fmt: skip
def test_an_attendee_without_a_usable_address_is_left_out(value: str) -> None:
    assert people(f"ATTENDEE;CN=Dana:{value}") == ()


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ("ACCEPTED", Answer.ACCEPTED), ("accepted", Answer.ACCEPTED), ("DECLINED", Answer.DECLINED),
        ("DELEGATED", Answer.DECLINED), ("TENTATIVE", Answer.TENTATIVE), ("NEEDS-ACTION", Answer.NONE),
        ("X", Answer.NONE),
    ],
)  # fmt: skip
def test_the_answer_is_the_partstat(told: str, answer: Answer) -> None:
    assert one(f"ATTENDEE;PARTSTAT={told}:mailto:dana@acme.example").answer == answer


def test_without_partstat_there_is_no_answer() -> None:
    assert one("ATTENDEE:mailto:dana@acme.example").answer == Answer.NONE


@pytest.mark.parametrize(
    ("params", "address", "kind"),
    [
        ("", "dana@acme.example", Kind.PERSON),
        (";CUTYPE=INDIVIDUAL", "dana@acme.example", Kind.PERSON),
        (";CUTYPE=UNKNOWN", "dana@acme.example", Kind.PERSON),
        (";CUTYPE=room", "blue@acme.example", Kind.ROOM),
        (";CUTYPE=RESOURCE", "projector@acme.example", Kind.RESOURCE),
        (";CUTYPE=GROUP", "team@acme.example", Kind.GROUP),
        (";ROLE=NON-PARTICIPANT", "boss@acme.example", Kind.NON_PARTICIPANT),
        (";ROLE=NON-PARTICIPANT;CUTYPE=ROOM", "blue@acme.example", Kind.ROOM),
        (";ROLE=OPT-PARTICIPANT", "dana@acme.example", Kind.PERSON),
        ("", "acme.example_4242@resource.calendar.google.com", Kind.ROOM),
        (";CUTYPE=INDIVIDUAL", "c_1@group.calendar.google.com", Kind.GROUP),
    ],
)
def test_rooms_resources_groups_and_non_participants_are_told_apart(params: str, address: str, kind: Kind) -> None:
    assert one(f"ATTENDEE{params}:mailto:{address}").kind == kind


def test_one_address_twice_is_one_attendee_with_the_answer_that_was_given() -> None:
    lines = ("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:dana@acme.example", "ATTENDEE:mailto:kim@beta.example",
             "ATTENDEE;CN=Dana;PARTSTAT=ACCEPTED:mailto:DANA@acme.example")  # fmt: skip
    assert people(*lines) == (Attendee("dana@acme.example", "Dana", Answer.ACCEPTED), Attendee("kim@beta.example"))


@pytest.mark.parametrize("name", ["Dana Okafor", '"Okafor, Dana"', '"Okafor: Dana"', "Дана Окафор", "陳大文"])
def test_the_name_is_the_common_name(name: str) -> None:
    assert one(f"ATTENDEE;CN={name}:mailto:dana@acme.example").name == name.strip('"')


def test_a_quoted_name_with_an_address_in_it_is_no_address() -> None:
    assert one('ATTENDEE;CN="mailto:eve@x.example":mailto:dana@acme.example').email == "dana@acme.example"


def test_ten_megabytes_of_name_are_left_out() -> None:
    assert people(f"ATTENDEE;CN={'x' * 10_000_000}:mailto:dana@acme.example") == ()
    assert len(one(f"ATTENDEE;CN={'x' * 3_000}:mailto:dana@acme.example").name) <= 200


def test_no_organiser_is_none() -> None:
    assert meetings(event())[0].organiser is None
    assert meetings(event("ORGANIZER:"))[0].organiser is None


def test_the_organiser_is_an_attendee_of_the_same_make() -> None:
    organiser = meetings(event("ORGANIZER;CN=Robin Vale:MAILTO:Robin@example.org"))[0].organiser
    assert organiser == Attendee("robin@example.org", "Robin Vale")


@pytest.mark.parametrize("value", [";CN=Eve:invalid:nomail", ":urn:uuid:1", ";CN=Eve:", ";CN=\x80Eve:mailto:eve"])
def test_an_organiser_without_address_is_still_somebody_else(value: str) -> None:
    organiser = meetings(event(f"ORGANIZER{value}"))[0].organiser
    assert organiser is not None
    assert organiser.email == ""


def test_a_meeting_of_thousands_is_read_in_part() -> None:
    assert len(people(*(f"ATTENDEE:mailto:p{number}@acme.example" for number in range(2_500)))) == 2_000
