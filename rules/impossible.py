"""What no meeting can be: conditions that contradict each other, so that a rule never matches."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.implied import PHRASES, SHORTEST_DAY, covers, given, implies
from rules.match import complete

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rules.language import Conditions, PersonConditions

_WILD = re.compile(r"[*?\[]")
_ADDRESS = re.compile(r"\S+@\S+")
_FIRM = "write an address at your own firm into `emails` of `me` in afterword.yaml"


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a rule can never match: `path` is what is in the way, from `when` or `unless` on; `hint` what to change."""

    path: tuple[str | int, ...]
    message: str
    hint: str


def contradictions(
    when: Conditions, unless: Conditions | None, mine: frozenset[str] | None = None
) -> tuple[Contradiction, ...]:
    """All that is certain to keep a rule with these conditions from ever matching a meeting.

    `mine` are my own mail domains, without those where anybody can have an address; None where they are not known.
    """
    said = complete(when)
    return (*_of_when(said, mine), *_of_unless(said, unless, mine))


def matches_nobody(pattern: str) -> bool:
    """Whether there is no address that such a text of `person.email` could be: it has no star, and is none itself."""
    return not _WILD.search(pattern) and not _ADDRESS.fullmatch(pattern.strip())


def _of_when(when: Conditions, mine: frozenset[str] | None) -> Iterator[Contradiction]:
    longest = when.duration.at_most if when.duration is not None else None
    if when.all_day is True and longest is not None and longest.roughly < SHORTEST_DAY:
        yield Contradiction(
            ("when", "duration", "at_most"),
            f"an all-day event lasts a day at least, and never at most `{longest}`: the rule never matches",
            "take one of the two out, `duration` or `all_day: true`",
        )
    if when.person is not None and when.person.known is False and when.person.tag:
        yield Contradiction(
            ("when", "person", "tag"),
            "only people of an address book have tags, and `known: false` asks for others: the rule never matches",
            "take one of the two out, `tag` or `known: false`",
        )
    external = when.attendees.external if when.attendees is not None else None
    if external is False and mine is not None and not mine:
        yield Contradiction(
            ("when", "attendees", "external"),
            "nobody is inside your own mail domains, as you have none: the rule never matches",
            f"{_FIRM}, or take `external: false` out",
        )
    elif external is not None and mine and when.person is not None and _elsewhere(when.person, mine, external=external):
        where = "inside" if external else "outside"
        yield Contradiction(
            ("when", "person", "email"),
            f"all of these are {where} your own mail domains, and `external: {str(external).lower()}` asks for others: "
            "the rule never matches",
            "take one of the two out, `email` or `external`",
        )


def _elsewhere(person: PersonConditions, mine: frozenset[str], *, external: bool) -> bool:
    """Whether nobody with one of these addresses is where `external` wants them.

    Somebody in an address book may have come with one address and be chosen for another.
    """
    domains = {_domain(pattern) for pattern in person.email}
    known = person.known is not False or not domains or None in domains
    return not known and (domains <= mine if external else domains.isdisjoint(mine))


def _domain(pattern: str) -> str | None:
    """The domain of all addresses of a pattern, where they have one."""
    _, at, domain = pattern.strip().casefold().rpartition("@")
    return domain if at and not _WILD.search(domain) else None


def _of_unless(when: Conditions, unless: Conditions | None, mine: frozenset[str] | None) -> Iterator[Contradiction]:
    for name in given(unless) if unless is not None else ():
        assert unless is not None
        if implies(when, unless, name, mine):
            message = "this excludes every meeting that `when` lets through: the rule never matches"
            yield Contradiction(_path(name, when, unless), message, _remedy(name, when, unless, mine))


def _path(name: str, when: Conditions, unless: Conditions) -> tuple[str | int, ...]:
    if name == "external":
        return "unless", "attendees", "external"
    if name in PHRASES:
        wide = getattr(unless, name)
        return "unless", name, min(wide.index(phrase) for phrase in _covering(wide, getattr(when, name)))
    return "unless", name


def _covering(wide: Iterable[str], narrow: Iterable[str]) -> list[str]:
    """The phrases of one list that keep away those of another."""
    narrow = tuple(narrow)
    return [phrase for phrase in wide if any(covers(phrase, one) for one in narrow)]


def _remedy(name: str, when: Conditions, unless: Conditions, mine: frozenset[str] | None) -> str:
    if name in PHRASES:
        words = ", ".join(f"`{one}`" for one in _covering(getattr(unless, name), getattr(when, name)))
        return f"take {words} out of `unless`, or give `{name}` in `when` a word that does not go with it"
    if name == "recurring":
        return _kind(name, when.recurring, unless.recurring, "a series")
    if name == "all_day":
        return _kind(name, when.all_day, unless.all_day, "an all-day event")
    if name == "external" and mine is not None and not mine:
        return f"everybody is outside your own mail domains, as you have none; {_FIRM}, or take `external` out"
    if name == "attendees":
        return "`when` wants no other number of people than this excludes; change one of the two, or take it out here"
    return f"take `{name}` out of `unless`, or say something else of it in `when`"


def _kind(name: str, wanted: object, excluded: object, what: str) -> str:
    """Of `recurring` and `all_day`, which have a default in `when`."""
    if excluded == "any":
        return f"`any` is each meeting, {what} or not; write `true` or `false`, or take `{name}` out of `unless`"
    if excluded is False and wanted is False:
        return f"without a word in `when` a rule takes nothing that is {what}; write `{name}: true` there for those"
    return f"take `{name}` out of `unless`, or write `{name}: any` in `when`"
