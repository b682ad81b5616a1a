# ruff: noqa: RUF001 - names and titles in other scripts look like Latin letters
"""How to address somebody, by the name that a calendar or an address book has for them."""

from __future__ import annotations

import re
import unicodedata
from typing import Protocol

from rules.cleaning import NAME, line

GAP = "[[name]]"
"""What stands for a name that nobody knows: a gap for the user to fill."""

HONORIFICS = frozenset({
    "dr", "prof", "professor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "madam", "rev", "revd",
    "reverend", "hon", "herr", "frau", "hr", "fr", "mme", "mlle", "monsieur", "madame", "dott", "dottssa",
    "sig", "sigra", "sra", "srta", "sr", "dra", "eng", "engº", "ing", "arq", "dipl-ing", "dipl-kfm", "mag",
    "univ-prof", "pd", "dhr", "mevr", "mw", "д-р", "г-н", "г-жа",
})  # fmt: skip
"""Titles before a name, in lower case, without dots."""

SUFFIXES = frozenset({
    "md", "phd", "mba", "jr", "sr", "ii", "iii", "iv", "esq", "cpa", "pe", "rn", "dds", "frcs", "mrcp",
    "msc", "bsc", "ma", "ba", "ms", "mphil", "dphil", "dvm", "cfa", "pmp", "llm", "llb", "jd", "edd", "psyd",
    "mph", "cissp", "csm", "obe", "mbe", "cbe", "facs",
})  # fmt: skip
"""Degrees and the like after a name, in lower case, without dots."""

_BRACKETS = re.compile(r"<[^<>]*>|\([^()]*\)|\[[^\[\]]*\]|（[^（）]*）|【[^【】]*】")
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af]"
)
"""Thai, Lao, Burmese, Khmer, kana, Han, Hangul: where the first name is not the word before the space."""

_SHOUTED = 3
"""From so many letters on, capitals only are a way of writing, not initials."""


def full_name(name: str) -> str:
    """The name, clean; `GAP` for none, for an address in its place, and for what has no letters."""
    text = line(name, NAME)
    text = _BRACKETS.sub(" ", text) if "<" in text else text
    text = " ".join(text.split()).strip("\"' ")
    return text if _is_name(text) else GAP


def first_name(name: str) -> str:
    """What to call somebody: `Okafor, Dana`, `Dr. Dana Okafor` and `Dana Okafor, PhD` are all Dana.

    The whole name where the script sets no spaces, and where only a title and a surname are known
    (`Dr. Okafor`). `GAP` where `full_name` gives it.
    """
    text = full_name(name)
    if text == GAP:
        return GAP
    bare = " ".join(_BRACKETS.sub(" ", text).split())
    text = bare if _is_name(bare) else text
    if _UNSPACED.search(text):
        return text
    words = _in_order(text)
    given = _without_titles(words)
    if not given:
        return text
    if len(given) < len(words) and len(given) == 1:
        return " ".join(words)
    return _calm(_given(given), text)


def spoken_name(name: str) -> str:
    """The name as one says it: `Okafor, Dana` is Dana Okafor. Any other is as it is written."""
    text = full_name(name)
    parts = [part for part in re.split("[,،]", _BRACKETS.sub(" ", text)) if part.strip()]
    if len(parts) != 2 or _UNSPACED.search(text) or all(_plain(word) in SUFFIXES for word in parts[1].split()):  # noqa: PLR2004 - surname, given name
        return name
    return " ".join(_in_order(",".join(parts)))


class Named(Protocol):
    """Somebody with a name, which may be empty, and an address."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str: ...


def called(one: Named) -> str:
    """Whom to name in a sentence: the name as one says it, or the address where there is none."""
    return spoken_name(one.name) or one.email


def _is_name(text: str) -> bool:
    return "@" not in text and any(unicodedata.category(letter).startswith("L") for letter in text)


def _plain(word: str) -> str:
    return word.replace(".", "").casefold()


def _in_order(text: str) -> list[str]:
    """The words of the name, given name first, without degrees at the end."""
    parts = [part.split() for part in re.split("[,،]", text) if part.strip()]
    while len(parts) > 1 and all(_plain(word) in SUFFIXES for word in parts[-1]):
        parts.pop()
    words = parts[1] + parts[0] if len(parts) > 1 else parts[0] if parts else []
    while len(words) > 2 and _plain(words[-1]) in SUFFIXES:  # noqa: PLR2004 - a name of two words keeps both
        words = words[:-1]
    return words


def _without_titles(words: list[str]) -> list[str]:
    while words and _is_title(words[0]):
        words = words[1:]
    return words


def _is_title(word: str) -> bool:
    """`M.` may be Monsieur or an initial, and is left to `_given`."""
    return _plain(word) in HONORIFICS


def _given(words: list[str]) -> str:
    """The given name among the words: not an initial, and not the surname in capitals that goes before it."""
    initials = [word for word in words if len(_plain(word)) == 1]
    spelt = [word for word in words if word not in initials]
    if words[0] in initials:
        # "J. Robert Oppenheimer" is Robert; "J. Oppenheimer" is all that is known.
        return spelt[0] if len(spelt) > 1 else " ".join(words)
    if len(words) > 1 and _shouted(words[0]):
        return next((word for word in words[1:] if not word.isupper()), words[0])
    return words[0]


def _shouted(word: str) -> bool:
    return len(word) >= _SHOUTED and word.isupper()


def _calm(word: str, text: str) -> str:
    """`DANA` of `DANA OKAFOR` is Dana."""
    return word.title() if _shouted(word) and text.isupper() else word
