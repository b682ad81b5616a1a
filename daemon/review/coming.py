"""The page Coming: the next eight weeks, drawn person by person, and as a list by day; and one note of it, opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from daemon.forthcoming import reasons
from daemon.review.agenda import agenda
from daemon.review.entries import KINDS, Entries
from daemon.review.keys import person_path
from daemon.review.looking import WEEKS, horizon, look
from daemon.review.paper import page
from daemon.review.room import room_of
from daemon.review.timeline import Kind, Timeline, is_cut, timeline
from daemon.review.timescale import columns, months, scale
from rules.cleaning import SUBJECT, line, prose
from rules.sandbox import TemplateFault

if TYPE_CHECKING:
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.review.agenda import Part
    from daemon.review.entries import Entry, Strand
    from daemon.review.timescale import Column, Month
    from daemon.sight import Sight

DAY = 17.0
"""How wide a day is drawn: with this all weeks and the names fit a common screen."""
ROWS = 30
"""People that are drawn before somebody asks for more."""
_MORE = 100
_BEFORE = 1
"""Days before today, so that one sees what was due just now."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template draws: the days across, and the rows of `people`, by `entries` of the marks' ids."""

    days: tuple[Column, ...]
    months: tuple[Month, ...]
    chart: Timeline
    now_x: float
    people: dict[str, Strand]
    entries: dict[str, Entry]


def coming(request: Request) -> Response:
    """The page."""
    sight = look(room_of(request))
    everything = Entries(sight, horizon(sight.now))
    everybody = everything.people()
    shown = [everything.strand(key) for key in everybody[: _rows(request, len(everybody))]]
    return page(
        request,
        "coming.html",
        drawing=_drawing(sight, shown),
        parts=_parts(sight, shown),
        kinds=KINDS,
        everybody=len(everybody),
        shown=len(shown),
        more=min(len(everybody), len(shown) + _MORE),
        weeks=WEEKS,
        is_cut=is_cut,
        problems=sight.problems,
    )


def _rows(request: Request, everybody: int) -> int:
    """How many people are asked for."""
    asked = request.query_params.get("people", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else ROWS  # noqa: PLR2004 - enough
    return max(1, min(max(number, 1), max(everybody, 1)))


def _drawing(sight: Sight, people: list[Strand]) -> Drawing:
    almanac = sight.almanac
    today = almanac.day_of(sight.now)
    first, days = today - timedelta(days=_BEFORE), _BEFORE + 7 * WEEKS + 1
    across = scale(almanac, first, days, DAY)
    drawn = columns(almanac, first, days, DAY, today)
    chart = timeline(across, [(one.key, [entry.item for entry in one.entries]) for one in people])
    entries = {entry.id: entry for one in people for entry in one.entries}
    return Drawing(drawn, months(drawn), chart, across.x(sight.now), {one.key: one for one in people}, entries)


def _parts(sight: Sight, people: list[Strand]) -> tuple[Part, ...]:
    entries = (entry for one in people for entry in one.entries)
    return agenda(entries, sight.almanac, sight.now, horizon(sight.now))


def note(request: Request) -> Response:
    """One note that is still to be drafted: when, why, what holds it back, and the words that it would have."""
    sight = look(room_of(request))
    id_ = request.path_params["id"]
    found = next((one for one in sight.planned if one.id == id_), None)
    if found is None:
        raise HTTPException(404)
    everything = Entries(sight, horizon(sight.now))
    return page(request, "coming_note.html", **_note(sight, everything, id_), problems=sight.problems)


def _note(sight: Sight, everything: Entries, id_: str) -> dict[str, Any]:
    follow_up = everything.follow_up(id_)
    entry = everything.note(follow_up)
    drafting = sight.drafting_of(follow_up)
    assert drafting is not None
    try:
        words = drafting.note(follow_up)
    except TemplateFault as fault:
        subject, text, fails = entry.title, "", fault.message
    else:
        subject, text, fails = line(words.subject, SUBJECT) or entry.title, prose(words.text), ""
    return {
        "entry": entry,
        "kind": KINDS[entry.kind],
        "subject": subject,
        "text": text,
        "fails": fails,
        "reasons": [line(one, 600) for one in reasons(follow_up, sight.almanac, sight.now)],
        "rule": line(f"{follow_up.rule or ''} {follow_up.step}".strip()),
        "people": [(everything.name_of(key), person_path(key)) for key in entry.keys if key],
        "is_held": entry.kind is Kind.HELD,
    }


ROUTES = [
    Route("/coming", coming, methods=["GET"]),
    Route("/coming/{id}", note, methods=["GET"]),
]
