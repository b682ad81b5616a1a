"""`afterword explain`: why there is a note, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of, look_ahead
from daemon.cli.people import AHEAD
from rules.greeting import called

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.subject import Subject
    from daemon.decisions import Course, Telling
    from daemon.failure import ExitCode
    from daemon.ledger import Ledger
    from daemon.outlook import Standing
    from daemon.sight import Sight
    from rules.explain import Explanation
    from rules.history import Record
    from rules.marks import Told
    from rules.model import FollowUp


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
        from daemon.asking import requests  # noqa: PLC0415 - see `explain`

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


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


@command("explain")
@click.argument("what", nargs=-1, required=True)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_day,
    metavar="DATE",
    help="The day of the meeting, where several have the same title or UID.",
)
def explain(call: Call, *, what: tuple[str, ...], on: date | None) -> ExitCode:
    """Why there is a note, and why there is none: each rule, each condition with what was seen, and what follows.

    WHAT is a meeting, by its title, some words of it, or its UID; or a person, by name or address. Changes nothing.
    """
    from daemon.cli.explained import lines  # noqa: PLC0415 - much is imported

    now = call.now()
    with ledger_of(call.state) as ledger:
        sight = look_ahead(call, ledger, now, now + AHEAD)
        explained = _explained(sight, ledger, " ".join(what), on)
        document = _document(explained)
        told = list(lines(explained, call.options))
    return finish(call, document, told, sight.problems)


def _explained(sight: Sight, ledger: Ledger, what: str, on: date | None) -> Explained:
    from daemon.cli.subject import find  # noqa: PLC0415 - see `explain`
    from daemon.decisions import courses  # noqa: PLC0415 - see `explain`
    from daemon.outlook import standings  # noqa: PLC0415 - see `explain`
    from rules.explain import Reasons  # noqa: PLC0415 - see `explain`

    assert sight.view is not None
    assert sight.plan is not None
    world = sight.view.world
    everybody = {standing.person.email: standing for standing in standings(sight)}
    subject = find(sight, [standing.person for standing in everybody.values()], what, on)
    reasons = Reasons(world, sight.plan, sight.now)
    standing = None
    rules: tuple[Explanation, ...] = ()
    hanging: tuple[Record, ...] = ()
    marks: tuple[Told, ...] = ()
    if subject.person is not None:
        standing = everybody[subject.person.email]
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


def _document(explained: Explained) -> dict[str, Any]:
    from daemon.present import of_meeting, of_ref  # noqa: PLC0415 - see `explain`

    sight, subject = explained.sight, explained.subject
    meeting = None
    if subject.meeting is not None:
        meeting = of_meeting(subject.meeting, sight.almanac)
    elif subject.gone is not None:
        meeting = of_ref(subject.gone, sight.almanac)
    person = subject.person
    return {
        "subject": explained.title,
        "meeting": meeting,
        "person": None if person is None else {"name": person.name, "email": person.email},
        "marks": [{"mark": it.mark, "text": it.text, "taken": it.taken, "why": it.why} for it in explained.marks],
        "rules": [*(_rule(explained, one) for one in explained.rules), *_former(explained)],
        "decisions": [
            {
                "id": course.decision.id,
                "text": course.decision.text,
                "state": one.state.value,
                "follow_up": None if one.note is None else sight.json_of(one.note),
            }
            for course, one in explained.tellings
        ],
        "asks": [sight.json_of(one) for one in explained.asks],
        "others": [of_meeting(one, sight.almanac) for one in subject.others],
    }


def _rule(explained: Explained, one: Explanation) -> dict[str, Any]:
    from daemon.present import of_meeting  # noqa: PLC0415 - see `explain`

    sight = explained.sight
    return {
        "rule": one.rule.id,
        "matches": one.matches,
        "meeting": None if one.meeting is None else of_meeting(one.meeting, sight.almanac),
        "conditions": [{"condition": it.condition, "holds": it.holds, "why": it.why} for it in one.findings],
        "steps": [{"step": fate.step, "to": fate.to, "why": fate.why} for fate in one.fates if fate.why],
        "follow_ups": [sight.json_of(follow_up) for follow_up in explained.follow_ups(one)],
    }


def _former(explained: Explained) -> Iterator[dict[str, Any]]:
    """The rules that are no longer asked, with what they have drafted."""
    gone = explained.subject.gone is not None
    name, why = ("in_calendar", GONE) if gone else ("rule", NO_RULE)
    for rule, records in explained.former.items():
        yield {
            "rule": rule,
            "matches": False,
            "meeting": None,
            "conditions": [{"condition": name, "holds": False, "why": why}],
            "steps": [],
            "follow_ups": [explained.sight.json_of(record) for record in records],
        }


GONE = "the meeting is in no calendar any more"
NO_RULE = "there is no such rule any more, or it rests"
