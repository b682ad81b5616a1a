"""What the user says of a draft by a button: skip, snooze, not this person again; each as the command does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from daemon import not_again
from daemon.byhand import why_not_snoozed
from daemon.cli.owned import refuse_another
from daemon.cli.skip import left_out
from daemon.cli.snooze import put_off
from daemon.cli.target import title
from daemon.cli.unskip import taken_back
from daemon.failure import ExitCode, Failure
from daemon.kept_words import all_kept_words, forget_some, forget_words
from daemon.review.card import card, clean_name
from daemon.review.desk import record_of
from daemon.review.guard import form_of
from daemon.review.opened import people_of
from daemon.review.paper import back, fragment, page, wants_part
from daemon.review.room import room_of
from daemon.review.snoozing import choices, from_field
from daemon.review.tally import tally
from daemon.review.waiting import row
from rules.model import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from daemon.ledger import Ledger
    from daemon.review.room import Room
    from rules.almanac import Almanac
    from rules.history import Record


def skip(request: Request) -> Response:
    """Leave it out."""
    room = room_of(request)
    room.check()
    record, _, after = left_out(room.call(), request.path_params["id"])
    room.forget()
    return _gone(request, record, f"Skipped: {title(record)}. {after}", undo=f"/draft/{record.id}/unskip")


def unskip(request: Request) -> Response:
    """Take the skip back."""
    room = room_of(request)
    room.check()
    record, _, after = taken_back(room.call(), request.path_params["id"])
    room.forget()
    return _there(request, record, f"Taken back: {title(record)}. {after}")


def snooze(request: Request) -> Response:
    """Ask until when."""
    room = room_of(request)
    almanac = room.almanac
    with room.looking() as ledger:
        record = _record(ledger, request)
    why_not, offered = why_not_snoozed(record, room.now()), choices(almanac, room.now(), record.expires)
    return _asked(request, "_snooze.html", record, almanac, why_not=why_not, offered=offered)


def snoozed(request: Request) -> Response:
    """Put it off until then."""
    room, form = room_of(request), form_of(request)
    room.check()
    until = form.get("until") or from_field(form.get("at", ""), room.almanac)
    record, _, then, after = put_off(room.call(), request.path_params["id"], until)
    room.forget()
    return _there(request, record, f"Snoozed until {then}: {title(record)}. {after}".strip())


def never(request: Request) -> Response:
    """Ask whether that is meant."""
    room = room_of(request)
    with room.looking() as ledger:
        record = _record(ledger, request)
    _people(room, record)
    return _asked(request, "_never.html", record, room.almanac, who=", ".join(map(clean_name, record.to)))


def nevermore(request: Request) -> Response:
    """Nothing is to be written to these people again."""
    now = room_of(request).now()
    record = _of_each(request, lambda ledger, person: not_again.not_again(ledger, person, now))
    who = ", ".join(map(clean_name, record.to))
    words = f"Nothing is written to {who} again. An untouched draft goes with the next cycle."
    return _gone(request, record, words, undo=f"/draft/{record.id}/again")


def again(request: Request) -> Response:
    """That is taken back."""
    record = _of_each(request, not_again.again)
    return _there(request, record, f"Taken back: notes to {', '.join(map(clean_name, record.to))} are written again.")


def forget(request: Request) -> Response:
    """Throw away the words that were kept for it: all, or those of a window, or of a mark alone."""
    room, form = room_of(request), form_of(request)
    refuse_another(room.call())
    with room.writing() as ledger:
        record = _record(ledger, request)
        if form.keys() & {"window", "mark"}:
            forget_some(ledger, record.id, form.get("window"), form.get("mark", form.get("over", "")))
        else:
            forget_words(ledger, record.id)
    return _there(request, record, "The words were thrown away.")


def _record(ledger: Ledger, request: Request) -> Record:
    return record_of(ledger, request.path_params["id"])


def _people(room: Room, record: Record) -> tuple[Person, ...]:
    """Whom it is for, with all addresses that are known of them."""
    if record.to_me:
        raise Failure(ExitCode.USAGE, "this note is for you: it is written to nobody", "Skip it, to leave it out.")
    try:
        return people_of(room.ahead(room.now()), record)
    except Failure:  # a wrong configuration: the address of the note has to do
        return tuple(Person(to.name, (to.email,), known=False) for to in record.to)


def _of_each(request: Request, say: Callable[[Ledger, Person], object]) -> Record:
    """Write down what the user says of each person that the note is for; the note."""
    room = room_of(request)
    refuse_another(room.call())
    with room.looking() as ledger:
        people = _people(room, _record(ledger, request))
    with room.writing() as ledger:
        record = _record(ledger, request)
        for person in people:
            say(ledger, person)
    return record


def _asked(request: Request, name: str, record: Record, almanac: Almanac, **what: Any) -> Response:
    """A question: beneath the draft, or on a page of its own."""
    shown = card(record, almanac, room_of(request).now())
    if not wants_part(request):
        return page(request, "question.html", question=name, card=shown, **what)
    answer = fragment(request, name, card=shown, **what)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#d-{record.id} .ask", "innerHTML show:none"
    return answer


def _gone(request: Request, record: Record, words: str, *, undo: str) -> Response:
    """It is out of the list; what was done, and the way back."""
    if not wants_part(request):
        return back(f"/draft/{record.id}")
    return fragment(request, "_gone.html", said=words, id=record.id, words=words, undo=undo, tally=tally(request))


def _there(request: Request, record: Record, words: str) -> Response:
    """It stands in the list, as it is now."""
    if not wants_part(request):
        return back(f"/draft/{record.id}")
    room = room_of(request)
    return fragment(request, "_there.html", said=words, row=_row(room, record), tally=tally(request))


def _row(room: Room, record: Record) -> object:
    with room.looking() as ledger:
        unsaved = all_kept_words(ledger)
    return row(card(record, room.almanac, room.now()), unsaved)


ROUTES = [
    Route("/draft/{id}/skip", skip, methods=["POST"]),
    Route("/draft/{id}/unskip", unskip, methods=["POST"]),
    Route("/draft/{id}/snooze", snooze, methods=["GET"]),
    Route("/draft/{id}/snooze", snoozed, methods=["POST"]),
    Route("/draft/{id}/never", never, methods=["GET"]),
    Route("/draft/{id}/never", nevermore, methods=["POST"]),
    Route("/draft/{id}/again", again, methods=["POST"]),
    Route("/draft/{id}/forget", forget, methods=["POST"]),
]
