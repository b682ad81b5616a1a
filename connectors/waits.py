"""How long a mailbox is waited for: by a cycle, before which nobody sits, and by a page, before which somebody does."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.retry import PATIENCE


@dataclass(frozen=True, slots=True)
class Waits:
    """All in seconds: until a connection stands, without a word, and for one answer in all.

    `retries` is what the pauses before further tries may take together; with 0 nothing is asked twice.
    """

    connect: float
    silence: float
    answer: float
    retries: float = PATIENCE
