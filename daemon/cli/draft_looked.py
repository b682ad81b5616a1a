"""Drafts looked at from the terminal: each as it lies in the mailbox now, with all that is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.base import ConnectorError
from daemon.cli.desk import ledger_of
from daemon.cli.draft_shown import body, head
from daemon.cli.table import flowed
from daemon.draft_now import ELSEWHERE
from daemon.kept_words import kept_words
from daemon.review.card import cards
from daemon.review.opened import opened, people_of
from daemon.revise import DraftNow, read_draft
from daemon.sight import ahead
from rules.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.problem import Problem
    from daemon.cli.call import Call
    from daemon.cli.desk import Line
    from daemon.kept_words import Words
    from daemon.ledger import Ledger
    from daemon.review.opened import Opened
    from daemon.revise import Missing
    from daemon.sight import Sight
    from daemon.view import House
    from rules.history import Record
    from rules.model import Person

_FRESH = timedelta(minutes=1)
"""How long what was seen of mails and meetings serves; the draft itself is read each time."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One draft: all that is known of it, what lies in the mailbox, and words that were typed and not saved."""

    told: Opened
    now: DraftNow | Missing | ConnectorError
    kept: Words | None
    since: str
    """When they were typed."""
    people: tuple[Person, ...] = ()
    """Whom the note is for, with all their addresses."""

    @property
    def record(self) -> Record:
        """The follow-up, as it was seen last."""
        return self.told.card.record

    @property
    def to(self) -> tuple[str, ...]:
        """To whom, as it stands in the draft."""
        return self.now.to if isinstance(self.now, DraftNow) else ()

    def lines(self, broad: int) -> Iterator[list[Line]]:
        """All of it, for a terminal of so many columns."""
        now = self.now
        yield from head(self.told, now.subject if isinstance(now, DraftNow) else "", self.to, broad)
        yield []
        if isinstance(now, DraftNow):
            if now.fixed:
                yield from flowed([(f"{now.fixed} {ELSEWHERE}", {"fg": "yellow"})], broad)
                yield []
            yield from body(now.text, broad)
            return
        words = now.message if isinstance(now, ConnectorError) else now.words
        yield [(f"{words} {now.hint or ''}".strip(), {"fg": "yellow"})]
        if self.told.placed is not None:
            yield [("This is what was laid down:", {"dim": True})]
            yield from body(self.told.placed.text, broad)


class Eyes:
    """Looks, and changes nothing. `house` is one for looking."""

    def __init__(self, call: Call, house: House) -> None:
        self._call = call
        self._house = house
        self._seen: Sight | None = None

    def waiting(self) -> tuple[list[str], list[Problem]]:
        """The ids of the drafts that wait, the nearest deadline first; and what could not be looked at.

        Raises:
            Failure: the ledger cannot be read.
        """
        with ledger_of(self._call.state) as ledger:
            sight = self._sight(ledger)
        return [one.id for one in cards(sight.records, sight.almanac, sight.now)], sight.problems

    def forget(self) -> None:
        """Something was changed: look anew."""
        self._seen = None

    def look(self, follow_up: str) -> Looked:
        """This draft.

        Raises:
            Failure: the ledger cannot be read.
        """
        with ledger_of(self._call.state) as ledger:
            sight = self._sight(ledger)
            record = sight.by_id.get(follow_up) or ledger.record(follow_up)
            assert record is not None  # nothing that was laid down leaves the ledger
            kept = kept_words(ledger, follow_up)
            now: DraftNow | Missing | ConnectorError
            try:
                now = read_draft(ledger, self._house.mailbox, self._house.configuration.me, record)
            except ConnectorError as error:
                now = error
            since = moment(kept.at, sight.almanac, sight.now) if kept is not None else ""
            return Looked(opened(sight, ledger, record), now, kept, since, people_of(sight, record))

    def _sight(self, ledger: Ledger) -> Sight:
        now = self._call.now()
        if self._seen is None or not self._seen.now <= now < self._seen.now + _FRESH:
            self._seen = ahead(self._house, ledger, now, now, fresh=False)
        return self._seen
