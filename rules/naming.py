"""Names in running text: whom a title names beyond doubt. In doubt nobody: better no note than one to a stranger.

A full name counts in any case. A first name counts when it is one person's alone, has its capital, and is not
part of a longer name ("Dana Smith" is not our Dana Okafor; but "Dana O." is). A first name that is also an
ordinary word ("Will", "May"), one in small letters, and a surname alone count only in company: right after
"with", or joined to a name before. Who is merely spoken of ("for Dana", "Dana's team") is not named. Accents are
folded, and tell people apart where their names differ in nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from rules.title_words import ABOUT, AFTER_NAMES, AND, COMPANY, HONOURED, MEETING, ORDINARY, PARTICLES, TITLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0980-\u09e3\u0a00-\u0dff"
"""Signs that belong to the letter before them; the last ranges are Indic, letters and vowel signs together."""
_LETTERS = rf"(?:[^\W\d_]|[{_MARKS}])+"
_WORD = re.compile(rf"{_LETTERS}(?:['\u2019\-\u2010\u2011]{_LETTERS})*")
_NOT_NAMES = re.compile(r"[^\s@]{0,300}@[^\s@]{1,300}|https?://\S+|#\w+")
_ASIDE = re.compile(r"\([^()]*\)")
_POSSESSIVE = re.compile(r"['\u2019]s?$", re.IGNORECASE)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U000323af"
"""Thai, Lao, Burmese, Khmer, kana, Han, Hangul (which has spaces, but hangs its particles on the name), rare Han."""
_RUN = re.compile(rf"[{_UNSPACED}]{{2,}}")
_INNER_SPACE = re.compile(rf"(?<=[{_UNSPACED}])[\s・·]+(?=[{_UNSPACED}])")
_TITLE_LIMIT = 500
"""Letters of a title that are read; what comes later names nobody."""
_LONGEST_NAME = 8
_ONE_SPELLING = str.maketrans({"\u2019": "'", "\u2010": "-", "\u2011": "-"})
_ABBREVIATION = 3


def folded(text: str) -> str:
    """The text without case and without the accents of Latin, Greek and Cyrillic letters, for comparison."""
    apart = unicodedata.normalize("NFKD", text.casefold()).translate(_ONE_SPELLING)
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart))


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a name or a question for one, folded."""
    return tuple(re.findall(rf"(?:\w|[{_MARKS}])+", folded(text)))


def _written_words(name: str) -> list[str]:
    """The words of a name on a card, first name first, without titles; none of an address."""
    if "@" in name:
        return []
    before, _, after = _ASIDE.sub(" ", name).partition(",")
    words = [word for word in _WORD.findall(after) if folded(word) not in AFTER_NAMES] + _WORD.findall(before)
    while len(words) > 1 and folded(words[0]) in TITLES:
        words = words[1:]
    return words[:_LONGEST_NAME]


class _Word(NamedTuple):
    """A word of a title. `gap` is what stands between it and the word before."""

    written: str
    folded: str
    gap: str
    possessive: bool

    @property
    def capital(self) -> bool:
        """Whether it begins as a name does; scripts without capitals always do."""
        return not self.written[0].islower()

    @property
    def adjacent(self) -> bool:
        """Whether nothing but space parts it from the word before."""
        return not self.gap.strip()


