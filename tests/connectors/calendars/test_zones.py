from __future__ import annotations

import pytest

from connectors.calendars import zones
from tests.connectors.calendars.build import event, expansion, starts

FIXED = """BEGIN:VTIMEZONE\r\nTZID:{name}\r\n{more}BEGIN:STANDARD\r\nTZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r
DTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE"""


def fixed(name: str, offset: str = "+0500", more: str = "") -> str:
    return FIXED.format(name=name, offset=offset, more=more)


@pytest.mark.parametrize(
    "name",
    [
        "Europe/Berlin",
        '"Europe/Berlin"',
        " Europe/Berlin ",
        "europe/BERLIN",
        "/Europe/Berlin",
        "/mozilla.org/20050126_1/Europe/Berlin",
        "/freeassociation.sourceforge.net/Europe/Berlin",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
        "posix/Europe/Berlin",
        "W. Europe Standard Time",
        "w. europe standard time",
        "GMT+0100",
        "GMT+01:00",
        "UTC+1",
        "+01:00",
        "Etc/GMT-1",
    ],
)
def test_a_zone_is_known_by_each_of_its_names(name: str) -> None:
    """15:00 in winter is 14:00 in UTC in all of them."""
    assert starts(event(start=f";TZID={name}:20260303T150000")) == ["03-03 14:00"]


def test_utc_of_microsoft_is_utc() -> None:
    assert starts(event(start=";TZID=tzone://Microsoft/Utc:20260303T150000")) == ["03-03 15:00"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "Europe", "localtime", "x" * 5000, "", "GMT+99"])
def test_what_is_no_zone_is_not_known(name: str) -> None:
    assert zones.known(name) is None


@pytest.mark.parametrize("name", ["tzone://Microsoft/Custom", "Customized Time Zone", "(UTC+05:00) Somewhere"])
def test_an_unknown_name_means_what_its_vtimezone_says(name: str) -> None:
    result = expansion(fixed(name), event(start=f';TZID="{name}":20260303T150000'))
    assert f"{result.meetings[0].start:%H:%M}" == "10:00"
    assert result.flaws == ()


def test_a_known_name_is_stronger_than_the_vtimezone() -> None:
    assert starts(fixed("Europe/Berlin"), event(start=";TZID=Europe/Berlin:20260303T150000")) == ["03-03 14:00"]


def test_the_place_in_a_vtimezone_is_stronger_than_its_rules() -> None:
    zone = fixed("Mine", more="X-LIC-LOCATION:Europe/Berlin\r\n")
    assert starts(zone, event(start=";TZID=Mine:20260703T150000")) == ["07-03 13:00"]


def test_two_files_that_define_one_name_differently_do_not_mix() -> None:
    one, two = (
        starts(fixed("Mine", offset), event(start=";TZID=Mine:20260303T150000")) for offset in ("+0500", "-0500")
    )
    assert (one, two) == (["03-03 10:00"], ["03-03 20:00"])


def test_a_name_that_nobody_knows_is_told_and_taken_in_the_zone_of_the_user() -> None:
    result = expansion(event(start=";TZID=Nowhere/At All:20260703T150000"), zone="Europe/Lisbon")
    assert f"{result.meetings[0].start:%H:%M}" == "14:00"
    assert "coffee@example.org" in result.flaws[0].message
    assert "Nowhere/At All" in result.flaws[0].message
    assert result.flaws[0].hint


def test_a_name_that_nobody_knows_is_taken_in_the_zone_of_the_calendar_if_it_has_one() -> None:
    result = expansion("X-WR-TIMEZONE:Europe/Berlin", event(start=";TZID=Nowhere:20260703T150000"))
    assert f"{result.meetings[0].start:%H:%M}" == "13:00"
    assert len(result.flaws) == 1


def test_a_zone_is_told_of_once_for_an_event() -> None:
    lines = ("DTEND;TZID=Nowhere:20260303T160000", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=Nowhere:20260304T150000")
    assert len(expansion(event(*lines, start=";TZID=Nowhere:20260303T150000")).flaws) == 1


def test_a_floating_time_is_in_the_zone_of_the_user() -> None:
    assert starts(event(start=":20260703T150000"), zone="Asia/Tokyo") == ["07-03 06:00"]


def test_a_floating_time_is_in_the_zone_of_the_calendar_if_it_has_one() -> None:
    assert starts("X-WR-TIMEZONE:Europe/Berlin", event(start=":20260703T150000")) == ["07-03 13:00"]


def test_utc_with_a_zone_is_utc() -> None:
    assert starts(event(start=";TZID=Europe/Berlin:20260303T150000Z")) == ["03-03 15:00"]


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=DAILY", "FREQ=YEARLY;INTERVAL=0", "FREQ=YEARLY;BYHOUR=0,1,2;BYMINUTE=1,2,3"]
)
def test_a_bomb_in_a_vtimezone_is_told_of_and_not_lit(rule: str) -> None:
    zone = fixed("Mine").replace("DTSTART", f"RRULE:{rule}\r\nDTSTART")
    result = expansion(zone, event(start=";TZID=Mine:20260303T150000"))
    assert "VTIMEZONE" in result.flaws[0].message
    assert len(result.meetings) == 1


def test_a_broken_vtimezone_is_told_of() -> None:
    result = expansion(fixed("Mine", "rubbish"), event(start=";TZID=Mine:20260303T150000"))
    assert "VTIMEZONE" in result.flaws[0].message
