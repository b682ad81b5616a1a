"""A draft as the terminal shows it: what is known of it, and the note with its gaps marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daemon.cli.table import flowed
from daemon.cli.wording import count
from daemon.review.card import Press

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daemon.cli.desk import Line
    from daemon.review.opened import Held, Known, Opened

_MARKED: dict[str, Any] = {"fg": "yellow", "bold": True, "reverse": True}
_BOLD: dict[str, Any] = {"bold": True}
_DIM: dict[str, Any] = {"dim": True}
_PRESSING: dict[Press, dict[str, Any]] = {Press.LATE: {"fg": "red", "bold": True}, Press.SOON: {"fg": "yellow"}}
_LABEL = 13
_FILE = 78
_NARROW = 50
"""In fewer columns a label stands on a line of its own."""


def head(told: Opened, subject: str, to: tuple[str, ...], broad: int) -> Iterator[list[Line]]:
    """What is known of it: who, because of which meeting, why this note and why now, and of the people."""
    card = told.card
    yield from flowed(marked(subject or card.subject, _BOLD), broad)
    yield from _fact("to", ", ".join(to) or card.who, broad)
    yield from _fact("time", card.time, broad, _PRESSING.get(card.press))
    if told.meeting is not None:
        yield from _fact("meeting", "; ".join(_meeting(told.meeting)), broad)
        if told.meeting.description:
            yield from _fact("", told.meeting.description, broad, _DIM)
    yield from _fact("why", told.why, broad)
    yield from _fact("why now", told.why_now, broad)
    rule = card.step
    if told.where is not None:
        rule = "; ".join([f"{rule} ({told.where.words})", *([told.where.about] if told.where.about else [])])
    yield from _fact("rule", rule, broad)
    for person in told.people:
        yield from _person(person, broad)


def body(text: str, broad: int) -> Iterator[list[Line]]:
    """The note."""
    line: list[Line] = []
    indent = "    " if broad >= _NARROW else ""
    for part, style in [*marked(text.rstrip(), {}), ("\n", {})]:
        first, *more = part.split("\n")
        line.append((first, style))
        for following in more:
            yield from flowed(line, broad, indent)
            line = [(following, style)]


def marked(text: str, style: dict[str, Any]) -> list[Line]:
    """The text with its gaps marked; without colours they stand out by their brackets."""
    return [(part, _MARKED if is_gap else style) for part, is_gap in _pieces(text) if part]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a gap, as `rules.model.gaps` counts them."""
    at = 0
    while (start := text.find("[[", at)) >= 0 and (end := text.find("]]", start + 2)) >= 0:
        yield text[at:start], False
        yield text[start : end + 2], bool(text[start + 2 : end].strip())
        at = end + 2
    yield text[at:], False


def _meeting(meeting: Held) -> Iterator[str]:
    yield f"{meeting.title}, {meeting.when}, {count(meeting.minutes, 'minute')}"
    if meeting.location:
        yield f"at {meeting.location}"
    if meeting.others:
        yield f"with {', '.join(meeting.others)} there, too"
    if meeting.gone:
        yield "it is in no calendar any more"


def _person(person: Known, broad: int) -> Iterator[list[Line]]:
    of = [person.name, *([person.organisation] if person.organisation else []), *person.tags]
    yield from flowed([(", ".join(of), _BOLD)], broad, "  ")
    met = f" ({count(person.met, 'meeting')} so far)" if person.met else ""
    yield from _fact("last contact", f"{person.last}{met}" if person.last else "", broad)
    if person.wrote is not None:
        yield from _fact("they wrote", f"'{person.wrote.subject}', {person.wrote.when}", broad)
    if person.mine is not None:
        yield from _fact("you wrote", f"'{person.mine.subject}', {person.mine.when}", broad)
    yield from _fact("next meeting", person.coming, broad)
    yield from _fact("you owe", "; ".join(person.owes), broad)
    for number, (when, text) in enumerate(person.notes):
        yield from _fact("" if number else "notes", f"{when}: {text}" if when else text, broad)


def _fact(label: str, text: str, broad: int, style: dict[str, Any] | None = None) -> Iterator[list[Line]]:
    if not text:
        return
    if broad >= _NARROW:
        yield from flowed([(text, style or {})], broad, " " * (_LABEL + 4), f"  {label:<{_LABEL}}  ")
        return
    if label:
        yield [(label, _DIM)]
    yield from flowed([(text, style or {})], broad, "  ")


def hints(told: Opened, to: tuple[str, ...]) -> str:
    """The same in a file beside the note, to be looked at while it is written."""
    lines = ("".join(text for text, _ in line) for line in head(told, told.card.subject, to, _FILE))
    return "\n".join(("`[[...]]` is a gap for you to fill.", "", *lines))
