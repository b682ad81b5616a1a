"""The page Rules: what each rule does and what is wrong, as the files stand; and a meeting to be tried."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from config.sources import MOST_FILES, RULES, TEMPLATES, TESTS
from daemon.cli.check import judge
from daemon.cli.wording import count
from daemon.configuration import last_good
from daemon.outlook import everybody
from daemon.review import rulebook, trying
from daemon.review.paper import fragment, page, wants_part
from daemon.review.room import room_of
from daemon.review.told import troubles
from daemon.supposed import horizon, suppose

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from config.load import Configuration
    from daemon.review.room import Room
    from daemon.review.told import Trouble


@dataclass(frozen=True, slots=True)
class Live:
    """What follows the files. `mark` is theirs, `configuration` is in force: the `last_good` where they are wrong.

    `tests_only`: what is wrong is in tests of rules, and hinders nothing. `month` is the one that is counted.
    """

    mark: str
    folder: str
    configuration: Configuration | None
    last_good: bool
    problems: tuple[Trouble, ...]
    remarks: tuple[Trouble, ...]
    notes: tuple[Trouble, ...]
    rules: tuple[rulebook.RuleTold, ...]
    month: str
    tests_only: bool


@dataclass(frozen=True, slots=True)
class Fields:
    """The form for a meeting to be tried, and what may be chosen in it."""

    form: trying.Asked
    calendars: tuple[str, ...]
    mine: tuple[tuple[str, str], ...]
    lengths: tuple[int, ...]


def rules(request: Request) -> Response:
    """The page."""
    room = room_of(request)
    found = _live(room)
    return page(request, "rules.html", live=found, fields=_fields(request, room, found.configuration))


def live(request: Request) -> Response:
    """The part of the page that follows the files: nothing where they are as they were."""
    room = room_of(request)
    if request.query_params.get("mark") == mark(room.call().folder):
        return Response(status_code=204)
    room.forget()
    found = _live(room)
    problems = len(found.problems)
    said = f"The files were read again: {count(problems, 'problem') if problems else 'no problem'}."
    return fragment(request, "_rules_live.html", said=said, live=found)


def tried(request: Request) -> Response:
    """What would come of a meeting that somebody supposes."""
    room = room_of(request)
    now, call = room.now(), room.call()
    configuration = room.standing().needed
    form = trying.asked(dict(request.query_params), now, configuration.almanac)
    meant = trying.supposed(form, [one.id for one in configuration.calendars], now, configuration.almanac)
    until = horizon(configuration.rules, meant.end, now)
    sight = room.ahead(until)
    assert sight.view is not None
    known = tuple(everybody(sight.view.world).values())
    with room.looking() as ledger:
        found = suppose(sight, ledger, meant, known, until)
    answer = trying.answered(found, troubles(found.problems, call.options))
    if wants_part(request):
        return fragment(request, "_tried.html", said=answer.sentence, answer=answer)
    return page(request, "try.html", answer=answer, fields=_fields(request, room, configuration))


def _fields(request: Request, room: Room, configuration: Configuration | None) -> Fields | None:
    """None where no configuration is in force."""
    if configuration is None:
        return None
    return Fields(
        trying.asked(dict(request.query_params), room.now(), configuration.almanac),
        tuple(one.id for one in configuration.calendars),
        tuple((one.value, words) for one, words in trying.MINE.items()),
        trying.LENGTHS,
    )


def _live(room: Room) -> Live:
    call = room.call()
    marked = mark(call.folder)  # before they are read: an edit in between is seen the next time
    judged = judge(call.folder, call.state)
    texts = {**judged.loaded.sources.files, **judged.tests}
    configuration, kept = judged.loaded.configuration, None
    if configuration is None:
        kept = configuration = last_good(call.folder, call.state)
    told: tuple[rulebook.RuleTold, ...] = ()
    resting = []
    if configuration is not None:
        sight = room.ahead(room.now() + rulebook.AHEAD)
        told = rulebook.told(sight, configuration, judged.loaded.sources)
        resting = [one for one in sight.problems if (one.file or "").startswith((f"{RULES}/", f"{TEMPLATES}/"))]
    return Live(
        mark=marked,
        folder=str(call.folder),
        configuration=configuration,
        last_good=kept is not None,
        problems=troubles([*judged.problems, *resting], call.options, texts),
        remarks=troubles(judged.remarks, call.options, texts),
        notes=troubles(judged.notes, call.options, texts),
        rules=told,
        month=f"{room.now() if configuration is None else configuration.almanac.local(room.now()):%B}",
        tests_only=configuration is not None and kept is None and bool(judged.problems),
    )


def mark(folder: Path) -> str:
    """A mark of the files of the configuration, by their times and sizes: it changes with each edit."""
    seen = hashlib.sha256()
    for place in ("", RULES, TESTS, TEMPLATES):
        with suppress(OSError), os.scandir(folder / place) as entries:
            for entry in sorted(entries, key=lambda one: one.name)[:MOST_FILES]:
                with suppress(OSError):  # a file that went in between
                    if entry.is_file():
                        status = entry.stat()
                        seen.update(f"{place}/{entry.name!r} {status.st_mtime_ns} {status.st_size}\n".encode())
    return seen.hexdigest()[:32]


ROUTES = [
    Route("/rules", rules, methods=["GET"]),
    Route("/rules/live", live, methods=["GET"]),
    Route("/rules/try", tried, methods=["GET"]),
]
