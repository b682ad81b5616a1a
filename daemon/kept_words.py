"""What a user typed into a draft and is not in it yet: kept until it is saved, or thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.ledger import followups
from daemon.ledger.codec import storable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from daemon.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text as they were typed, on top of which draft (`base` of `daemon.revise.DraftNow`), and when."""

    base: str
    subject: str
    text: str
    at: datetime


LONGEST = 1_000_000
"""Characters; no draft has more."""


def keep_words(ledger: Ledger, follow_up: str, words: Words) -> None:
    """Keep these words; those of before are gone. `daemon.revise.revise` does it by itself.

    Raises:
        LedgerError: nothing was kept.
        ValueError: they are longer than any draft (a megabyte).
    """
    if len(words.subject) + len(words.text) > LONGEST:
        raise ValueError(f"more than {LONGEST} characters are no draft")
    row = {
        "base": storable(words.base),
        "subject": storable(words.subject),
        "text": storable(words.text),
        "at": words.at,
    }
    with ledger.writing() as connection:
        followups.keep_words(connection, follow_up, row)


def kept_words(ledger: Ledger, follow_up: str) -> Words | None:
    """What was typed for this follow-up and could not be saved."""
    return all_kept_words(ledger).get(follow_up)


def all_kept_words(ledger: Ledger) -> Mapping[str, Words]:
    """All of it, by the id of the follow-up."""
    with ledger.reading() as connection:
        return {name: Words(*row) for name, row in followups.read_words(connection).items()}


def forget_words(ledger: Ledger, follow_up: str) -> None:
    """The user throws them away."""
    with ledger.writing() as connection:
        followups.forget_words(connection, follow_up)
