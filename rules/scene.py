"""The calendars as the rules see them: each meeting once, who was there, and which of them a rule is asked about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rules.attendance import Attendance, attend
from rules.meetings import inherit, merge
from rules.titles import Titles

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from rules.history import Record
    from rules.marks import Writers
    from rules.model import Me, Meeting
    from rules.people import Directory


@dataclass(frozen=True)
class Scene:
    """The calendars as the rules see them: each meeting once, and who was there.

    `copies` are the meetings as the calendars show them; `records` lend the names of drafted instances; `writers` says
    of calendars who writes into them.
    """

    copies: tuple[Meeting, ...]
    records: tuple[Record, ...]
    directory: Directory
    me: Me
    writers: Mapping[str, Writers] = field(default_factory=dict)

    @cached_property
    def meetings(self) -> tuple[Meeting, ...]:
        """The meetings, each once, oldest first."""
        return inherit(merge(self.copies, self.me, self.directory, self.writers), self.records)

    @cached_property
    def by_identity(self) -> Mapping[str, Meeting]:
        """The meeting for each name that it is or was known by."""
        return {name: meeting for meeting in self.meetings for name in reversed(meeting.identities)}

    @cached_property
    def attendances(self) -> Mapping[str, Attendance]:
        """Who was at each meeting, by its identity."""
        return {meeting.identity: attend(meeting, self.me, self.directory) for meeting in self.meetings}

    @cached_property
    def held(self) -> Mapping[str, tuple[Meeting, ...]]:
        """For each person's key the meetings with them that take place, by their start."""
        held: dict[str, list[Meeting]] = defaultdict(list)
        for meeting in self.meetings:
            attendance = self.attendances[meeting.identity]
            if attendance.held:
                for person in attendance.people:
                    held[self.directory.key(person.email)].append(meeting)
        return {key: tuple(meetings) for key, meetings in held.items()}

    @cached_property
    def addresses(self) -> frozenset[str]:
        """All addresses of the people that the rules know: those met or to be met, and those written to."""
        emails = {email for meeting in self.meetings for email in self._of(meeting)}
        return frozenset(emails.union(*(record.addresses for record in self.records if not record.to_me)))

    def _of(self, meeting: Meeting) -> tuple[str, ...]:
        attendance = self.attendances[meeting.identity]
        return tuple(email for person in attendance.people for email in person.emails) if attendance.held else ()

    @cached_property
    def concern(self) -> tuple[Meeting, ...]:
        """The meetings that a rule is asked about, oldest first. An invitation that I have not accepted is none."""
        gates = ("accepted", "counts", "nofollow")
        return tuple(one for one in self.meetings if self.attendances[one.identity].lets(*gates))

    @cached_property
    def titles(self) -> Titles:
        """The words of their titles, for finding the meetings of a rule."""
        return Titles.of(meeting.title for meeting in self.concern)

    @cached_property
    def starts(self) -> list[datetime]:
        """The starts of the meetings, for finding a span of them."""
        return [meeting.start for meeting in self.meetings]
