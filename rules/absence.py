"""Until when somebody is away, as their automatic answer says it: a day, or nothing where it names none."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from rules.absence_dates import END, LONGEST, Dates
from rules.absence_words import TONGUES, Tongue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["LONGEST", "READ", "back_on"]

READ = 4000
"""Letters of an answer that are read: the return stands at its beginning."""

_REACH = 40
"""Letters between "back" and the day of it, where they do not stand side by side."""
_DAY = timedelta(days=1)

_QUOTED = re.compile(
    r"^\s*(?:-{2,} ?(?:original|ursprüngliche|message d'origine|mensaje|mensagem|messaggio|oorspronkelijk)|_{10,}|"
    r"(?:from|von|de|da|van|från|fra|od)\s?: .*@|"
    r"(?:on|am|le|el|em|il|op|den|w dniu|dnia)\b.{0,200}"
    r"\b(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał\w?)\b.{0,3}$)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the mail that was answered begins."""
_SENTENCE = re.compile(
    r"\n\s*\n|[!?]\s|(?<=\w{4})(?<!incl)(?<!inkl)(?<!nschl)(?<!sept)(?<!tues)(?<!hurs)\.\s+(?=[^\W\d_a-zß-ÿ])"
)
_APOSTROPHES = re.compile(r"[\u2018\u2019\u02bc\u0060\u00b4]")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")


def back_on(text: str, written: date, subject: str = "") -> date | None:
    """The day on which the sender is back, by an automatic answer of this day; None where it says none.

    "Until 12 March" is that day itself, "until 12 March inclusive" and "from 2 to 12 March" are the day after. Days
    that are past, or further away than `LONGEST`, are none. The subject is asked where the text says nothing.
    Never raises, whatever the text is.
    """
    for words in (_own(text), subject[:READ]):
        sentences = [_folded(one) for one in _SENTENCE.split(words) if one.strip()]
        for reader in _readers(" ".join(sentences)):
            found = reader.read(sentences, written)
            if found is not None:
                return found
    return None


def _own(text: str) -> str:
    """What the sender says, without the mail that it answers."""
    lines = [line for line in text[: 2 * READ].splitlines() if not line.lstrip().startswith(">")]
    own = "\n".join(lines)[:READ]
    quoted = _QUOTED.search(own)
    return own[: quoted.start()] if quoted and own[: quoted.start()].strip() else own


def _folded(text: str) -> str:
    text = _APOSTROPHES.sub("'", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(_DASHES.sub("-", text).split())


def _readers(text: str) -> list[_Reader]:
    """Those who understand some of it, the one who understands most first."""
    understood = [(len(_about(tongue).findall(text)), place) for place, tongue in enumerate(TONGUES)]
    return [_reader(place) for count, place in sorted(understood, key=lambda one: (-one[0], one[1])) if count]


@lru_cache(maxsize=len(TONGUES))
def _about(tongue: Tongue) -> re.Pattern[str]:
    """Words for being away, and for being back."""
    return re.compile(rf"(?<!\w)(?:{tongue.away}|{tongue.again})(?!\w)")


@lru_cache(maxsize=len(TONGUES))
def _reader(place: int) -> _Reader:
    return _Reader(TONGUES[place])


class _Reader:
    """Reads one language."""

    def __init__(self, tongue: Tongue) -> None:
        self.about = _about(tongue)
        self.dates = Dates(tongue)
        date_, gap, names = self.dates.expression, self.dates.gap, f"{self.dates.days}|{self.dates.months}"
        stretch = rf"(?:{tongue.start}){END}{gap}(?:\d|{names})[^;]{{0,35}}?\s(?:{tongue.to}){END}{gap}"
        self.until = re.compile(rf"(?<!\w)(?:{tongue.until}){END}{gap}{date_}")
        self.stretch = re.compile(rf"(?:(?<!\w){stretch}|{self.dates.first}){date_}")
        self.within = re.compile(rf"(?<!\w){self.dates.within}")
        self.again = re.compile(rf"(?<!\w)(?:{tongue.again})(?!\w)")
        self.back = re.compile(rf"(?<!\w)(?:{tongue.again}){END}{gap}{date_}")
        self.since = re.compile(rf"(?<!\w)(?:{tongue.since}){END}{gap}{date_}")
        self.including = re.compile(rf"[\s,(]{{0,3}}(?:{tongue.including})(?!\w)")

    def read(self, sentences: Sequence[str], written: date) -> date | None:
        """The day of the return; one on which somebody is back says more than one until which they are away."""
        found = next((day for one in sentences for day in self._back(one, written)), None)
        before = ""
        for sentence in sentences:
            if found is None and (self.about.search(before) or self.about.search(sentence)):
                found = next(self._until(sentence, written), None)
            before = sentence
        return found

    def _back(self, sentence: str, written: date) -> Iterator[date]:
        """The days of a return in a sentence: those told with it, then the nearest to a word for it."""
        words = [match.span() for match in self.again.finditer(sentence)]
        if not words:
            return
        for match in self.back.finditer(sentence):
            if (day := self.dates.day(match, written)) is not None:
                yield _moved(match, day, behind=False)
        near = []
        for match in self.since.finditer(sentence):
            apart = min(max(start - match.end(), match.start() - end, 0) for start, end in words)
            if apart <= _REACH and (day := self.dates.day(match, written)) is not None:
                near.append((apart, match.start(), _moved(match, day, behind=False)))
        yield from (day for _, _, day in sorted(near))

    def _until(self, sentence: str, written: date) -> Iterator[date]:
        """The days after an absence in a sentence that tells of one: a stretch of days says more than its end."""
        for match in (*self.stretch.finditer(sentence), *self.within.finditer(sentence)):
            hours = match.groupdict().get("only") is not None  # "open from Monday to Friday"
            if not hours and (day := self.dates.day(match, written)) is not None:
                yield _moved(match, day, behind=True)
        for match in self.until.finditer(sentence):
            if (day := self.dates.day(match, written)) is not None:
                yield _moved(match, day, behind=self.including.match(sentence, match.end()) is not None)


def _moved(match: re.Match[str], day: date, *, behind: bool) -> date:
    """The day after, where the day itself is one of those away; `behind`: what stands behind it says so."""
    groups = match.groupdict()
    if groups.get("soon") and not groups["tomorrow"]:
        return day  # the end of something is its last day, and already counted
    said = behind or groups.get("including") or groups.get("after") or groups.get("range")
    return day + _DAY if said else day
