"""People to whom nothing is to be written again, by the user's word on the page or by command: a mark that they undo.

It has the force of `do_not_contact` in the address books, which are the user's files and are left alone.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.ledger import notebook
from daemon.ledger.errors import corrupt
from daemon.ledger.model import Part
from daemon.ledger.store import NAME
from rules.model import address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from daemon.ledger import Ledger
    from rules.model import Person


KEY = "not again"


def not_again(ledger: Ledger, person: Person, now: datetime) -> None:
    """Nothing is planned for this person any more; with the next cycle their untouched drafts go.

    Raises:
        LedgerError: nothing was written.
    """
    _change(ledger, lambda known: {**{address(email): now for email in person.emails}, **known})


def again(ledger: Ledger, person: Person) -> bool:
    """The mark is taken back; whether there was one. One in an address book stays.

    Raises:
        LedgerError: nothing was written.
    """
    theirs = {address(email) for email in person.emails}
    before = _change(ledger, lambda known: {email: at for email, at in known.items() if email not in theirs})
    return not theirs.isdisjoint(before)


def marked(ledger: Ledger) -> Mapping[str, datetime]:
    """The addresses with the mark, and since when each has it."""
    return _read(ledger.recall(KEY), ledger.folder / NAME)


def since(ledger: Ledger, person: Person) -> datetime | None:
    """Since when the user wants nothing more written to this person, where that is so."""
    known = marked(ledger)
    return min((known[one] for email in person.emails if (one := address(email)) in known), default=None)


def _change(
    ledger: Ledger, change: Callable[[Mapping[str, datetime]], Mapping[str, datetime]]
) -> Mapping[str, datetime]:
    """What it was before."""
    with ledger.writing(Part.MEMORY) as connection:
        before = _read(notebook.whole_memory(connection).get(KEY), ledger.folder / NAME)
        after = {email: at.isoformat() for email, at in sorted(change(before).items())}
        notebook.keep(connection, KEY, json.dumps(after, ensure_ascii=False) if after else None)
    return before


def _read(text: str | None, file: Path) -> dict[str, datetime]:
    """Where it is damaged nobody knows to whom not to write: so nothing is written to anybody."""
    try:
        return {email: datetime.fromisoformat(at) for email, at in json.loads(text or "{}").items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise corrupt(file) from error
