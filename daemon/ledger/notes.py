"""What the ledger keeps beside follow-ups and calendars: mails, ages of rules, and what the user said by command."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, TypeVar

from daemon.ledger import asks, decisions, notebook, promises
from daemon.ledger.model import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection

    from rules.history import Ask, Decision, Promise, RuleAge
    from rules.model import Mail

T = TypeVar("T")


class Notes(ABC):
    """A part of `Ledger`; each method is one transaction, and raises as those do."""

    @abstractmethod
    def writing(self, *parts: Part) -> AbstractContextManager[Connection]:
        """See `Ledger.writing`."""

    @abstractmethod
    def _once(self, part: Part, read: Callable[[Connection], T]) -> T:
        """See `Ledger._once`."""

    def mails(self) -> tuple[Mail, ...]:
        """Every mail that was remembered, oldest first."""
        return self._once(Part.MAILS, notebook.all_mails)

    def remember(self, mails: Iterable[Mail]) -> None:
        """Remember mails; those already known are left as they are."""
        several = tuple(mails)
        if several:
            with self.writing(Part.MAILS) as connection:
                notebook.add_mails(connection, several)

    def ages(self) -> dict[str, RuleAge]:
        """Since when each rule is as it is."""
        return dict(self._once(Part.RULE_AGES, notebook.all_ages))

    def set_ages(self, ages: Mapping[str, RuleAge]) -> None:
        """Since when these rules are as they are; what is known of others stays."""
        with self.writing(Part.RULE_AGES) as connection:
            notebook.set_ages(connection, ages)

    def person_notes(self) -> tuple[tuple[str, datetime, str], ...]:
        """(address, when, text) of every note on a person, oldest first."""
        return self._once(Part.PERSON_NOTES, notebook.person_notes)

    def add_person_note(self, address: str, text: str, at: datetime) -> None:
        """Keep a note on the person with this address."""
        with self.writing(Part.PERSON_NOTES) as connection:
            notebook.add_person_note(connection, address, text, at)

    def promises(self) -> tuple[Promise, ...]:
        """What the user promised at meetings, also what is kept or withdrawn."""
        return self._once(Part.PROMISES, promises.all_promises)

    def learn_promises(self, several: Iterable[Promise]) -> None:
        """What the calendars say of these promises; what the user ticked off stays so."""
        with self.writing(Part.PROMISES) as connection:
            promises.learn(connection, several)

    def tick(self, several: Iterable[Promise], at: datetime | None) -> None:
        """The user kept these promises at this time; None where they did not after all."""
        with self.writing(Part.PROMISES) as connection:
            promises.tick(connection, several, at)

    def decisions(self) -> tuple[Decision, ...]:
        """What the user decided, oldest first, also what they took back."""
        return self._once(Part.DECISIONS, decisions.all_decisions)

    def decide(self, decision: Decision) -> Decision:
        """Keep what the user decided, and as it is then: said again in the same words it is one, for more people."""
        with self.writing(Part.DECISIONS) as connection:
            return decisions.say(connection, decision)

    def take_back(self, of: str, at: datetime) -> bool:
        """The user took the decision of this id back; whether there is one."""
        with self.writing(Part.DECISIONS) as connection:
            return decisions.take_back(connection, of, at)

    def asks(self) -> tuple[Ask, ...]:
        """The meeting requests that the user asked for, oldest first, also those that are over."""
        return self._once(Part.ASKS, asks.all_asks)

    def ask(self, wanted: Ask, unless: Callable[[Ask], bool] = lambda _: False) -> bool:
        """The user asks for a meeting; false, and nothing is written, where `unless` holds of a request there is."""
        with self.writing(Part.ASKS) as connection:
            if any(map(unless, asks.all_asks(connection))):
                return False
            asks.add(connection, wanted)
        return True

    def end_asks(self, several: Iterable[tuple[str, str]], at: datetime) -> None:
        """The requests of these ids are over, and by what; one that was so before stays as it is."""
        with self.writing(Part.ASKS) as connection:
            asks.end(connection, several, at)
