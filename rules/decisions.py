"""What the user decided, and whom they tell: to whom a closing note is still to go, and what check-ins do then."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rules.history import FINAL, OPEN, CheckIns, State
from rules.model import Attendee, address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from rules.history import Addressee, Decision, Record
    from rules.model import Person
    from rules.world import World

STEP = "decision"
"""The step of a closing note, and the name of its template; no rule has it."""

_LONGEST = 60
_OVER = frozenset({State.SENT, State.ANSWERED, State.VETOED, State.SKIPPED})
"""They are told, or the user left them out by deleting or skipping the note."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The closing note of a decision to one person, and what became of it; no `record` where nothing did yet."""

    decision: Decision
    to: Addressee
    key: str
    person: Person
    record: Record | None

    @property
    def is_asked_for(self) -> bool:
        """Whether the user wants them to be told, and has not taken that back."""
        return self.decision.undone is None and not self.to.left_out

    @property
    def is_wanted(self) -> bool:
        """Whether it is asked for, and they may be written to."""
        return self.is_asked_for and not self.person.do_not_contact

    @property
    def waits(self) -> bool:
        """Whether it is still to be sent: they are yet to be told."""
        return self.is_wanted and (self.record is None or self.record.state not in _OVER)


def decision_id(text: str) -> str:
    """The id of a decision: a hash of its words, whatever their case and the space between them."""
    same = " ".join(text.casefold().split())
    digest = hashlib.sha256(f"decision\x1e{same}".encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest).decode()[:12].lower()


def merged(former: Decision | None, said: Decision) -> Decision:
    """What is known of a decision once it is said again: whoever is told already stays, and keeps their time.

    Those who are left out now are so whatever was said before. It is no longer taken back.
    """
    if former is None:
        return said
    back = former.undone is not None  # then only those who are named anew are meant
    known = {address(one.email): replace(one, left_out=one.left_out or back) for one in former.people}
    for one in said.people:
        before = known.get(address(one.email))
        since = one.at if before is None else min(before.at, one.at)  # said by a clock that was ahead, perhaps
        known[address(one.email)] = replace(before or one, at=since, left_out=one.left_out)
    return replace(said, at=min(former.at, said.at), people=tuple(known.values()))


def closings(world: World) -> tuple[Closing, ...]:
    """The closing notes of all decisions, of each to a person one: as they were said, closest first."""
    records = world.by_step.get((None, STEP), ())
    found: dict[tuple[str, str], Closing] = {}
    for decision in sorted(world.history.decisions, key=lambda one: (one.at, one.id)):
        mine = [record for record in records if record.anchor == decision.id]
        for to in decision.people:
            key = world.directory.key(to.email)
            theirs = [record for record in mine if key in world.keys(record.addresses)]
            # Two addresses that were two people once may have a record each.
            record = next((one for one in theirs if one.state in FINAL | OPEN), next(iter(theirs), None))
            person = world.directory.person(Attendee(to.email, to.name))
            found.setdefault((decision.id, key), Closing(decision, to, key, person, record))
    return tuple(found.values())


def by_key(several: Iterable[Closing]) -> Mapping[str, tuple[Closing, ...]]:
    """Those to each person, by their key."""
    found: dict[str, tuple[Closing, ...]] = {}
    for one in several:
        found[one.key] = (*found.get(one.key, ()), one)
    return found


def addressed(world: World) -> frozenset[str]:
    """The addresses of those to whom the user writes by their own word: who are to be told, or asked."""
    told = (email for one in world.closings for email in one.person.emails)
    people = ((one, world.directory.find(one.email)) for one in world.history.asks if one.ended is None)
    asked = (email for one, person in people for email in (person.emails if person else (one.email,)))
    return frozenset((*told, *asked))


def hush(world: World, key: str, at: datetime, *, told: bool = False, looking: bool = False) -> str:
    """Why no check-in goes to the person at this moment; nothing where one may.

    A closing note that is yet to be sent comes first: what a check-in says may no longer be so. Where the user asked
    for check-ins to stop, they do until the next meeting. `told`: a plan supposes the note to be sent by then;
    `looking`: also one that lies in Drafts.
    """
    for one in world.closings_to.get(key, ()):
        if not one.is_asked_for or one.to.at > at:
            continue
        if one.decision.check_ins is CheckIns.STOP and not _met_since(world, key, one.to.at, at):
            return f"you decided '{briefly(one.decision)}', and want no more check-ins"
        if one.waits and not told and not (looking and lies(one)):
            return f"the closing note comes first: '{briefly(one.decision)}'"
    return ""


def lies(one: Closing) -> bool:
    """Whether its draft lies in the mailbox, unsent."""
    return one.record is not None and one.record.state in OPEN


def _met_since(world: World, key: str, since: datetime, at: datetime) -> bool:
    return any(meeting.start > since and meeting.end <= at for meeting in world.held.get(key, ()))


def is_closing(record: Record) -> bool:
    """Whether it tells of a decision."""
    return record.rule is None and record.step == STEP


def taken_back(world: World, record: Record) -> str:
    """Why the closing note is no longer wanted; nothing where it is, or where the ledger has lost the decision."""
    keys = world.keys(record.addresses)
    mine = [one for one in world.closings if one.decision.id == record.anchor and one.key in keys]
    if not mine or any(one.is_asked_for for one in mine):
        return ""
    return "you took the decision back" if mine[0].decision.undone else "you left them out of the decision"


def briefly(decision: Decision) -> str:
    """Its words in a sentence about something else."""
    words = " ".join(decision.text.split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"
