"""Tells the timeline: lines for a person, at most 100 columns wide, and the same as JSON."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daemon.cli.wording import count, day, names
from daemon.demo.play import Entry, Kind
from daemon.present import of_record, stamp
from rules.greeting import spoken_name
from rules.history import State
from rules.model import MailKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from daemon.demo.play import Play
    from rules.almanac import Almanac
    from rules.history import Record

WIDTH = 100
_VERB = 12
_INDENT = " " * 9
_JOINED = "\N{NO-BREAK SPACE}"
"""Between the words of a date, so that no line ends within it; printed as a space."""
_STORY: dict[str, Any] = {}
_COLOURS = {
    "drafted": "green",
    "taken away": "yellow",
    "left alone": "cyan",
    "not drafted": "cyan",
    "noticed": "blue",
    "check-in": "blue",
}

Line = tuple[str, "dict[str, Any]"]


@dataclass
class Telling:
    """Goes along with the timeline; `lines` for each entry, a head where a new day begins.

    A brief is a note to oneself before a meeting: it is told in one line, and that it was taken away when its
    meeting began goes without saying. A series is told once.
    """

    almanac: Almanac
    _day: date | None = None
    _series: set[str] = field(default_factory=set)
    _reason: tuple[datetime, str] | None = None

    def lines(self, entry: Entry) -> Iterator[Line]:
        """The lines of one entry."""
        told = list(self._entry(entry))
        if not told:
            return
        local = self.almanac.local(entry.at)
        if local.date() != self._day:
            self._day = local.date()
            yield "", {}
            yield f"{day(self._day, self._day)}", {"bold": True}
        first, style = told[0]
        yield f"  {local:%H:%M}  {_spaced(first)}", style
        yield from ((f"{_INDENT}{_spaced(text)}", style) for text, style in told[1:])

    def _entry(self, entry: Entry) -> Iterator[Line]:
        if entry.kind is Kind.STORY:
            yield from ((text, _STORY) for text in textwrap.wrap(entry.text, WIDTH - len(_INDENT)))
        elif entry.kind is Kind.LEFT_ALONE:
            yield from self._left(entry)
        elif entry.kind is Kind.CHECK_IN:
            yield from self._shift(entry)
        elif entry.record is not None:
            yield from self._record(entry, entry.record)

    def _left(self, entry: Entry) -> Iterator[Line]:
        left = entry.left
        assert left is not None
        if left.meeting.recurring:
            if left.meeting.uid in self._series:
                return
            self._series.add(left.meeting.uid)
        yield from said("left alone", f"'{left.meeting.title}': {entry.why}")

    def _shift(self, entry: Entry) -> Iterator[Line]:
        shift = entry.shift
        assert shift is not None
        whom = f"to {spoken_name(entry.text)}"
        before, after = (self._moment(one) if one else "not planned" for one in (shift.before, shift.after))
        if before != after:
            yield from said("check-in", f"{whom} was due on {before}, and now on {after}: {entry.why}")
        elif shift.mail is not None and shift.mail is not MailKind.PERSONAL:
            yield from said("check-in", f"{whom} stays due on {after}: that mail is {shift.mail.value}, no answer")
        else:
            yield from said("check-in", f"{whom} stays due on {after}")

    def _record(self, entry: Entry, record: Record) -> Iterator[Line]:
        what = f"{record.step} for {names(record.to)}"
        title = record.meeting.title if record.meeting else ""
        if entry.kind is Kind.PLACED and record.to_me:
            yield from said("drafted", f"{record.step} to yourself, for '{title}'")
        elif entry.kind is Kind.PLACED:
            yield from said("drafted", f"{what}: '{record.subject}'")
            yield from self._because(entry, record)
        elif entry.kind is Kind.WITHDRAWN:
            if record.to_me and record.expires is not None and record.expires <= entry.at:
                return
            what = f"{record.step} for '{title}'" if record.to_me else what
            yield from said("taken away", f"{what}: {entry.why}")
        elif entry.kind is Kind.STANDS:
            yield from said("left alone", f"{what} stays {record.state.value}: {entry.why}")
        elif record.state is State.CANCELLED:
            yield from said("not drafted", f"{what}: {entry.why}")
        else:
            yield from said("noticed", f"{what}: {entry.why}")

    def _because(self, entry: Entry, record: Record) -> Iterator[Line]:
        """Why, how much is left to do, and until when; of several alike at the same moment, once."""
        parts = [entry.why]
        if record.gaps:
            parts.append(f"{count(record.gaps, 'gap')} to fill")
        if record.by is not None:
            was = "" if record.by > entry.at else "it was "
            parts.append(f"{was}to be sent by {self._moment(record.by)}")
        reason = (entry.at, "; ".join(parts))
        if reason != self._reason:
            self._reason = reason
            yield from _under(reason[1])

    def _moment(self, instant: datetime) -> str:
        local = self.almanac.local(instant)
        return f"{day(local.date(), local.date())} {local:%H:%M}".replace(" ", _JOINED)


def said(verb: str, text: str) -> Iterator[Line]:
    """What Afterword did, and to what."""
    style = {"fg": _COLOURS[verb]} if verb in _COLOURS else {}
    width = WIDTH - len(_INDENT) - _VERB - 2
    first, *rest = textwrap.wrap(text, width)
    yield f"> {verb:<{_VERB}}{first}", style
    yield from ((f"  {'':<{_VERB}}{line}", style) for line in rest)


def _spaced(text: str) -> str:
    return text.replace(_JOINED, " ")


def _under(text: str) -> Iterator[Line]:
    width = WIDTH - len(_INDENT) - _VERB - 2
    yield from ((f"  {'':<{_VERB}}{line}", {"dim": True}) for line in textwrap.wrap(text, width))


def entry_json(entry: Entry, almanac: Almanac) -> dict[str, Any]:
    """An entry of the timeline; `follow_up` as in the contract, `meeting` where one was left alone."""
    told: dict[str, Any] = {"at": stamp(entry.at, almanac), "kind": entry.kind.value}
    if entry.record is not None:
        told["follow_up"] = of_record(entry.record, almanac, "maildir", entry.at)
    elif entry.left is not None:
        meeting = entry.left.meeting
        told |= {"meeting": meeting.title, "start": stamp(meeting.start, almanac), "rule": entry.left.rule}
    elif entry.shift is not None:
        told |= {"person": entry.text, "due_before": stamp(entry.shift.before, almanac)}
        told |= {"due": stamp(entry.shift.after, almanac)}
    else:
        told["text"] = entry.text
    return {**told, "why": entry.why} if entry.why else told


def welcome(play: Play, folder: str) -> Iterator[Line]:
    """What this is, before the first day."""
    almanac = play.house.configuration.almanac
    begin, end = almanac.local(play.begin), almanac.local(play.end)
    yield "A spring of looking for work", {"bold": True}
    text = (
        f"Robin Vale in Lisbon, from {begin.day} {begin:%B} to {end.day} {end:%B %Y}. Robin and the others do what "
        "people do; each line with > tells what Afterword did about it, with the rules and the notes that "
        "`afterword init` gives you. Nothing is sent."
    )
    yield from ((line, {}) for line in textwrap.wrap(text, WIDTH))
    yield f"Everything lies in {folder}", {}
