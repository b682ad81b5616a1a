"""Which titles may have a phrase: never one too few, whatever the words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.match import found
from rules.titles import Titles

LETTERS = st.text(alphabet="aAbBkK sSiI\u0131\u017fßé-_/+.#\u212a", max_size=9)


@given(st.lists(LETTERS, max_size=8), st.lists(LETTERS.filter(str.strip), min_size=1, max_size=3))
def test_every_title_that_has_a_phrase_is_among_them(titles: list[str], phrases: list[str]) -> None:
    words = tuple(phrase for phrase in phrases if not (len(phrase) > 1 and phrase[0] == phrase[-1] == "/"))
    having = {place for place, title in enumerate(titles) if words and found(words, title)}
    assert having <= set(Titles.of(titles).that_may_have(words))


def test_only_titles_with_all_words_of_a_phrase_are_looked_at() -> None:
    titles = Titles.of(["Coffee with Dana", "Catch up with Lee", "Up the hill", "Catch-22"])
    assert list(titles.that_may_have(("catch up", "dana"))) == [0, 1]


def test_a_regular_expression_and_no_condition_at_all_ask_every_title() -> None:
    titles = Titles.of(["Coffee", "Tea"])
    assert list(titles.that_may_have(("/c.*/",))) == [0, 1]
    assert list(titles.that_may_have(())) == [0, 1]


def test_a_title_in_other_letters_is_always_looked_at() -> None:
    """`K` is also the sign of Kelvin, which is one of the letters that match `k`."""
    titles = Titles.of(["\u212aick-off", "Tea"])
    assert list(titles.that_may_have(("kick",))) == [0]
