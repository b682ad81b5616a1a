"""The address books as one directory; what has not changed is not read again."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from config.problem import Problem
from connectors.base import ConnectorError
from rules.model import Person
from rules.people import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import AddressBook, Flaw
    from daemon.ledger import Ledger


def directory(
    ledger: Ledger, books: Mapping[str, AddressBook | tuple[Person, ...]]
) -> tuple[Directory, tuple[Problem, ...]]:
    """Everybody in the books, the first listed first, with the notes that the user keeps on them."""
    people: list[tuple[Person, ...]] = []
    problems: list[Problem] = []
    for name, book in books.items():
        if isinstance(book, tuple):
            people.append(book)
            continue
        found, trouble = _read(ledger, name, book)
        people.append(found)
        problems.extend(trouble)
    notes: dict[str, list[str]] = {}
    for address, _, text in ledger.person_notes():
        notes.setdefault(address, []).append(text)
    return Directory.of(people, notes), tuple(problems)


def _read(ledger: Ledger, name: str, book: AddressBook) -> tuple[tuple[Person, ...], tuple[Problem, ...]]:
    """The people of one book: as it is now, or as it was last known where it cannot be read."""
    key = f"book:{name}"
    kept = json.loads(ledger.recall(key) or "{}")
    try:
        tag = book.tag()
        if kept.get("tag") == tag:
            return _people(kept), ()
        people, flaws = book.people()
    except ConnectorError as error:
        return _people(kept), (Problem(name, error.file, None, None, error.message, error.hint),)
    if ledger.writable:
        ledger.keep(key, json.dumps({"tag": tag, "people": [asdict(person) for person in people]}))
    return people, tuple(_problem(name, flaw) for flaw in flaws)


def _people(kept: Mapping[str, object]) -> tuple[Person, ...]:
    entries = kept.get("people", [])
    assert isinstance(entries, list)
    return tuple(
        Person(**{**entry, "emails": tuple(entry["emails"]), "tags": tuple(entry["tags"])}) for entry in entries
    )


def _problem(name: str, flaw: Flaw) -> Problem:
    return Problem(name, flaw.file, flaw.line, None, flaw.message, flaw.hint)
