"""What `explain` tells a person: a sentence first, then each rule with each condition, then what follows."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from daemon.asking import overtaken
from daemon.cli.drafts import gone
from daemon.cli.explain import GONE, NO_RULE
from daemon.cli.people import coming, last_contact
from daemon.cli.wording import columns, count, day, hour, moment, shorten, wrapped
from daemon.present import held, is_stale
from daemon.sight import drafted_at
from rules.decisions import briefly
from rules.greeting import called
from rules.history import OPEN, Record, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from daemon.cli.desk import Line
    from daemon.cli.explain import Explained
    from daemon.sight import Sight
    from rules.attendance import Finding
    from rules.explain import Explanation
    from rules.fates import Fate
    from rules.model import FollowUp, Meeting, Person

_WIDTH = 80
_SHOWN = 6
_MARKS = 24
_LONGEST = 400
"""Of a reason: titles and expressions may be endless."""
_BOLD: dict[str, Any] = {"bold": True}
_DIM: dict[str, Any] = {"dim": True}
_FAILED: dict[str, Any] = {"fg": "red"}


def lines(explained: Explained, options: str) -> Iterator[Line]:
    """All of it; `options` are the folders, for a command to be typed next."""
    yield shorten(explained.title, _WIDTH), _BOLD
    yield from _head(explained)
    yield "", {}
    yield from ((text, {}) for text in wrapped(_answer(explained), "", _WIDTH))
    if explained.subject.meeting is not None and explained.rules:
        yield "", {}
        yield "Before any rule", _BOLD
        yield from _findings(_common(explained))
    yield from _marks(explained)
    for one in sorted(explained.rules, key=lambda one: (not one.matches, len(one.failing))):
        yield from _rule(explained, one, options)
    yield from _decisions(explained)
    yield from _former(explained)
    yield from _asks(explained)
    yield from _others(explained, options)


def _head(explained: Explained) -> Iterator[Line]:
    """What is known of the meeting or the person."""
    sight, subject = explained.sight, explained.subject
    if explained.standing is not None:
        standing, person = explained.standing, explained.standing.person
        facts = [
            ("addresses", ", ".join(person.emails)),
            ("tags", ", ".join(person.tags)),
            ("contact", "do not contact" if person.do_not_contact else ""),
            ("last contact", last_contact(sight, standing)),
            ("next note", coming(sight, standing)),
        ]
    elif subject.meeting is not None:
        facts = list(_of_meeting(sight, subject.meeting))
    else:
        assert subject.gone is not None
        facts = [
            ("when", moment(subject.gone.start, sight.almanac, sight.now)),
            ("UID", shorten(subject.gone.uid, _LONGEST)),
        ]
    for name, text in ((name, text) for name, text in facts if text):
        yield from ((line, {}) for line in _hanging(f"  {name:<12}  ", text))


def _of_meeting(sight: Sight, meeting: Meeting) -> Iterator[tuple[str, str]]:
    assert sight.view is not None
    people = sight.view.world.attendances[meeting.identity].people
    named = ", ".join(map(called, people[:_SHOWN]))
    more = f" and {len(people) - _SHOWN} more" if len(people) > _SHOWN else ""
    yield "when", _when(sight, meeting) + (", one of a series" if meeting.recurring else "")
    yield "with", f"{named}{more}" or "nobody besides you"
    yield "calendar", ", ".join(meeting.calendars)
    yield "UID", shorten(meeting.uid, _LONGEST)


def _when(sight: Sight, meeting: Meeting) -> str:
    almanac, today = sight.almanac, sight.almanac.day_of(sight.now)
    first = almanac.day_of(meeting.start)
    if meeting.all_day:
        return f"{day(first, today)}, all day"
    last = almanac.day_of(meeting.end)
    ends = hour(meeting.end, almanac) if first == last else moment(meeting.end, almanac, sight.now)
    return f"{moment(meeting.start, almanac, sight.now)} to {ends}"


def _answer(explained: Explained) -> str:
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
    if person is None and (shut := [gate for gate in _common(explained) if not gate.holds]):
        return f"No rule takes it, whatever it says: {'; '.join(gate.why for gate in shut)}."
    nearest = min(rules, key=lambda one: len(one.failing))
    whom = f"writes to {called(person)}" if person else "takes it"
    if nearest.meeting is None:
        return f"No rule {whom}: {nearest.failing[0].why}."
    failing = "; ".join(shorten(_said(one), _LONGEST) for one in nearest.failing)
    at = f" with '{shorten(nearest.meeting.title, 60)}'" if person else ""
    return f"No rule {whom}. {nearest.rule.id} comes nearest{at}, but for this: {failing}."


def _common(explained: Explained) -> tuple[Finding, ...]:
    """The gates of which every rule says the same."""
    first, *others = (one.gates for one in explained.rules)
    return tuple(gate for gate in first if all(gate in gates for gates in others))


def _rule(explained: Explained, one: Explanation, options: str) -> Iterator[Line]:
    sight, person = explained.sight, explained.subject.person
    at = ""
    if person is not None and one.meeting is not None:
        at = f" '{shorten(one.meeting.title, 40)}', {moment(one.meeting.start, sight.almanac, sight.now)}"
    if person is None:
        verdict = "takes it" if one.matches else "leaves it alone"
    else:
        verdict = "takes" if one.matches else "comes nearest with"
    title = f"{one.rule.id} {verdict}{at}" if at or person is None else one.rule.id
    yield "", {}
    yield from ((text, _BOLD) for text in wrapped(title, "", _WIDTH))
    common = _common(explained) if person is None else ()
    gates = [gate for gate in one.gates if gate not in common and (person is None or not gate.holds)]
    yield from _findings([*gates, *one.conditions])
    for fate in one.fates:
        yield from _fate(explained, fate)
    if more := explained.more(one):
        command = f"`afterword{options} person {quote(called(person))}`" if person else ""
        for text in wrapped(f"{count(len(more), 'more note')} to them by this rule: {command} tells.", "  ", _WIDTH):
            yield text, _DIM


def _findings(findings: Sequence[Finding]) -> Iterator[Line]:
    """Each condition; what holds takes one line, what does not as many as it needs."""
    widest = max((len(one.condition) for one in findings), default=0)
    for one in findings:
        head = f"  {'yes' if one.holds else 'no':<3}  {one.condition.replace('_', ' '):<{widest}}  "
        if one.holds:
            yield head + shorten(_bare(one), _WIDTH - len(head)), {}
        else:
            yield from ((text, _FAILED) for text in _hanging(head, _bare(one)))


def _marks(explained: Explained) -> Iterator[Line]:
    """What the user wrote into the calendar for the note, and what of it is not taken."""
    if not explained.marks:
        return
    yield "", {}
    yield "In the calendar", _BOLD
    for one in explained.marks[:_MARKS]:
        said = f"{one.mark}: {one.text}" if one.text else one.mark
        style = {} if one.taken else _FAILED
        yield from ((text, style) for text in _hanging(f"  {'yes' if one.taken else 'no':<3}  ", said))
        yield from ((text, _DIM) for text in wrapped(("" if one.taken else "not taken: ") + one.why, " " * 7, _WIDTH))
    if (rest := len(explained.marks) - _MARKS) > 0:
        yield f"       and {count(rest, 'more mark')}", _DIM


def _bare(finding: Finding) -> str:
    """The reason, beside the name of the condition."""
    return finding.why.removeprefix(f"the {finding.condition.removeprefix('unless ')} ")


def _said(finding: Finding) -> str:
    """The reason on its own."""
    bare = finding.condition in {"attendees", "duration"} or finding.condition.startswith("unless ")
    return f"{finding.condition} ({finding.why})" if bare else finding.why


def _fate(explained: Explained, fate: Fate) -> Iterator[Line]:
    one = fate.follow_up
    if one is None:
        state, reasons = "none", [fate.why]
    elif isinstance(one, Record):
        state, reasons = _state(explained, one), [*_because(explained, one), fate.why]
    else:
        state, reasons = _planned(explained.sight, one), list(_reasons(explained.sight, one, fate))
    yield from _note(f"{fate.step}, to {shorten(fate.to, 40)}: {state}", reasons, one)


def _note(title: str, reasons: Iterable[str], one: FollowUp | Record | None) -> Iterator[Line]:
    yield from ((text, {}) for text in _hanging("  > ", title))
    for reason in filter(None, reasons):
        yield from ((text, _DIM) for text in wrapped(shorten(reason, _LONGEST), "      ", _WIDTH))
    if one is not None:
        yield f"      id {one.id}", _DIM


def _planned(sight: Sight, one: FollowUp) -> str:
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


def _state(explained: Explained, one: Record) -> str:
    sight = explained.sight
    at = moment(one.sent or one.changed, sight.almanac, sight.now)
    if one.state is State.SNOOZED and one.snoozed_until is not None:
        return f"snoozed until {moment(one.snoozed_until, sight.almanac, sight.now)}"
    if one.absent_since is not None and one.state in OPEN:
        return gone(one.absent_since, sight.almanac, sight.now)
    if one.state is State.PLACED:
        stale = ", and is no longer worth sending" if is_stale(one, sight.now) else ""
        return f"lies in Drafts since {at}{stale}"
    if one.state is State.EDITED:
        return f"lies in Drafts, and is yours: edited, {at}"
    if one.state is State.ANSWERED and one.sent is not None:
        return f"sent, {at}, and answered"
    return f"{one.state.value}, {at}"


def _because(explained: Explained, one: Record) -> Iterator[str]:
    """What made it what it is, and why it was written; each once."""
    cause = explained.causes.get(one.id, "")
    yield from dict.fromkeys([cause, one.why] if one.state is not State.PLACED else [one.why])
    if one.by is not None and one.state in OPEN:
        yield f"send by {moment(one.by, explained.sight.almanac, explained.sight.now)}"


def _decisions(explained: Explained) -> Iterator[Line]:
    """What the person is told of what the user decided."""
    if explained.tellings:
        yield "", {}
        yield "By your own word", _BOLD
    for course, telling in explained.tellings:
        one, back = telling.note, course.decision.undone is not None
        state = _state(explained, one) if isinstance(one, Record) else "none"
        if one is not None and not isinstance(one, Record):
            state = _planned(explained.sight, one)
        reasons = [f"you decided: {briefly(course.decision)}", "you took the decision back" if back else ""]
        yield from _note(f"closing note: {state}", reasons, one)


def _former(explained: Explained) -> Iterator[Line]:
    for rule, records in explained.former.items():
        yield "", {}
        yield rule, _BOLD
        if explained.subject.gone is None:
            yield f"  no   rule  {NO_RULE}", _FAILED
        for record in records:
            to = "you" if record.to_me else ", ".join(map(called, record.to))
            yield from _note(
                f"{record.step}, to {to}: {_state(explained, record)}", _because(explained, record), record
            )


def _asks(explained: Explained) -> Iterator[Line]:
    """The requests for a meeting, whatever the rules say."""
    if notes := explained.asks:
        yield "", {}
        yield "Your requests for a meeting", _BOLD
    for one in notes:
        if isinstance(one, Record):
            state, reasons = _state(explained, one), [*_because(explained, one), overtaken(explained.sight, one)]
        else:
            state, reasons = _planned(explained.sight, one), [one.why]
        yield from _note(f"{one.step}: {state}", reasons, one)


def _others(explained: Explained, options: str) -> Iterator[Line]:
    """The other meetings that may have been meant, and how to name them."""
    subject, sight = explained.subject, explained.sight
    told = [one.meeting for one in explained.rules]
    others = [one for one in subject.others if one not in told]
    if not others:
        return
    yield "", {}
    yield "Meetings with this name" if subject.person else "Other meetings that this may mean", _BOLD
    shown = others[:_SHOWN]
    rows = [
        (moment(one.start, sight.almanac, sight.now), shorten(one.title, 30), shorten(one.uid, _LONGEST))
        for one in shown
    ]
    yield from ((f"  {line}", {}) for line in columns(rows))
    if len(others) > _SHOWN:
        yield f"  and {len(others) - _SHOWN} more", {}
    first = shown[0]
    name = first.title if first.title.isprintable() and len(first.title) <= _WIDTH else first.uid
    on = f"--on {sight.almanac.day_of(first.start).isoformat()}"
    command = f"`afterword{options} explain {quote(shorten(name or first.uid, _LONGEST))} {on}`"
    yield from ((text, {}) for text in wrapped(f"Name one by its UID, or by its day: {command}", "  ", _WIDTH))


def _hanging(head: str, text: str) -> list[str]:
    """The text behind the head, in as many lines as it needs."""
    first, *rest = wrapped(text, " " * len(head), _WIDTH) or [" " * len(head)]
    return [f"{head}{first[len(head) :]}".rstrip(), *rest]
