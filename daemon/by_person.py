"""What the user says of a person, by command or on the page: a note to be kept, a promise that is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from datetime import datetime

    from daemon.ledger import Ledger
    from rules.history import Promise
    from rules.world import World

LONGEST = 10_000
"""Letters of a note."""


def words_of_note(text: str) -> str:
    """The words to be kept.

    Raises:
        Failure: there are none, or too many (2).
    """
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise Failure(ExitCode.USAGE, f"a note has between 1 and {LONGEST} characters")
    return words


def add_note(ledger: Ledger, email: str, words: str, now: datetime) -> None:
    """Keep a note on the person with this address.

    Raises:
        LedgerError: it could not be written down.
    """
    from rules.model import address  # noqa: PLC0415 - not needed for --help

    ledger.add_person_note(address(email), words, now)


def tick(ledger: Ledger, world: World, promise: Promise, now: datetime, *, undo: bool = False) -> None:
    """The promise is kept, or (`undo`) owed after all; so is what a series says each time.

    Raises:
        LedgerError: it could not be written down.
    """
    from rules.promises import together  # noqa: PLC0415 - as above

    several = [one for one in together(world, promise, now) if (one.kept is None) is not undo]
    ledger.tick(several, None if undo else now)
