"""What a user typed into a draft and is not in it yet: kept until it is saved, or thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def keep_words(ledger: Ledger, follow_up: str, words: Words) -> None:
    """Keep these words; those of before are gone. `daemon.revise.revise` does it by itself.

    Raises:
        LedgerError: nothing was kept.
        ValueError: they are longer than any draft (a megabyte).
    """
    raise NotImplementedError


def kept_words(ledger: Ledger, follow_up: str) -> Words | None:
    """What was typed for this follow-up and could not be saved."""
    raise NotImplementedError


def all_kept_words(ledger: Ledger) -> Mapping[str, Words]:
    """All of it, by the id of the follow-up."""
    raise NotImplementedError


def forget_words(ledger: Ledger, follow_up: str) -> None:
    """The user throws them away."""
    raise NotImplementedError
