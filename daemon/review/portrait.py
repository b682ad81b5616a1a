"""One person with everything that was between us and is to come, as their own page tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.outlook import between, notes_on
from daemon.review.entries import Entries, draft_path
from daemon.review.looking import horizon
from daemon.review.sparkline import LARGE, place
from rules.cleaning import line, prose
from rules.history import OPEN, State
from rules.moments import day, moment
from rules.promises import open_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.ledger import Ledger
    from daemon.outlook import Moment, Standing
    from daemon.review.entries import Entry
    from daemon.review.faces import Face, Faces
    from daemon.review.sparkline import Sparkline
    from rules.history import Promise

PAST = 60
"""Moments of the past that are shown before somebody asks for all."""
_WHY = 400
_MONTH = 20
"""How wide the name of a month is."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One line in the history of a follow-up: when, which state, and why."""

    when: str
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class Past:
    """One thing that was between us. `kind` is `meeting`, `theirs`, `mine` or a follow-up's state, with its turns."""

    kind: str
    what: str
    when: str
    words: str
    path: str = ""
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise. `since` is the day of the meeting, `kept` that on which it was ticked off."""

    id: str
    text: str
    since: str
    meeting: str
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Portrait:
    """All of it. `months` are where a month begins in the drawing of the year. `left`: the user wants no more."""

    face: Face
    facts: tuple[tuple[str, str], ...]
    spark: Sparkline
    months: tuple[tuple[float, str], ...]
    notes: tuple[tuple[str, str], ...]
    owes: tuple[Owed, ...]
    kept: tuple[Owed, ...]
    coming: tuple[Entry, ...]
    past: tuple[Past, ...]
    earlier: int
    left: bool


def portrait(faces: Faces, standing: Standing, ledger: Ledger, *, whole: bool = False) -> Portrait:
    """The person; `whole` with all of the past.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    sight = faces.sight
    assert sight.view is not None
    of, almanac, now = standing.person, sight.almanac, sight.now
    entries = Entries(sight, horizon(now))
    history = between(sight, standing.key)
    shown = history if whole else history[:PAST]
    notes = notes_on(faces.kept, sight.view.world.directory, of)
    facts = (
        ("Addresses", ", ".join(map(line, of.emails))),
        ("Works at", line(of.organisation)),
        ("Language", line(of.language)),
        ("Time zone", line(of.time_zone)),
        ("Met", _times(sight.view.world.met_before(standing.key, now))),
    )
    promises = [one for one in sight.view.world.promises if standing.key in sight.view.world.keys(one.addresses)]
    face = faces.face(standing)
    return Portrait(
        face,
        tuple(fact for fact in facts if fact[1]),
        faces.spark(standing, LARGE),
        tuple(_months(faces)),
        tuple((moment(at, almanac, now) if at else "", prose(text)) for at, text in reversed(notes)),
        tuple(_owed(one, faces) for one in _open(faces, standing)),
        tuple(_owed(one, faces) for one in promises if one.kept is not None and not one.withdrawn),
        entries.strand(standing.key).entries if standing.key in entries.people() else (),
        tuple(_past(one, faces, ledger) for one in shown),
        len(history) - len(shown),
        faces.left_since(standing) is not None,
    )


def _open(faces: Faces, standing: Standing) -> tuple[Promise, ...]:
    assert faces.sight.view is not None
    return open_to(faces.sight.view.world, standing.key, faces.sight.now)


def _owed(promise: Promise, faces: Faces) -> Owed:
    almanac, today = faces.sight.almanac, faces.sight.almanac.day_of(faces.sight.now)
    kept = "" if promise.kept is None else day(almanac.day_of(promise.kept), today)
    since = day(almanac.day_of(promise.meeting.end), today)
    return Owed(promise.id, line(promise.text), since, line(promise.meeting.title), kept)


def _times(met: int) -> str:
    return {0: "", 1: "once", 2: "twice"}.get(met, f"{met} times")


def _months(faces: Faces) -> Iterator[tuple[float, str]]:
    """The beginning of each month of the year that is drawn."""
    almanac, now = faces.sight.almanac, faces.sight.now
    first = almanac.day_of(now).replace(day=1)
    for _ in range(12):
        x = place(almanac.midnight(first), now, LARGE)
        if x is not None:
            yield x, f"{first:%b}" if x + _MONTH <= LARGE.width else ""
        first = (
            first.replace(year=first.year - 1, month=12) if first.month == 1 else first.replace(month=first.month - 1)
        )


def _past(one: Moment, faces: Faces, ledger: Ledger) -> Past:
    almanac, now = faces.sight.almanac, faces.sight.now
    when, record = moment(one.at, almanac, now), one.record
    words = line(one.words.partition(": ")[2], _WHY)
    if record is None:
        kind = "meeting" if one.kind == "meeting" else "theirs" if one.theirs else "mine"
        what = {"meeting": "Met", "theirs": "They wrote", "mine": "You wrote"}[kind]
        return Past(kind, what, when, words or "(no title)")
    turns = tuple(
        Turn(moment(event.at, almanac, now), event.state.value, line(event.cause, _WHY))
        for event in ledger.events(record.id)
        if event.cause
    )
    path = draft_path(record.id) if record.state in OPEN or record.state is State.SNOOZED else ""
    subject = line(record.subject) or line(record.why, _WHY)
    return Past(record.state.value, f"{line(record.step)}, {record.state}", when, subject, path, turns)
