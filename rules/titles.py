"""The words of many titles: which of them may have a phrase, without a look at each."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rules.match import is_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Titles:
    """Places of titles, by their words in lower case.

    Only plain English letters are indexed, for they have one lower case; a title with others is `beyond`, and always
    looked at.
    """

    count: int
    by_word: Mapping[str, frozenset[int]]
    beyond: frozenset[int]

    @classmethod
    def of(cls, titles: Iterable[str]) -> Self:
        """The index of these titles, by their place among them."""
        by_word: dict[str, set[int]] = defaultdict(set)
        beyond: set[int] = set()
        count = 0
        for place, title in enumerate(titles):
            count += 1
            if not title.isascii():
                beyond.add(place)
                continue
            for word in _WORD.findall(title.lower()):
                by_word[word].add(place)
        return cls(count, {word: frozenset(places) for word, places in by_word.items()}, frozenset(beyond))

    def that_may_have(self, phrases: Sequence[str]) -> Iterable[int]:
        """The places of titles that may have one of the phrases, in order; all of them where there is no telling.

        A phrase stands there as whole words, so each of its words is one of the title's.
        """
        found = set(self.beyond)
        for phrase in phrases:
            words = _WORD.findall(phrase.lower())
            if not words or not phrase.isascii() or is_expression(phrase):
                return range(self.count)
            found |= frozenset.intersection(*(self.by_word.get(word, frozenset()) for word in words))
        return sorted(found) if phrases else range(self.count)
