"""What every calendar promises. A backend subclasses `CalendarSuite` and supplies the fixture `hand`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from connectors.base import ConnectorError
from connectors.calendars.sheet import split

if TYPE_CHECKING:
    from connectors.base import Calendar, Listing


def one(title: str = "Coffee with Dana", uid: str = "coffee@example.org") -> bytes:
    """A calendar with a single event."""
    return (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260303T150000Z\r\n"
        f"SUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ).encode()


class Hand(Protocol):
    """The other side of a calendar: who writes into it, and what can happen to it."""

    several: bool
    """It can hold several resources, or none."""

    def calendar(self) -> Calendar:
        """The calendar as a new process sees it."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Put a resource there; a calendar that is one whole file has no other, whatever the name."""
        ...

    def remove(self, name: str) -> None:
        """Take it away."""
        ...

    def fail(self) -> None:
        """Make it unreachable."""
        ...


class CalendarSuite:
    """The promises of `connectors.base.Calendar`."""

    @pytest.fixture
    def hand(self) -> Hand:
        raise NotImplementedError

    def says(self, data: bytes | ConnectorError) -> object:
        """What is compared of a resource: its bytes. A calendar that keeps events and no files compares those."""
        return data

    def read(self, calendar: Calendar, *names: str) -> list[tuple[str, object]]:
        """What reading these resources says."""
        return [(name, self.says(data)) for name, data in calendar.read(names)]

    @pytest.fixture
    def whole(self, hand: Hand) -> Hand:
        """With one resource in it."""
        hand.write("one.ics", one())
        return hand

    def test_what_was_written_is_listed_and_read(self, whole: Hand) -> None:
        calendar = whole.calendar()
        (name,) = calendar.list({}, "").tags
        assert self.read(calendar, name) == [(name, self.says(one()))]

    def test_a_new_process_reads_without_listing(self, whole: Hand) -> None:
        (name,) = whole.calendar().list({}, "").tags
        assert self.read(whole.calendar(), name) == [(name, self.says(one()))]

    def test_nothing_asked_is_nothing_read(self, whole: Hand) -> None:
        assert list(whole.calendar().read([])) == []

    def test_names_and_tags_can_be_written_down(self, whole: Hand) -> None:
        listing = whole.calendar().list({}, "")
        for text in (*listing.tags, *listing.tags.values(), listing.note):
            assert text.encode("utf-8").decode("utf-8") == text

    def test_what_is_unchanged_keeps_its_tag(self, whole: Hand) -> None:
        calendar = whole.calendar()
        first = calendar.list({}, "")
        for again in (calendar, whole.calendar()):
            assert again.list(first.tags, first.note).tags == first.tags

    def test_without_memory_the_tags_are_the_same(self, whole: Hand) -> None:
        first = whole.calendar().list({}, "")
        assert whole.calendar().list({}, "").tags == first.tags
        assert whole.calendar().list({}, first.note).tags == first.tags
        assert whole.calendar().list(first.tags, "").tags == first.tags

    @pytest.mark.parametrize("note", ["nonsense", "{", "[]", "null", '{"etag": 5}', "\x00"])
    def test_a_note_that_cannot_be_read_is_none(self, whole: Hand, note: str) -> None:
        first = whole.calendar().list({}, "")
        assert whole.calendar().list(first.tags, note).tags == first.tags

    @pytest.mark.parametrize("title", ["Tea with Dana, perhaps", "Coffee with Kim!"])
    def test_what_is_changed_changes_its_tag_and_is_read_anew(self, whole: Hand, title: str) -> None:
        """Also where the length stays the same."""
        calendar = whole.calendar()
        first = calendar.list({}, "")
        whole.write("one.ics", one(title))
        second = calendar.list(first.tags, first.note)
        assert second.tags.keys() == first.tags.keys()
        assert second.tags != first.tags
        (name,) = second.tags
        assert self.read(calendar, name) == [(name, self.says(one(title)))]

    def test_bytes_come_as_they_are(self, whole: Hand) -> None:
        odd = one().replace(b"Coffee", b"\xff\xfe\x00\xc3 \r\n caf\xe9")
        whole.write("one.ics", odd)
        calendar = whole.calendar()
        (name,) = calendar.list({}, "").tags
        assert self.read(calendar, name) == [(name, self.says(odd))]

    def test_out_of_reach_is_an_error_with_words_and_no_empty_calendar(self, whole: Hand) -> None:
        calendar = whole.calendar()
        first = calendar.list({}, "")
        whole.fail()
        with pytest.raises(ConnectorError) as raised:
            calendar.list(first.tags, first.note)
        assert raised.value.message

    def test_out_of_reach_between_listing_and_reading_is_the_bytes_or_an_error(self, whole: Hand) -> None:
        (name,) = whole.calendar().list({}, "").tags
        whole.fail()
        ((told, data),) = list(whole.calendar().read([name]))
        assert told == name
        assert (isinstance(data, ConnectorError) and data.message) or self.says(data) == self.says(one())

    def test_what_is_read_can_be_split(self, whole: Hand) -> None:
        calendar = whole.calendar()
        for _, data in calendar.read(calendar.list({}, "").tags):
            assert isinstance(data, bytes)
            assert [group.uid for group in split(data).groups] == ["coffee@example.org"]

    def test_one_whole_file_says_so(self, whole: Hand) -> None:
        assert whole.calendar().list({}, "").whole_calendars is not whole.several


class SeveralSuite(CalendarSuite):
    """What holds beyond that for a calendar of several resources."""

    def test_an_empty_calendar_is_no_problem(self, hand: Hand) -> None:
        assert hand.calendar().list({}, "").tags == {}

    def test_each_resource_is_listed_and_read_by_itself(self, whole: Hand) -> None:
        whole.write("two.ics", one("Two", "two"))
        calendar = whole.calendar()
        listing = calendar.list({}, "")
        found = [data for _, data in self.read(calendar, *listing.tags)]
        assert [found.count(self.says(data)) for data in (one(), one("Two", "two"))] == [1, 1]
        assert len(listing.tags) == 2

    def test_a_change_of_one_leaves_the_other(self, whole: Hand) -> None:
        whole.write("two.ics", one("Two", "two"))
        first = whole.calendar().list({}, "")
        whole.write("two.ics", one("Changed", "two"))
        assert len(changes(first, whole.calendar().list(first.tags, first.note))) == 1

    def test_what_was_removed_is_no_longer_listed(self, whole: Hand) -> None:
        whole.write("two.ics", one("Two", "two"))
        first = whole.calendar().list({}, "")
        whole.remove("one.ics")
        left = whole.calendar().list(first.tags, first.note).tags
        assert len(left) == 1
        assert left.items() <= first.tags.items()

    def test_what_went_away_since_is_an_error_and_hinders_no_other(self, whole: Hand) -> None:
        whole.write("two.ics", one("Two", "two"))
        calendar = whole.calendar()
        names = list(calendar.list({}, "").tags)
        whole.remove("one.ics")
        found = dict(calendar.read([*names, "never-there.ics"]))
        assert sorted(found) == sorted([*names, "never-there.ics"])
        left = [self.says(data) for data in found.values() if isinstance(data, bytes)]
        assert left == [self.says(one("Two", "two"))]
        assert sum(isinstance(data, ConnectorError) for data in found.values()) == 2


def changes(first: Listing, second: Listing) -> set[str]:
    """The names whose tag is another, or that are in one listing only."""
    return {name for name, _ in first.tags.items() ^ second.tags.items()}
