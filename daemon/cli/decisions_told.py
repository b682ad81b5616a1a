"""How decisions are printed: who is still to be told, who is told, who there is to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.cli.wording import columns, count, day, moment, shorten
from rules.greeting import called
from rules.history import CheckIns, Record, State

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from daemon.cli.desk import Line
    from daemon.decisions import Audience, Course, Telling
    from daemon.sight import Sight
    from rules.circle import Near

_WORDS = {
    State.PLACED: "lies in Drafts",
    State.EDITED: "lies in Drafts, edited",
    State.SENT: "told",
    State.ANSWERED: "told, and has answered",
    State.VETOED: "you deleted the note",
    State.SKIPPED: "you skipped the note",
    State.WITHDRAWN: "taken back",
    State.CANCELLED: "taken back",
}
_HELPED = 44


def course_json(sight: Sight, course: Course) -> dict[str, Any]:
    """A decision, with everybody whom it is about."""
    from daemon.present import stamp  # noqa: PLC0415 - much is imported

    decision = course.decision
    return {
        "id": decision.id,
        "text": decision.text,
        "at": stamp(decision.at, sight.almanac),
        "check_ins": decision.check_ins.value,
        "undone": stamp(decision.undone, sight.almanac),
        "untold": [_telling_json(sight, one) for one in course.untold],
        "told": [_telling_json(sight, one) for one in course.told],
        "left_out": [_telling_json(sight, one) for one in course.left_out],
    }


def _telling_json(sight: Sight, one: Telling) -> dict[str, Any]:
    person = one.closing.person
    return {
        "name": person.name,
        "email": person.email,
        "state": one.state.value,
        "helped": list(one.helped),
        "follow_up": None if one.note is None else sight.json_of(one.note),
    }


def left_json(heard: Audience) -> list[dict[str, str]]:
    """Who is not told, and why."""
    return [{"name": one.person.name, "email": one.person.email, "why": one.why} for one in heard.left]


def near_json(sight: Sight, one: Near) -> dict[str, Any]:
    """Somebody who may be told."""
    from daemon.present import stamp  # noqa: PLC0415 - see `course_json`

    return {
        "name": one.person.name,
        "email": one.person.email,
        "tags": list(one.person.tags),
        "organisation": one.person.organisation,
        "last_contact": stamp(one.last, sight.almanac),
        "days_of_contact": one.days,
        "meetings": one.meetings,
        "helped": list(one.helped),
    }


def course_lines(sight: Sight, course: Course, options: str) -> Iterator[Line]:
    """Where a decision stands."""
    decision, today = course.decision, sight.almanac.day_of(sight.now)
    said = day(sight.almanac.day_of(decision.at), today)
    yield f"{' '.join(decision.text.split())}  ({decision.id}, {said})", {"bold": True}
    if decision.undone is not None:
        yield f"  You took it back on {day(sight.almanac.day_of(decision.undone), today)}.", {}
    elif course.untold:
        yield f"  Still to be told, closest first: {len(course.untold)} of {_all(course)}", {}
        rows = [_row(sight, one) for one in course.untold]
        yield from ((f"    {line}", {}) for line in columns(rows))
    else:
        yield "  Everybody is told.", {}
    for title, several in (("Told", course.told), ("Left out", course.left_out)):
        if several:
            yield f"  {title}: {', '.join(_named(one, title) for one in several)}", {}
    if decision.undone is None:
        yield f"  {_check_ins(decision.check_ins)}", {"dim": True}
        yield f"  `afterword{options} decide --undo {decision.id}` takes it back.", {"dim": True}


def _all(course: Course) -> int:
    return len(course.untold) + len(course.told) + len(course.left_out)


def _row(sight: Sight, one: Telling) -> tuple[str, str, str]:
    note = one.note
    helped = shorten("; ".join(one.helped), _HELPED)
    return (
        called(one.closing.person),
        note.id if note else "",
        where(sight, one) + (f"; helped: {helped}" if helped else ""),
    )


def where(sight: Sight, one: Telling) -> str:
    """Where the closing note is, in a few words: `lies in Drafts`, `comes with the next cycle`."""
    from daemon.present import held  # noqa: PLC0415 - see `course_json`

    note = one.note
    if one.state is State.SNOOZED and note is not None:
        until = (note.snoozed_until if isinstance(note, Record) else None) or note.due
        return f"snoozed until {moment(until, sight.almanac, sight.now)}"
    if one.state in _WORDS:
        return _WORDS[one.state]
    if note is not None and not isinstance(note, Record) and note.hold is not None:
        return held(note.hold, sight.almanac, sight.now)
    return "comes with the next cycle"


def _named(one: Telling, title: str) -> str:
    words = _WORDS.get(one.state, "")
    return f"{called(one.closing.person)} ({words})" if title == "Left out" and words else called(one.closing.person)


def _check_ins(asked: CheckIns) -> str:
    if asked is CheckIns.STOP:
        return "Check-ins to them stop, until you next meet."
    return "Check-ins to them wait for the closing note, and go on from there; `--check-ins stop` ends them."


def left_lines(heard: Audience) -> Iterator[Line]:
    """Who is not told, and why."""
    if heard.left:
        yield "", {}
        yield "Not told", {"bold": True}
        for line in columns([(called(one.person), one.why) for one in heard.left]):
            yield f"  {line}", {}


def may_tell(heard: Audience) -> str:
    """How many there are to tell, where nobody is named yet: what stands above the list of them."""
    if not heard.chosen:
        return "There is nobody to tell: you have met nobody, and written to nobody."
    return f"You may tell {count(len(heard.chosen), 'person').replace('persons', 'people')}, closest first"


def near_lines(sight: Sight, heard: Audience, how: str) -> Iterator[Line]:
    """Who there is to tell, and how to tell them."""
    yield may_tell(heard), {"bold": True} if heard.chosen else {}
    if not heard.chosen:
        return
    today = sight.almanac.day_of(sight.now)
    for line in columns([("Who", "Last contact", "Met", "Tags", "Helped"), *_near_rows(sight, heard.chosen, today)]):
        yield f"  {line}", {}
    yield "", {}
    tag = next((tag for one in heard.chosen for tag in one.person.tags), "TAG")
    yield f"Nothing is decided yet. `{how} --tag {tag}` tells all who have it, `--tell WHO` one person.", {}


def _near_rows(sight: Sight, several: Sequence[Near], today: Any) -> Iterator[tuple[str, ...]]:
    for one in several:
        last = "" if one.last is None else day(sight.almanac.day_of(one.last), today)
        helped = shorten("; ".join(one.helped), _HELPED)
        yield called(one.person), last, str(one.meetings), ", ".join(one.person.tags), helped


def undone_lines(before: Course) -> Iterator[Line]:
    """What was taken back, and what cannot be."""
    yield f"Taken back: {' '.join(before.decision.text.split())}", {}
    lying = sum(one.state is State.PLACED for one in before.untold)
    mine = sum(one.state is State.EDITED for one in before.untold)
    if lying:
        yield f"  {count(lying, 'untouched draft')} go{'es' if lying == 1 else ''} with the next cycle.", {}
    if mine:
        stay = "stays where it lies" if mine == 1 else "stay where they lie"
        yield f"  {count(mine, 'draft')} that you edited {stay}.", {}
    if before.told:
        yield f"  You have told already: {', '.join(called(one.closing.person) for one in before.told)}.", {}
