"""What there is to tell of a meeting or a person: what each rule says, and what the ledger has. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daemon.asking import requests
from daemon.decisions import courses
from rules.explain import Reasons
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daemon.cli.subject import Subject
    from daemon.decisions import Course, Telling
    from daemon.ledger import Ledger
    from daemon.outlook import Standing
    from daemon.sight import Sight
    from rules.explain import Explanation
    from rules.history import Record
    from rules.marks import Told
    from rules.model import FollowUp

GONE = "the meeting is in no calendar any more"
NO_RULE = "there is no such rule any more, or it rests"


@dataclass(frozen=True)
class Explained:
    """What there is to tell: what each rule says, in the order of the files, and what the ledger has besides.

    `former` are the follow-ups of rules that are no longer there, or of a meeting that is in no calendar any more;
    `causes` say of each follow-up in the ledger what made it what it is now; `standing` is that of a person; `marks`
    are what `#thanks` and `#owe` say at a meeting; `courses` are the decisions that a person is, or was to be, told.
    """

    sight: Sight
    subject: Subject
    rules: tuple[Explanation, ...] = ()
    former: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    causes: Mapping[str, str] = field(default_factory=dict)
    standing: Standing | None = None
    marks: tuple[Told, ...] = ()
    courses: tuple[Course, ...] = ()

    @property
    def title(self) -> str:
        """What is explained, in a word or two."""
        of = self.subject
        if of.person is not None:
            return called(of.person)
        meeting = of.meeting or of.gone
        assert meeting is not None
        return meeting.title or "(no title)"

    def follow_ups(self, one: Explanation) -> list[FollowUp | Record]:
        """What the rule has planned or drafted: for the meeting; or for the person, because of whatever meeting."""
        found = {fate.follow_up.id: fate.follow_up for fate in one.fates if fate.follow_up is not None}
        for record in self.more(one):
            found[record.id] = record
        return list(found.values())

    @property
    def tellings(self) -> list[tuple[Course, Telling]]:
        """What becomes of each decision with the person."""
        key = self.standing.key if self.standing is not None else ""
        several = ((course, (*course.untold, *course.told, *course.left_out)) for course in self.courses)
        return [(course, one) for course, tellings in several for one in tellings if one.closing.key == key]

    @property
    def asks(self) -> list[FollowUp | Record]:
        """The requests for a meeting to the person."""
        return requests(self.sight, self.standing.key) if self.standing is not None else []

    def more(self, one: Explanation) -> list[Record]:
        """What the rule has drafted for the person besides, because of other meetings."""
        if self.standing is None or self.sight.view is None:
            return []
        world = self.sight.view.world
        told = {fate.follow_up.id for fate in one.fates if fate.follow_up is not None}
        records = (record for record in self.sight.records if record.rule == one.rule.id and not record.to_me)
        theirs = (record for record in records if self.standing.key in world.keys(record.addresses))
        return [record for record in theirs if record.id not in told]


def of(sight: Sight, ledger: Ledger, subject: Subject, everybody: Sequence[Standing] = ()) -> Explained:
    """What there is to tell of the subject; `everybody` are those of whom it may be one, as this look knows them."""
    assert sight.view is not None
    assert sight.plan is not None
    world = sight.view.world
    reasons = Reasons(world, sight.plan, sight.now)
    standing = None
    rules: tuple[Explanation, ...] = ()
    hanging: tuple[Record, ...] = ()
    marks: tuple[Told, ...] = ()
    if subject.person is not None:
        standing = next(one for one in everybody if one.person.email == subject.person.email)
        rules = reasons.of_person(subject.person)
        hanging = tuple(one for one in sight.records if standing.key in world.keys(one.addresses))
    elif subject.meeting is not None:
        rules, marks = reasons.of_meeting(subject.meeting), reasons.marks(subject.meeting)
        hanging = world.records_of(subject.meeting)
    elif subject.gone is not None:
        names = set(subject.gone.identities)
        hanging = tuple(one for one in sight.records if one.meeting and names & set(one.meeting.identities))
    present = {one.rule.id for one in rules}
    former: dict[str, tuple[Record, ...]] = {}
    for record in hanging:
        if record.rule is not None and record.rule not in present:
            former[record.rule] = (*former.get(record.rule, ()), record)
    told = courses(sight) if standing is not None else ()
    return Explained(sight, subject, rules, former, _causes(ledger, hanging), standing, marks, told)


def _causes(ledger: Ledger, records: Sequence[Record]) -> dict[str, str]:
    """What made each follow-up what it is now, where the ledger knows."""
    causes: dict[str, str] = {}
    for record in records:
        last = next(iter(reversed(ledger.events(record.id))), None)
        if last is not None and last.state is record.state and last.cause:
            causes[record.id] = last.cause
    return causes
