"""The address books as one directory; what has not changed is not read again, and one that shrinks is doubted."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.problem import Problem
from connectors.base import ConnectorError, PermissionNeededError
from daemon.not_again import marked
from rules.doubt import LASTS, shrinks
from rules.model import Person
from rules.moments import moment
from rules.people import Directory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.base import AddressBook, Flaw
    from daemon.ledger import Ledger
    from rules.almanac import Almanac


@dataclass(frozen=True, slots=True)
class Books:
    """Everybody in the address books. `problems` are new, `standing` were known before.

    `needs_user` are those of them that wait for a permission of the user. `doubted`: a book suddenly lacks people, who
    stay known for a while.
    """

    directory: Directory
    problems: tuple[Problem, ...]
    standing: tuple[Problem, ...]
    needs_user: tuple[Problem, ...] = ()
    doubted: bool = False


@dataclass(frozen=True, slots=True)
class _Reading:
    """The people of one book and what is wrong with it; whether that is for want of a permission."""

    people: tuple[Person, ...]
    problems: tuple[Problem, ...]
    waits: bool = False
    doubt: Problem | None = None


def open_books(
    ledger: Ledger, books: Mapping[str, AddressBook | tuple[Person, ...]], almanac: Almanac, now: datetime
) -> Books:
    """Everybody in the books, the first listed first, with the notes that the user keeps on them.

    Raises:
        LedgerError: the ledger cannot be read or written. A book that fails raises nothing.
    """
    people: list[tuple[Person, ...]] = []
    problems: list[Problem] = []
    standing: list[Problem] = []
    needs: list[Problem] = []
    doubted = False
    for name, book in books.items():
        if isinstance(book, tuple):
            people.append(book)
            continue
        kept = json.loads(ledger.recall(f"book:{name}") or "{}")
        seen = _read(ledger, name, book, kept, almanac, now)
        known = _flaws(kept)
        people.append(seen.people)
        doubted |= seen.doubt is not None
        standing.extend([seen.doubt] if seen.doubt else [])
        needs.extend(seen.problems if seen.waits else ())
        problems.extend(problem for problem in seen.problems if problem not in known)
        standing.extend(problem for problem in seen.problems if problem in known)
    notes: dict[str, list[str]] = {}
    for address, _, text in ledger.person_notes():
        notes.setdefault(address, []).append(text)
    return Books(Directory.of(people, notes, marked(ledger)), tuple(problems), tuple(standing), tuple(needs), doubted)


def _read(  # noqa: PLR0917 - as `open_books`, and which book
    ledger: Ledger, name: str, book: AddressBook, kept: Mapping[str, Any], almanac: Almanac, now: datetime
) -> _Reading:
    """A book as it is now, or as it was last known where it cannot be read."""
    try:
        tag = book.tag()
        if kept.get("tag") == tag:
            return _Reading(_people(kept), _flaws(kept))
        people, flaws = book.people()
    except ConnectorError as error:
        problem = Problem(name, error.file, None, None, error.message, error.hint)
        return _Reading(_people(kept), (problem,), waits=isinstance(error, PermissionNeededError))
    problems = tuple(_problem(name, flaw) for flaw in flaws)
    missing = _missing(_people(kept), people)
    hidden = bool(missing) and any(flaw.hides for flaw in flaws)
    since = None if hidden else _since(kept, len(missing), now)
    doubt = None if since is None else _doubt_problem(name, len(missing), moment(since + LASTS, almanac, now))
    if hidden or doubt:
        people = (*people, *missing)
    if doubt:
        tag = ""  # it is read again until it is believed
    if ledger.writable:
        entries, told = [asdict(person) for person in people], [asdict(problem) for problem in problems]
        begun = None if since is None else since.isoformat()
        text = json.dumps({"tag": tag, "people": entries, "flaws": told, "doubted": begun})
        if text != json.dumps(kept):
            ledger.keep(f"book:{name}", text)
    return _Reading(people, problems, doubt=doubt)


def _missing(known: tuple[Person, ...], found: tuple[Person, ...]) -> tuple[Person, ...]:
    """Those who were known, and of whose addresses none is there any more."""
    there = {email for person in found for email in person.emails}
    return tuple(person for person in known if there.isdisjoint(person.emails))


def _since(kept: Mapping[str, Any], lost: int, now: datetime) -> datetime | None:
    """Since when so many people are missing that it is doubted; None where it is believed.

    A doubt that has begun is about whoever is still missing.
    """
    begun = kept.get("doubted")
    since = min(datetime.fromisoformat(begun), now) if begun else now
    unbelievable = shrinks(len(kept.get("people", ())), lost) or (begun and lost)
    return since if unbelievable and now - since < LASTS else None


def _doubt_problem(name: str, count: int, until: str) -> Problem:
    people = "1 person is" if count == 1 else f"{count} people are"
    said = f"{people} suddenly missing from {name}; nobody is forgotten before {until}"
    hint = "If you deleted them, there is nothing to do. If not, look whether the address book is all there."
    return Problem(name, None, None, None, said, hint)


def _flaws(kept: Mapping[str, Any]) -> tuple[Problem, ...]:
    return tuple(Problem(**entry) for entry in kept.get("flaws", ()))


def _people(kept: Mapping[str, Any]) -> tuple[Person, ...]:
    entries = kept.get("people", ())
    return tuple(
        Person(**{**entry, "emails": tuple(entry["emails"]), "tags": tuple(entry["tags"])}) for entry in entries
    )


def _problem(name: str, flaw: Flaw) -> Problem:
    return Problem(name, flaw.file, flaw.line, None, flaw.message, flaw.hint)
