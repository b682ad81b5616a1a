"""`afterword show`: one follow-up, its note and its history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daemon.cli.call import command
from daemon.cli.desk import finish, ledger_of
from daemon.cli.drafts import gone
from daemon.cli.target import find
from daemon.cli.wording import columns, left, moment, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.cli.target import Target
    from daemon.failure import ExitCode
    from daemon.kept_words import Words
    from daemon.ledger import Event, Ledger


@command("show")
@click.argument("id_", metavar="ID")
def show(call: Call, *, id_: str) -> ExitCode:
    """One follow-up, with its note and its history. ID is an id that `plan` or `drafts` shows, or its beginning."""
    from daemon.kept_words import kept_words  # noqa: PLC0415 - much is imported
    from daemon.present import stamp  # noqa: PLC0415 - see above

    now = call.now()
    with ledger_of(call.state) as ledger:
        target = find(call, ledger, now, id_)
        events = [event for event in ledger.events(target.id) if event.cause]
        text = _text(target, ledger)
        typed = kept_words(ledger, target.id)
    almanac = target.sight.almanac
    history = [{"at": stamp(one.at, almanac), "state": one.state.value, "cause": one.cause} for one in events]
    kept = {"at": stamp(typed.at, almanac), "subject": typed.subject, "text": typed.text} if typed else None
    document = {**target.sight.json_of(target.shown), "history": history, "text": text, "kept": kept}
    return finish(call, document, _lines(target, document, events, typed), target.sight.problems)


def _text(target: Target, ledger: Ledger) -> str | None:
    """The words as they were placed; of a follow-up that is still to come, as they would be when it is due."""
    from connectors.content import content  # noqa: PLC0415 - see `show`
    from rules.sandbox import TemplateFault  # noqa: PLC0415 - see `show`

    if target.follow_up is not None and (drafting := target.sight.drafting_of(target.follow_up)) is not None:
        try:
            return drafting.note(target.follow_up).text
        except TemplateFault:
            return None
    placed = ledger.message(target.id, target.seen.revision if target.seen else None)
    return None if placed is None else content(placed).text


def _lines(target: Target, document: dict[str, Any], events: Sequence[Event], typed: Words | None) -> Iterator[Line]:
    yield document["subject"] or document["step"], {"bold": True}
    for line in columns(list(_facts(target, document))):
        yield f"  {line}", {}
    if document["text"]:
        yield "", {}
        for line in document["text"].rstrip().splitlines():
            yield f"    {line}".rstrip(), {}
        if words := _since(document["state"], events):
            yield "", {}
            yield f"  This is how it was placed; {words}.", {"dim": True}
    sight = target.sight
    if typed is not None:
        yield "", {}
        yield f"You typed this {moment(typed.at, sight.almanac, sight.now)}, and it is not in the draft", {"bold": True}
        for line in [f"Subject: {typed.subject}", "", *typed.text.rstrip().splitlines()]:
            yield f"    {line}".rstrip(), {}
    if events:
        yield "", {}
        yield "History", {"bold": True}
        rows = [(moment(one.at, sight.almanac, sight.now), one.state.value, one.cause) for one in events]
        for line in columns(rows):
            yield f"  {line}", {}


def _since(state: str, events: Sequence[Event]) -> str:
    """What the user should know of these words: they are those that were placed, and where they are now."""
    edited = any(event.state.value == "edited" for event in events)
    return {
        "edited": "you have edited it since",
        "sent": "you edited it before you sent it" if edited else "what you sent is in your Sent folder",
        "answered": "you edited it before you sent it" if edited else "what you sent is in your Sent folder",
        "withdrawn": "it is kept here, and no longer in Drafts",
        "vetoed": "it is kept here, and no longer in Drafts",
    }.get(state, "")


def _state(target: Target, document: dict[str, Any]) -> Iterator[str]:
    yield document["state"]
    if target.seen is not None and target.seen.absent_since is not None and document["draft"] is not None:
        yield gone(target.seen.absent_since, target.sight.almanac, target.sight.now)
    elif document["stale"]:
        yield "stale: no longer worth sending"


def _facts(target: Target, document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    sight, one = target.sight, target.shown
    yield "id", target.id
    yield "state", ", ".join(_state(target, document))
    yield "to", ", ".join(f"{to['name']} <{to['email']}>" if to["name"] else to["email"] for to in document["to"])
    if one.rule is not None:
        yield "rule", f"{one.rule}, {one.step}"
    if one.meeting is not None:
        yield "meeting", f"{one.meeting.title}, {moment(one.meeting.start, sight.almanac, sight.now)}"
    why, *more = wrapped(document["why"], "", 80) or [""]
    yield "why", why
    yield from (("", line) for line in more)
    if document["state"] in {"planned", "snoozed"}:
        until = getattr(one, "snoozed_until", None)
        yield "due", moment(until or one.due, sight.almanac, sight.now)
    if one.by is not None:
        waits = document["state"] in {"planned", "placed", "edited"}
        yield "send by", moment(one.by, sight.almanac, sight.now) + (f" ({left(one.by, sight.now)})" if waits else "")
    if one.expires is not None:
        yield "expires", moment(one.expires, sight.almanac, sight.now)
    if document["gaps"] and document["state"] in {"planned", "placed", "edited", "snoozed"}:
        yield "gaps", f"{document['gaps']} to fill"
