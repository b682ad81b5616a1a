"""What `explain` tells a person: a sentence first, then each rule with each condition, then what follows."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from daemon.acquaintance import coming, last_contact
from daemon.asking import overtaken
from daemon.cli.reasons import LONGEST, answer, bare, because, common, facts_of, outcome, planned, state_of
from daemon.cli.wording import columns, count, moment, shorten, wrapped
from daemon.explaining import NO_RULE
from rules.decisions import briefly
from rules.greeting import called
from rules.history import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from daemon.cli.desk import Line
    from daemon.explaining import Explained
    from rules.attendance import Finding
    from rules.explain import Explanation
    from rules.fates import Fate
    from rules.model import FollowUp

_WIDTH = 80
_SHOWN = 6
_MARKS = 24
_BOLD: dict[str, Any] = {"bold": True}
_DIM: dict[str, Any] = {"dim": True}
_FAILED: dict[str, Any] = {"fg": "red"}


def lines(explained: Explained, options: str) -> Iterator[Line]:
    """All of it; `options` are the folders, for a command to be typed next."""
    yield shorten(explained.title, _WIDTH), _BOLD
    yield from _head(explained)
    yield "", {}
    yield from ((text, {}) for text in wrapped(answer(explained), "", _WIDTH))
    if explained.subject.meeting is not None and explained.rules:
        yield "", {}
        yield "Before any rule", _BOLD
        yield from _findings(common(explained))
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
        facts = list(facts_of(sight, subject.meeting))
    else:
        assert subject.gone is not None
        facts = [
            ("when", moment(subject.gone.start, sight.almanac, sight.now)),
            ("UID", shorten(subject.gone.uid, LONGEST)),
        ]
    for name, text in ((name, text) for name, text in facts if text):
        yield from ((line, {}) for line in _hanging(f"  {name:<12}  ", text))


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
    shared = common(explained) if person is None else ()
    gates = [gate for gate in one.gates if gate not in shared and (person is None or not gate.holds)]
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
            yield head + shorten(bare(one), _WIDTH - len(head)), {}
        else:
            yield from ((text, _FAILED) for text in _hanging(head, bare(one)))


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


def _fate(explained: Explained, fate: Fate) -> Iterator[Line]:
    state, reasons = outcome(explained, fate)
    yield from _note(f"{fate.step}, to {shorten(fate.to, 40)}: {state}", reasons, fate.follow_up)


def _note(title: str, reasons: Iterable[str], one: FollowUp | Record | None) -> Iterator[Line]:
    yield from ((text, {}) for text in _hanging("  > ", title))
    for reason in filter(None, reasons):
        yield from ((text, _DIM) for text in wrapped(shorten(reason, LONGEST), "      ", _WIDTH))
    if one is not None:
        yield f"      id {one.id}", _DIM


def _decisions(explained: Explained) -> Iterator[Line]:
    """What the person is told of what the user decided."""
    if explained.tellings:
        yield "", {}
        yield "By your own word", _BOLD
    for course, telling in explained.tellings:
        one, back = telling.note, course.decision.undone is not None
        state = state_of(explained, one) if isinstance(one, Record) else "none"
        if one is not None and not isinstance(one, Record):
            state = planned(explained.sight, one)
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
                f"{record.step}, to {to}: {state_of(explained, record)}", because(explained, record), record
            )


def _asks(explained: Explained) -> Iterator[Line]:
    """The requests for a meeting, whatever the rules say."""
    if notes := explained.asks:
        yield "", {}
        yield "Your requests for a meeting", _BOLD
    for one in notes:
        if isinstance(one, Record):
            state, reasons = state_of(explained, one), [*because(explained, one), overtaken(explained.sight, one)]
        else:
            state, reasons = planned(explained.sight, one), [one.why]
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
        (moment(one.start, sight.almanac, sight.now), shorten(one.title, 30), shorten(one.uid, LONGEST))
        for one in shown
    ]
    yield from ((f"  {line}", {}) for line in columns(rows))
    if len(others) > _SHOWN:
        yield f"  and {len(others) - _SHOWN} more", {}
    first = shown[0]
    name = first.title if first.title.isprintable() and len(first.title) <= _WIDTH else first.uid
    on = f"--on {sight.almanac.day_of(first.start).isoformat()}"
    command = f"`afterword{options} explain {quote(shorten(name or first.uid, LONGEST))} {on}`"
    yield from ((text, {}) for text in wrapped(f"Name one by its UID, or by its day: {command}", "  ", _WIDTH))


def _hanging(head: str, text: str) -> list[str]:
    """The text behind the head, in as many lines as it needs."""
    first, *rest = wrapped(text, " " * len(head), _WIDTH) or [" " * len(head)]
    return [f"{head}{first[len(head) :]}".rstrip(), *rest]
