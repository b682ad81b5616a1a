"""Whom a user means by a name, a part of one, or an address."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from daemon.failure import ExitCode, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rules.model import Person

_SHOWN = 6


class UnknownPerson(Failure):
    """Nobody is known by this name or address."""


def one_of(people: Iterable[Person], who: str) -> Person:
    """The one person that is meant.

    Raises:
        UnknownPerson: nobody, with the nearest names (exit code 2).
        Failure: several, with who they are (exit code 2).
    """
    from rules.people import Directory  # noqa: PLC0415 - much is imported

    everybody = tuple(people)
    # Each in a book of their own: whoever shares an address is one person already.
    found = Directory.of([[person] for person in everybody]).search(who)
    if len(found) == 1:
        return next(person for person in everybody if person.email in found[0].emails)
    if found:
        several = ", ".join(_shown(person) for person in found[:_SHOWN])
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise Failure(ExitCode.USAGE, f"'{who}' may be {several}{more}", "Write more of the name, or the address.")
    raise UnknownPerson(ExitCode.USAGE, f"nobody is known by '{who}'", nearest(everybody, who))


def nearest(everybody: Iterable[Person], who: str) -> str:
    """Whom they may have meant, as the remedy of an error."""
    meant = near(everybody, who)
    return f"Did you mean {' or '.join(meant)}?" if meant else "`afterword people` shows everybody."


def nearest_firm(everybody: Iterable[Person], word: str) -> str:
    """Which firm they may have meant, as the remedy of an error; nothing where none is spelled much like it."""
    firms: dict[str, str] = {}
    for person in everybody:
        for text in (person.organisation, *(email.rpartition("@")[2] for email in person.emails)):
            firms.setdefault(text.casefold(), text)
    written = get_close_matches(word.strip().casefold(), [one for one in firms if one], n=2, cutoff=0.65)
    return f"Did you mean {' or '.join(firms[one] for one in written)}?" if written else ""


def near(everybody: Iterable[Person], who: str) -> list[str]:
    """Whose name, whose part of a name, or whose address is written much like this."""
    spelled: dict[str, Person] = {}
    for person in everybody:
        for text in (person.name, *person.name.split(), *person.emails, person.email.partition("@")[0]):
            spelled.setdefault(text.casefold(), person)
    written = get_close_matches(who.strip().casefold(), spelled, n=3, cutoff=0.65)
    return list(dict.fromkeys(_shown(spelled[text]) for text in written))


def address_typed(who: str) -> bool:
    """Whether it is a whole address, as it stands in a mail."""
    from config.texts import email  # noqa: PLC0415 - pydantic is not needed for --help

    try:
        email(who)
    except ValueError:
        return False
    return True


def _shown(person: Person) -> str:
    return f"{person.name} <{person.email}>" if person.name else person.email
