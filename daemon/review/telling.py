"""Telling of a decision, on the page: whom, and who is still to be told; as `afterword decide` does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from daemon import decisions
from daemon.cli.decide import heard, made, the_one
from daemon.cli.decisions_told import may_tell, where
from daemon.cli.owned import refuse_another
from daemon.failure import Failure
from daemon.review.guard import form_of
from daemon.review.paper import back, fragment, page
from daemon.review.room import room_of
from rules.cleaning import line
from rules.greeting import called
from rules.history import CheckIns, Record
from rules.moments import day

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.decisions import Audience, Course, Telling
    from daemon.review.room import Room
    from daemon.sight import Sight

_TELL = "tell "
"""What the name of a box for one person begins with; their address follows."""
_TICKED = "ticked"
"""The field with the addresses whose boxes were ticked when the page came: who has none any more is left out."""
MOST = 150
"""People with a box of their own; more are told by a tag."""
_SAID = {
    "decided": "Decided. The next cycle lays the notes into Drafts, closest first.",
    "undone": "Taken back. Untouched drafts go with the next cycle.",
}
"""What was done, by its word in the address: a change leads to a page that can be loaded again, and gone back to."""


@dataclass(frozen=True, slots=True)
class Hearer:
    """Somebody who may hear of it, or is to: `words` says where the note is, or how close they are."""

    name: str
    email: str
    words: str
    helped: str = ""
    draft: str = ""
    """The id of the follow-up, where its draft lies there."""
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """Where a decision stands, in words; `done` of `all_` have heard of it."""

    id: str
    text: str
    said: str
    check_ins: str
    untold: tuple[Hearer, ...]
    told: tuple[Hearer, ...]
    left_out: tuple[Hearer, ...]
    undone: bool = False

    @property
    def done(self) -> int:
        """How many are told."""
        return len(self.told)

    @property
    def all(self) -> int:
        """How many were to be told."""
        return len(self.untold) + len(self.told)


@dataclass(frozen=True, slots=True)
class Audible:
    """Who would hear of what was filled in, closest first, and who would not, and why.

    `title` stands above them. `decides`: whoever fills it in so tells them; else they are who there is to be named.
    """

    title: str
    decides: bool
    chosen: tuple[Hearer, ...]
    left: tuple[Hearer, ...]
    more: int = 0


def told(sight: Sight) -> tuple[Told, ...]:
    """Each decision, the latest first."""
    return tuple(_told(sight, course) for course in decisions.courses(sight))


def _told(sight: Sight, course: Course) -> Told:
    decision, today = course.decision, sight.almanac.day_of(sight.now)
    stop = decision.check_ins is CheckIns.STOP
    return Told(
        decision.id,
        line(decision.text, 400),
        day(sight.almanac.day_of(decision.at), today),
        "Check-ins to them stop." if stop else "Check-ins to them go on after that.",
        tuple(_hearer(sight, one) for one in course.untold),
        tuple(_hearer(sight, one) for one in course.told),
        tuple(_hearer(sight, one) for one in course.left_out),
        undone=decision.undone is not None,
    )


def _hearer(sight: Sight, one: Telling) -> Hearer:
    person, note = one.closing.person, one.note
    draft = note.id if isinstance(note, Record) and note.message_id else ""
    return Hearer(line(called(person)), person.email, line(where(sight, one)), "; ".join(map(line, one.helped)), draft)


def _audible(sight: Sight, audience: Audience, chosen: Sequence[str], *, all_: bool) -> Audible:
    """`all_`: they are all meant, until the user takes a tick away; else only those `chosen` are."""
    today = sight.almanac.day_of(sight.now)
    decides = all_ or bool(chosen)
    would = "Who would hear of it, closest first" if audience.chosen else "Nobody would hear of it"
    return Audible(
        would if decides else may_tell(audience),
        decides,
        tuple(
            Hearer(
                line(called(one.person)),
                one.person.email,
                "" if one.last is None else f"last contact {day(sight.almanac.day_of(one.last), today)}",
                "; ".join(map(line, one.helped)),
                chosen=all_ or one.person.email in chosen,
            )
            for one in audience.chosen[:MOST]
        ),
        tuple(Hearer(line(called(one.person)), one.person.email, one.why) for one in audience.left),
        max(0, len(audience.chosen) - MOST),
    )


def untold(request: Request) -> Response:
    """The part of Today that shrinks: who is still to be told; nothing where everybody is."""
    room = room_of(request)
    with room.looking() as ledger:
        if all(one.undone is not None for one in ledger.decisions()):  # as mostly: nothing has to be planned then
            return fragment(request, "_untold.html", several=())
    sight = room.ahead(room.now())
    waits = [one for one in told(sight) if one.untold and not one.undone]
    return fragment(request, "_untold.html", several=waits)


def decide(request: Request) -> Response:
    """The form, and where each decision stands; `said` in the address tells what was done."""
    return _page(request, {}, said=_SAID.get(request.query_params.get("said", ""), ""))


def decided(request: Request) -> Response:
    """Tell them; or only show who they would be, where that was asked for or nobody is named."""
    room, form = room_of(request), form_of(request)
    sight = room.ahead(room.now())
    words = _words(form)
    named = bool(words[0] or words[1])
    try:
        if "look" in form or not named:
            audience = heard(sight, words[0] if words[1] else (), words[1], words[2])
            filled = {**form, "except": ", ".join(words[2])}
            return _page(request, filled, audible=_audible(sight, audience, words[0], all_=bool(words[1])))
        refuse_another(room.call())
        _, _, decision = made(sight, form.get("text", ""), words, form.get("check_ins") or None)
        with room.writing() as ledger:
            ledger.decide(decision)
    except Failure as failure:
        return _page(request, form, failure=failure)
    return back("/decide?said=decided")


def undo(request: Request) -> Response:
    """Take a decision back."""
    room = room_of(request)
    refuse_another(room.call())
    before = the_one(decisions.courses(room.ahead(room.now())), request.path_params["id"])
    with room.writing() as ledger:
        ledger.take_back(before.decision.id, room.now())
    return back("/decide?said=undone")


def _words(form: Mapping[str, str]) -> tuple[list[str], list[str], list[str]]:
    """Whom to tell, by which tags, and who is excepted: several stand apart by commas or lines.

    Whose tick was taken away is excepted: the tag means them too.
    """
    ticked = [name.removeprefix(_TELL) for name in form if name.startswith(_TELL)]
    several = {name: _several(form.get(name, "")) for name in ("tell", "tag", "except", _TICKED)}
    unticked = [email for email in several[_TICKED] if email not in ticked]
    return [*ticked, *several["tell"]], several["tag"], list(dict.fromkeys([*several["except"], *unticked]))


def _several(text: str) -> list[str]:
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


def _page(
    request: Request,
    form: Mapping[str, str],
    *,
    audible: Audible | None = None,
    failure: Failure | None = None,
    said: str = "",
) -> Response:
    room = room_of(request)
    sight = room.ahead(room.now())
    return page(
        request,
        "decide.html",
        status=400 if failure else 200,
        form={name: form.get(name, "") for name in ("text", "tell", "tag", "except", "check_ins")},
        audible=audible,
        failure=failure,
        told=said,
        several=told(sight),
        tags=_tags(room),
    )


def _tags(room: Room) -> tuple[str, ...]:
    """What may stand in the field for tags: those of the address books, and the ids of rules."""
    sight = room.ahead(room.now())
    assert sight.view is not None
    world = sight.view.world
    found = {tag for person in world.directory.people for tag in person.tags} | {rule.id for rule in world.rules}
    return tuple(sorted(map(line, found)))


ROUTES = [
    Route("/today/untold", untold, methods=["GET"]),
    Route("/decide", decide, methods=["GET"]),
    Route("/decide", decided, methods=["POST"]),
    Route("/decide/{id}/undo", undo, methods=["POST"]),
]
