"""Shared builders: meetings, people, mails and worlds as a test wants to say them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rules.almanac import Almanac
from rules.decisions import decision_id
from rules.history import Addressee, CheckIns, Decision, History, MeetingRef, Record, RuleAge, State
from rules.language import Courtesy, Rule, mark_of
from rules.marks import digest
from rules.model import Answer, Attendee, Direction, Kind, Mail, Me, Meeting, Person, Recipient
from rules.people import Directory
from rules.plan import plan
from rules.scene import Scene
from rules.timing import Duration
from rules.world import World

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from rules.model import FollowUp
    from tests.fields import MailFields, MeetingFields, RecordFields

ZONE = "Europe/Lisbon"
ME = Me("Robin Vale", ("robin@example.org", "robin@work.example"), "Robin\n")
DANA = "dana@acme.example"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(text: str, zone: str = ZONE) -> datetime:
    """`2026-03-03 15:00` in the user's zone, as an instant."""
    wall = datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC)


def attendee(email: str, name: str = "", answer: Answer = Answer.ACCEPTED) -> Attendee:
    return Attendee(email, name or email.partition("@")[0].title(), answer)


def meeting(
    title: str = "Coffee with Dana",
    ends: str = "2026-03-03 16:00",
    *people: str | Attendee,
    minutes: int = 60,
    uid: str = "",
    **fields: Unpack[MeetingFields],
) -> Meeting:
    """A meeting that I organised, with Dana where nobody is named."""
    end = at(ends)
    invited = people or (DANA,)
    listed = tuple(one if isinstance(one, Attendee) else attendee(one) for one in invited)
    made = Meeting(
        uid=uid or f"{title}@{ends}",
        original=None,
        calendars=("feed",),
        title=title,
        start=end - timedelta(minutes=minutes),
        end=end,
        organiser=Attendee(ME.emails[0], "Robin Vale", Answer.ACCEPTED),
        attendees=listed,
    )
    return replace(made, **fields)


def rule(*steps: Mapping[str, object], name: str = "soft", **conditions: object) -> Rule:
    """A rule as a file would say it; a thank-you two hours after where no step is given."""
    given = steps or ({"id": "thank-you", "template": "thank-you", "after": "2 hours", "by": "24 hours"},)
    unless = conditions.pop("unless", None)
    said: dict[str, object] = {"id": name, "when": conditions, "steps": list(given)}
    if unless is not None:
        said["unless"] = unless
    return Rule.model_validate(said)


def mail(
    who: str, when: str, direction: Direction = Direction.IN, subject: str = "Hello", **fields: Unpack[MailFields]
) -> Mail:
    made = Mail(f"<{who}-{when}-{direction}>", direction, at(when), (who,), subject)
    return replace(made, **fields)


def decision(
    when: str = "2026-03-10 12:00", *emails: str, text: str = "taking the offer", stop: bool = False
) -> Decision:
    """What I decided, and want to tell these people; Dana where nobody is named."""
    told = tuple(Addressee(one.partition("@")[0].title(), one, at(when)) for one in emails or (DANA,))
    check_ins = CheckIns.STOP if stop else CheckIns.GO_ON
    return Decision(decision_id(text), text, at(when), told, check_ins)


BELIEVED = at("2026-03-04 10:00")
"""Until when the meetings of a world are doubted, where some are."""


def world(
    meetings: tuple[Meeting, ...] | list[Meeting] = (),
    rules: tuple[Rule, ...] | list[Rule] = (),
    *,
    records: tuple[Record, ...] = (),
    mails: tuple[Mail, ...] = (),
    people: tuple[Person, ...] = (),
    since: datetime | None = LONG_AGO,
    courtesy: Courtesy | None = None,
    doubted: frozenset[str] = frozenset(),
    last_cycle: datetime | None = None,
    country: str | None = None,
    decisions: tuple[Decision, ...] = (),
) -> World:
    """A world whose rules have run since long ago (`since=None`: they are new)."""
    directory = Directory.of([people])
    ages = {one.id: RuleAge(mark_of(one), since) for one in rules} if since else {}
    return World(
        rules=tuple(rules),
        scene=Scene(tuple(meetings), tuple(records), directory, ME),
        history=History(
            tuple(records), tuple(mails), ages, dict.fromkeys(doubted, BELIEVED), last_cycle, decisions=decisions
        ),
        almanac=Almanac(ZONE, country),
        courtesy=courtesy or Courtesy(),
        backfill=Duration.parse("2 days"),
        calendars=frozenset({"feed", "work"}),
        start=at("2024-01-01 00:00"),
        end=at("2028-01-01 00:00"),
    )


