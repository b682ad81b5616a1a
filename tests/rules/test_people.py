from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.model import Attendee, Person, without_tag
from rules.people import Directory


def person(name: str, *emails: str, **more: Any) -> Person:
    return Person(name=name, emails=emails or (f"{name.partition(' ')[0].lower()}@acme.example",), **more)


DANA = person("Dana Okafor", "dana@acme.example", "dana@home.example", tags=("network",))
LEE = person("Lee Chan")
ROBIN = "robin@example.org"


def directory(*people: Person) -> Directory:
    return Directory.of([people])


def named(book: Directory, title: str, my_name: str = "") -> list[str]:
    return [found.name for found in book.named_in(title, frozenset({ROBIN}), my_name)]


# --- one person for all addresses ----------------------------------------------------------------------------


def test_one_address_in_two_books_is_one_person_over_any_number_of_steps() -> None:
    first, second, third = (
        person("Dana", "x@a.example"),
        person("D. Okafor", "y@a.example", "z@a.example"),
        person("", "x@a.example", "y@a.example"),
    )
    for books in itertools.permutations([[first], [second], [third]]):
        found = Directory.of(books)
        assert len(found.people) == 1
        assert found.key("x@a.example") == found.key("z@a.example")


def test_the_first_book_that_fills_a_field_wins() -> None:
    ours = person("Dana Okafor", "dana@acme.example", language="en", tags=("network",))
    theirs = person(
        "D. Okafor", "dana@home.example", "dana@acme.example", language="pt", organisation="Acme", tags=("x",)
    )
    (found,) = Directory.of([[ours], [theirs]]).people
    assert found.name == "Dana Okafor"
    assert found.emails == ("dana@acme.example", "dana@home.example")
    assert (found.language, found.organisation, found.tags) == ("en", "Acme", ("network",))


def test_who_is_not_to_be_contacted_in_any_book_is_not() -> None:
    (found,) = Directory.of([[DANA], [person("Dana", "dana@acme.example", do_not_contact=True)]]).people
    assert found.do_not_contact


def test_colleagues_behind_one_office_address_stay_apart() -> None:
    dana, lee = (
        person("Dana Okafor", "dana@acme.example", "office@acme.example"),
        person("Lee Chan", "lee@acme.example", "office@acme.example"),
    )
    found = directory(dana, lee)
    assert [one.name for one in found.people] == ["Dana Okafor", "Lee Chan"]
    assert found.find("office@acme.example") == found.find("dana@acme.example")
    assert found.key("lee@acme.example") != found.key("dana@acme.example")


def test_two_cards_of_the_same_name_in_one_book_are_one_person() -> None:
    found = directory(person("Dana", "dana@acme.example"), person("Dana Okafor", "dana@acme.example", "d@b.example"))
    assert [one.emails for one in found.people] == [("dana@acme.example", "d@b.example")]


def test_people_keep_the_order_of_the_books() -> None:
    found = Directory.of(
        [
            [person("A", "a@a.example"), person("B", "b@a.example")],
            [person("C", "c@a.example"), person("B", "b@a.example")],
        ]
    )
    assert [one.name for one in found.people] == ["A", "B", "C"]


def test_notes_follow_those_of_the_book_by_any_address() -> None:
    dana = person("Dana", "dana@acme.example", "d@home.example", notes="Likes tea")
    found = Directory.of([[dana]], {"D@Home.example": ["Moves in May", "Has a dog"]}).find("dana@acme.example")
    assert found is not None
    assert found.notes == "Likes tea\nMoves in May\nHas a dog"


@pytest.mark.parametrize("spelling", ["dana@acme.example", "Dana@ACME.example", " dana+cal@acme.example"])
def test_any_spelling_of_an_address_finds_the_person(spelling: str) -> None:
    found = directory(DANA).find(spelling)
    assert found is not None
    assert found.name == "Dana Okafor"


def test_an_address_kept_with_a_tag_is_found_without_it() -> None:
    assert directory(person("Dana", "dana+work@acme.example")).find("dana@acme.example") is not None


