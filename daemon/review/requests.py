"""Asking somebody for a meeting, and noting something on them, on the page; as `afterword ask` and `note` do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.routing import Route

from daemon import asking
from daemon.cli.ask import meant, span
from daemon.cli.desk import look_ahead
from daemon.cli.owned import refuse_another
from daemon.cli.wording import sentence
from daemon.failure import ExitCode, Failure
from daemon.present import held
from daemon.review.guard import form_of
from daemon.review.keys import email_by_word
from daemon.review.paper import back, page
from daemon.review.room import room_of
from rules.asks import STEP
from rules.cleaning import line
from rules.greeting import called
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.asking import Wanted
    from daemon.review.room import Room
    from daemon.sight import Sight
    from rules.model import Person

LENGTHS = ("20 minutes", "30 minutes", "45 minutes", "1 hour")
WITHINS = ("1 week", "2 weeks", "4 weeks")
_UNDONE = "Taken back. An untouched draft goes with the next cycle."
_USUAL = {"template": STEP, "length": "30 minutes", "within": "2 weeks"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A request as it would be: to whom, which times it offers, or why none; `standing` is a meeting that is there."""

    name: str
    email: str
    times: tuple[str, ...]
    why_none: str
    standing: str


def ask(request: Request) -> Response:
    """The form, filled for the person of whom `who` in the address is the word.

    A change leads here too: `said` tells then what was done, and `of` is the id of the request. No mail address stands
    in one of the page, and so in the history of the browser.
    """
    query, room = request.query_params, room_of(request)
    if query.get("said") == "asked":
        return _open(request, query.get("of", ""))
    sight = room.ahead(room.now())
    who = email_by_word(sight, query.get("who", ""))
    if query.get("said") != "undone":
        return _page(request, {"who": who})
    return _page(request, {"who": _asked_by_id(sight, query.get("of", ""))}, told=_UNDONE)


def asked(request: Request) -> Response:
    """Ask; or only show which times it would offer."""
    room, form = room_of(request), form_of(request)
    try:
        sight = _sight(room)
        person = _named(sight, form)
        if "undo" in form:
            return _taken_back(room, sight, person)
        length, within = span(form.get("length") or LENGTHS[1]), span(form.get("within") or WITHINS[1])
        wanted = asking.wanted(sight, person, form.get("template") or STEP, length, within)
        if "look" not in form:
            refuse_another(room.call())
            with room.writing() as ledger:
                asking.ask(ledger, wanted)
            return _done("asked", wanted.ask.id)
    except asking.Refused as refused:
        return _page(request, form, failure=Failure(ExitCode.USAGE, str(refused), refused.hint))
    except Failure as failure:
        return _page(request, form, failure=failure)
    return _page(request, form, offer=_offer(sight, wanted))


def _open(request: Request, request_id: str) -> Response:
    """The request that was made just now, with the times it offers; else what has become of it meanwhile."""
    sight = _sight(room_of(request))
    form = {"who": _asked_by_id(sight, request_id)}
    try:
        wanted = asking.open_offer(sight, _named(sight, form))
    except asking.Refused as refused:
        return _page(request, form, told=sentence(str(refused)))
    except Failure:  # a request, or a person, that nobody knows any more
        return _page(request, form)
    return _page(request, form, offer=_offer(sight, wanted), done=True)


def _asked_by_id(sight: Sight, request_id: str) -> str:
    """The address of whom a request was for; empty where there is no such one."""
    assert sight.view is not None
    return next((one.email for one in sight.view.world.history.asks if one.id == request_id), "")


def _sight(room: Room) -> Sight:
    """What is ahead by calendars that are asked just now: free times are known from them alone."""
    with room.looking() as ledger:
        return look_ahead(room.call(), ledger, room.now(), room.now())


def _named(sight: Sight, form: Mapping[str, str]) -> Person:
    who = form.get("who", "").strip()
    if not who:
        raise Failure(ExitCode.USAGE, "nobody is named", "Write a name or an address.")
    return meant(sight, who)


def _taken_back(room: Room, sight: Sight, person: Person) -> Response:
    refuse_another(room.call())
    there, _ = asking.open_request(sight, person)
    with room.writing() as ledger:
        asking.take_back(ledger, there, room.now())
    return _done("undone", there.id)


def _done(said: str, request_id: str) -> Response:
    return back(f"/ask?{urlencode({'said': said, 'of': request_id})}")


def _offer(sight: Sight, wanted: Wanted) -> Offer:
    times = tuple(map(line, wanted.times(sight)))
    hold = wanted.follow_up.hold
    none = "none in that span is free and within the working hours of both of you"
    there = wanted.standing
    return Offer(
        line(called(wanted.person)),
        wanted.person.email,
        times,
        "" if times else held(hold, sight.almanac, sight.now) if hold else none,
        f"{line(there.title)}, {moment(there.start, sight.almanac, sight.now)}" if there is not None else "",
    )


def _page(
    request: Request,
    form: Mapping[str, str],
    *,
    offer: Offer | None = None,
    done: bool = False,
    failure: Failure | None = None,
    told: str = "",
) -> Response:
    room = room_of(request)
    sight = room.ahead(room.now())
    names = sight.house.configuration.templates.names() if sight.house is not None else ()
    return page(
        request,
        "ask.html",
        status=400 if failure else 200,
        form={**_USUAL, "who": "", **{name: form[name] for name in ("who", *_USUAL) if form.get(name)}},
        templates=[name for name in names if STEP in name] or [STEP],
        lengths=LENGTHS,
        withins=WITHINS,
        offer=offer,
        done=done,
        failure=failure,
        told=told,
    )


ROUTES = [
    Route("/ask", ask, methods=["GET"]),
    Route("/ask", asked, methods=["POST"]),
]