def _words(title: str) -> list[_Word]:
    text = _NOT_NAMES.sub(" | ", title)
    words: list[_Word] = []
    end = 0
    for found in _WORD.finditer(text):
        written = _POSSESSIVE.sub("", found[0])
        possessive = written != found[0] or text[found.end() : found.end() + 1] in {"'", "\u2019"}
        words.append(_Word(written, folded(written), text[end : found.start()], possessive))
        end = found.end()
    return words


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names of people, by word, to be found in titles; people are numbered as given."""

    full: Mapping[tuple[str, ...], frozenset[int]] = field(default_factory=dict)
    first: Mapping[str, frozenset[int]] = field(default_factory=dict)
    last: Mapping[str, frozenset[int]] = field(default_factory=dict)
    unspaced: Mapping[str, Mapping[str, frozenset[int]]] = field(default_factory=dict)
    """By their first two letters."""
    written: Sequence[frozenset[str]] = ()
    """For each person all words of their names, with accents."""

    @classmethod
    def of(cls, names: Sequence[Sequence[str]]) -> NameIndex:
        """The index of these people; each has as many names as books know them by."""
        full: dict[tuple[str, ...], set[int]] = defaultdict(set)
        first: dict[str, set[int]] = defaultdict(set)
        last: dict[str, set[int]] = defaultdict(set)
        unspaced: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        written: list[frozenset[str]] = []
        for number, known_as in enumerate(names):
            lists = [words for words in map(_written_words, known_as) if words]
            written.append(
                frozenset(unicodedata.normalize("NFC", word.casefold()) for words in lists for word in words)
            )
            for words in lists:
                keys = tuple(folded(word) for word in words)
                for form in _forms(keys):
                    full[form].add(number)
                first[keys[0]].add(number)
                if len(keys) > 1:
                    last[keys[-1]].add(number)
                for joined in _unspaced_forms(words):
                    unspaced[joined[:2]][joined].add(number)
        return cls(
            {form: frozenset(numbers) for form, numbers in full.items()},
            {word: frozenset(numbers) for word, numbers in first.items()},
            {word: frozenset(numbers) for word, numbers in last.items()},
            {key: {name: frozenset(who) for name, who in found.items()} for key, found in unspaced.items()},
            written,
        )

    def found_in(self, title: str, my_name: str = "") -> tuple[int, ...]:
        """The numbers of the people whom the title names, in its order. `my_name` is never somebody else's."""
        text = unicodedata.normalize("NFC", title[:_TITLE_LIMIT])
        mine = tuple(folded(word) for word in _written_words(my_name))
        numbers = [*_Reading(self, _words(text), mine, shouted=text.isupper()).people(), *self._unspaced_in(text)]
        return tuple(dict.fromkeys(numbers))

    def narrowed(self, numbers: frozenset[int], words: Iterable[_Word]) -> frozenset[int]:
        """Of several people those whose names have the very accents of these words, if that tells them apart."""
        spelled = {word.written.casefold() for word in words}
        return frozenset(number for number in numbers if spelled <= self.written[number]) or numbers

    def _unspaced_in(self, title: str) -> Iterator[int]:
        """People named in a script without spaces; the longest name at each place."""
        if not self.unspaced:
            return
        for run in _RUN.findall(_INNER_SPACE.sub("", title)):
            place = 0
            while place < len(run) - 1:
                here = self.unspaced.get(run[place : place + 2], {})
                name = max((name for name in here if run.startswith(name, place)), key=len, default="")
                if name and len(here[name]) == 1:
                    yield from here[name]
                place += len(name) or 1


def _forms(keys: tuple[str, ...]) -> set[tuple[str, ...]]:
    """How a title may write a full name: whole, first and last, the first two, or the last name first."""
    if len(keys) == 1:
        return set()
    return {keys, (keys[0], keys[-1]), keys[:2], (keys[-1], *keys[:-1])}


def _unspaced_forms(words: Sequence[str]) -> set[str]:
    """The name in one piece, and each part of it with an honorific ("田中さん")."""
    parts = [unicodedata.normalize("NFC", word) for word in words]
    joined = "".join(parts)
    if not _RUN.fullmatch(joined):
        return set()
    return {joined, *(part + honoured for part in [*parts, joined] for honoured in HONOURED)}