def test_the_note_goes_to_the_address_that_was_invited() -> None:
    found = directory(DANA)
    assert found.person(Attendee("dana@home.example")).emails == ("dana@home.example", "dana@acme.example")
    assert found.person(Attendee("dana+cal@acme.example", "D")).email == "dana+cal@acme.example"
    assert found.person(Attendee("dana+cal@acme.example", "D")).name == "Dana Okafor"


def test_an_attendee_in_no_book_is_a_person_of_one_address() -> None:
    found = directory(DANA).person(Attendee("new@b.example", "New One"))
    assert found == Person("New One", ("new@b.example",), known=False)


def test_the_key_of_an_unknown_address_is_the_address_without_its_tag() -> None:
    assert Directory().key("Lee+x@b.example") == "lee@b.example"


EMAILS = st.sampled_from(
    [f"{local}{tag}@{domain}.example" for local in "abcd" for tag in ("", "+t") for domain in ("x", "y")]
)
BOOKS = st.lists(st.lists(st.lists(EMAILS, min_size=1, max_size=3, unique=True), max_size=4), max_size=3)


@settings(deadline=None, derandomize=True)
@given(BOOKS, st.booleans())
def test_every_address_has_one_person_and_one_key(books: list[list[list[str]]], named_apart: bool) -> None:
    found = Directory.of(
        [[person(f"P{n}" if named_apart else "", *emails) for n, emails in enumerate(book)] for book in books]
    )
    for email in (email for book in books for emails in book for email in emails):
        owner = found.find(email)
        assert owner is not None
        assert without_tag(email) in {without_tag(one) for one in owner.emails}
        assert found.key(email) == found.key(owner.email)
    bare = [address for one in found.people for address in {without_tag(email) for email in one.emails}]
    assert len(bare) == len(set(bare))


def test_a_card_with_nothing_but_anothers_address_is_nobody_and_its_wish_to_be_left_alone_binds() -> None:
    found = directory(person("Dana", "home@a.example"), person("Lee", "home@a.example", do_not_contact=True))
    assert [(one.name, one.do_not_contact) for one in found.people] == [("Dana", True)]


# --- names in titles -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "Coffee with Dana",
        "coffee with dana",
        "COFFEE WITH DANA",
        "dana okafor 1:1",
        "Okafor, Dana",
        "Dana Coffee Chat",
        "Coffee w/ Dana",
        "Robin <> Dana",
        "Coffee with Dana O.",
        "Call with Okafor",
        "Dr. Okafor",
        "Coffee at Dana's",
        "Coffee (Dana)",
        "Dana/Robin",
        "Chat with Dana in May",
        "Dana: catch up",
        "Café: DANA",
    ],
)
def test_a_title_names_somebody(title: str) -> None:
    assert named(directory(DANA, person("May Lund")), title) == ["Dana Okafor"]


@pytest.mark.parametrize(
    "title",
    [
        "Coffee with Dana Smith",
        "Coffee with Maria Dana",
        "Dana van Dyke",
        "Dana's team",
        "Present for Dana",
        "Coffee with Danas",
        "Bandana sale",
        "Dana-Marie",
        "dana",
        "#Dana",
        "dana@elsewhere.example",
        "https://meet.example/Dana",
        "Okafor Street",
        "",
        "Team without Dana Okafor",
    ],
)
def test_a_title_that_could_mean_somebody_else_names_nobody(title: str) -> None:
    assert named(directory(DANA), title) == []


@pytest.mark.parametrize(
    "title", ["Will it rain?", "May planning", "Mark the date", "Budget, May", "will call", "AL review", "Rose garden"]
)
def test_ordinary_words_are_no_names(title: str) -> None:
    book = directory(*(person(name) for name in ("Will Ford", "May Lund", "Mark Dee", "Al Gora", "Rose Bee")))
    assert named(book, title) == []


@pytest.mark.parametrize(
    "title", ["Coffee with Will", "coffee with will", "Lunch: Dana and Will", "Dana / Will", "Will Ford"]
)
def test_ordinary_words_are_names_in_company(title: str) -> None:
    assert "Will Ford" in named(directory(DANA, person("Will Ford")), title)


def test_a_title_can_name_several() -> None:
    assert named(directory(DANA, LEE), "Coffee with Lee, Dana") == ["Lee Chan", "Dana Okafor"]


