"""The page People: everybody, those not contacted for longest first; and each person's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.routing import Route

from daemon import not_again
from daemon.by_person import LONGEST, add_note, tick, words_of_note
from daemon.cli.owned import refuse_another
from daemon.review.faces import ORDERS, Faces
from daemon.review.guard import form_of
from daemon.review.keys import person_path, person_word
from daemon.review.looking import look
from daemon.review.paper import back, fragment, page, wants_part
from daemon.review.portrait import portrait
from daemon.review.room import room_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.ledger import Ledger
    from daemon.outlook import Standing
    from daemon.sight import Sight

SHOWN = 40
"""People that are listed before somebody asks for more."""
_LONGEST_QUESTION = 200


def people(request: Request) -> Response:
    """The list, or for htmx the part of it that a search changes."""
    room, asked = room_of(request), request.query_params
    words = asked.get("q", "")[:_LONGEST_QUESTION]
    order = asked.get("order", "")
    order = order if order in ORDERS else "longest"
    sight = look(room)
    with room.looking() as ledger:
        faces = Faces(sight, ledger.person_notes(), not_again.marked(ledger))
    found = faces.chosen(words, order)
    shown = found[: _number(asked.get("shown", ""))]
    what: dict[str, Any] = {
        "faces": [faces.face(one) for one in shown],
        "found": len(found),
        "words": words,
        "order": order,
        "orders": [(name, title, _query(words, name)) for name, title in ORDERS.items()],
        "more": f"/people?{_query(words, order)}&shown={len(shown) + 100}" if len(shown) < len(found) else "",
        "told": _told(len(found), words),
        "problems": sight.problems,
    }
    return page(request, "_everybody.html" if wants_part(request) else "people.html", **what, part=wants_part(request))


def _number(asked: str) -> int:
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else SHOWN  # noqa: PLR2004


def _query(words: str, order: str) -> str:
    return urlencode({"q": words, "order": order} if words else {"order": order})


def _told(found: int, words: str) -> str:
    """`12 people`, `nobody by 'dnaa'`."""
    fits = f" by '{words.strip()}'" if words.strip() else ""
    if not found:
        return f"Nobody{fits}" if fits else "Nobody is known yet"
    return f"{found} {'person' if found == 1 else 'people'}{fits}"


def person(request: Request) -> Response:
    """One person. By an email address one is led to the page."""
    if not request.path_params["who"]:
        return back("/people")
    sight = look(room_of(request))
    who = request.path_params["who"]
    found = _found(sight, who)
    if found is None:
        raise HTTPException(404)
    if who != person_word(found.key):
        return back(person_path(found.key))
    return _page(request, sight, found, "person.html")


def _found(sight: Sight, who: str) -> Standing | None:
    """Whom an address of the page means: by our word for them, else by an email address of theirs."""
    assert sight.view is not None
    key = sight.view.world.directory.key(who) if "@" in who else ""
    return next((one for one in sight.everybody if person_word(one.key) == who or (key and one.key == key)), None)


def _page(request: Request, sight: Sight, found: Standing, template: str, said: str = "") -> Response:
    with room_of(request).looking() as ledger:
        faces = Faces(sight, ledger.person_notes(), not_again.marked(ledger))
        shown = portrait(faces, found, ledger, whole=request.query_params.get("past") == "all")
    what: dict[str, Any] = {"one": shown, "problems": sight.problems, "longest": LONGEST}
    return fragment(request, template, said=said, **what) if said else page(request, template, **what)


def _changed(request: Request, template: str, change: Callable[[Ledger, Sight, Standing], str]) -> Response:
    """Carry out a change, and show the part that it changes, or the page again."""
    room = room_of(request)
    sight = look(room)
    found = _found(sight, request.path_params["who"])
    if found is None:
        raise HTTPException(404)
    refuse_another(room.call())
    with room.writing() as ledger:
        said = change(ledger, sight, found)
    if not wants_part(request):
        return back(person_path(found.key))
    again = look(room)
    return _page(request, again, _found(again, person_word(found.key)) or found, template, said)


def note(request: Request) -> Response:
    """Keep a note on the person, as `afterword note` does."""
    words = words_of_note(form_of(request).get("text", ""))

    def keep(ledger: Ledger, sight: Sight, found: Standing) -> str:
        add_note(ledger, found.person.email, words, sight.now)
        return "Noted."

    return _changed(request, "_person_notes.html", keep)


def done(request: Request) -> Response:
    """Tick a promise off, or back on, as `afterword done` does."""
    form = form_of(request)
    undo = form.get("undo", "") == "yes"

    def mark(ledger: Ledger, sight: Sight, found: Standing) -> str:
        assert sight.view is not None
        world = sight.view.world
        theirs = (one for one in world.promises if found.key in world.keys(one.addresses) and not one.withdrawn)
        promise = next((one for one in theirs if one.id == form.get("promise", "")), None)
        if promise is None:
            raise HTTPException(404)
        tick(ledger, world, promise, room_of(request).now(), undo=undo)
        return "Owed after all." if undo else "Done."

    return _changed(request, "_person_owed.html", mark)


def left(request: Request) -> Response:
    """Write nothing more to the person, as `afterword person WHO --not-again` has it; or take that back."""
    undo = form_of(request).get("undo", "") == "yes"

    def mark(ledger: Ledger, _: Sight, found: Standing) -> str:
        if undo:
            not_again.again(ledger, found.person)
            return "They may be written to again."
        not_again.not_again(ledger, found.person, room_of(request).now())
        return "Nothing more is written to them; untouched drafts go with the next cycle."

    return _changed(request, "_person_left.html", mark)


ROUTES = [
    Route("/people", people, methods=["GET"]),
    Route("/people/{who}/note", note, methods=["POST"]),
    Route("/people/{who}/done", done, methods=["POST"]),
    Route("/people/{who}/left", left, methods=["POST"]),
    Route("/people/{who:path}", person, methods=["GET"]),
]
