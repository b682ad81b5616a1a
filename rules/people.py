"""Who is who: the people of all address books as one directory, by any of their addresses or by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from rules.model import Attendee, Person, address, unique, without_tag
from rules.naming import NameIndex, folded_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LOCAL = r"\w.!#$%&'*+=?^`{|}~-"
_ADDRESS = re.compile(rf"(?<![{_LOCAL}])[{_LOCAL}]{{1,64}}@[\w.-]{{1,255}}")
"""An address in running text. The look-behind keeps it linear: it begins only where a run of such letters does."""


@lru_cache(maxsize=1 << 16)
def _bare(email: str) -> str:
    """The address by which two spellings of one mailbox meet."""
    return without_tag(address(email))


class _Entry(NamedTuple):
    """A person as one book has them; `place` counts through all books."""

    place: int
    book: int
    person: Person


@dataclass(slots=True)
class _Group:
    """The entries that are one person, the addresses that are theirs, and whether to leave them alone."""

    entries: list[_Entry]
    emails: tuple[str, ...] = ()
    do_not_contact: bool = False

    def may_join(self, other: _Group) -> bool:
        """Whether no book keeps the two apart: two names side by side in one book are two people.

        A shared `office@` on the cards of ten colleagues must not make one person of them.
        """
        return all(
            _same_name(mine.person.name, theirs.person.name)
            for mine in self.entries
            for theirs in other.entries
            if mine.book == theirs.book
        )


def _same_name(one: str, other: str) -> bool:
    """Whether two names of one book can be the same person's: the same words, or one has fewer of them."""
    words, others = set(folded_words(one)), set(folded_words(other))
    return words <= others or others <= words


def _marked(groups: Iterable[_Group], quiet: frozenset[str]) -> None:
    """Whoever has one of these addresses is left alone."""
    for group in groups:
        group.do_not_contact |= not quiet.isdisjoint(map(_bare, group.emails))


def _grouped(books: Sequence[Sequence[Person]]) -> list[_Group]:
    """One group for each person: entries that share an address, over any number of steps, in order of appearance."""
    owners: dict[str, _Group] = {}
    groups: list[_Group] = []
    listed = ((book, person) for book, people in enumerate(books) for person in people)
    for place, (book, person) in enumerate(listed):
        group = _Group([_Entry(place, book, person)])
        groups.append(group)
        for other in _owners(owners, person.emails):
            if other.may_join(group):
                group = _joined(owners, other, group)
        for email in person.emails:
            owners.setdefault(_bare(email), group)
    return _settled([group for group in groups if group.entries], owners)


def _settled(groups: Sequence[_Group], owners: Mapping[str, _Group]) -> list[_Group]:
    """The groups with an address of their own, in order of appearance.

    A card that has nothing but another one's address is nobody to write to; where it says not to, that binds the other.
    """
    for group in groups:
        group.entries.sort()
        emails = unique(address(email) for entry in group.entries for email in entry.person.emails)
        group.emails = tuple(email for email in emails if owners[_bare(email)] is group)
    for group in groups:
        quiet = any(entry.person.do_not_contact for entry in group.entries)
        for bound in [group] if group.emails else _owners(owners, group.entries[0].person.emails):
            bound.do_not_contact |= quiet
    return sorted((group for group in groups if group.emails), key=lambda group: group.entries[0].place)


def _owners(owners: Mapping[str, _Group], emails: Iterable[str]) -> list[_Group]:
    """The groups that hold these addresses, each once."""
    found = (owners.get(_bare(email)) for email in emails)
    return list({id(group): group for group in found if group}.values())


def _joined(owners: dict[str, _Group], kept: _Group, joining: _Group) -> _Group:
    """All entries of the second in the first; the second stays behind empty, and owns nothing."""
    for email in (email for entry in joining.entries for email in entry.person.emails):
        if owners.get(_bare(email)) is joining:
            owners[_bare(email)] = kept
    kept.entries += joining.entries
    joining.entries = []
    return kept


def _merged(group: _Group, notes: Mapping[str, Sequence[str]]) -> Person:
    """One person out of the entries: for each field the first book that fills it wins.

    For tags that is the first book that has any. `do_not_contact` holds when any book says so: a note not
    written costs less than one to somebody who asked to be left alone.
    """
    entries = [entry.person for entry in group.entries]
    said = [text for email in group.emails for text in notes.get(email, ())]
    return Person(
        name=next((person.name for person in entries if person.name), ""),
        emails=group.emails,
        tags=next((person.tags for person in entries if person.tags), ()),
        organisation=next((person.organisation for person in entries if person.organisation), ""),
        language=next((person.language for person in entries if person.language), ""),
        time_zone=next((person.time_zone for person in entries if person.time_zone), ""),
        notes="\n".join([*[person.notes for person in entries if person.notes][:1], *said]),
        do_not_contact=group.do_not_contact,
    )


def _is_name(name: Sequence[str], asked: Sequence[str]) -> bool:
    return sorted(name) == sorted(asked)


def _has_words(name: Sequence[str], asked: Sequence[str]) -> bool:
    return set(asked) <= set(name)


