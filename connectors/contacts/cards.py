"""From the bytes of a vCard file to people: versions 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import Flaw
from connectors.contacts.lines import MAX_VALUE, Line, lines, split, text
from rules.model import Person, address, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_APPLE = "X-ADDRESSBOOKSERVER-"
_WANTED = frozenset(("FN", "N", "EMAIL", "ORG", "NOTE", "LANG", "TZ", "CATEGORIES", "UID", "KIND", "MEMBER"))
_MEANT = re.compile(r"\s*(?:[\w-]+\.)?(?:FN|N|EMAIL)(?:[;=\s]|$)", re.IGNORECASE)
"""The beginning of a line that was to be a name or an address."""
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,254}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")
_MAX_NAME = 200
_MAX_ADDRESSES = 100


@dataclass(frozen=True, slots=True)
class Group:
    """A card that is a list of others (KIND:group, RFC 6350 section 6.1.4; Apple's before that): a tag for them."""

    name: str
    members: frozenset[str]
    """UIDs, and addresses after `mailto:`."""


@dataclass(slots=True)
class Cards:
    """What files of cards hold. `people` are those with an address, with their UIDs."""

    people: list[tuple[str, Person]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    flaws: list[Flaw] = field(default_factory=list)

    def tagged(self) -> tuple[Person, ...]:
        """The people, with a tag for each group that they are in."""
        tags: dict[str, list[str]] = {}
        for group in self.groups:
            for member in group.members:
                tags.setdefault(member, []).append(group.name)
        return tuple(
            replace(person, tags=unique([*person.tags, *_group_tags(tags, uid, person)])) for uid, person in self.people
        )


def is_address(email: str) -> bool:
    """Whether this can be an email address."""
    return _ADDRESS.fullmatch(email) is not None


def is_language(name: str) -> bool:
    """Whether this can be a language (BCP 47)."""
    return _LANGUAGE.fullmatch(name) is not None


def _group_tags(tags: dict[str, list[str]], uid: str, person: Person) -> list[str]:
    keys = [uid, *(f"mailto:{email}" for email in person.emails)]
    return [tag for key in keys if key for tag in tags.get(key, ())]


class _Card(NamedTuple):
    start: int
    lines: list[Line]


def read_cards(data: bytes, file: str, into: Cards) -> None:
    """Add the cards of a file. What cannot be read is a flaw with its line; all else is used."""
    card: _Card | None = None
    inner = 0
    for line in lines(data):
        bound = line.value.strip().upper() == "VCARD" and line.name in {"BEGIN", "END"}
        if bound and line.name == "BEGIN":
            if card and card.lines and card.lines[-1].name == "AGENT":
                inner += 1  # a card within a card (vCard 2.1): a secretary's, and nobody's we were asked for
                continue
            if card:
                into.flaws.append(_unended(file, card.start))
            card, inner = _Card(line.number, []), 0
        elif bound and inner:
            inner -= 1
        elif bound and card:
            _add(card, file, into)
            card = None
        elif card and not inner and (line.name.removeprefix(_APPLE) in _WANTED or line.name == "AGENT"):
            card.lines.append(line)
        elif card and not line.name and _MEANT.match(line.value):
            hint = "A line reads `NAME:value`; export the address book again, or correct the line."
            into.flaws.append(
                Flaw(f"'{line.value.strip()[:60]}' has no colon and was left out", file, line.number, hint)
            )
    if card:
        into.flaws.append(_unended(file, card.start))


def _unended(file: str, number: int) -> Flaw:
    hint = "Export the address book again; the file looks cut off."
    return Flaw("a card begins here and never ends", file, number, hint, hides=True)


def _add(card: _Card, file: str, into: Cards) -> None:
    usable = [line for line in card.lines if not line.too_long]
    for line in card.lines:
        if line.too_long:
            said = f"{line.name} is longer than {MAX_VALUE // 1024} KiB and was left out"
            into.flaws.append(Flaw(said, file, line.number, "Shorten it in the address book."))
    uid = next((_member(line.value) for line in usable if line.name == "UID"), "")
    if _first(usable, "KIND", _APPLE + "KIND").casefold() == "group":
        members = frozenset(_member(line.value) for line in usable if line.name.endswith("MEMBER"))
        if name := _name(usable):
            into.groups.append(Group(name, members))
        return
    emails = _emails(usable, file, into.flaws)
    if emails:
        into.people.append((uid, _person(usable, emails)))


def _person(card: Sequence[Line], emails: tuple[str, ...]) -> Person:
    organisation = next((parts[0] for line in _ranked(card, "ORG") if (parts := split(line.value, ";"))), "")
    zones = (text(line.value) for line in _ranked(card, "TZ"))
    languages = (text(line.value) for line in _ranked(card, "LANG"))
    return Person(
        name=_name(card),
        emails=emails,
        tags=unique(tag for line in card if line.name == "CATEGORIES" for tag in _texts(split(line.value, ","))),
        organisation=_one_line(organisation),
        language=next((language for language in languages if is_language(language)), ""),
        time_zone=next((zone for zone in zones if _is_zone(zone)), ""),
        notes="\n".join(note for line in card if line.name == "NOTE" if (note := text(line.value))),
    )


def _ranked(card: Iterable[Line], *names: str) -> list[Line]:
    """The lines of these names, the preferred first, else as they stand."""
    return sorted((line for line in card if line.name in names), key=lambda line: line.preference)


def _first(card: Iterable[Line], *names: str) -> str:
    return next((value for line in _ranked(card, *names) if (value := _one_line(line.value))), "")


def _one_line(value: str) -> str:
    return " ".join(text(value).split())[:_MAX_NAME]


def _texts(values: Iterable[str]) -> list[str]:
    return [value for value in map(_one_line, values) if value]


def _name(card: Sequence[Line]) -> str:
    """FN, or N put together: given, additional, family (RFC 6350 section 6.2.2)."""
    if name := _first(card, "FN"):
        return name
    for line in _ranked(card, "N"):
        parts = [_texts(split(part, ",")) for part in split(line.value, ";")]
        family, given, additional = ([*parts, [], [], []])[:3]
        if words := [*given, *additional, *family]:
            return " ".join(words)[:_MAX_NAME]
    return ""


def _emails(card: Iterable[Line], file: str, flaws: list[Flaw]) -> tuple[str, ...]:
    found = []
    for line in _ranked(card, "EMAIL"):
        spelled = text(line.value)
        if not spelled:
            continue
        inside = re.search(r"<([^<>]*)>", spelled)
        email = address((inside[1] if inside else spelled).removeprefix("mailto:"))
        if is_address(email):
            found.append(email)
        else:
            said = f"'{spelled[:60]}' is not an email address"
            flaws.append(Flaw(said, file, line.number, "Correct it in the address book."))
    return unique(found)[:_MAX_ADDRESSES]


def _member(value: str) -> str:
    """A UID, or an address, in the form in which groups and cards agree."""
    return text(value).casefold().removeprefix("urn:uuid:")


def _is_zone(name: str) -> bool:
    """Whether it is a zone by name; "-0500" says nothing about the summer."""
    if "/" not in name:
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
