"""The reasons of `explain` in words: for the terminal, and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.drafts import gone
from daemon.cli.wording import day, hour, moment, shorten
from daemon.explaining import GONE
from daemon.present import held, is_stale
from daemon.sight import drafted_at
from rules.greeting import called
from rules.history import OPEN, Record, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daemon.explaining import Explained
    from daemon.sight import Sight
    from rules.attendance import Finding
    from rules.fates import Fate
    from rules.model import FollowUp, Meeting, Person

_SHOWN = 6
LONGEST = 400
"""Of a reason: titles and expressions may be endless."""


def facts_of(sight: Sight, meeting: Meeting) -> Iterator[tuple[str, str]]:
    """What is known of a meeting: when, with whom, in which calendars, and its UID."""
    assert sight.view is not None
    people = sight.view.world.attendances[meeting.identity].people
    named = ", ".join(map(called, people[:_SHOWN]))
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    yield "when", when_of(sight, meeting) + (", one of a series" if meeting.recurring else "")
    yield "with", f"{named}{more}" or "nobody besides you"
    yield "calendar", ", ".join(meeting.calendars)
    yield "UID", shorten(meeting.uid, LONGEST)


def when_of(sight: Sight, meeting: Meeting) -> str:
    """`Tue 3 March 15:00 to 16:00`."""
    almanac, today = sight.almanac, sight.almanac.day_of(sight.now)
    first = almanac.day_of(meeting.start)
    if meeting.all_day:
        return f"{day(first, today)}, all day"
    last = almanac.day_of(meeting.end)
    ends = hour(meeting.end, almanac) if first == last else moment(meeting.end, almanac, sight.now)
    return f"{moment(meeting.start, almanac, sight.now)} to {ends}"


def answer(explained: Explained) -> str:
    """The whole in a sentence."""
    subject, rules = explained.subject, explained.rules
    if subject.gone is not None:
        return f"{GONE[0].upper()}{GONE[1:]}; this is what the ledger has."
    if not rules:
        return "There are no rules."
    takes = [one.rule.id for one in rules if one.matches]
    return _taken(takes, subject.person) if takes else _missed(explained)


def _taken(takes: Sequence[str], person: Person | None) -> str:
    *others, last = takes
    names = f"{', '.join(others)} and {last}" if others else last
    one = not others
    if person is None:
        return f"{names} {'takes' if one else 'take'} it."
    return f"{names} {'writes' if one else 'write'} to {called(person)}."


def _missed(explained: Explained) -> str:
    """That no rule takes it, and what is missing for the one that comes nearest."""
    person, rules = explained.subject.person, explained.rules
    if person is None and (shut := [gate for gate in common(explained) if not gate.holds]):
        return f"No rule takes it, whatever it says: {'; '.join(gate.why for gate in shut)}."
    nearest = min(rules, key=lambda one: len(one.failing))
    whom = f"writes to {called(person)}" if person else "takes it"
    if nearest.meeting is None:
        return f"No rule {whom}: {nearest.failing[0].why}."
    failing = "; ".join(shorten(_said(one), LONGEST) for one in nearest.failing)
    at = f" with '{shorten(nearest.meeting.title, 60)}'" if person else ""
    return f"No rule {whom}. {nearest.rule.id} comes nearest{at}, but for this: {failing}."


def common(explained: Explained) -> tuple[Finding, ...]:
    """The gates of which every rule says the same."""
    first, *others = (one.gates for one in explained.rules)
    return tuple(gate for gate in first if all(gate in gates for gates in others))


def bare(finding: Finding) -> str:
    """The reason, beside the name of the condition."""
    return finding.why.removeprefix(f"the {finding.condition.removeprefix('unless ')} ")


def _said(finding: Finding) -> str:
    """The reason on its own."""
    only = finding.condition in {"attendees", "duration"} or finding.condition.startswith("unless ")
    return f"{finding.condition} ({finding.why})" if only else finding.why


def outcome(explained: Explained, fate: Fate) -> tuple[str, list[str]]:
    """What becomes of a step, and why."""
    one = fate.follow_up
    if one is None:
        return "none", [fate.why]
    if isinstance(one, Record):
        return state_of(explained, one), [*because(explained, one), fate.why]
    return planned(explained.sight, one), list(_reasons(explained.sight, one, fate))


def planned(sight: Sight, one: FollowUp) -> str:
    """When a follow-up is to be drafted, or what holds it back."""
    if one.hold is not None:
        return held(one.hold, sight.almanac, sight.now)
    at = drafted_at(one, sight.now)
    return "due now" if at <= sight.now else f"planned for {moment(at, sight.almanac, sight.now)}"


def _reasons(sight: Sight, one: FollowUp, fate: Fate) -> Iterator[str]:
    due = fate.asked or (one.due if one.hold is not None or one.due <= sight.now else None)
    yield f"due {moment(due, sight.almanac, sight.now)}: {one.why}" if due else one.why
    limits = []
    if one.by is not None:
        limits.append(f"send by {moment(one.by, sight.almanac, sight.now)}")
    if one.expires is not None and not one.to_me:
        limits.append(f"expires {moment(one.expires, sight.almanac, sight.now)}")
    yield "; ".join(limits)


def state_of(explained: Explained, one: Record) -> str:
    """What became of a follow-up that the ledger has."""
    sight = explained.sight
    at = moment(one.sent or one.changed, sight.almanac, sight.now)
    if one.state is State.SNOOZED and one.snoozed_until is not None:
        return f"snoozed until {moment(one.snoozed_until, sight.almanac, sight.now)}"
    if one.absent_since is not None and one.state in OPEN:
        return gone(one.absent_since, sight.almanac, sight.now)
    if one.state is State.PLACED:
        stale = ", and is no longer worth sending" if is_stale(one, sight.now) else ""
        since = moment(one.placed or one.changed, sight.almanac, sight.now)  # a skip that was taken back is a change
        return f"lies in Drafts since {since}{stale}"
    if one.state is State.EDITED:
        return f"lies in Drafts, and is yours: edited, {at}"
    if one.state is State.ANSWERED and one.sent is not None:
        return f"sent, {at}, and answered"
    return f"{one.state.value}, {at}"


def because(explained: Explained, one: Record) -> Iterator[str]:
    """What made it what it is, and why it was written; each once."""
    cause = explained.causes.get(one.id, "")
    yield from dict.fromkeys([cause, one.why] if one.state is not State.PLACED else [one.why])
    if one.by is not None and one.state in OPEN:
        yield f"send by {moment(one.by, explained.sight.almanac, explained.sight.now)}"