def test_a_first_name_of_two_people_names_neither_but_the_full_name_does() -> None:
    book = directory(DANA, person("Dana Petrov", "dp@b.example"))
    assert named(book, "Coffee with Dana") == []
    assert named(book, "Coffee with Dana Petrov") == ["Dana Petrov"]
    assert named(book, "Coffee with Dana P.") == ["Dana Petrov"]


def test_a_name_that_is_one_persons_first_and_anothers_last_names_neither() -> None:
    assert named(directory(LEE, person("Kim Lee")), "Coffee with Lee") == []


def test_accents_may_be_missing_and_tell_people_apart() -> None:
    assert named(directory(person("José Silva")), "Coffee with Jose") == ["José Silva"]
    both = directory(person("José Silva", "a@b.example"), person("Jose Prado", "b@b.example"))
    assert named(both, "Coffee with José") == ["José Silva"]


def test_a_longer_name_wins() -> None:
    book = directory(person("Ana Costa", "a@b.example"), person("Ana Costa Pinto", "b@b.example"))
    assert named(book, "Ana Costa Pinto") == ["Ana Costa Pinto"]
    assert named(directory(person("Ana Maria Silva Costa")), "Lunch with Ana Costa") == ["Ana Maria Silva Costa"]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("山田 太郎", "山田さんとコーヒー"),
        ("山田 太郎", "山田太郎と打ち合わせ"),
        ("김민수", "김민수와 커피"),
        ("Иван Петров", "Кофе: Иван"),
        ("Okada, Taro", "Coffee with Taro"),
        ("Dr. Ines Prat, PhD", "Coffee with Ines"),
        ("Pat O'Brien", "Pat O\u2019Brien 1:1"),
        ("Dana Okafor (Acme)", "Coffee with Dana"),
        ("दाना ओका", "दाना"),
        ("דנה כהן", "קפה: דנה"),
    ],
)
def test_names_of_many_shapes_and_scripts_are_found(name: str, title: str) -> None:
    assert named(directory(person(name, "x@y.example")), title) == [name]


def test_i_am_never_named() -> None:
    book = directory(person("Robin Vale", ROBIN), DANA)
    assert named(book, "Robin and Dana") == ["Dana Okafor"]
    assert named(directory(person("Robin Smith"), DANA), "Robin and Dana", "Robin Vale") == ["Dana Okafor"]


def test_a_name_of_any_book_names_the_person() -> None:
    book = Directory.of([[person("Dee", "dana@acme.example")], [DANA]])
    assert named(book, "Coffee with Dana Okafor") == ["Dee"]


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=60), st.lists(st.text(max_size=15), max_size=4))
def test_any_title_and_any_names_can_be_read(title: str, names: list[str]) -> None:
    book = directory(*(person(name, f"p{n}@a.example") for n, name in enumerate(["x", *names])))
    assert set(book.named_in(title, frozenset(), title)) <= set(book.people)


# --- addresses in text, and questions ------------------------------------------------------------------------


def test_addresses_of_the_books_in_a_description_are_found() -> None:
    text = "Join <mailto:Dana@acme.example>, 'lee+x@acme.example'. Not nodana@acme.example, me " + ROBIN
    book = directory(DANA, LEE, person("Robin", ROBIN))
    assert [one.name for one in book.addressed_in(text, frozenset({ROBIN}))] == ["Dana Okafor", "Lee Chan"]


def test_a_description_of_megabytes_is_read_in_its_own_length() -> None:
    assert directory(DANA).addressed_in("a" * 1_000_000 + "@a" * 100_000) == ()


@pytest.mark.parametrize("who", ["dana@home.example", "Dana Okafor", "okafor dana", "DANA", "oka", "kafo", "home.ex"])
def test_a_user_finds_people_by_address_name_or_part_of_it(who: str) -> None:
    assert [one.name for one in directory(LEE, DANA).search(who)] == ["Dana Okafor"]


def test_a_question_that_fits_several_gives_all_and_one_that_fits_nobody_none() -> None:
    book = directory(DANA, person("Dana Petrov", "dp@b.example"))
    assert len(book.search("dana")) == 2
    assert book.search("zoe") == book.search("  ") == ()
