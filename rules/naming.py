"""Names in running text: whom a title names beyond doubt. In doubt, nobody: a note to the wrong person is worse than none.

A full name counts in any case. A first name counts when it is one person's alone, is written with a capital,
and is not part of somebody else's longer name ("Dana Smith" is not our Dana Okafor). A first name that is also
an ordinary word ("Will", "May"), and one in small letters, counts only in company: right after "with".
Accents are folded, and tell people apart where two names differ by nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:['’\-‐‑][^\W\d_]+)*")
_NOT_NAMES = re.compile(r"\S{0,300}@\S{1,300}|https?://\S+|#\S+")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF),
    (0x20000, 0x323AF),
)  # fmt: skip
"""Thai and Lao, Burmese, Khmer, kana, Han, Hangul (which has spaces, but hangs its particles on the name), rare Han."""
_TITLE_LIMIT = 500
"""Letters of a title that are read; what comes later names nobody."""


def folded(text: str) -> str:
    """The text without case and accents, for comparison."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in apart if not unicodedata.combining(letter)))


def folded_words(text: str) -> tuple[str, ...]:
    """The words of a name, folded."""
    return tuple(re.findall(r"[^\W_]+", folded(text)))


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names of people, to be found in titles; people are numbered as given."""

    @classmethod
    def of(cls, names: Sequence[Sequence[str]]) -> NameIndex:
        return cls()

    def found_in(self, title: str, my_name: str = "") -> tuple[int, ...]:
        return ()
