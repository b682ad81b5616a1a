"""People to whom nothing is to be written again, by the user's word on the page or by command: a mark that they undo.

It has the force of `do_not_contact` in the address books, which are the user's files and are left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from daemon.ledger import Ledger
    from rules.model import Person


def not_again(ledger: Ledger, person: Person, now: datetime) -> None:
    """Nothing is planned for this person any more; with the next cycle their untouched drafts go.

    Raises:
        LedgerError: nothing was written.
    """
    raise NotImplementedError


def again(ledger: Ledger, person: Person) -> bool:
    """The mark is taken back; whether there was one."""
    raise NotImplementedError


def marked(ledger: Ledger) -> Mapping[str, datetime]:
    """The addresses with the mark, and since when each has it."""
    raise NotImplementedError
