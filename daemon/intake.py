"""Changed resources of a calendar into the ledger: taken apart, expanded where needed, a few hundred at a time."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError
from connectors.calendars.budget import SECONDS, Budget
from connectors.calendars.errors import SetAside, TooCostly, Unreadable
from connectors.calendars.sheet import Sheet, split
from daemon.ledger import calendars
from daemon.ledger.calendars import Component
from daemon.ledger.codec import storable
from daemon.ledger.model import Part
from rules.doubt import dropped_instances

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from connectors.base import Flaw
    from connectors.calendars.expand import Expansion
    from connectors.calendars.sheet import Group
    from daemon.ledger import Ledger
    from daemon.suspects import Watch
    from daemon.window import Question
    from rules.model import Meeting

RESOURCES = 300
GROUPS = 3000
"""So many of either are one transaction."""


Flawed = tuple[str, str, Problem]
"""Resource, UID (or nothing), and what is wrong."""
_Taken = tuple[str, Sheet | ConnectorError]


class Intake:
    """One calendar's changed resources on their way into the ledger.

    `new` are the problems that were not known before, `dropped` the past meetings that an event no longer has. What has
    to be read again, though its tag may stay the same, is kept with an empty one; `unread` did not come at all.
    """

    def __init__(self, ledger: Ledger, question: Question, answer: int, watch: Watch) -> None:
        self.new: list[Problem] = []
        self.dropped: list[Meeting] = []
        self.unread: set[str] = set()
        self.ledger = ledger
        self.question = question
        self.answer = answer
        self.watch = watch
        self.budget = Budget()
        with ledger.reading() as connection:
            self.flaws = calendars.all_flaws(connection, question.calendar)
            self.any_held = calendars.any_held(connection, question.calendar)

    def take(
        self,
        found: Iterable[tuple[str, bytes | ConnectorError]],
        tags: Mapping[str, str],
        progress: Callable[[int, int], None] | None,
        total: int,
    ) -> None:
        """Take resources in; `tags` are those of the listing. No transaction is open while `found` is read."""
        done = 0
        for batch in _batches(found):
            _Batch(self, batch, tags).save()
            done += len(batch)
            if progress is not None:
                progress(done, total)


class _Batch:
    """Some resources: everything is worked out first, and saved in one transaction."""

    def __init__(self, intake: Intake, taken: Sequence[_Taken], tags: Mapping[str, str]) -> None:
        self.intake = intake
        self.ledger = intake.ledger
        self.question = intake.question
        self.window = self.question.window
        self.now = self.question.now
        self.calendar = self.question.calendar
        self.names = [name for name, _ in taken]
        self.tags = {name: tags.get(name, "") for name in self.names}
        self.rows: list[tuple[Component, Sequence[Meeting] | None]] = []
        self.changed: dict[tuple[str, str], tuple[Meeting, ...]] = {}
        self.flaws: list[Flawed] = []
        names = set(self.names)
        self.flawed = [flaw for flaw in intake.flaws if flaw[0] in names]
        with self.ledger.reading() as connection:
            self.known = calendars.known(connection, self.calendar, self.names)
        for name, sheet in taken:
            if isinstance(sheet, ConnectorError):
                self.unread(name, sheet)
            else:
                self.read(name, sheet)

    def unread(self, name: str, error: ConnectorError) -> None:
        """Nothing about the resource has changed; one that was read and makes no sense is not read again."""
        if not isinstance(error, Unreadable):
            self.tags[name] = ""
            self.intake.unread.add(name)
        self.flaws.extend(flaw for flaw in self.flawed if flaw[0] == name and flaw[1])
        self.wrong(name, "", error.message, error.hint, file=error.file)

    def read(self, name: str, sheet: Sheet) -> None:
        for flaw in sheet.flaws:
            self.slight(name, "", flaw)
        shown = set()
        for group in sheet.groups:
            shown.add(group.uid)
            self.event(name, group)
        for (resource, uid), old in self.known.items():
            if resource == name and uid not in shown and old.missing_since is None:
                self.rows.append((replace(old, missing_since=self.now), None))

    def event(self, name: str, group: Group) -> None:
        digest = sha256(f"{self.question.reading}\n{group.digest}".encode()).hexdigest()
        old = self.known.get((name, group.uid))
        if old is not None and old.digest == digest and old.covers(self.window.start, self.window.end):
            self.flaws.extend(flaw for flaw in self.flawed if flaw[:2] == (name, group.uid))
            if old.missing_since is not None:
                self.rows.append((old.shown, None))
            return
        left = self.intake.budget.left
        try:
            expansion = self.intake.watch.expand(group, digest, self.question, self.intake.budget)
        except SetAside as error:
            if isinstance(error, TooCostly) and left < SECONDS:
                digest, self.tags[name] = "", ""  # it had less time than is its due
            self.set_aside(name, group.uid, digest, old)
            hint = error.hint or "Mend or delete the event in your calendar; all other events are used."
            self.wrong(name, group.uid, f"the event {group.uid} was set aside: {error.message}", hint)
            return
        for flaw in expansion.flaws:
            self.slight(name, group.uid, flaw)
        self.rows.append((self.component(name, group.uid, digest, expansion, old), expansion.meetings))
        if old is not None:
            self.changed[name, group.uid] = expansion.meetings

    def component(self, name: str, uid: str, digest: str, expansion: Expansion, old: Component | None) -> Component:
        first, last = expansion.span
        inside = last is not None and self.window.expanded_from <= first and last < self.window.expanded_to
        whole = inside or (not expansion.recurring and bool(expansion.meetings))
        return Component(
            resource=name,
            uid=uid,
            digest=digest,
            recurring=expansion.recurring,
            expanded_from=None if whole else self.window.expanded_from,
            expanded_to=None if whole else self.window.expanded_to,
            first_start=first,
            last_end=last,
            first_seen=self.intake.answer if old is None else old.first_seen,
        )

    def set_aside(self, name: str, uid: str, digest: str, old: Component | None) -> None:
        """A broken edit changes nothing: what was known of the event before stays."""
        if old is not None:
            kept = replace(old.shown, digest=digest, expanded_from=None, expanded_to=None)
            self.rows.append((kept, None))
            return
        nothing = Component(name, uid, digest, False, None, None, None, None, self.intake.answer)  # noqa: FBT003 - a row
        self.rows.append((nothing, ()))

    def wrong(self, name: str, uid: str, message: str, hint: str | None, *, file: str | None = None) -> None:
        """Something could not be used; it is news the first time."""
        problem = Problem(self.calendar, storable(file or name), None, None, storable(message), hint)
        self.flaws.append((name, uid, problem))
        if (name, uid, problem) not in self.flawed:
            self.intake.new.append(problem)

    def slight(self, name: str, uid: str, flaw: Flaw) -> None:
        """Something small that hindered nothing, and is no news."""
        self.flaws.append(
            (
                name,
                uid,
                Problem(self.calendar, storable(flaw.file or name), flaw.line, None, storable(flaw.message), flaw.hint),
            )
        )

    def save(self) -> None:
        intake = self.intake
        with self.ledger.writing(Part.CALENDARS) as connection:
            old = calendars.old_meetings(connection, self.calendar, tuple(self.changed))
            calendars.write(connection, self.calendar, self.rows)
            calendars.set_tags(connection, self.calendar, self.tags)
            calendars.set_flaws(connection, self.calendar, self.names, self.flaws)
            if intake.any_held:
                back = {meeting.identity for _, meetings in self.rows for meeting in meetings or ()}
                calendars.release(connection, self.calendar, back)
        for place, before in old.items():
            since = self.window.expanded_from
            intake.dropped.extend(dropped_instances(before, self.changed[place], since, self.now))


def _batches(found: Iterable[tuple[str, bytes | ConnectorError]]) -> Iterator[list[_Taken]]:
    batch: list[_Taken] = []
    groups = 0
    for name, data in found:
        sheet: Sheet | ConnectorError
        try:
            sheet = data if isinstance(data, ConnectorError) else split(data)
        except Unreadable as error:
            sheet = error
        groups += len(sheet.groups) if isinstance(sheet, Sheet) else 0
        batch.append((name, sheet))
        if len(batch) >= RESOURCES or groups >= GROUPS:
            yield batch
            batch, groups = [], 0
    if batch:
        yield batch