def _has_beginnings(name: Sequence[str], asked: Sequence[str]) -> bool:
    return all(any(word.startswith(part) for word in name) for part in asked)


def _has_part(name: Sequence[str], asked: Sequence[str]) -> bool:
    return "".join(asked) in "".join(name)


@dataclass(frozen=True, slots=True)
class Directory:
    """Everybody in the address books, each once. Look-ups take any spelling of an address."""

    people: tuple[Person, ...] = ()
    _by_address: Mapping[str, Person] = field(default_factory=dict)
    _names: NameIndex = field(default_factory=lambda: NameIndex.of(()))
    _noted: Mapping[str, str] = field(default_factory=dict)
    """Notes on those who are in no book, by address."""
    _quiet: frozenset[str] = frozenset()
    """The addresses of those to whom nothing more is to be written, by the user's word."""

    @classmethod
    def of(
        cls,
        books: Sequence[Sequence[Person]],
        notes: Mapping[str, Sequence[str]] | None = None,
        quiet: Iterable[str] = (),
    ) -> Directory:
        """The directory of these books; the first one listed wins for each field of a person.

        One address in two books is one person, over any number of steps (x,y and y,z are one). Two entries
        of the same book with different names stay two people, and a shared address belongs to the first.
        `notes` are those of `afterword note`, by any address of the person; they follow the book's own. Whoever has
        one of the addresses in `quiet`, or is in no book and has it, is marked `do_not_contact`.
        """
        left_alone = frozenset(map(_bare, quiet))
        kept: dict[str, list[str]] = {}
        for email, texts in (notes or {}).items():
            kept.setdefault(address(email), []).extend(texts)
        groups = _grouped(books)
        _marked(groups, left_alone)
        people = tuple(_merged(group, kept) for group in groups)
        by_address: dict[str, Person] = {}
        for person in people:
            for email in person.emails:
                by_address.setdefault(_bare(email), person)
        names = [[entry.person.name for entry in group.entries] for group in groups]
        noted: dict[str, list[str]] = {}
        for email, texts in kept.items():
            noted.setdefault(_bare(email), []).extend(texts)
        strangers = {email: "\n".join(texts) for email, texts in noted.items() if email not in by_address}
        return cls(people, by_address, NameIndex.of(names), strangers, left_alone)

    def find(self, email: str) -> Person | None:
        """The person of this address; a plus-tag on either side makes no difference."""
        return self._by_address.get(_bare(email))

    def person(self, attendee: Attendee) -> Person:
        """Who this attendee is: from the books, with the address as invited put first; else just the attendee."""
        known = self.find(attendee.email)
        invited = address(attendee.email)
        if known is None:
            bare = _bare(invited)
            alone = bare in self._quiet
            return Person(attendee.name, (invited,), notes=self._noted.get(bare, ""), do_not_contact=alone, known=False)
        return replace(known, emails=unique((invited, *known.emails)))

    def is_left_alone(self, email: str) -> bool:
        """Whether nothing is to be written to this address: its person is marked `do_not_contact`."""
        known = self.find(email)
        return known.do_not_contact if known is not None else _bare(email) in self._quiet

    def leaves_alone(self, emails: Iterable[str]) -> bool:
        """Whether these are the addresses of `quiet` that it was made with, all of them and no other."""
        return frozenset(map(_bare, emails)) == self._quiet

    def key(self, email: str) -> str:
        """One text for all addresses of one person, to compare by; of an unknown one the address without its tag."""
        known = self.find(email)
        return _bare(known.email if known else email)

    def named_in(self, title: str, mine: frozenset[str] = frozenset(), my_name: str = "") -> tuple[Person, ...]:
        """The people whom a title names, each by a name that is theirs alone ("Coffee with Dana and Lee").

        See `rules.naming` for what counts as naming. Whoever has an address in `mine` is never named, nor
        is anybody by a first name that is also that of `my_name`.
        """
        found = (self.people[number] for number in self._names.found_in(title, my_name))
        return self._without(found, mine)

    def addressed_in(self, text: str, mine: frozenset[str] = frozenset()) -> tuple[Person, ...]:
        """The people of the books whose address stands in `text`, in order, without me."""
        spelled = (match[0].rstrip(".-_") for match in _ADDRESS.finditer(text))
        found = (self.find(email) or self.find(email.strip("'*`")) for email in spelled)
        return self._without((person for person in found if person), mine)

    def search(self, who: str) -> tuple[Person, ...]:
        """Whom a user means by an address, a name or a part of one; the closest kind of match only."""
        if person := self.find(who):
            return (person,)
        asked = folded_words(who)
        if not asked:
            return ()
        named = [(person, folded_words(person.name)) for person in self.people]
        for fits in (_is_name, _has_words, _has_beginnings, _has_part):
            if found := tuple(person for person, name in named if fits(name, asked)):
                return found
        part = address(who)
        return tuple(person for person in self.people if any(part in email for email in person.emails))

    def _without(self, people: Iterable[Person], mine: frozenset[str]) -> tuple[Person, ...]:
        """Each once, by identity of mailbox, and me not at all."""
        me = {self.key(email) for email in mine}
        chosen = {self.key(person.email): person for person in people}
        return tuple(person for key, person in chosen.items() if key not in me)
