"""The address books as one directory; what has not changed is not read again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from config.problem import Problem
from connectors.base import ConnectorError, PermissionNeededError
from rules.model import Person
from rules.people import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import AddressBook, Flaw
    from daemon.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Books:
    """Everybody in the address books. `problems` are new, `standing` were known before.

    `needs_user` are those of them that wait for a permission of the user.
    """

    directory: Directory
    problems: tuple[Problem, ...]
    standing: tuple[Problem, ...]
    needs_user: tuple[Problem, ...] = ()


def open_books(ledger: Ledger, books: Mapping[str, AddressBook | tuple[Person, ...]]) -> Books:
    """Everybody in the books, the first listed first, with the notes that the user keeps on them.

    Raises:
        LedgerError: the ledger cannot be read or written. A book that fails raises nothing.
    """
    people: list[tuple[Person, ...]] = []
    problems: list[Problem] = []
    standing: list[Problem] = []
    needs: list[Problem] = []
    for name, book in books.items():
        if isinstance(book, tuple):
            people.append(book)
            continue
        kept = json.loads(ledger.recall(f"book:{name}") or "{}")
        found, told, waits = _read(ledger, name, book, kept)
        known = _flaws(kept)
        people.append(found)
        needs.extend(told if waits else ())
        problems.extend(problem for problem in told if problem not in known)
        standing.extend(problem for problem in told if problem in known)
    notes: dict[str, list[str]] = {}
    for address, _, text in ledger.person_notes():
        notes.setdefault(address, []).append(text)
    return Books(Directory.of(people, notes), tuple(problems), tuple(standing), tuple(needs))


def _read(
    ledger: Ledger, name: str, book: AddressBook, kept: Mapping[str, Any]
) -> tuple[tuple[Person, ...], tuple[Problem, ...], bool]:
    """The people of one book and what is wrong: as it is now, or as it was last known where it cannot be read.

    And whether it cannot be read for want of a permission.
    """
    try:
        tag = book.tag()
        if kept.get("tag") == tag:
            return _people(kept), _flaws(kept), False
        people, flaws = book.people()
    except ConnectorError as error:
        problem = Problem(name, error.file, None, None, error.message, error.hint)
        return _people(kept), (problem,), isinstance(error, PermissionNeededError)
    problems = tuple(_problem(name, flaw) for flaw in flaws)
    if ledger.writable:
        entries, told = [asdict(person) for person in people], [asdict(problem) for problem in problems]
        ledger.keep(f"book:{name}", json.dumps({"tag": tag, "people": entries, "flaws": told}))
    return people, problems, False


def _flaws(kept: Mapping[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(**entry) for entry in kept.get("flaws", ()))


def _people(kept: Mapping[str, Any]) -> tuple[Person, ...]:
    entries = kept.get("people", ())
    return tuple(
        Person(**{**entry, "emails": tuple(entry["emails"]), "tags": tuple(entry["tags"])}) for entry in entries
    )


def _problem(name: str, flaw: Flaw) -> Problem:
    return Problem(name, flaw.file, flaw.line, None, flaw.message, flaw.hint)
