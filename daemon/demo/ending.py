"""The end of a demo: what it came to, what lies in Drafts now, one draft whole, and how to look at it."""

from __future__ import annotations

import shlex
import textwrap
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from connectors.base import Folder
from connectors.content import content
from daemon.cli.wording import count, day, names
from daemon.demo import cast
from daemon.demo.play import Entry, Kind
from daemon.demo.telling import Line, entry_json
from daemon.present import is_stale, of_record, stamp
from rules.history import OPEN, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from daemon.demo.ground import Ground
    from daemon.demo.play import Play
    from rules.almanac import Almanac
    from rules.history import Record

_BOLD: dict[str, Any] = {"bold": True}
_PLAIN: dict[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Count:
    """What the eight weeks came to: notes to others by what became of them, briefs placed, meetings left alone."""

    drafted: int
    sent: int
    deleted: int
    taken_away: int
    in_drafts: int
    briefs: int
    briefs_taken_away: int
    left_alone: int

    @classmethod
    def of(cls, records: Iterable[Record], entries: Iterable[Entry]) -> Count:
        """`records` are those of the ledger at the end."""
        told = tuple(entries)
        drafted = {entry.record.id for entry in told if entry.kind is Kind.PLACED and entry.record is not None}
        placed = [record for record in records if record.id in drafted]
        briefs = [entry for entry in told if entry.kind is Kind.PLACED and entry.record and entry.record.to_me]
        states = [record.state for record in placed if not record.to_me]
        return cls(
            drafted=len(states),
            sent=sum(state in {State.SENT, State.ANSWERED} for state in states),
            deleted=states.count(State.VETOED),
            taken_away=states.count(State.WITHDRAWN),
            in_drafts=sum(state in OPEN for state in states),
            briefs=len(briefs),
            briefs_taken_away=len(briefs) - sum(one.to_me and one.state is not State.WITHDRAWN for one in placed),
            left_alone=sum(entry.kind is Kind.LEFT_ALONE for entry in told),
        )


@dataclass(frozen=True, slots=True)
class Ending:
    """`folder` is the demo's as the user typed it, and `program` the command, for lines to be copied."""

    ground: Ground
    play: Play
    entries: Sequence[Entry]
    records: Sequence[Record]
    folder: str
    program: str

    @property
    def almanac(self) -> Almanac:
        """Robin's zone."""
        return self.play.house.configuration.almanac

    @property
    def lying(self) -> list[Record]:
        """What lies in Drafts, oldest first."""
        return sorted((one for one in self.records if one.state in OPEN), key=lambda one: (_placed(one), one.id))

    def lines(self) -> Iterator[Line]:
        """For a person."""
        yield from self._came_to()
        yield from self._in_drafts()
        yield from self._whole()
        yield from self._commands()

    def _came_to(self) -> Iterator[Line]:
        told = Count.of(self.records, self.entries)
        series = {entry.left.meeting.uid for entry in self.entries if entry.left and entry.left.meeting.recurring}
        times = [e for e in self.entries if e.left is not None and e.left.meeting.uid in series]
        yield "", _PLAIN
        yield f"Eight weeks later, on {self._day(self.play.end)}", _BOLD
        robin = f"{told.sent} sent and {told.deleted} deleted by Robin"
        rest = f"{told.taken_away} taken away again, {told.in_drafts} in Drafts"
        yield f"  {count(told.drafted, 'note')} to others: {robin}, {rest}.", _PLAIN
        gone = f"{told.briefs_taken_away} taken away again, when the meeting had begun, was moved or called off"
        yield f"  {count(told.briefs, 'brief')} to Robin: {gone}.", _PLAIN
        yield f"  {count(told.left_alone, 'meeting')} left alone, {len(times)} of them one series.", _PLAIN
        yield "  Sent by Afterword: none. It cannot send.", _PLAIN

    def _in_drafts(self) -> Iterator[Line]:
        yield "", _PLAIN
        yield "In Drafts now", _BOLD
        for record in self.lying:
            stale = "; past its time, yours to send or delete" if is_stale(record, self.play.end) else ""
            gaps = count(record.gaps, "gap")
            yield f"  {self._day(_placed(record)):<14}{names(record.to)}: '{record.subject}' ({gaps}{stale})", _PLAIN

    def _whole(self) -> Iterator[Line]:
        """The latest draft as it lies in the Maildir."""
        raw = self._bytes(self.lying[-1]) if self.lying else None
        if raw is None:
            return
        said = content(raw)
        yield "", _PLAIN
        yield "The latest of them, whole", _BOLD
        yield f"  | From: {cast.NAME} <{cast.ME}>", _PLAIN
        yield f"  | To: {', '.join(f'{one.name} <{one.email}>' for one in self.lying[-1].to)}", _PLAIN
        yield f"  | Subject: {said.subject}", _PLAIN
        yield "  |", _PLAIN
        for paragraph in said.text.rstrip("\n").split("\n"):
            for line in _wrapped(paragraph):
                yield f"  | {line}".rstrip(), _PLAIN

    def _bytes(self, record: Record) -> bytes | None:
        mailbox = self.play.house.mailbox
        copies = mailbox.find(frozenset({record.message_id})).get(record.message_id, ())
        draft = next((copy for copy in copies if copy.folder is Folder.DRAFTS), None)
        return None if draft is None else mailbox.read(draft.ref)

    def _commands(self) -> Iterator[Line]:
        drafts = shlex.quote(f"{self.folder}/Mail/.Drafts")
        config, state = shlex.quote(f"{self.folder}/config"), shlex.quote(f"{self.folder}/state")
        moment = stamp(self.play.end, self.almanac)
        yield "", _PLAIN
        yield "Look at it yourself", _BOLD
        folders = shlex.quote(f'set folder="{self.folder}/Mail" postponed=+.Drafts')
        yield f"  neomutt -e {folders} -f =.Drafts     # R recalls a draft", _PLAIN
        yield f"  ls {drafts}/cur; less {drafts}/cur/*", _PLAIN
        for what in ("review", "plan"):
            yield f"  {self.program} --config {config} --state {state} \\", _PLAIN
            yield f"      {what} --at {moment}", _PLAIN
        yield "", _PLAIN
        yield "Next, with a calendar of your own", _BOLD
        yield f"  {self.program} init", _PLAIN

    def _day(self, instant: datetime) -> str:
        local = self.almanac.local(instant).date()
        return day(local, local)

    def document(self) -> dict[str, Any]:
        """The same as JSON: the timeline, the counts, and what lies in Drafts."""
        return {
            "folder": str(self.ground.root),
            "maildir": str(self.ground.mail),
            "from": stamp(self.play.begin, self.almanac),
            "to": stamp(self.play.end, self.almanac),
            "timeline": [entry_json(entry, self.almanac) for entry in self.entries],
            "counts": asdict(Count.of(self.records, self.entries)),
            "drafts": [of_record(one, self.almanac, "maildir", self.play.end) for one in self.lying],
        }


def _placed(record: Record) -> datetime:
    return record.placed or record.due


def _wrapped(paragraph: str) -> list[str]:
    return textwrap.wrap(paragraph, 90) or [""]
