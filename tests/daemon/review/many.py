"""Hundreds of drafts that wait, made as a cycle would leave them, but in one stroke."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.message import message_id_for
from daemon.ledger import Ledger, followups
from daemon.review.waiting import first_of
from rules.model import Recipient

if TYPE_CHECKING:
    from rules.history import Record
    from tests.cases.home import Home


def many(home: Home, number: int) -> None:
    """As many drafts more, like the first that lies there: in the ledger, and in the mailbox."""
    with Ledger.open(home.state, durable=False) as ledger:
        first = first_of(ledger, 1)[0]
        raw = ledger.message(first.id)
        assert raw is not None
        made = {record.message_id: record for record in (_another(first, one) for one in range(number))}
        notes = {name: _renamed(raw, first, record) for name, record in made.items()}
        for count, note in enumerate(notes.values()):
            (home.mail / ".Drafts" / "cur" / f"{count}.many:2,D").write_bytes(note)
        seen = home.house().mailbox.look("", frozenset())
        tags = {header.message_id: header.tag for header in seen.headers}
        with ledger.writing() as connection:
            for name, record in made.items():
                followups.write_record(connection, replace(record, draft_tag=tags[name]))
                followups.write_message(connection, record, notes[name])
        ledger.keep("mailbox", seen.note)


def _another(first: Record, one: int) -> Record:
    id_, email = f"x{one:011d}", f"person{one}@many.example"
    message_id = message_id_for(id_, first.revision, "robin@example.org")
    return replace(first, id=id_, message_id=message_id, to=(Recipient(f"Person {one}", email),), addresses=(email,))


def _renamed(raw: bytes, first: Record, record: Record) -> bytes:
    told = raw.replace(first.message_id.encode(), record.message_id.encode())
    return told.replace(first.to[0].email.encode(), record.to[0].email.encode())
