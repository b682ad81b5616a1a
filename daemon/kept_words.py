"""What a user typed into a draft and is not in it yet: kept until it is saved, or thrown away.

Each window of the review page has a place of its own for each draft, so that two of them do not write over each other.
Who opens a draft is shown the latest, and goes on with it; what other windows have is shown beside it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daemon.ledger import followups
from daemon.ledger.codec import storable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from daemon.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text as they were typed, on top of which draft (`base` of `daemon.revise.DraftNow`), and when.

    `window` is the name of the page's window in which they were typed; the terminal, and a form without a name, have
    none.
    """

    base: str
    subject: str
    text: str
    at: datetime
    window: str = ""

    @property
    def mark(self) -> str:
        """What tells these words from all others that are kept for their draft."""
        return f"{self.window}@{self.at.isoformat()}"

    @property
    def said(self) -> tuple[str, str]:
        """Subject and text."""
        return self.subject, self.text


LONGEST = 1_000_000
"""Characters; no draft has more."""
MOST = 5
"""Windows that have their words kept for one draft; of more, the latest."""


def keep_words(ledger: Ledger, follow_up: str, words: Words, over: str = "") -> None:
    """Keep these words; those of before in this window are gone. `daemon.revise.revise` does it by itself.

    `over` is the mark of the words that the user was shown here, and went on with: these stand for them now.

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
        others = [one for one in _read(connection)[follow_up] if one.window != words.window]
        for one in others:
            if one.mark == over or one in others[: -(MOST - 1)]:
                followups.forget_window(connection, follow_up, one.window)
        followups.keep_words(connection, follow_up, words.window, row)


def kept_words(ledger: Ledger, follow_up: str) -> Words | None:
    """What was typed last for this follow-up and could not be saved."""
    return all_kept_words(ledger).get(follow_up)


def several_kept(ledger: Ledger, follow_up: str) -> tuple[Words, ...]:
    """The words of all windows for this follow-up, the latest first."""
    with ledger.reading() as connection:
        return tuple(reversed(_read(connection)[follow_up]))


def all_kept_words(ledger: Ledger) -> Mapping[str, Words]:
    """The latest of each follow-up, by its id."""
    with ledger.reading() as connection:
        return {name: several[-1] for name, several in _read(connection).items()}


def forget_words(ledger: Ledger, follow_up: str) -> None:
    """The user throws them away, those of all windows."""
    with ledger.writing() as connection:
        followups.forget_words(connection, follow_up)


def forget_some(ledger: Ledger, follow_up: str, window: str | None = None, mark: str = "") -> None:
    """Those of this window are wanted no more, nor those of this mark; others stay."""
    with ledger.writing() as connection:
        for one in _read(connection)[follow_up]:
            if one.window == window or one.mark == mark:
                followups.forget_window(connection, follow_up, one.window)


def _read(connection: Connection) -> defaultdict[str, list[Words]]:
    """All by follow-up, the oldest first."""
    found = defaultdict[str, list[Words]](list)
    for follow_up, window, row in followups.read_words(connection):
        found[follow_up].append(Words(*row, window))
    return found
