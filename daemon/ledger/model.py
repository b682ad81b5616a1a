"""What the ledger tells beyond records and mails: intents, events, the state of a source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from config.problem import Problem
    from rules.history import Record, State


class Part(StrEnum):
    """What of the ledger a transaction changes, and what stays as it was read. Each is one table, or a few."""

    FOLLOW_UPS = "follow-ups"
    INTENTS = "intents"
    MAILS = "mails"
    RULE_AGES = "ages of rules"
    MEMORY = "small texts"
    PERSON_NOTES = "notes on people"
    PROMISES = "promises"
    DECISIONS = "decisions"
    ASKS = "meeting requests"
    NUDGES = "nudges"
    CYCLES = "cycles"
    SOURCES = "sources"
    CALENDARS = "calendars"


class IntentKind(StrEnum):
    """What is about to be done in a mailbox."""

    PLACE = "place"
    REMOVE = "remove"
    REVISE = "revise"


@dataclass(frozen=True, slots=True)
class Intent:
    """What was about to be done and is not known to be done: settled by reading the mailbox.

    `record` is the follow-up as the ledger has it now; `message` the bytes to place, or None for a removal;
    `outcome` the state that a removal leads to. A revision lets `message` take the place of what `base` stands for.
    """

    kind: IntentKind
    record: Record
    message: bytes | None
    outcome: State | None
    cause: str
    at: datetime
    base: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history of a follow-up."""

    at: datetime
    state: State
    cause: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source is: when it last answered, since when it does not, and why."""

    ok_at: datetime | None
    failed_since: datetime | None
    problem: Problem | None
