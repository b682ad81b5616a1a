"""One draft, opened: to be read, edited and saved into the mailbox; and the words that are not in it yet."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from connectors.base import ConnectorError
from daemon.by_person import add_note, words_of_note
from daemon.cli.owned import refuse_another
from daemon.cli.wording import count
from daemon.failure import ExitCode, Failure
from daemon.household import recall
from daemon.kept_words import Words, all_kept_words, forget_some, keep_words, several_kept
from daemon.review.card import card
from daemon.review.desk import Hindrance, between, desk, house, record_of, renamed, what_is_known
from daemon.review.guard import form_of
from daemon.review.lost import AND_NOW, UNKNOWN
from daemon.review.mailing import ways
from daemon.review.paper import back, fragment, page, wants_part
from daemon.review.room import room_of
from daemon.review.tally import tally
from daemon.review.waiting import row
from daemon.revise import Conflict, Missing, Saved, revise
from rules.moments import brief

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from daemon.ledger import Ledger
    from daemon.review.desk import Desk, Editor
    from daemon.review.room import Room
    from daemon.revise import Refused
    from rules.history import Record

PATIENCE = 4.0
"""Seconds that a save waits for a cycle to end: somebody sits there and looks."""
_WINDOW = re.compile(r"[0-9a-f]{8}")
_BESIDE = (
    "Kept, and not in the draft yet. What you typed in another window is kept, too: open the draft anew to see both"
)
_KEPT = "What you typed is kept, and will be offered to you again."
_NOT_KEPT = "What you typed stands below and is kept nowhere: leave it open, or copy it."


def draft(request: Request) -> Response:
    """One draft: in its place in the list, or on a page of its own."""
    return shown(request, desk(room_of(request), request.path_params["id"], whole=not wants_part(request)))


def known(request: Request) -> Response:
    """What is known of it: looked up when its words are there already."""
    room = room_of(request)
    with room.looking() as ledger:
        told = what_is_known(room, ledger, record_of(ledger, request.path_params["id"]))
    return fragment(request, "_known.html", known=told)


def note(request: Request) -> Response:
    """Keep a note on somebody to whom it goes, as `afterword note` does; what is known is shown with it."""
    room, form, follow_up = room_of(request), form_of(request), request.path_params["id"]
    words = words_of_note(form.get("text", ""))
    refuse_another(room.call())
    with room.writing() as ledger:
        email = next((to.email for to in record_of(ledger, follow_up).to if to.email == form.get("who")), None)
        if email is None:
            raise HTTPException(404)
        add_note(ledger, email, words, room.now())
    if not wants_part(request):
        return back(f"/draft/{follow_up}")
    with room.looking() as ledger:
        told = what_is_known(room, ledger, record_of(ledger, follow_up))
    return fragment(request, "_known.html", said="Noted.", known=told)


def shown(
    request: Request,
    opened: Desk,
    *,
    status: int = 200,
    said: str = "",
    news: Hindrance | None = None,
    left: Words | None = None,
) -> Response:
    """The opened draft; `news` is what went wrong with what was asked for, `left` the words that it no longer has."""
    told = {"desk": opened, "news": news, "left": left, "ways": ways(opened.draft, opened.kind)}
    if wants_part(request):
        return fragment(request, "_open.html", status=status, said=said, **told)
    return page(request, "draft.html", status=status, **told)


def closed(request: Request) -> Response:
    """The row of the list again."""
    room = room_of(request)
    with room.looking() as ledger:
        record = record_of(ledger, request.path_params["id"])
        unsaved, almanac = all_kept_words(ledger), recall(ledger).almanac
    return fragment(request, "_closed.html", row=row(card(record, almanac, room.now()), unsaved))


def save(request: Request) -> Response:
    """Write what was typed into the mailbox's draft."""
    room, form, follow_up = room_of(request), form_of(request), request.path_params["id"]
    try:
        refuse_another(room.call())
        with room.writing() as ledger:
            record = record_of(ledger, follow_up)
            done = _revised(room, ledger, record, form)
            if isinstance(done, Missing) and (seen := renamed(room, ledger, record, done)) is not None:
                done = _revised(room, ledger, seen, form)
    except ConnectorError as error:
        return _unsaved(request, Hindrance(error.message, error.hint or ""), 503)
    except Failure as failure:
        return _unsaved(request, Hindrance(failure.message, failure.hint or ""), 503)
    except HTTPException:
        return _unsaved(request, Hindrance(UNKNOWN, AND_NOW), 410)
    if isinstance(done, Saved):
        return _saved(request, room, done)
    if isinstance(done, Conflict):
        return _conflict(request, done, between(done.draft, form.get("subject", ""), form.get("text", "")))
    return _unsaved(request, Hindrance(done.words, done.hint), 410 if isinstance(done, Missing) else 422)


def _revised(
    room: Room, ledger: Ledger, record: Record, form: Mapping[str, str]
) -> Saved | Conflict | Missing | Refused:
    typed = _typed(form, room)
    # Before the configuration is read, which takes a second: it may be wrong, and this process may be ended.
    _keep(ledger, record.id, typed, form)
    here = house(room, write=True)
    words, now = (typed.base, typed.subject, typed.text), room.now()
    return revise(
        ledger, here.mailbox, here.configuration.me, record, *words, now, patience=PATIENCE, window=typed.window
    )


def _keep(ledger: Ledger, follow_up: str, typed: Words, form: Mapping[str, str]) -> None:
    with suppress(ValueError):  # too long: whoever saves it is told so
        keep_words(ledger, follow_up, typed, form.get("over", ""))


