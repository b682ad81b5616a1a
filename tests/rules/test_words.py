from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.greeting import GAP, first_name, full_name, spoken_name
from rules.words import FORMS, Wording

TUESDAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("language", "near", "far", "last_year"),
    [
        ("en", "on Tuesday", "on 3 March", "on 4 March 2025"),
        ("en-US", "on Tuesday", "on 3 March", "on 4 March 2025"),
        ("de", "am Dienstag", "am 3. März", "am 4. März 2025"),
        ("de-AT", "am Dienstag", "am 3. März", "am 4. März 2025"),
        ("fr", "mardi", "le 3 mars", "le 4 mars 2025"),
        ("es", "el martes", "el 3 de marzo", "el 4 de marzo de 2025"),
        ("pt", "na terça-feira", "no dia 3 de março", "no dia 4 de março de 2025"),
        ("pt_BR", "na terça-feira", "no dia 3 de março", "no dia 4 de março de 2025"),
        ("it", "martedì", "il 3 marzo", "il 4 marzo 2025"),
        ("nl", "op dinsdag", "op 3 maart", "op 4 maart 2025"),
        ("sv", "i tisdags", "den 3 mars", "den 4 mars 2025"),
        ("da", "i tirsdags", "den 3. marts", "den 4. marts 2025"),
        ("pl", "we wtorek", "3 marca", "4 marca 2025"),
        ("cs", "v úterý", "3. března", "4. března 2025"),
        ("fi", "tiistaina", "3. maaliskuuta", "4. maaliskuuta 2025"),
        ("ja", "火曜日に", "3月3日に", "2025年3月4日に"),
        ("ro", "3 martie", "3 martie", "4 martie 2025"),
        ("", "on Tuesday", "on 3 March", "on 4 March 2025"),
        ("klingon, please", "on Tuesday", "on 3 March", "on 4 March 2025"),
    ],
)
def test_a_past_day_is_named_as_the_language_names_it(language: str, near: str, far: str, last_year: str) -> None:
    wording = Wording.of(language)
    assert wording.on_weekday(TUESDAY, past=True) == near
    assert wording.on_date(TUESDAY, year=False) == far
    assert wording.on_date(date(2025, 3, 4), year=True) == last_year


def test_swedish_tells_the_coming_tuesday_from_the_last() -> None:
    assert Wording.of("sv").on_weekday(TUESDAY, past=False) == "på tisdag"


def test_a_portuguese_weekend_has_the_other_article() -> None:
    assert Wording.of("pt").on_weekday(date(2026, 3, 7), past=True) == "no sábado"


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [("fr", 1, "le 1er mars"), ("it", 1, "il 1º marzo"), ("it", 8, "l’8 marzo"), ("ca", 11, "l’11 de març")],  # noqa: RUF001 - their apostrophe
)
def test_days_with_a_form_of_their_own(language: str, day: int, said: str) -> None:
    assert Wording.of(language).on_date(date(2026, 3, day), year=False) == said


def test_lists_end_in_and() -> None:
    assert Wording.of("en").listed(["Dana", "Ana", "Lee"]) == "Dana, Ana and Lee"
    assert Wording.of("de").listed(["Dana", "Ana"]) == "Dana und Ana"
    assert Wording.of("en").listed(["Dana"]) == "Dana"
    assert Wording.of("en").listed([]) == ""


@given(st.sampled_from(sorted(FORMS)), st.integers(0, 800), st.booleans())
def test_every_language_names_every_day(language: str, ahead: int, flag: bool) -> None:
    day = TUESDAY + timedelta(ahead)
    wording = Wording.of(language)
    assert wording.on_weekday(day, past=flag)
    assert str(day.day) in wording.on_date(day, year=flag)
    assert (str(day.year) in wording.on_date(day, year=flag)) == flag


@pytest.mark.parametrize(
    ("name", "spoken"),
    [
        ("Okafor, Dana", "Dana Okafor"),
        ("van der Berg, Jan (Acme)", "Jan van der Berg"),
        ("Dana Okafor", "Dana Okafor"),
        ("Dana Okafor, PhD", "Dana Okafor, PhD"),
        ("Okafor, Dana, PhD", "Okafor, Dana, PhD"),
        ("田中, 太郎", "田中, 太郎"),
        ("dana, lee@acme.example", "dana, lee@acme.example"),
        (",", ","),
        ("", ""),
    ],
)
def test_a_name_with_the_surname_first_is_told_as_one_says_it(name: str, spoken: str) -> None:
    assert spoken_name(name) == spoken


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Dana Okafor", "Dana"),
        ("Dana", "Dana"),
        ("Okafor, Dana", "Dana"),
        ("Okafor, Dr. Dana", "Dana"),
        ("Ana Maria da Silva", "Ana"),
        ("van der Berg, Jan", "Jan"),
        ("Dr. Dana Okafor", "Dana"),
        ("Prof. Dr. Dana Okafor", "Dana"),
        ("Dana Okafor, MD, Ph.D.", "Dana"),
        ("Dana Okafor MD", "Dana"),
        ("Dr. Okafor", "Dr. Okafor"),
        ("J. Robert Oppenheimer", "Robert"),
        ("J. Oppenheimer", "J. Oppenheimer"),
        ("OKAFOR Dana", "Dana"),
        ("DANA OKAFOR", "Dana"),
        ("Okafor, Dana (Acme)", "Dana"),
        ("Dana Okafor <dana@acme.example>", "Dana"),
        ("'Dana Okafor'", "Dana"),
        ("Jean-Pierre Martin", "Jean-Pierre"),
        ("Дана Окафор", "Дана"),
        ("田中太郎", "田中太郎"),
        ("田中 太郎", "田中 太郎"),
        ("김민지", "김민지"),
        ("สมชาย ใจดี", "สมชาย ใจดี"),
        ("", GAP),
        ("   ", GAP),
        ("dana@acme.example", GAP),
        ("'dana@acme.example'", GAP),
        ("+351 912 345 678", GAP),
        ("Dana\r\nBcc: evil", "Dana"),
        ("\u202eDana\u202c Okafor", "Dana"),
    ],
)
def test_the_first_name(name: str, first: str) -> None:
    assert first_name(name) == first


def test_a_name_that_is_an_address_is_a_gap() -> None:
    assert full_name("dana@acme.example") == GAP
    assert full_name("Dana Okafor <dana@acme.example>") == "Dana Okafor"


@given(st.text())
def test_any_name_gives_something_to_say(name: str) -> None:
    first = first_name(name)
    assert first.strip()
    assert "\n" not in first
    assert "@" not in first
