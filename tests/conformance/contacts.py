"""What every address book promises. A backend subclasses `AddressBookSuite`, one of files of cards `CardsSuite`."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.base import AddressBook, Flaw
    from rules.model import Person


def card(*properties: str, version: str = "3.0") -> bytes:
    """A card with these lines, with the line ends of the standard."""
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *properties, "END:VCARD", ""]).encode()


DANA = card("FN:Dana Okafor", "EMAIL:dana@acme.example")
LEE = card("FN:Lee Chan", "EMAIL:lee@beta.example")
LATIN = "BEGIN:VCARD\nVERSION:2.1\nN;LANGUAGE=fr:Dupré;Zoë\nEMAIL;PREF;INTERNET:zoe@c.example\nEND:VCARD\n".encode(
    "latin-1"
)
QUOTED = b"BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=\n=AB\nEMAIL:z@c.example\nEND:VCARD\n"
SEEDS = [
    DANA,
    LATIN,
    QUOTED,
    card(
        "item1.EMAIL;type=INTERNET:d@a.example",
        "N:O;D;;;",
        "NOTE:a\\nb",
        "TZ:Europe/Lisbon",
        "CATEGORIES:a,b",
        "LANG:pt",
    ),
    card("KIND:group", "FN:Network", "MEMBER:mailto:dana@acme.example", version="4.0"),
]


class Backend(Protocol):
    """An address book with a hand to fill it."""

    @property
    def book(self) -> AddressBook: ...

    def put(self, name: str, cards: bytes) -> None:
        """Lay down a file of cards, or replace it."""

    def take(self, name: str) -> None:
        """Remove it."""


def read(book: AddressBook) -> tuple[list[Person], list[Flaw]]:
    people, flaws = book.people()
    return list(people), list(flaws)


class AddressBookSuite:
    @pytest.fixture
    def backend(self, fresh: Callable[[], Backend]) -> Backend:
        return fresh()

    def test_an_empty_book_is_no_problem(self, backend: Backend) -> None:
        assert read(backend.book) == ([], [])

    def test_everybody_with_an_address_is_in_it(self, backend: Backend) -> None:
        backend.put("a.vcf", DANA + card("FN:Nobody", "TEL:+351"))
        backend.put("b.vcf", LEE)
        people, flaws = read(backend.book)
        assert [person.name for person in people] == ["Dana Okafor", "Lee Chan"]
        assert flaws == []
        assert all(person.known for person in people)

    def test_the_tag_changes_with_the_people_and_only_then(self, backend: Backend) -> None:
        tags = [backend.book.tag()]
        backend.put("a.vcf", DANA)
        tags.append(backend.book.tag())
        backend.put("a.vcf", LEE + LEE)
        tags.append(backend.book.tag())
        backend.take("a.vcf")
        backend.put("b.vcf", DANA)
        tags.append(backend.book.tag())
        assert len(set(tags)) == len(tags)
        backend.book.people()
        assert backend.book.tag() == tags[-1]

    def test_addresses_are_in_their_comparable_form(self, backend: Backend) -> None:
        backend.put("a.vcf", card("FN:Dana", "EMAIL: Dana@ACME.example ", "EMAIL:dana@acme.example"))
        assert read(backend.book)[0][0].emails == ("dana@acme.example",)


class CardsSuite(AddressBookSuite):
    """And what every book of vCard files promises besides."""

    def test_a_broken_card_hinders_no_other(self, backend: Backend) -> None:
        backend.put("a.vcf", DANA + b"BEGIN:VCARD\r\nFN:Cut\r\nEMAIL:cut@a.example\r\n" + LEE)
        people, flaws = read(backend.book)
        assert [person.name for person in people] == ["Dana Okafor", "Lee Chan"]
        assert [flaw.line for flaw in flaws] == [6]
        assert flaws[0].file is not None
        assert flaws[0].file.endswith("a.vcf")

    def test_mutated_cards_are_read_or_told_of(self, fresh: Callable[[], Backend]) -> None:
        backend = fresh()

        @settings(deadline=None, max_examples=examples(150))
        @given(st.sampled_from(SEEDS), st.integers(0, 200), st.integers(0, 30), st.binary(max_size=12))
        def mutated(seed: bytes, at: int, length: int, instead: bytes) -> None:
            backend.put("a.vcf", seed[:at] + instead + seed[at + length :])
            backend.put("b.vcf", LEE)
            people, _ = read(backend.book)
            assert people[-1].name == "Lee Chan"
            assert all("@" in email and not set(email) & set("\r\n\0 <>") for one in people for email in one.emails)
            assert not [letter for one in people for letter in one.name if unicodedata.category(letter) == "Cc"]

        mutated()
