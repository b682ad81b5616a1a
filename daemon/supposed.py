"""A meeting that is only supposed, in the world as it is: what the rules would make of it. Nothing is written.

The engine is the one of `explain`: the meeting is put beside those of the calendars, and the same plan is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from daemon.cli.subject import Subject
from daemon.cli.who import UnknownPerson, one_of
from daemon.explaining import Explained, of
from daemon.expressions import without_slow_at
from daemon.failure import ExitCode, Failure
from daemon.sight import when_due
from rules.model import Answer, Attendee, Meeting, address
from rules.plan import plan
from rules.sandbox import TemplateFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from config.problem import Problem
    from daemon.ledger import Ledger
    from daemon.sight import Sight
    from rules.language import Rule
    from rules.model import FollowUp, Note, Person
    from rules.world import World

UID = "supposed@afterword.invalid"
MOST_PEOPLE = 50
_SLACK = timedelta(days=21)
"""How far a window may move what is due."""
_LONGEST = timedelta(days=366)
_NEWEST = 1 << 30
"""The SEQUENCE of the meeting: where it is one with a meeting of the calendar, it is what speaks."""
_NOWHERE = "somebody.invalid"
"""The mail domain of those who are in no address book, and have no address (RFC 2606)."""


class Mine(StrEnum):
    """Whose meeting it is, and what I answered."""

    ORGANISED = "organised"
    ACCEPTED = "accepted"
    UNANSWERED = "unanswered"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is to be supposed. `people` are names or addresses, as somebody types them."""

    title: str
    people: tuple[str, ...]
    start: datetime
    end: datetime
    calendar: str
    mine: Mine = Mine.ORGANISED
    all_day: bool = False
    recurring: bool = False
    description: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What would come of it. `remarks` are on what was taken for what; `problems` on rules that cannot be asked."""

    explained: Explained
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]

    def note(self, follow_up: FollowUp) -> Note | TemplateFault:
        """The words that it would have; or what is the matter with its template."""
        drafting = self.explained.sight.drafting_of(follow_up)
        assert drafting is not None
        try:
            return drafting.note(follow_up)
        except TemplateFault as fault:
            return fault


def suppose(sight: Sight, ledger: Ledger, asked: Supposed, everybody: Sequence[Person], until: datetime) -> Tried:
    """What each rule says of such a meeting, and what would follow up to `until`; `sight` looked as far ahead.

    `everybody` are those whom a name may mean.

    Raises:
        Failure: a name means several people, or nobody could have invited me (exit code 2).
    """
    assert sight.view is not None
    world = sight.view.world
    guests = [_guest(one, everybody) for one in asked.people]
    remarks = [remark for _, remark in guests if remark]
    meeting = _meeting(asked, [guest for guest, _ in guests], world)
    house = sight.house
    assert house is not None
    rules, problems = without_slow_at(world.rules, meeting, house.configuration.folder)
    scene = replace(world.scene, copies=(*world.scene.copies, meeting))
    there = replace(world, rules=rules, scene=scene)
    found = there.by_identity[meeting.identity]
    if found.aliases or found.calendars != meeting.calendars:
        remarks.append("At this time there is a meeting with the same people: the two are taken for one.")
    planned = plan(sight.now, there, until)
    planned = replace(planned, follow_ups=tuple(when_due(planned.follow_ups, there, sight.now)))
    tried = replace(sight, view=replace(sight.view, world=there), plan=planned)
    return Tried(of(tried, ledger, Subject(meeting=found)), tuple(remarks), tuple(problems))


def horizon(rules: Iterable[Rule], end: datetime, now: datetime) -> datetime:
    """Up to when has to be planned, so that each step of a meeting that ends then is told."""
    spans = [span.roughly for rule in rules for step in rule.steps for span in (step.after, step.every) if span]
    return max(now, end) + min(max(spans, default=_SLACK), _LONGEST) + _SLACK


def people_in(text: str) -> tuple[str, ...]:
    """Those who are named in a text, one beside the other: `Dana Okafor <dana@acme.example>, lee@ito.example; Kim`."""
    several = (" ".join(part.split()).strip(" ,;") for part in re.split(r"[;,\n]", text))
    return tuple(dict.fromkeys(one for one in several if one))


def _guest(written: str, everybody: Sequence[Person]) -> tuple[Attendee, str]:
    """One of them, with a remark where nobody is known by the name."""
    found = re.fullmatch(r"(?P<name>[^<>]*)<(?P<at>[^<>\s]+@[^<>\s]+)>|(?P<bare>[^<>\s]+@[^<>\s]+)", written)
    if found is None:
        return _named(written, everybody)
    email = address(found["at"] or found["bare"])
    known = next((person.name for person in everybody if email in person.emails), "")
    return Attendee(email, (found["name"] or "").strip(" \"'") or known, Answer.ACCEPTED), ""


def _named(name: str, everybody: Sequence[Person]) -> tuple[Attendee, str]:
    try:
        person = one_of(everybody, name)
    except UnknownPerson:
        local = ".".join(re.findall(r"[a-z0-9]+", name.casefold())) or "somebody"
        email = f"{local}@{_NOWHERE}"
        return Attendee(email, name, Answer.ACCEPTED), f"{name} is nobody whom you know: taken for a stranger, {email}."
    return Attendee(person.email, person.name, Answer.ACCEPTED), ""


def _meeting(asked: Supposed, guests: Sequence[Attendee], world: World) -> Meeting:
    me = world.me
    answer = {Mine.DECLINED: Answer.DECLINED, Mine.UNANSWERED: Answer.NONE}.get(asked.mine, Answer.ACCEPTED)
    organiser = Attendee(me.emails[0], me.name, Answer.ACCEPTED)
    if asked.mine is not Mine.ORGANISED:
        host = next((one for one in guests if one.email not in me.emails), None)
        if host is None:
            message = "somebody else invited you, and nobody else is there"
            raise Failure(ExitCode.USAGE, message, "Name the people, or say that you organised it.")
        organiser = host
    return Meeting(
        uid=UID,
        original=asked.start if asked.recurring else None,
        calendars=(asked.calendar,),
        title=asked.title,
        start=asked.start,
        end=asked.end,
        description=asked.description,
        location=asked.location,
        all_day=asked.all_day,
        recurring=asked.recurring,
        organiser=organiser,
        attendees=(*guests, *([] if asked.mine is Mine.ORGANISED else [Attendee(me.emails[0], me.name, answer)])),
        sequence=_NEWEST,
    )