def record(
    follow_up: FollowUp, state: State = State.PLACED, *, placed: str | datetime, **fields: Unpack[RecordFields]
) -> Record:
    """The record that a follow-up of a plan becomes once it is placed."""
    when = at(placed) if isinstance(placed, str) else placed
    ref = None
    if follow_up.meeting is not None:
        of = follow_up.meeting
        marks = digest(follow_up.thanks, follow_up.owed) if follow_up.takes_marks else ""
        ref = MeetingRef(of.calendars[0], of.uid, of.identities, of.title, of.start, of.end, marks)
    made = Record(
        id=follow_up.id,
        state=state,
        rule=follow_up.rule,
        step=follow_up.step,
        template=follow_up.template,
        anchor=follow_up.anchor,
        addresses=tuple(one.email for one in follow_up.recipients),
        to=tuple(Recipient(one.name, one.email) for one in follow_up.recipients),
        due=follow_up.due,
        by=follow_up.by,
        expires=follow_up.expires,
        changed=when,
        round=follow_up.round,
        meeting=ref,
        placed=when,
        sent=when if state in (State.SENT, State.ANSWERED) else None,
        message_id=f"<{follow_up.id}@example.org>",
        subject="Thank you",
        group=follow_up.group,
        to_me=follow_up.to_me,
    )
    return replace(made, **fields)


def invitee(email: str, answer: Answer = Answer.ACCEPTED, name: str = "", kind: Kind = Kind.PERSON) -> Attendee:
    """Somebody on the list of a meeting, as they answered."""
    return Attendee(email, name or email.partition("@")[0].title(), answer, kind)


def knowing(seen: World, *records: Record, mails: tuple[Mail, ...] = ()) -> World:
    """The same world, in which these records (instead of earlier ones of the same id) and mails are known."""
    ids = {one.id for one in records}
    kept = (*(one for one in seen.history.records if one.id not in ids), *records)
    history = replace(seen.history, records=kept, mails=(*seen.history.mails, *mails))
    return replace(seen, history=history, scene=replace(seen.scene, records=kept))


def showing(seen: World, *meetings: Meeting) -> World:
    """The same world, whose calendars now show these meetings."""
    return replace(seen, scene=replace(seen.scene, copies=meetings))


def ruled(seen: World, *rules: Rule, since: datetime = LONG_AGO) -> World:
    """The same world under these rules, which have run since long ago."""
    ages = {one.id: RuleAge(mark_of(one), since) for one in rules}
    return replace(seen, rules=rules, history=replace(seen.history, ages=ages))


def placing(seen: World, when: str, state: State = State.PLACED) -> tuple[World, tuple[Record, ...]]:
    """The world after a cycle that placed everything due, and the records of what it placed, in `state`."""
    made = tuple(record(one, state, placed=when) for one in plan(at(when), seen).place)
    return knowing(seen, *made), made


def wrote_to(seen: World, when: str) -> list[str]:
    """To whom a cycle at this time writes; a group as one text."""
    notes = plan(at(when), seen).place
    return sorted(", ".join(one.email for one in note.recipients) for note in notes)


def ahead(seen: World, now: str, until: str) -> list[tuple[str, str]]:
    """What a plan shows up to `until`: the step and when it is due, on the user's wall."""
    shown = plan(at(now), seen, at(until)).follow_ups
    return [(one.step, f"{seen.almanac.local(one.due):%Y-%m-%d %H:%M}") for one in shown]
