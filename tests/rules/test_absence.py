"""Until when somebody is away, by the words of their automatic answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.absence import LONGEST, READ, back_on
from rules.absence_words import TONGUES
from tests.thorough import examples

WRITTEN = date(2026, 3, 3)
"""A Tuesday."""


def march(day: int) -> date:
    return date(2026, 3, day)


ENGLISH = [
    ("I am out of the office until 12 March.", march(12)),
    ("I am away until Monday, March 16th.", march(16)),
    ("I am out of the office until Monday 16 March 2026 and will answer then.", march(16)),
    ("Away until 12 March inclusive", march(13)),
    ("I am out of office through March 13.", march(14)),
    ("Away up to and including Friday, 13 March.", march(14)),
    ("I am away until 2026-03-16", march(16)),
    ("On parental leave until 15 January 2027", date(2027, 1, 15)),
    ("I am on leave, back on 16/03.", march(16)),
    ("I will be back in the office on Monday, 16 March 2026.", march(16)),
    ("Out of office, returning on the 16th.", march(16)),
    ("I'm travelling. Back Monday 16th.", march(16)),
    ("I am away. I will return to the office next Monday.", march(9)),
    ("Back tomorrow", march(4)),
    ("I will not be back until 16 March", march(16)),
    ("I will return after March 16", march(17)),
    ("Return date: 16 Mar 2026", march(16)),
    ("I am out until Friday.", march(6)),
    ("I am out until the end of next week.", march(16)),
    ("I am out until the end of the week.", march(9)),
    ("I am away until end of March", date(2026, 4, 1)),
    ("I will be out of office from 2 to 13 March.", march(14)),
    ("On vacation from March 2nd until March 13th", march(14)),
    ("I am out of office 3 March - 16 March 2026", march(17)),
    ("I am out of office March 2-13.", march(14)),
    ("I am on vacation 2\N{EN DASH}13 March", march(14)),
    ("I am on vacation 02/03/2026 - 13/03/2026", march(14)),
    ("Thanks for your mail. I am out of the office. Until Monday 16th please write to Lee.", march(16)),
    ("I am away until 12 March and back in the office on 16 March.", march(16)),
    ("On maternity leave until September.", date(2026, 9, 1)),
    ("On sabbatical leave, back in January 2027", date(2027, 1, 1)),
    ("I am travelling and back the week of 16 March.", march(16)),
    ("I'll be back on or around 16 March.", march(16)),
    ("I am\nout of the office until\n12 March.", march(12)),
]
OTHERS = [
    ("Ich bin bis zum 12. März abwesend.", march(12)),
    ("Ich bin bis einschließlich 13.03. nicht im Büro.", march(14)),
    ("Ich bin bis 13.03.2026 (einschließlich) im Urlaub.", march(14)),
    ("Ich bin ab dem 16. März wieder erreichbar.", march(16)),
    ("Ich bin vom 2. bis zum 13. März im Urlaub.", march(14)),
    ("Vom 02.03. bis 13.03.2026 bin ich im Urlaub und ab Montag, den 16.03.2026 wieder da.", march(16)),
    ("Ab dem 5. März bin ich im Urlaub und am 16. März wieder zurück.", march(16)),
    ("Ich bin derzeit nicht im Büro. Am Montag bin ich wieder für Sie da.", march(9)),
    ("Ich bin bis September 2026 in Elternzeit.", date(2026, 9, 1)),
    ("Ich bin bis Ende nächster Woche im Urlaub.", march(16)),
    ("Je suis absente jusqu'au 13 mars inclus.", march(14)),
    ("Je suis absent jusqu\N{RIGHT SINGLE QUOTATION MARK}au lundi 16 mars 2026.", march(16)),
    ("Je serai de retour le 16 mars.", march(16)),
    ("Absent du 2 au 13 mars, de retour lundi 16 mars", march(16)),
    ("En congés du 2 au 13 mars.", march(14)),
    ("Mon retour est prévu le 16.", march(16)),
    ("Estoy de vacaciones hasta el 13 de marzo.", march(13)),
    ("Estaré fuera de la oficina del 2 al 13 de marzo de 2026.", march(14)),
    ("Vuelvo a la oficina el lunes 16 de marzo.", march(16)),
    ("Estarei ausente até 13 de março.", march(13)),
    ("Estou de férias de 2 a 13 de março.", march(14)),
    ("Regresso ao escritório no dia 16 de março.", march(16)),
    ("Estarei de volta na segunda-feira, 16/03.", march(16)),
    ("Sarò assente fino al 13 marzo compreso.", march(14)),
    ("Sarò fuori ufficio fino all'11 marzo", march(11)),
    ("Sono in ferie dal 2 al 13 marzo.", march(14)),
    ("Rientrerò in ufficio lunedì 16 marzo.", march(16)),
    ("Ik ben afwezig tot en met 13 maart.", march(14)),
    ("Ik ben met vakantie tot 16 maart.", march(16)),
    ("Vanaf maandag 16 maart ben ik weer bereikbaar.", march(16)),
    ("Ik ben op 16-03-2026 weer terug", march(16)),
    ("Jag har semester till och med 13 mars.", march(14)),
    ("Jag är tillbaka måndagen den 16 mars.", march(16)),
    ("Jag är inte på kontoret t.o.m. 13/3.", march(14)),
    ("Jeg er på ferie til og med den 13. marts.", march(14)),
    ("Jeg er tilbage på kontoret mandag d. 16. marts.", march(16)),
    ("Jeg har ferie til 16. mars.", march(16)),
    ("Jeg er tilbake på jobb mandag 16. mars.", march(16)),
    ("Jestem na urlopie do 13 marca włącznie.", march(14)),
    ("Jestem nieobecna do poniedziałku 16 marca.", march(16)),
    ("Jestem na urlopie od 2 do 13 marca 2026 r.", march(14)),
    ("Wracam do biura 16 marca.", march(16)),
    ("Będę ponownie dostępny od 16.03.2026", march(16)),
]
NOTHING = [
    "",
    "I am out of the office and read no mail.",
    "I am away until further notice. For the fair on 5 May see the page.",
    "I am away. In urgent cases call 030 12 03 456 (list last updated 3 Jan 2019).",
    "I am back soon. List last updated 3 January 2019",
    "We have received your request and will answer within 2 days. Spring sale until 30 June!",
    "I will get back to you soon, see you at the fair on 5 May",
    "We are closed on weekends and open from Monday to Friday, 9-17.",
    "I am out until 16.30 today",
    "I am away until March.",
    "Until I am back, may I ask you to write to Lee?",
    "Bin bis 12.10 Uhr außer Haus",
    "I am out of the office until 1 March.",
    "I am out of the office until 16 January 2019.",
    "I am out of the office until 16 March 2028.",
    "I am out of the office until 31 February.",
    "I am out of the office until 99/99/9999.",
]


@pytest.mark.parametrize(("text", "day"), [*ENGLISH, *OTHERS])
def test_the_return_is_read_in_many_forms_and_languages(text: str, day: date) -> None:
    assert back_on(text, WRITTEN) == day


@pytest.mark.parametrize(("text", "day"), [*ENGLISH, *OTHERS])
def test_a_greeting_and_a_signature_around_it_change_nothing(text: str, day: date) -> None:
    letter = f"Hello,\n\n{text}\n\nKind regards\nDana Okafor\nAcme, Main Street 12, Tel. +351 21 123 45 67"
    assert back_on(letter, WRITTEN) == day


@pytest.mark.parametrize("text", NOTHING)
def test_where_no_return_is_told_there_is_none(text: str) -> None:
    assert back_on(text, WRITTEN) is None


@pytest.mark.parametrize(
    ("text", "written", "day"),
    [
        ("I am on leave until 05/04.", date(2026, 3, 3), date(2026, 4, 5)),  # 4 May is two months away
        ("I am on leave until 04/05.", date(2026, 3, 30), date(2026, 5, 4)),  # either may be: the later
        ("I am on leave until 03/16.", date(2026, 3, 3), march(16)),
        ("I am on leave until Monday 05/04.", date(2026, 3, 3), date(2026, 5, 4)),  # 5 April is a Sunday
        ("Bin bis 05/04 im Urlaub.", date(2026, 4, 20), None),  # German has one reading
        ("Back on 05.04.", date(2026, 4, 1), date(2026, 4, 5)),
    ],
)
def test_a_date_of_two_readings_is_decided_by_what_is_near(text: str, written: date, day: date | None) -> None:
    assert back_on(text, written) == day


def test_without_a_year_it_is_the_next_such_day() -> None:
    assert back_on("I am away until 5 January", date(2026, 12, 21)) == date(2027, 1, 5)


def test_a_return_that_has_just_passed_is_not_next_years() -> None:
    """An answering machine that was not switched off must not hold a note for a year."""
    assert back_on("I am away until 1 March", date(2026, 3, 3)) is None


def test_what_is_quoted_is_not_read() -> None:
    assert back_on("I am away.\n\n> I will be back on 20 March", WRITTEN) is None
    quoted = "I am away.\n\nOn Tue, Mar 3, 2026 at 1:10 PM Robin <r@example.org> wrote:\nI am back on 20 March"
    assert back_on(quoted, WRITTEN) is None
    outlook = (
        "Bin im Urlaub.\n\nVon: Robin Vale <robin@example.org>\nGesendet: Montag\n\nIch bin ab 20. März wieder da."
    )
    assert back_on(outlook, WRITTEN) is None


def test_the_subject_is_asked_where_the_text_says_nothing() -> None:
    subject = "AUTO: Dana Okafor is out of the office (returning 03/16/2026)"
    assert back_on("I will answer when I am here.", WRITTEN, subject) == march(16)
    assert back_on("Back on 18 March.", WRITTEN, subject) == march(18)


def test_two_languages_in_one_answer_agree_on_the_one_that_says_more() -> None:
    text = "Ich bin bis zum 13. März im Urlaub und ab 16. März wieder da.\n\nI am out of office until 13 March."
    assert back_on(text, WRITTEN) == march(16)


def test_only_the_beginning_is_read() -> None:
    assert back_on("word " * READ + "I am away until 12 March", WRITTEN) is None


PIECES = st.sampled_from(
    [word for tongue in TONGUES for word in (tongue.tomorrow, tongue.week, tongue.month, *tongue.small.split("|"))]
    + [
        "until",
        "bis",
        "back",
        "wieder",
        "away",
        "from",
        "16",
        "03/16",
        "31.02.",
        "March",
        "\n\n",
        "-",
        "(",
        "9999",
        "٣",
    ]
)


@settings(max_examples=examples(150), deadline=None, derandomize=True)
@given(st.lists(PIECES | st.text(max_size=8), max_size=60), st.dates(date(1971, 1, 1), date(8999, 12, 31)))
def test_whatever_the_text_is_the_return_lies_ahead_and_within_a_year(words: list[str], written: date) -> None:
    day = back_on(" ".join(words), written)
    assert day is None or written < day <= written + LONGEST + timedelta(days=1)
