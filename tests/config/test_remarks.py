"""What `check` asks about a configuration that is right, and perhaps not what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.remarks import remarks
from tests.config import folders

if TYPE_CHECKING:
    from config.problem import Problem

SWEDE = 'people:\n  - {name: Alva Berg, emails: [alva@berg.example], language: "sv"}\n'
SETTINGS = f"{folders.SETTINGS}contacts: [{{people: people.yaml}}]\n"
TO_ALL = folders.RULES.replace("after: 2 hours", "after: 2 hours, to: all")
LETTER = """\
---
subject: Thank you for {{ meeting.when }}
---
Dear %s,

Thank you for your time. It was good to hear about the plans you have.
"""


def remarked(files: dict[str, str] | None = None) -> list[Problem]:
    configuration = folders.loaded(files).configuration
    assert configuration is not None
    return remarks(configuration)


def letter(name: str = "{{ person.first_name }}") -> str:
    return LETTER % name


def test_an_ordinary_configuration_is_remarked_upon_nowhere() -> None:
    assert remarked() == []


def test_a_note_to_several_that_greets_the_first_alone_is_told_with_its_place_and_what_greets_all() -> None:
    (one,) = remarked({"rules/a.yaml": TO_ALL, "templates/thank-you.md": letter()})
    assert one.place == "templates/thank-you.md:4:9"
    assert one.message == (
        "`person.first_name` is the first alone of all whom the note of `to: all` goes to, "
        "in the step `thank-you` of `coffee`"
    )
    assert one.hint == "write `people.first_names`, which is `Dana, Ana and Lee`"


@pytest.mark.parametrize(
    "greeting",
    [
        "{{ people.first_names }}",
        "{% for one in people %}{{ one.first_name }} {% endfor %}",
        "all",
        "{# {{ person.name }} #}all",
        "{{ person.organisation }}",
    ],
)
def test_a_note_to_several_that_greets_all_or_nobody_is_not_told(greeting: str) -> None:
    assert remarked({"rules/a.yaml": TO_ALL, "templates/thank-you.md": letter(greeting)}) == []


def mixed(letters: dict[str, str], people: str = SWEDE) -> list[tuple[str, str, str | None]]:
    found = remarked({"afterword.yaml": SETTINGS, "people.yaml": people, **letters})
    return [(one.place, one.message, one.hint) for one in found]


def test_english_words_with_the_dates_of_another_language_are_told_once() -> None:
    several = SWEDE + "  - {name: Bo Ek, emails: [bo@ek.example], language: sv}\n"
    assert mixed({"templates/thank-you.md": letter()}, several) == [
        (
            "templates/thank-you.md",
            "Alva Berg gets these English words with the dates of `language: sv`",
            "write `templates/thank-you.sv.md`, or take `language` out for whoever is written to in English",
        )
    ]


def test_a_file_in_the_language_of_the_person_ends_that() -> None:
    assert mixed({"templates/thank-you.md": letter(), "templates/thank-you.sv.md": letter()}) == []


def test_words_that_are_not_english_are_not_told_nor_are_those_who_are_written_to_in_english() -> None:
    swedish = "---\nsubject: Tack\n---\nHej {{ person.first_name }},\n\ntack för din tid {{ meeting.when }}.\n"
    assert mixed({"templates/thank-you.md": swedish}) == []
    assert mixed({"templates/thank-you.md": letter()}, SWEDE.replace('"sv"', "en-GB")) == []


@pytest.mark.parametrize(
    ("file", "words", "told"),
    [
        ("ask", "May I interview you?", True),
        ("ask-advice", "A short Interview?", True),
        ("ask.de", "Ein Interview?", True),
        ("ask", "May I ask your advice?{# no interview #}", False),
        ("asking-price", "After the interview", False),
        ("thank-you", "Thank you for the interview", False),
    ],
)
def test_a_request_that_calls_the_meeting_an_interview_is_told(file: str, words: str, *, told: bool) -> None:
    found = remarked({f"templates/{file}.md": f"---\nsubject: Hello\n---\nDear Dana,\n\n{words}\n"})
    assert [one.place for one in found] == ([f"templates/{file}.md:6"] if told else [])