@dataclass(slots=True)
class _Reading:
    """One title, read from left to right."""

    index: NameIndex
    words: Sequence[_Word]
    mine: tuple[str, ...]
    shouted: bool
    """The whole title is in capitals, so that capitals tell nothing."""
    named_to: int = -1
    """Where the last name ended: what is joined to it is a name too."""

    def people(self) -> Iterator[int]:
        place = 0
        while place < len(self.words):
            length, numbers = self._full_name(place)
            if not length:
                length, numbers = self._one_word(place)
            if length:
                self.named_to = place + length
                if len(numbers) == 1 and not self._spoken_of(place, length):
                    yield from numbers
            place += length or 1

    def _full_name(self, place: int) -> tuple[int, frozenset[int]]:
        """The longest full name that begins here: how many words, and whose."""
        for length in range(min(_LONGEST_NAME, len(self.words) - place), 1, -1):
            words = self.words[place : place + length]
            keys = tuple(word.folded for word in words)
            if keys == self.mine:
                return length, frozenset()
            if keys in self.index.full and all(word.gap.strip() in {"", ".", ","} for word in words[1:]):
                return length, self.index.narrowed(self.index.full[keys], words)
        return 0, frozenset()

    def _one_word(self, place: int) -> tuple[int, frozenset[int]]:
        """A first name, or a surname in company, that begins here: how many words, and whose."""
        word = self.words[place]
        if (word.folded,) == self.mine[:1]:
            return 1, frozenset()
        first = self.index.first.get(word.folded, frozenset())
        numbers = first | self.index.last.get(word.folded, frozenset())
        if len(word.folded) == 1 or not numbers or self._in_longer_name(place):
            return 0, frozenset()
        company = self._in_company(place)
        addressed = place > 0 and self.words[place - 1].folded in TITLES and word.gap.strip() in {"", "."}
        ordinary = not first or word.folded in ORDINARY or not word.capital or self._abbreviation(word)
        if (ordinary and not (company or addressed)) or (not first and not word.capital):
            return 0, frozenset()
        initial = self._initial(place)
        if initial:
            matching = (n for n in first if any(folded(part)[0] == initial for part in self.index.written[n]))
            return 2, frozenset(matching)
        return 1, self.index.narrowed(numbers, [word])

    def _initial(self, place: int) -> str:
        """The "O" of "Dana O.", or nothing."""
        after = self.words[place + 1] if place + 1 < len(self.words) else None
        return after.folded if after and after.adjacent and after.written.isupper() and len(after.folded) == 1 else ""

    def _abbreviation(self, word: _Word) -> bool:
        return not self.shouted and word.written.isupper() and len(word.written) <= _ABBREVIATION

    def _in_company(self, place: int) -> bool:
        """Right after "with", or joined to the name before ("Dana and Will", "Dana / Will")."""
        word, before = self.words[place], self.words[place - 1] if place else None
        if before is None:
            return False
        if before.folded in COMPANY and not word.gap.strip(" /\t"):
            return True
        if place == self.named_to and word.gap.strip() and not word.gap.strip(" ,&+/<>|x\xd7"):
            return True
        return place - 1 == self.named_to and before.folded in AND and before.adjacent and word.adjacent

    def _in_longer_name(self, place: int) -> bool:
        """Whether a neighbour makes it the name of somebody who is in no book."""
        word = self.words[place]
        after = self.words[place + 1] if place + 1 < len(self.words) else None
        if after and after.adjacent and not self._initial(place) and _continues(after):
            return True
        before = self.words[place - 1] if place > 1 else None
        return bool(before and word.adjacent and before.written[0].isupper() and not _neutral(before))

    def _spoken_of(self, place: int, length: int) -> bool:
        """Whether the title is about them rather than with them: "for Dana", "Dana's team"."""
        last = self.words[place + length - 1]
        after = self.words[place + length] if place + length < len(self.words) else None
        if last.possessive and after and after.adjacent:
            return True
        return place > 0 and self.words[place - 1].folded in ABOUT and self.words[place].adjacent


def _continues(after: _Word) -> bool:
    return after.folded in PARTICLES or (after.written[0].isupper() and not _neutral(after))


def _neutral(word: _Word) -> bool:
    return any(word.folded in words for words in (MEETING, COMPANY, AND, ABOUT, TITLES))
