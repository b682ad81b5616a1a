"""What the planner is given, and what it makes of it for every step: who met whom, when was the last contact."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from rules.contacts import Contact, Contacts
from rules.decisions import addressed, by_key, closings
from rules.match import Verdict, Wanted, match, may_match
from rules.model import Direction, MailKind
from rules.promises import promises

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from rules.almanac import Almanac
    from rules.attendance import Attendance
    from rules.decisions import Closing
    from rules.history import History, MeetingRef, Promise, Record
    from rules.language import Courtesy, Rule
    from rules.model import Mail, Me, Meeting, Person
    from rules.people import Directory
    from rules.scene import Scene
    from rules.timing import Duration


def follow_up_id(anchor: str, rule: str | None, step: str, recipient: str, number: int = 0) -> str:
    """The id of a follow-up: a hash of what it hangs on, rule, step, recipient and (for a check-in) round."""
    text = "\x1e".join((anchor, rule or "", step, recipient, str(number)))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest[:10]).decode()[:12].lower()  # of bytes that come out even


@dataclass(frozen=True)
class World:
    """Everything `plan()` depends on.

    `start` and `end` bound the window of expansion: what lies outside is not known, and so not missing.
    `calendars` are those that have answered: only what these lack is gone.
    """

    rules: tuple[Rule, ...]
    scene: Scene
    history: History
    almanac: Almanac
    courtesy: Courtesy
    backfill: Duration
    calendars: frozenset[str]
    start: datetime
    end: datetime
    unanswered: frozenset[str] = frozenset()
    """The calendars that do not answer: what was last known of them may be so no more."""

    @property
    def directory(self) -> Directory:
        """Who is who."""
        return self.scene.directory

    @property
    def me(self) -> Me:
        """The user."""
        return self.scene.me

    @property
    def merged(self) -> tuple[Meeting, ...]:
        """The meetings, each once, oldest first."""
        return self.scene.meetings

    @property
    def by_identity(self) -> Mapping[str, Meeting]:
        """The meeting for each name that it is or was known by."""
        return self.scene.by_identity

    @property
    def attendances(self) -> Mapping[str, Attendance]:
        """Who was at each meeting, by its identity."""
        return self.scene.attendances

    @property
    def held(self) -> Mapping[str, tuple[Meeting, ...]]:
        """For each person's key the meetings with them that take place, by their start."""
        return self.scene.held

    @cached_property
    def mails(self) -> Mapping[str, tuple[Mail, ...]]:
        """For each person's key the personal mails with them, oldest first. A forwarded copy is no letter of theirs."""
        mails: dict[str, list[Mail]] = defaultdict(list)
        for mail in sorted(self.history.mails, key=lambda mail: (mail.at, mail.message_id)):
            if mail.kind is not MailKind.PERSONAL or (mail.forwarded and mail.direction is Direction.IN):
                continue
            concerned = mail.others[:1] if mail.direction is Direction.IN else mail.others
            for key in {self.directory.key(email) for email in concerned}:
                mails[key].append(mail)
        return {key: tuple(letters) for key, letters in mails.items()}

    @cached_property
    def _absences(self) -> Mapping[str, tuple[Mail, ...]]:
        """For each person's key their automatic answers that say when they are back, oldest first."""
        told: dict[str, list[Mail]] = defaultdict(list)
        for mail in sorted(self.history.mails, key=lambda mail: (mail.at, mail.message_id)):
            if mail.away_until is not None and mail.kind is MailKind.AUTOMATIC and mail.direction is Direction.IN:
                told[self.directory.key(mail.others[0])].append(mail)
        return {key: tuple(answers) for key, answers in told.items()}

    def away_until(self, key: str, instant: datetime) -> datetime | None:
        """When the person is back, as their latest automatic answer by this instant says; it may have passed since.

        What they wrote themselves after it takes the place of it.
        """
        told = next((mail for mail in reversed(self._absences.get(key, ())) if mail.at <= instant), None)
        if told is None:
            return None
        letters = (mail for mail in self.mails.get(key, ()) if mail.direction is Direction.IN)
        wrote = any(told.at < mail.at <= instant for mail in letters)
        return None if wrote else told.away_until

    def is_told_later(self, key: str, instant: datetime) -> bool:
        """Whether an automatic answer of the person after this instant says when they are back."""
        return any(mail.at > instant for mail in self._absences.get(key, ()))

    @cached_property
    def records(self) -> Mapping[str, Record]:
        """The ledger's records by id."""
        return {record.id: record for record in self.history.records}

    @cached_property
    def by_meeting(self) -> Mapping[str, tuple[Record, ...]]:
        """The ledger's records of each meeting, under every name that it had."""
        found: dict[str, list[Record]] = defaultdict(list)
        for record in self.history.records:
            if record.meeting is not None and not record.round:
                for name in record.meeting.identities:
                    found[name].append(record)
        return {name: tuple(records) for name, records in found.items()}

    def records_of(self, meeting: Meeting) -> tuple[Record, ...]:
        """The records that hang on this meeting (check-ins hang on a chain, and are not among them)."""
        found = {record.id: record for name in meeting.identities for record in self.by_meeting.get(name, ())}
        return tuple(found.values())

    @cached_property
    def our_mails(self) -> frozenset[str]:
        """Message-IDs of drafts of ours, however they went."""
        return frozenset(record.message_id for record in self.history.records if record.message_id)

    @cached_property
    def by_step(self) -> Mapping[tuple[str | None, str], tuple[Record, ...]]:
        """The ledger's records of each rule and step."""
        steps: dict[tuple[str | None, str], list[Record]] = defaultdict(list)
        for record in self.history.records:
            steps[record.rule, record.step].append(record)
        return {key: tuple(records) for key, records in steps.items()}

    @cached_property
    def check_ins_to(self) -> Mapping[str, tuple[Record, ...]]:
        """For each person's key the ledger's records of check-ins with them, of all rules."""
        check_ins: dict[str, list[Record]] = defaultdict(list)
        for record in self.history.records:
            if record.round:
                for key in self.keys(record.addresses):
                    check_ins[key].append(record)
        return {key: tuple(records) for key, records in check_ins.items()}

    @cached_property
    def by_step_to(self) -> Mapping[tuple[str | None, str, str], tuple[Record, ...]]:
        """The ledger's records of each rule, step and person's key."""
        steps: dict[tuple[str | None, str, str], list[Record]] = defaultdict(list)
        for record in self.history.records:
            for key in self.keys(record.addresses):
                steps[record.rule, record.step, key].append(record)
        return {place: tuple(records) for place, records in steps.items()}

    @cached_property
    def _sure(self) -> frozenset[str]:
        """The identities of copies that nobody doubts."""
        return frozenset(copy.identity for copy in self.scene.copies) - self.history.doubted.keys()

    def is_doubted(self, meeting: Meeting) -> bool:
        """Whether every copy of the meeting is missing from its calendar in a way that is doubted."""
        return self.doubted_until(meeting) is not None

    def doubted_until(self, meeting: Meeting) -> datetime | None:
        """When it is believed that the meeting is gone, if it is missing still; None where nobody doubts."""
        doubted = self.history.doubted
        ends = [doubted[name] for name in meeting.identities if name in doubted]
        return max(ends) if ends and self._sure.isdisjoint(meeting.identities) else None

    def is_gone(self, ref: MeetingRef) -> bool:
        """Whether a meeting that no calendar shows is gone.

        It is only where it would be seen: its calendar is still read, its time is in the window.
        """
        return self.start <= ref.end and ref.start <= self.end and ref.calendar in self.calendars

    @cached_property
    def notes(self) -> Mapping[str, tuple[tuple[datetime, str], ...]]:
        """For each person's key what `afterword note` kept on them, oldest first."""
        notes: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        for email, at, text in self.history.notes:
            notes[self.directory.key(email)].append((at, text))
        return {key: tuple(several) for key, several in notes.items()}

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """What the user promised at meetings, whatever became of it, by the end of the meeting."""
        return promises(self)

    @cached_property
    def closings(self) -> tuple[Closing, ...]:
        """The closing notes of what the user decided, whatever became of them."""
        return closings(self)

    @cached_property
    def closings_to(self) -> Mapping[str, tuple[Closing, ...]]:
        """For each person's key the closing notes to them."""
        return by_key(self.closings)

    @cached_property
    def addresses(self) -> frozenset[str]:
        """All addresses of the people whom mail is looked for: those of the scene, and who are to be told or asked."""
        return self.scene.addresses | addressed(self)

    def is_first(self, person: Person, meeting: Meeting) -> bool:
        """Whether no earlier meeting with this person took place."""
        held = self.held.get(self.directory.key(person.email), ())
        return not held or held[0].start >= meeting.start

    def verdict(self, rule: Rule, meeting: Meeting, among: tuple[Person, ...] | None = None) -> Verdict:
        """Whether the rule matches the meeting (for any of the people `among`); the gates are asked elsewhere."""
        attendance = self.attendances[meeting.identity]

        def earlier(person: Person, at: Meeting) -> bool:
            return not self.is_first(person, at)

        return match(rule, meeting, attendance, self.me, earlier, among=among)

    def candidates(self, rule: Rule) -> tuple[Meeting, ...]:
        """The meetings that the rule may match, oldest first; also cancelled ones.

        Most rules name words of a title, or people: that is asked before all that takes longer.
        """
        if rule.id not in self._candidates:
            places = self.scene.titles.that_may_have(rule.when.title)
            named = (self.scene.concern[place] for place in places)
            wanted = Wanted(rule.when.person)
            self._candidates[rule.id] = tuple(
                one for one in named if may_match(rule, one) and wanted.among(self.attendances[one.identity])
            )
        return self._candidates[rule.id]

    @cached_property
    def _candidates(self) -> dict[str, tuple[Meeting, ...]]:
        return {}

    def chosen(self, rule: Rule, meeting: Meeting) -> tuple[Person, ...]:
        """Whom the rule writes to because of this meeting; nobody where it does not match. Without the reasons."""
        place = (rule.id, meeting.identity)
        if place not in self._chosen:
            verdict = self.verdict(rule, meeting) if may_match(rule, meeting) else None
            self._chosen[place] = verdict.people if verdict is not None and verdict.matches else ()
        return self._chosen[place]

    @cached_property
    def _chosen(self) -> dict[tuple[str, str], tuple[Person, ...]]:
        return {}

    def upcoming(self, key: str, instant: datetime) -> Meeting | None:
        """The first meeting with the person, by its start, that has not ended by this instant."""
        if key not in self._ends:
            self._ends[key] = list(accumulate((meeting.end for meeting in self.held.get(key, ())), max))
        index = bisect_right(self._ends[key], instant)
        return self.held[key][index] if index < len(self._ends[key]) else None

    def end_of_run(self, key: str, every: Duration, end: datetime) -> datetime:
        """The end of the last of the meetings that follow this one's `end`, each less than `every` after the other.

        Worked out once for a person: a chain of check-ins need not go through all that hold it back.
        """
        ends = self._ends[key]
        if (key, every) not in self._runs:
            held, runs = self.held[key], list(ends)
            for index in reversed(range(len(ends))):
                following = bisect_right(ends, ends[index])
                if following < len(ends) and held[following].start <= every.after(ends[index], self.almanac):
                    runs[index] = runs[following]
            self._runs[key, every] = runs
        return self._runs[key, every][bisect_left(ends, end)]

    @cached_property
    def _runs(self) -> dict[tuple[str, Duration], list[datetime]]:
        return {}

    @cached_property
    def _ends(self) -> dict[str, list[datetime]]:
        return {}

    def met_before(self, key: str, instant: datetime) -> int:
        """How many meetings with the person had ended by then."""
        return bisect_right(sorted(meeting.end for meeting in self.held.get(key, ())), instant)

    def next_meeting(self, key: str, instant: datetime) -> Meeting | None:
        """The next meeting with the person that starts after this instant."""
        held = self.held.get(key, ())
        index = bisect_right([meeting.start for meeting in held], instant)
        return held[index] if index < len(held) else None

    def contacts(self, key: str) -> Contacts:
        """All contacts with a person that are known, future meetings among them."""
        if key not in self._contacts:
            self._contacts[key] = Contacts.of(self._all_contacts(key))
        return self._contacts[key]

    def _all_contacts(self, key: str) -> Iterator[Contact]:
        for meeting in self.held.get(key, ()):
            yield Contact(meeting.end, meeting.identity, theirs=True, meeting=meeting)
        for mail in self.mails.get(key, ()):
            yield Contact(mail.at, mail.message_id, mail.direction is Direction.IN)
        for record in self.sent_to.get(key, ()):
            if record.sent is not None:
                yield Contact(record.sent, record.message_id, theirs=False)

    @cached_property
    def _contacts(self) -> dict[str, Contacts]:
        return {}

    @cached_property
    def sent_to(self) -> Mapping[str, tuple[Record, ...]]:
        """For each person's key the notes of ours that the user sent."""
        sent: dict[str, list[Record]] = defaultdict(list)
        for record in self.history.records:
            if record.sent is not None and not record.to_me:
                for key in {self.directory.key(email) for email in record.addresses}:
                    sent[key].append(record)
        return {key: tuple(records) for key, records in sent.items()}

    @cached_property
    def when_sent_to(self) -> Mapping[str, frozenset[datetime]]:
        """For each person's key when the user sent the notes of ours that concern them."""
        sent: dict[str, set[datetime]] = defaultdict(set)
        for record in self.history.records:
            if record.sent is not None:
                for key in self.keys(record.addresses):
                    sent[key].add(record.sent)
        return {key: frozenset(instants) for key, instants in sent.items()}

    def last_contact(self, key: str, instant: datetime) -> Contact | None:
        """The latest contact by this instant."""
        return self.contacts(key).last(instant)

    def keys(self, emails: Iterable[str]) -> frozenset[str]:
        """The persons behind these addresses."""
        return frozenset(self.directory.key(email) for email in emails)

    def between(self, start: datetime, end: datetime) -> tuple[Meeting, ...]:
        """The meetings that start in [start, end)."""
        starts = self.scene.starts
        return self.merged[bisect_left(starts, start) : bisect_left(starts, end)]