def _saved(request: Request, room: Room, done: Saved) -> Response:
    draft_now = done.draft
    left = f" {count(draft_now.gaps, 'gap')} to fill." if draft_now.gaps else ""
    words = f"{'Saved in Drafts' if done.changed else 'Drafts says so already'}.{left}"
    if not wants_part(request):
        return back(f"/draft/{draft_now.record.id}")
    shown_now = row(card(draft_now.record, room.almanac, room.now()))
    at = brief(room.now(), room.almanac, room.now())
    answer = fragment(request, "_saved.html", said=words, row=shown_now, words=words, at=at, tally=tally(request))
    told = {"id": draft_now.record.id, "base": draft_now.base, "mark": shown_now.mark, "gaps": draft_now.gaps}
    answer.headers["HX-Trigger"] = json.dumps({"afterword:saved": told})
    return answer


def _conflict(request: Request, done: Conflict, editor: Editor) -> Response:
    follow_up = done.draft.record.id
    if not wants_part(request):
        return back(f"/draft/{follow_up}#e-{follow_up}")  # the words are kept: the page shows both versions
    said = "This draft was changed elsewhere meanwhile. Nothing was written; both versions are shown."
    answer = fragment(request, "_editor.html", status=409, said=said, id=follow_up, editor=editor, draft=done.draft,
                      why=done.words, desk=None, window=_window(form_of(request)), over="")  # fmt: skip
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#e-{follow_up}", "outerHTML"
    return answer


def _unsaved(request: Request, hindrance: Hindrance, status: int) -> Response:
    """It could not be saved; what was typed stays in the form, or is in the ledger."""
    form, room, follow_up = form_of(request), room_of(request), request.path_params["id"]
    typed = _typed(form, room)
    if wants_part(request):
        kept = _KEPT if _is_kept(room, follow_up, form) else _NOT_KEPT
        return fragment(request, "_unsaved.html", status=status, hindrance=hindrance, kept=kept)
    try:
        opened = desk(room, follow_up, whole=True)
    except (Failure, HTTPException):  # the ledger cannot be read either: what was typed is in this request alone
        return page(
            request, "unsaved.html", status=status, hindrance=hindrance, kept=_NOT_KEPT, id=follow_up, typed=typed
        )
    if opened.kept is None:  # not even that could be written
        editor = opened.editor and replace(opened.editor, subject=typed.subject, text=typed.text, unsaved=True)
        opened = replace(opened, kept=typed, editor=editor)
    return shown(request, opened, status=status, news=hindrance)


def _is_kept(room: Room, follow_up: str, form: Mapping[str, str]) -> bool:
    """Whether the ledger has what was typed: a full disk takes neither draft nor words."""
    try:
        with room.looking() as ledger:
            there = several_kept(ledger, follow_up)
    except Failure:
        return False
    return (form.get("subject", ""), form.get("text", "")) in {one.said for one in there}


def _typed(form: Mapping[str, str], room: Room) -> Words:
    return Words(form.get("base", ""), form.get("subject", ""), form.get("text", ""), room.now(), _window(form))


def _window(form: Mapping[str, str]) -> str:
    """The name of the window that the form is from, as `Desk` has made it."""
    name = form.get("window", "")
    return name if _WINDOW.fullmatch(name) else ""


def words(request: Request) -> Response:
    """Keep what has been typed so far; nothing is written to the mailbox. The answer says where there is more kept."""
    room, form = room_of(request), form_of(request)
    refuse_another(room.call())
    typed = _typed(form, room)
    if "beside" in form:  # until a save chooses, whoever opens the draft is to find both versions
        typed = replace(typed, base="")
    try:
        with room.writing() as ledger:
            follow_up = record_of(ledger, request.path_params["id"]).id
            keep_words(ledger, follow_up, typed, form.get("over", ""))
            others = {one.said for one in several_kept(ledger, follow_up)} - {typed.said}
    except ValueError as error:
        raise Failure(ExitCode.USAGE, str(error)) from None
    return PlainTextResponse(_BESIDE) if others else Response(status_code=204)


def theirs(request: Request) -> Response:
    """The user takes what lies in Drafts, where that can be read; their own words are shown once more, to copy from."""
    room, form, follow_up = room_of(request), form_of(request), request.path_params["id"]
    typed = _typed(form, room)
    try:
        refuse_another(room.call())
        seen = desk(room, follow_up, whole=False)
        with room.writing() as ledger:
            if seen.draft is not None:
                forget_some(ledger, follow_up, typed.window, form.get("over", ""))
            else:
                _keep(ledger, follow_up, typed, form)
    except Failure as failure:
        return _unsaved(request, Hindrance(failure.message, failure.hint or ""), 503)
    if seen.draft is None:
        return _unsaved(request, seen.hindrance or Hindrance(UNKNOWN, AND_NOW), 503)
    said = "The draft is shown as it lies in Drafts."
    opened = desk(room, follow_up, whole=not wants_part(request), plain=True)
    answer = shown(request, opened, said=said, left=typed)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = f"#d-{follow_up}", "outerHTML"
    return answer


ROUTES = [
    Route("/draft/{id}", draft, methods=["GET"]),
    Route("/draft/{id}", save, methods=["POST"]),
    Route("/draft/{id}/known", known, methods=["GET"]),
    Route("/draft/{id}/note", note, methods=["POST"]),
    Route("/draft/{id}/row", closed, methods=["GET"]),
    Route("/draft/{id}/words", words, methods=["POST"]),
    Route("/draft/{id}/theirs", theirs, methods=["POST"]),
]
