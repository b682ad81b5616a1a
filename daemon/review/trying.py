"""What somebody filled in to try a meeting, and what would come of it, as the page tells it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from daemon.cli.output import plain
from daemon.cli.reasons import LONGEST, answer, bare, common, outcome
from daemon.cli.wording import shorten
from daemon.failure import ExitCode, Failure
from daemon.supposed import MOST_PEOPLE, Mine, Supposed, people_in
from rules.model import FollowUp, Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from daemon.review.told import Trouble
    from daemon.supposed import Tried
    from rules.almanac import Almanac
    from rules.attendance import Finding
    from rules.explain import Explanation
    from rules.fates import Fate

_BACK, _ON = timedelta(days=400), timedelta(days=300)
_MOST = 500
_MOST_TEXT = 10_000
_GAP = re.compile(r"(\[\[[^\[\]]*\S[^\[\]]*\]\])")
LENGTHS = (15, 30, 45, 60, 90, 120, 180, 240)
MINE = {
    Mine.ORGANISED: "I organised it",
    Mine.ACCEPTED: "they did, and I accepted",
    Mine.UNANSWERED: "they did, and I have not answered",
    Mine.DECLINED: "they did, and I declined",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The form, as it is shown again: every field as it was typed."""

    title: str
    people: str
    date: str
    time: str
    minutes: int
    calendar: str
    mine: str
    all_day: bool
    recurring: bool
    description: str
    location: str


def asked(form: Mapping[str, str], now: datetime, almanac: Almanac) -> Asked:
    """What was filled in, or what the empty form begins with: an hour that ends about now."""
    start = almanac.local(now - timedelta(hours=1)).replace(minute=0)
    minutes = form.get("minutes", "60")
    return Asked(
        title=form.get("title", ""),
        people=form.get("people", ""),
        date=form.get("date", "") or f"{start:%Y-%m-%d}",
        time=form.get("time", "") or f"{start:%H:%M}",
        minutes=int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) <= len("1440") else 60,
        calendar=form.get("calendar", ""),
        mine=form.get("mine", Mine.ORGANISED.value),
        all_day="all_day" in form,
        recurring="recurring" in form,
        description=form.get("description", ""),
        location=form.get("location", ""),
    )


def supposed(form: Asked, calendars: Sequence[str], now: datetime, almanac: Almanac) -> Supposed:
    """The meeting that is meant.

    Raises:
        Failure: it cannot be one (exit code 2), with what to write instead.
    """
    try:
        start, end = _span(form, almanac)
    except (ValueError, OverflowError):  # the year 9999 has a last day
        raise _wrong("this is no day and time", "Write them as in 2026-03-03 and 15:00.") from None
    if not now - _BACK <= start <= now + _ON:
        raise _wrong("this is too far away to be told", "Choose a day of the last 13 or the next 9 months.")
    people = people_in(form.people)
    for what, found, most in (
        ("the title", len(form.title), _MOST),
        ("the description", len(form.description), _MOST_TEXT),
        ("the place", len(form.location), _MOST),
        ("a name", max(map(len, people), default=0), _MOST),
        ("the list of people", len(people), MOST_PEOPLE),
    ):
        if found > most:
            raise _wrong(f"{what} is longer than {most}", "Shorten it.")
    if form.mine not in {one.value for one in Mine} or (form.calendar and form.calendar not in calendars):
        raise _wrong("there is no such choice", "Load the page again.")
    calendar = form.calendar or next(iter(calendars), "calendar")
    return Supposed(
        " ".join(form.title.split()),
        people,
        start,
        end,
        calendar,
        Mine(form.mine),
        form.all_day,
        form.recurring,
        form.description,
        form.location,
    )


def _span(form: Asked, almanac: Almanac) -> tuple[datetime, datetime]:
    day, at = date.fromisoformat(form.date), time.fromisoformat(form.time)
    if form.all_day:
        return almanac.midnight(day), almanac.midnight(day + timedelta(days=1))
    start = almanac.instant(datetime.combine(day, at.replace(tzinfo=None)))
    return start, start + timedelta(minutes=form.minutes)


def _wrong(message: str, hint: str) -> Failure:
    return Failure(ExitCode.USAGE, message, hint)


# --- what would come of it ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Checked:
    """A condition: whether it holds, and what was seen."""

    name: str
    holds: bool
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a step. `text` is the note in pieces, each with whether it is a gap."""

    step: str
    to: str
    state: str
    reasons: tuple[str, ...]
    subject: str = ""
    text: tuple[tuple[str, bool], ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class RuleTried:
    """What one rule says."""

    id: str
    about: str
    matches: bool
    checked: tuple[Checked, ...]
    outcomes: tuple[Outcome, ...]
    missing: str
    """The names of the conditions that do not hold."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole: a sentence, what is asked before any rule, then each rule; those that take it first."""

    sentence: str
    with_whom: tuple[str, ...]
    before: tuple[Checked, ...]
    rules: tuple[RuleTried, ...]
    remarks: tuple[str, ...]
    problems: tuple[Trouble, ...]


def answered(tried: Tried, problems: tuple[Trouble, ...]) -> Answer:
    """What would come of the meeting."""
    found = tried.explained
    assert found.sight.view is not None
    assert found.subject.meeting is not None
    people = found.sight.view.world.attendances[found.subject.meeting.identity].people
    shared = common(found) if found.rules else ()
    ordered = sorted(found.rules, key=lambda one: (not one.matches, len(one.failing)))
    return Answer(
        plain(answer(found)),
        tuple(plain(f"{one.name} <{one.email}>" if one.name else one.email) for one in people),
        _checked(shared),
        tuple(_rule(tried, one, shared) for one in ordered),
        tuple(map(plain, tried.remarks)),
        problems,
    )


def _rule(tried: Tried, one: Explanation, shared: Iterable[Finding]) -> RuleTried:
    own = [gate for gate in one.gates if gate not in shared]
    return RuleTried(
        one.rule.id,
        one.rule.about,
        one.matches,
        _checked([*own, *one.conditions]),
        tuple(_outcome(tried, fate) for fate in one.fates),
        ", ".join(finding.condition.replace("_", " ") for finding in one.failing),
    )


def _checked(findings: Iterable[Finding]) -> tuple[Checked, ...]:
    return tuple(
        Checked(one.condition.replace("_", " "), one.holds, plain(shorten(bare(one), LONGEST))) for one in findings
    )


def _outcome(tried: Tried, fate: Fate) -> Outcome:
    state, reasons = outcome(tried.explained, fate)
    told = Outcome(fate.step, plain(fate.to), plain(state), tuple(plain(one) for one in reasons if one))
    if not isinstance(fate.follow_up, FollowUp):
        return told
    note = tried.note(fate.follow_up)
    if not isinstance(note, Note):
        fault = f"templates/{note.name}.md: {note.message}" if note.name else note.message
        return Outcome(told.step, told.to, told.state, told.reasons, fault=plain(fault))
    return Outcome(told.step, told.to, told.state, told.reasons, plain(note.subject), in_pieces(plain(note.text)))


def in_pieces(text: str) -> tuple[tuple[str, bool], ...]:
    """The text with its gaps apart: each piece, and whether it is one."""
    return tuple((piece, bool(_GAP.fullmatch(piece))) for piece in _GAP.split(text) if piece)
